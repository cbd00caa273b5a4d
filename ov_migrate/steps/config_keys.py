"""Step `config`: keys and values in the dictionaries that reach a configuration."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ov_migrate.edits import Change, Edit, Leftover
from ov_migrate.inference import Engine
from ov_migrate.inference.values import Container, Method
from ov_migrate.steps.context import Context, bind


class ConfigPlan:
    """The containers that are seen to reach the `config` argument of a legacy call, wherever they are made."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.containers: set[cst.CSTNode] = set()
        for module in engine.project.modules:
            for call in module.tree.all(cst.Call):
                argument = self._config(call)
                facts = engine.facts.get(argument, frozenset()) if argument is not None else frozenset()
                self.containers |= {value.node for value in facts if isinstance(value, Container)}
                if isinstance(argument, cst.Dict):
                    self.containers.add(argument)

    def _config(self, call: cst.Call) -> cst.BaseExpression | None:
        for value in self.engine.facts.get(call.func, ()):
            if isinstance(value, Method):
                member = self.engine.api.member(value.receiver.kind, value.name)
                if member is not None and "config" in member.parameters:
                    arg = (bind(call, member.parameters) or {}).get("config")
                    return arg.value if arg is not None else None
        return None


def config_changes(context: Context) -> Iterator[Change | Leftover]:
    """Renames the keys and values of the dictionaries of `context.plans.config`."""
    containers = context.plans.config.containers
    for display in context.tree.all(cst.Dict):
        if display in containers:
            for element in display.elements:
                if isinstance(element, cst.DictElement):
                    yield from _entry(context, element.key, element.value)
    for assignment in context.tree.all(cst.Assign):
        target = assignment.targets[0].target
        if isinstance(target, cst.Subscript) and isinstance(target.slice[0].slice, cst.Index):
            facts = context.facts(target.value)
            if any(isinstance(value, Container) and value.node in containers for value in facts):
                yield from _entry(context, target.slice[0].slice.value, assignment.value)


def _entry(context: Context, key: cst.BaseExpression, value: cst.BaseExpression) -> Iterator[Change | Leftover]:
    tables = context.catalogue.tables
    if not isinstance(key, cst.SimpleString):
        return
    old_key, old_value = str(key.evaluated_value), _text(value)
    new_key = tables["properties"].get(old_key, old_key)
    new_value = tables["config_values"].get(old_value, old_value)
    pair = tables["config_pairs"].get(f"{old_key}={old_value}")
    if pair is not None:
        new_key, new_value = pair.split("=")
    elif new_key == old_key and (advice := _gone(context, old_key)):
        message = f"{old_key}: {advice}"
        yield Leftover(context.rule("config-gone"), context.tree.spans[key], message)
        return
    edits = []
    for node, old, new in ((key, old_key, new_key), (value, old_value, new_value)):
        if old != new:
            edits.append(Edit(context.tree.spans[node], (context.tree.source(node).replace(old, new),)))
    if edits:
        rule = context.rule("config-key")
        yield Change(rule, key, edits, rule.verdict, rule.why)


def _text(node: cst.BaseExpression) -> str:
    return str(node.evaluated_value) if isinstance(node, cst.SimpleString) else ""


def _gone(context: Context, key: str) -> str:
    """What to do about a key that nothing replaces; "" for any other key."""
    gone = context.catalogue.tables["config_gone"]
    return next(
        (advice for name, advice in gone.items() if key == name or (name.endswith("_") and key.startswith(name))), ""
    )
