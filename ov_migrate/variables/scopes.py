"""Variables and parameters of one module: which may be renamed, and all places of their names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import libcst as cst

from ov_migrate.inference import Engine
from ov_migrate.inference.names import NameTable
from ov_migrate.inference.values import Kinds
from ov_migrate.syntax import Scope, Tree
from ov_migrate.variables.table import new_name

# With these in a module its names may be looked up by their texts.
_BY_TEXT = frozenset({"locals", "globals", "vars", "eval", "exec", "dir"})


@dataclass
class Variable:
    """One variable: the scope it belongs to, all places of its name, and what it becomes."""

    scope: Scope
    name: str
    places: list[cst.Name] = field(default_factory=list)
    new: str = ""

    @property
    def first(self) -> cst.Name:
        return self.places[0]


class ModuleVariables:
    """The variables of one module. `taken` grows with each name that is given."""

    def __init__(self, tree: Tree, names: NameTable, engine: Engine) -> None:
        self.tree, self.names, self.engine = tree, names, engine
        self.variables: dict[tuple[Scope, str], Variable] = {}
        self._scopes: dict[cst.Name, Scope] = {}
        self._free: dict[str, list[tuple[Scope, Scope | None]]] = {}
        for node in tree.all(cst.Name):
            if not _is_no_variable(tree, node):
                self._add(node)

    def _add(self, node: cst.Name) -> None:
        scope = self._scope(node)
        owner = self.names.owner(scope, node.value)
        self._scopes[node] = scope
        self._free.setdefault(node.value, []).append((scope, owner))
        if owner is not None:
            key = owner, node.value
            self.variables.setdefault(key, Variable(*key)).places.append(node)

    def _scope(self, node: cst.Name) -> Scope:
        parent = self.tree.parents[node]
        if isinstance(parent, cst.Param) and parent.name is node:
            return next(a for a in self.tree.ancestors(parent) if isinstance(a, (cst.FunctionDef, cst.Lambda)))
        return self.tree.scope(node)

    @property
    def is_looked_up_by_text(self) -> bool:
        """True when code in the module may mean variables by texts."""
        debugging = any(part.equal is not None for part in self.tree.all(cst.FormattedStringExpression))
        called = {node.func.value for node in self.tree.all(cst.Call) if isinstance(node.func, cst.Name)}
        return debugging or bool(called & _BY_TEXT)

    def renamed(self, variable: Variable) -> str:
        """The name that a variable would get; "" when it stays."""
        bindings = self.names.scopes[variable.scope].bindings.get(variable.name, [])
        if isinstance(variable.scope, cst.ClassDef) or not all(isinstance(b, (cst.Name, cst.Param)) for b in bindings):
            return ""
        new = new_name(variable.name, self._reads(variable))
        return new if new and not self.collides(variable, new) else ""

    def _reads(self, variable: Variable) -> list[Kinds]:
        targets = {id(node) for node in self.names.scopes[variable.scope].bindings.get(variable.name, [])}
        reads = [node for node in variable.places if id(node) not in targets and not self._is_declaration(node)]
        return [self.engine.facts.get(node, frozenset()) for node in reads if not self._is_parameter(node)]

    def _is_declaration(self, node: cst.Name) -> bool:
        return isinstance(self.tree.parents[node], (cst.NameItem, cst.Del))

    def _is_parameter(self, node: cst.Name) -> bool:
        parent = self.tree.parents[node]
        return isinstance(parent, cst.Param) and parent.name is node

    def collides(self, variable: Variable, new: str) -> bool:
        """True when `new` would mean something else at one of the variable's places, or would be meant elsewhere."""
        scope = variable.scope
        if new in self.names.scopes[scope].bound:
            return True
        for user, owner in self._free.get(new, ()):
            if self._is_inside(user, scope) and (owner is None or not self._is_inside(owner, scope)):
                return True
        between = {inner for node in variable.places for inner in self._between(self._scopes[node], scope)}
        return any(new in self.names.scopes[inner].bound for inner in between)

    def give(self, variable: Variable, new: str) -> None:
        """Notes that a variable has got a name, so that no other one takes it."""
        variable.new = new
        self.names.scopes[variable.scope].bound.add(new)
        self._free.setdefault(new, []).extend((self._scopes[node], variable.scope) for node in variable.places)

    def _is_inside(self, inner: Scope, outer: Scope) -> bool:
        return inner is outer or any(scope is outer for scope in self.tree.ancestors(inner))

    def _between(self, inner: Scope, outer: Scope) -> Iterable[Scope]:
        current = inner
        while current is not outer and current is not self.tree.module:
            yield current
            current = self.tree.scope(current)


def _is_no_variable(tree: Tree, node: cst.Name) -> bool:
    parent = tree.parents[node]
    if isinstance(parent, cst.Attribute):
        return parent.attr is node or any(isinstance(a, (cst.Import, cst.ImportFrom)) for a in tree.ancestors(parent))
    if isinstance(parent, cst.Arg):
        return parent.keyword is node
    if isinstance(parent, (cst.FunctionDef, cst.ClassDef)):
        return parent.name is node
    return isinstance(parent, (cst.ImportAlias, cst.ImportFrom)) or (
        isinstance(parent, cst.AsName) and isinstance(tree.parents[parent], cst.ImportAlias)
    )
