"""API 2.0: what its classes and their members give, as far as something about them has changed between releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ov_migrate.inference.binding import Arguments, bind_arguments
from ov_migrate.inference.values import FOREIGN, UNKNOWN, Builtin, Current, Function, Kinds
from ov_migrate.knowledge.current_api import load_current_api

if TYPE_CHECKING:
    from ov_migrate.inference.frame import Frame

PACKAGE = "openvino"
# Modules beside the package itself that have its classes.
_HOMES = frozenset({"openvino.runtime", "openvino.runtime.ie_api"})


def current_module(path: str) -> Kinds:
    """What a module that is not in the project is: one that has the classes of API 2.0, or foreign."""
    return frozenset({Current("")}) if path in _HOMES else FOREIGN


def current_attribute(value: Current, name: str) -> Kinds:
    """A member of the package of API 2.0, or of one of its objects, after rules/current_api.toml."""
    api = load_current_api()
    if not value.cls and (name in api.objects or name in api.functions):
        return frozenset({Current(api.functions.get(name, name), is_class=True)})
    if not value.cls and name in ("runtime", "ie_api"):
        return frozenset({value})
    returned = api.objects.get(value.cls, {}).get(name, "=")
    if value.is_class or value.member or returned.endswith("="):
        return frozenset({Builtin("foreign." + name, value)})
    return frozenset({Current(value.cls, name)})


def current_element(value: Current) -> Kinds:
    """An item of an object of API 2.0."""
    element = load_current_api().objects.get(value.cls, {}).get("[]", "")
    return frozenset({Current(element)}) if element and not value.member and not value.is_class else FOREIGN


def call_current(frame: Frame, callee: Current, arguments: Arguments) -> Kinds:
    """What a class or a method of API 2.0 gives; a function that is given to a method is called by it later on."""
    if callee.is_class:
        return frozenset({Current(callee.cls)})
    api = load_current_api()
    handed = api.callbacks.get(f"{callee.cls}.{callee.member}", "")
    for value in arguments.at(0) if handed else ():
        if isinstance(value, Function):
            bind_arguments(frame.engine, value, Arguments([frozenset({Current(handed)}), UNKNOWN]))
            frame.engine.result(value.node)
    returned = api.objects.get(callee.cls, {}).get(callee.member, "")
    return frozenset({Current(returned)}) if returned else FOREIGN
