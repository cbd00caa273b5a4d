"""Step `async`: `request.wait`, which gave a status and gives nothing now."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Change, Edit, Part
from ov_migrate.inference.values import EnumMember
from ov_migrate.steps.context import Context, Result, Site
from ov_migrate.steps.registry import handles
from ov_migrate.steps.statements import insert_before, remove_statement, replace_by_lines, unwrap_if
from ov_migrate.steps.status import StatusTest, code, replace_test, replace_value, status_of, status_test
from ov_migrate.steps.timeouts import wait_with_timeout
from ov_migrate.syntax import Tree


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
    test = _only_test(site, statement) if _is_started(site) else None
    if test is not None:
        change.edits.append(remove_statement(site.tree, statement))
        return _without_test(site, change, test, call)
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


def _only_test(site: Site, statement: cst.Assign | cst.Return) -> StatusTest | None:
    """The test right behind `status = request.wait(-1)`, when nothing else looks at the status and the whole `if` can
    do without it."""
    tree, target = site.tree, statement.targets[0].target if isinstance(statement, cst.Assign) else None
    if not isinstance(target, cst.Name) or not tree.in_block(tree.block_statement(statement)):
        return None
    names, scope = site.context.module.names, tree.scope(target)
    owner = names.owner(scope, target.value)
    uses = [
        n for n in tree.references(target.value) if names.owner(tree.scope(n), n.value) is owner and n is not target
    ]
    line = tree.block_statement(statement)
    body = tree.parents[line].body  # type: ignore[attr-defined]
    following = body[body.index(line) + 1 :][:1]
    if not uses or not following or not isinstance(following[0], cst.If) or owner is not scope:
        return None
    holder = following[0]
    if not isinstance(holder.test, cst.Comparison) or holder.test.left is not uses[0]:
        return None
    first, *others = holder.test.comparisons
    if others or status_of(site.context, first.comparator) != int(code("OK")):
        return None
    if not isinstance(first.operator, (cst.Equal, cst.NotEqual)):
        return None
    test = StatusTest(holder.test, isinstance(first.operator, cst.Equal))
    is_alone = len(uses) == 1 if test.done else all(holder in tree.ancestors(use) for use in uses)
    return test if is_alone and _is_needless(tree, holder, test) else None


def _is_needless(tree: Tree, holder: cst.If, test: StatusTest) -> bool:
    """True for an `if` that only asks whether the request is done, or only raises when it is not. Comments inside the
    latter would be lost."""
    if holder.orelse is not None:
        return False
    if test.done:
        return True
    simple = [line for line in holder.body.body if isinstance(line, cst.SimpleStatementLine)]
    raises = [part for line in simple for part in line.body if isinstance(part, cst.Raise)]
    return len(holder.body.body) == len(simple) == len(raises) == 1 and "#" not in tree.source(holder)


def _without_test(site: Site, change: Change, test: StatusTest, call: tuple[Part, ...]) -> Change:
    """Puts the wait in the place of a needless `if`: in front of its body, or instead of it where that only raised."""
    holder = site.tree.parents[test.node]
    assert isinstance(holder, cst.If)
    if test.done:
        change.edits.append(unwrap_if(site.tree, holder, call))
        return change
    change.edits.append(Edit(site.tree.spans[holder], call))
    change.verdict, change.message = "review", "The error that was raised for a failure is gone: wait() raises its own."
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
    if _is_needless(site.tree, holder, test):
        return _without_test(site, site.change(node=holder), test, call)
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
