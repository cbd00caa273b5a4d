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
_PATH = re.compile(r"(openvino\.runtime|openvino\.pyopenvino|ngraph)(\.\w+)*")


def dotted_texts(context: Context) -> Iterator[Change | Leftover]:
    """Changes texts whose whole content is a path that is elsewhere today, and lists those without a place."""
    api, rule = load_current_api(), context.rule("dotted-text")
    for literal in context.tree.all(cst.SimpleString):
        path = _path(context, literal)
        if not path:
            continue
        place = api.relocation(path)
        if place is None or place.since > max(context.target, (2023, 1)) or path.startswith("ngraph"):
            yield Leftover(rule, context.tree.spans[literal], f"`{path}`: {api.advice(path) or rule.advice}")
        elif context.target >= (2023, 1):
            text = context.tree.source(literal).replace(path, place.path)
            yield Change(rule, literal, [Edit(context.tree.spans[literal], (text,))], rule.verdict, rule.check)


def _path(context: Context, literal: cst.SimpleString) -> str:
    """The path that a text is, when a function that takes such paths is given it; else ""."""
    arg = context.tree.parents.get(literal)
    call = context.tree.parents.get(arg) if isinstance(arg, cst.Arg) else None
    if not isinstance(call, cst.Call) or (dotted(call.func) or "").split(".")[-1] not in _TAKING_PATHS:
        return ""
    text = literal.evaluated_value
    found = isinstance(text, str) and _PATH.fullmatch(text)
    return str(text) if found and not (str(text).startswith("ngraph") and context.has_own_ngraph) else ""
