"""Finds a core that already exists where a network has to be read."""

from __future__ import annotations

from collections.abc import Container

import libcst as cst

from ov_migrate.inference import Engine
from ov_migrate.inference.engine import is_static
from ov_migrate.inference.values import NONE
from ov_migrate.steps.context import established
from ov_migrate.steps.places import Places
from ov_migrate.syntax import Tree, dotted


class CorePlan:
    """`core_at(module, node)` is an expression for a core that certainly exists at `node`; `moved` are the calls that
    made a core behind the place where it is needed first, with that place."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.places = Places(engine)
        self.moved: dict[cst.CSTNode, cst.CSTNode] = {}

    def core_at(self, module: int, node: cst.CSTNode) -> str | None:
        """The text of a variable or attribute that was given a core before, on every way to `node`."""
        tree = self.places.tree(module)
        best: str | None = None
        for target in self._targets(tree):
            if self._dominates(tree, target, node) or self._is_in_every_arm(tree, target, node):
                best = tree.source(target)
        return (
            best
            or self._from_parameter(tree, node)
            or self._from_class(tree, node)
            or self._from_constructor(tree, node)
        )

    def core_behind(
        self, module: int, node: cst.CSTNode, fixed: Container[cst.CSTNode]
    ) -> tuple[str, cst.Assign, bool] | None:
        """The name of a core that is made later in the same block, where its statement can as well stand in front of
        `node`; that statement; and whether it is moved only now. Statements in `fixed` stay where they are."""
        tree = self.places.tree(module)
        statement = tree.block_statement(node)
        for target in self._targets(tree):
            assignment = tree.statement(target)
            if not isinstance(assignment, cst.Assign) or len(assignment.targets) != 1:
                continue
            line = tree.parents[assignment]
            is_alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
            behind = tree.parents[line] is tree.parents[statement] and tree.spans[line][0] > tree.spans[statement][0]
            if (
                is_alone
                and behind
                and assignment not in fixed
                and self._takes_nothing(assignment.value)
                and not self._is_used_between(tree, target, statement, line)
            ):
                earlier = self.moved.get(assignment.value)
                self.moved.setdefault(assignment.value, statement)
                return tree.source(target), assignment, earlier is None
        return None

    def _takes_nothing(self, value: cst.BaseExpression) -> bool:
        """True for a call that makes a core and needs nothing that comes before it."""
        made = established(self.engine.facts.get(value, frozenset()))
        if made is None or value not in made.origins or not isinstance(value, cst.Call):
            return False
        return made.kind == "plugin" or not value.args

    def _is_used_between(self, tree: Tree, target: cst.CSTNode, first: cst.CSTNode, last: cst.CSTNode) -> bool:
        start, end = tree.spans[first][0], tree.spans[last][0]
        name = dotted(target)
        kinds: tuple[type[cst.CSTNode], ...] = (cst.Name, cst.Attribute)
        nodes = [node for kind in kinds for node in tree.all(kind)]
        return any(start <= tree.spans[node][0] < end and dotted(node) == name for node in nodes if node in tree.spans)

    def _targets(self, tree: Tree) -> list[cst.CSTNode]:
        found = []
        for holder in tree.all(cst.AssignTarget):
            if isinstance(holder.target, (cst.Name, cst.Attribute)) and self._is_core(holder.target):
                found.append(holder.target)
        return sorted(found, key=lambda target: tree.spans[target])

    def _is_core(self, target: cst.CSTNode) -> bool:
        kind = established(self.engine.facts.get(target, frozenset()))
        return kind is not None and kind.kind in ("core", "plugin")

    def _dominates(
        self, tree: Tree, target: cst.CSTNode, node: cst.CSTNode, statement: cst.CSTNode | None = None
    ) -> bool:
        """True when the assignment, or the statement that holds it, stands in front of `node`, in its block or in one
        around it, of the same scope."""
        statement = statement or tree.block_statement(target)
        if tree.spans[statement][1] > tree.spans[tree.block_statement(node)][0]:
            return False
        if tree.scope(target) is not tree.scope(node) and tree.scope(target) is not tree.module:
            return False
        block = tree.parents[statement]
        return block in tree.ancestors(node)

    def _is_in_every_arm(self, tree: Tree, target: cst.CSTNode, node: cst.CSTNode) -> bool:
        """True when the assignment is in one arm of an `if` in front of `node`, and the other arms have one like it."""
        line = tree.block_statement(target)
        holder = tree.parents.get(tree.parents[line])
        if not isinstance(holder, cst.If) or not self._dominates(tree, holder.body.body[0], node, holder):
            return False
        text, arms = tree.source(target), arms_of(holder)
        cores = {
            tree.parents[tree.block_statement(other)] for other in self._targets(tree) if tree.source(other) == text
        }
        return arms is not None and all(arm in cores for arm in arms)

    def _from_parameter(self, tree: Tree, node: cst.CSTNode) -> str | None:
        """A parameter of the function that is always a core."""
        function = tree.scope(node)
        if not isinstance(function, cst.FunctionDef):
            return None
        for param in (*function.params.posonly_params, *function.params.params, *function.params.kwonly_params):
            kinds = self.engine.store.read(function, "param:" + param.name.value)
            found = established(kinds)
            if found is not None and found.kind in ("core", "plugin") and found.sure and NONE.isdisjoint(kinds):
                return param.name.value
        return None

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

    def _from_class(self, tree: Tree, node: cst.CSTNode) -> str | None:
        """`self.core`, when the body of the class sets `core`."""
        method = tree.scope(node)
        if not isinstance(method, cst.FunctionDef) or not method.params.params or is_static(method):
            return None
        owner = tree.parents.get(tree.parents[method])
        for target in self._targets(tree):
            block = tree.parents[tree.block_statement(target)]
            if isinstance(owner, cst.ClassDef) and isinstance(target, cst.Name) and block is owner.body:
                return f"{method.params.params[0].name.value}.{target.value}"
        return None


def arms_of(node: cst.If) -> list[cst.BaseSuite] | None:
    """The blocks of an `if` with all its `elif`; None without an `else`."""
    arms: list[cst.BaseSuite] = [node.body]
    rest = node.orelse
    while isinstance(rest, cst.If):
        arms.append(rest.body)
        rest = rest.orelse
    return [*arms, rest.body] if rest is not None else None
