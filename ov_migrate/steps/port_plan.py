"""What the code shows about how many inputs and outputs a network has."""

from __future__ import annotations

import libcst as cst

from ov_migrate.inference import Engine
from ov_migrate.steps.context import established
from ov_migrate.syntax import Tree

_SIDES = {"inputs": "input", "input_info_map": "input", "outputs": "output"}


class PortPlan:
    """`is_many(origins, side)` and `is_one(origins, side)`: evidence about the ports of a network."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._many: set[tuple[cst.CSTNode | None, str]] = set()
        self._one: set[tuple[cst.CSTNode | None, str]] = set()
        for module in engine.project.modules:
            for kind in (cst.Attribute, cst.Name):
                for node in module.tree.all(kind):
                    found = established(engine.facts.get(node, frozenset()))
                    if found is not None and found.kind in _SIDES:
                        self._look(module.tree, node, {(origin, _SIDES[found.kind]) for origin in found.origins})

    def is_many(self, origins: frozenset[cst.CSTNode | None], side: str) -> bool:
        """The code loops over these ports, or asks for another than the first."""
        return any((origin, side) in self._many for origin in origins)

    def is_one(self, origins: frozenset[cst.CSTNode | None], side: str) -> bool:
        """The code makes sure that there is one port only."""
        return all((origin, side) in self._one for origin in origins)

    def _look(self, tree: Tree, node: cst.CSTNode, keys: set[tuple[cst.CSTNode | None, str]]) -> None:
        view = view_of(tree, node)
        parent = tree.parents[view]
        if isinstance(parent, (cst.For, cst.CompFor)) and parent.iter is view:
            self._many |= keys
        if isinstance(parent, cst.Arg):
            call = tree.parents[parent]
            if isinstance(call, cst.Call) and isinstance(call.func, cst.Name):
                self._look_at_call(tree, call, call.func.value, keys)

    def _look_at_call(self, tree: Tree, call: cst.Call, name: str, keys: set[tuple[cst.CSTNode | None, str]]) -> None:
        parent = tree.parents[call]
        if name == "len" and isinstance(parent, cst.Comparison) and _compares_with_one(tree, parent):
            self._one |= keys
        elif name in ("enumerate", "zip", "sorted", "map"):
            self._many |= keys
        elif name in ("list", "tuple") and isinstance(parent, cst.Subscript):
            index = parent.slice[0].slice
            text = tree.source(index.value) if isinstance(index, cst.Index) else ":"
            if text != "0":
                self._many |= keys


def view_of(tree: Tree, node: cst.CSTNode) -> cst.CSTNode:
    """`x.keys()`, `x.values()` or `x.items()` around `x`, else `x` itself."""
    parent = tree.parents[node]
    if isinstance(parent, cst.Attribute) and parent.value is node and parent.attr.value in ("keys", "values", "items"):
        call = tree.parents[parent]
        if isinstance(call, cst.Call) and call.func is parent and not call.args:
            return call
    return node


def _compares_with_one(tree: Tree, node: cst.Comparison) -> bool:
    """`len(x) == 1` in an assert, or `len(x) != 1` in an `if` that leaves."""
    target = node.comparisons[0]
    if not (isinstance(target.comparator, cst.Integer) and target.comparator.value == "1"):
        return False
    parent = tree.parents[node]
    if isinstance(parent, cst.Assert):
        return isinstance(target.operator, cst.Equal)
    if isinstance(parent, cst.If) and isinstance(target.operator, (cst.NotEqual, cst.GreaterThan)):
        return _leaves(parent.body)
    return False


def _leaves(body: cst.BaseSuite) -> bool:
    last = body.body[-1] if body.body else None
    statement = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last
    if isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call):
        func = statement.value.func
        return isinstance(func, (cst.Name, cst.Attribute)) and (
            func.value if isinstance(func, cst.Name) else func.attr.value
        ) in ("exit", "quit", "_exit")
    return isinstance(statement, (cst.Return, cst.Raise))
