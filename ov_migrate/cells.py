"""The cells of a notebook as one Python text, and back: what is not Python is put behind placeholders, line by line. Of
`%time STATEMENT` only the magic is taken out, since the statement is Python as any other."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field

from ov_migrate.sources import SourceError

HEADER = "# %% cell "
_KEPT, _MAGIC_OF = "ov-migrate-kept-", "ov-migrate-magic-"
_KEPT_LINE = re.compile(rf"(?P<indent>[ \t]*).*# {_KEPT}(?P<number>\d+)$")
_STATEMENT_LINE = re.compile(rf"(?P<indent>[ \t]*)(?P<code>.*)  # {_MAGIC_OF}(?P<number>\d+)$")
# Line magics in front of a statement, with the options that leave no doubt where it begins.
_TIMED = re.compile(
    r"[ \t]*(?P<magic>%(?:time|timeit|prun|memit)[ \t]+(?:-(?:[nrp][ \t]*\d+|[coqtv])[ \t]+)*)(?=[^-\s])"
)
# `%magic`, `!command`, `?name`, `name?`, `x = !command`, `x = %magic`.
_MAGIC = re.compile(r"(?P<indent>[ \t]*)(?:(?P<target>[\w.,\[\] \t]+?)[ \t]*=[ \t]*(?=[!%])|(?=[%!?])|(?=.*\?[ \t]*$))")
# Cell magics whose cell is Python.
_PYTHON_MAGICS = re.compile(r"%%(?:time|timeit|capture|prun|memit|mprun|python3?)\b")


@dataclass
class Cells:
    """`text` is the Python text; `kept` the lines behind the placeholders; `magics` what was taken out in front of
    statements; `not_python` the numbers of cells that are kept as a whole."""

    text: str = ""
    kept: list[str] = field(default_factory=list)
    magics: list[str] = field(default_factory=list)
    not_python: list[int] = field(default_factory=list)
    count: int = 0


def join(sources: list[str]) -> Cells:
    """The cells' sources as one text, each under a comment line."""
    cells = Cells(count=len(sources))
    parts = []
    for number, source in enumerate(sources, 1):
        parts.append(f"{HEADER}{number}\n{_masked(source, number, cells)}\n")
    cells.text = "".join(parts)
    return cells


def split(text: str, cells: Cells) -> list[str]:
    """The sources of the cells out of a text made of theirs. Raises SourceError when they cannot be told apart."""
    lines, used = restored(text, cells).split("\n"), 0
    found: list[list[str]] = [[]]
    for line in lines:
        if line == f"{HEADER}{len(found)}" and len(found) <= cells.count:
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
    expected, magics, lines = 0, 0, []
    for line in text.split("\n"):
        if (statement := _STATEMENT_LINE.match(line)) is not None:
            lines.append(_with_magic(statement, magics, cells))
            magics += 1
            continue
        match = _KEPT_LINE.match(line)
        if match is None:
            lines.append(line)
            continue
        if int(match["number"]) != expected:
            raise SourceError("a line that is not Python would be moved; left as it is")
        original = cells.kept[expected]
        lines.append(match["indent"] + original.lstrip(" \t") if line[:1] in " \t" else original)
        expected += 1
    if expected != len(cells.kept) or magics != len(cells.magics):
        raise SourceError("a line that is not Python would be lost; left as it is")
    return "\n".join(lines)


def _with_magic(statement: re.Match[str], expected: int, cells: Cells) -> str:
    """The line of a statement with the magic in front that was there."""
    code = statement["code"]
    if int(statement["number"]) != expected or _bad_line(code) is not None:
        magic = cells.magics[expected].strip()
        raise SourceError(f"the statement behind {magic} would no longer be one line: put it on a line of its own")
    return statement["indent"] + cells.magics[expected] + code


def kept_numbers(lines: list[str]) -> list[tuple[int, int]]:
    """The numbers, from 1, of the lines of a joined text that are placeholders, each with that of what was kept."""
    matches = [(number, _KEPT_LINE.match(line)) for number, line in enumerate(lines, 1)]
    return [(number, int(match["number"])) for number, match in matches if match is not None]


def magic_width(line: str, cells: Cells) -> int:
    """How many characters a magic takes in front of the statement on this line of a joined text."""
    statement = _STATEMENT_LINE.match(line)
    return len(cells.magics[int(statement["number"])]) if statement is not None else 0


def numbered(text: str, numbers: list[int]) -> str:
    """A joined text with the numbers that the cells have in the notebook, where those of other kinds count as well."""
    lines, used = text.split("\n"), 0
    for index, line in enumerate(lines):
        if used < len(numbers) and line == f"{HEADER}{used + 1}":
            lines[index] = f"{HEADER}{numbers[used]}"
            used += 1
    return "\n".join(lines)


def cell_lines(text: str) -> list[tuple[int, int]]:
    """For each line of a joined text its cell and its line in there, both from 1."""
    places, cell, line = [], 0, 0
    for content in text.split("\n"):
        if content == f"{HEADER}{cell + 1}":
            cell, line = cell + 1, 0
        else:
            line += 1
        places.append((cell, line))
    return places


def _masked(source: str, number: int, cells: Cells) -> str:
    lines = source.split("\n")
    marks: dict[int, str] = {}
    timed: dict[int, str] = {}
    if lines[0].startswith("%%") and not _PYTHON_MAGICS.match(lines[0]):
        return _all_masked(lines, number, cells)
    while True:
        shown = [marks.get(index, timed.get(index, line)) for index, line in enumerate(lines)]
        bad = _bad_line("\n".join(shown))
        if bad is None:
            break
        if bad <= len(lines) and bad - 1 not in timed and (statement := _timed(lines[bad - 1])):
            timed[bad - 1] = statement
            continue
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
        elif index in timed:
            cells.magics.append(_TIMED.match(line)["magic"])  # type: ignore[index]
            out.append(f"{timed[index]}  # {_MAGIC_OF}{len(cells.magics) - 1}")
        else:
            out.append(line)
    return "\n".join(out)


def _timed(line: str) -> str:
    """A line without the magic in front of its statement; "" for one that has none."""
    match = _TIMED.match(line)
    return line[: match.start("magic")] + line[match.end() :] if match and not line.endswith("\\") else ""


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
