"""Where the device of an IEPlugin goes: a plugin knew its device, a core has to be told at every call."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from ov_migrate.edits import Edit, Part
from ov_migrate.inference import Engine
from ov_migrate.inference.values import Legacy
from ov_migrate.steps.context import bind, established
from ov_migrate.steps.places import Attribute, Places
from ov_migrate.steps.statements import insert_after
from ov_migrate.syntax import Tree, dotted

KIND = "plugin"
_PARAMETERS = ("device", "plugin_dirs")


@dataclass
class _Device:
    """The device of one `IEPlugin(…)` call, and the names under which it was kept for other places."""

    module: int
    call: cst.Call
    node: cst.BaseExpression
    variable: str = ""
    attribute: str = ""


class DevicePlan:
    """`text(module, node)` is the device of the plugin at `node`, written so that it means the same there."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.places = Places(engine)
        self._devices: dict[cst.CSTNode, _Device] = {}
        self.edits: dict[cst.CSTNode, list[Edit]] = {}
        for index, module in enumerate(engine.project.modules):
            for call in module.tree.all(cst.Call):
                if any(isinstance(v, Legacy) and v.kind == KIND and v.origin is call for v in self._facts(call)):
                    arg = (bind(call, _PARAMETERS) or {}).get("device")
                    if arg is not None:
                        self._devices[call] = _Device(index, call, arg.value)

    def text(self, module: int, node: cst.BaseExpression) -> tuple[Part, ...] | None:
        """The device name to write beside the plugin at `node`; None when it does not reach that place."""
        found = established(self._facts(node))
        if found is None or found.kind != KIND:
            return None
        texts = {self._one(module, node, origin) for origin in found.origins}
        return texts.pop() if len(texts) == 1 else None

    def _facts(self, node: cst.CSTNode) -> frozenset:  # type: ignore[type-arg]
        return self.engine.facts.get(node, frozenset())

    def _one(self, module: int, node: cst.BaseExpression, origin: cst.CSTNode | None) -> tuple[Part, ...] | None:
        device = self._devices.get(origin) if origin is not None else None
        if device is None:
            return None
        tree = self.places.tree(module)
        source = self.places.tree(device.module).source(device.node)
        if isinstance(device.node, (cst.SimpleString, cst.Integer)):
            return (source,)
        if device.module == module and self._means_the_same(tree, device, node):
            return (source,)
        return self._kept_on_instance(tree, module, device, node)

    def _means_the_same(self, tree: Tree, device: _Device, node: cst.CSTNode) -> bool:
        """True when the device expression can be written again at `node`: its root is visible and bound once."""
        path = dotted(device.node)
        if path is None:
            return False
        root = path.split(".")[0]
        names = self.engine.project.modules[device.module].names
        here, there = tree.scope(device.call), tree.scope(node)
        owner = names.owner(here, root)
        if owner is None or names.owner(there, root) is not owner:
            return self._same_self(tree, device, node, path)
        if len(names.scopes[owner].bindings.get(root, ())) != 1:
            return False
        return here is there or owner is not here or isinstance(owner, cst.Module)

    def _same_self(self, tree: Tree, device: _Device, node: cst.CSTNode, path: str) -> bool:
        """`self.device` in another method of the same class, when it is written once."""
        here, there = tree.scope(device.call), tree.scope(node)
        root, _, attribute = path.partition(".")
        if not (isinstance(here, cst.FunctionDef) and isinstance(there, cst.FunctionDef)) or "." in attribute:
            return False
        if _first_parameter(here) != root or _first_parameter(there) != root:
            return False
        if not isinstance(device.node, cst.Attribute):
            return False
        places = self.places.of(device.module, device.node)
        return (
            len(places) == 1 and tree.parents[here] is tree.parents[there] and len(self.places.bindings(places[0])) == 1
        )

    def _kept_on_instance(
        self, tree: Tree, module: int, device: _Device, node: cst.BaseExpression
    ) -> tuple[Part, ...] | None:
        """Keeps the device beside the plugin when that is an attribute of an object: `self.device`."""
        if not isinstance(node, cst.Attribute) or device.module != module:
            return None
        parent = tree.parents[device.call]
        target = parent.targets[0].target if isinstance(parent, cst.Assign) and len(parent.targets) == 1 else None
        if not isinstance(target, cst.Attribute) or self.places.of(module, target) != self.places.of(module, node):
            return None
        (place,) = self.places.of(module, target) or (None,)
        if not isinstance(place, Attribute):
            return None
        if not device.attribute:
            device.attribute = self._free_attribute(place)
            parts = (target.value, f".{device.attribute} = {tree.source(device.node)}")
            self.edits.setdefault(device.call, []).append(insert_after(tree, parent, parts))
        return (node.value, f".{device.attribute}")

    def _free_attribute(self, place: Attribute) -> str:
        candidates = ("device", f"{place.name}_device", "device_name")
        return next(name for name in candidates if not self.places.bindings(Attribute(place.cls, name)))


def _first_parameter(function: cst.FunctionDef) -> str:
    params = (*function.params.posonly_params, *function.params.params)
    return params[0].name.value if params else ""
