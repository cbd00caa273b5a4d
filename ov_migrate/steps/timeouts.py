"""Waiting with a timeout in a variable, of which negative numbers and None mean "until it is done"."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Change, Edit, Leftover, Part
from ov_migrate.steps.context import Site
from ov_migrate.steps.status import StatusTest, code, replace_test, replace_value, status_test


def wait_with_timeout(site: Site, timeout: cst.BaseExpression) -> Change | Leftover:
    """`request.wait(timeout)`: one of two calls, by an `if` where it is a statement, its value or a returned test."""
    if not isinstance(timeout, (cst.Name, cst.Attribute)):
        return site.leave("Give the timeout a name of its own: one that is negative or None becomes wait().")
    name = site.tree.source(timeout)
    endless = f"{name} is None or {name} < 0"
    limited: tuple[Part, ...] = (site.receiver, f".wait_for(int({name}))")
    test = status_test(site)
    change = _statement(site, test, endless, limited)
    if change is not None:
        return change
    done = ("(", site.receiver, f".wait() is None if {endless} else ", *limited, ")")
    return replace_test(site, test, done) if test is not None else replace_value(site, done)


def _statement(site: Site, test: StatusTest | None, endless: str, limited: tuple[Part, ...]) -> Change | None:
    """The change for a wait that is a statement, or all that one assigns or returns; None for other places."""
    tree, node = site.tree, test.node if test is not None else site.node
    statement = tree.parents[node]
    is_value = isinstance(statement, (cst.Assign, cst.Return)) and statement.value is node
    if not (is_value or (isinstance(statement, cst.Expr) and test is None)):
        return None
    line = tree.parents[statement]
    if not tree.in_block(line) or len(line.body) > 1:  # type: ignore[attr-defined]
        return None
    start, end = tree.spans[statement]
    head = tree.text[start : tree.spans[node][0]] if is_value else ""
    if is_value and ")" in tree.text[tree.spans[node][1] : end]:
        return None
    outer = site.context.newline + tree.indent(line)
    inner = outer + tree.module.default_indent
    wait: tuple[Part, ...] = (f"if {endless}:{inner}", site.receiver, ".wait()")
    if is_value:
        wait = (*wait, f"{inner}{head}{_done(test)}")
    last = limited if not is_value else _limited(test, limited)
    change = site.change(node=statement)
    change.edits.append(Edit((start, end), (*wait, f"{outer}else:{inner}{head}", *last)))
    return change


def _done(test: StatusTest | None) -> str:
    return code("OK") if test is None else str(test.done)


def _limited(test: StatusTest | None, limited: tuple[Part, ...]) -> tuple[Part, ...]:
    if test is not None:
        return limited if test.done else ("not ", *limited)
    return (f"{code('OK')} if ", *limited, f" else {code('RESULT_NOT_READY')}")
