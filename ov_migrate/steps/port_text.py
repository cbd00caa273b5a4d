"""Text for the ports of a model in the order of the legacy dicts, which were sorted by the names of layers."""

from __future__ import annotations

from ov_migrate.edits import Part


def layer_name(side: str, port: str, helper: str = "") -> str:
    """The name of the layer behind `port`, by which the legacy API knew and sorted it. For the outputs of a model
    `helper` is the function that gives it; a compiled model may add a suffix, which keeps their order."""
    if side == "input":
        return f"{port}.node.friendly_name"
    return f"{helper}({port})" if helper else f"{port}.node.input_value(0).node.friendly_name"


def in_legacy_order(ports: tuple[Part, ...], side: str, port: str, item: str, helper: str = "") -> tuple[Part, ...]:
    """A list of `item`, an expression of `port`, for each of `ports`."""
    key = layer_name(side, port, helper)
    if item == key:
        return ("sorted(map(", helper, ", ", *ports, "))") if helper else (f"sorted({item} for {port} in ", *ports, ")")
    ordered = legacy_sorted(ports, side, port, helper)
    return ordered if item == port else (f"[{item} for {port} in ", *ordered, "]")


def legacy_sorted(ports: tuple[Part, ...], side: str, port: str, helper: str = "") -> tuple[Part, ...]:
    return ("sorted(", *ports, f", key={_key(side, port, helper)})")


def legacy_first(ports: tuple[Part, ...], side: str, port: str, helper: str = "") -> tuple[Part, ...]:
    return ("min(", *ports, f", key={_key(side, port, helper)})")


def _key(side: str, port: str, helper: str) -> str:
    return helper or f"lambda {port}: {layer_name(side, port)}"


def named_results(results: tuple[Part, ...], port: str, value: str, is_one: bool = False) -> tuple[Part, ...]:
    """The legacy dict of results by name, made of the one by port that API 2.0 gives; one result needs no order."""
    if is_one:
        return (f"{{{port}.any_name: {value} for {port}, {value} in ", *results, ".items()}")
    ordered = ("sorted(", *results, f".items(), key=lambda item: {layer_name('output', 'item[0]')})")
    return (f"{{{port}.any_name: {value} for {port}, {value} in ", *ordered, "}")


def results_by_all_names(results: tuple[Part, ...], port: str, name: str, value: str) -> tuple[Part, ...]:
    """The results by each name that their ports have, made of the dict by port that releases before 2023.0 give."""
    return (f"{{{name}: {value} for {port}, {value} in ", *results, f".items() for {name} in {port}.names}}")
