"""Step `graph`: nGraph, of which today's networks are functions themselves."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ov_migrate.edits import Change, Edit
from ov_migrate.inference.imports import is_guarded
from ov_migrate.inference.values import LegacyName
from ov_migrate.steps.context import Context, Result, Site
from ov_migrate.steps.registry import handles
from ov_migrate.syntax import dotted


@handles("function-from-cnn")
def function_from_cnn(site: Site) -> Result:
    """`ng.function_from_cnn(net)`: the model itself."""
    network = site.argument("cnn_network")
    if network is None or site.context.kind(network) != "network":
        yield site.leave()
        return
    yield site.replace(network)


@handles("function-to-cnn")
def function_to_cnn(site: Site) -> Result:
    """`ng.function_to_cnn(function)`: the model itself."""
    function = site.argument("function")
    if function is None:
        yield site.leave()
        return
    yield site.replace(function)


@handles("function-from-capsule")
def function_from_capsule(site: Site) -> Result:
    """`ng.Function.from_capsule(net._get_function_capsule())`, also with a variable between: the model itself."""
    capsule = site.argument("capsule")
    network = capsule.func.value if _is_capsule_of_network(site.context, capsule) else None  # type: ignore[union-attr]
    is_variable = isinstance(capsule, cst.Name) and site.context.kind(capsule) == "capsule"
    if capsule is None or (network is None and not is_variable and not is_capsule(site.context, capsule)):
        yield site.leave()
        return
    yield site.replace(network or capsule)


@handles("network-capsule")
def network_capsule(site: Site) -> Result:
    """`net._get_function_capsule()`: the network itself, where functions are made from it and nothing else."""
    context, parent = site.context, site.parent
    if isinstance(parent, cst.Arg) and _makes_function(context, context.tree.parents[parent]):
        return
    target = parent.targets[0].target if isinstance(parent, cst.Assign) and len(parent.targets) == 1 else None
    if not isinstance(target, cst.Name) or not _is_for_functions(context, target):
        yield site.leave()
        return
    yield site.replace(site.receiver)


def _is_capsule_of_network(context: Context, node: cst.BaseExpression | None) -> bool:
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute) or context.kind(node) != "capsule":
        return False
    return context.kind(node.func.value) == "network"


def _makes_function(context: Context, node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Call) and context.facts(node.func) == frozenset({LegacyName("function_from_capsule")})


def _is_for_functions(context: Context, name: cst.Name) -> bool:
    """True for a variable that nothing but functions are made from."""
    names, tree = context.module.names, context.tree
    owner = names.owner(tree.scope(name), name.value)
    bindings = names.scopes[owner].bindings.get(name.value, []) if owner is not None else []
    uses = [use for use in tree.references(name.value) if names.owner(tree.scope(use), name.value) is owner]
    given = [tree.parents[tree.parents[use]] for use in uses if use not in bindings]
    return len(bindings) == 1 and all(_makes_function(context, call) for call in given)


@handles("graph-unchanged")
def graph_unchanged(site: Site) -> Result:
    yield from ()


def capsules(context: Context) -> Iterator[Change]:
    """`Function.to_capsule(function)`: a model is handed on without a capsule around it."""
    rule = context.rule("function-capsule")
    for call in context.tree.all(cst.Call):
        if _makes_capsule(context, call):
            edit = Edit(context.tree.spans[call], (call.args[0].value,))
            yield Change(rule, call, [edit], "migrated", rule.why)


def is_capsule(context: Context, node: cst.BaseExpression) -> bool:
    """True for a call that makes a capsule, and for a variable that is bound once, to such a call."""
    made = context.bound_once(node)
    return isinstance(made, cst.Call) and _makes_capsule(context, made)


def _makes_capsule(context: Context, call: cst.Call) -> bool:
    return _is_call_of(context, call, "to_capsule")


def _is_call_of(context: Context, call: cst.Call, method: str) -> bool:
    path = dotted(call.func) or ""
    if len(call.args) != 1 or call.args[0].star or not path.endswith(f"Function.{method}"):
        return False
    return _imported_path(context, call, path) in (f"ngraph.Function.{method}", f"ngraph.impl.Function.{method}")


def _imported_path(context: Context, node: cst.CSTNode, path: str) -> str:
    """The path with what the import of its first name says in front; "" when that is not bound by one import."""
    name, _, rest = path.partition(".")
    owner = context.module.names.owner(context.tree.scope(node), name)
    bindings = context.module.names.scopes[owner].bindings.get(name, []) if owner is not None else []
    fronts = {_import_path(context, binding) for binding in bindings}
    front = fronts.pop() if len(fronts) == 1 else ""
    return f"{front}.{rest}" if front else ""


def _import_path(context: Context, binding: cst.CSTNode) -> str:
    statement = context.tree.parents.get(binding)
    if not isinstance(binding, cst.ImportAlias) or is_guarded(context.tree, binding):
        return ""
    path = dotted(binding.name) or ""
    if context.has_own_ngraph:
        return ""
    if isinstance(statement, cst.ImportFrom):
        return "" if statement.relative else f"{dotted(statement.module)}.{path}"
    return path if binding.asname is not None else path.split(".")[0]
