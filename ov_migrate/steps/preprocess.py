"""Step `preprocess`: precision and layout set on the network before it is loaded."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Edit, Part
from ov_migrate.steps.context import Result, Site
from ov_migrate.steps.registry import handles
from ov_migrate.steps.statements import remove_statement

_UNLIKE_IN_NUMPY = frozenset({"BF16", "BOOL"})


@handles("set-precision")
def set_precision(site: Site) -> Result:
    """`net.inputs[name].precision = "U8"` → a statement of the network's PrePostProcessor."""
    plan = site.context.plans.preprocess
    pipeline, setter = plan.pipeline(site.node), plan.setters.get(site.node)
    statement = site.tree.statement(site.node)
    table = site.context.catalogue.tables["element_types"]
    if pipeline is None or setter is None or not isinstance(statement, cst.Assign) or len(statement.targets) != 1:
        yield site.leave()
        return
    value = site.context.constant(statement.value)
    is_unlike = setter.side == "output" and value in _UNLIKE_IN_NUMPY
    if pipeline.problem or is_unlike or (value is not None and value not in table):
        reason = pipeline.problem or f"{value} cannot be had as numpy has it"
        yield site.leave(f"{site.rule.advice} Not done here: {reason}.")
        return
    kind = site.context.names.get("Type", site.node)
    element_type: tuple[Part, ...] = (site.context.helpers.name("ie_element_type"), "(", statement.value, ")")
    if value is not None:
        element_type = (f"{kind}.{table[str(value)]}",)
    truncates = setter.side == "output" and not str(value).startswith("FP")
    change = site.change(verdict="review" if truncates else "", node=statement)
    port = (f"{pipeline.variable}.{setter.side}(", *setter.port)
    call = (*port, ").tensor().set_element_type(", *element_type, ")")
    change.edits.append(Edit(site.tree.spans[statement], call))
    if pipeline.setters[0] is setter:
        name = site.context.names.get("PrePostProcessor", site.node)
        change.edits += plan.making_edits(pipeline, site.context.index, name)
    yield change


@handles("set-layout")
def set_layout(site: Site) -> Result:
    """Setting the layout a port has by its rank changes nothing and goes; other layouts are left."""
    statement = site.tree.statement(site.node)
    if not isinstance(statement, cst.Assign) or len(statement.targets) != 1:
        yield site.leave()
        return
    if site.context.constant(statement.value) not in site.context.catalogue.tables["default_layouts"]:
        yield site.leave()
        return
    change = site.change(node=statement)
    change.edits.append(remove_statement(site.tree, statement))
    yield change
