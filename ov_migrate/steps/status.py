"""The statuses that waiting gave, and the tests that they stand in."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from ov_migrate.edits import Change, Part
from ov_migrate.inference.values import EnumMember
from ov_migrate.knowledge.legacy_api import load_legacy_api
from ov_migrate.steps.comparisons import Compared, compared
from ov_migrate.steps.context import Context, Site


@dataclass
class StatusTest:
    """How the status stands in a test: `node` is the tested expression, `done` its value when the request is done."""

    node: cst.BaseExpression
    done: bool


def code(name: str) -> str:
    """The number of a status, such as "-9" for RESULT_NOT_READY, as new code writes it."""
    return str(load_legacy_api().enums["StatusCode"][name])


def status_of(context: Context, node: cst.BaseExpression) -> int | None:
    """The status that an expression is; None when it is not known."""
    for fact in context.facts(node):
        if isinstance(fact, EnumMember):
            return context.api.enums[fact.enum][fact.name]
    value = context.constant(node)
    return value if isinstance(value, int) else None


def status_test(site: Site) -> StatusTest | None:
    """The test that the status stands in: compared with a status, negated, or used as a truth value."""
    node, parent = site.node, site.parent
    if isinstance(parent, (cst.Comparison, cst.ComparisonTarget)):
        found = compared(site)
        return _comparison(site, found) if found is not None else None
    if isinstance(parent, cst.UnaryOperation) and isinstance(parent.operator, cst.Not):
        return StatusTest(parent, True)
    if isinstance(parent, (cst.If, cst.While, cst.IfExp, cst.Assert)) and parent.test is node:
        return StatusTest(node, False)
    return None


def _comparison(site: Site, found: Compared) -> StatusTest | None:
    status = status_of(site.context, found.other)
    if status is None or not isinstance(found.operator, (cst.Equal, cst.NotEqual, cst.Is, cst.IsNot)):
        return None
    equal = isinstance(found.operator, (cst.Equal, cst.Is))
    if status == int(code("OK")):
        return StatusTest(found.node, equal)
    return StatusTest(found.node, not equal) if status == int(code("RESULT_NOT_READY")) else None


def replace_test(site: Site, test: StatusTest, done: tuple[Part, ...]) -> Change:
    """The test by the expression `done`, which is true when the request is done."""
    return site.replace(*done, node=test.node) if test.done else site.replace("not ", *done, node=test.node)


def replace_value(site: Site, done: tuple[Part, ...], otherwise: str = "RESULT_NOT_READY") -> Change:
    """The status by a choice on the expression `done`, in parentheses where the place needs them."""
    text = (f"{code('OK')} if ", *done, f" else {code(otherwise)}")
    if isinstance(site.parent, (cst.Assign, cst.Return, cst.Arg, cst.Index, cst.ListComp, cst.GeneratorExp)):
        return site.replace(*text)
    return site.replace("(", *text, ")")
