"""Step `async`: `wait`, which gave a status and gives nothing now."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from ov_migrate.edits import Change, Edit, Part
from ov_migrate.inference.values import EnumMember
from ov_migrate.steps.comparisons import Compared, compared
from ov_migrate.steps.context import Context, Result, Site
from ov_migrate.steps.registry import handles
from ov_migrate.steps.request import companion, problem
from ov_migrate.steps.statements import insert_before, remove_statement, replace_by_lines, unwrap_if

_OK, _NOT_READY, _NOT_STARTED = "0", "-9", "-11"


@dataclass
class _Test:
    """How the status stands in a test: `node` is the tested expression, `done` its value when the request is done."""

    node: cst.BaseExpression
    done: bool


@handles("wait")
def wait(site: Site) -> Result:
    """`request.wait(timeout)`: blocking, polling, or with a time limit, as a statement, in a test, or for its value."""
    timeout = site.argument("timeout")
    value = _timeout(site.context, timeout) if timeout is not None else -1
    if value is None:
        assert timeout is not None
        yield _unknown_timeout(site, timeout)
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


def _unknown_timeout(site: Site, timeout: cst.BaseExpression) -> Change:
    """A timeout in a variable: negative and None mean "until it is done"."""
    name = site.tree.source(timeout)
    check = f"{name} is None or {name} < 0"
    done = ("(", site.receiver, f".wait() is None if {check} else ", site.receiver, f".wait_for(int({name})))")
    if _is_statement(site):
        return site.replace(site.receiver, f".wait() if {check} else ", site.receiver, f".wait_for(int({name}))")
    test = _test(site)
    if test is not None:
        return _replace_test(site, test, done)
    return site.replace(f"({_OK} if ", *done, f" else {_NOT_READY})")


def _is_statement(site: Site) -> bool:
    return isinstance(site.parent, cst.Expr)


def _blocking(site: Site) -> Change:
    call: tuple[Part, ...] = (site.receiver, ".wait()")
    if _is_statement(site):
        return site.replace(*call)
    test = _test(site)
    if test is not None:
        return _blocking_test(site, test, call)
    statement = site.tree.statement(site.node)
    if isinstance(statement, (cst.Assign, cst.Return)) and statement.value is site.node:
        return _status_statement(site, statement, call)
    if not _is_started(site):
        status = (f"({_OK} if ", *call, " or ", site.receiver, f".wait_for(0) else {_NOT_STARTED})")
        return _unstarted(site, site.replace(*status))
    return site.replace(f"({_OK} if ", *call, f" is None else {_NOT_READY})")


def _status_statement(site: Site, statement: cst.Assign | cst.Return, call: tuple[Part, ...]) -> Change:
    """`status = request.wait(-1)` → the wait, then the one status that it can give."""
    change = site.change(node=statement)
    test = _only_test(site, statement)
    if test is not None and _is_started(site):
        change.edits += [remove_statement(site.tree, statement), unwrap_if(site.tree, test, call)]
        return change
    status: tuple[Part, ...] = (_OK,)
    if not _is_started(site):
        change = _unstarted(site, site.change(node=statement))
        status = (f"{_OK} if ", site.receiver, f".wait_for(0) else {_NOT_STARTED}")
    if isinstance(statement, cst.Return):
        second: tuple[Part, ...] = ("return ", *status)
    else:
        first_target, value = statement.targets[0], statement.value
        second = ((site.tree.spans[first_target][0], site.tree.spans[value][0]), *status)
    change.edits.append(replace_by_lines(site.tree, statement, [call, second]))
    return change


def _only_test(site: Site, statement: cst.Assign | cst.Return) -> cst.If | None:
    """The `if status == 0:` without an `else` right behind `status = request.wait(-1)`, when nothing else looks at the
    status."""
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
    if len(uses) != 1 or not following or not isinstance(following[0], cst.If) or owner is not scope:
        return None
    test, orelse = following[0].test, following[0].orelse
    if orelse is not None or not isinstance(test, cst.Comparison) or test.left is not uses[0]:
        return None
    first, *others = test.comparisons
    is_ok = isinstance(first.operator, cst.Equal) and _status(site.context, first.comparator) == int(_OK)
    return following[0] if is_ok and not others else None


def _is_started(site: Site) -> bool:
    return site.context.plans.starts.is_started(site.context.index, site.receiver)


def _blocking_test(site: Site, test: _Test, call: tuple[Part, ...]) -> Change:
    holder = site.tree.parents[test.node]
    is_elif = isinstance(holder, cst.If) and isinstance(site.tree.parents[holder], cst.If)
    if not (isinstance(holder, cst.If) and holder.test is test.node and not is_elif and site.tree.in_block(holder)):
        return _inline_test(site, test, call)
    if not _is_started(site):
        done: tuple[Part, ...] = ("" if test.done else "not ", site.receiver, ".wait_for(0)")
        change = _unstarted(site, site.replace(*done, node=test.node))
        change.edits.append(insert_before(site.tree, holder, call))
        return change
    if holder.orelse is None and test.done:
        change = site.change(node=holder)
        change.edits.append(unwrap_if(site.tree, holder, call))
        return change
    return _inline_test(site, test, call)


def _inline_test(site: Site, test: _Test, call: tuple[Part, ...]) -> Change:
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
    test = _test(site)
    if test is not None:
        return _replace_test(site, test, call)
    parent = site.parent
    text = (f"{_OK} if ", *call, f" else {_NOT_READY}")
    return site.replace(*text) if isinstance(parent, (cst.Assign, cst.Return)) else site.replace("(", *text, ")")


def _replace_test(site: Site, test: _Test, call: tuple[Part, ...]) -> Change:
    return site.replace(*call, node=test.node) if test.done else site.replace("not ", *call, node=test.node)


def _test(site: Site) -> _Test | None:
    """The test that the status stands in: compared with a status, negated, or used as a truth value."""
    node, parent = site.node, site.parent
    if isinstance(parent, (cst.Comparison, cst.ComparisonTarget)):
        found = compared(site)
        return _comparison(site, found) if found is not None else None
    if isinstance(parent, cst.UnaryOperation) and isinstance(parent.operator, cst.Not):
        return _Test(parent, True)
    if isinstance(parent, (cst.If, cst.While, cst.IfExp, cst.Assert)) and parent.test is node:
        return _Test(node, False)
    return None


def _comparison(site: Site, found: Compared) -> _Test | None:
    status = _status(site.context, found.other)
    if status is None or not isinstance(found.operator, (cst.Equal, cst.NotEqual, cst.Is, cst.IsNot)):
        return None
    equal = isinstance(found.operator, (cst.Equal, cst.Is))
    if status == int(_OK):
        return _Test(found.node, equal)
    return _Test(found.node, not equal) if status == int(_NOT_READY) else None


def _status(context: Context, node: cst.BaseExpression) -> int | None:
    for fact in context.facts(node):
        if isinstance(fact, EnumMember):
            return context.api.enums[fact.enum][fact.name]
    value = context.constant(node)
    return value if isinstance(value, int) else None


def _queue_wait(site: Site, statement: cst.CSTNode, queue: tuple[Part, ...], is_removed: bool) -> Change:
    """With a queue, waiting for a free request goes, and waiting for all is wait_all()."""
    change = site.change(node=statement)
    if is_removed:
        change.edits.append(remove_statement(site.tree, statement))
    else:
        change.edits.append(replace_by_lines(site.tree, statement, [(*queue, ".wait_all()")]))
    return change


@handles("exec-wait")
def exec_wait(site: Site) -> Result:
    """`exec_net.wait()`: every request is waited for. Waiting for some of them is the business of a queue."""
    found = companion(site)
    statement = site.tree.statement(site.node)
    if found is not None and found[0].queue is not None:
        yield _queue_wait(site, statement, found[1], statement in found[0].queue.removed)
    elif site.arguments or not (isinstance(statement, cst.Expr) and statement.value is site.node):
        yield site.leave()
    elif found is None:
        yield site.leave(problem(site))
    else:
        group, text = found
        change = site.change(node=statement)
        if group.single:
            lines: list[tuple[Part, ...]] = [(*text, ".wait()")]
        else:
            inner = site.context.newline + site.tree.indent(statement) + site.tree.module.default_indent
            lines = [("for infer_request in ", *text, f":{inner}infer_request.wait()")]
        change.edits.append(replace_by_lines(site.tree, statement, lines))
        yield change


__all__ = ["Edit", "wait"]
