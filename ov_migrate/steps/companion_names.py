"""Names for the requests that stand beside a compiled model."""

from __future__ import annotations

import re

import libcst as cst

from ov_migrate.steps.places import Attribute, Place, Places, Variable

# Words of a variable's name that "infer_request" can take the place of, longest first.
_WORDS = re.compile(
    r"executable_network|exec_network|exec_net|compiled_model|execnet|exenet|exe_net|exe_network|exec|network|net"
)


def companion_name(places: Places, place: Place, single: bool, taken: set[tuple[object, str]]) -> str:
    """A free name for the companion of `place`: `infer_request(s)`, or one made of the place's own name when that is
    in use. `taken` remembers what was given away."""
    plain = "infer_request" if single else "infer_requests"
    underscore = "_" if place.name.startswith("_") else ""
    derived = _WORDS.sub(plain, place.name, count=1)
    if derived == place.name:
        derived = f"{place.name}_{plain}"
    candidates = [underscore + plain, derived, *(f"{derived}_{n}" for n in range(2, 100))]
    owner: object = place.scope if isinstance(place, Variable) else place.cls
    for name in candidates:
        if (owner, name) not in taken and not _in_use(places, place, name):
            taken.add((owner, name))
            return name
    raise AssertionError("a hundred names in use")


def _in_use(places: Places, place: Place, name: str) -> bool:
    if isinstance(place, Attribute):
        return bool(places.bindings(Attribute(place.cls, name))) or _is_method(place.cls, name)
    names = places.engine.project.modules[place.module].names
    return any(name in scope.bound for scope in names.scopes.values())


def _is_method(cls: cst.CSTNode, name: str) -> bool:
    if not isinstance(cls, cst.ClassDef):
        return False
    return any(isinstance(line, cst.FunctionDef) and line.name.value == name for line in cls.body.body)
