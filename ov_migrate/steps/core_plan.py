"""Finds a core that already exists where a network has to be read."""

from __future__ import annotations

import libcst as cst

from ov_migrate.inference import Engine
from ov_migrate.steps.context import established
from ov_migrate.steps.places import Places
from ov_migrate.syntax import Tree, dotted


class CorePlan:
    """`core_at(module, node)` is an expression for a core that certainly exists at `node`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.places = Places(engine)

    def core_at(self, module: int, node: cst.CSTNode) -> str | None:
        """The text of a variable or attribute that was given a core before, on every way to `node`."""
        tree = self.places.tree(module)
        best: str | None = None
        for target in self._targets(tree):
            if self._dominates(tree, target, node):
                best = tree.source(target)
        return best or self._from_constructor(tree, node)

    def _targets(self, tree: Tree) -> list[cst.CSTNode]:
        found = []
        for holder in tree.all(cst.AssignTarget):
            if isinstance(holder.target, (cst.Name, cst.Attribute)) and self._is_core(holder.target):
                found.append(holder.target)
        return sorted(found, key=lambda target: tree.spans[target])

    def _is_core(self, target: cst.CSTNode) -> bool:
        kind = established(self.engine.facts.get(target, frozenset()))
        return kind is not None and kind.kind in ("core", "plugin")

    def _dominates(self, tree: Tree, target: cst.CSTNode, node: cst.CSTNode) -> bool:
        """True when the assignment stands in front of `node`, in its block or in one around it, of the same scope."""
        statement = tree.block_statement(target)
        if tree.spans[statement][1] > tree.spans[tree.block_statement(node)][0]:
            return False
        if tree.scope(target) is not tree.scope(node) and tree.scope(target) is not tree.module:
            return False
        block = tree.parents[statement]
        return block in tree.ancestors(node)

    def _from_constructor(self, tree: Tree, node: cst.CSTNode) -> str | None:
        """`self.core`, when `__init__` of the same class sets it and `node` is in another method."""
        method = tree.scope(node)
        if not isinstance(method, cst.FunctionDef) or method.name.value == "__init__" or not method.params.params:
            return None
        receiver = method.params.params[0].name.value
        for target in self._targets(tree):
            scope = tree.scope(target)
            if not isinstance(scope, cst.FunctionDef) or scope.name.value != "__init__":
                continue
            same_class = tree.parents[scope] is tree.parents[method]
            if same_class and isinstance(target, cst.Attribute) and dotted(target.value) == receiver:
                return tree.source(target)
        return None
