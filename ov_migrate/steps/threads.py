"""Threads that run requests. The first access to the data of a tensor from several threads at once can hang for good,
from release 2024.6 on at least; one access before the threads are made prevents it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from ov_migrate.edits import Change
from ov_migrate.inference import Engine
from ov_migrate.inference.values import Builtin, Class, Function, Legacy
from ov_migrate.steps.context import Context
from ov_migrate.steps.places import Places
from ov_migrate.steps.statements import insert_before
from ov_migrate.syntax import Scope, dotted

_HANDING_ON = frozenset({"foreign.submit", "foreign.run_in_executor", "foreign.apply_async"})
_RUNS = frozenset({"infer", "start_async", "async_infer"})
_RUNNERS = frozenset({"request", "executable_network"})
_REPEATING = (cst.For, cst.While, cst.With)


class ThreadPlan:
    """`calls` are those that make a thread, or hand a function to one, in which requests run beside others."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.places = Places(engine)
        self._inner: dict[Scope, list[cst.Call]] | None = None
        runs = None
        self.calls: dict[cst.Call, set[cst.CSTNode]] = {}
        for call, functions in self._handed_on():
            runs = self._runs() if runs is None else runs
            reached = self._reached(functions)
            if runs & reached:
                self.calls[call] = reached
        if len(self.calls) == 1 and runs is not None:
            ((call, reached),) = self.calls.items()
            if runs <= reached and self._is_made_once(call):
                self.calls.clear()

    def _handed_on(self) -> Iterator[tuple[cst.Call, set[cst.CSTNode]]]:
        """The calls with the functions that run in another thread for them."""
        for call, functions in self.engine.callees.items():
            if self._is_thread(call):
                yield call, _nodes(functions)
        for cls, bases in self.engine.bases.items():
            if Builtin("Thread") in bases:
                run = _nodes(v for v in self.engine.store.read(cls, "run") if isinstance(v, Function))
                for call in self._instantiations(cls):
                    yield call, run

    def _is_thread(self, call: cst.Call) -> bool:
        names = {value.name for value in self.places.facts(call.func) if isinstance(value, Builtin)}
        if "Thread" in names or names & _HANDING_ON:
            return True
        return "foreign.map" in names and self._imports_pools(call)

    def _imports_pools(self, call: cst.Call) -> bool:
        tree = self.places.tree(self.places.module_of(call))
        paths = [dotted(node.module) or "" for node in tree.all(cst.ImportFrom)]
        paths += [dotted(alias.name) or "" for node in tree.all(cst.Import) for alias in node.names]
        return any(path.split(".")[0] in ("concurrent", "multiprocessing") for path in paths)

    def _instantiations(self, cls: cst.CSTNode) -> list[cst.Call]:
        family = set(self.places.family(cls))
        return [
            call
            for module in self.engine.project.modules
            for call in module.tree.all(cst.Call)
            if any(isinstance(v, Class) and v.node in family for v in self.places.facts(call.func))
        ]

    def _reached(self, functions: set[cst.CSTNode]) -> set[cst.CSTNode]:
        """`functions` and all that they call, directly or not."""
        if self._inner is None:
            self._inner = {}
            for module in self.engine.project.modules:
                for call in module.tree.all(cst.Call):
                    if call in self.engine.callees:
                        self._inner.setdefault(module.tree.scope(call), []).append(call)
        reached, queue = set(functions), list(functions)
        while queue:
            calls = self._inner.get(queue.pop(), ())  # type: ignore[call-overload]
            new = {node for call in calls for node in _nodes(self.engine.callees[call])} - reached
            reached |= new
            queue += new
        return reached

    def _runs(self) -> set[cst.CSTNode]:
        """The functions that run requests."""
        return {
            module.tree.scope(node)
            for _, module in self.engine.legacy_modules
            for node in module.tree.all(cst.Attribute)
            if node.attr.value in _RUNS
            and any(isinstance(v, Legacy) and v.kind in _RUNNERS for v in self.places.facts(node.value))
        }

    def _is_made_once(self, call: cst.Call) -> bool:
        """True for a thread that is not one of many of its kind."""
        names = {value.name for value in self.places.facts(call.func) if isinstance(value, Builtin)}
        tree = self.places.tree(self.places.module_of(call))
        is_repeated = any(isinstance(n, (*_REPEATING, cst.ListComp)) for n in tree.ancestors(call))
        return not is_repeated and not any(name.startswith("foreign.") for name in names)


def _nodes(functions: Iterable[Function]) -> set[cst.CSTNode]:
    return {function.node for function in functions}


def first_accesses(context: Context) -> Iterator[Change]:
    """One access to tensor data in front of the statements of this module that make the threads."""
    rule = context.rule("first-data-access")
    done: set[cst.CSTNode] = set()
    for call in context.plans.threads.calls:
        if context.plans.threads.places.module_of(call) != context.index:
            continue
        statement = _outermost(context, call)
        if statement in done:
            continue
        done.add(statement)
        tensor, kind = context.names.get("Tensor", statement), context.names.get("Type", statement)
        comment = context.newline + context.tree.indent(statement)
        parts = (f"# {rule.why}{comment}", tensor, "(", kind, ".f32, [1]).data")
        yield Change(rule, call, [insert_before(context.tree, statement, parts)], "migrated", rule.why)


def _outermost(context: Context, call: cst.Call) -> cst.CSTNode:
    """The statement of `call`, or the outermost loop or `with` around it in the same function."""
    found, scope = context.tree.block_statement(call), context.tree.scope(call)
    for parent in context.tree.ancestors(found):
        if isinstance(parent, (cst.FunctionDef, cst.ClassDef)) and parent is scope:
            break
        if isinstance(parent, _REPEATING) and context.tree.in_block(parent):
            found = parent
    return found
