"""Recognises programs whose request ids only serve to find an idle request: they become an AsyncInferQueue.

Such a program asks for an idle id, starts that request, and goes on; callbacks take the results. The queue finds the
idle request by itself, so the ids, and waiting for one request to be free, disappear.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from ov_migrate.edits import Part
from ov_migrate.steps.context import bind
from ov_migrate.syntax import Tree


@dataclass
class QueueForm:
    """What becomes of the statements of one such program: some go, one loop sets the callback of the queue."""

    removed: set[cst.CSTNode] = field(default_factory=set)
    callbacks: dict[cst.CSTNode, tuple[Part, ...]] = field(default_factory=dict)


def queue_form(tree: Tree, uses: list[cst.Attribute]) -> QueueForm | None:
    """The form for the uses of one executable network, all in one module; None when some use does not fit."""
    form = QueueForm()
    ids = _idle_ids(tree, uses)
    if ids is None:
        return None
    for use in uses:
        if not _fits(tree, use, ids, form):
            return None
    return form if _ids_fit(tree, ids, uses, form) else None


def _idle_ids(tree: Tree, uses: list[cst.Attribute]) -> set[str] | None:
    """The variables that take idle ids; None when an id goes anywhere else."""
    names = set()
    for use in uses:
        if use.attr.value == "get_idle_request_id":
            statement = tree.statement(use)
            target = statement.targets[0].target if isinstance(statement, cst.Assign) else None
            if not isinstance(target, cst.Name) or statement.value is not tree.parents[use]:  # type: ignore[attr-defined]
                return None
            names.add(target.value)
    return names


def _fits(tree: Tree, use: cst.Attribute, ids: set[str], form: QueueForm) -> bool:
    parent, statement = tree.parents[use], tree.statement(use)
    if use.attr.value == "get_idle_request_id":
        form.removed.add(statement)
        return True
    if use.attr.value == "requests":
        around = tree.parents[parent]
        is_counted = isinstance(around, cst.Call) and tree.source(around).startswith("len(")
        return _is_callback_loop(tree, use, form) or is_counted
    if not isinstance(parent, cst.Call) or not (isinstance(statement, cst.Expr) and statement.value is parent):
        return False
    if use.attr.value == "start_async":
        request_id = (bind(parent, ("request_id", "inputs")) or {}).get("request_id")
        return request_id is not None and isinstance(request_id.value, cst.Name) and request_id.value.value in ids
    if use.attr.value == "wait":
        return _is_plain_wait(tree, parent, statement, form)
    return False


def _is_plain_wait(tree: Tree, call: cst.Call, statement: cst.CSTNode, form: QueueForm) -> bool:
    """`wait()` for all requests stays as wait_all(); `wait(num_requests=1)` goes."""
    if not call.args:
        return True
    arguments = bind(call, ("num_requests", "timeout")) or {}
    count = arguments.get("num_requests")
    if set(arguments) != {"num_requests"} or count is None or tree.source(count.value) != "1":
        return False
    form.removed.add(statement)
    return True


def _is_callback_loop(tree: Tree, use: cst.Attribute, form: QueueForm) -> bool:
    """`for request in exec_net.requests: request.set_completion_callback(done, request)`, and nothing else."""
    loop = tree.parents[use]
    if not isinstance(loop, cst.For) or loop.iter is not use or not isinstance(loop.target, cst.Name):
        return False
    call = _only_call(loop.body)
    if call is None or not isinstance(call.func, cst.Attribute) or call.func.attr.value != "set_completion_callback":
        return False
    if not isinstance(call.func.value, cst.Name) or call.func.value.value != loop.target.value:
        return False
    arguments = bind(call, ("py_callback", "py_data")) or {}
    callback, data = arguments.get("py_callback"), arguments.get("py_data")
    if callback is None or not isinstance(callback.value, (cst.Name, cst.Attribute)):
        return False
    is_request = data is not None and isinstance(data.value, cst.Name) and data.value.value == loop.target.value
    if data is not None and not is_request and not isinstance(data.value, (cst.SimpleString, cst.Integer)):
        return False
    passed: Part = "request" if is_request else data.value if data is not None else "None"
    form.callbacks[loop] = (".set_callback(lambda request, _: ", callback.value, "(0, ", passed, "))")
    return True


def _only_call(body: cst.BaseSuite) -> cst.Call | None:
    if len(body.body) != 1:
        return None
    line = body.body[0]
    statements = line.body if isinstance(line, cst.SimpleStatementLine) else [line]
    statement = statements[0] if len(statements) == 1 else None
    return statement.value if isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call) else None


def _ids_fit(tree: Tree, ids: set[str], uses: list[cst.Attribute], form: QueueForm) -> bool:
    """True when the ids serve nothing but starts, and tests for "none is idle" that then wait and ask again."""
    calls = [tree.parents[use] for use in uses]
    for name in ids:
        for reference in tree.references(name):
            statement = tree.statement(reference)
            if statement in form.removed or _is_start_argument(tree, reference, calls):
                continue
            if not (isinstance(statement, cst.If) and _is_retry(tree, statement, form)):
                return False
            form.removed.add(statement)
    return bool(ids)


def _is_start_argument(tree: Tree, reference: cst.Name, calls: list[cst.CSTNode]) -> bool:
    arg = tree.parents[reference]
    return isinstance(arg, cst.Arg) and tree.parents[arg] in calls


def _is_retry(tree: Tree, node: cst.If, form: QueueForm) -> bool:
    lines = node.body.body if node.orelse is None else ()
    inner = [s for line in lines for s in getattr(line, "body", ())]
    return bool(inner) and all(statement in form.removed for statement in inner)
