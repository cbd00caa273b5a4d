"""Step `graph`: nGraph, of which today's networks are functions themselves."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ov_migrate.edits import Change, Edit
from ov_migrate.inference.imports import is_guarded
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


@handles("graph-unchanged")
def graph_unchanged(site: Site) -> Result:
    yield from ()


def capsules(context: Context) -> Iterator[Change]:
    """`Function.to_capsule(function)` and `Function.from_capsule(capsule)`: a model is handed on without a capsule."""
    rule = context.rule("function-capsule")
    for call in context.tree.all(cst.Call):
        if _makes_capsule(context, call) or _opens_capsule(context, call):
            edit = Edit(context.tree.spans[call], (call.args[0].value,))
            yield Change(rule, call, [edit], "migrated", rule.why)


def is_capsule(context: Context, node: cst.BaseExpression) -> bool:
    """True for a call that makes a capsule, and for a variable that is bound once, to such a call."""
    made = context.bound_once(node)
    return isinstance(made, cst.Call) and _makes_capsule(context, made)


def _makes_capsule(context: Context, call: cst.Call) -> bool:
    return _is_call_of(context, call, "to_capsule")


def _opens_capsule(context: Context, call: cst.Call) -> bool:
    """True for `Function.from_capsule(capsule)` of a capsule that a network gave or that was made here."""
    if not _is_call_of(context, call, "from_capsule"):
        return False
    given = call.args[0].value
    return context.kind(given) == "capsule" or is_capsule(context, given)


def _is_call_of(context: Context, call: cst.Call, method: str) -> bool:
    path = dotted(call.func) or ""
    if len(call.args) != 1 or call.args[0].star or not path.endswith(f"Function.{method}"):
        return False
    return _imported_path(context, call, path) in (f"ngraph.Function.{method}", f"ngraph.impl.Function.{method}")


@handles("network-capsule")
def network_capsule(site: Site) -> Result:
    """`net._get_function_capsule()`: the model itself, since capsules go where they are made and opened."""
    yield site.replace(site.receiver)


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
