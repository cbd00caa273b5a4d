"""The cells of a notebook as one Python text, and back: what is not Python is put behind placeholders, line by line."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field

from ov_migrate.sources import SourceError

_HEADER = "# %% cell "
_KEPT = "ov-migrate-kept-"
_KEPT_LINE = re.compile(rf"(?P<indent>[ \t]*).*# {_KEPT}(?P<number>\d+)$")
# `%magic`, `!command`, `?name`, `name?`, `x = !command`, `x = %magic`.
_MAGIC = re.compile(r"(?P<indent>[ \t]*)(?:(?P<target>[\w.,\[\] \t]+?)[ \t]*=[ \t]*(?=[!%])|(?=[%!?])|(?=.*\?[ \t]*$))")
# Cell magics whose cell is Python.
_PYTHON_MAGICS = re.compile(r"%%(?:time|timeit|capture|prun|memit|mprun|python3?)\b")


@dataclass
class Cells:
    """`text` is the Python text; `kept` the lines behind the placeholders; `not_python` the numbers of cells that are
    kept as a whole."""

    text: str = ""
    kept: list[str] = field(default_factory=list)
    not_python: list[int] = field(default_factory=list)
    count: int = 0


def join(sources: list[str]) -> Cells:
    """The cells' sources as one text, each under a comment line."""
    cells = Cells(count=len(sources))
    parts = []
    for number, source in enumerate(sources, 1):
        parts.append(f"{_HEADER}{number}\n{_masked(source, number, cells)}\n")
    cells.text = "".join(parts)
    return cells


def split(text: str, cells: Cells) -> list[str]:
    """The sources of the cells out of a text made of theirs. Raises SourceError when they cannot be told apart."""
    lines, used = restored(text, cells).split("\n"), 0
    found: list[list[str]] = [[]]
    for line in lines:
        if line == f"{_HEADER}{len(found)}" and len(found) <= cells.count:
            found.append([])
            used += 1
        else:
            found[-1].append(line)
    ahead, bodies = found[0], found[1:]
    if used != cells.count or any(ahead[1:]) or any(ahead):
        raise SourceError("the cells cannot be told apart after the rewrite; left as it is")
    bodies[-1] = bodies[-1][:-1]
    return ["\n".join(body) for body in bodies]


def restored(text: str, cells: Cells) -> str:
    """The text with what stood behind the placeholders. Raises SourceError when one is lost."""
    expected, lines = 0, []
    for line in text.split("\n"):
        match = _KEPT_LINE.match(line)
        if match is None:
            lines.append(line)
            continue
        if int(match["number"]) != expected:
            raise SourceError("a line that is not Python would be moved; left as it is")
        original = cells.kept[expected]
        lines.append(match["indent"] + original.lstrip(" \t") if line[:1] in " \t" else original)
        expected += 1
    if expected != len(cells.kept):
        raise SourceError("a line that is not Python would be lost; left as it is")
    return "\n".join(lines)


def numbered(text: str, numbers: list[int]) -> str:
    """A joined text with the numbers that the cells have in the notebook, where those of other kinds count as well."""
    lines, used = text.split("\n"), 0
    for index, line in enumerate(lines):
        if used < len(numbers) and line == f"{_HEADER}{used + 1}":
            lines[index] = f"{_HEADER}{numbers[used]}"
            used += 1
    return "\n".join(lines)


def cell_lines(text: str) -> list[tuple[int, int]]:
    """For each line of a joined text its cell and its line in there, both from 1."""
    places, cell, line = [], 0, 0
    for content in text.split("\n"):
        if content == f"{_HEADER}{cell + 1}":
            cell, line = cell + 1, 0
        else:
            line += 1
        places.append((cell, line))
    return places


def _masked(source: str, number: int, cells: Cells) -> str:
    lines = source.split("\n")
    marks: dict[int, str] = {}
    if lines[0].startswith("%%") and not _PYTHON_MAGICS.match(lines[0]):
        return _all_masked(lines, number, cells)
    while True:
        shown = [marks.get(index, line) for index, line in enumerate(lines)]
        bad = _bad_line("\n".join(shown))
        if bad is None:
            break
        match = _MAGIC.match(lines[bad - 1]) if bad <= len(lines) else None
        if match is None or bad - 1 in marks:
            return _all_masked(lines, number, cells)
        target = f"{match['target']} = __kept__()" if match["target"] else "pass"
        marks[bad - 1] = match["indent"] + target
        # A command goes on where its line ends with a backslash.
        index = bad - 1
        while lines[index].endswith("\\") and index + 1 < len(lines):
            index += 1
            marks[index] = match["indent"]
    out = []
    for index, line in enumerate(lines):
        if index in marks:
            out.append(_placeholder(marks[index], line, cells))
        else:
            out.append(line)
    return "\n".join(out)


def _placeholder(mark: str, line: str, cells: Cells) -> str:
    cells.kept.append(line)
    return f"{mark}{'  ' * bool(mark.strip())}# {_KEPT}{len(cells.kept) - 1}"


def _all_masked(lines: list[str], number: int, cells: Cells) -> str:
    cells.not_python.append(number)
    return "\n".join(_placeholder("" if index else "pass", line, cells) for index, line in enumerate(lines))


def _bad_line(text: str) -> int | None:
    """The line from 1 that keeps a text from being Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as error:
        return error.lineno or 1
    except (ValueError, RecursionError, MemoryError):
        return len(text)
    return None
