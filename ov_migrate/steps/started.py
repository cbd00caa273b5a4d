"""Whether a request that is waited for was certainly started.

Up to 2021.4 waiting for a request that was never started gave another status, and the code behind the test was passed
over; in API 2.0 the wait returns at once. Demos that work on two requests in turn do that in their first round.
"""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from ov_migrate.inference import Engine
from ov_migrate.inference.values import Function
from ov_migrate.steps.context import bind, established
from ov_migrate.steps.places import Places
from ov_migrate.syntax import Tree

_STARTS = frozenset({"start_async", "async_infer"})


@dataclass(frozen=True)
class _Start:
    """A call that starts a request, by itself or through a function, or a loop that starts all; `requests` tell which,
    as texts: its index among the requests, the variable that holds it, or a star and what the loop goes over."""

    call: cst.CSTNode
    requests: frozenset[str]


class StartPlan:
    """`is_started(module, receiver)`: whether the request that `receiver` gives was started before."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.places = Places(engine)
        self._starts: dict[cst.CSTNode, list[_Start]] = {}
        for _, module in engine.legacy_modules:
            for call in module.tree.all(cst.Call):
                start = self._direct_start(module.tree, call)
                if start is not None:
                    starts = self._starts.setdefault(module.tree.scope(call), [])
                    starts += [start, *_all_started(module.tree, call)]

    def is_started(self, module: int, receiver: cst.BaseExpression) -> bool:
        """False when starts are seen in the same function, or beside the calls of it, but none of them comes certainly
        before. Where nobody is seen to start anything, the program is taken to know what it does."""
        tree = self.places.tree(module)
        function = tree.scope(receiver)
        wanted = frozenset({_request_text(tree, receiver), _all_text(tree, receiver)})
        starts = self._starts.get(function, [])
        if starts:
            return _is_certain(tree, starts, wanted, receiver)
        if not isinstance(function, cst.FunctionDef):
            return bool(self._starts)
        return all(self._is_started_around(call, function, wanted) for call in self.engine.callers.get(function, ()))

    def _is_started_around(self, call: cst.Call, function: cst.FunctionDef, wanted: frozenset[str]) -> bool:
        """True unless, around this call of a function that waits, other functions start requests too late."""
        module = self.places.module_of(call)
        tree = self.places.tree(module)
        starts = [start for other in tree.all(cst.Call) for start in self._starts_through(tree, call, other)]
        outside = frozenset(self._outside(tree, call, function, text) for text in wanted)
        return not starts or _is_certain(tree, starts, outside, call)

    def _starts_through(self, tree: Tree, around: cst.Call, call: cst.Call) -> list[_Start]:
        """The starts that `call`, in the same scope as `around`, makes in the functions it calls."""
        if tree.scope(call) is not tree.scope(around):
            return []
        found = []
        for callee in self.engine.callees.get(call, ()):
            for start in self._starts.get(callee.node, ()):
                texts = {self._outside(tree, call, callee.node, text) for text in start.requests}
                found.append(_Start(call, frozenset(texts)))
        return found

    def _outside(self, tree: Tree, call: cst.Call, function: cst.FunctionDef | cst.Lambda, request: str) -> str:
        """What the text of a request inside `function` means at a call of it: an index that is a parameter is the
        argument."""
        params = (*function.params.posonly_params, *function.params.params)
        if any(param.name.value == request for param in params):
            return self._argument_text(tree, call, function, request)
        return request

    def _argument_text(self, tree: Tree, call: cst.Call, function: cst.FunctionDef | cst.Lambda, name: str) -> str:
        params = [p.name.value for p in (*function.params.posonly_params, *function.params.params)]
        facts = self.engine.facts.get(call.func, frozenset())
        is_bound = any(isinstance(v, Function) and v.receiver is not None for v in facts)
        arg = (bind(call, tuple(params[1:] if is_bound else params)) or {}).get(name)
        return _text(tree, arg.value) if arg is not None else "default"

    def _direct_start(self, tree: Tree, call: cst.Call) -> _Start | None:
        if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in _STARTS:
            return None
        receiver = call.func.value
        found = established(self.engine.facts.get(receiver, frozenset()))
        if found is None:
            return None
        if found.kind == "request":
            return _Start(call, frozenset({_request_text(tree, receiver)}))
        arguments = bind(call, ("request_id", "inputs")) or {}
        index = arguments.get("request_id")
        parent = tree.parents[call]
        targets = parent.targets if isinstance(parent, cst.Assign) else ()
        handles = {_text(tree, target.target) for target in targets}
        return _Start(call, frozenset({_text(tree, index.value) if index else "0", *handles}))


def _is_certain(tree: Tree, starts: list[_Start], wanted: frozenset[str], node: cst.CSTNode) -> bool:
    return any(_is_before(tree, start.call, node) for start in starts if wanted & start.requests)


def _is_before(tree: Tree, start: cst.CSTNode, node: cst.CSTNode) -> bool:
    """True when the start stands in front of `node` in its block or in one around it."""
    statement = tree.block_statement(start)
    if tree.spans[statement][1] > tree.spans[node][0]:
        return False
    return tree.parents[statement] in tree.ancestors(node)


def _all_started(tree: Tree, call: cst.Call) -> list[_Start]:
    """`for request in exec_net.requests: request.async_infer(…)`: with the loop all of them are started."""
    receiver = call.func.value if isinstance(call.func, cst.Attribute) else call
    found = _loop_over(tree, receiver)
    if found is None or tree.parents[tree.block_statement(call)] is not getattr(found[0], "body", None):
        return []
    return [_Start(found[0], frozenset({"*" + found[1]}))]


def _all_text(tree: Tree, node: cst.BaseExpression) -> str:
    """A star and the text of the requests that `node` is one of; "*" where that is not seen."""
    if isinstance(node, cst.Subscript):
        return "*" + _text(tree, node.value)
    found = _loop_over(tree, node)
    return "*" + (found[1] if found is not None else "")


def _loop_over(tree: Tree, node: cst.BaseExpression) -> tuple[cst.CSTNode, str] | None:
    """The loop or comprehension that the variable `node` belongs to, with the text of what it goes over."""
    name = _text(tree, node)
    for parent in tree.ancestors(node) if isinstance(node, cst.Name) else ():
        clause = parent if isinstance(parent, cst.For) else getattr(parent, "for_in", None)
        if not isinstance(clause, (cst.For, cst.CompFor)):
            continue
        target, over = clause.target, clause.iter
        if name == _text(tree, target):
            return parent, _text(tree, over)
        is_numbered = isinstance(over, cst.Call) and _text(tree, over.func) == "enumerate"
        if is_numbered and isinstance(target, cst.Tuple) and name == _text(tree, target.elements[-1].value):
            return parent, _text(tree, over.args[0].value)  # type: ignore[attr-defined]
    return None


def _request_text(tree: Tree, node: cst.BaseExpression) -> str:
    """Which request `node` is: its index for `exec_net.requests[i]`, also by way of a variable, else its own text."""
    if isinstance(node, cst.Name):
        targets = [t for t in tree.all(cst.AssignTarget) if _text(tree, t.target) == node.value]
        here = [tree.parents[t] for t in targets if tree.scope(t) is tree.scope(node)]
        values = [statement.value for statement in here if isinstance(statement, cst.Assign)]
        if len(values) == 1 and isinstance(values[0], cst.Subscript):
            node = values[0]
    if (
        isinstance(node, cst.Subscript)
        and isinstance(node.value, cst.Attribute)
        and node.value.attr.value == "requests"
    ):
        index = node.slice[0].slice
        return _text(tree, index.value) if isinstance(index, cst.Index) else ""
    return _text(tree, node)


def _text(tree: Tree, node: cst.CSTNode) -> str:
    return "".join(tree.source(node).split())
