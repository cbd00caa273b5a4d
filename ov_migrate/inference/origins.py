"""Where a value may have come from: the bindings of a name, the writes of an attribute, the callers of a function.

Nothing here is kept while the analysis runs: what it left behind, its facts and its call graph, is read backwards, for
the few expressions that a report asks about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TypeVar

import libcst as cst

from ov_migrate.inference.engine import Engine, is_static
from ov_migrate.inference.members import lineage
from ov_migrate.inference.project import import_path
from ov_migrate.inference.puts import Origin, Step, puts
from ov_migrate.inference.values import Builtin, Class, Container, Instance, Kinds, ProjectModule, Value
from ov_migrate.inference.written import COMPREHENSIONS, arguments_for, binds, items, parameters, unpacked
from ov_migrate.syntax import Tree, below, dotted

N = TypeVar("N", bound=cst.CSTNode)
Position = tuple[int, tuple[int, ...]]
_PARTS_OF_TARGETS = (cst.Tuple, cst.List, cst.Element, cst.StarredElement)


class Origins:
    """Answers over all modules of one analysis."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._modules: dict[cst.CSTNode, int] = {}

    def tree(self, module: int) -> Tree:
        """The tree of a module."""
        return self.engine.project.modules[module].tree

    def module_of(self, node: cst.CSTNode) -> int:
        """The module that `node` stands in."""
        if node not in self._modules:
            self._modules[node] = next(index for index, tree in self._trees() if node in tree.parents)
        return self._modules[node]

    def ordered(self, kinds: Kinds) -> list[Value]:
        """The values in the order in which they stand in the program, so that a run says the same each time."""
        return sorted(kinds, key=self._order) if len(kinds) > 1 else list(kinds)

    def _order(self, value: Value) -> tuple[str, str, Position]:
        held = getattr(value, "receiver", None) or getattr(value, "cls", None) or value
        node = getattr(held, "origin", None) or getattr(held, "node", None)
        text = str(getattr(held, "kind", "") or getattr(held, "name", ""))
        return type(value).__name__, text, self.place(node) if isinstance(node, cst.CSTNode) else (-1, ())

    def place(self, node: cst.CSTNode) -> Position:
        """Where `node` stands: its module, and its place in the order of the source there."""
        module = self.module_of(node)
        return module, self.tree(module).path(node)

    def _sorted(self, nodes: Iterable[N]) -> list[N]:
        found = list(nodes)
        return sorted(found, key=self.place) if len(found) > 1 else found

    def name(self, module: int, node: cst.Name) -> list[Origin]:
        """Where a variable has its value from; bindings in front of the place that reads it come first, the nearest of
        them before the others."""
        tree = self.tree(module)
        for parent in tree.ancestors(node):
            if isinstance(parent, COMPREHENSIONS):
                clause: cst.CompFor | None = parent.for_in
                while clause is not None:
                    if binds(clause.target, node.value):
                        return [Origin(module, clause.iter, (Step(module, clause, "{value}, one after the other"),))]
                    clause = clause.inner_for_in
        names = self.engine.project.modules[module].names
        scope = tree.scope(node)
        owner = names.owner(scope, node.value)
        if owner is None:
            return [Origin(module, None, lost=f"nothing in this file binds `{node.value}`")]
        bindings = [b for b in names.scopes[owner].bindings.get(node.value, ()) if b is not node]
        if owner is scope:
            here = tree.path(node)
            before = [b for b in bindings if tree.path(b) < here]
            bindings = before[::-1] + [b for b in bindings if b not in before][::-1]
        return [origin for binding in bindings for origin in self._binding(module, node.value, binding)]

    def variable(self, module: int, name: str) -> list[Origin]:
        """Where a variable of a module has its value from, as other modules see it."""
        names = self.engine.project.modules[module].names
        bindings = names.scopes[self.tree(module).module].bindings.get(name, ())
        return [origin for binding in reversed(bindings) for origin in self._binding(module, name, binding)]

    def attribute(self, module: int, node: cst.Attribute, receivers: Kinds) -> list[Origin]:
        """Where an attribute of an object of the program has its value from; writes in the same function first."""
        engine, name = self.engine, node.attr.value
        found: list[Origin] = []
        for value in self.ordered(receivers):
            if isinstance(value, ProjectModule):
                found += self.variable(value.index, name)
            elif isinstance(value, (Instance, Class)):
                cls = value.cls.node if isinstance(value, Instance) else value.node
                family = [*lineage(engine, cls), *self._heirs(cls)]
                targets = {t for c in family for t in engine.attribute_writes.get((c, name), ()) if t is not node}
                places = [(self.module_of(target), target) for target in targets]
                near = self.tree(module).scope(node)
                places.sort(key=lambda place: self.place(place[1]), reverse=True)
                places.sort(key=lambda place: (self.tree(place[0]).scope(place[1]) is not near, place[0]))
                found += [origin for place, target in places for origin in self._target(place, target)]
                found += [origin for c in family if isinstance(c, cst.ClassDef) for origin in self._in_class(c, name)]
                if not found and not any(engine.store.has(c, "__init__") for c in lineage(engine, cls)):
                    found += self._fields(cls)
        if not found:
            found.append(Origin(module, None, lost=self._unwritten(receivers, dotted(node) or node.attr.value)))
        return found

    def parameter(self, function: cst.FunctionDef | cst.Lambda, name: str) -> list[Origin]:
        """What the callers of a function hand over as the parameter `name`, and its default."""
        module = self.engine.module_of[function]
        title = f"`{function.name.value}`" if isinstance(function, cst.FunctionDef) else "this lambda"
        taken = Step(module, function, f"parameter `{name}` of {title}: {{value}}")
        found: list[Origin] = []
        for caller, call in self._callers(function):
            handed = Step(caller, call, f"handed to {title} as `{name}`")
            arguments = arguments_for(call, function, name, self._is_method(function))
            found += [Origin(caller, value, (handed, taken)) for value in arguments]
        param = next((p for p in parameters(function) if p.name.value == name), None)
        if param is not None and param.default is not None:
            found.append(Origin(module, param.default, (taken,)))
        if param is not None and param.annotation is not None:
            found.append(Origin(module, param.annotation.annotation, (taken,)))
        if not self.engine.callers.get(function):
            maker = self._class_of(function)
            nobody = f"nobody in the given files {f'makes a `{maker}`' if maker else f'calls {title}'}"
            found.append(Origin(module, None, (taken,), lost=nobody))
        return found

    def results(self, function: cst.FunctionDef | cst.Lambda) -> list[Origin]:
        """What a function of the program returns or yields."""
        module = self.engine.module_of[function]
        if isinstance(function, cst.Lambda):
            return [Origin(module, function.body)]
        tree = self.tree(module)
        found = []
        for node in below(function.body):
            if not isinstance(node, (cst.Return, cst.Yield)) or tree.scope(node) is not function:
                continue
            value = node.value.item if isinstance(node.value, cst.From) else node.value
            if value is not None:
                said = "returned" if isinstance(node, cst.Return) else "yielded"
                found.append(
                    Origin(module, value, (Step(module, node, f"{said} by `{function.name.value}`: {{value}}"),))
                )
        return found

    def contents(self, container: Container) -> Iterator[Origin]:
        """What was put into a list, tuple, set or dict of the program."""
        node = container.node
        if isinstance(node, (cst.FunctionDef, cst.Lambda)):
            yield from self.results(node)
            return
        module = self.module_of(node)
        if isinstance(node, cst.Param):
            yield from self._starred(module, node)
        else:
            yield from (Origin(module, value) for value in items(node))
        yield from self._puts.get(node, ())

    def _binding(self, module: int, name: str, binding: cst.CSTNode) -> list[Origin]:
        tree = self.tree(module)
        if isinstance(binding, cst.Param):
            function = tree.parents[tree.parents[binding]]
            assert isinstance(function, (cst.FunctionDef, cst.Lambda))
            return self.parameter(function, name)
        if isinstance(binding, cst.ImportAlias):
            return self._imported(module, name, binding)
        if isinstance(binding, cst.Name):
            return self._target(module, binding)
        return []

    def _target(self, module: int, target: cst.CSTNode) -> list[Origin]:
        """Where an assignment target, or a variable in one, has its value from."""
        tree = self.tree(module)
        holder = tree.parents[target]
        path: list[int] = []
        child = target
        while isinstance(holder, _PARTS_OF_TARGETS):
            if isinstance(holder, (cst.Tuple, cst.List)):
                path.insert(0, next(i for i, e in enumerate(holder.elements) if e is child))
            child, holder = holder, tree.parents[holder]
        statement = tree.parents[holder] if isinstance(holder, (cst.AssignTarget, cst.AsName)) else holder
        value = statement.item if isinstance(statement, cst.WithItem) else getattr(statement, "value", None)
        what = "{value}"
        if isinstance(statement, cst.For):
            value, what = statement.iter, "{value}, one after the other"
        if value is None:
            return []
        step = Step(module, statement, what, target)
        return [Origin(module, part, (step,)) for part in unpacked(value, path)]

    def _imported(self, module: int, name: str, alias: cst.ImportAlias) -> list[Origin]:
        tree = self.tree(module)
        statement = tree.parents[alias]
        here = Step(module, statement, "{value}")
        path, level = import_path(statement) if isinstance(statement, cst.ImportFrom) else (dotted(alias.name) or "", 0)
        packages = {*self.engine.api.packages, *self.engine.api.building_packages}
        if not level and any(f"{package}.".startswith(f"{path}.") for package in packages):
            return [Origin(module, None, (here,))]
        index = self.engine.project.find(path, level, module)
        if index is not None and isinstance(statement, cst.ImportFrom):
            original = dotted(alias.name) or name
            found = self.variable(index, original)
            return [Origin(o.module, o.value, (*o.steps, here), o.lost) for o in found] or [
                Origin(module, None, (here,), f"`{path}` does not bind `{original}` where it could be followed")
            ]
        front = "." * level
        return [Origin(module, None, (here,), f"`{front}{path}` is not among the given files")]

    def _in_class(self, cls: cst.ClassDef, name: str) -> list[Origin]:
        module = self.module_of(cls)
        found: list[Origin] = []
        for binding in self.engine.project.modules[module].names.scopes[cls].bindings.get(name, ()):
            if isinstance(binding, cst.FunctionDef):
                found += self.results(binding)
            elif isinstance(binding, cst.Name):
                found += self._target(module, binding)
        return found

    def _fields(self, cls: cst.CSTNode) -> list[Origin]:
        """What the calls of a dataclass or a named tuple are given."""
        found = []
        for module, call in self._calls():
            if any(isinstance(value, Class) and value.node is cls for value in self.engine.facts.get(call.func, ())):
                step = Step(module, call, "{value}")
                found += [Origin(module, arg.value, (step,)) for arg in call.args]
        return found

    @cached_property
    def _puts(self) -> dict[cst.CSTNode, list[Origin]]:
        return puts(self.engine)

    def _starred(self, module: int, star: cst.Param) -> list[Origin]:
        tree = self.tree(module)
        function = tree.parents[tree.parents[star]]
        assert isinstance(function, (cst.FunctionDef, cst.Lambda))
        title = f"`{function.name.value}`" if isinstance(function, cst.FunctionDef) else "this lambda"
        return [
            Origin(caller, arg.value, (Step(caller, call, f"handed to {title}"),))
            for caller, call in self._callers(function)
            for arg in call.args
        ]

    def _callers(self, function: cst.FunctionDef | cst.Lambda) -> list[tuple[int, cst.Call]]:
        calls = self._sorted(self.engine.callers.get(function, ()))
        return [(self.module_of(call), call) for call in calls]

    def _calls(self) -> Iterator[tuple[int, cst.Call]]:
        return ((module, call) for module, tree in self._trees() for call in tree.all(cst.Call))

    def _trees(self) -> Iterable[tuple[int, Tree]]:
        return enumerate(module.tree for module in self.engine.project.modules)

    def _heirs(self, cls: cst.CSTNode) -> list[cst.CSTNode]:
        direct = self._sorted(self.engine.subclasses.get(cls, ()))
        return [*direct, *(heir for sub in direct for heir in self._heirs(sub))]

    def _class_of(self, function: cst.FunctionDef | cst.Lambda) -> str:
        tree = self.tree(self.engine.module_of[function])
        owner = tree.parents.get(tree.parents[function])
        is_constructor = isinstance(function, cst.FunctionDef) and function.name.value == "__init__"
        return owner.name.value if is_constructor and isinstance(owner, cst.ClassDef) else ""

    def _is_method(self, function: cst.FunctionDef | cst.Lambda) -> bool:
        tree = self.tree(self.engine.module_of[function])
        return isinstance(tree.parents.get(tree.parents[function]), cst.ClassDef) and not is_static(function)

    def _has_base_elsewhere(self, cls: cst.CSTNode) -> bool:
        bases = (base for node in lineage(self.engine, cls) for base in self.engine.bases.get(node, ()))
        return any(not isinstance(base, Class) and base != Builtin("object") for base in bases)

    def _unwritten(self, receivers: Kinds, text: str) -> str:
        for value in receivers:
            if isinstance(value, Instance) and self._has_base_elsewhere(value.cls.node):
                return f"`{text}` may be set by a base class that is not among the given files"
        return f"nothing in the given files assigns `{text}`"
