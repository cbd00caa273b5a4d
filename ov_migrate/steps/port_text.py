"""Text for the ports of a model in the order of the legacy dicts, which were sorted by the names of layers."""

from __future__ import annotations

from ov_migrate.edits import Part


def layer_name(side: str, port: str) -> str:
    """The name of the layer behind `port`, by which the legacy API knew and sorted it. A compiled model may add a
    suffix to those of its outputs, which keeps their order."""
    return f"{port}.node.friendly_name" if side == "input" else f"{port}.node.input_value(0).node.friendly_name"


def in_legacy_order(ports: tuple[Part, ...], side: str, port: str, item: str) -> tuple[Part, ...]:
    """A list of `item`, an expression of `port`, for each of `ports`."""
    key = layer_name(side, port)
    if item == key:
        return (f"sorted({item} for {port} in ", *ports, ")")
    ordered = legacy_sorted(ports, side, port)
    return ordered if item == port else (f"[{item} for {port} in ", *ordered, "]")


def legacy_sorted(ports: tuple[Part, ...], side: str, port: str) -> tuple[Part, ...]:
    return ("sorted(", *ports, f", key=lambda {port}: {layer_name(side, port)})")


def legacy_first(ports: tuple[Part, ...], side: str, port: str) -> tuple[Part, ...]:
    return ("min(", *ports, f", key=lambda {port}: {layer_name(side, port)})")


def named_results(results: tuple[Part, ...], port: str, value: str) -> tuple[Part, ...]:
    """The legacy dict of results by name, made of the one by port that API 2.0 gives."""
    ordered = ("sorted(", *results, f".items(), key=lambda item: {layer_name('output', 'item[0]')})")
    return (f"{{{port}.any_name: {value} for {port}, {value} in ", *ordered, "}")
