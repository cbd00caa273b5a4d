"""Step `config`: keys and values in the dictionaries that reach a configuration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True)
class _Entry:
    """One key of a configuration with its value, in a display or assigned to an item of the dictionary."""

    key: cst.SimpleString
    value: cst.BaseExpression
    containers: frozenset[cst.CSTNode]

    @property
    def name(self) -> str:
        return str(self.key.evaluated_value)


def config_changes(context: Context) -> Iterator[Change | Leftover]:
    """Renames the keys and values of the dictionaries of `context.plans.config`."""
    entries = list(_entries(context))
    for entry in entries:
        clashes = [other for other in entries if _clash(context, entry, other)]
        rule = context.rule("config-clash")
        together = next((other for other in clashes if _is_beside(context, entry, other)), None)
        if together is not None:
            yield Leftover(rule, context.tree.spans[entry.key], f"{entry.name} and {together.name}: {rule.advice}")
            continue
        for result in _change(context, entry):
            if clashes and isinstance(result, Change):
                result.rule, result.verdict, result.message = rule, "review", rule.check
            yield result


def _entries(context: Context) -> Iterator[_Entry]:
    containers = context.plans.config.containers
    for display in context.tree.all(cst.Dict):
        if display in containers:
            for element in display.elements:
                if isinstance(element, cst.DictElement) and isinstance(element.key, cst.SimpleString):
                    yield _Entry(element.key, element.value, frozenset([display]))
    for assignment in context.tree.all(cst.Assign):
        target = assignment.targets[0].target
        if not isinstance(target, cst.Subscript) or not isinstance(target.slice[0].slice, cst.Index):
            continue
        values = context.facts(target.value)
        found = frozenset(v.node for v in values if isinstance(v, Container) and v.node in containers)
        key = target.slice[0].slice.value
        if found and isinstance(key, cst.SimpleString):
            yield _Entry(key, assignment.value, found)


def _clash(context: Context, entry: _Entry, other: _Entry) -> bool:
    """True for keys of two devices that have become the same key of one dictionary."""
    properties = context.catalogue.tables["properties"]
    new = properties.get(entry.name)
    same = new is not None and new == properties.get(other.name) and entry.name != other.name
    return same and not entry.containers.isdisjoint(other.containers)


def _is_beside(context: Context, entry: _Entry, other: _Entry) -> bool:
    """True when both are always set together: in one display, or by statements of one block."""
    blocks = [context.tree.parents[context.tree.block_statement(one.key)] for one in (entry, other)]
    return blocks[0] is blocks[1]


def _change(context: Context, entry: _Entry) -> Iterator[Change | Leftover]:
    tables = context.catalogue.tables
    old_key, literals = entry.name, list(_literals(entry.value))
    new_key = tables["properties"].get(old_key, old_key)
    renamed = {str(literal.evaluated_value): literal for literal in literals}
    pairs = [tables["config_pairs"].get(f"{old_key}={value}") for value in renamed]
    new_values = {value: tables["config_values"].get(value, value) for value in renamed}
    if pairs and all(pairs):
        new_key = str(pairs[0]).split("=")[0]
        new_values = {value: str(pair).split("=")[1] for value, pair in zip(renamed, pairs, strict=True)}
    elif new_key == old_key and (advice := _gone(context, old_key)):
        yield Leftover(context.rule("config-gone"), context.tree.spans[entry.key], f"{old_key}: {advice}")
        return
    nodes = [(entry.key, old_key, new_key)]
    nodes += [(node, str(node.evaluated_value), new_values[str(node.evaluated_value)]) for node in literals]
    edits = [
        Edit(context.tree.spans[node], (context.tree.source(node).replace(old, new),))
        for node, old, new in nodes
        if old != new
    ]
    if edits:
        rule = context.rule("config-key")
        yield Change(rule, entry.key, edits, rule.verdict, rule.why)


def _literals(node: cst.BaseExpression) -> Iterator[cst.SimpleString]:
    """The literals that a value may be."""
    if isinstance(node, cst.SimpleString):
        yield node
    elif isinstance(node, cst.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, cst.BooleanOperation):
        yield from _literals(node.left)
        yield from _literals(node.right)


def _gone(context: Context, key: str) -> str:
    """What to do about a key that nothing replaces; "" for any other key."""
    gone = context.catalogue.tables["config_gone"]
    return next(
        (advice for name, advice in gone.items() if key == name or (name.endswith("_") and key.startswith(name))), ""
    )
