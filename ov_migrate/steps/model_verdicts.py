"""What the given models settle at a site whose equality depends on the model: the verdict, and what is said."""

from __future__ import annotations

from collections.abc import Sequence

from ov_migrate.knowledge.model_facts import ModelFacts, PortFacts
from ov_migrate.steps.context import Site
from ov_migrate.steps.model_plan import by, literal, unnamed

# Verdict and message as `Site.change` takes them; two empty texts where no model tells anything.
Verdict = tuple[str, str]


def read_verdict(site: Site) -> Verdict:
    """Of reading a network: whether its ports keep their element types, and names that the program cannot tell."""
    models = site.context.plans.ports.models(frozenset({site.node}))
    if not models:
        return "", ""
    doubts = list(dict.fromkeys(text for model in models for text in model.other_types()))
    doubts = [] if site.context.pins else doubts
    doubts += [f"no port is called '{text}'" for text in site.context.plans.keys.strangers(frozenset({site.node}))]
    if site.context.plans.keys.is_open(frozenset({site.node})):
        renamed = dict.fromkeys(text for side in ("input", "output") for text in _renamed(models, side))
        doubts += [f"names that are shown or come from elsewhere: {', '.join(renamed)}"] if renamed else []
    if doubts:
        return "review", by(f"{'; '.join(doubts)}", models)
    return "migrated", by(site.rule.why, models)


def names_verdict(site: Site, side: str, why: str = "", is_handed_out: bool = False) -> Verdict:
    """Of code that makes names of ports anew: whether they are those that the legacy API gave, or at least only used to
    look ports up again. A dict that is handed out may be looked up anywhere."""
    models = site.context.plans.ports.models(site.value.origins)
    if not models or (side == "output" and site.context.plans.ports.has_more_outputs(site.value.origins)):
        return "", ""
    nameless = without_name(models, side)
    if nameless is not None:
        return "review", unnamed(side, nameless, models)
    renamed = _renamed(models, side)
    if renamed and (is_handed_out or site.context.plans.keys.is_open(site.value.origins)):
        return "review", by("; ".join(renamed), models)
    return "migrated", by(why or site.rule.why, models)


def order_verdict(site: Site) -> Verdict:
    """Of code that needs the order of ports alone."""
    models = site.context.plans.ports.models(site.value.origins)
    return ("migrated", by(site.rule.why, models)) if models else ("", "")


def name_verdict(site: Site, side: str) -> Verdict:
    """Of one name that is asked for: whether it is that of the layer."""
    models = site.context.plans.ports.models(site.value.origins)
    if models and all(port.keeps_name for model in models for port in model.ports(side)):
        return "migrated", by(site.rule.why, models)
    return ("review", by("; ".join(_renamed(models, side)), models)) if models else ("", "")


def added_verdict(site: Site, layers: Sequence[str | int | bool | None]) -> Verdict:
    """Of outputs added by the names of layers: whether each has one output, of the element type it had."""
    models = site.context.plans.ports.models(site.value.origins)
    known = [model.layers.get(str(layer), ()) for model in models for layer in layers]
    is_known = bool(known) and all(types in (("f32",), ("i32",)) for types in known)
    return ("migrated", by(site.rule.why, models)) if is_known else ("", "")


def batch_verdict(site: Site) -> tuple[str, str, str]:
    """Of the batch size: verdict and message, and the input that has it, as text. The legacy API took the first
    dimension of the first input of rank 2, 4 or more, in the order of names, and said 1 when there was none."""
    models = site.context.plans.ports.models(site.value.origins)
    found = {next(filter(_has_batch, model.in_legacy_order("input")), None) for model in models}
    port = found.pop() if len(found) == 1 else None
    if port is None:
        return "", "", "0"
    is_first = port.index == 0 or not port.name
    text = str(port.index) if is_first else literal(site.tree.quote, port.name)
    return "migrated", by(site.rule.why, models), text


def _has_batch(port: PortFacts) -> bool:
    return port.shape is not None and (len(port.shape) == 2 or len(port.shape) > 3) and port.shape[0] is not None


def without_name(models: Sequence[ModelFacts], side: str) -> PortFacts | None:
    """The first port that has no tensor name."""
    return next((port for model in models for port in model.ports(side) if not port.name), None)


def _renamed(models: Sequence[ModelFacts], side: str) -> list[str]:
    """What is said of each port whose layer is not all that it is called."""
    ports = [port for model in models for port in model.ports(side) if not port.keeps_name]
    return [f"{side} '{port.layer}' is called {' or '.join(map(repr, port.names)) or 'nothing'}" for port in ports]
