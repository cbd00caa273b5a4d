"""What Python's own parser says of a text before LibCST sees it. LibCST takes the interpreter down with an expression
that is nested some thousands of levels deep, and names no line for much that is wrong."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import accumulate

# Levels of nesting that are migrated: a third of what the parser stands, and what _FRAMES are enough for.
LEVELS = 1000
# Python frames that the analysis of so many levels takes.
_FRAMES = 3500
# Characters of one statement that are parsed without Python's opinion on how deep it is.
_STATEMENT = 5000
# Characters of whole lines whose own levels do not matter, wherever they stand: each level takes one character at
# least, of which the parser makes three nodes at most.
_SHORT = LEVELS // 8
# Brackets within brackets in one pattern of a match statement.
_PATTERN = 14
_BRACKETS = re.compile(r"[()\[\]{}]")


class TooDeep(Exception):
    """The text is nested more deeply than can be handled; says where."""


@contextmanager
def room_for_levels() -> Iterator[None]:
    """Inside, the recursion that LEVELS need is allowed."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _FRAMES))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def complaint(text: str) -> str:
    """Why Python does not take the text, with the line; empty when it does. Raises TooDeep."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        said = f"line {error.lineno or 1}, column {error.offset or 1}: {error.msg}{_hint(error)}"
        if str(error.msg).startswith("too many nested") or _may_be_deep(text):
            raise TooDeep(said) from error
        return said
    except ValueError as error:
        return str(error)
    except (RecursionError, MemoryError) as error:
        raise TooDeep("is nested too deeply") from error
    lines = re.split(r"\r\n|\r|\n", text)
    line = _deep_line(tree, lines, _shallow(text, lines))
    if line:
        raise TooDeep(f"line {line}: is nested too deeply")
    return ""


def _hint(error: SyntaxError) -> str:
    """What to do where a name of older Pythons has become a keyword."""
    word = re.match(r"(?:async|await)\b", (error.text or "")[max((error.offset or 1) - 1, 0) :])
    if word is None:
        return ""
    return f" (`{word[0]}` is a keyword since Python 3.7: rename it, or write getattr(x, '{word[0]}') for x.{word[0]})"


def _shallow(text: str, lines: list[str]) -> Callable[[ast.AST], bool]:
    """What tells, without looking into a node, that nothing in it can be nested too deeply: its text is too short."""
    # Patterns are knotty in few characters.
    has_patterns = re.search(r"^\s*case\b", text, re.MULTILINE) is not None
    starts = [0, *accumulate(len(line) + 1 for line in lines)]

    def is_shallow(node: ast.AST) -> bool:
        end = getattr(node, "end_lineno", None)
        return end is not None and starts[end] - starts[node.lineno - 1] < _SHORT  # type: ignore[attr-defined]

    return (lambda node: False) if has_patterns else is_shallow


def _deep_line(tree: ast.AST, lines: list[str], is_shallow: Callable[[ast.AST], bool]) -> int:
    """The line of the first statement or expression with too many levels in it, else 0."""
    level: list[tuple[ast.AST, int]] = [(tree, 0)]
    depth = 0
    while level:
        depth += 1
        below: list[tuple[ast.AST, int]] = []
        for node, more in level:
            # LibCST nests what Python keeps in one list.
            more += _siblings(node)
            if isinstance(node, ast.match_case) and _is_knotty(
                lines[node.pattern.lineno - 1 : node.pattern.end_lineno]
            ):
                return node.pattern.lineno
            if depth + more > LEVELS:
                return getattr(node, "lineno", 1)
            for field in node._fields:
                value = getattr(node, field, None)
                if value.__class__ is list:
                    below += [(item, more) for item in value if isinstance(item, ast.AST) and not is_shallow(item)]
                elif isinstance(value, ast.AST) and not is_shallow(value):
                    below.append((value, more))
        level = below
    return 0


def _is_knotty(lines: list[str]) -> bool:
    """True for a pattern that would take LibCST minutes or years: each bracket in it doubles its time."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall("".join(lines)):
        depth += 1 if bracket in "([{" else -1
        deepest = max(deepest, depth)
    return deepest > _PATTERN


def _siblings(node: ast.AST) -> int:
    if isinstance(node, ast.BoolOp):
        return len(node.values)
    if isinstance(node, ast.alias):
        return node.name.count(".")
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").count(".")
    return len(getattr(node, "generators", ()))


def _may_be_deep(text: str) -> bool:
    """True for a text that may be nested deeply, as far as one can see without parsing it."""
    if text.count("elif") > LEVELS:
        return True
    depth = length = 0
    for line in text.splitlines():
        length += len(line)
        if line.lstrip().startswith("case ") and _is_knotty([line]):
            return True
        for bracket in _BRACKETS.findall(line):
            depth += 1 if bracket in "([{" else -1
        if length > _STATEMENT or depth > LEVELS // 2:
            return True
        if depth <= 0 and not line.endswith("\\"):
            depth = length = 0
    return False
