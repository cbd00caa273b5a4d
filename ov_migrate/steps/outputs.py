"""Step `outputs`: results of requests, which were private copies, and what else a request tells."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ov_migrate.edits import Change, Edit, Part
from ov_migrate.inference.values import Legacy, Method
from ov_migrate.steps.aliases import indexed_uses
from ov_migrate.steps.context import Context, Result, Site
from ov_migrate.steps.lifetimes import outlives_run
from ov_migrate.steps.model_plan import by
from ov_migrate.steps.model_verdicts import Verdict, names_verdict, order_verdict
from ov_migrate.steps.port_plan import called_name, first_item, view_of
from ov_migrate.steps.port_text import legacy_first, legacy_sorted, named_results
from ov_migrate.steps.registry import handles
from ov_migrate.steps.statements import remove_statement
from ov_migrate.syntax import dotted

# Methods and functions of numpy whose result shares no memory with the array they are given.
_COPYING_METHODS = frozenset(
    [
        "argmax",
        "argmin",
        "argsort",
        "sum",
        "max",
        "min",
        "mean",
        "std",
        "copy",
        "tolist",
        "item",
        "flatten",
        "astype",
        "prod",
        "cumsum",
        "any",
        "all",
        "tobytes",
    ]
)
_COPYING_FUNCTIONS = frozenset(
    [
        "argmax",
        "argmin",
        "argsort",
        "sum",
        "max",
        "min",
        "mean",
        "array",
        "float",
        "int",
        "exp",
        "sqrt",
        "copy",
        "len",
        "sort",
        "unique",
    ]
)


@handles("request-outputs")
def request_outputs(site: Site) -> Result:
    """`request.outputs[name]` (2018 to 2020): a copy of the output's data."""
    yield from tensor_map(site, "output", ".data")


@handles("output-blobs")
def output_blobs(site: Site) -> Result:
    """`request.output_blobs[name]`: a tensor; its `buffer` is looked at by its own rule."""
    yield from tensor_map(site, "output", "")


def tensor_map(site: Site, side: str, tail: str) -> Result:
    """A use of a request's blobs or arrays by name: one tensor where it is indexed, else the legacy dict made again."""
    parent = site.parent
    if isinstance(parent, cst.Arg) and called_name(site.tree, parent) == "len":
        yield site.replace(site.receiver, f".model_{side}s")
        return
    if isinstance(parent, cst.Subscript) and isinstance(site.tree.parents[parent], cst.AssignTarget):
        yield site.leave(
            "The legacy dict was new at each access, so this never reached the request: set get_tensor(name).data[:]."
        )
        return
    if isinstance(parent, cst.Subscript) and parent.value is site.node and isinstance(parent.slice[0].slice, cst.Index):
        copies = ".copy()" if side == "output" and tail and not is_consumed(site, parent) else ""
        key = parent.slice[0].slice.value
        tensor: tuple[Part, ...] = (site.receiver, ".get_tensor(", key, f"){tail}{copies}")
        if side == "output" and not tail and outlives_run(site, parent):
            tensor = (site.context.names.get("Tensor", site.node), "(", *tensor, ".data)")
        yield site.replace(*tensor, node=parent)
        return
    kept = side == "output" and not tail and outlives_run(site, site.node)
    uses = None if tail or kept else indexed_uses(site)
    if uses is not None:
        yield _alias_change(site, uses)
        return
    yield _all_tensors(site, side, tail, kept)


def _all_tensors(site: Site, side: str, tail: str, kept: bool) -> Change:
    """A use that is about more than one name: a view, a loop, or the dict itself."""
    view = view_of(site.tree, site.node)
    copy = ".copy()" if side == "output" and tail else ""
    port, ports = site.context.port, (site.receiver, f".model_{side}s")
    first, method = first_item(site.tree, view), _method(site, view)
    if first is not None and method == "values":
        one: tuple[Part, ...] = (site.receiver, f".get_{side}_tensor()")
        given = site.context.plans.ports.first(site.value.origins, side)
        if site.context.plans.ports.is_many(site.value.origins, side):
            one = (site.receiver, ".get_tensor(", *legacy_first(ports, side, port), ")")
            if given is not None:
                one = (site.receiver, f".get_{side}_tensor({given.index})")
        return _settled(site.replace(*one, f"{tail}{copy}", node=first, verdict="review"), order_verdict(site))
    if first is not None and method in ("", "keys"):
        return site.replace(*legacy_first(ports, side, port), ".any_name", node=first, verdict="review")
    tensor: tuple[Part, ...] = (site.receiver, f".get_tensor({port}){tail}{copy}")
    if kept:
        tensor = (site.context.names.get("Tensor", site.node), "(", *tensor, ".data)")
    is_one = site.context.plans.ports.count(site.value.origins, side) == 1
    ordered = ports if is_one else legacy_sorted(ports, side, port)
    around = site.tree.parents[view]
    is_loop = isinstance(around, (cst.For, cst.CompFor)) and around.iter is view
    if method == "values":
        whole = site.tree.parents[around] if called_name(site.tree, around) == "list" else view
        values = ("[", *tensor, f" for {port} in ", *ordered, "]")
        return _settled(site.replace(*values, node=whole, verdict="review"), order_verdict(site))
    if is_loop and method == "items":
        pairs = (f"[({port}.any_name, ", *tensor, f") for {port} in ", *ordered, "]")
        return _settled(site.replace(*pairs, node=view, verdict="review"), names_verdict(site, side))
    if is_loop:
        names = (f"[{port}.any_name for {port} in ", *ordered, "]")
        return _settled(site.replace(*names, node=view, verdict="review"), names_verdict(site, side))
    named = (f"{{{port}.any_name: ", *tensor, f" for {port} in ", *ordered, "}")
    return _settled(site.replace(*named, verdict="review"), names_verdict(site, side, is_handed_out=True))


def _settled(change: Change, verdict: Verdict) -> Change:
    """The change with the verdict of the given models, if they have one."""
    if all(verdict):
        change.verdict, change.message = verdict
    return change


def _method(site: Site, view: cst.CSTNode) -> str:
    """`keys`, `values` or `items` where the view is such a call on the site, else ""."""
    is_call = view is not site.node and isinstance(view, cst.Call) and isinstance(view.func, cst.Attribute)
    return view.func.attr.value if is_call else ""  # type: ignore[attr-defined]


def _alias_change(site: Site, uses: list[cst.Subscript]) -> Change:
    """`blobs = request.output_blobs`, only indexed later: each use asks the request itself."""
    statement = site.tree.statement(site.node)
    change = site.change(node=statement)
    change.edits.append(remove_statement(site.tree, statement))
    for use in uses:
        key = use.slice[0].slice
        parts = (site.receiver, ".get_tensor(", key.value if isinstance(key, cst.Index) else "", ")")
        change.edits.append(Edit(site.tree.spans[use], parts))
    return change


@handles("output-buffer")
def output_buffer(site: Site) -> Result:
    """`blob.buffer` of an output: a copy, unless it is used up on the spot."""
    tail = ".data" if is_consumed(site, site.node) else ".data.copy()"
    parent = site.parent
    is_whole = isinstance(parent, cst.Subscript) and site.tree.source(parent.slice[0]).strip() == ":"
    is_read = not isinstance(site.tree.parents[parent], (cst.AssignTarget, cst.AugAssign))
    yield site.replace(site.receiver, tail, node=parent if is_whole and is_read and tail != ".data" else None)


def is_consumed(site: Site, node: cst.CSTNode) -> bool:
    """True when the array is used up where it stands: nothing that outlives the expression shares its memory."""
    tree = site.tree
    parent = tree.parents[node]
    while isinstance(parent, cst.Subscript) and parent.value is node:
        node, parent = parent, tree.parents[parent]
    if isinstance(parent, cst.Attribute):
        if parent.attr.value in ("shape", "size", "dtype", "ndim"):
            return True
        call = tree.parents[parent]
        return _copies(call) and parent.attr.value in _COPYING_METHODS
    if isinstance(parent, cst.Arg) and not parent.star:
        call = tree.parents[parent]
        if isinstance(call, cst.Call) and call.args[0] is parent and _copies(call):
            return called_name(tree, parent) in _COPYING_FUNCTIONS and _is_numpy_or_builtin(call.func)
    return False


def _copies(call: cst.CSTNode) -> bool:
    """False for a call that may be told not to copy."""
    return isinstance(call, cst.Call) and all(arg.keyword is None or arg.keyword.value != "copy" for arg in call.args)


def _is_numpy_or_builtin(func: cst.BaseExpression) -> bool:
    if isinstance(func, cst.Name):
        return func.value in ("float", "int", "len", "max", "min", "sum")
    return isinstance(func, cst.Attribute) and isinstance(func.value, cst.Name) and func.value.value in ("np", "numpy")


def first_values(context: Context) -> Iterator[Change]:
    """`next(iter(res.values()))` on a result: the value of the one output, by its port."""
    rule = context.rule("first-result")
    for node, result in context.plans.results.first_values.items():
        if node not in context.tree.parents or not _is_rewritten(context, result):
            continue
        owner = _executable_network(context, node, result)
        ports, origins = context.plans.ports, frozenset(_result_calls(context, result))
        given = ports.first(origins, "output")
        verdict, message = ("migrated", by(rule.why, ports.models(origins))) if given else ("review", rule.check)
        if owner is None:
            parts = named_results((result,), context.port, context.free("array", "result_array"))
            yield Change(rule, result, [Edit(context.tree.spans[result], parts)], verdict, message)
        else:
            address = context.plans.ports.address(origins, "output", context.tree.quote)
            parts = (result, "[", owner, f".output({address})]")
            yield Change(rule, node, [Edit(context.tree.spans[node], parts)], verdict, message)


def _result_calls(context: Context, result: cst.BaseExpression) -> list[cst.Call]:
    """The `infer` calls that gave a result."""
    origins = [v.origin for v in context.facts(result) if isinstance(v, Legacy) and v.kind == "results"]
    return [call for call in origins if isinstance(call, cst.Call)]


def _is_rewritten(context: Context, result: cst.BaseExpression) -> bool:
    groups = [context.plans.requests.group(call.func) for call in _result_calls(context, result)]
    return all(group is not None and (not group.problem or group.infer_only) for group in groups)


def _executable_network(context: Context, node: cst.CSTNode, result: cst.BaseExpression) -> str | None:
    """The text of the executable network that gave the result, where the same name stands for it at `node`."""
    call = next(iter(_result_calls(context, result)), None)
    if call is None or not isinstance(call.func, cst.Attribute) or call not in context.tree.parents:
        return None
    text = dotted(call.func.value)
    return text if text is not None and context.tree.scope(call) is context.tree.scope(node) else None


@handles("perf-counts")
def perf_counts(site: Site) -> Result:
    """`request.get_perf_counts()`: the legacy dict of dicts, times in microseconds, with the entries that are read."""
    if _is_asked_again(site):
        yield site.replace(site.context.helpers.name("ie_perf_counts"), "(", site.receiver, ")")
        return
    quote, newline = site.context.tree.quote, site.context.newline
    read = site.context.plans.results.counter_keys
    counters = site.context.catalogue.tables["perf_counters"]
    keys = [key for key in counters if read is None or key in read] or list(counters)
    inner = ", ".join(f"{quote}{key}{quote}: {counters[key]}" for key in keys)
    outer = site.tree.indent(site.tree.block_statement(site.node))
    line = newline + outer + site.tree.module.default_indent
    if "execution_index" in keys:
        source: tuple[Part, ...] = ("index, info in sorted(enumerate(", site.receiver, ".profiling_info), ")
        order = "key=lambda item: item[1].node_name)"
    else:
        source = ("info in sorted(", site.receiver, ".profiling_info, ")
        order = "key=lambda info: info.node_name)"
    head = f"{{{line}info.node_name: {{{inner}}}{line}for "
    yield site.replace(head, *source, f"{order}{newline}{outer}}}")


def _is_asked_again(site: Site) -> bool:
    """True when the module asks for performance counters in several places."""
    asked = [
        call
        for call in site.tree.all(cst.Call)
        for value in site.context.facts(call.func)
        if isinstance(value, Method) and (value.receiver.kind, value.name) == (site.value.kind, site.member)
    ]
    return len(set(asked)) > 1


@handles("request-unchanged")
def request_unchanged(site: Site) -> Result:
    yield from ()
