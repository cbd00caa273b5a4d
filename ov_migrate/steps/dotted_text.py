"""Paths of modules and names written as text: `mock.patch("openvino.runtime.Core")`, `import_module("ngraph")`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from ov_migrate.edits import Change, Edit, Leftover
from ov_migrate.knowledge.current_api import load_current_api
from ov_migrate.steps.context import Context
from ov_migrate.syntax import dotted

# Functions that import or replace what a dotted path names, by the last part of their own name.
_TAKING_PATHS = frozenset({"patch", "import_module", "importorskip", "find_spec", "setattr", "delattr", "__import__"})
# Functions that put something into `sys.modules`, as tests do: methods of pytest's monkeypatch, and `patch.dict`.
_PLACING = frozenset({"setitem", "delitem", "dict"})
_PATH = re.compile(r"(openvino\.runtime|openvino\.pyopenvino|openvino\.inference_engine|ngraph)(\.\w+)*")
_GONE = "openvino.inference_engine"
_STAND_IN = "What stands in for `{path}` is not seen by a program that imports openvino: let it stand in for that."


def dotted_texts(context: Context) -> Iterator[Change | Leftover]:
    """Changes texts whose whole content is a path that is elsewhere today, and lists those without a place."""
    api, rule = load_current_api(), context.rule("dotted-text")
    for literal in context.tree.all(cst.SimpleString):
        path = _path(context, literal)
        if not path:
            continue
        if _stands_in(context, literal):
            yield Leftover(rule, context.tree.spans[literal], _STAND_IN.format(path=path))
            continue
        if not _is_taken(context, literal):
            continue
        if path.startswith(_GONE):
            yield Leftover(rule, context.tree.spans[literal], context.rule("legacy-import").why)
            continue
        place = api.relocation(path)
        if place is None or place.since > max(context.target, (2023, 1)) or path.startswith("ngraph"):
            yield Leftover(rule, context.tree.spans[literal], f"`{path}`: {api.advice(path) or rule.advice}")
        elif context.target >= (2023, 1):
            text = context.tree.source(literal).replace(path, place.path)
            yield Change(rule, literal, [Edit(context.tree.spans[literal], (text,))], rule.verdict, rule.check)


def _path(context: Context, literal: cst.SimpleString) -> str:
    """The path that a text is, else ""."""
    text = literal.evaluated_value
    found = isinstance(text, str) and _PATH.fullmatch(text)
    return str(text) if found and not (str(text).startswith("ngraph") and context.has_own_ngraph) else ""


def _is_taken(context: Context, literal: cst.SimpleString) -> bool:
    """True for an argument of a function that takes such paths."""
    arg = context.tree.parents.get(literal)
    call = context.tree.parents.get(arg) if isinstance(arg, cst.Arg) else None
    return isinstance(call, cst.Call) and (dotted(call.func) or "").split(".")[-1] in _TAKING_PATHS


def _stands_in(context: Context, literal: cst.SimpleString) -> bool:
    """True for the name of a module that a test replaces: `sys.modules["openvino.runtime"] = fake` and its like."""
    tree, parent = context.tree, context.tree.parents[literal]
    if isinstance(parent, cst.Index):
        subscript = tree.parents[tree.parents[parent]]
        return isinstance(subscript, cst.Subscript) and _is_modules(subscript.value)
    if isinstance(parent, cst.DictElement) and parent.key is literal:
        parent = tree.parents[tree.parents[parent]]
    call = tree.parents.get(parent) if isinstance(parent, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return False
    name = (dotted(call.func) or "").split(".")[-1]
    return name == "ModuleType" or (name in _PLACING and _is_modules(call.args[0].value))


def _is_modules(node: cst.BaseExpression) -> bool:
    """True for `sys.modules`, or its name as `patch.dict` takes it."""
    text = node.evaluated_value if isinstance(node, cst.SimpleString) else dotted(node)
    return text == "sys.modules"
