"""Which network an input or output belongs to, as the program writes it."""

from __future__ import annotations

import libcst as cst

from ov_migrate.steps.context import established
from ov_migrate.steps.places import Places

_MAPS = frozenset({"input_info", "inputs", "outputs"})
_VIEWS = frozenset({"values", "items", "keys", "copy", "get"})
_HANDING_ON = frozenset({"next", "iter", "list", "sorted", "reversed", "tuple", "enumerate"})
_LONGEST = 8


def network_of(places: Places, module: int, node: cst.BaseExpression, depth: int = 0) -> cst.BaseExpression | None:
    """The expression for the network that has the port `node`: `net` for `net.inputs[name]`, also by way of variables
    that are bound once; None where that is not seen."""
    if depth > _LONGEST:
        return None
    if isinstance(node, cst.Attribute):
        found = established(places.facts(node.value))
        if node.attr.value in _MAPS and found is not None and found.kind == "network":
            return node.value
        return network_of(places, module, node.value, depth + 1)
    if isinstance(node, cst.Subscript):
        return network_of(places, module, node.value, depth + 1)
    if isinstance(node, cst.Call):
        inner = _inner(node)
        return network_of(places, module, inner, depth + 1) if inner is not None else None
    value = bound_to(places, module, node) if isinstance(node, cst.Name) else None
    return network_of(places, module, value, depth + 1) if value is not None else None


def _inner(call: cst.Call) -> cst.BaseExpression | None:
    """What a call takes its items from: `x` of `x.values()` and `next(iter(x))`."""
    if isinstance(call.func, cst.Attribute) and call.func.attr.value in _VIEWS:
        return call.func.value
    if isinstance(call.func, cst.Name) and call.func.value in _HANDING_ON and call.args:
        return call.args[0].value
    return None


def bound_to(places: Places, module: int, name: cst.Name) -> cst.BaseExpression | None:
    """What the one statement that binds a variable takes its value from: an assignment or a loop."""
    variable = places.variable(module, name)
    bindings = places.bindings(variable) if variable is not None else []
    if len(bindings) != 1:
        return None
    tree = places.tree(module)
    for parent in tree.ancestors(bindings[0][1]):
        if isinstance(parent, cst.Assign):
            return parent.value
        if isinstance(parent, cst.For):
            return parent.iter
        if isinstance(parent, (cst.BaseStatement, cst.BaseSmallStatement, cst.Param)):
            return None
    return None
