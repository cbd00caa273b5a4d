"""Attributes of the project's own objects: renamed in a whole family of classes, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import libcst as cst

from ov_migrate.inference import Engine, Module
from ov_migrate.inference.values import Class, Instance, Kinds, Super, Unknown, Value
from ov_migrate.syntax import Tree, last_name
from ov_migrate.variables.table import new_name

_BY_TEXT = frozenset({"getattr", "setattr", "hasattr", "delattr", "vars", "attrgetter", "asdict", "replace"})


@dataclass
class Attribute:
    """One attribute of one family of classes: all places of its name, and what it becomes."""

    name: str
    places: list[tuple[Tree, cst.Name]] = field(default_factory=list)
    reads: list[Kinds] = field(default_factory=list)
    new: str = ""


class Attributes:
    """All attributes that the modules of a project use, by family."""

    def __init__(self, modules: Sequence[Module], engine: Engine) -> None:
        self.engine = engine
        self._family: dict[cst.CSTNode, cst.CSTNode] = {}
        self._open: set[cst.CSTNode] = set()
        self.found: dict[tuple[cst.CSTNode, str], Attribute] = {}
        self.unclear: set[str] = set()
        self.is_looked_up_by_text = False
        for module in modules:
            self._join(module.tree)
        for module in modules:
            self._read(module.tree)

    def _join(self, tree: Tree) -> None:
        """Puts classes into families: those that inherit from each other."""
        for cls in tree.all(cst.ClassDef):
            for base in cls.bases:
                kinds = self.engine.facts.get(base.value, frozenset())
                own = [value.node for value in kinds if isinstance(value, Class)]
                for node in own:
                    self._family[self._root(cls)] = self._root(node)
                if not own and last_name(base.value) not in ("object", "ABC", "Thread"):
                    self._open.add(cls)

    def _root(self, cls: cst.CSTNode) -> cst.CSTNode:
        while self._family.get(cls, cls) is not cls:
            cls = self._family[cls]
        return cls

    def _read(self, tree: Tree) -> None:
        for node in tree.all(cst.Attribute):
            self._add(tree, node)
        for call in tree.all(cst.Call):
            if last_name(call.func) in _BY_TEXT:
                self.is_looked_up_by_text = True
        self.unclear |= {str(text.raw_value) for text in tree.all(cst.SimpleString)}
        self.unclear |= {name for cls in tree.all(cst.ClassDef) for name in _class_names(cls)}
        self.unclear |= {"__dict__"} & {node.attr.value for node in tree.all(cst.Attribute)}

    def _add(self, tree: Tree, node: cst.Attribute) -> None:
        families = {self._family_of(value) for value in self.engine.facts.get(node.value, frozenset({Unknown()}))}
        owners = {family for family in families if family is not None}
        name = node.attr.value
        if not owners and _NOBODY not in families:
            return
        if len(families) != 1 or _NOBODY in families:
            self.unclear.add(name)
            return
        family = owners.pop()
        attribute = self.found.setdefault((family, name), Attribute(name))
        attribute.places.append((tree, node.attr))
        if not _is_target(tree, node):
            attribute.reads.append(self.engine.facts.get(node, frozenset()))

    def _family_of(self, value: Value) -> cst.CSTNode | None:
        """The family of an object; None for what has other attributes, `_NOBODY` for what may be anything."""
        if isinstance(value, Instance):
            return self._root(value.cls.node)
        if isinstance(value, Class):
            return self._root(value.node)
        return _NOBODY if isinstance(value, (Unknown, Super)) else None

    def renamed(self) -> Iterable[Attribute]:
        """The attributes that get another name, each with it. The fields of a namedtuple, which a call makes, stand in
        a text."""
        if self.is_looked_up_by_text or "__dict__" in self.unclear:
            return
        closed = {self._root(cls) for cls in self._open}
        for (family, name), attribute in list(self.found.items()):
            new = new_name(name, attribute.reads)
            if not new or name in self.unclear or new in self.unclear:
                continue
            if family in closed or not isinstance(family, cst.ClassDef):
                continue
            if (family, new) not in self.found:
                attribute.new = new
                self.found[family, new] = attribute
                yield attribute


# Stands for the family of an object that nobody could follow.
_NOBODY = cst.Pass()


def _is_target(tree: Tree, node: cst.Attribute) -> bool:
    parent = tree.parents[node]
    return isinstance(parent, (cst.AssignTarget, cst.AnnAssign, cst.Del)) and parent.target is node


def _class_names(cls: cst.ClassDef) -> Iterable[str]:
    """What a class has by name: methods, and names that are set in its body."""
    for statement in cls.body.body:
        if isinstance(statement, cst.FunctionDef):
            yield statement.name.value
        for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
            targets = [t.target for t in small.targets] if isinstance(small, cst.Assign) else []
            targets += [small.target] if isinstance(small, cst.AnnAssign) else []
            yield from (target.value for target in targets if isinstance(target, cst.Name))
