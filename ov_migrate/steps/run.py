"""Step `async`: starting requests, synchronous and asynchronous, and callbacks."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Change, Edit, Part
from ov_migrate.steps.context import Result, Site
from ov_migrate.steps.feeds import feed
from ov_migrate.steps.model_verdicts import names_verdict
from ov_migrate.steps.port_text import named_results, results_by_all_names
from ov_migrate.steps.registry import handles
from ov_migrate.steps.request import companion, problem
from ov_migrate.steps.statements import can_go_first, insert_before, replace_by_lines


@handles("infer")
def infer(site: Site) -> Result:
    """`exec_net.infer(inputs)`: through the one request, or by calling the compiled model, which keeps one."""
    assert isinstance(site.node, cst.Call)
    found = companion(site)
    if found is None:
        group = site.context.plans.requests.group(site.node.func)
        if group is None or not group.infer_only or not site.context.has_form("share_inputs"):
            yield site.leave(problem(site))
            return
        request: tuple[Part, ...] = ()
        runner: tuple[Part, ...] = (site.receiver, "(", *_inputs(site), "share_inputs=False)")
    else:
        group, text = found
        request = tuple(part for part in (*text, "" if group.single else "[0]") if part != "")
        runner = (*request, ".infer(", *_arguments(site.node), ")")
    runner = tuple(part for part in runner if part != "")
    if site.context.plans.results.needs_names(site.node):
        rule = site.context.rule("results")
        is_one = site.context.plans.ports.count(site.value.origins, "output") == 1
        runner = named_results(runner, site.context.port, site.context.free("array", "result_array"), is_one)
        verdict, message = names_verdict(site, "output", rule.why, is_handed_out=True)
        change = site.replace(*runner, verdict=verdict or "review", message=message or rule.check)
        change.rule = rule
    elif site.context.plans.results.is_read_by_name(site.node) and not site.context.has_form("results_by_name"):
        name, value = site.context.free("name", "result_name"), site.context.free("array", "result_array")
        change = site.replace(*results_by_all_names(runner, site.context.port, name, value))
        change.rule = site.context.rule("results")
    else:
        change = site.replace(*runner)
    feed(site, change, request)
    yield change


def _inputs(site: Site) -> tuple[Part, ...]:
    inputs = site.argument("inputs")
    return (inputs, ", ") if inputs is not None else ()


def _arguments(call: cst.Call) -> tuple[Part, ...]:
    """The arguments of a call as they stand."""
    parts: list[Part] = []
    for index, arg in enumerate(call.args):
        parts += [", ", arg] if index else [arg]
    return tuple(parts)


@handles("request-infer")
def request_infer(site: Site) -> Result:
    """`request.infer(inputs)`: the same, with arrays for lists."""
    change = site.change()
    feed(site, change, (site.receiver,))
    if change.edits or change.verdict == "review":
        yield change


@handles("async-infer")
def async_infer(site: Site) -> Result:
    """`request.async_infer(inputs)` → `request.start_async(inputs)`."""
    assert isinstance(site.node, cst.Call)
    assert isinstance(site.node.func, cst.Attribute)
    change = site.change()
    change.edits.append(Edit(site.tree.spans[site.node.func.attr], ("start_async",)))
    feed(site, change, (site.receiver,))
    yield change


@handles("start-async")
def start_async(site: Site) -> Result:
    """`exec_net.start_async(request_id, inputs)`: the request with that id is started; it was returned as well."""
    assert isinstance(site.node, cst.Call)
    found, request_id = companion(site), site.argument("request_id")
    if found is None or request_id is None:
        yield site.leave(problem(site))
        return
    group, text = found
    if group.queue is not None:
        given = site.argument("inputs")
        queued = site.replace(*text, ".start_async(", given if given is not None else "", ")")
        feed(site, queued, ())
        yield queued
        return
    request: tuple[Part, ...] = text if group.single else (*text, "[", request_id, "]")
    inputs = site.arguments.get("inputs")
    call: tuple[Part, ...] = (".start_async(", inputs, ")") if inputs is not None else (".start_async()",)
    change = _start(site, request, call)
    if change is None:
        yield site.leave("Start the request first, then use it: start_async gives nothing back.")
        return
    feed(site, change, request)
    yield change


def _start(site: Site, request: tuple[Part, ...], call: tuple[Part, ...]) -> Change | None:
    """The change for a start whose value is thrown away, kept in a variable, or returned."""
    statement = site.tree.statement(site.node)
    if isinstance(statement, cst.Expr) and statement.value is site.node:
        return site.replace(*request, *call)
    if isinstance(statement, cst.Assign) and statement.value is site.node and len(statement.targets) == 1:
        target = statement.targets[0].target
        if isinstance(target, (cst.Name, cst.Attribute)):
            lines: list[tuple[Part, ...]] = [(target, " = ", *request), (target, *call)]
            return _by_lines(site, statement, lines)
    if isinstance(statement, cst.Return) and statement.value is site.node:
        return _by_lines(site, statement, [(*request, *call), ("return ", *request)])
    request_id = site.argument("request_id")
    if not isinstance(request_id, (cst.Name, cst.Attribute, cst.Integer)):
        return None
    if not can_go_first(site.tree, site.node):
        return site.replace("(", *request, *call, " or ", *request, ")")
    change = site.replace(*request)
    change.edits.append(insert_before(site.tree, site.tree.block_statement(site.node), (*request, *call)))
    return change


def _by_lines(site: Site, statement: cst.CSTNode, lines: list[tuple[Part, ...]]) -> Change:
    change = site.change(node=statement)
    change.edits.append(replace_by_lines(site.tree, statement, lines))
    return change
