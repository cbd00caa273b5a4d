"""Places that hold an object: variables and attributes, and all the statements that put something there."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from ov_migrate.inference import Engine
from ov_migrate.inference.members import lineage
from ov_migrate.inference.values import NOTHING, Class, Instance, Kinds, ProjectModule, union
from ov_migrate.syntax import Scope, Tree, dotted


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


Place = Variable | Attribute


class Places:
    """Finds places and their bindings over all modules of an analysed project."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def tree(self, module: int) -> Tree:
        return self.engine.project.modules[module].tree

    def of(self, module: int, node: cst.BaseExpression) -> tuple[Place, ...]:
        """The places that `node` may mean: a name's variable, an attribute of each class the receiver may be."""
        if isinstance(node, cst.Name):
            variable = self.variable(module, node)
            return (variable,) if variable is not None else ()
        if not isinstance(node, cst.Attribute):
            return ()
        found: list[Place] = []
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

    def variable(self, module: int, node: cst.Name) -> Variable | None:
        """The variable a name means; None for the loop variable of a comprehension and for undefined names."""
        tree = self.tree(module)
        if _is_comprehension_variable(tree, node):
            return None
        scope = tree.scope(node)
        names = self.engine.project.modules[module].names
        owner = names.owner(scope, node.value)
        return Variable(module, owner, node.value) if owner is not None else None

    def attribute(self, cls: cst.CSTNode, name: str) -> Attribute:
        """The attribute, filed under the topmost class of the family, so that all its classes share it."""
        return Attribute(lineage(self.engine, cls)[-1], name)

    def bindings(self, place: Place) -> list[tuple[int, cst.CSTNode]]:
        """The targets that bind the place: names, parameters, imports, attributes; each with its module."""
        if isinstance(place, Variable):
            names = self.engine.project.modules[place.module].names.scopes[place.scope]
            return [(place.module, node) for node in names.bindings.get(place.name, ())]
        writes: set[cst.CSTNode] = set()
        for member in self.family(place.cls):
            writes |= self.engine.attribute_writes.get((member, place.name), set())
        located = [(self.module_of(node), node) for node in writes]
        return sorted(located, key=lambda item: (item[0], self.tree(item[0]).spans[item[1]]))

    def module_of(self, node: cst.CSTNode) -> int:
        """Index of the module whose tree holds `node`."""
        for index, module in enumerate(self.engine.project.modules):
            if node in module.tree.spans or node in module.tree.parents:
                return index
        raise KeyError(node)

    def function_of(self, param: cst.CSTNode) -> cst.FunctionDef | cst.Lambda:
        """The function that has the parameter."""
        tree = self.tree(self.module_of(param))
        return next(n for n in tree.ancestors(param) if isinstance(n, (cst.FunctionDef, cst.Lambda)))

    def family(self, cls: cst.CSTNode) -> list[cst.CSTNode]:
        """`cls` and all that inherit from it, directly or not."""
        family = [cls]
        for member in family:
            family += [sub for sub in self.engine.subclasses.get(member, ()) if sub not in family]
        return family

    def kinds(self, place: Place) -> Kinds:
        """All that any statement is seen to put there."""
        return union(NOTHING, *(self.facts(target) for _, target in self.bindings(place)))


def _is_comprehension_variable(tree: Tree, node: cst.Name) -> bool:
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


__all__ = ["Attribute", "Place", "Places", "Variable", "dotted"]
