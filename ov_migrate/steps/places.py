"""Places that hold an object: variables and attributes, and all the statements that put something there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import libcst as cst

from ov_migrate.inference import Engine
from ov_migrate.inference.members import lineage
from ov_migrate.inference.values import NOTHING, Class, Container, Function, Instance, Kinds, ProjectModule, union
from ov_migrate.syntax import Scope, Tree, dotted

N = TypeVar("N", bound=cst.CSTNode)


class Unsupported(Exception):
    """Something that belongs to an object cannot be carried to some place; the text says why."""


@dataclass(frozen=True)
class Variable:
    """The variable `name` of `scope`, in the module with that index."""

    module: int
    scope: Scope
    name: str


@dataclass(frozen=True)
class Attribute:
    """The attribute `name` of the instances of `cls` (or of the class itself)."""

    cls: cst.CSTNode
    name: str


Named = Variable | Attribute


@dataclass(frozen=True)
class Items:
    """The items of the list or dictionary that is kept at `of`."""

    of: Named

    @property
    def name(self) -> str:
        return self.of.name


Place = Named | Items


class Places:
    """Finds places and their bindings over all modules of an analysed project."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def tree(self, module: int) -> Tree:
        return self.engine.project.modules[module].tree

    def holders(self, module: int, node: cst.BaseExpression) -> tuple[Place, ...]:
        """The places that `node` may mean, the items of a container among them: `exec_nets[key]`."""
        if isinstance(node, cst.Subscript):
            is_index = len(node.slice) == 1 and isinstance(node.slice[0].slice, cst.Index)
            is_container = any(isinstance(value, Container) for value in self.facts(node.value))
            return tuple(map(Items, self.of(module, node.value))) if is_index and is_container else ()
        return self.of(module, node)

    def of(self, module: int, node: cst.BaseExpression) -> tuple[Named, ...]:
        """The places that `node` may mean: a name's variable, an attribute of each class the receiver may be."""
        if isinstance(node, cst.Name):
            variable = self.variable(module, node)
            return (variable,) if variable is not None else ()
        if not isinstance(node, cst.Attribute):
            return ()
        found: list[Named] = []
        for value in self.facts(node.value):
            if isinstance(value, Instance):
                found.append(self.attribute(value.cls.node, node.attr.value))
            elif isinstance(value, Class):
                found.append(self.attribute(value.node, node.attr.value))
            elif isinstance(value, ProjectModule):
                scope = self.tree(value.index).module
                found.append(Variable(value.index, scope, node.attr.value))
        return tuple(dict.fromkeys(found))

    def facts(self, node: cst.CSTNode) -> Kinds:
        return self.engine.facts.get(node, frozenset())

    def held(self, node: cst.CSTNode) -> Kinds:
        """All that a target is seen to be given; for a parameter what the callers pass."""
        if isinstance(node, cst.Param):
            return self.engine.store.read(self.function_of(node), "param:" + node.name.value)
        return self.facts(node)

    def variable(self, module: int, node: cst.Name) -> Variable | None:
        """The variable a name means; None for the loop variable of a comprehension and for undefined names."""
        tree = self.tree(module)
        if is_comprehension_variable(tree, node):
            return None
        scope = tree.scope(node)
        names = self.engine.project.modules[module].names
        owner = names.owner(scope, node.value)
        return Variable(module, owner, node.value) if owner is not None else None

    def attribute(self, cls: cst.CSTNode, name: str) -> Attribute:
        """The attribute, filed under the topmost class of the family, so that all its classes share it."""
        return Attribute(lineage(self.engine, cls)[-1], name)

    def parameter(self, param: cst.Param) -> Variable:
        """The variable that a parameter is."""
        return Variable(self.module_of(param), self.function_of(param), param.name.value)

    def callers(self, function: cst.CSTNode) -> list[cst.Call]:
        """The calls that are seen to call `function`, in the order of the source."""
        return self.in_order(self.engine.callers.get(function, ()))

    def callees(self, call: cst.CSTNode) -> list[Function]:
        """The functions that `call` may call, each once, in the order of the source."""
        found = self.engine.callees.get(call, set()) if isinstance(call, cst.Call) else set()
        distinct = {(function.node, function.receiver is None): function for function in found}
        if len(distinct) == 1:
            return list(distinct.values())
        return sorted(distinct.values(), key=lambda function: self.order(function.node))

    def in_order(self, nodes: Iterable[N]) -> list[N]:
        """`nodes` by module and by where they stand there."""
        found = list(nodes)
        return sorted(found, key=self.order) if len(found) > 1 else found

    def order(self, node: cst.CSTNode) -> tuple[int, tuple[int, ...]]:
        """A sort key: the module of `node`, and where it stands there."""
        module = self.module_of(node)
        return module, self.tree(module).path(node)

    def named(self, function: Function, name: str) -> list[cst.CSTNode]:
        """What binds `name` in a function: parameters and targets."""
        names = self.engine.project.modules[self.engine.module_of[function.node]].names
        return names.scopes[function.node].bindings.get(name, [])

    def bindings(self, place: Named) -> list[tuple[int, cst.CSTNode]]:
        """The targets that bind the place: names, parameters, imports, attributes; each with its module."""
        if isinstance(place, Variable):
            names = self.engine.project.modules[place.module].names.scopes[place.scope]
            return [(place.module, node) for node in names.bindings.get(place.name, ())]
        writes: set[cst.CSTNode] = set()
        for member in self.family(place.cls):
            writes |= self.engine.attribute_writes.get((member, place.name), set())
        return [(self.module_of(node), node) for node in self.in_order(writes)]

    def module_of(self, node: cst.CSTNode) -> int:
        """Index of the module whose tree holds `node`."""
        known = self.engine.module_of
        index = known.get(node)
        if index is None:
            modules = enumerate(self.engine.project.modules)
            index = known[node] = next(index for index, module in modules if node in module.tree.parents)
        return index

    def function_of(self, param: cst.CSTNode) -> cst.FunctionDef | cst.Lambda:
        """The function that has the parameter."""
        tree = self.tree(self.module_of(param))
        return next(n for n in tree.ancestors(param) if isinstance(n, (cst.FunctionDef, cst.Lambda)))

    def family(self, cls: cst.CSTNode) -> list[cst.CSTNode]:
        """`cls` and all that inherit from it, directly or not."""
        family = [cls]
        for member in family:
            found = [sub for sub in self.engine.subclasses.get(member, ()) if sub not in family]
            family += sorted(found, key=self._class_order)
        return family

    def _class_order(self, cls: cst.CSTNode) -> tuple[int, int]:
        module = self.module_of(cls)
        return module, self.tree(module).all(cst.ClassDef).index(cls)  # type: ignore[arg-type]

    def kinds(self, place: Named) -> Kinds:
        """All that any statement is seen to put there."""
        return union(NOTHING, *(self.facts(target) for _, target in self.bindings(place)))


def is_comprehension_variable(tree: Tree, node: cst.Name) -> bool:
    """True for a name that a comprehension around it binds."""
    for parent in tree.ancestors(node):
        if isinstance(parent, (cst.ListComp, cst.SetComp, cst.GeneratorExp, cst.DictComp)):
            clause: cst.CompFor | None = parent.for_in
            while clause is not None:
                if any(isinstance(n, cst.Name) and n.value == node.value for n in _names(clause.target)):
                    return True
                clause = clause.inner_for_in
        if isinstance(parent, cst.BaseSmallStatement):
            return False
    return False


def _names(target: cst.CSTNode) -> list[cst.CSTNode]:
    if isinstance(target, (cst.Tuple, cst.List)):
        return [name for element in target.elements for name in _names(element.value)]
    return [target]


__all__ = ["Attribute", "Items", "Named", "Place", "Places", "Unsupported", "Variable", "dotted"]
