"""Where a port shows the precision that the program has set on it."""

from __future__ import annotations

import libcst as cst

from ov_migrate.steps.layout_plan import Origins, holds_old_port
from ov_migrate.steps.preprocess_conflicts import network_origins
from ov_migrate.steps.preprocess_plan import PreprocessPlan
from ov_migrate.steps.preprocess_setters import Setter


def hides_type(plan: PreprocessPlan, module: int, node: cst.Attribute, origins: Origins) -> bool:
    """True where the precision of a port is asked for that a PrePostProcessor may have set, and that the port does not
    show, since it is not built there for certain, or the port is that of the model before."""
    return any(
        setter.member == "precision"
        and network_origins(plan.engine, setter) & origins
        and _comes_between(plan, setter, module, node)
        for setter in plan.setters.values()
    )


def _comes_between(plan: PreprocessPlan, setter: Setter, module: int, node: cst.Attribute) -> bool:
    tree, pipeline = plan.places.tree(setter.module), plan.pipeline(setter)
    is_here = setter.module == module and tree.scope(setter.node) is tree.scope(node)
    if not is_here or pipeline is None or pipeline.building is None:
        return True
    building = pipeline.building[0]
    if tree.spans[node] < tree.spans[setter.node]:
        return False
    return tree.spans[node] < tree.spans[building] or holds_old_port(plan.places, module, node, building)
