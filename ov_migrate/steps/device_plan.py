"""Where the device of an IEPlugin goes: a plugin knew its device, a core has to be told at every call."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from ov_migrate.edits import Edit, Part
from ov_migrate.inference import Engine
from ov_migrate.inference.values import Legacy
from ov_migrate.steps.companion_names import is_method, owner_of
from ov_migrate.steps.companions import Companions, Shared
from ov_migrate.steps.containers import is_repeatable, item_writes
from ov_migrate.steps.context import bind, established
from ov_migrate.steps.made_with import MadeWith, assigned_value
from ov_migrate.steps.places import Attribute, Items, Place, Places, Unsupported
from ov_migrate.steps.reaching import means_the_same

KIND = "plugin"
# Members of a plugin that a core answers only when it is told the device.
MEMBERS = frozenset({"load", "device", "version", "set_config", "get_supported_layers"})
_PARAMETERS = ("device", "plugin_dirs")


class DevicePlan:
    """`text(module, node)` is the device of the plugin at `node`, written so that it means the same there."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.places = Places(engine)
        self.devices: dict[cst.CSTNode, cst.BaseExpression] = {}
        for _, module in engine.legacy_modules:
            for call in module.tree.all(cst.Call):
                if any(isinstance(v, Legacy) and v.kind == KIND and v.origin is call for v in self.places.facts(call)):
                    arg = (bind(call, _PARAMETERS) or {}).get("device")
                    if arg is not None:
                        self.devices[call] = arg.value
        self.made_with = MadeWith(self.places, self.holds, lambda place: False, self.devices.get, "device", "devices")
        self._carried: dict[cst.CSTNode, DeviceCompanions] = {}
        self._edits: list[DeviceCompanions] = []
        # Statements that a device is put beside; they cannot be moved.
        self.anchors: set[cst.CSTNode] = set()
        if self.devices:
            self._carry()

    def text(self, module: int, node: cst.BaseExpression) -> tuple[Part, ...] | None:
        """The device name to write beside the plugin at `node`; None when it does not reach that place."""
        direct = self.direct(module, node)
        if direct is None and node in self._carried:
            return self._carried[node].text(module, node)
        return direct

    def sources(self, origins: Iterable[cst.CSTNode | None]) -> list[str]:
        """The devices that plugins were made for, as the source says it."""
        found = self.places.in_order(self.devices[one] for one in origins if one in self.devices)
        return list(dict.fromkeys(self.places.tree(self.places.module_of(one)).source(one) for one in found))

    def holds(self, node: cst.CSTNode) -> bool:
        """True when `node` may hold a plugin."""
        return any(isinstance(value, Legacy) and value.kind == KIND for value in self.places.held(node))

    def edits(self, module: int) -> list[tuple[cst.CSTNode, list[Edit]]]:
        """The statements of one module that get a device beside a plugin, with the edits that do it."""
        return [
            (node, edits)
            for companions in self._edits
            for (index, node), edits in companions.edits.items()
            if index == module
        ]

    def direct(self, module: int, node: cst.BaseExpression) -> tuple[Part, ...] | None:
        """The device where it needs no variable of its own: a literal, the expression that the plugin was made with, or
        the key of a dictionary of plugins."""
        found = established(self.places.facts(node))
        if found is None or found.kind != KIND:
            return None
        devices = [self.devices.get(origin) if origin is not None else None for origin in found.origins]
        texts = {self._written(module, node, device) for device in devices}
        text = texts.pop() if len(texts) == 1 else None
        if text is None and isinstance(node, cst.Name):
            text = self._of_call(module, node)
        return (text,) if text is not None else self._key(module, node, devices)

    def _of_call(self, module: int, node: cst.Name) -> str | None:
        """The device that a function was given which made the plugin, where `node` is bound once, to what it gave."""
        place = self.places.variable(module, node)
        found = self.places.bindings(place) if place is not None else []
        value, index = assigned_value(self.places.tree(module), found[0][1]) if len(found) == 1 else (None, None)
        if not isinstance(value, cst.Call) or value in self.devices:
            return None
        try:
            device = self.made_with.of(module, value, index, set(self.devices))
        except Unsupported:
            return None
        if device is None:
            return None
        is_same = isinstance(device, cst.SimpleString) or means_the_same(self.places, module, device, value, node)
        return self.places.tree(self.places.module_of(device)).source(device) if is_same else None

    def _written(self, module: int, node: cst.BaseExpression, device: cst.BaseExpression | None) -> str | None:
        if device is None:
            return None
        made_in = self.places.module_of(device)
        is_literal = isinstance(device, (cst.SimpleString, cst.Integer))
        if is_literal or (made_in == module and means_the_same(self.places, module, device, device, node)):
            return self.places.tree(made_in).source(device)
        return None

    def _key(
        self, module: int, node: cst.BaseExpression, devices: list[cst.BaseExpression | None]
    ) -> tuple[Part, ...] | None:
        """`key` for `plugins[key]`, or a variable that was given that, when each plugin was put there under the name
        of its device."""
        tree = self.places.tree(module)
        taken = self._assigned_once(module, node) if isinstance(node, cst.Name) else node
        index = taken.slice[0].slice if isinstance(taken, cst.Subscript) and len(taken.slice) == 1 else None
        if not isinstance(taken, cst.Subscript) or not isinstance(index, cst.Index):
            return None
        if any(device is None or not self._is_keyed(device) for device in devices) or self._has_others(module, taken):
            return None
        is_near = taken is node or means_the_same(self.places, module, index.value, taken, node)
        if isinstance(index.value, cst.SimpleString) or (is_near and is_repeatable(index.value)):
            return (tree.source(index.value),)
        return None

    def _has_others(self, module: int, taken: cst.Subscript) -> bool:
        """True when something else than a new plugin is put into the dictionary: the same under another key."""
        places = [place for place in self.places.holders(module, taken) if isinstance(place, Items)]
        try:
            writes = [write for place in places for write in item_writes(self.places, place)]
        except Unsupported:
            return True
        return not places or any(write.value not in self.devices for write in writes)

    def _assigned_once(self, module: int, node: cst.Name) -> cst.BaseExpression | None:
        place = self.places.variable(module, node)
        found = self.places.bindings(place) if place is not None else []
        return assigned_value(self.places.tree(module), found[0][1])[0] if len(found) == 1 and place else None

    def _is_keyed(self, device: cst.BaseExpression) -> bool:
        """True for the device of a plugin that is made as a value of a dictionary, under the device as its key."""
        tree = self.places.tree(self.places.module_of(device))
        call = next(node for node in tree.ancestors(device) if node in self.devices)
        around = tree.parents[call]
        key: cst.CSTNode | None = None
        if isinstance(around, (cst.DictComp, cst.DictElement)):
            key = around.key
        elif isinstance(around, cst.Assign) and isinstance(around.targets[0].target, cst.Subscript):
            key = around.targets[0].target.slice[0].slice
            key = key.value if isinstance(key, cst.Index) else None
        return key is not None and isinstance(device, cst.Name) and tree.source(key) == device.value

    def _carry(self) -> None:
        """Carries the devices to where they are needed and cannot be written directly."""
        shared = Shared()
        for module, node in self._needed():
            companions = DeviceCompanions(self, shared.copy())
            companions.names.update({place: name for one in self._edits for place, name in one.names.items()})
            try:
                companions.need(module, node)
            except Unsupported:
                continue
            shared = companions.shared
            self._carried[node] = companions
            self._edits.append(companions)
            self.anchors.update(anchor for _, anchor in companions.edits)

    def _needed(self) -> list[tuple[int, cst.BaseExpression]]:
        found = []
        for index, module in enumerate(self.engine.project.modules):
            for node in module.tree.all(cst.Attribute):
                value = established(self.places.facts(node.value)) if node.attr.value in MEMBERS else None
                if value is not None and value.kind == KIND and self.direct(index, node.value) is None:
                    found.append((index, node.value))
        return found


class DeviceCompanions(Companions):
    """The devices of plugins, kept beside them."""

    def __init__(self, plan: DevicePlan, shared: Shared) -> None:
        super().__init__(plan.places, shared)
        self.plan = plan

    def holds(self, node: cst.CSTNode) -> bool:
        return self.plan.holds(node)

    def direct(self, module: int, node: cst.BaseExpression) -> tuple[Part, ...] | None:
        return self.plan.direct(module, node)

    def choose_name(self, places: list[Place]) -> str:
        place = places[0]
        if isinstance(place, Items):
            raise Unsupported("it is kept in a container")
        candidates = ["device", f"{place.name}_device", "device_name", *(f"device_{n}" for n in range(2, 100))]
        name = next(name for name in candidates if not any(self._is_taken(one, name) for one in places))
        self.shared.taken.update((owner_of(one), name) for one in places)
        return name

    def _is_taken(self, place: Place, name: str) -> bool:
        if isinstance(place, Items) or (owner_of(place), name) in self.shared.taken:
            return True
        if isinstance(place, Attribute):
            in_use = bool(self.places.bindings(Attribute(place.cls, name)))
            return in_use or is_method(self.places, place.cls, name)
        tree = self.places.tree(place.module)
        return any(place.scope in (tree.scope(use), *tree.ancestors(use)) for use in tree.references(name))

    def made(
        self, module: int, owner: tuple[Part, ...], value: cst.BaseExpression, index: int | None
    ) -> tuple[Part, ...]:
        device = self.plan.made_with.of(module, value, index, set(self.plan.devices))
        if device is None or not is_repeatable(device):
            raise Unsupported("its device is not given")
        return (self.places.tree(self.places.module_of(device)).source(device),)

    def made_of_parameter(self, param: cst.Param, owner: tuple[Part, ...]) -> tuple[Part, ...] | None:
        return None

    def made_of_items(self, module: int, owner: cst.BaseExpression, value: cst.BaseExpression) -> tuple[Part, ...]:
        raise Unsupported("it is kept in a container")
