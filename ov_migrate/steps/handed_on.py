"""Parameters that only pass an object on: to one other place, or back to the caller."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from ov_migrate.steps.made_with import returned
from ov_migrate.steps.places import Places
from ov_migrate.steps.signatures import Signatures


def only_handed_on(places: Places, module: int, value: cst.BaseExpression) -> cst.Param | None:
    """The parameter that `value` is, when its function names it nowhere else."""
    place = places.variable(module, value) if isinstance(value, cst.Name) else None
    found = [target for _, target in places.bindings(place)] if place is not None else []
    if place is None or len(found) != 1 or not isinstance(found[0], cst.Param):
        return None
    tree = places.tree(module)
    uses = [use for use in tree.references(place.name) if tree.scope(use) is tree.scope(value)]
    return found[0] if uses == [value] else None


def passed_through(
    places: Places, holds: Callable[[cst.CSTNode], bool], value: cst.BaseExpression, index: int | None
) -> cst.BaseExpression | None:
    """The argument of a call whose functions give back just the parameter that it is for."""
    found: set[cst.BaseExpression | None] = set()
    for function in places.callees(value):
        values = [v for v, i in returned(places, function, index) if i is None and holds(v)]
        names = {v.value if isinstance(v, cst.Name) else "" for v in values}
        name = names.pop() if len(names) == 1 else ""
        is_bound_once = len(places.named(function, name)) == 1
        arguments = Signatures(places).arguments(value, function) if is_bound_once else {}
        found.add(arguments[name].value if name in arguments else None)
    return found.pop() if len(found) == 1 else None
