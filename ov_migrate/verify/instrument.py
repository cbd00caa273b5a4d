"""Puts probes into a text. Line numbers stay; what the program prints and gives back stays as well."""

from __future__ import annotations

from collections.abc import Iterable

from ov_migrate.verify.sites import Mark

# The names that the recorder puts among the builtins.
VALUE, RAN = "__ovm_value__", "__ovm_ran__"


def instrumented(text: str, marks: Iterable[tuple[int, Mark]]) -> str:
    """The text with a call for each numbered mark. Marks are whole expressions or statements, so that one of two
    either holds the other or they are apart."""
    insertions = []
    for order, (number, mark) in enumerate(marks):
        start, end = mark.span
        if start == end:
            insertions.append((start, 1, -1, order, f"{RAN}({number});"))
            continue
        name = VALUE if mark.is_value else RAN
        # Of expressions that begin together the longer one opens first, of those that end together it closes last.
        insertions.append((start, 2, -end, order, f"{name}({number},("))
        insertions.append((end, 0, -start, -order, "))"))
    out, position = [], 0
    for offset, *_, piece in sorted(insertions):
        out += [text[position:offset], piece]
        position = offset
    return "".join([*out, text[position:]])
