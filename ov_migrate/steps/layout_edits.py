"""Edits for shapes and data of an input whose tensor has another layout than the legacy dims had."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from ov_migrate.edits import Edit, Part
from ov_migrate.steps.layout_plan import Order, is_written_whole
from ov_migrate.syntax import Tree, dotted


def shape_edits(tree: Tree, node: cst.BaseExpression, order: Order) -> list[Edit]:
    """`n, c, h, w = shape` → `n, h, w, c = shape`; `shape[1]` → `shape[3]`."""
    parent = tree.parents[node]
    if isinstance(parent, cst.Subscript):
        index = parent.slice[0].slice
        assert isinstance(index, cst.Index)
        assert isinstance(index.value, cst.Integer)
        return [Edit(tree.spans[index.value], (str(order.index(int(index.value.value))),))]
    assert isinstance(parent, cst.Assign)
    target = parent.targets[0].target
    return permuted(tree, target.elements, order) if isinstance(target, (cst.Tuple, cst.List)) else []


def permuted(tree: Tree, items: Sequence[cst.BaseElement | cst.Arg], order: Order) -> list[Edit]:
    """Puts items that are written next to each other into another order."""
    places = [item.value for item in items]
    return [
        Edit(tree.spans[place], (tree.source(places[number]),))
        for place, number in zip(places, order, strict=True)
        if places[number] is not place
    ]


def data_edits(tree: Tree, data: cst.BaseExpression, order: Order, shape: tuple[Part, ...]) -> list[Edit]:
    """The elements of `data` in the shape of the tensor, in the order in which they are: never a transpose. Without an
    `order`, which is for an input that may have kept its layout, they are only given the shape."""
    sizes = _reshaped_to(data)
    if order and len(sizes) == len(order):
        return permuted(tree, sizes, order)
    if not shape or isinstance(data, (cst.BaseNumber, cst.UnaryOperation)):
        return []
    is_plain = isinstance(data, (cst.Name, cst.Attribute, cst.Call, cst.Subscript))
    text: tuple[Part, ...] = (data,) if is_plain else ("(", data, ")")
    return [Edit(tree.spans[data], (*text, ".reshape(", *shape, ")"))]


def is_shaped(data: cst.BaseExpression, order: Order) -> bool:
    """True for data whose shape is written out, so that it can be put in another order."""
    return bool(order) and len(_reshaped_to(data)) == len(order)


def _reshaped_to(data: cst.BaseExpression) -> Sequence[cst.BaseElement | cst.Arg]:
    """The sizes in `x.reshape((n, c, h, w))`, `x.reshape(n, c, h, w)` and `np.reshape(x, (n, c, h, w))`."""
    if not isinstance(data, cst.Call) or not isinstance(data.func, cst.Attribute) or data.func.attr.value != "reshape":
        return ()
    args = data.args
    if dotted(data.func.value) in ("np", "numpy"):
        return args[1].value.elements if len(args) == 2 and isinstance(args[1].value, (cst.Tuple, cst.List)) else ()
    if len(args) == 1 and isinstance(args[0].value, (cst.Tuple, cst.List)):
        return args[0].value.elements
    return () if any(arg.keyword is not None or arg.star for arg in args) else args


def written_data(tree: Tree, node: cst.Attribute) -> cst.BaseExpression | None:
    """`array` of `request.input_blobs[name].buffer[:] = array`, for its `request.input_blobs`."""
    statement = tree.statement(node)
    return statement.value if isinstance(statement, cst.Assign) and is_written_whole(tree, node) else None
