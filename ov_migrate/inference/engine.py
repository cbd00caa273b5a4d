"""Runs the analysis: units of code (modules, functions, lambdas) are gone through until nothing new is learnt."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from functools import cached_property

import libcst as cst

from ov_migrate.inference.binding import Arguments, call_wrappers
from ov_migrate.inference.project import Module, Project
from ov_migrate.inference.pytest_fixtures import requests
from ov_migrate.inference.store import RETURN, Store
from ov_migrate.inference.values import NOTHING, UNKNOWN, Class, Function, Instance, Kinds, Legacy, LegacyName, union
from ov_migrate.knowledge.legacy_api import LegacyApi
from ov_migrate.syntax import Tree

Unit = cst.Module | cst.FunctionDef | cst.Lambda
_MOST_VISITS = 40
_LEGACY = frozenset({Legacy, LegacyName})
# The expressions whose facts are remembered.
_REMEMBERED: tuple[type[cst.CSTNode], ...] = (cst.Name, cst.Attribute, cst.Subscript, cst.Call)
_DEEPEST_CALL = 25


class Engine:
    """`facts` maps expressions to all they were seen to hold; `callees` and `callers` are the call graph. With `folds`
    only that arm of a choice between generations of the legacy API is followed which the newest of them takes."""

    def __init__(self, project: Project, api: LegacyApi, folds: bool = True) -> None:
        self.project = project
        self.api = api
        self.folds = folds
        self.store = Store()
        self.facts: dict[cst.CSTNode, Kinds] = {}
        self.callees: dict[cst.Call, set[Function]] = {}
        self.callers: dict[cst.CSTNode, set[cst.Call]] = {}
        # What stands around a decorated function: it is called with the same arguments.
        self.wrappers: dict[cst.CSTNode, dict[Function, None]] = {}
        # What pytest hands to tests, with the name that it goes by where that is not the function's.
        self.fixtures: dict[cst.FunctionDef, str] = {}
        self.subclasses: dict[cst.CSTNode, set[cst.CSTNode]] = {}
        self.bases: dict[cst.CSTNode, Kinds] = {}
        self.attribute_writes: dict[tuple[cst.CSTNode, str], set[cst.CSTNode]] = {}
        self.module_of: dict[cst.CSTNode, int] = {}
        self._visits: dict[Hashable, int] = {}
        self._running: list[Unit] = []

    def run(self) -> None:
        """Analyses all modules, then all that nobody calls, as if somebody did with arguments unknown."""
        units: list[Unit] = []
        for index, module in enumerate(self.project.modules):
            self.module_of[module.tree.module] = index
            units.append(module.tree.module)
            for function in _functions(module.tree):
                self.module_of[function] = index
        self._settle(units)
        self._visit_tests()
        self._visit_uncalled()

    def remember(self, node: cst.CSTNode, kinds: Kinds) -> None:
        """Adds to what `node` was seen to hold."""
        before = self.facts.get(node)
        if before is None:
            self.facts[node] = kinds
        elif not kinds <= before:
            self.facts[node] = before | kinds

    def result(self, function: cst.FunctionDef | cst.Lambda) -> Kinds:
        """What calling `function` gives, analysing it now when it is new. One whose parameters have grown is gone
        through again once for all its callers, which follow when it gives something new."""
        if function not in self._visits:
            self.visit(function)
        return self.store.read(function, RETURN)

    def visit(self, unit: Unit) -> None:
        """Goes through one unit once, unless that is under way already or was done too often."""
        from ov_migrate.inference.frame import Frame

        if unit in self._running or self._visits.get(unit, 0) >= _MOST_VISITS or len(self._running) >= _DEEPEST_CALL:
            return
        self._visits[unit] = self._visits.get(unit, 0) + 1
        self.store.changed.pop(unit, None)
        self._running.append(unit)
        reader, self.store.reader = self.store.reader, unit
        try:
            Frame(self, unit).run()
        finally:
            self.store.reader = reader
            self._running.pop()

    @cached_property
    def legacy_modules(self) -> list[tuple[int, Module]]:
        """The modules, with their index, in which some expression may be something of the legacy API; to be asked for
        once the analysis is done and what is folded away is hidden."""
        return [pair for pair in enumerate(self.project.modules) if self._has_legacy(pair[1].tree)]

    def _has_legacy(self, tree: Tree) -> bool:
        nodes = (node for kind in _REMEMBERED for node in tree.all(kind))
        return any(type(value) in _LEGACY for node in nodes for value in self.facts.get(node, ()))

    def visited(self, unit: Unit) -> bool:
        """True once `unit` has been gone through."""
        return unit in self._visits

    def _settle(self, units: Iterable[Unit]) -> None:
        for unit in units:
            self.visit(unit)
        while self.store.changed:
            ready = [unit for unit in self.store.changed if self._visits.get(unit, 0) < _MOST_VISITS]
            self.store.changed.clear()
            for again in ready:
                self.visit(again)  # type: ignore[arg-type]

    def _visit_tests(self) -> None:
        """Analyses tests and fixtures with what pytest hands to them, until nothing new is learnt of these."""
        asked = requests(self)
        for _ in range(_MOST_VISITS if asked else 0):
            for request in asked:
                request.fill(self)
            fresh = [request.function for request in asked if not self.visited(request.function)]
            if not fresh and not self.store.changed:
                return
            self._settle(fresh)

    def _visit_uncalled(self) -> None:
        """Analyses what is left, the likeliest not to be called first. Functions that are called somewhere by their
        names come one by one, since each may turn out to call the next."""
        functions = [(module.tree, f) for module in self.project.modules for f in _functions(module.tree)]
        called = {name for module in self.project.modules for name in _called_names(module.tree)}
        roots = [(tree, f) for tree, f in functions if not (isinstance(f, cst.FunctionDef) and f.name.value in called)]
        constructors = [
            (tree, f) for tree, f in functions if isinstance(f, cst.FunctionDef) and f.name.value == "__init__"
        ]
        unmade = [(tree, f) for tree, f in constructors if _class_name(tree, f) not in called]
        for group in (unmade, roots, constructors):
            self._settle(self._seeded(group))
        for pair in functions:
            self._settle(self._seeded([pair]))

    def _seeded(self, functions: Iterable[tuple[Tree, cst.FunctionDef | cst.Lambda]]) -> Iterator[Unit]:
        for tree, function in functions:
            if not self.visited(function):
                self._seed(tree, function)
                yield function

    def _seed(self, tree: Tree, function: cst.FunctionDef | cst.Lambda) -> None:
        params = [p.name.value for p in (*function.params.posonly_params, *function.params.params)]
        owner = tree.parents.get(tree.parents[function]) if isinstance(function, cst.FunctionDef) else None
        if isinstance(owner, cst.ClassDef) and params and not is_static(function):
            instances = self._instances(owner)
            self.store.write(function, "param:" + params.pop(0), instances)
            call_wrappers(self, function, instances, Arguments([UNKNOWN for _ in params]))
        for param in (*params, *(p.name.value for p in function.params.kwonly_params)):
            annotation = self.store.read(function, "annotation:" + param)
            self.store.write(function, "param:" + param, annotation or UNKNOWN)

    def _instances(self, cls: cst.CSTNode) -> Kinds:
        subclasses = self.subclasses.get(cls, set())
        if not subclasses:
            return frozenset({Instance(Class(cls))})
        return union(NOTHING, *(self._instances(sub) for sub in subclasses))


def is_static(function: cst.FunctionDef | cst.Lambda) -> bool:
    """True for a function under `@staticmethod`, whose first parameter is no instance."""
    decorators = function.decorators if isinstance(function, cst.FunctionDef) else ()
    return any(isinstance(d.decorator, cst.Name) and d.decorator.value == "staticmethod" for d in decorators)


def _functions(tree: Tree) -> list[cst.FunctionDef | cst.Lambda]:
    return [*tree.all(cst.FunctionDef), *tree.all(cst.Lambda)]


def _class_name(tree: Tree, constructor: cst.CSTNode) -> str:
    owner = tree.parents.get(tree.parents[constructor])
    return owner.name.value if isinstance(owner, cst.ClassDef) else ""


def _called_names(tree: Tree) -> set[str]:
    names = set()
    for call in tree.all(cst.Call):
        if isinstance(call.func, cst.Name):
            names.add(call.func.value)
        elif isinstance(call.func, cst.Attribute):
            names.add(call.func.attr.value)
    return names
