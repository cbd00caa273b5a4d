"""Folds choices between generations of the legacy API to what the newest of them does, before all else is planned.

What is left out is hidden from the tree, so that no rule comes across it; what stays is migrated as if it had been
written alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import libcst as cst

from ov_migrate.edits import Edit, clause_start, has_comment_above
from ov_migrate.inference import Engine
from ov_migrate.inference.fallbacks import is_fallback
from ov_migrate.inference.feature_tests import choice, cuts_off, decided, following, live_suite, tested_members
from ov_migrate.knowledge.catalogue import load_catalogue
from ov_migrate.steps.fold_expressions import as_attribute, drop_operand, stand_in
from ov_migrate.steps.fold_text import Clause, keep_clauses, keep_suite, remove_lines
from ov_migrate.steps.statements import remove_statement
from ov_migrate.syntax import Tree, below

N = TypeVar("N", bound=cst.CSTNode)
FEATURE_TEST, DEFAULT, FALLBACK = "feature-test", "attribute-default", "generation-fallback"
# What cannot be taken out of a function without making it another kind of function, or other variables of its names.
_DECLARING = (cst.Yield, cst.Global, cst.Nonlocal)


def folding_codes() -> frozenset[str]:
    """The codes of the rules that fold; they work together or not at all."""
    rules = load_catalogue().by_slug
    return frozenset(rules[slug].code for slug in (FEATURE_TEST, DEFAULT, FALLBACK))


def stays_true(engine: Engine, node: cst.BaseExpression) -> bool:
    """True for a question that API 2.0 answers in the same way: the members that it is about are called as before."""
    rules = [load_catalogue().by_site.get(member) for member in tested_members(engine, node)]
    return bool(rules) and all(rule is not None and rule.verdict != "manual" and not rule.examples for rule in rules)


@dataclass
class Fold:
    """One choice that was folded by the rule with this slug."""

    slug: str
    node: cst.CSTNode
    edits: list[Edit]


class FoldPlan:
    """What is folded, for each module of the project."""

    def __init__(self, engine: Engine) -> None:
        trees = [module.tree for module in engine.project.modules]
        self.folds = [_Folder(engine, tree).run() if engine.folds else [] for tree in trees]


class _Folder:
    def __init__(self, engine: Engine, tree: Tree) -> None:
        self.engine, self.tree = engine, tree
        self._folds: list[Fold] = []
        self._hidden: set[cst.CSTNode] = set()
        self._removed: set[cst.CSTNode] = set()

    def run(self) -> list[Fold]:
        """Folds all there is, outer choices before inner ones."""
        for tried in self._all(cst.Try):
            self._fold_try(tried)
        for chain in self._all(cst.If):
            self._fold_if(chain)
        for conditional in self._all(cst.IfExp):
            self._fold_conditional(conditional)
        for operation in self._all(cst.BooleanOperation):
            self._fold_operation(operation)
        for assertion in self._all(cst.Assert):
            if decided(self.engine, assertion.test, strict=False) and not stays_true(self.engine, assertion.test):
                self._add(FEATURE_TEST, assertion, [self._remove(assertion)], [assertion])
        for assignment in self._all(cst.Assign):
            self._fold_flag(assignment)
        for kind in (cst.UnaryOperation, cst.BooleanOperation, cst.Comparison, cst.Call):
            for node in self._all(kind):
                self._fold_value(node)
        for call in self._all(cst.Call):
            self._fold_default(call)
        self.tree.drop(self._hidden)
        return self._folds

    def _all(self, kind: type[N]) -> Iterator[N]:
        return (node for node in list(self.tree.all(kind)) if node not in self._hidden)

    def _add(self, slug: str, node: cst.CSTNode, edits: list[Edit], unused: Iterable[cst.CSTNode]) -> None:
        self._folds.append(Fold(slug, node, edits))
        for root in unused:
            self._hidden.add(root)
            self._hidden.update(below(root))

    def _remove(self, node: cst.CSTNode) -> Edit:
        """Takes a statement away; the last one that its block has becomes `pass`."""
        line = node if isinstance(node, cst.BaseCompoundStatement) else self.tree.parents[node]
        if self.tree.in_block(line):
            others = [other for other in self.tree.parents[line].body if other is not line]  # type: ignore[attr-defined]
            if others and all(self._is_gone(other) for other in others):
                return Edit(self.tree.spans[node], ("pass",))
        self._removed.add(node)
        return remove_lines(self.tree, node) if line is node else remove_statement(self.tree, node)

    def _is_gone(self, statement: cst.CSTNode) -> bool:
        parts = statement.body if isinstance(statement, cst.SimpleStatementLine) else [statement]
        return all(part in self._removed for part in parts)

    def _may_go(self, node: cst.CSTNode, unused: Iterable[cst.CSTNode]) -> bool:
        """False where a person was asked to look at the statement, and for code that says what kind of function it is
        in."""
        if has_comment_above(self.tree, clause_start(self.tree, self.tree.spans[node][0])):
            return False
        return not any(isinstance(inner, _DECLARING) for root in unused for inner in below(root))

    def _fold_try(self, node: cst.Try) -> None:
        if is_fallback(self.engine, self.tree, node) and self._may_go(node, node.handlers):
            self._add(FALLBACK, node, [keep_suite(self.tree, node, node.body, [])], node.handlers)

    def _fold_if(self, node: cst.If) -> None:
        parent = self.tree.parents[node]
        if isinstance(parent, cst.If) and parent.orelse is node:
            return
        clauses = self._clauses(node)
        if all(clause.answer is None for clause in clauses):
            return
        behind = following(self.tree, node) if cuts_off(self.engine, self.tree, node) else []
        unused = [*_unused(clauses), *behind]
        if not self._may_go(node, unused):
            return
        suite = live_suite(self.engine, self.tree, node)
        if any(isinstance(clause.node, cst.If) and clause.node.test not in unused for clause in clauses):
            edits = keep_clauses(self.tree, clauses)
        elif suite is not None:
            edits = [keep_suite(self.tree, node, suite, behind)]
        else:
            edits = [self._remove(node)]
        self._add(FEATURE_TEST, node, edits, unused)

    def _clauses(self, node: cst.If) -> list[Clause]:
        found = [Clause(node, choice(self.engine, self.tree, node))]
        if isinstance(node.orelse, cst.If):
            found += self._clauses(node.orelse)
        elif node.orelse is not None:
            found.append(Clause(node.orelse, None))
        return found

    def _fold_conditional(self, node: cst.IfExp) -> None:
        answer = choice(self.engine, self.tree, node)
        if answer is not None:
            live, unused = (node.body, node.orelse) if answer else (node.orelse, node.body)
            self._add(FEATURE_TEST, node, stand_in(self.tree, live, node), [node.test, unused])

    def _fold_operation(self, node: cst.BooleanOperation) -> None:
        unused = drop_operand(self.engine, self.tree, node)
        if unused is not None:
            live = node.left if unused is node.right else node.right
            self._add(FEATURE_TEST, node, stand_in(self.tree, live, node), [unused])

    def _fold_default(self, node: cst.Call) -> None:
        edits = as_attribute(self.engine, self.tree, node)
        if edits:
            self._add(DEFAULT, node, edits, [node.func, *node.args[1:]])

    def _fold_flag(self, node: cst.Assign) -> None:
        """Takes `has_info = hasattr(…)` away when nothing asks for it any more."""
        target = node.targets[0].target
        if len(node.targets) > 1 or not isinstance(target, cst.Name) or decided(self.engine, node.value) is None:
            return
        uses = [name for name in self.tree.references(target.value) if name not in self._hidden]
        was_asked = any(name in self._hidden for name in self.tree.references(target.value))
        if uses == [target] and was_asked and not self._is_imported(node, target.value):
            self._add(FEATURE_TEST, node, [self._remove(node)], [node])

    def _is_imported(self, node: cst.CSTNode, name: str) -> bool:
        """True for a variable that belongs to a class, or that other modules of the project know of."""
        scope = self.tree.scope(node)
        others = [module.tree for module in self.engine.project.modules if module.tree is not self.tree]
        is_known = isinstance(scope, cst.Module) and any(name in other.text for other in others)
        return is_known or isinstance(scope, cst.ClassDef)

    def _fold_value(self, node: cst.BaseExpression) -> None:
        """Writes the answer where it is kept or handed over."""
        answer, parent = decided(self.engine, node), self.tree.parents[node]
        is_condition = isinstance(parent, (cst.If, cst.IfExp, cst.Assert)) and parent.test is node
        if answer is None or is_condition or decided(self.engine, parent) is not None or stays_true(self.engine, node):
            return
        self._add(FEATURE_TEST, node, [Edit(self.tree.spans[node], (str(answer),))], [node])


def _unused(clauses: list[Clause]) -> Iterator[cst.CSTNode]:
    """The conditions of a chain that are not asked any more, and the blocks that are not come to."""
    is_taken = False
    for clause in clauses:
        if is_taken or clause.answer is False:
            yield clause.suite
        if isinstance(clause.node, cst.If) and (is_taken or clause.answer is not None):
            yield clause.node.test
        is_taken = is_taken or clause.answer is True
