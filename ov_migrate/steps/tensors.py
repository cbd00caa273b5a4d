"""Step `tensors`: blobs that go in."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Part
from ov_migrate.inference.values import Legacy, LegacyName
from ov_migrate.steps.context import Result, Site, bind
from ov_migrate.steps.outputs import tensor_map
from ov_migrate.steps.registry import handles
from ov_migrate.syntax import dotted

_DESCRIPTION = ("precision", "dims", "layout")


@handles("input-blobs")
def input_blobs(site: Site) -> Result:
    """`request.input_blobs[name]`, `request.inputs[name]` → tensors of the request."""
    yield from tensor_map(site, "input", ".data" if site.member == "inputs" else "")


@handles("blob")
def blob(site: Site) -> Result:
    """`Blob(TensorDesc(…), array)` → `Tensor(array, shared_memory=True)`."""
    text = _tensor(site)
    if text is None:
        yield site.leave()
        return
    yield site.replace(*text)


def _tensor(site: Site) -> tuple[Part, ...] | None:
    description, array = site.argument("tensor_desc"), site.argument("array")
    if not isinstance(description, cst.Call) or not _is_tensor_desc(site, description):
        return None
    parts = bind(description, _DESCRIPTION)
    if parts is None or {"precision", "dims"} - set(parts) or not _keeps_order(site, parts.get("layout")):
        return None
    tensor = site.context.names.get("Tensor", site.node)
    dims, precision = parts["dims"].value, parts["precision"].value
    if array is None:
        return _empty_tensor(site, tensor, precision, dims)
    numpy = _numpy_alias(site)
    return (f"{tensor}({numpy}.ascontiguousarray(", array, ").reshape(", dims, "), shared_memory=True)")


def _empty_tensor(
    site: Site, tensor: str, precision: cst.BaseExpression, dims: cst.BaseExpression
) -> tuple[Part, ...] | None:
    table = site.context.catalogue.tables["element_types"]
    if not isinstance(precision, cst.SimpleString) or precision.evaluated_value not in table:
        return None
    element_type = f"{site.context.names.get('Type', site.node)}.{table[str(precision.evaluated_value)]}"
    return (f"{tensor}({element_type}, ", dims, ")")


def _is_tensor_desc(site: Site, call: cst.Call) -> bool:
    return any(value == LegacyName("TensorDesc") for value in site.context.facts(call.func))


def _keeps_order(site: Site, layout: cst.Arg | None) -> bool:
    """True for a layout that leaves the elements in the order of the dims."""
    if layout is None:
        return True
    value = site.context.constant(layout.value)
    return value in site.context.catalogue.tables["default_layouts"]


def _numpy_alias(site: Site) -> str:
    for node in site.tree.all(cst.Import):
        for alias in node.names:
            if dotted(alias.name) == "numpy":
                bound = alias.asname.name if alias.asname is not None else alias.name
                return dotted(bound) or "numpy"
    return site.context.names.module("numpy", "np", site.node)


@handles("set-blob")
def set_blob(site: Site) -> Result:
    """`request.set_blob(name, blob)` → `request.set_tensor(name, tensor)`; a third argument was preprocessing."""
    name, value = site.argument("blob_name"), site.argument("blob")
    if name is None or value is None or "preprocess_info" in site.arguments:
        yield site.leave()
        return
    known = any(
        isinstance(v, Legacy) and v.kind in ("blob", "input_blob", "output_blob") for v in site.context.facts(value)
    )
    if not known:
        yield site.leave("It is not known whether the second argument is a Blob: give set_tensor an ov.Tensor.")
        return
    yield site.replace(site.receiver, ".set_tensor(", name, ", ", value, ")")


@handles("set-shape")
def set_shape(site: Site) -> Result:
    """`blob.set_shape(dims)` → `tensor.shape = dims`."""
    dims = site.argument("dims")
    if dims is None or not isinstance(site.parent, cst.Expr):
        yield site.leave("Assign the new shape: tensor.shape = dims.")
        return
    yield site.replace(site.receiver, ".shape = ", dims)
