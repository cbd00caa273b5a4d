"""Whether an expression means the same at another place of the source."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ov_migrate.steps.places import Places, is_comprehension_variable
from ov_migrate.syntax import Scope, Tree, dotted

_LOOPS = (cst.For, cst.While)


def means_the_same(
    places: Places, module: int, expression: cst.BaseExpression, here: cst.CSTNode, there: cst.CSTNode
) -> bool:
    """True when the name or dotted name `expression`, evaluated at `here`, can be written again at `there`: its root
    is visible and what reached the one place reaches the other."""
    path = dotted(expression)
    tree = places.tree(module)
    if path is None or any(is_comprehension_variable(tree, name) for name in _root_names(expression)):
        return False
    root = path.split(".")[0]
    names = places.engine.project.modules[module].names
    first, second = tree.scope(here), tree.scope(there)
    owner = names.owner(first, root)
    if owner is None or names.owner(second, root) is not owner:
        return _same_self(places, module, expression, first, second)
    changes = [*names.scopes[owner].bindings.get(root, ()), *_path_changes(tree, path)]
    if owner is not first:
        return len(changes) == 1
    if first is second:
        return _undisturbed(tree, first, changes, here, there)
    return isinstance(owner, cst.Module) and _all_before(tree, owner, changes, here)


def _root_names(node: cst.BaseExpression) -> list[cst.Name]:
    while isinstance(node, cst.Attribute):
        node = node.value
    return [node] if isinstance(node, cst.Name) else []


def _path_changes(tree: Tree, path: str) -> Iterator[cst.CSTNode]:
    """The assignments to an attribute on the way: to `args.device`, for `args.device`."""
    for node in tree.all(cst.Attribute):
        parent = tree.parents[node]
        if isinstance(parent, (cst.AssignTarget, cst.AugAssign)) and parent.target is node:
            changed = dotted(node) or ""
            if path == changed or path.startswith(changed + "."):
                yield node


def _undisturbed(tree: Tree, scope: Scope, changes: list[cst.CSTNode], here: cst.CSTNode, there: cst.CSTNode) -> bool:
    """True when nothing changes the variable on the way from `here` to `there`, both in one scope."""
    start, end = tree.spans[tree.statement(here)][0], tree.spans[there][0]
    if any(tree.scope(change) is not scope for change in changes if not isinstance(change, cst.Param)):
        return False
    if start > end or any(start < tree.spans[change][0] < end for change in changes):
        return False
    return not any(_crosses(tree, loop, change, here, there) for change in changes for loop in _loops(tree, change))


def _loops(tree: Tree, node: cst.CSTNode) -> list[cst.CSTNode]:
    return [parent for parent in tree.ancestors(node) if isinstance(parent, _LOOPS)]


def _crosses(tree: Tree, loop: cst.CSTNode, change: cst.CSTNode, here: cst.CSTNode, there: cst.CSTNode) -> bool:
    """True when a loop may change the variable between `here` and `there`, in one round of it or from one to the
    next: unless both stand in it, the first in front of the second on every way."""
    inside = [loop in tree.ancestors(node) for node in (here, there)]
    if not any(inside):
        return False
    block = tree.parents[tree.block_statement(here)]
    return not all(inside) or block not in tree.ancestors(there) or _is_optional(tree, here)


def _is_optional(tree: Tree, node: cst.CSTNode) -> bool:
    """True for a part of a statement that does not run each time: `plugin or IEPlugin(device)`."""
    for parent in tree.ancestors(node):
        if isinstance(parent, (cst.BooleanOperation, cst.IfExp, cst.Lambda)):
            return True
        if isinstance(parent, cst.BaseSmallStatement):
            return False
    return False


def _all_before(tree: Tree, owner: Scope, changes: list[cst.CSTNode], here: cst.CSTNode) -> bool:
    """True when the variable has its last value before `here` runs, in the scope that owns it."""
    start = tree.spans[tree.statement(here)][0]
    if any(_loops(tree, change) for change in changes):
        return False
    return all(tree.scope(change) is owner and tree.spans[change][0] < start for change in changes)


def _same_self(places: Places, module: int, expression: cst.BaseExpression, first: Scope, second: Scope) -> bool:
    """`self.device` in another method of the same class, when it is written once."""
    if not isinstance(first, cst.FunctionDef) or not isinstance(second, cst.FunctionDef):
        return False
    if not isinstance(expression, cst.Attribute) or not isinstance(expression.value, cst.Name):
        return False
    root = expression.value.value
    if _first_parameter(first) != root or _first_parameter(second) != root:
        return False
    tree = places.tree(module)
    found = places.of(module, expression)
    return len(found) == 1 and tree.parents[first] is tree.parents[second] and len(places.bindings(found[0])) == 1


def _first_parameter(function: cst.FunctionDef) -> str:
    params = (*function.params.posonly_params, *function.params.params)
    return params[0].name.value if params else ""
