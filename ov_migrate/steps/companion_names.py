"""Names for the requests that stand beside a compiled model."""

from __future__ import annotations

import re

import libcst as cst

from ov_migrate.inference.values import Legacy, Plain
from ov_migrate.steps.places import Attribute, Place, Places, Variable

# Words of a variable's name that "infer_request" can take the place of, longest first.
_WORDS = re.compile(
    "executable_network|exec_network|exec_net|compiled_model|compiled_net|execnet|exenet|exe_net|exe_network|exec|network|net"
)


def owner_of(place: Place) -> object:
    """The scope or class a place belongs to, within which its companion needs a name of its own."""
    return place.scope if isinstance(place, Variable) else place.cls


def companion_name(places: Places, place: Place, plain: str, is_alone: bool, taken: set[tuple[object, str]]) -> str:
    """A free name for the companion of `place`: `plain` (such as `infer_requests`) when it is the only one of its
    owner, else one made of the place's own name. `taken` remembers what was given away."""
    single = plain == "infer_request"
    underscore = "_" if place.name.startswith("_") else ""
    derived = _WORDS.sub(plain, place.name, count=1)
    if derived == place.name:
        derived = f"{place.name}_{plain}"
    candidates = [derived, *(f"{derived}_{n}" for n in range(2, 100))]
    if is_alone:
        candidates.insert(0, underscore + plain)
    for name in candidates:
        if (owner_of(place), name) not in taken and not _in_use(places, place, name, single):
            taken.add((owner_of(place), name))
            return name
    raise AssertionError("a hundred names in use")


def _in_use(places: Places, place: Place, name: str, single: bool) -> bool:
    if isinstance(place, Attribute):
        is_free = _is_meant_for_request(places, Attribute(place.cls, name), single)
        return not is_free or _is_method(places, place.cls, name)
    names = places.engine.project.modules[place.module].names
    return any(name in scope.bound for scope in names.scopes.values())


def _is_meant_for_request(places: Places, place: Place, single: bool) -> bool:
    """True for an attribute that nothing uses, or that is only ever None or the one request."""
    return all(
        isinstance(value, Plain) or (single and isinstance(value, Legacy) and value.kind == "request")
        for value in places.kinds(place)
    )


def _is_method(places: Places, cls: cst.CSTNode, name: str) -> bool:
    return any(
        isinstance(line, cst.FunctionDef) and line.name.value == name
        for member in places.family(cls)
        if isinstance(member, cst.ClassDef)
        for line in member.body.body
    )
