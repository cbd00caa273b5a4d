"""What a model file says of itself: its inputs and outputs, as the legacy API had them and as API 2.0 has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from ov_migrate.knowledge.catalogue import load_catalogue


@dataclass(frozen=True)
class PortFacts:
    """One input or output: the name of its layer, by which the legacy API knew it, and what API 2.0 says of it. `shape`
    has None for a dimension that is not fixed, and is None itself when not even the rank is."""

    index: int
    layer: str
    names: tuple[str, ...]
    element_type: str
    shape: tuple[int | None, ...] | None

    @property
    def name(self) -> str:
        """The name to look it up by: that of its layer where API 2.0 takes it; "" for a port without names."""
        return self.layer if self.layer in self.names else next(iter(self.names), "")

    @property
    def keeps_name(self) -> bool:
        """True when the layer's name is the one name it has, so that it is also the one that is shown."""
        return self.names == (self.layer,)


@dataclass(frozen=True)
class ModelFacts:
    """One model. `layers` has the element types of the outputs of each layer."""

    path: str
    format: str
    inputs: tuple[PortFacts, ...]
    outputs: tuple[PortFacts, ...]
    layers: Mapping[str, tuple[str, ...]] = field(hash=False)

    @property
    def file_name(self) -> str:
        return PurePath(self.path).name

    def ports(self, side: str) -> tuple[PortFacts, ...]:
        """The inputs for "input", the outputs for "output", in the order of the model."""
        return self.inputs if side == "input" else self.outputs

    def in_legacy_order(self, side: str) -> list[PortFacts]:
        """The ports as the legacy dict had them: by the names of layers."""
        return sorted(self.ports(side), key=lambda port: port.layer)

    def port(self, side: str, layer: str) -> PortFacts | None:
        """The port that the legacy API knew by the name `layer`."""
        return next((port for port in self.ports(side) if port.layer == layer), None)

    def other_types(self) -> list[str]:
        """What is said of each port whose element type is not the one that the legacy API gave it."""
        return [
            f"{side} '{port.layer}' {verb}s {port.element_type} where the legacy API {past} {was}"
            for side, verb, past in (("input", "take", "took"), ("output", "give", "gave"))
            for port in self.ports(side)
            if (was := legacy_type(side, port.element_type)) != port.element_type
        ]


def legacy_type(side: str, element_type: str) -> str:
    """The element type that the legacy API gave a port with this one in the model."""
    return load_catalogue().tables[f"legacy_{side}_types"].get(element_type, element_type)


def model_facts(path: str, data: dict[str, Any]) -> ModelFacts:
    """The facts of the model at `path` from what read_model.py prints."""
    return ModelFacts(
        path,
        data["format"],
        _ports(data["inputs"]),
        _ports(data["outputs"]),
        {name: tuple(types) for name, types in data["layers"].items()},
    )


def _ports(data: list[dict[str, Any]]) -> tuple[PortFacts, ...]:
    return tuple(
        PortFacts(
            index,
            port["layer"],
            tuple(port["names"]),
            port["element_type"],
            None if port["shape"] is None else tuple(port["shape"]),
        )
        for index, port in enumerate(data)
    )
