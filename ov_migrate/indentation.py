"""Programs that are indented by tabs in one place and by spaces in another, which Python reads and LibCST does not.

Python takes such a program when each block is deeper than the one around it, whether a tab counts for one column or for
eight. So a space for each tab keeps all blocks as they are, and all places in the text as well.
"""

from __future__ import annotations

import io
import tokenize
from contextlib import suppress

import libcst as cst


def parse_module(source: str) -> cst.Module:
    """LibCST's tree; of a text with a space for each tab of its indentation where LibCST takes no other."""
    try:
        return cst.parse_module(source)
    except Exception:
        even = _even(source)
        if even != source:
            with suppress(Exception):  # What is said of the author's text tells more.
                return cst.parse_module(even)
        raise


def with_own_tabs(printed: str, source: str) -> str:
    """What a tree of `parse_module(source)` prints, with the author's tabs."""
    if "\t" not in source or source.startswith(printed):
        return printed
    even = _even(source)
    head = len(even) - len(even.lstrip("\f"))
    end = next((i for i, (a, b) in enumerate(zip(printed, even[head:], strict=False)) if a != b), None)
    length = min(len(printed), len(even) - head) if end is None else end
    return source[head : head + length] + printed[length:]


def _even(source: str) -> str:
    """`source` with a space for each tab in front of a line, but for lines inside of strings; `source` itself for what
    Python cannot read."""
    lines = source.split("\n")
    try:
        starts = {token.start for token in tokenize.generate_tokens(io.StringIO(source).readline)}
    except (tokenize.TokenError, SyntaxError):
        return source
    for row, column in starts:
        front = lines[row - 1][:column] if row <= len(lines) else ""
        if "\t" in front and not front.strip(" \t\f"):
            lines[row - 1] = front.replace("\t", " ") + lines[row - 1][column:]
    return "\n".join(lines)
