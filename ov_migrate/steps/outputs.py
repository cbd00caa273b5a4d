"""Step `outputs`: results of requests, which were private copies, and what else a request tells."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Part
from ov_migrate.steps.context import Result, Site
from ov_migrate.steps.registry import handles

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
    if isinstance(parent, cst.Subscript) and isinstance(site.tree.parents[parent], cst.AssignTarget):
        yield site.leave(
            "The legacy dict was new at each access, so this never reached the request: set get_tensor(name).data[:]."
        )
        return
    if isinstance(parent, cst.Subscript) and parent.value is site.node and isinstance(parent.slice[0].slice, cst.Index):
        copies = ".copy()" if side == "output" and tail and not is_consumed(site, parent) else ""
        key = parent.slice[0].slice.value
        yield site.replace(site.receiver, ".get_tensor(", key, f"){tail}{copies}", node=parent)
        return
    copy = ".copy()" if side == "output" and tail else ""
    port = site.context.port
    each = (site.receiver, f".get_tensor({port}){tail}{copy}) for {port} in ", site.receiver, f".model_{side}s")
    yield site.replace(f"dict(sorted(({port}.any_name, ", *each, "))", verdict="review")


@handles("output-buffer")
def output_buffer(site: Site) -> Result:
    """`blob.buffer` of an output: a copy, unless it is used up on the spot."""
    tail = ".data" if is_consumed(site, site.node) else ".data.copy()"
    yield site.replace(site.receiver, tail)


def is_consumed(site: Site, node: cst.CSTNode) -> bool:
    """True when the array is used up where it stands: nothing that outlives the expression shares its memory."""
    tree = site.tree
    parent = tree.parents[node]
    if isinstance(parent, cst.Attribute):
        if parent.attr.value in ("shape", "size", "dtype", "ndim"):
            return True
        call = tree.parents[parent]
        return isinstance(call, cst.Call) and call.func is parent and parent.attr.value in _COPYING_METHODS
    if isinstance(parent, cst.Arg) and not parent.star:
        call = tree.parents[parent]
        if isinstance(call, cst.Call) and call.args and call.args[0] is parent:
            func = call.func
            name = (
                func.value if isinstance(func, cst.Name) else func.attr.value if isinstance(func, cst.Attribute) else ""
            )
            return name in _COPYING_FUNCTIONS and _is_numpy_or_builtin(func)
    return False


def _is_numpy_or_builtin(func: cst.BaseExpression) -> bool:
    if isinstance(func, cst.Name):
        return func.value in ("float", "int", "len", "max", "min", "sum")
    return isinstance(func, cst.Attribute) and isinstance(func.value, cst.Name) and func.value.value in ("np", "numpy")


_COUNTERS: tuple[tuple[str, str], ...] = (
    ("status", "info.status.name"),
    ("exec_type", "info.exec_type"),
    ("layer_type", "info.node_type"),
    ("real_time", "round(info.real_time.total_seconds() * 1e6)"),
    ("cpu_time", "round(info.cpu_time.total_seconds() * 1e6)"),
    ("execution_index", "index"),
)


@handles("perf-counts")
def perf_counts(site: Site) -> Result:
    """`request.get_perf_counts()`: the legacy dict of dicts, times in microseconds."""
    quote = site.context.quote
    inner = ", ".join(f"{quote}{key}{quote}: {value}" for key, value in _COUNTERS)
    head = f"{{info.node_name: {{{inner}}} for index, info in sorted(enumerate("
    parts: tuple[Part, ...] = (head, site.receiver, ".profiling_info), key=lambda item: item[1].node_name)}")
    yield site.replace(*parts)


@handles("request-unchanged")
def request_unchanged(site: Site) -> Result:
    yield from ()
