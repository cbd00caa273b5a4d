"""`--pin-io-types`: inputs and outputs keep the element types that the legacy API gave them.

In IR v10 they have them anyway. In IR v11, ONNX and models built in code API 2.0 shows the types of the model itself; a
PrePostProcessor behind the statement that makes the network puts conversions there.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ov_migrate.edits import Change, Edit, Leftover
from ov_migrate.inference.values import Legacy
from ov_migrate.knowledge.model_facts import ModelFacts
from ov_migrate.steps.context import Context
from ov_migrate.steps.model_plan import by
from ov_migrate.steps.statements import insert_after
from ov_migrate.syntax import dotted

_HELPER = "pin_ie_types"


def pinned_types(context: Context) -> Iterator[Change | Leftover]:
    """A change for each expression that makes a network, where its types may differ."""
    for call in context.tree.all(cst.Call) if context.pins else ():
        makes = Legacy("network", call) in context.facts(call)
        models = context.plans.ports.models(frozenset({call})) if makes else ()
        if makes and (not models or any(model.other_types() for model in models)):
            yield _pinned(context, call, models)
    for node in context.tree.all(cst.Attribute) if context.pins else ():
        if node.attr.value == "add_outputs" and context.kind(node.value) == "network":
            rule = context.rule("pin-io-types")
            message = "Outputs that are added keep the types of the model: add them before the types are pinned."
            yield Leftover(rule, context.tree.spans[node], message, False, "review")


def _pinned(context: Context, call: cst.Call, models: tuple[ModelFacts, ...]) -> Change | Leftover:
    rule, parent = context.rule("pin-io-types"), context.tree.parents[call]
    target = parent.target if isinstance(parent, cst.AnnAssign) else None
    target = parent.targets[0].target if isinstance(parent, cst.Assign) else target
    network = dotted(target) if target is not None and parent.value is call else None  # type: ignore[attr-defined]
    if network is not None:
        edit = insert_after(context.tree, parent, (_call(context, network),))
        return Change(rule, call, [edit], rule.verdict, by(rule.why, models) if models else rule.why)
    if isinstance(parent, cst.Return):
        start, end = context.tree.spans[call]
        opening, closing = _call(context, "\0").split("\0")
        return Change(rule, call, [Edit((start, start), (opening,)), Edit((end, end), (closing,))], message=rule.why)
    return Leftover(rule, context.tree.spans[call], rule.advice, verdict="manual")


def _call(context: Context, network: str) -> str:
    """A call of the function that looks at the types when the program runs."""
    return f"{context.helpers.name(_HELPER)}({network})"
