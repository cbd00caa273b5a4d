"""Step `read`: the inputs and outputs of a network, and what they answer."""

from __future__ import annotations

import libcst as cst

from ov_migrate.steps.comparisons import compared
from ov_migrate.steps.context import Result, Site
from ov_migrate.steps.layout_edits import shape_edits
from ov_migrate.steps.model_verdicts import name_verdict
from ov_migrate.steps.port_map import PortMap
from ov_migrate.steps.precision_reads import hides_type
from ov_migrate.steps.registry import handles
from ov_migrate.syntax import dotted


@handles("network-inputs")
def network_inputs(site: Site) -> Result:
    port_map = PortMap(site, "input")
    if not port_map.is_new_code():
        yield port_map.change()


@handles("network-outputs")
def network_outputs(site: Site) -> Result:
    port_map = PortMap(site, "output")
    if not port_map.is_new_code():
        yield port_map.change()


@handles("port-name")
def port_name(site: Site) -> Result:
    """`data.name` → `port.any_name`, which is the layer's name where the model says so."""
    side = "output" if site.value.kind == "output_data" else "input"
    verdict, message = name_verdict(site, side)
    yield site.replace(site.receiver, ".any_name", verdict=verdict, message=message)


@handles("input-data")
def input_data(site: Site) -> Result:
    """`info.input_data`, `info.tensor_desc`: the port itself."""
    yield site.replace(site.receiver)


@handles("blob-description")
def blob_description(site: Site) -> Result:
    """`blob.tensor_desc`: the tensor itself."""
    yield site.replace(site.receiver)


# Functions that take any sequence of ints.
_SEQUENCE_CALLS = frozenset(
    {"len", "tuple", "list", "max", "min", "sum", "sorted", "enumerate", "iter", "zip", "map", "set"}
)


# Functions of numpy that take a shape (run with a Shape on 2022.1 to 2026.4).
_NUMPY_CALLS = frozenset({"zeros", "ones", "empty", "full", "ndarray", "prod"})


@handles("port-shape")
def port_shape(site: Site) -> Result:
    """`data.shape`, `desc.dims`: a list where the code needs one."""
    order = site.context.plans.preprocess.layouts.reads.get(site.node)
    if order is not None or _takes_any_sequence(site):
        change = site.replace(site.receiver, ".shape")
        change.edits += shape_edits(site.tree, site.node, order) if order is not None else []
        yield change
    else:
        yield site.replace("list(", site.receiver, ".shape)")


def _takes_any_sequence(site: Site) -> bool:
    parent = site.parent
    if isinstance(parent, cst.Assign):
        return all(isinstance(target.target, (cst.Tuple, cst.List)) for target in parent.targets)
    if isinstance(parent, cst.Subscript) and parent.value is site.node and len(parent.slice) == 1:
        index = parent.slice[0].slice
        return isinstance(index, cst.Index) and isinstance(index.value, cst.Integer)
    if isinstance(parent, (cst.For, cst.CompFor)):
        return parent.iter is site.node
    if isinstance(parent, cst.StarredElement):
        return True
    if isinstance(parent, cst.Arg):
        call = site.tree.parents[parent]
        if parent.star == "*":
            return True
        if not isinstance(call, cst.Call):
            return False
        name = dotted(call.func) or ""
        return name in _SEQUENCE_CALLS or name.removeprefix("np.").removeprefix("numpy.") in _NUMPY_CALLS - {name}
    return False


@handles("port-layout")
def port_layout(site: Site) -> Result:
    """`len(data.layout)`, `data.layout == "NCHW"`: questions to the rank, where nobody sets a layout."""
    found = compared(site)
    if site.value.kind == "tensor_desc" or _sets_layouts(site):
        yield site.leave()
    elif found is not None and found.is_equality:
        layout = site.context.constant(found.other)
        rank = site.context.catalogue.tables["layout_ranks"].get(str(layout), "")
        if not rank:
            yield site.leave()
            return
        change = site.change(node=found.node)
        change.edits += site.replace("len(", site.receiver, ".shape)").edits
        change.edits += site.replace(rank, node=found.other).edits
        yield change
    elif _is_argument_of_len(site):
        yield site.replace(site.receiver, ".shape")
    else:
        yield site.leave()


def _is_argument_of_len(site: Site) -> bool:
    call = site.tree.parents[site.parent] if isinstance(site.parent, cst.Arg) else None
    return isinstance(call, cst.Call) and dotted(call.func) == "len"


def _sets_layouts(site: Site) -> bool:
    """True when the program sets the layout of any port, which may be this one."""
    for module in site.context.engine.project.modules:
        for target in module.tree.all(cst.AssignTarget):
            node = target.target
            if isinstance(node, cst.Attribute) and node.attr.value == "layout":
                return True
    return False


@handles("port-precision")
def port_precision(site: Site) -> Result:
    """`info.precision == "FP32"` → `port.element_type == Type.f32`."""
    found, plan = compared(site), site.context.plans.preprocess
    if found is None:
        yield site.leave()
        return
    if isinstance(site.node, cst.Attribute) and hides_type(plan, site.context.index, site.node, site.value.origins):
        yield site.leave("The program sets this precision, which a port shows only when the PrePostProcessor is built.")
        return
    names = found.items
    types = [_element_type(site, name) for name in names]
    if not all(types):
        yield site.leave()
        return
    change = site.change(node=found.node)
    change.edits += site.replace(site.receiver, ".element_type").edits
    for name, text in zip(names, types, strict=True):
        change.edits += site.replace(text, node=name).edits
    yield change


def _element_type(site: Site, node: cst.BaseExpression) -> str:
    """`Type.f32` for the literal "FP32"; "" for anything else."""
    table = site.context.catalogue.tables["element_types"]
    if not isinstance(node, cst.SimpleString) or node.evaluated_value not in table:
        return ""
    return f"{site.context.names.get('Type', site.node)}.{table[str(node.evaluated_value)]}"
