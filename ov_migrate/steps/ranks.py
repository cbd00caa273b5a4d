"""How many dimensions an array has, as far as the code around it shows."""

from __future__ import annotations

import libcst as cst

from ov_migrate.inference.values import Function
from ov_migrate.steps.context import Context
from ov_migrate.syntax import Tree

# What keeps the dimensions of an array, as a method of it and as a function of it.
_KEEPING_METHODS = frozenset({"astype", "copy"})
_KEEPING_FUNCTIONS = frozenset({"ascontiguousarray", "asarray", "array", "float32", "copy"})
_DEEPEST = 8


def is_transposed_plane(context: Context, tree: Tree, node: cst.BaseExpression, depth: int = 0) -> bool:
    """True for an image whose channels were put in front, `image.transpose((2, 0, 1))`: three dimensions, without the
    batch. Variables are followed to what they were given last, and functions of the program to what they return."""
    if depth > _DEEPEST:
        return False
    if isinstance(node, cst.Name):
        given = _given_last(tree, node)
        return given is not None and is_transposed_plane(context, tree, given, depth + 1)
    if isinstance(node, cst.BinaryOperation):
        is_number = isinstance(node.right, (cst.Integer, cst.Float))
        return is_number and is_transposed_plane(context, tree, node.left, depth + 1)
    if not isinstance(node, cst.Call):
        return False
    kept = _kept(node)
    if kept is not None:
        return is_transposed_plane(context, tree, kept, depth + 1)
    return _axes(node) == ["2", "0", "1"] or _returns_one(context, tree, node, depth)


def _kept(call: cst.Call) -> cst.BaseExpression | None:
    """`x` of `x.astype(…)` and `np.ascontiguousarray(x)`: an array with the same dimensions."""
    if not isinstance(call.func, cst.Attribute):
        return None
    if call.func.attr.value in _KEEPING_FUNCTIONS and call.args and isinstance(call.func.value, cst.Name):
        return call.args[0].value
    return call.func.value if call.func.attr.value in _KEEPING_METHODS else None


def _axes(call: cst.Call) -> list[str]:
    """The axes of `x.transpose(2, 0, 1)`, `x.transpose((2, 0, 1))` and `np.transpose(x, (2, 0, 1))`."""
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "transpose" or not call.args:
        return []
    last = call.args[-1].value
    if isinstance(last, (cst.Tuple, cst.List)):
        return [item.value.value for item in last.elements if isinstance(item.value, cst.Integer)]
    return [arg.value.value for arg in call.args if isinstance(arg.value, cst.Integer)]


def _given_last(tree: Tree, name: cst.Name) -> cst.BaseExpression | None:
    """What the variable was given last before this place, in the order of the text."""
    here, scope = tree.spans[name][0], tree.scope(name)
    found = [
        assign
        for assign in tree.all(cst.Assign)
        if len(assign.targets) == 1
        and isinstance(assign.targets[0].target, cst.Name)
        and assign.targets[0].target.value == name.value
        and tree.spans[assign][1] <= here
        and tree.scope(assign) is scope
    ]
    return max(found, key=lambda assign: tree.spans[assign][0]).value if found else None


def _returns_one(context: Context, tree: Tree, call: cst.Call, depth: int) -> bool:
    """True when the call is of a function of this module, all of whose returns are such images."""
    called = [value.node for value in context.facts(call.func) if isinstance(value, Function)]
    returns = [
        node.value
        for function in called
        for node in tree.all(cst.Return)
        if tree.scope(node) is function and node.value is not None
    ]
    return bool(returns) and all(is_transposed_plane(context, tree, value, depth + 1) for value in returns)
