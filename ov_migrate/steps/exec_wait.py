"""Step `async`: what an executable network did for all its requests: waiting for them, and finding an idle one."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Change, Part
from ov_migrate.steps.context import Result, Site
from ov_migrate.steps.needless_tests import test_behind, without_test
from ov_migrate.steps.registry import handles
from ov_migrate.steps.request import companion, problem
from ov_migrate.steps.request_groups import Group
from ov_migrate.steps.statements import can_go_first, insert_before, remove_statement, replace_by_lines
from ov_migrate.steps.status import code, status_test

_HELPER = "ie_idle_request_id"


@handles("exec-wait")
def exec_wait(site: Site) -> Result:
    """`exec_net.wait()`: every request is waited for; `exec_net.wait(num_requests=1)`: until one of them is idle."""
    found = companion(site)
    if found is None:
        yield site.leave(problem(site))
        return
    group, text = found
    statement = site.tree.statement(site.node)
    count = _count(site)
    if group.queue is not None:
        yield _queue_wait(site, statement, text, statement in group.queue.removed)
    elif count in ((0,) if group.single else (0, 1)) and can_go_first(site.tree, site.node):
        yield _wait(site, statement, group, text, count)
    else:
        yield site.leave()


def _count(site: Site) -> int:
    """For how many requests it waits: 0 for all of them, -1 where that is not known or there is a time limit."""
    timeout = site.argument("timeout")
    if timeout is not None and site.context.constant(timeout) != -1 and site.tree.source(timeout) != "None":
        return -1
    count = site.argument("num_requests")
    if count is None or site.tree.source(count) in ("None", f"len({site.tree.source(site.receiver)}.requests)"):
        return 0
    return 1 if site.context.constant(count) == 1 else -1


def _queue_wait(site: Site, statement: cst.CSTNode, queue: tuple[Part, ...], is_removed: bool) -> Change:
    """With a queue, waiting for a free request goes, and waiting for all is wait_all()."""
    change = site.change(node=statement)
    if is_removed:
        change.edits.append(remove_statement(site.tree, statement))
    else:
        change.edits.append(replace_by_lines(site.tree, statement, [(*queue, ".wait_all()")]))
    return change


def _wait(site: Site, statement: cst.CSTNode, group: Group, requests: tuple[Part, ...], count: int) -> Change:
    """The wait as a statement, with the one status it can give in its place where that is asked for."""
    loop: tuple[Part, ...] = (*requests, ".wait()")
    inner = site.context.newline + site.tree.indent(statement) + site.tree.module.default_indent
    if count == 1:
        helper = site.context.helpers.name(_HELPER)
        loop = (f"while {helper}(", *requests, f") < 0:{inner}", *requests, "[0].wait_for(1)")
    elif not group.single:
        name = _loop_variable(site)
        loop = (f"for {name} in ", *requests, f":{inner}{name}.wait()")
    if isinstance(statement, cst.Expr) and statement.value is site.node:
        change = site.change(node=statement)
        change.edits.append(replace_by_lines(site.tree, statement, [loop]))
        return change
    is_kept = isinstance(statement, cst.Assign) and statement.value is site.node
    behind = test_behind(site, statement) if is_kept else None  # type: ignore[arg-type]
    if behind is not None:
        change = site.change(node=statement)
        change.edits.append(remove_statement(site.tree, statement))
        return without_test(site, change, behind, loop)
    test = status_test(site)
    value = code("OK") if test is None else str(test.done)
    change = site.replace(value, node=site.node if test is None else test.node)
    change.edits.append(insert_before(site.tree, site.tree.block_statement(statement), loop))
    return change


def _loop_variable(site: Site) -> str:
    """A name for each request in turn that means nothing else here, neither in the program nor in new code."""
    name, tree = "infer_request", site.tree
    bindings = [node for s in site.context.module.names.scopes.values() for node in s.bindings.get(name, ())]
    is_own = any(not isinstance(tree.parents.get(node), (cst.For, cst.CompFor)) for node in bindings)
    scopes = [s for s in tree.ancestors(site.node) if isinstance(s, (cst.FunctionDef, cst.Module))]
    is_taken = is_own or any(site.context.plans.requests.is_taken(scope, name) for scope in scopes)
    return site.context.free("one_request", "each_request") if is_taken else name


@handles("idle-request-id")
def idle_request_id(site: Site) -> Result:
    """`exec_net.get_idle_request_id()`: goes where ids serve only to find an idle request, as a queue does itself; else
    the requests are asked one after another."""
    found = companion(site)
    if found is None or found[0].single:
        yield site.leave()
        return
    group, text = found
    if group.queue is None:
        yield site.replace(site.context.helpers.name(_HELPER), "(", *text, ")")
        return
    statement = site.tree.statement(site.node)
    around = next((n for n in site.tree.ancestors(statement) if n in group.queue.removed), statement)
    change = site.change(node=around)
    change.edits.append(remove_statement(site.tree, around))
    yield change
