"""Step `async`: `request.wait`, which gave a status and gives nothing now."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Change, Part
from ov_migrate.inference.values import EnumMember
from ov_migrate.steps.context import Context, Result, Site
from ov_migrate.steps.needless_tests import is_needless, test_behind, without_test
from ov_migrate.steps.registry import handles
from ov_migrate.steps.statements import insert_before, remove_statement, replace_by_lines
from ov_migrate.steps.status import StatusTest, code, replace_test, replace_value, status_test
from ov_migrate.steps.timeouts import wait_with_timeout


@handles("wait")
def wait(site: Site) -> Result:
    """`request.wait(timeout)`: blocking, polling, or with a time limit, as a statement, in a test, or for its value."""
    timeout = site.argument("timeout")
    value = _timeout(site.context, timeout) if timeout is not None else -1
    if site.context.plans.callbacks.is_inside_own(site.context.index, site.node, site.receiver):
        yield site.leave("A request that is waited for in its own callback waits for ever: take the wait away.")
    elif value is None:
        assert timeout is not None
        yield wait_with_timeout(site, timeout)
    elif value < 0:
        yield _blocking(site)
    else:
        yield _polling(site, (site.receiver, f".wait_for({value})"))


def _timeout(context: Context, node: cst.BaseExpression) -> int | None:
    """The timeout in milliseconds; -1 for "until it is done", None when it is not known."""
    for fact in context.facts(node):
        if isinstance(fact, EnumMember):
            return context.api.enums[fact.enum][fact.name]
    if isinstance(node, cst.Name) and node.value == "None":
        return -1
    value = context.constant(node)
    return value if isinstance(value, int) else None


def _is_statement(site: Site) -> bool:
    return isinstance(site.parent, cst.Expr)


def _blocking(site: Site) -> Change:
    call: tuple[Part, ...] = (site.receiver, ".wait()")
    if _is_statement(site):
        return site.replace(*call)
    test = status_test(site)
    if test is not None:
        return _blocking_test(site, test, call)
    statement = site.tree.statement(site.node)
    if isinstance(statement, (cst.Assign, cst.Return)) and statement.value is site.node:
        return _status_statement(site, statement, call)
    if not _is_started(site):
        done = (*call, " or ", site.receiver, ".wait_for(0)")
        return _unstarted(site, replace_value(site, done, "INFER_NOT_STARTED"))
    return replace_value(site, (*call, " is None"))


def _status_statement(site: Site, statement: cst.Assign | cst.Return, call: tuple[Part, ...]) -> Change:
    """`status = request.wait(-1)` → the wait, then the one status that it can give."""
    change = site.change(node=statement)
    test = test_behind(site, statement) if _is_started(site) else None
    if test is not None:
        change.edits.append(remove_statement(site.tree, statement))
        return without_test(site, change, test, call)
    status: tuple[Part, ...] = (code("OK"),)
    if not _is_started(site):
        change = _unstarted(site, site.change(node=statement))
        status = (f"{code('OK')} if ", site.receiver, f".wait_for(0) else {code('INFER_NOT_STARTED')}")
    if isinstance(statement, cst.Return):
        second: tuple[Part, ...] = ("return ", *status)
    else:
        first_target, value = statement.targets[0], statement.value
        second = ((site.tree.spans[first_target][0], site.tree.spans[value][0]), *status)
    change.edits.append(replace_by_lines(site.tree, statement, [call, second]))
    return change


def _is_started(site: Site) -> bool:
    return site.context.plans.starts.is_started(site.context.index, site.receiver)


def _blocking_test(site: Site, test: StatusTest, call: tuple[Part, ...]) -> Change:
    holder = site.tree.parents[test.node]
    if isinstance(holder, cst.Assert) and test.done and _is_started(site):
        change = site.change(node=holder)
        change.edits.append(replace_by_lines(site.tree, holder, [call]))
        return change
    is_elif = isinstance(holder, cst.If) and isinstance(site.tree.parents[holder], cst.If)
    if not (isinstance(holder, cst.If) and holder.test is test.node and not is_elif and site.tree.in_block(holder)):
        return _inline_test(site, test, call)
    if not _is_started(site):
        done: tuple[Part, ...] = ("" if test.done else "not ", site.receiver, ".wait_for(0)")
        change = _unstarted(site, site.replace(*done, node=test.node))
        change.edits.append(insert_before(site.tree, holder, call))
        return change
    if is_needless(site.tree, holder, test):
        return without_test(site, site.change(node=holder), test, call)
    return _inline_test(site, test, call)


def _inline_test(site: Site, test: StatusTest, call: tuple[Part, ...]) -> Change:
    """The wait inside a larger condition: it gives None, which stands for the one status that it can give."""
    holder = site.tree.parents[test.node]
    has_else = isinstance(holder, cst.If) and holder.orelse is not None
    if not _is_started(site):
        done = ("" if test.done else "not ", "(", *call, " or ", site.receiver, ".wait_for(0))")
        return _unstarted(site, site.replace(*done, node=test.node))
    operator = " is None" if test.done else " is not None"
    return site.replace(*call, operator, node=test.node, verdict="review" if has_else else "")


def _unstarted(site: Site, change: Change) -> Change:
    """The change as one of the rule for waits that may find a request that was never started."""
    change.rule = site.context.rule("unstarted-wait")
    change.verdict, change.message = "review", change.rule.check
    return change


def _polling(site: Site, call: tuple[Part, ...]) -> Change:
    if _is_statement(site):
        return site.replace(*call)
    test = status_test(site)
    return replace_test(site, test, call) if test is not None else replace_value(site, call)
