"""The arguments of the Model Optimizer's `convert_model`, and what they are in the one of openvino itself."""

from __future__ import annotations

import re

import libcst as cst

from ov_migrate.edits import Edit, Part
from ov_migrate.knowledge.current_api import load_current_api
from ov_migrate.steps.context import Context
from ov_migrate.syntax import Span, Tree

_SHAPE = re.compile(r"\[[-\d\s,]+\]")
_OWN_LINE_END = re.compile(r",?\s*(#.*)?")
_NAME = re.compile(r"[\w./:]+")


class Unconvertible(Exception):
    """Why the arguments of a call have no counterpart."""


def argument_edits(context: Context, call: cst.Call, accepted: dict[str, str]) -> list[Edit]:
    """The edits of the arguments of one call. Raises Unconvertible for one without a counterpart."""
    tree = context.tree
    given = {arg.keyword.value: arg for arg in call.args if arg.keyword is not None}
    edits: list[Edit] = []
    for index, arg in enumerate(call.args):
        name = arg.keyword.value if arg.keyword is not None else "input_model" if index == 0 else ""
        new = accepted.get(name)
        if arg.star or new is None or (new.startswith("=") and tree.source(arg.value) != new[1:]):
            raise Unconvertible(_refusal(name))
        if not new or new.startswith("=") or (name == "input_shape" and "input" in given):
            edits.append(Edit(_span_with_comma(tree, call, index), ()))
        elif new == "input":
            edits += _input(context, arg, given)
        elif arg.keyword is not None and new != name:
            edits.append(Edit(tree.spans[arg.keyword], (new,)))
    return edits


def _refusal(name: str) -> str:
    if not name:
        return "Write the arguments out by name."
    return (
        f"`{name}` has no counterpart in openvino.convert_model(). {load_current_api().refused.get(name, '')}".rstrip()
    )


def _input(context: Context, arg: cst.Arg, given: dict[str, cst.Arg]) -> list[Edit]:
    """`input` and `input_shape`, which are one argument today."""
    assert arg.keyword is not None
    spans = context.tree.spans
    if arg.keyword.value == "input_shape":
        return [Edit(spans[arg.keyword], ("input",)), *_shape(context, arg.value)]
    text, shape = context.constant(arg.value), given.get("input_shape")
    if (isinstance(text, str) and not _NAME.fullmatch(text)) or (shape is not None and not isinstance(text, str)):
        raise Unconvertible(
            "Write `input` as a list of names, or of (name, shape) tuples: texts hold a name only today."
        )
    if shape is None:
        return []
    edits = _shape(context, shape.value)
    new: tuple[Part, ...] = edits[0].parts if edits else (context.tree.source(shape.value),)
    return [Edit(spans[arg.value], ("(", context.tree.source(arg.value), ", ", *new, ")"))]


def _shape(context: Context, value: cst.BaseExpression) -> list[Edit]:
    """A shape in a text is a list today."""
    text = context.constant(value)
    if not isinstance(text, str):
        return []
    if not _SHAPE.fullmatch(text):
        raise Unconvertible("Write `input_shape` as a list.")
    return [Edit(context.tree.spans[value], (re.sub(r"\s*,\s*", ", ", text),))]


def _span_with_comma(tree: Tree, call: cst.Call, index: int) -> Span:
    """An argument with what separates it from the one in front, or from the next where it is the first; with its line
    where it stands on one of its own."""
    start, end = tree.spans[call.args[index]]
    line, next_line = tree.line_start(start), tree.text.find("\n", end) + 1
    if not tree.text[line:start].strip() and _OWN_LINE_END.fullmatch(tree.text[end : next_line - 1]):
        return line, next_line
    if index:
        return tree.spans[call.args[index - 1].value][1], tree.spans[call.args[index].value][1]
    return start, tree.spans[call.args[1]][0] if len(call.args) > 1 else end
