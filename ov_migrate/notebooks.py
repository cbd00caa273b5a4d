"""Notebooks (.ipynb, format 4): the Python cells are migrated as one program; all other bytes of the file stay."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from ov_migrate.cells import HEADER, Cells, cell_lines, join, kept_numbers, magic_width, split
from ov_migrate.json_places import Span, string_at, walk
from ov_migrate.sources import Source, SourceError, parse

SUFFIX = ".ipynb"


@dataclass
class Notebook(Source):
    """One notebook. `places` says where the source of each Python cell stands in `raw`, and `numbers` which cells of
    the notebook these are, from 1. `written` has the new sources of cells that write programs into files, by their
    number from 0."""

    raw: str = ""
    places: list[Span] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    cells: Cells = field(default_factory=Cells)
    written: dict[int, str] = field(default_factory=dict)

    def encode(self, text: str) -> bytes:
        """The bytes of the file with the new cells; raises SourceError when the text cannot be split into cells."""
        head, tree_end, file_end = self.ends()
        new = split(head + text.removesuffix(tree_end) + file_end, self.cells)
        for index, source in self.written.items():
            new[index] = source
        raw = self.raw
        for (start, end), before, after in reversed(list(zip(self.places, self.sources, new, strict=True))):
            if before != after:
                raw = raw[:start] + _encoded(raw[start:end], after, self.raw) + raw[end:]
        return raw.encode("utf-8")

    def with_written(self, text: str) -> str:
        """A text of all cells, under the numbers that they have in the notebook, with the new sources of `written`."""
        for index, source in self.written.items():
            title = f"{HEADER}{self.numbers[index]}\n"
            text = text.replace(f"{title}{self.sources[index]}\n", f"{title}{source}\n", 1)
        return text

    def place(self, line: int) -> tuple[int, int]:
        """The cell of the notebook and the line in it that a line of the joined text is."""
        cell, inner = cell_lines(self.tree.given)[line - 1]
        return self.numbers[cell - 1], inner

    def column(self, line: int, column: int) -> int:
        """The column in the cell that one on a line of the joined text is."""
        return column + magic_width(self.tree.given.split("\n")[line - 1], self.cells)

    @property
    def kept_cells(self) -> list[tuple[int, str]]:
        """Number and source of the cells that were taken for something else than Python."""
        return [(self.numbers[number - 1], self.sources[number - 1]) for number in self.cells.not_python]

    @property
    def kept_lines(self) -> list[tuple[int, int, str]]:
        """Cell, line and text of the lines in Python cells that were taken for something else."""
        lines = self.tree.given.split("\n")
        found = []
        for number, kept in kept_numbers(lines):
            cell, line = self.place(number)
            if cell not in [self.numbers[whole - 1] for whole in self.cells.not_python]:
                found.append((cell, line, self.cells.kept[kept]))
        return found


def parse_notebook(path: str, data: bytes) -> Notebook:
    """Reads a notebook; raises SourceError for one that is malformed or of an old format."""
    try:
        raw = data.decode("utf-8")
        content = json.loads(raw.removeprefix("\ufeff"))
        found: dict[tuple[str | int, ...], Span] = {}
        walk(raw, lambda where, place: _note(found, where, place))
    except UnicodeDecodeError as error:
        raise SourceError(f"cannot be decoded: {error}") from error
    except ValueError as error:
        raise SourceError(f"is no JSON: {error}") from error
    except RecursionError as error:
        raise SourceError("is nested too deeply") from error
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise SourceError("is no notebook of format 4; open it in Jupyter and save it to get one")
    numbers, places, sources = [], [], []
    for index, cell in enumerate(content["cells"] if _is_python(content) else ()):
        source = _source(cell)
        if source and ("cells", index, "source") in found:
            numbers.append(index + 1)
            places.append(found["cells", index, "source"])
            sources.append(source)
    cells = join(sources)
    try:
        inner = parse(path, cells.text.encode("utf-8"))
    except SourceError as error:
        raise SourceError(_by_cell(str(error), cells.text, numbers)) from error
    return Notebook(path, data, "utf-8", inner.tree, raw, places, numbers, sources, cells)


def _by_cell(message: str, text: str, numbers: list[int]) -> str:
    """A message about the joined text with the places as they are in the notebook."""
    places = cell_lines(text)

    def place(match: re.Match[str]) -> str:
        cell, line = places[min(int(match[1]), len(places)) - 1]
        return f"cell {numbers[cell - 1]}, line {line}"

    return re.sub(r"\bline (\d+)", place, message)


def _note(found: dict[tuple[str | int, ...], Span], where: tuple[str | int, ...], place: Span) -> None:
    if len(where) == 3 and where[0] == "cells" and where[2] == "source":
        found[where] = place


def _is_python(content: dict[str, object]) -> bool:
    metadata = content.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    kernel, language = metadata.get("kernelspec"), metadata.get("language_info")
    names = [kernel.get("language") if isinstance(kernel, dict) else None]
    names.append(language.get("name") if isinstance(language, dict) else None)
    return all(name is None or str(name).lower() in ("python", "ipython") for name in names)


def _source(cell: object) -> str:
    """The text of a Python cell; empty for any other."""
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return ""
    editor = cell.get("metadata", {}).get("vscode", {}) if isinstance(cell.get("metadata"), dict) else {}
    if isinstance(editor, dict) and editor.get("languageId", "python") != "python":
        return ""
    source = cell.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        return ""
    if "\r" in source:
        raise SourceError("has a cell with carriage returns, which notebooks have none of; save it in Jupyter")
    if re.search("[\ud800-\udfff]", source):
        raise SourceError("has a cell with half a surrogate pair, which is no text")
    return source


def _encoded(place: str, new: str, raw: str) -> str:
    """A cell's source in the form that it had: one string, or a list of lines with the same spaces between them; lines
    that stay are not written again."""
    escapes = raw.isascii() and re.search(r"\\u[0-9a-fA-F]{4}", raw) is not None
    if place.startswith('"'):
        return json.dumps(new, ensure_ascii=escapes)
    literals, gaps = _elements(place)
    before = [json.loads(literal, strict=False) for literal in literals]
    after = re.findall(r"[^\n]*\n|[^\n]+", new)
    parts = [json.dumps(line, ensure_ascii=escapes) for line in after]
    for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        parts[block.b : block.b + block.size] = literals[block.a : block.a + block.size]
    between = gaps[1] if len(literals) > 1 else "," + (gaps[0] if gaps[0].strip(" ") else gaps[0] or " ")
    return "[" + gaps[0] + between.join(parts) + gaps[-1] + "]" if parts else "[]"


def _elements(place: str) -> tuple[list[str], list[str]]:
    """The literals of a list of strings, and the text in front of, between and behind them."""
    literals, gaps, at = [], [], 1
    while (start := place.find('"', at)) >= 0:
        gaps.append(place[at:start])
        end = string_at(place, start)[1]
        literals.append(place[start:end])
        at = end
    return literals, [*gaps, place[at:-1]]
