"""The difference between two texts, as the reports need it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

CONTEXT = 3


@dataclass(frozen=True)
class Hunk:
    """Lines `start` to `end` (from 0, `end` not included) of the old text become `new_start` to `new_end`."""

    start: int
    end: int
    new_start: int
    new_end: int

    def touches(self, first: int, last: int) -> bool:
        """True when one of the old lines `first` to `last` (from 1) is in the hunk, or text is put in beside it."""
        return self.start <= last and first <= max(self.end, self.start + 1)


@dataclass(frozen=True)
class Row:
    """One row of a side-by-side view: line numbers from 1 (0: no line on that side); `kind` is same, changed or gap."""

    kind: str
    old: int
    new: int


def split_lines(text: str) -> list[str]:
    """The lines with their ends; as an editor counts them, so a form feed ends none."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)


def hunks(before: list[str], after: list[str]) -> list[Hunk]:
    """The places where two lists of lines differ."""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=len(before) > 5000)
    return [Hunk(*codes) for tag, *codes in matcher.get_opcodes() if tag != "equal"]


def rows(found: list[Hunk], length: int) -> Iterator[Row]:
    """The rows of a side-by-side view with some lines around each hunk; `length` is the number of old lines."""
    shown, shift = 0, 0
    for index, hunk in enumerate(found):
        first = max(shown, hunk.start - CONTEXT)
        if first > shown:
            yield Row("gap", shown + 1, first)
        yield from (Row("same", n + 1, n + 1 + shift) for n in range(first, hunk.start))
        for n in range(max(hunk.end - hunk.start, hunk.new_end - hunk.new_start)):
            old, new = hunk.start + n, hunk.new_start + n
            yield Row("changed", old + 1 if old < hunk.end else 0, new + 1 if new < hunk.new_end else 0)
        shift = hunk.new_end - hunk.end
        limit = found[index + 1].start if index + 1 < len(found) else length
        shown = min(hunk.end + CONTEXT, limit)
        yield from (Row("same", n + 1, n + 1 + shift) for n in range(hunk.end, shown))
    if shown < length:
        yield Row("gap", shown + 1, length)
