"""The tool's own comments: list them, and take them out again."""

from __future__ import annotations

import io
import os
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ov_migrate.discovery import discover
from ov_migrate.replacing import replace_file
from ov_migrate.report.hunks import split_lines
from ov_migrate.skips import TODO, comments
from ov_migrate.sources import SourceError, read_bytes

if TYPE_CHECKING:
    from ov_migrate.notebooks import Notebook

_MARK = TODO.encode()
_COMMENT = re.compile(rf"#\s*{re.escape(TODO)} (?P<rule>\w+)\):\s*(?P<text>.*)")


@dataclass(frozen=True)
class Todo:
    """One comment of the tool; `line` is that of the `cell` in a notebook, which counts from 1."""

    path: str
    line: int
    rule: str
    text: str
    cell: int = 0

    @property
    def place(self) -> str:
        """The file and the line, in a notebook also the cell."""
        return f"{self.path}:cell {self.cell}:{self.line}" if self.cell else f"{self.path}:{self.line}"


def find_todos(paths: Sequence[str]) -> Iterator[Todo | tuple[str, str]]:
    """The comments in files and folders; for a file that cannot be read its name and why."""
    for path, data in _files(paths):
        if isinstance(data, str):
            yield str(path), data
            continue
        notebook = _notebook(path, data)
        for line, comment in comments(_decoded(data)[0] if notebook is None else notebook.tree.given):
            match = _COMMENT.match(comment)
            if match:
                cell, inner = notebook.place(line) if notebook is not None else (0, line)
                yield Todo(str(path), inner, match["rule"], match["text"], cell)


def clear_todos(paths: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    """Takes the comments out of files and folders: the file, how many, and what went wrong."""
    for path, data in _files(paths):
        if isinstance(data, str):
            yield str(path), 0, data
            continue
        try:
            new, count = cleared(data, _notebook(path, data))
            if not count:
                continue
            replace_file(path, data, new)
        except SourceError as error:
            yield str(path), 0, str(error)
            continue
        yield str(path), count, ""


def cleared(data: bytes, notebook: Notebook | None = None) -> tuple[bytes, int]:
    """A program without the comments, and how many they were. A comment on a line of its own goes with its line; all
    other bytes stay."""
    if notebook is not None:
        text, count = _cleared(notebook.tree.text)
        return (notebook.encode(text) if count else data), count
    text, encoding = _decoded(data)
    text, count = _cleared(text)
    return (text.encode(encoding) if count else data), count


def _notebook(path: Path, data: bytes) -> Notebook | None:
    """The notebook that a file is; raises SourceError for one that cannot be read."""
    if path.suffix != ".ipynb":
        return None
    from ov_migrate.notebooks import parse_notebook

    return parse_notebook(str(path), data)


def _cleared(text: str) -> tuple[str, int]:
    own = {line: comment for line, comment in comments(text) if _COMMENT.match(comment)}
    lines = []
    for number, line in enumerate(split_lines(text), 1):
        if number not in own:
            lines.append(line)
            continue
        code = line[: line.index(own[number])]
        if code.strip():
            lines.append(code.rstrip() + line[len(line.rstrip("\r\n")) :])
    return "".join(lines), len(own)


def _decoded(data: bytes) -> tuple[str, str]:
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    return data.decode(encoding), encoding


def _files(paths: Sequence[str]) -> Iterator[tuple[Path, bytes | str]]:
    for name in paths:
        if not os.path.exists(name):
            yield Path(name), "no such file or folder"
            continue
        for path in discover(Path(name)):
            try:
                data = read_bytes(path)
                if _MARK in data:
                    _decoded(data)
                    _notebook(path, data)
                    yield path, data
            except (SourceError, SyntaxError, UnicodeDecodeError, LookupError) as error:
                yield path, str(error)
