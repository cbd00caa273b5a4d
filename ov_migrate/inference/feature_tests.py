"""Tests for features, by which programs tell generations of the legacy API apart, and what the newest answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from ov_migrate.inference.values import NOTHING, Builtin, Kinds, Legacy, LegacyName, Plain
from ov_migrate.syntax import Tree

if TYPE_CHECKING:
    from ov_migrate.inference.engine import Engine
    from ov_migrate.knowledge.legacy_api import LegacyApi


@dataclass(frozen=True)
class FeatureTest:
    """One question whether an object has a member: `hasattr(net, "input_info")`, `"read_network" in dir(ie)`. One asked
    `of_class` is about the dict of a class, which objects of the API do not have; one about a method is `callable`."""

    receiver: cst.BaseExpression
    name: str
    negated: bool = False
    of_class: bool = False
    of_method: bool = False


def feature_test(engine: Engine, node: cst.CSTNode) -> FeatureTest | None:
    """The question that `node` asks; None when it asks none."""
    if isinstance(node, cst.Call):
        return attribute_test(engine, node, "hasattr") or _method_test(engine, node)
    if not isinstance(node, cst.Comparison) or len(node.comparisons) != 1:
        return None
    operator, right = node.comparisons[0].operator, node.comparisons[0].comparator
    name = _literal(node.left)
    if not isinstance(operator, (cst.In, cst.NotIn)) or not name:
        return None
    negated = isinstance(operator, cst.NotIn)
    if isinstance(right, cst.Attribute) and right.attr.value == "__dict__":
        return FeatureTest(right.value, name, negated, True)
    if isinstance(right, cst.Call) and len(right.args) == 1 and not right.args[0].star:
        for listing in ("dir", "vars"):
            if _calls(engine, right, listing):
                return FeatureTest(right.args[0].value, name, negated, listing == "vars")
    return None


def attribute_test(engine: Engine, node: cst.Call, function: str) -> FeatureTest | None:
    """What `hasattr(x, "name")` or `getattr(x, "name", …)` asks for, when the name is written out."""
    if not _calls(engine, node, function) or any(arg.star or arg.keyword for arg in node.args):
        return None
    if len(node.args) < 2 or (function == "hasattr" and len(node.args) > 2):
        return None
    name = _literal(node.args[1].value)
    return FeatureTest(node.args[0].value, name) if name.isidentifier() else None


def _method_test(engine: Engine, node: cst.Call) -> FeatureTest | None:
    """What `callable(getattr(x, "name", None))` asks for."""
    inner = node.args[0].value if len(node.args) == 1 and _calls(engine, node, "callable") else None
    if not isinstance(inner, cst.Call) or len(inner.args) != 3:
        return None
    default = inner.args[2].value
    test = attribute_test(engine, inner, "getattr")
    is_none = isinstance(default, cst.Name) and default.value == "None"
    return replace(test, of_method=True) if test is not None and is_none else None


def _calls(engine: Engine, node: cst.Call, function: str) -> bool:
    is_named = isinstance(node.func, cst.Name) and node.func.value == function
    return is_named and Builtin(function) in engine.facts.get(node.func, NOTHING)


def _literal(node: cst.CSTNode) -> str:
    value = node.evaluated_value if isinstance(node, cst.SimpleString) else ""
    return value if isinstance(value, str) else ""


def decided(engine: Engine, node: cst.CSTNode, strict: bool = True) -> bool | None:
    """What the newest generation answers to the condition `node`; None when that is not certain, or when more than a
    question is asked. Objects that may be None as well have no certain answer if it is `strict`."""
    if not engine.folds:
        return None
    if type(node) is cst.UnaryOperation and isinstance(node.operator, cst.Not):
        answer = decided(engine, node.expression, strict)
        return None if answer is None else not answer
    if type(node) is cst.BooleanOperation:
        return _combined(engine, node, strict)
    if isinstance(node, (cst.Name, cst.Attribute)):
        found = {value.answer if isinstance(value, Plain) else None for value in engine.facts.get(node, NOTHING)}
        return found.pop() if len(found) == 1 else None
    test = feature_test(engine, node)
    answer = answer_to(engine, test, strict) if test is not None else None
    return answer if test is None or answer is None else answer != test.negated


def _combined(engine: Engine, node: cst.BooleanOperation, strict: bool) -> bool | None:
    left, right = decided(engine, node.left, strict), decided(engine, node.right, strict)
    settles = isinstance(node.operator, cst.Or)
    if left is settles or (right is settles and is_pure(node.left)):
        return settles
    return not settles if left is not None and right is not None else None


def answer_to(engine: Engine, test: FeatureTest, strict: bool = True) -> bool | None:
    """Whether the newest generation's object has the member asked for, be it there or not."""
    kinds = engine.facts.get(test.receiver, NOTHING)
    if not strict:
        kinds = frozenset(value for value in kinds if not (isinstance(value, Plain) and value.none))
    if not kinds or not is_pure(test.receiver):
        return None
    found = {_newest_has(engine.api, value, test) for value in kinds}
    return found.pop() if len(found) == 1 else None


def _newest_has(api: LegacyApi, value: object, test: FeatureTest) -> bool | None:
    if isinstance(value, Legacy) and not test.of_class:
        member = api.member(value.kind, test.name)
        is_data = member is not None and not member.is_method
        return None if test.of_method and is_data else api.newest_has(value.kind, test.name)
    if not isinstance(value, LegacyName) or test.of_method:
        return None
    if value.name in api.class_kinds:
        return api.newest_has(api.class_kinds[value.name], test.name)
    return test.name not in api.lacking if not value.name and test.name in api.public_names else None


def is_pure(node: cst.CSTNode) -> bool:
    """True for an expression that only reads: its value can be left out without anything else happening."""
    if isinstance(node, cst.Attribute):
        return is_pure(node.value)
    if isinstance(node, cst.Subscript):
        indices = [e.slice.value for e in node.slice if isinstance(e.slice, cst.Index)]
        return is_pure(node.value) and len(indices) == len(node.slice) and all(is_pure(index) for index in indices)
    if isinstance(node, cst.Comparison):
        return is_pure(node.left) and all(is_pure(target.comparator) for target in node.comparisons)
    if isinstance(node, cst.BooleanOperation):
        return is_pure(node.left) and is_pure(node.right)
    if isinstance(node, cst.UnaryOperation):
        return is_pure(node.expression)
    return isinstance(node, (cst.Name, cst.SimpleString, cst.Integer))


def answers(engine: Engine, node: cst.CSTNode) -> Kinds:
    """The value of a condition that is decided; nothing for any other."""
    answer = decided(engine, node)
    return NOTHING if answer is None else frozenset({Plain(answer=answer)})


def without_answers(kinds: Kinds) -> Kinds:
    """What a parameter holds: a caller that is not seen may pass another answer."""
    return frozenset(Plain() if isinstance(v, Plain) and v.answer is not None else v for v in kinds)


def has_attribute(engine: Engine, node: cst.Call) -> bool | None:
    """Whether `getattr(x, "name", default)` gives the attribute; False when it gives the default."""
    test = attribute_test(engine, node, "getattr") if engine.folds else None
    return answer_to(engine, test, strict=False) if test is not None else None


def needs_no_default(engine: Engine, node: cst.BooleanOperation) -> bool:
    """True for `getattr(net, "input_info", None) or …`: the object is there, and counts as true."""
    left = node.left
    if not isinstance(node.operator, cst.Or) or not isinstance(left, cst.Call) or not has_attribute(engine, left):
        return False
    return all(isinstance(value, Legacy) for value in engine.facts.get(left, NOTHING))


def choice(engine: Engine, tree: Tree, node: cst.If | cst.IfExp) -> bool | None:
    """True or False when the choice is one between generations, of which the newest takes the first arm, or the other.
    None for any other choice, and where the newest would have no arm left that does anything."""
    answer = decided(engine, node.test, strict=False)
    if answer is None:
        return None
    live, dead = (node.body, node.orelse) if answer else (node.orelse, node.body)
    if live is None and not (isinstance(dead, cst.BaseSuite) and never_passes(dead)):
        return None
    if decided(engine, node.test) is not None:
        return answer
    unused: list[cst.CSTNode] = []
    if dead is not None:
        unused = [dead]
    elif isinstance(node, cst.If) and never_passes(node.body):
        unused = following(tree, node)
    return answer if _fail_for_none(engine, tree, node.test, unused) else None


def _fail_for_none(engine: Engine, tree: Tree, test: cst.CSTNode, unused: list[cst.CSTNode]) -> bool:
    """True when what is left out raises an error, or uses a member of what is tested: with None, which has none, it
    would have failed."""
    if any(_raises(node) for node in unused):
        return True
    receivers = [tree.source(asked.receiver) for asked in feature_tests(engine, test)]
    return all(any(f"{receiver}." in tree.source(node) for node in unused) for receiver in receivers)


def _raises(node: cst.CSTNode) -> bool:
    last = node.body[-1] if isinstance(node, cst.IndentedBlock) else node
    return isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], cst.Raise)


def following(tree: Tree, node: cst.CSTNode) -> list[cst.CSTNode]:
    """The statements behind `node` in its block; none for an `elif`."""
    if not tree.in_block(node):
        return []
    block: list[cst.CSTNode] = list(tree.parents[node].body)  # type: ignore[attr-defined]
    return block[block.index(node) + 1 :]


def feature_tests(engine: Engine, node: cst.CSTNode) -> Iterator[FeatureTest]:
    """The questions that a condition is made of."""
    if isinstance(node, cst.UnaryOperation):
        yield from feature_tests(engine, node.expression)
    elif isinstance(node, cst.BooleanOperation):
        yield from feature_tests(engine, node.left)
        yield from feature_tests(engine, node.right)
    else:
        test = feature_test(engine, node)
        if test is not None:
            yield test


def tested_members(engine: Engine, condition: cst.CSTNode) -> Iterator[str]:
    """The members that a condition asks for, as sites of rules are named: `request.infer()`, `network.name`."""
    for test in feature_tests(engine, condition):
        for value in engine.facts.get(test.receiver, NOTHING):
            kind = value.kind if isinstance(value, Legacy) else ""
            member = engine.api.member(kind, test.name) if kind else None
            yield f"{kind}.{test.name}{'()' if member is not None and member.is_method else ''}"


def live_suite(engine: Engine, tree: Tree, node: cst.If) -> cst.BaseSuite | None:
    """The one arm of an `if` with its `elif`s that the newest generation takes; None when that depends on more."""
    answer = choice(engine, tree, node)
    if answer is None:
        return None
    if answer:
        return node.body
    if isinstance(node.orelse, cst.If):
        return live_suite(engine, tree, node.orelse)
    return node.orelse.body if node.orelse is not None else None


def cuts_off(engine: Engine, tree: Tree, node: cst.If) -> bool:
    """True when what follows the `if` in its block is for other generations: the newest leaves in the arm it takes."""
    suite = live_suite(engine, tree, node)
    return suite is not None and never_passes(suite)


def never_passes(suite: cst.CSTNode) -> bool:
    """True for a block whose end is never reached, and for a statement that nothing behind it is reached from."""
    if isinstance(suite, (cst.BaseSuite, cst.SimpleStatementLine)):
        return never_passes(suite.body[-1])
    if isinstance(suite, cst.Else):
        return never_passes(suite.body)
    if isinstance(suite, cst.If):
        return suite.orelse is not None and never_passes(suite.body) and never_passes(suite.orelse)
    return isinstance(suite, (cst.Return, cst.Raise, cst.Continue, cst.Break))
