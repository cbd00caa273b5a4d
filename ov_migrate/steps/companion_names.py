"""Names for the requests that stand beside a compiled model."""

from __future__ import annotations

import re

import libcst as cst

from ov_migrate.inference.values import Legacy, Plain
from ov_migrate.steps.places import Attribute, Items, Place, Places, Variable
from ov_migrate.syntax import Tree

# Words of a variable's name that "infer_request" can take the place of, longest first; the plural of each as well.
_WORDS = re.compile(
    "(?<![A-Za-z])(?:executable_network|executable_net|exec_network|compiled_model|compiled_net|exec_net|exe_network"
    "|exe_net|execnetwork|execnet|exenetwork|exenet|network|exec|net)s?(?![a-z])"
)


def owner_of(place: Place) -> object:
    """The scope or class a place belongs to, within which its companion needs a name of its own."""
    if isinstance(place, Items):
        return owner_of(place.of)
    return place.scope if isinstance(place, Variable) else place.cls


def companion_name(
    places: Places, found: list[Place], plain: str, is_alone: bool, taken: set[tuple[object, str]]
) -> str:
    """A name for the companion of the places `found` that is free for each: `plain` (such as `infer_requests`) when it
    is the only one of its owner, else one made of the place's own name. `taken` remembers what was given away."""
    place = found[0]
    single = plain == "infer_request"
    underscore = "_" if place.name.startswith("_") else ""
    derived = _WORDS.sub(plain, place.name, count=1)
    if derived == place.name:
        derived = f"{place.name}_{plain}"
    more = [] if single or derived != plain else ["requests", f"{place.name}_requests"]
    candidates = [derived, *more, *(f"{derived}_{n}" for n in range(2, 100))]
    if is_alone:
        candidates.insert(0, underscore + plain)
    for name in candidates:
        if not any((owner_of(one), name) in taken or _in_use(places, one, name, single) for one in found):
            taken.update((owner_of(one), name) for one in found)
            return name
    raise AssertionError("a hundred names in use")


def _in_use(places: Places, place: Place, name: str, single: bool) -> bool:
    if isinstance(place, Items):
        return _in_use(places, place.of, name, False)
    if isinstance(place, Attribute):
        is_free = _is_meant_for_request(places, Attribute(place.cls, name), single)
        return not is_free or is_method(places, place.cls, name)
    names = places.engine.project.modules[place.module].names
    return any(name in scope.bound for scope in names.scopes.values())


def _is_meant_for_request(places: Places, place: Attribute, single: bool) -> bool:
    """True for an attribute that nothing uses, or that only a constructor sets: to None, or to the one request."""
    return all(
        isinstance(value, Plain) or (single and isinstance(value, Legacy) and value.kind == "request")
        for value in places.kinds(place)
    ) and all(_is_first_value(places.tree(module), target) for module, target in places.bindings(place))


def _is_first_value(tree: Tree, target: cst.CSTNode) -> bool:
    scope = tree.scope(target)
    return isinstance(scope, cst.FunctionDef) and scope.name.value == "__init__"


def is_method(places: Places, cls: cst.CSTNode, name: str) -> bool:
    """True when a class of the family has a method of that name."""
    return any(
        isinstance(line, cst.FunctionDef) and line.name.value == name
        for member in places.family(cls)
        if isinstance(member, cst.ClassDef)
        for line in member.body.body
    )
