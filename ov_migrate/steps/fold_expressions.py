"""Puts one part of an expression in the place of the whole, in the tree and in the text."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Edit
from ov_migrate.inference import Engine
from ov_migrate.inference.feature_tests import (
    attribute_test,
    decided,
    feature_tests,
    has_attribute,
    needs_no_default,
)
from ov_migrate.syntax import Tree

_ATOMS = (cst.Name, cst.Attribute, cst.Subscript, cst.Call)


def stand_in(tree: Tree, live: cst.BaseExpression, node: cst.BaseExpression) -> list[Edit]:
    """Makes `live`, a part of `node`, stand in the place of `node`. Parentheses that only `node` needed go with it."""
    kept, whole = tree.outer_span(live), tree.outer_span(node)
    is_bare = isinstance(live, _ATOMS) and len(node.lpar) == 1 and not _is_glued(tree, whole[0])
    span = whole if is_bare else tree.spans[node]
    object.__setattr__(live, "lpar", () if is_bare else node.lpar)
    object.__setattr__(live, "rpar", () if is_bare else node.rpar)
    tree.put(live, node, span)
    edits = [Edit((span[0], kept[0]), ()), Edit((kept[1], span[1]), ())]
    return [edit for edit in edits if edit.span[0] < edit.span[1]]


def _is_glued(tree: Tree, offset: int) -> bool:
    """True when a word ends where the text at `offset` begins, as in `return(x)`."""
    return offset > 0 and (tree.text[offset - 1].isalnum() or tree.text[offset - 1] == "_")


def drop_operand(engine: Engine, tree: Tree, node: cst.BooleanOperation) -> cst.BaseExpression | None:
    """The operand of an `and` or `or` that makes no difference for the newest generation."""
    if needs_no_default(engine, node):
        return node.right
    if decided(engine, node) is not None:
        return None
    if decided(engine, node.left) is not None:
        return node.left
    answer = decided(engine, node.right, strict=False)
    if answer is None or answer is isinstance(node.operator, cst.Or) or not _is_condition(tree, node):
        return None
    is_certain = decided(engine, node.right) is not None or _excludes_none(engine, tree, node)
    return node.right if is_certain else None


def _excludes_none(engine: Engine, tree: Tree, node: cst.BooleanOperation) -> bool:
    """True for `net is not None and hasattr(net, …)`, and for `net and hasattr(net, …)`."""
    left = tree.source(node.left)
    receivers = [tree.source(asked.receiver) for asked in feature_tests(engine, node.right)]
    is_asked = all(left in (receiver, f"{receiver} is not None") for receiver in receivers)
    return isinstance(node.operator, cst.And) and is_asked


def _is_condition(tree: Tree, node: cst.BaseExpression) -> bool:
    """True where only the truth of the expression counts."""
    parent = tree.parents[node]
    if isinstance(parent, cst.BooleanOperation):
        return _is_condition(tree, parent)
    if isinstance(parent, cst.UnaryOperation):
        return isinstance(parent.operator, cst.Not)
    return isinstance(parent, (cst.If, cst.IfExp, cst.While, cst.Assert, cst.CompIf)) and parent.test is node


def as_attribute(engine: Engine, tree: Tree, node: cst.Call) -> list[Edit]:
    """Makes `net.batch_size` of `getattr(net, "batch_size", 16)`, or the default of it, as the newest generation would;
    nothing when that is not certain."""
    test, answer = attribute_test(engine, node, "getattr"), has_attribute(engine, node)
    if test is None or answer is None or "#" in tree.source(node):
        return []
    if not answer:
        return stand_in(tree, node.args[2].value, node) if len(node.args) == 3 else []
    receiver, literal = tree.outer_span(test.receiver), tree.outer_span(node.args[1].value)
    start, end = tree.spans[node]
    attribute = cst.Attribute(test.receiver, cst.Name(test.name), lpar=node.lpar, rpar=node.rpar)
    tree.parents[test.receiver] = tree.parents[attribute.attr] = attribute
    tree.spans[attribute.attr] = literal
    engine.facts[attribute] = engine.facts.get(node, frozenset())
    tree.put(attribute, node, (start, end))
    texts = {(start, receiver[0]): "", (receiver[1], literal[0]): ".", literal: test.name, (literal[1], end): ""}
    return [Edit(span, (text,)) for span, text in texts.items()]
