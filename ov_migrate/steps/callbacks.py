"""Step `async`: callbacks, which got the status and the user's data, and get the data only."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Edit, Part
from ov_migrate.inference.values import Function
from ov_migrate.steps.context import Result, Site
from ov_migrate.steps.registry import handles
from ov_migrate.steps.status import code
from ov_migrate.syntax import children


@handles("completion-callback")
def completion_callback(site: Site) -> Result:
    """`request.set_completion_callback(cb, data)`: the callback gets the data only."""
    if _is_set_on_queue(site):
        return
    assert isinstance(site.node, cst.Call)
    assert isinstance(site.node.func, cst.Attribute)
    callback, data = site.argument("py_callback"), site.argument("py_data")
    if callback is None or (isinstance(callback, cst.Name) and callback.value == "None"):
        yield site.leave("A callback cannot be taken away again; set one that does nothing.")
        return
    change = site.change()
    change.edits.append(Edit(site.tree.spans[site.node.func.attr], ("set_callback",)))
    first = site.node.args[0]
    if first.value is not callback:
        span = (site.tree.spans[first][0], site.tree.spans[site.node.args[-1]][1])
        change.edits.append(Edit(span, (*_adapter(site, callback), ", ", data if data is not None else "None")))
    else:
        change.edits += _by_argument(site, callback, data)
    yield change


def _by_argument(site: Site, callback: cst.BaseExpression, data: cst.BaseExpression | None) -> list[Edit]:
    """The edits of the arguments where they stand, callback first: keywords go, and the user's data is always given."""
    start, end = site.tree.spans[site.node.args[0]]  # type: ignore[attr-defined]
    edits = [Edit((start, end), (*_adapter(site, callback), *(() if data is not None else (", None",))))]
    if data is not None:
        arg = site.arguments["py_data"]
        edits.append(Edit(site.tree.spans[arg], (data,)))
    return edits


def _adapter(site: Site, callback: cst.BaseExpression) -> tuple[Part, ...]:
    """A function of the data alone that calls the legacy callback, with the status of a request that is done."""
    has_data = site.argument("py_data") is not None
    passed = f"({code('OK')}, {'data' if has_data else 'None'})"
    if isinstance(callback, cst.Lambda):
        return _lambda(site, callback) or ("lambda data: (", callback, ")", passed)
    if _is_fixed(site, callback):
        return ("lambda data: ", callback, passed)
    return ("lambda data, callback=", callback, f": callback{passed}")


def _lambda(site: Site, callback: cst.Lambda) -> tuple[Part, ...] | None:
    """`lambda status, data: …` without its first parameter, for which the status stands; None for other parameters."""
    params = callback.params
    if len(params.params) != 2 or any(p.default is not None for p in params.params) or _has_other_parameters(params):
        return None
    status, data = (param.name.value for param in params.params)
    uses = [use for use in _names(callback.body, status)]
    if any(site.tree.scope(use) is not callback for use in uses):
        return None
    parts: list[Part] = [f"lambda {data}: "]
    position, end = site.tree.outer_span(callback.body)
    for use in sorted(uses, key=lambda use: site.tree.spans[use]):
        start, after = site.tree.spans[use]
        parts += [(position, start), code("OK")]
        position = after
    return (*parts, (position, end))


def _has_other_parameters(params: cst.Parameters) -> bool:
    return bool(params.kwonly_params or params.posonly_params or params.star_kwarg) or isinstance(
        params.star_arg, cst.Param
    )


def _names(node: cst.CSTNode, name: str) -> list[cst.Name]:
    found = [node] if isinstance(node, cst.Name) and node.value == name else []
    return found + [use for child in children(node) for use in _names(child, name)]


def _is_set_on_queue(site: Site) -> bool:
    """True inside a loop that becomes the one call that sets the callback of a queue."""
    around = set(site.tree.ancestors(site.node))
    queues = [group.queue for group in site.context.plans.requests.groups if group.queue is not None]
    return any(not around.isdisjoint(queue.callbacks) for queue in queues)


def _is_fixed(site: Site, callback: cst.BaseExpression) -> bool:
    """True for a function or method under a name that keeps its meaning until the callback runs."""
    facts = site.context.facts(callback)
    if not facts or not all(isinstance(value, Function) for value in facts):
        return False
    if isinstance(callback, cst.Attribute):
        return len(facts) == 1 and _is_bound_once(site, callback)
    return isinstance(callback, cst.Name) and _is_bound_once(site, callback)


def _is_bound_once(site: Site, node: cst.BaseExpression) -> bool:
    """True when the name at the root of `node` has one meaning: a parameter, a definition, or one assignment outside
    of loops."""
    while isinstance(node, cst.Attribute):
        node = node.value
    if not isinstance(node, cst.Name):
        return False
    names = site.context.module.names
    owner = names.owner(site.tree.scope(node), node.value)
    bindings = names.scopes[owner].bindings.get(node.value, []) if owner is not None else []
    if len(bindings) != 1:
        return False
    around = site.tree.ancestors(bindings[0])
    if isinstance(bindings[0], (cst.FunctionDef, cst.ClassDef, cst.ImportAlias, cst.Param)):
        return True
    loops = (cst.For, cst.While, cst.CompFor)
    inner = [parent for parent in around if isinstance(parent, loops) and site.tree.scope(parent) is owner]
    return not inner
