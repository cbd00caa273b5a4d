"""Step `async`: starting requests, synchronous and asynchronous, and callbacks."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Change, Edit, Part
from ov_migrate.inference.values import Container, Function
from ov_migrate.steps.context import Result, Site
from ov_migrate.steps.model_verdicts import names_verdict
from ov_migrate.steps.port_text import named_results
from ov_migrate.steps.registry import handles
from ov_migrate.steps.request import companion, problem
from ov_migrate.steps.statements import remove_statement, replace_by_lines
from ov_migrate.steps.tensors import numpy_alias
from ov_migrate.syntax import children


@handles("infer")
def infer(site: Site) -> Result:
    """`exec_net.infer(inputs)`: through the one request, or by calling the compiled model, which keeps one."""
    assert isinstance(site.node, cst.Call)
    found = companion(site)
    if found is None:
        group = site.context.plans.requests.group(site.node.func)
        if group is None or not group.infer_only:
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
    else:
        change = site.replace(*runner)
    change.edits += list_edits(site, request)
    yield change


def list_edits(site: Site, request: tuple[Part, ...]) -> list[Edit]:
    """`{name: [image]}`: the legacy API made an array of a list, and gave it the shape of the input; API 2.0 wants an
    array of that shape. Each list is edited once, however many runs take the dictionary."""
    inputs = site.argument("inputs")
    edits = []
    for display in _displays(site, inputs) if inputs is not None else []:
        given = [e for e in display.elements if isinstance(e, cst.DictElement) and _is_list(site, e.value)]
        for item in [item for item in given if item.value not in site.context.wrapped]:
            site.context.wrapped.add(item.value)
            shape: tuple[Part, ...] = ()
            if request and display is inputs and _has_several_items(item.value):
                shape = (".reshape(", *request, ".get_tensor(", item.key, ").shape)")
            array = numpy_alias(site.context, site.node)
            edits.append(Edit(site.tree.spans[item.value], (f"{array}.array(", item.value, ")", *shape)))
    return edits


def _has_several_items(node: cst.BaseExpression) -> bool:
    """True for `[yaw, pitch, roll]`: numbers, which lack the dimension of the batch, or images, which do not."""
    items = node.elements if isinstance(node, cst.List) else ()
    return len(items) > 1 and not any(isinstance(item.value, (cst.List, cst.Tuple)) for item in items)


def _displays(site: Site, inputs: cst.BaseExpression) -> list[cst.Dict]:
    """The dictionaries that `inputs` may be, as far as this module makes them."""
    made = [inputs, *(value.node for value in site.context.facts(inputs) if isinstance(value, Container))]
    return [node for node in dict.fromkeys(made) if isinstance(node, cst.Dict) and node in site.tree.spans]


def _is_list(site: Site, node: cst.BaseExpression) -> bool:
    """True for a list, or a name that can only be one."""
    values = site.context.facts(node)
    return isinstance(node, cst.List) or (
        bool(values) and all(isinstance(v, Container) and isinstance(v.node, (cst.List, cst.ListComp)) for v in values)
    )


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
    edits = list_edits(site, (site.receiver,))
    if edits:
        change = site.change()
        change.edits += edits
        yield change


@handles("async-infer")
def async_infer(site: Site) -> Result:
    """`request.async_infer(inputs)` → `request.start_async(inputs)`."""
    assert isinstance(site.node, cst.Call)
    assert isinstance(site.node.func, cst.Attribute)
    change = site.change()
    change.edits += [Edit(site.tree.spans[site.node.func.attr], ("start_async",)), *list_edits(site, (site.receiver,))]
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
        queued.edits += list_edits(site, ())
        yield queued
        return
    request: tuple[Part, ...] = text if group.single else (*text, "[", request_id, "]")
    inputs = site.arguments.get("inputs")
    call: tuple[Part, ...] = (".start_async(", inputs, ")") if inputs is not None else (".start_async()",)
    change = _start(site, request, call)
    if change is None:
        yield site.leave("Start the request first, then use it: start_async gives nothing back.")
        return
    change.edits += list_edits(site, request)
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
    return None


def _by_lines(site: Site, statement: cst.CSTNode, lines: list[tuple[Part, ...]]) -> Change:
    change = site.change(node=statement)
    change.edits.append(replace_by_lines(site.tree, statement, lines))
    return change


@handles("idle-request-id")
def idle_request_id(site: Site) -> Result:
    """`exec_net.get_idle_request_id()`: goes where ids serve only to find an idle request, as a queue does itself."""
    found = companion(site)
    if found is None or found[0].queue is None:
        yield site.leave()
        return
    statement = site.tree.statement(site.node)
    around = next((n for n in site.tree.ancestors(statement) if n in found[0].queue.removed), statement)
    change = site.change(node=around)
    change.edits.append(remove_statement(site.tree, around))
    yield change


@handles("completion-callback")
def completion_callback(site: Site) -> Result:
    """`request.set_completion_callback(cb, data)`: the callback gets the data only."""
    if _is_set_on_queue(site):
        return
    assert isinstance(site.node, cst.Call)
    assert isinstance(site.node.func, cst.Attribute)
    callback, data = site.argument("py_callback"), site.argument("py_data")
    if callback is None or (isinstance(callback, cst.Name) and callback.value == "None"):
        yield site.leave("A callback cannot be taken away again; set one that does nothing.")
        return
    passed: tuple[Part, ...] = ("data",) if data is not None else ("None",)
    if isinstance(callback, cst.Lambda) and _ignores_status(callback):
        head, body = callback.params.params[1], callback.body
        adapter: tuple[Part, ...] = ("lambda ", site.tree.source(head.name), ": ", body)
    elif isinstance(callback, cst.Lambda):
        adapter = ("lambda data: (", callback, ")(0, ", *passed, ")")
    elif _is_fixed(site, callback):
        adapter = ("lambda data: ", callback, "(0, ", *passed, ")")
    else:
        adapter = ("lambda data, callback=", callback, ": callback(0, ", *passed, ")")
    change = site.change()
    change.edits.append(Edit(site.tree.spans[site.node.func.attr], ("set_callback",)))
    span = (site.tree.spans[site.node.args[0]][0], site.tree.spans[site.node.args[-1]][1])
    change.edits.append(Edit(span, (*adapter, ", ", data if data is not None else "None")))
    yield change


def _is_set_on_queue(site: Site) -> bool:
    """True inside a loop that becomes the one call that sets the callback of a queue."""
    around = set(site.tree.ancestors(site.node))
    queues = [group.queue for group in site.context.plans.requests.groups if group.queue is not None]
    return any(not around.isdisjoint(queue.callbacks) for queue in queues)


def _ignores_status(callback: cst.Lambda) -> bool:
    """True for `lambda status, data: …` that does not look at the status."""
    params = callback.params.params
    return len(params) == 2 and not _mentions(callback.body, params[0].name.value)


def _mentions(node: cst.CSTNode, name: str) -> bool:
    if isinstance(node, cst.Name) and node.value == name:
        return True
    return any(_mentions(child, name) for child in children(node))


def _is_fixed(site: Site, callback: cst.BaseExpression) -> bool:
    """True for a function or method under a name that keeps its meaning until the callback runs."""
    facts = site.context.facts(callback)
    if not facts or not all(isinstance(value, Function) for value in facts):
        return False
    if isinstance(callback, cst.Attribute):
        return len(facts) == 1 and _is_bound_once(site, callback)
    return isinstance(callback, cst.Name) and _is_bound_once(site, callback)


def _is_bound_once(site: Site, node: cst.BaseExpression) -> bool:
    """True when the name at the root of `node` has one meaning: a parameter, a definition, or one assignment outside
    of loops."""
    while isinstance(node, cst.Attribute):
        node = node.value
    if not isinstance(node, cst.Name):
        return False
    names = site.context.module.names
    owner = names.owner(site.tree.scope(node), node.value)
    bindings = names.scopes[owner].bindings.get(node.value, []) if owner is not None else []
    if len(bindings) != 1:
        return False
    around = site.tree.ancestors(bindings[0])
    if isinstance(bindings[0], (cst.FunctionDef, cst.ClassDef, cst.ImportAlias, cst.Param)):
        return True
    loops = (cst.For, cst.While, cst.CompFor)
    inner = [parent for parent in around if isinstance(parent, loops) and site.tree.scope(parent) is owner]
    return not inner
