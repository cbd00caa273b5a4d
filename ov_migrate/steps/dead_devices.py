"""Names of devices that no release of today knows, where they reach a call that takes a device."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from ov_migrate.edits import Leftover
from ov_migrate.inference import Engine
from ov_migrate.inference.origins import Origins
from ov_migrate.inference.puts import Origin
from ov_migrate.inference.values import LegacyName, Method
from ov_migrate.steps.context import Context, bind
from ov_migrate.syntax import arms

_PARAMETERS = ("device_name", "device")
# What `args.device.upper()` gives is still the device.
_SAME = ("upper", "lower", "strip")
_EXPRESSION = cst.BaseExpression


class DevicePlaces:
    """`given` are the expressions that are given as a device, and those that they have their values from; `options` the
    names of command-line options among them: "device" for `args.device`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.given: dict[cst.CSTNode, None] = {}
        calls = ((index, call) for index, module in engine.legacy_modules for call in module.tree.all(cst.Call))
        self._follow([(index, node) for index, call in calls for node in self._devices(call)])
        self.options = {node.attr.value for node in self.given if isinstance(node, cst.Attribute)}

    def _follow(self, queue: list[tuple[int, cst.CSTNode]]) -> None:
        origins = Origins(self.engine)
        while queue:
            module, node = queue.pop(0)
            if node in self.given:
                continue
            self.given[node] = None
            found: list[Origin] = []
            if isinstance(node, cst.Name):
                found = origins.name(module, node)
            elif isinstance(node, cst.Attribute):
                found = origins.attribute(module, node, self.engine.facts.get(node.value, frozenset()))
            elif isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value in _SAME:
                found = [Origin(module, node.func.value)]
            values = ((origin.module, origin.value) for origin in found)
            queue += [(index, arm) for index, value in values if isinstance(value, _EXPRESSION) for arm in arms(value)]

    def _devices(self, call: cst.Call) -> Iterator[cst.BaseExpression]:
        for value in self.engine.facts.get(call.func, ()):
            parameters: tuple[str, ...] = ()
            if isinstance(value, Method):
                member = self.engine.api.member(value.receiver.kind, value.name)
                parameters = member.parameters if member is not None else ()
            elif isinstance(value, LegacyName):
                parameters = self.engine.api.parameters_of(value.name)
            arguments = bind(call, parameters) or {} if parameters else {}
            for name in _PARAMETERS:
                if name in arguments:
                    yield from arms(arguments[name].value)


def dead_devices(context: Context) -> Iterator[Leftover]:
    """Listed, never edited: which device takes the place of another is a decision of the product."""
    places = context.plans.device_places
    rule = context.rule("device-gone")
    for call in context.tree.all(cst.Call) if places.options else ():
        yield from _option(context, call)
    for node in places.given:
        if isinstance(node, cst.SimpleString) and node in context.tree.parents and (names := _dead(context, node)):
            annotate = not _is_of_plugin(context, node)
            yield Leftover(rule, context.tree.spans[node], f"{names}: {rule.advice}", annotate=annotate)


def _is_of_plugin(context: Context, node: cst.SimpleString) -> bool:
    """True for a device that a plugin is made for: it goes elsewhere, and has no line for a comment to stand above."""
    call = context.tree.parents.get(context.tree.parents[node])
    return isinstance(call, cst.Call) and any(isinstance(value, LegacyName) for value in context.facts(call.func))


def _option(context: Context, call: cst.Call) -> Iterator[Leftover]:
    """`parser.add_argument("-d", "--device", default="MYRIAD", help="…")` of an option that is given as a device."""
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "add_argument":
        return
    flags = [
        str(a.value.evaluated_value) for a in call.args if a.keyword is None and isinstance(a.value, cst.SimpleString)
    ]
    keywords = {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}
    if context.plans.device_places.options.isdisjoint(_destinations(flags, keywords)):
        return
    rule = context.rule("device-gone")
    default, help_text = keywords.get("default"), keywords.get("help")
    if isinstance(default, cst.SimpleString) and (names := _dead(context, default)):
        yield Leftover(rule, context.tree.spans[default], f"{names}: {rule.advice}")
    for node in (keywords.get("choices"), help_text):
        if node is not None and (names := _dead(context, node)):
            message = f"{names}: offered to the user of this option, and gone."
            yield Leftover(rule, context.tree.spans[node], message, annotate=False, verdict="review")


def _destinations(flags: list[str], keywords: dict[str, cst.BaseExpression]) -> set[str]:
    """The attribute of the parsed arguments that an option is kept under."""
    dest = keywords.get("dest")
    if isinstance(dest, cst.SimpleString):
        return {str(dest.evaluated_value)}
    long = [flag for flag in flags if flag.startswith("--")] or flags
    return {long[0].lstrip("-").replace("-", "_")} if long else set()


def _dead(context: Context, node: cst.BaseExpression) -> str:
    """The devices of the past that a text names."""
    words = set(re.findall(r"[A-Z]\w*", context.tree.source(node)))
    return ", ".join(name for name in context.catalogue.tables["devices_gone"] if name in words)
