"""Layer names in literals, where the given model tells the names that API 2.0 has for the ports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from ov_migrate.edits import Change, Edit, Leftover
from ov_migrate.steps.context import Context
from ov_migrate.steps.key_plan import Key
from ov_migrate.steps.model_plan import by, literal, unnamed
from ov_migrate.syntax import Span


def layer_names(context: Context, leftovers: Sequence[Leftover]) -> Iterator[Change | Leftover]:
    """The literals of one module that are layer names and no tensor names; those that only take part in a run that is
    left by hand stay with it."""
    left = {leftover.span for leftover in leftovers}
    for node, keys in context.plans.keys.literals.items():
        if node in context.tree.spans and not all(_is_left(context, key, left) for key in keys):
            yield from _renamed(context, node, keys)


def _renamed(context: Context, node: cst.SimpleString, keys: list[Key]) -> Iterator[Change | Leftover]:
    ports = context.plans.keys.meant(node)
    if all(port.layer in port.names for port in ports):
        return
    port = ports[0]
    rule, models = context.rule("layer-name"), context.plans.ports.models(keys[0].origins)
    span = context.tree.spans[node]
    if len({other.name or other.index for other in ports}) > 1:
        called = " and ".join(repr(other.name or other.index) for other in ports)
        yield Leftover(rule, span, by(f"'{port.layer}' means several ports: {called}", models), annotate=False)
        return
    if not port.name and not all(key.by_index for key in keys):
        yield Leftover(rule, span, unnamed(keys[0].sides[0], port, models), annotate=False)
        return
    text = literal(node.quote[-1], port.name) if port.name else str(port.index)
    yield Change(rule, node, [Edit(span, (text,))], rule.verdict, by(rule.why, models))


def _is_left(context: Context, key: Key, left: set[Span]) -> bool:
    """True when the run that a key belongs to is left as it is."""
    calls = [key.call] if key.call is not None else [*key.origins]
    return any(call in context.tree.spans and context.tree.spans[call] in left for call in calls if call is not None)
