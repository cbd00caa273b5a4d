"""What a layout that is set changes for the rest of the program.

The legacy API kept the dims of an input whatever its layout was; only the order in memory changed. A tensor of API 2.0
has its dims in the order of its layout: what asks for the shape after the build, and what hands data over, follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ov_migrate.inference import Engine
from ov_migrate.inference.values import Legacy, LegacyName, Method
from ov_migrate.knowledge.catalogue import load_catalogue
from ov_migrate.steps.context import argument, bind, established
from ov_migrate.steps.places import Places
from ov_migrate.steps.preprocess_setters import EVERY, Setter, address, key_text, port_key
from ov_migrate.syntax import Tree

Order = tuple[int, ...]
Origins = frozenset[cst.CSTNode | None]

_LOADS = (("core", "load_network"), ("plugin", "load"))
_DESCRIBED = ("precision", "dims", "layout")
_HELD = frozenset({"input_info", "input_data", "output_data", "tensor_desc", "inputs", "input_info_map", "outputs"})
_RESHAPING = frozenset({"reshape", "batch_size", "serialize"})


def order_of(layout: str) -> Order | None:
    """For each dimension of `layout` the number it has in the legacy dims: (0, 2, 3, 1) for NHWC."""
    model = load_catalogue().tables["layout_orders"].get(layout)
    return tuple(model.index(letter) for letter in layout) if model is not None else None


def loaded_network(engine: Engine, call: cst.Call) -> cst.BaseExpression | None:
    """What `call` loads, when it is a load."""
    for value in engine.facts.get(call.func, ()):
        if isinstance(value, Method) and (value.receiver.kind, value.name) in _LOADS:
            member = engine.api.member(value.receiver.kind, value.name)
            arg = (bind(call, member.parameters) or {}).get("network") if member else None
            return arg.value if arg is not None else None
    return None


@dataclass(frozen=True)
class _Changed:
    """The inputs of one network that get another layout, by the text of their names, and where that takes effect."""

    module: int
    orders: dict[str, Order]
    network: Origins
    loads: Origins
    building: cst.CSTNode
    is_behind: bool


class LayoutPlan:
    """`reads` has the order of each shape that is asked for in a changed layout; `given(origins, key, …)` the order of
    the input that data is given for."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.engine = places.engine
        self.reads: dict[cst.CSTNode, Order] = {}
        self._changed: list[_Changed] = []

    def follow(
        self, module: int, setters: list[Setter], network: Origins, building: cst.CSTNode, is_behind: bool
    ) -> str:
        """Notes what has to follow these layouts; the text says what cannot, and then nothing is noted."""
        keys = [port_key(self.places, module, setter.port) for setter in setters]
        orders = {key: order_of(setter.chosen) or () for key, setter in zip(keys, setters, strict=True)}
        loads = frozenset(call for call in self._loads(network))
        if None in network or any(orders[key] != order_of(s.chosen) for key, s in zip(keys, setters, strict=True)):
            return "it is not seen which network, or which layout, this is about"
        changed = _Changed(module, orders, network, loads, building, is_behind)
        reads: dict[cst.CSTNode, Order] = {}
        for index, other in enumerate(self.engine.project.modules):
            for node in other.tree.all(cst.Attribute):
                problem = self._look(changed, index, other.tree, node, reads)
                if problem:
                    line = other.tree.position(other.tree.spans[node][0])[0]
                    return f"{problem} in line {line}"
        self.reads |= reads
        self._changed.append(changed)
        return ""

    def _loads(self, network: Origins) -> Iterator[cst.Call]:
        for module in self.engine.project.modules:
            for call in module.tree.all(cst.Call):
                argument = loaded_network(self.engine, call)
                if argument is not None and self._origins(argument) & network:
                    yield call

    def _origins(self, node: cst.CSTNode) -> Origins:
        facts = self.engine.facts.get(node, frozenset())
        return frozenset(value.origin for value in facts if isinstance(value, Legacy))

    def _look(
        self, changed: _Changed, index: int, tree: Tree, node: cst.Attribute, reads: dict[cst.CSTNode, Order]
    ) -> str:
        """Notes one shape that is read; says what cannot follow."""
        name, found = node.attr.value, established(self.engine.facts.get(node.value, frozenset()))
        if found is None or not found.origins & (changed.network | changed.loads):
            return ""
        is_later = bool(found.origins & changed.loads) or self._is_later(changed, index, tree, node)
        if found.kind == "network" and name in _RESHAPING and is_later:
            return f"{name} comes after the layout is changed,"
        if found.kind == "request" and name in ("input_blobs", "inputs") and not is_written_whole(tree, node):
            return "an input blob is used in the order of the legacy dims"
        if name in ("shape", "dims") and found.kind in ("input_data", "tensor_desc") and is_later:
            if not found.origins & changed.loads and not self._is_here(changed, index, tree, node):
                return "the shape is asked for elsewhere,"
            if not found.origins & changed.loads and holds_old_port(self.places, index, node, changed.building):
                return ""
            order = self._order(changed, index, node)
            if order is None or not can_follow(tree, node, order):
                return "the shape is asked for in a way that cannot follow the layout,"
            if order:
                reads[node] = order
        return ""

    def _is_here(self, changed: _Changed, index: int, tree: Tree, node: cst.Attribute) -> bool:
        return index == changed.module and tree.scope(node) is tree.scope(changed.building)

    def _is_later(self, changed: _Changed, index: int, tree: Tree, node: cst.Attribute) -> bool:
        """True for what comes behind the build, or perhaps does."""
        if not self._is_here(changed, index, tree, node):
            return True
        return tree.spans[node][0] > tree.spans[changed.building][0] and node not in tree.ancestors(changed.building)

    def _order(self, changed: _Changed, index: int, node: cst.Attribute) -> Order | None:
        """The order of the input whose shape is read: () for another input, None where that is not seen."""
        _, port = address(self.places, index, node.value)
        key = port_key(self.places, index, port)
        key = EVERY if EVERY in changed.orders else key
        if key in changed.orders:
            return changed.orders[key]
        names = [*changed.orders, key]
        return () if all(name[:1] == '"' for name in names) else None

    def given(self, origins: Origins, tree: Tree, key: cst.BaseExpression, is_one: bool) -> Order | None:
        """The order of the input `key` of what was loaded there; None when its layout is not changed."""
        for changed in self._changed:
            if origins & changed.loads:
                known = [name for name in (key_text(tree, key), EVERY) if name in changed.orders]
                if known:
                    return changed.orders[known[0]]
                if is_one and len(changed.orders) == 1:
                    return next(iter(changed.orders.values()))
        return None

    def order(self, origins: Origins, tree: Tree, key: cst.BaseExpression, is_one: bool) -> Order | None:
        """The order of the input `key`: () when it may be one whose layout is changed, None when it is another one."""
        order = self.given(origins, tree, key, is_one)
        return () if order is None and self.may_be_given(origins, tree, key) else order

    def may_be_given(self, origins: Origins, tree: Tree, key: cst.BaseExpression | None = None) -> bool:
        """True when `key` may name an input of what was loaded there whose layout is changed; without a key, when there
        is such an input."""
        text = key_text(tree, key) if key is not None else ""
        return any(
            not text or text in changed.orders or not all(name[:1] == '"' for name in [*changed.orders, text])
            for changed in self._changed
            if origins & changed.loads
        )

    def described_layout(self) -> str:
        """The layout that all descriptions of blobs of the program name, where that is no default; before 2022 such a
        blob was enough to have an input resized or converted in this layout."""
        found = set()
        for module in self.engine.project.modules:
            for call in module.tree.all(cst.Call):
                if LegacyName("TensorDesc") in self.engine.facts.get(call.func, ()):
                    layout = argument(call, _DESCRIBED, "layout")
                    found.add(layout.evaluated_value if isinstance(layout, cst.SimpleString) else "")
        (only,) = found if len(found) == 1 else ("",)
        return str(only) if order_of(str(only)) is not None else ""

    def has(self, layout: str) -> bool:
        """True when some input of the program gets this layout."""
        return any(order_of(layout) in changed.orders.values() for changed in self._changed)


def holds_old_port(places: Places, module: int, node: cst.Attribute, building: cst.CSTNode) -> bool:
    """True for a port that a variable has held since before the build: it goes on telling shape and type of the model
    as it was (run on 2023.3 and 2026.4)."""
    root: cst.BaseExpression = node.value
    while isinstance(root, (cst.Attribute, cst.Subscript)):
        root = root.value
    found = established(places.facts(root))
    variable = places.variable(module, root) if isinstance(root, cst.Name) else None
    if found is None or found.kind not in _HELD or variable is None:
        return False
    spans = places.tree(module).spans
    return any(index != module or spans[at] < spans[building] for index, at in places.bindings(variable))


def is_written_whole(tree: Tree, node: cst.Attribute) -> bool:
    """True for `request.input_blobs[name].buffer[:] = array` and `request.inputs[name][:] = array`."""
    item = tree.parents[node]
    outer = tree.parents.get(item)
    if isinstance(outer, cst.Attribute) and outer.attr.value == "buffer":
        outer = tree.parents.get(outer)
    if not isinstance(item, cst.Subscript) or not isinstance(outer, cst.Subscript):
        return False
    index = outer.slice[0].slice
    is_all = isinstance(index, cst.Slice) and index.lower is index.upper is index.step is None
    is_all = is_all or (isinstance(index, cst.Index) and isinstance(index.value, cst.Ellipsis))
    return len(outer.slice) == 1 and is_all and isinstance(tree.parents[outer], cst.AssignTarget)


def can_follow(tree: Tree, node: cst.Attribute, order: Order) -> bool:
    """True where a shape can be read in another order: it is unpacked to names, indexed by a number, or counted."""
    parent = tree.parents[node]
    if isinstance(parent, cst.Subscript) and parent.value is node and len(parent.slice) == 1:
        index = parent.slice[0].slice
        return not order or (isinstance(index, cst.Index) and isinstance(index.value, cst.Integer))
    if isinstance(parent, cst.Assign) and len(parent.targets) == 1:
        target = parent.targets[0].target
        items = target.elements if isinstance(target, (cst.Tuple, cst.List)) else ()
        is_plain = all(isinstance(item.value, (cst.Name, cst.Attribute)) for item in items)
        return not order or (len(items) == len(order) and is_plain)
    return not order
