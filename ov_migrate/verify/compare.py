"""Compares what two runs printed: JSON lines value by value, other lines as text with numbers in it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

# Kernels of different releases add up in different orders; float32 keeps about seven digits.
RELATIVE, ABSOLUTE = 1e-4, 1e-5


_WORD = re.compile(r"[\w.+-]+|[^\w\s]")
_FLOAT = re.compile(r"(?<![\w.])([-+]?\d+\.\d*(?:[eE][-+]?\d+)?|[-+]?\d+[eE][-+]?\d+)(?![\w.])")


def first_difference(before: str, after: str, relative: float = RELATIVE, others: Sequence[str] = ()) -> str:
    """A line that tells where two outputs differ first; "" when they are equal but for `relative` of a float. `others`
    are what the same program has printed in other runs: in a line that chance changes, only the words that are the same
    in all of them are compared."""
    found = _first_difference(before.splitlines(), after.splitlines(), relative, [text.splitlines() for text in others])
    unwrapped = _unwrapped(before), _unwrapped(after)
    if found and not _first_difference(*unwrapped, relative, [_unwrapped(text) for text in others]):
        return ""
    return found


def _unwrapped(text: str) -> list[str]:
    """The lines of `text`, arrays in one line each: numpy breaks lines by the width of the numbers in them."""
    lines: list[str] = []
    depth = 0
    for line in text.splitlines():
        if depth > 0:
            lines[-1] += " " + line
        else:
            lines.append(line)
        depth = max(depth, 0) + line.count("[") - line.count("]")
    return lines


def _first_difference(before: list[str], after: list[str], relative: float, others: list[list[str]]) -> str:
    for number, (old, new) in enumerate(zip_longest(before, after), 1):
        if old is None or new is None:
            return f"line {number}: {_short(old)} became {_short(new)}"
        difference = _line(old, new, relative)
        versions = [lines[number - 1] for lines in others if number <= len(lines)]
        if difference and any(_line(old, version, relative) for version in versions):
            difference = _lasting(old, new, versions, relative)
        if difference:
            return f"line {number}{difference}"
    return ""


def _lasting(old: str, new: str, versions: Sequence[str], relative: float) -> str:
    """The difference of two lines in what is the same in all versions of the old one."""
    words = [_WORD.findall(line) for line in (old, *versions)]
    if len({len(found) for found in words}) > 1:
        return ""
    mine = _WORD.findall(new)
    pairs = [
        (word, other) for word, other, *rest in zip(words[0], mine, *words[1:], strict=False) if set(rest) == {word}
    ]
    if len(mine) == len(words[0]) and all(not _line(word, other, relative) for word, other in pairs):
        return ""
    return f": {_short(old)} became {_short(new)}"


def _line(old: str, new: str, relative: float) -> str:
    if old == new:
        return ""
    try:
        return _value(json.loads(old), json.loads(new), "", relative)
    except ValueError:
        return "" if _same_text(old, new, relative) else f": {_short(old)} became {_short(new)}"


def _same_text(old: str, new: str, relative: float) -> bool:
    """True when two lines differ in floats only, each close to the other or one apart in the last digit printed, and in
    the spaces that numbers of other widths are set out with."""
    pieces, others = _FLOAT.split(old), _FLOAT.split(new)
    if [text.split() for text in pieces[::2]] != [text.split() for text in others[::2]]:
        return False
    return all(_is_printed_close(a, b, relative) for a, b in zip(pieces[1::2], others[1::2], strict=True))


def _is_printed_close(old: str, new: str, relative: float) -> bool:
    digits = len(re.split(r"[eE]", old.partition(".")[2])[0])
    has_exponent = "e" in (old + new).lower()
    last_digit = 0.0 if has_exponent or not digits else 1.01 * 10.0**-digits
    return math.isclose(float(old), float(new), rel_tol=relative, abs_tol=max(ABSOLUTE, last_digit))


def _value(old: Any, new: Any, path: str, relative: float) -> str:
    if isinstance(old, dict) and isinstance(new, dict):
        if list(old) != list(new):
            return f"{path}: keys {list(old)} became {list(new)}"
        pairs = [(f"{path}[{key!r}]", old[key], new[key]) for key in old]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = [(f"{path}[{index}]", a, b) for index, (a, b) in enumerate(zip(old, new, strict=True))]
    elif isinstance(old, float) and isinstance(new, float):
        is_equal = math.isclose(old, new, rel_tol=relative, abs_tol=ABSOLUTE) or (math.isnan(old) and math.isnan(new))
        return "" if is_equal else f"{path}: {old} became {new}"
    else:
        return "" if old == new and type(old) is type(new) else f"{path}: {_short(old)} became {_short(new)}"
    return next((text for text in (_value(a, b, where, relative) for where, a, b in pairs) if text), "")


def _short(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 100 else text[:97] + "..."
