"""Step `config`: keys and values in the dictionaries that reach a configuration."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ov_migrate.edits import Change, Edit, Leftover
from ov_migrate.steps.config_entries import Entry, entries
from ov_migrate.steps.context import Context
from ov_migrate.syntax import arms

_HOLE = "…"


def config_changes(context: Context) -> Iterator[Change | Leftover]:
    """Renames the keys and values of the dictionaries of `context.plans.config`."""
    found = list(entries(context))
    done: set[cst.CSTNode] = set()
    rule = context.rule("config-clash")
    for entry in found:
        key = _expression(context, entry)
        if key in done:
            continue
        done.add(key)
        clashes = [other for other in found if _clash(context, entry, other)]
        together = next((other for other in clashes if _is_beside(context, entry, other)), None)
        if together is not None:
            names = f"{key_name(context, entry)} and {key_name(context, together)}"
            yield Leftover(rule, context.tree.spans[entry.key], f"{names}: {rule.advice}")
            continue
        for result in _change(context, entry, key):
            if clashes and isinstance(result, Change):
                result.rule, result.verdict, result.message = rule, "review", rule.check
            yield result


def _expression(context: Context, entry: Entry) -> cst.BaseExpression:
    """The expression that says which key it is: that which a variable is bound to."""
    is_keyword = isinstance(context.tree.parents[entry.key], cst.Arg) and not _is_value(context, entry.key)
    return entry.key if is_keyword else context.bound_once(entry.key)


def _is_value(context: Context, node: cst.CSTNode) -> bool:
    parent = context.tree.parents[node]
    return isinstance(parent, cst.Arg) and parent.value is node


def key_name(context: Context, entry: Entry) -> str:
    """The key as text, with a mark for a part that is put in later: "…_THROUGHPUT_STREAMS"; "" when it is unknown."""
    key = _expression(context, entry)
    if isinstance(key, cst.Name):
        return key.value if key is entry.key and not _is_value(context, key) and _is_keyword(context, key) else ""
    return text_with_hole(key)


def _is_keyword(context: Context, node: cst.Name) -> bool:
    parent = context.tree.parents[node]
    return isinstance(parent, cst.Arg) and parent.keyword is node


def text_with_hole(node: cst.BaseExpression) -> str:
    """A literal as it is; a text that begins with a part put in later with a mark for that; "" for anything else."""
    if isinstance(node, cst.SimpleString):
        return str(node.evaluated_value)
    if isinstance(node, cst.FormattedString) and len(node.parts) == 2:
        first, last = node.parts
        if isinstance(first, cst.FormattedStringExpression) and isinstance(last, cst.FormattedStringText):
            return _HOLE + last.value
        return ""
    if isinstance(node, cst.BinaryOperation):
        if isinstance(node.operator, cst.Add) and isinstance(node.right, cst.SimpleString):
            return _HOLE + str(node.right.evaluated_value)
        is_percent = isinstance(node.operator, cst.Modulo) and isinstance(node.left, cst.SimpleString)
        return _ending(node.left, "%s") if is_percent else ""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == "format":
        return _ending(node.func.value, "{}")
    return ""


def _ending(node: cst.BaseExpression, hole: str) -> str:
    text = str(node.evaluated_value) if isinstance(node, cst.SimpleString) else ""
    return _HOLE + text[len(hole) :] if text.startswith(hole) else ""


def _clash(context: Context, entry: Entry, other: Entry) -> bool:
    """True for keys of two devices that have become the same key of one dictionary."""
    if entry.containers.isdisjoint(other.containers):
        return False
    properties = context.catalogue.tables["properties"]
    name, second = key_name(context, entry), key_name(context, other)
    return name != second and name in properties and properties[name] == properties.get(second)


def _is_beside(context: Context, entry: Entry, other: Entry) -> bool:
    """True when both are always set together: in one display, or by statements of one block."""
    blocks = [context.tree.parents[context.tree.block_statement(one.key)] for one in (entry, other)]
    return blocks[0] is blocks[1]


def _change(context: Context, entry: Entry, key: cst.BaseExpression) -> Iterator[Change | Leftover]:
    tables = context.catalogue.tables
    old_key = key_name(context, entry)
    values = [arm for arm in arms(entry.value) if text_with_hole(arm)] if entry.value is not None else []
    texts = {text_with_hole(value): value for value in values}
    new_key = tables["properties"].get(old_key, old_key)
    pairs = [tables["config_pairs"].get(f"{old_key}={value}") for value in texts]
    new_values = {value: tables["config_values"].get(value, value) for value in texts}
    if all(pairs) and (pairs or entry.value is None) and old_key in tables["pair_keys"]:
        new_key = tables["pair_keys"][old_key]
        new_values = {value: str(pair).split("=")[1] for value, pair in zip(texts, pairs, strict=True)}
    elif new_key == old_key and (advice := gone(context, old_key)):
        yield Leftover(context.rule("config-gone"), context.tree.spans[entry.key], f"{old_key}: {advice}")
        return
    if not _can_be_written(context, new_key):
        yield Leftover(
            context.rule("config-gone"), context.tree.spans[entry.key], f"{new_key}: {_later(context, new_key)}"
        )
        return
    edits = [_edit(context, key, old_key, new_key)] if new_key != old_key else []
    edits += [
        _edit(context, value, text, new_values[text]) for text, value in texts.items() if new_values[text] != text
    ]
    if edits:
        rule = context.rule("config-key")
        yield Change(rule, key, edits, rule.verdict, rule.why)


def _can_be_written(context: Context, key: str) -> bool:
    since = context.catalogue.tables["property_since"].get(key)
    return since is None or context.is_reached(since)


def _later(context: Context, key: str) -> str:
    since = context.catalogue.tables["property_since"][key]
    return f"it exists from {since} on only, and what it replaces up to 2023.3: choose by the release at run time."


def _edit(context: Context, node: cst.BaseExpression, old: str, new: str) -> Edit:
    span = context.tree.outer_span(node) if not isinstance(node, cst.SimpleString) else context.tree.spans[node]
    if isinstance(node, (cst.SimpleString, cst.Name)):
        return Edit(span, (context.tree.source(node).replace(old, new),))
    return Edit(span, (context.tree.quote + new + context.tree.quote,))


def gone(context: Context, key: str) -> str:
    """What to do about a key that nothing replaces; "" for any other key."""
    table = context.catalogue.tables["config_gone"]
    return next(
        (advice for name, advice in table.items() if key == name or (name.endswith("_") and key.startswith(name))), ""
    )
