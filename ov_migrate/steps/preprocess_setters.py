"""The statements that set precision, layout and preprocessing of an input or output, and the port each is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ov_migrate.edits import Part
from ov_migrate.inference import Engine
from ov_migrate.inference.values import Constant, LegacyName, Method
from ov_migrate.knowledge.catalogue import load_catalogue
from ov_migrate.steps.context import established
from ov_migrate.steps.network_of import bound_to, network_of
from ov_migrate.steps.places import Places
from ov_migrate.syntax import Tree

_PORTS = frozenset({"input_info", "input_data", "output_data"})
_MEMBERS = {
    "precision": _PORTS,
    "layout": _PORTS,
    "resize_algorithm": frozenset({"preprocess_info"}),
    "color_format": frozenset({"preprocess_info"}),
    "mean_variant": frozenset({"preprocess_info"}),
    "mean_value": frozenset({"preprocess_channel"}),
    "std_scale": frozenset({"preprocess_channel"}),
}
_ENUMS = {"resize_algorithm": "ResizeAlgorithm", "color_format": "ColorFormat", "mean_variant": "MeanVariant"}
MEAN = frozenset({"init", "mean_variant", "mean_value", "std_scale"})
EVERY = "*"
_MAPS = frozenset({"inputs", "input_info_map"})
_VIEWS = frozenset({"keys", "values", "items"})
STEPS = MEAN | {"resize_algorithm", "color_format"}

Address = tuple[cst.BaseExpression | None, tuple[Part, ...]]


@dataclass
class Setter:
    """One statement such as `net.inputs[name].precision = "U8"`.

    `node` is the target of the assignment, or the call of `init`; `chosen` the constant or the member of an enumeration
    that is set, "" where that is not seen. `is_idle` marks a value that changes nothing; `problem` says why it cannot
    be rewritten, and `advice` is the slug of the rule that tells more."""

    module: int
    node: cst.Attribute | cst.Call
    member: str
    side: str
    network: cst.BaseExpression | None
    port: tuple[Part, ...]
    value: cst.BaseExpression | None
    chosen: str = ""
    channel: cst.BaseExpression | None = None
    is_idle: bool = False
    problem: str = ""
    advice: str = ""

    @property
    def receiver(self) -> cst.BaseExpression:
        """The object that is set up."""
        node = self.node.func if isinstance(self.node, cst.Call) else self.node
        assert isinstance(node, cst.Attribute)
        return node.value


class Setters:
    """Finds the setters of one module."""

    def __init__(self, places: Places, module: int) -> None:
        self.places = places
        self.engine: Engine = places.engine
        self.module = module
        self.tree: Tree = places.tree(module)
        self.tables = load_catalogue().tables

    def all(self) -> Iterator[Setter]:
        """The setters, assignments first."""
        for holder in self.tree.all(cst.AssignTarget):
            target, statement = holder.target, self.tree.parents[holder]
            if isinstance(target, cst.Attribute) and self._is_set(target) and isinstance(statement, cst.Assign):
                setter = self._setter(target, target.attr.value, statement.value)
                if len(statement.targets) != 1:
                    setter.problem = "several names get the value"
                yield setter
        for call in self.tree.all(cst.Call):
            if any(self._is_init(value) for value in self.engine.facts.get(call.func, ())):
                count = call.args[0].value if len(call.args) == 1 else None
                yield self._setter(call, "init", count)

    def _is_set(self, target: cst.Attribute) -> bool:
        found = established(self.engine.facts.get(target.value, frozenset()))
        return found is not None and found.kind in _MEMBERS.get(target.attr.value, ())

    def _is_init(self, value: object) -> bool:
        return isinstance(value, Method) and value.receiver.kind == "preprocess_info" and value.name == "init"

    def _setter(self, node: cst.Attribute | cst.Call, member: str, value: cst.BaseExpression | None) -> Setter:
        receiver = (node.func if isinstance(node, cst.Call) else node).value  # type: ignore[attr-defined]
        found = established(self.engine.facts.get(receiver, frozenset()))
        side = "output" if found is not None and found.kind == "output_data" else "input"
        channel = None
        if found is not None and found.kind == "preprocess_channel":
            channel, receiver = self._channel(receiver)
        network, port = address(self.places, self.module, receiver)
        setter = Setter(self.module, node, member, side, network, port, value, self._chosen(member, value), channel)
        self._judge(setter)
        if member in STEPS and network is None:
            setter.problem = setter.problem or "it is not seen here whose preprocessing this is"
        return setter

    def _channel(self, node: cst.BaseExpression) -> tuple[cst.BaseExpression | None, cst.BaseExpression]:
        """`i` and `info` for `info[i]`."""
        is_index = isinstance(node, cst.Subscript) and isinstance(node.slice[0].slice, cst.Index)
        return (node.slice[0].slice.value, node.value) if is_index else (None, node)  # type: ignore[attr-defined]

    def _chosen(self, member: str, value: cst.BaseExpression | None) -> str:
        if value is None:
            return ""
        enum = _ENUMS.get(member)
        if enum is not None:
            owner = self.engine.facts.get(value.value, frozenset()) if isinstance(value, cst.Attribute) else ()
            return value.attr.value if LegacyName(enum) in owner else ""  # type: ignore[attr-defined]
        if isinstance(value, cst.SimpleString):
            return str(value.evaluated_value)
        if isinstance(value, cst.Integer):
            return value.value
        facts = self.engine.facts.get(value, frozenset())
        (only,) = facts if len(facts) == 1 else (None,)
        return str(only.value) if isinstance(only, Constant) else ""

    def _judge(self, setter: Setter) -> None:
        """Notes what is known from the value alone: that it changes nothing, or has no equal."""
        if setter.member == "layout":
            self._judge_layout(setter)
        elif setter.member in ("resize_algorithm", "color_format"):
            known = self.tables["resize_algorithms" if setter.member == "resize_algorithm" else "color_formats"]
            setter.is_idle = known.get(setter.chosen) == ""
            if setter.chosen not in known:
                setter.advice = self.tables["preprocess_advice"].get(setter.chosen, "")
                setter.problem = f"{setter.chosen or 'a value that is not seen here'} has no equal"

    def _judge_layout(self, setter: Setter) -> None:
        setter.is_idle = setter.chosen in self.tables["default_layouts"]
        if setter.is_idle:
            return
        if setter.side == "output":
            setter.advice = "output-layout"
            setter.problem = "results of the legacy API kept their shape, whatever the layout"
        elif setter.chosen not in self.tables["layout_orders"]:
            setter.problem = f"{setter.chosen or 'the layout'} is not known here"


def address(places: Places, module: int, node: cst.BaseExpression) -> Address:
    """The network and the name of the port: `net` and `name` for `net.inputs[name]`; for a variable that holds a port,
    its name. Of preprocessing it is the port that has it."""
    if isinstance(node, cst.Attribute) and node.attr.value in ("input_data", "tensor_desc", "preprocess_info"):
        return address(places, module, node.value)
    found = established(places.facts(node))
    if found is not None and found.kind == "preprocess_info":
        value = bound_to(places, module, node) if isinstance(node, cst.Name) else None
        return address(places, module, value) if value is not None else (None, (node,))
    network = network_of(places, module, node)
    if isinstance(node, cst.Subscript) and isinstance(node.slice[0].slice, cst.Index):
        return network, (node.slice[0].slice.value,)
    return network, (node, ".any_name")


def port_key(places: Places, module: int, port: tuple[Part, ...]) -> str:
    """The text of a port's name, to tell ports apart: `"data"` also for a variable that holds the port of that name,
    and EVERY for the variable of a loop over all ports."""
    tree, first = places.tree(module), port[0]
    value = bound_to(places, module, first) if isinstance(first, cst.Name) else None
    while isinstance(value, cst.Attribute):
        value = value.value
    if len(port) > 1 and isinstance(value, cst.Subscript) and isinstance(value.slice[0].slice, cst.Index):
        return key_text(tree, value.slice[0].slice.value)
    if isinstance(first, cst.Name) and _goes_through_all(places, module, first):
        return EVERY
    return "".join(key_text(tree, part) if isinstance(part, cst.CSTNode) else str(part) for part in port)


def key_text(tree: Tree, key: cst.CSTNode) -> str:
    """The text of a name of a port; literals in double quotes."""
    return f'"{key.evaluated_value}"' if isinstance(key, cst.SimpleString) else tree.source(key)  # type: ignore[str-bytes-safe]


def _goes_through_all(places: Places, module: int, name: cst.Name) -> bool:
    """True in the body of `for name in net.input_info:`, outside of any condition."""
    tree = places.tree(module)
    block = tree.parents[tree.block_statement(name)]
    loop = tree.parents.get(block)
    source = loop.iter if isinstance(loop, cst.For) else None
    if isinstance(source, cst.Call) and isinstance(source.func, cst.Attribute) and source.func.attr.value in _VIEWS:
        source = source.func.value
    found = established(places.facts(source)) if source is not None else None
    is_variable = found is not None and bound_to(places, module, name) is loop.iter  # type: ignore[union-attr]
    return is_variable and found.kind in _MAPS  # type: ignore[union-attr]
