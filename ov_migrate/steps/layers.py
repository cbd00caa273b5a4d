"""Step `read`: `net.layers`, whose place the operations of a model take."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Change, Edit, Part
from ov_migrate.steps.comparisons import compared
from ov_migrate.steps.context import Result, Site
from ov_migrate.steps.port_plan import called_name, view_of
from ov_migrate.steps.registry import handles
from ov_migrate.syntax import Tree

# Functions that take the names out of a mapping, and see nothing else of it.
_ITERATING = frozenset(
    {
        "iter",
        "sorted",
        "tuple",
        "set",
        "frozenset",
        "enumerate",
        "reversed",
        "zip",
        "map",
        "filter",
        "min",
        "max",
        "join",
    }
)
_METHODS = {"name": "get_friendly_name()", "type": "get_type_name()"}


@handles("network-layers")
def network_layers(site: Site) -> Result:
    """`net.layers`: names, operations, or both, after what the code iterates."""
    tree = site.tree
    view = view_of(tree, site.node)
    parent = tree.parents[view]
    method = view.func.attr.value if view is not site.node else ""  # type: ignore[attr-defined]
    op = site.context.free("op", "operation")
    name = f"{op}.get_friendly_name()"
    operations: tuple[Part, ...] = (site.receiver, ".get_ordered_ops()")
    names: tuple[Part, ...] = (f"[{name} for {op} in ", *operations, "]")
    if method in ("", "keys"):
        filtered = _filter_over_names(site, view, operations, op)
        if filtered is not None:
            yield filtered
        elif _is_length(tree, view):
            yield site.replace(*operations, node=view)
        elif isinstance(parent, cst.Arg) and _converts_to_list(tree, parent):
            yield site.replace(*names, node=tree.parents[parent])
        elif method == "keys" or _iterates(tree, view):
            yield site.replace(*names, node=view)
        else:
            yield site.replace(f"{{{name}: {op} for {op} in ", *operations, "}")
    elif method == "values":
        yield site.replace(*operations, node=view)
    else:
        yield site.replace(f"[({name}, {op}) for {op} in ", *operations, "]", node=view)


def _filter_over_names(site: Site, view: cst.CSTNode, operations: tuple[Part, ...], op: str) -> Change | None:
    """`[l for l in net.layers if …]`: the loop variable becomes an operation, and each use of it its name."""
    tree = site.tree
    clause = tree.parents[view]
    if not isinstance(clause, cst.CompFor) or clause.iter is not view or not isinstance(clause.target, cst.Name):
        return None
    comprehension = tree.parents[clause]
    if not isinstance(comprehension, (cst.ListComp, cst.SetComp, cst.GeneratorExp)) or clause.inner_for_in is not None:
        return None
    start, end = tree.spans[comprehension]
    names = tree.references(clause.target.value)
    uses = [name for name in names if start <= tree.spans[name][0] < end and name is not clause.target]
    change = site.change(node=comprehension)
    change.edits = [Edit(tree.spans[clause.target], (op,)), Edit(tree.spans[view], operations)]
    change.edits += [Edit(tree.spans[use], (f"{op}.get_friendly_name()",)) for use in uses]
    return change


def _is_length(tree: Tree, view: cst.CSTNode) -> bool:
    arg = tree.parents[view]
    call = tree.parents.get(arg)
    return isinstance(call, cst.Call) and isinstance(call.func, cst.Name) and call.func.value == "len"


def _converts_to_list(tree: Tree, arg: cst.Arg) -> bool:
    call = tree.parents[arg]
    return (
        isinstance(call, cst.Call)
        and isinstance(call.func, cst.Name)
        and call.func.value == "list"
        and len(call.args) == 1
    )


def _iterates(tree: Tree, view: cst.CSTNode) -> bool:
    parent = tree.parents[view]
    if isinstance(parent, (cst.For, cst.CompFor)):
        return parent.iter is view
    if isinstance(parent, cst.Arg):
        return parent.keyword is None and called_name(tree, parent) in _ITERATING
    return isinstance(parent, (cst.ComparisonTarget, cst.StarredElement))


@handles("layer-connections")
def layer_connections(site: Site) -> Result:
    """Shape, parameters, parents and children of a layer, asked of its operation."""
    tree, parent, op = site.tree, site.parent, site.receiver
    index = parent.slice[0].slice if isinstance(parent, cst.Subscript) and parent.value is site.node else None
    value = site.context.free("value", "input_value")
    if site.member == "shape":
        yield site.replace("list(", op, ".output(0).shape)")
    elif site.member == "params":
        yield site.replace(site.context.helpers.name("ie_layer_params"), "(", op, ")")
    elif site.member == "parents":
        yield _parents(site, index, value)
    elif site.member == "children":
        targets = f"for output in {{}}.outputs() for {value} in output.get_target_inputs()".split("{}")
        yield site.replace(f"[{value}.get_node().get_friendly_name() {targets[0]}", op, f"{targets[1]}]")
    elif isinstance(index, cst.Index):
        outer = tree.parents[parent]
        side = "output" if site.member == "out_data" else "input_value"
        data: tuple[Part, ...] = (op, f".{side}(", index.value, ")")
        if isinstance(outer, cst.Attribute) and outer.attr.value == "shape":
            yield site.replace("list(", *data, ".shape)", node=outer)
        else:
            yield site.leave()
    else:
        yield site.leave()


def _parents(site: Site, index: cst.BaseSlice | None, value: str) -> Change:
    """`layer.parents[0]`: a name; the operation itself where a network's layers are asked for it."""
    tree, op = site.tree, site.receiver
    if not isinstance(index, cst.Index):
        names = f"[{value}.get_node().get_friendly_name() for {value} in "
        return site.replace(names, op, ".input_values()]")
    node: tuple[Part, ...] = (op, ".input_value(", index.value, ").get_node()")
    asked = tree.parents[tree.parents[tree.parents[site.parent]]]
    if isinstance(asked, cst.Subscript) and _is_layers(site, asked.value):
        return site.replace(*node, node=asked)
    return site.replace(*node, ".get_friendly_name()", node=site.parent)


def _is_layers(site: Site, node: cst.BaseExpression) -> bool:
    return site.context.kind(node) == "layers"


@handles("layer-member")
def layer_member(site: Site) -> Result:
    """`layer.name`, `layer.type` → methods of the operation, whose type may have another name."""
    method = _METHODS.get(site.member)
    found = compared(site) if site.member == "type" else None
    texts = [item for item in found.items if isinstance(item, cst.SimpleString)] if found is not None else []
    types = site.context.catalogue.tables["layer_types"]
    if method is None or any(text.evaluated_value not in types for text in texts):
        yield site.leave()
        return
    change = site.replace(site.receiver, f".{method}")
    for text in texts:
        new = text.quote + types[str(text.evaluated_value)] + text.quote
        change.edits += site.replace(new, node=text).edits
    yield change
