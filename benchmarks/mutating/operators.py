"""What can be wrong with a piece of migrated text: each operator changes one node of its syntax tree.

No operator knows a rule. An operator yields edits, a span of the text with what takes its place; which of them fit is
decided by the nodes alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mutating.text import Edit, Text, called_name

# What stands for something else of its kind: the wrong one of a pair.
_SIBLINGS = {
    "input": "output", "inputs": "outputs", "model_inputs": "model_outputs", "input_tensors": "output_tensors",
    "RGB": "BGR", "RESIZE_LINEAR": "RESIZE_NEAREST", "RESIZE_CUBIC": "RESIZE_LINEAR", "mean": "scale",
    "get_friendly_name": "get_type_name", "major": "minor", "opset7": "opset1", "Type.f32": "Type.u8",
}  # fmt: skip
SIBLINGS = _SIBLINGS | {new: old for old, new in _SIBLINGS.items()}
_TYPES = {"f32": "i32", "f16": "f32", "u8": "i8", "i64": "i32", "i32": "f32", "boolean": "u8"}
_LAYOUTS = {"NHWC": "NCHW", "NCHW": "NHWC", "NC": "CN", "CN": "NC"}
_COPIES = ("copy", "array", "ascontiguousarray")
_CONVERSIONS = ("list", "set", "str", "tuple", "int", "float")
# Calls that do the same for items in any order.
_ORDERLESS = ("set", "frozenset", "any", "all", "sum", "len", "min", "max", "reshape")
# What is done to one item and leaves the others alone.
_ON_EACH = ("wait", "set_names")


def _without(text: Text, node: ast.Call, arg: ast.expr | ast.keyword) -> str:
    """The call `node` without one of its arguments."""
    rest = [text.source(other) for other in (*node.args, *node.keywords) if other is not arg]
    return f"{text.source(node.func)}({', '.join(rest)})"


def drop_copy(text: Text, node: ast.AST) -> Iterator[Edit]:
    if called_name(node) not in _COPIES or not isinstance(node, ast.Call):
        return
    if isinstance(node.func, ast.Attribute) and node.func.attr == "copy" and not node.args:
        yield text.span(node), text.source(node.func.value)
    elif called_name(node) != "copy" and len(node.args) == 1:
        yield text.span(node), text.source(node.args[0])


def change_order(text: Text, node: ast.AST) -> Iterator[Edit]:
    if called_name(node) in ("sorted", "min", "max") and isinstance(node, ast.Call) and node.args:
        first = text.source(node.args[0])
        yield text.span(node), f"list({first})[::-1]" if called_name(node) == "sorted" else f"list({first})[-1]"
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value == 0:
        if called_name(node.value) != "add_outputs":  # One is asked for and one is given.
            yield text.span(node.slice), "-1"
    elif isinstance(node, ast.For) and not _acts_on_each(node):
        yield text.span(node.iter), f"list({text.source(node.iter)})[::-1]"
    elif isinstance(node, (ast.ListComp, ast.DictComp, ast.GeneratorExp)) and not (
        _is_range(node.generators[0].iter) or called_name(text.parents.get(node)) in _ORDERLESS
    ):
        items = node.generators[0].iter
        yield text.span(items), f"list({text.source(items)})[::-1]"


def _acts_on_each(loop: ast.For) -> bool:
    """True for a loop that does nothing but wait for its items or name them, each by itself: in any order."""
    statements = [node for statement in loop.body for node in ast.walk(statement) if isinstance(node, ast.stmt)]
    is_item = isinstance(loop.target, ast.Name)
    return is_item and all(
        isinstance(node, ast.If)
        or (isinstance(node, ast.Expr) and called_name(node.value) in _ON_EACH and _root(node.value) == loop.target.id)  # type: ignore[attr-defined]
        for node in statements
    )


def _root(node: ast.AST) -> str:
    """The variable that a chain of calls and attributes begins with; "" for others."""
    while isinstance(node, (ast.Call, ast.Attribute)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_range(node: ast.AST) -> bool:
    return called_name(node) == "range"


def drop_key(text: Text, node: ast.AST) -> Iterator[Edit]:
    if called_name(node) in ("sorted", "min", "max") and isinstance(node, ast.Call) and node.args and node.keywords:
        name = "list" if called_name(node) == "sorted" else "next(iter"
        yield text.span(node), f"{name}({text.source(node.args[0])})" + ")" * (name != "list")


def keep_status(text: Text, node: ast.AST) -> Iterator[Edit]:
    """A test or a value for which `wait()` still gave 0."""
    if called_name(node) == "wait_for" and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield text.span(node), f"({text.source(node)} == 0)"
    elif called_name(node) == "wait" and isinstance(text.parents.get(node), ast.Expr):
        yield text.span(node), f"assert {text.source(node)} == 0"


def negate(text: Text, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, (ast.If, ast.While, ast.IfExp)):
        yield text.span(node.test), f"not ({text.source(node.test)})"
    elif isinstance(node, ast.Compare):
        yield text.span(node), f"(not ({text.source(node)}))"
    elif called_name(node) == "wait_for":
        yield text.span(node), f"(not {text.source(node)})"
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield text.span(node), str(not node.value)


def new_request(text: Text, node: ast.AST) -> Iterator[Edit]:
    """A request made each time that it is used, instead of the one that was made before."""
    if not isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) or not isinstance(node.ctx, ast.Load):
        return
    whole = text.source(node)
    if not re.search(r"\b\w*infer_request\w*(\[[^]]*\])?$|\brequest$", whole):
        return
    if isinstance(text.parents.get(node), ast.Subscript) or ("requests" in whole and not whole.endswith("]")):
        return
    yield text.span(node), f"{whole}.get_compiled_model().create_infer_request()"


def share_request(text: Text, node: ast.AST) -> Iterator[Edit]:
    """One request in the place of several."""
    if isinstance(node, ast.ListComp) and called_name(node.elt) == "create_infer_request":
        count = node.generators[0].iter
        if _is_range(count) and isinstance(count, ast.Call) and len(count.args) == 1:
            yield text.span(node), f"[{text.source(node.elt)}] * {text.source(count.args[0])}"
    elif isinstance(node, ast.Subscript) and "requests" in text.source(node.value) and text.source(node.slice) != "0":
        yield text.span(node.slice), "0"


def drop_statement(text: Text, node: ast.AST) -> Iterator[Edit]:
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    if isinstance(node, (ast.Expr, ast.Import, ast.ImportFrom)) and not is_text:
        yield text.span(node), "pass"


def drop_call(text: Text, node: ast.AST) -> Iterator[Edit]:
    """One call of a chain, or a conversion, left out."""
    if not isinstance(node, ast.Call):
        return
    parent = text.parents.get(node)
    is_link = isinstance(node.func, ast.Attribute) and isinstance(parent, ast.Attribute)
    if is_link and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, (ast.Call, ast.Attribute)):
        yield text.span(node), text.source(node.func.value)
    elif isinstance(node.func, ast.Name) and node.func.id in _CONVERSIONS and len(node.args) == 1:
        if isinstance(node.args[0], ast.Constant) and type(node.args[0].value).__name__ == node.func.id:
            return  # It is of that type.
        yield text.span(node), text.source(node.args[0])
    elif _is_conversion(node) and isinstance(node.func, ast.Attribute) and not isinstance(parent, ast.Expr):
        yield text.span(node), text.source(node.func.value)


def _is_conversion(node: ast.Call) -> bool:
    return called_name(node) in ("reshape", "astype")


def drop_argument(text: Text, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.Call):
        arguments: list[ast.expr | ast.keyword] = [*reversed(node.keywords), *reversed(node.args)]
        for arg in arguments:
            yield text.span(node), _without(text, node, arg)


def drop_entry(text: Text, node: ast.AST) -> Iterator[Edit]:
    """A dict without its first entry."""
    if isinstance(node, ast.Dict) and node.keys and all(key is not None for key in node.keys):
        pairs = [f"{text.source(k)}: {text.source(v)}" for k, v in zip(node.keys, node.values, strict=True) if k]
        yield text.span(node), "{" + ", ".join(pairs[1:]) + "}"


def swap_arguments(text: Text, node: ast.AST) -> Iterator[Edit]:
    if isinstance(node, ast.Call) and len(node.args) == 2 and not isinstance(node.args[0], ast.Starred):
        first, second = node.args
        start, end = text.span(first)[0], text.span(second)[1]
        yield (start, end), f"{text.source(second)}, {text.source(first)}"


def other_name(text: Text, node: ast.AST) -> Iterator[Edit]:
    """The name of another tensor of the program, or one that no tensor has."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node.value not in text.names:
        return
    others = [name for name in text.names if name != node.value]
    for name in [*others[:2], f"{node.value}_other"]:
        yield text.span(node), repr(name)


def other_member(text: Text, node: ast.AST) -> Iterator[Edit]:
    """The sibling of a member: outputs for inputs, another element type, another layout."""
    if isinstance(node, ast.Attribute):
        other = SIBLINGS.get(node.attr)
        if text.source(node.value).split(".")[-1] == "Type":
            other = _TYPES.get(node.attr)
        if other is not None:
            end = text.span(node)[1]
            yield (end - len(node.attr), end), other
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in _LAYOUTS:
        yield text.span(node), repr(_LAYOUTS[node.value])


def change_constant(text: Text, node: ast.AST) -> Iterator[Edit]:
    if not isinstance(node, ast.Constant) or isinstance(text.parents.get(node), (ast.Expr, ast.JoinedStr)):
        return
    if isinstance(node.value, bool):
        return
    if isinstance(node.value, (int, float)):
        yield text.span(node), f"{node.value + 1}"
    elif isinstance(node.value, str):
        yield text.span(node), repr(node.value + "_OTHER")


def other_value(text: Text, node: ast.AST) -> Iterator[Edit]:
    """None in the place of a whole value."""
    if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        yield text.span(node), "None"


@dataclass(frozen=True)
class Operator:
    """A name, what it does in words, and the function that yields edits."""

    name: str
    words: str
    edits: Callable[[Text, ast.AST], Iterator[Edit]]


# In the order in which they are tried: what is silently wrong comes before what stops at once.
OPERATORS = (
    Operator("copy", "a copy dropped", drop_copy),
    Operator("key", "the key of an order dropped", drop_key),
    Operator("order", "the order reversed, or the last one instead of the first", change_order),
    Operator("status", "a status tested as if it were still 0 for success", keep_status),
    Operator("new request", "a request made at each use", new_request),
    Operator("one request", "one request instead of several", share_request),
    Operator("negated", "a test or truth value negated", negate),
    Operator("statement", "a statement dropped", drop_statement),
    Operator("call", "a call of a chain, or a conversion, dropped", drop_call),
    Operator("member", "the sibling of a member, an element type or a layout", other_member),
    Operator("name", "the name of another tensor", other_name),
    Operator("entry", "an entry of a dict dropped", drop_entry),
    Operator("argument", "an argument dropped", drop_argument),
    Operator("swapped", "two arguments swapped", swap_arguments),
    Operator("constant", "a constant changed", change_constant),
    Operator("nothing", "None instead of the value", other_value),
)
