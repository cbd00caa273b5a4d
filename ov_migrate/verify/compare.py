"""Compares what two runs printed: JSON lines value by value, other lines as text."""

from __future__ import annotations

import json
import math
from itertools import zip_longest
from typing import Any

# Kernels of different releases add up in different orders; float32 keeps about seven digits.
RELATIVE, ABSOLUTE = 1e-4, 1e-5


def first_difference(before: str, after: str) -> str:
    """A line that tells where two outputs differ first; "" when they are equal."""
    for number, (old, new) in enumerate(zip_longest(before.splitlines(), after.splitlines()), 1):
        if old is None or new is None:
            return f"line {number}: {_short(old)} became {_short(new)}"
        difference = _line(old, new)
        if difference:
            return f"line {number}{difference}"
    return ""


def _line(old: str, new: str) -> str:
    if old == new:
        return ""
    try:
        return _value(json.loads(old), json.loads(new), "")
    except ValueError:
        return f": {_short(old)} became {_short(new)}"


def _value(old: Any, new: Any, path: str) -> str:
    if isinstance(old, dict) and isinstance(new, dict):
        if list(old) != list(new):
            return f"{path}: keys {list(old)} became {list(new)}"
        pairs = [(f"{path}[{key!r}]", old[key], new[key]) for key in old]
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = [(f"{path}[{index}]", a, b) for index, (a, b) in enumerate(zip(old, new, strict=True))]
    elif isinstance(old, float) and isinstance(new, float):
        is_equal = math.isclose(old, new, rel_tol=RELATIVE, abs_tol=ABSOLUTE) or (math.isnan(old) and math.isnan(new))
        return "" if is_equal else f"{path}: {old} became {new}"
    else:
        return "" if old == new and type(old) is type(new) else f"{path}: {_short(old)} became {_short(new)}"
    return next((text for text in (_value(a, b, where) for where, a, b in pairs) if text), "")


def _short(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 100 else text[:97] + "..."
