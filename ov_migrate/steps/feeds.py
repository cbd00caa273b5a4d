"""What runs are given: lists that have to be arrays, arrays that lack dimensions or have them in another order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from ov_migrate.edits import Change, Edit, Part
from ov_migrate.inference.values import Builtin, Container
from ov_migrate.steps.context import Site
from ov_migrate.steps.layout_edits import data_edits, is_shaped
from ov_migrate.steps.layout_plan import Order
from ov_migrate.steps.ranks import is_transposed_plane
from ov_migrate.steps.reaching import means_the_same
from ov_migrate.steps.tensors import numpy_alias

_LISTS = (cst.List, cst.ListComp, cst.Tuple)
_MAKE_LISTS = {Builtin("list"), Builtin("sorted"), Builtin("tuple")}


def feed(site: Site, change: Change, request: tuple[Part, ...]) -> None:
    """Puts the inputs of a run right; where an input has another layout and its data could not follow, says so."""
    change.edits += _list_edits(site, request)
    if change.verdict == "migrated" and _is_misshapen(site):
        change.verdict, change.message = "review", site.context.rule("set-layout").check


def _list_edits(site: Site, request: tuple[Part, ...]) -> list[Edit]:
    """`{name: [image]}`: the legacy API made an array of a list, and gave it the shape of the input; API 2.0 wants an
    array of that shape. Each list is edited once, however many runs take the dictionary."""
    inputs = site.argument("inputs")
    edits = []
    for display in _displays(site, inputs) if inputs is not None else []:
        given = [e for e in display.elements if isinstance(e, cst.DictElement) and _is_list(site, e.value)]
        for item in [item for item in given if item.value not in site.context.wrapped]:
            site.context.wrapped.add(item.value)
            shape: tuple[Part, ...] = ()
            if request and (_lacks_batch(site, item.value) or _has_plane(site, item.value)):
                shape = _array_shape(site, request, item, display is inputs)
            edits.append(_as_array(site, item.value, shape))
        others = [e for e in display.elements if e not in given]
        edits += _layout_edits(site, request, display, others)
        edits += _plane_edits(site, request, display, others)
    return [*edits, *_stored_lists(site, inputs)]


def _stored_lists(site: Site, inputs: cst.BaseExpression | None) -> Iterator[Edit]:
    """`feed[name] = [height, width, 1]`: there, the request that will take the dictionary is not at hand."""
    fed = (
        {value for value in site.context.facts(inputs) if isinstance(value, Container)} if inputs is not None else set()
    )
    for target in site.tree.all(cst.AssignTarget) if fed else []:
        statement = site.tree.parents[target]
        if not isinstance(target.target, cst.Subscript) or not isinstance(statement, cst.Assign):
            continue
        value = statement.value
        if (
            value not in site.context.wrapped
            and fed & site.context.facts(target.target.value)
            and _is_list(site, value)
        ):
            site.context.wrapped.add(value)
            yield _as_array(site, value, ())


def _as_array(site: Site, value: cst.BaseExpression, shape: tuple[Part, ...]) -> Edit:
    """`value`, a list, as an array of the `shape` asked for. Without one, numbers get the dimension of the batch: an
    input of another rank refuses them."""
    array = numpy_alias(site.context, site.node)
    is_batch = not shape and _has_several_items(value) and _has_number(value)
    return Edit(site.tree.outer_span(value), (f"{array}.array(", "[" * is_batch, value, "]" * is_batch, ")", *shape))


def _layout_edits(
    site: Site, request: tuple[Part, ...], display: cst.Dict, items: Sequence[cst.BaseDictElement]
) -> list[Edit]:
    """Data for inputs whose layout is changed, in the shape of the tensor; without a shape to write it is only put
    right where it is shaped."""
    edits = []
    for item in items:
        if not isinstance(item, cst.DictElement) or item.value in site.context.wrapped:
            continue
        order = _given_order(site, item.key)
        if order is None:
            continue
        shape = _tensor_shape(site, request, item, display is site.argument("inputs"))
        if shape or is_shaped(item.value, order):
            site.context.wrapped.add(item.value)
            edits += data_edits(site.tree, item.value, order, shape)
    return edits


def _plane_edits(
    site: Site, request: tuple[Part, ...], display: cst.Dict, items: Sequence[cst.BaseDictElement]
) -> list[Edit]:
    """`{name: image.transpose((2, 0, 1))}`: the legacy API took it for a batch of one, API 2.0 does not."""
    edits = []
    for item in items if request else ():
        if not isinstance(item, cst.DictElement) or item.value in site.context.wrapped:
            continue
        if not isinstance(item.value, (cst.Name, cst.Call)):
            continue
        if is_transposed_plane(site.context, site.tree, item.value):
            shape = _array_shape(site, request, item, display is site.argument("inputs"))
            if shape:
                site.context.wrapped.add(item.value)
                edits.append(Edit(site.tree.outer_span(item.value), (item.value, *shape)))
    return edits


def _given_order(site: Site, key: cst.BaseExpression) -> Order | None:
    origins, plans = site.value.origins, site.context.plans
    is_one = plans.ports.is_one(origins, "input", site.tree, site.node)
    return plans.preprocess.layouts.order(origins, site.tree, key, is_one)


def _array_shape(site: Site, request: tuple[Part, ...], item: cst.DictElement, is_at_run: bool) -> tuple[Part, ...]:
    """The call that gives an array the shape of the input it is for; () where that cannot be asked or is known."""
    if is_at_run:
        return (".reshape(", *request, ".get_tensor(", item.key, ").shape)")
    shape = _tensor_shape(site, request, item, False) if not _has_number(item.value) else ()
    return (".reshape(", *shape, ")") if shape else ()


def _tensor_shape(site: Site, request: tuple[Part, ...], item: cst.DictElement, is_at_run: bool) -> tuple[Part, ...]:
    """How to ask for the shape of the tensor where data is put into the dictionary; () where that cannot be asked."""
    if is_at_run:
        owner = (*request, ".get_tensor(") if request else (site.receiver, ".input(")
        return (*owner, item.key, ").shape")
    places = site.context.plans.requests.places
    holder = _holder(site)
    if not means_the_same(places, site.context.index, holder, item.value, site.node):
        return ()
    member = ".get_tensor(" if holder is site.receiver and site.value.kind == "request" else ".input("
    return (holder, member, item.key, ").shape")


def _holder(site: Site) -> cst.BaseExpression:
    """`exec_net` of `exec_net.requests[0]`, which has the shapes of the inputs as well; else the receiver itself."""
    node = site.receiver
    asked = node.value if isinstance(node, cst.Subscript) else None
    if isinstance(asked, cst.Attribute) and site.context.kind(asked) == "requests":
        return asked.value
    return node


def _is_misshapen(site: Site) -> bool:
    """True when data for an input whose layout is changed may still have the shape of the legacy dims."""
    inputs, layouts = site.argument("inputs"), site.context.plans.preprocess.layouts
    if inputs is None or not layouts.may_be_given(site.value.origins, site.tree):
        return False
    displays = _displays(site, inputs)
    items = [item for display in displays for item in display.elements]
    if not all(display.elements for display in displays) or not items:
        return not (isinstance(inputs, cst.Dict) and not inputs.elements)
    return any(
        not isinstance(item, cst.DictElement)
        or (item.value not in site.context.wrapped and _given_order(site, item.key) is not None)
        for item in items
    )


def _lacks_batch(site: Site, node: cst.BaseExpression) -> bool:
    """True for what is, or may be, a list or tuple of numbers; an array of another rank comes through as it is."""
    made = [value.node for value in site.context.facts(node) if isinstance(value, Container)]
    return (
        _is_dims(node)
        or _has_several_items(node)
        or any(_has_several_items(display) or _is_filled_later(display) for display in made)
    )


def _is_filled_later(node: cst.CSTNode) -> bool:
    """True for `angles = []` and `list(angles)`, whose items stand elsewhere."""
    return isinstance(node, cst.Call) or (isinstance(node, cst.List) and not node.elements)


def _has_several_items(node: cst.CSTNode) -> bool:
    """True for `[yaw, pitch, roll]`: numbers, which lack the dimension of the batch, or images, which do not."""
    items = node.elements if isinstance(node, (cst.List, cst.Tuple)) else ()
    return len(items) > 1 and not any(isinstance(item.value, (cst.List, cst.Tuple)) for item in items)


def _is_dims(node: cst.BaseExpression) -> bool:
    """True for `image.shape[1:]`: numbers, whatever has the shape."""
    is_part = isinstance(node, cst.Subscript) and len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Slice)
    whole = node.value if isinstance(node, cst.Subscript) and is_part else node
    return isinstance(whole, cst.Attribute) and whole.attr.value == "shape"


def _has_plane(site: Site, node: cst.BaseExpression) -> bool:
    """True for `[lightness]` with `lightness = image[:, :, 0]`: one plane, which lacks the dimension of channels."""
    if not isinstance(node, cst.List) or len(node.elements) != 1:
        return False
    value = site.context.bound_once(node.elements[0].value)
    slices = [item.slice for item in value.slice] if isinstance(value, cst.Subscript) else []
    return len(slices) == 3 and sum(isinstance(item, cst.Index) for item in slices) == 1


def _has_number(node: cst.BaseExpression) -> bool:
    """True for a list with a literal number among its items: the others are numbers then, and no images."""
    items = node.elements if isinstance(node, (cst.List, cst.Tuple)) else ()
    return any(isinstance(item.value, (cst.Integer, cst.Float)) for item in items)


def _displays(site: Site, inputs: cst.BaseExpression) -> list[cst.Dict]:
    """The dictionaries that `inputs` may be, as far as this module makes them."""
    made = [inputs, *(value.node for value in site.context.facts(inputs) if isinstance(value, Container))]
    return [node for node in dict.fromkeys(made) if isinstance(node, cst.Dict) and node in site.tree.spans]


def _is_list(site: Site, node: cst.BaseExpression) -> bool:
    """True for a list or tuple, a name that can only be one, and dimensions."""
    values = site.context.facts(node)
    return (
        isinstance(node, (cst.List, cst.Tuple))
        or _is_dims(node)
        or (bool(values) and all(isinstance(v, Container) and _makes_list(site, v.node) for v in values))
    )


def _makes_list(site: Site, node: cst.CSTNode) -> bool:
    """True for what makes a list or tuple: a display, or a call of the built-in."""
    return isinstance(node, _LISTS) or (
        isinstance(node, cst.Call) and not site.context.facts(node.func).isdisjoint(_MAKE_LISTS)
    )
