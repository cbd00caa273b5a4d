"""Where the cells' sources stand in the text of a notebook, so that nothing else of it need be written again."""

from __future__ import annotations

import re
from collections.abc import Callable
from json import JSONDecodeError, JSONDecoder

_SPACE = re.compile(r"[ \t\n\r]*")
_ATOM = re.compile(r"[^\s,\]}]+")
_decoder = JSONDecoder(strict=False)
Span = tuple[int, int]
# Called with the keys and indices that lead to a value, and its place.
Seen = Callable[[tuple[str | int, ...], Span], None]


def walk(text: str, seen: Seen) -> None:
    """Calls `seen` for every value of a JSON text, inner ones first. Raises JSONDecodeError for a malformed text, and
    RecursionError for one that is nested too deeply."""
    start = 1 if text.startswith("\ufeff") else 0
    _value(text, _skip(text, start), (), seen)


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _value(text: str, at: int, path: tuple[str | int, ...], seen: Seen) -> int:
    first = text[at : at + 1]
    if first == "{":
        end = _object(text, at, path, seen)
    elif first == "[":
        end = _array(text, at, path, seen)
    elif first == '"':
        end = string_at(text, at)[1]
    else:
        match = _ATOM.match(text, at)
        if match is None:
            raise JSONDecodeError("value expected", text, at)
        end = match.end()
    seen(path, (at, end))
    return end


def _object(text: str, at: int, path: tuple[str | int, ...], seen: Seen) -> int:
    at = _skip(text, at + 1)
    while text[at : at + 1] != "}":
        key, at = string_at(text, at)
        at = _skip(text, at)
        if text[at : at + 1] != ":":
            raise JSONDecodeError("':' expected", text, at)
        at = _next(text, _value(text, _skip(text, at + 1), (*path, key), seen), "}")
    return at + 1


def _array(text: str, at: int, path: tuple[str | int, ...], seen: Seen) -> int:
    at, index = _skip(text, at + 1), 0
    while text[at : at + 1] != "]":
        at = _next(text, _value(text, at, (*path, index), seen), "]")
        index += 1
    return at + 1


def _next(text: str, at: int, end: str) -> int:
    """The place behind a comma, or of the closing bracket."""
    at = _skip(text, at)
    if text[at : at + 1] == ",":
        return _skip(text, at + 1)
    if text[at : at + 1] != end:
        raise JSONDecodeError(f"',' or '{end}' expected", text, at)
    return at


def string_at(text: str, at: int) -> tuple[str, int]:
    """The string that begins at `at`, and the place behind it."""
    if text[at : at + 1] != '"':
        raise JSONDecodeError("string expected", text, at)
    value, end = _decoder.raw_decode(text, at)
    return str(value), end
