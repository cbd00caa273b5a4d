"""Files as bytes, text and trees: nothing of a file may change but what an edit changes.

What only a legacy file needs is imported where it is used: most runs of a hook see none."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ov_migrate.syntax import Tree


_LARGEST = 256 << 20


class SourceError(Exception):
    """A file that cannot be handled; the text is one line that says why."""


@dataclass(frozen=True)
class RawFile:
    """A file as it was read: `path` as the user named it; `is_legacy` for one that has legacy words and is migrated
    whatever the others are, else it is there for what the others import."""

    path: str
    data: bytes
    is_legacy: bool = True

    @property
    def module(self) -> PurePath:
        return module_path(self.path)


def module_path(path: str) -> PurePath:
    """A file's path as that of a module. Nobody imports a notebook: its name is not one of a module."""
    return PurePath(path + (".py" if path.endswith(".ipynb") else ""))


@dataclass
class Source:
    """One file: where it is (as the user named it), its bytes, and how they are encoded."""

    path: str
    data: bytes
    encoding: str
    tree: Tree

    def encode(self, text: str) -> bytes:
        """The bytes of a new text; raises SourceError when the file's encoding lacks a character of it, or when the
        parser would not give back what it was given."""
        head, tree_end, file_end = self.ends()
        whole = head + text.removesuffix(tree_end) + file_end
        try:
            data = whole.encode(self.encoding)
        except UnicodeEncodeError as error:
            raise SourceError(f"the new text does not fit the encoding {self.encoding}") from error
        if data.decode(self.encoding) != whole:
            raise SourceError(f"the new text would not come back from the encoding {self.encoding}")
        return data

    def ends(self) -> tuple[str, str, str]:
        """What the parser does not keep: in front of the tree's text, its end, and the file's."""
        return _beside_tree(self.tree)


def read_bytes(path: Path) -> bytes:
    """The file's content; raises SourceError in the words of the system when it cannot be read, and for what is no
    file or larger than any program. Never waits for a pipe."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(path, flags), "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise SourceError("is no regular file")
            if status.st_size > _LARGEST:
                raise SourceError(f"is larger than {_LARGEST >> 20} MiB")
            return file.read()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}") from error


def parse(path: str, data: bytes) -> Source:
    """Decodes and parses; raises SourceError for a bad encoding or a syntax error."""
    import libcst as cst

    from ov_migrate.limits import TooDeep, complaint, room_for_levels
    from ov_migrate.syntax import Tree

    text, encoding = _decoded(data)
    if "\0" in text:
        raise SourceError(f"does not parse: line {_line(text, text.index(chr(0)))}: Python takes no NUL characters")
    try:
        said = complaint(text)
        if "(unicode error)" in said:  # LibCST looks into no strings.
            raise SourceError(f"does not parse: {said}")
        with room_for_levels():
            tree = Tree.parse(text)
    except TooDeep as error:
        raise SourceError(str(error)) from error
    except SourceError:
        raise
    except cst.ParserSyntaxError as error:
        place = f"line {error.raw_line}, column {error.raw_column + 1}"
        raise SourceError(f"does not parse: {said or f'{place}: {_reason(error)}'}") from error
    except RecursionError as error:
        raise SourceError("is nested too deeply") from error
    except Exception as error:  # LibCST reports some malformed files (odd dedents) by other exceptions.
        raise SourceError(f"does not parse: {said or _first_line(error)}") from error
    return Source(path, data, encoding, tree)


def _decoded(data: bytes) -> tuple[str, str]:
    """The text and its encoding; raises SourceError when there is none, or when it would not give the bytes back."""
    import io
    import tokenize

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
        same = text.encode(encoding) == data and b"#".decode(encoding) == "#"
    except UnicodeDecodeError as error:
        raise SourceError(_undecodable(data, error)) from error
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise SourceError(_undeclared(data, error)) from error
    if not same:
        raise SourceError(f"cannot be decoded: the encoding {encoding} would not give the same bytes back")
    return text, encoding


def _undecodable(data: bytes, error: UnicodeDecodeError) -> str:
    line = len(data[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
    return f"cannot be decoded: line {line}: byte 0x{data[error.start]:02x} is no {error.encoding}"


def _undeclared(data: bytes, error: Exception) -> str:
    """Python's message is about the declaration even when a byte of the first two lines is what is wrong."""
    if "missing encoding" in str(error):
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as wrong:
            return _undecodable(data, wrong)
    return f"cannot be decoded: {_first_line(error)}"


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _beside_tree(tree: Tree) -> tuple[str, str, str]:
    """What LibCST does not keep: a form feed in front of the file, and some blank lines behind it, as the tree has them
    and as the file has them. Raises SourceError for anything else."""
    head = tree.given[: len(tree.given) - len(tree.given.lstrip("\f"))]
    body = tree.given[len(head) :]
    if tree.text == body:
        return head, "", ""
    same = next((i for i, (a, b) in enumerate(zip(tree.text, body, strict=False)) if a != b), len(tree.text))
    tree_end, file_end = tree.text[same:], body[same:]
    if tree_end.strip() or file_end.strip():
        line = _line(body, same)
        raise SourceError(f"line {line} would not come back byte for byte from the parser; left as it is")
    return head, tree_end, file_end


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _reason(error: Exception) -> str:
    message = getattr(error, "message", "") or str(error)
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else "syntax error"


def check_parses(text: str, before: str) -> None:
    """Raises SourceError when `text` is no valid Python, or does not compile although `before` did."""
    if _compiles(text):
        return
    import libcst as cst

    problem = "would not compile" if _compiles(before) else ""
    try:
        cst.parse_module(text)
    except Exception:
        problem = "would not parse"
    if problem:
        raise SourceError(f"the rewritten text {problem}; left as it is. Please report this file")


def _compiles(text: str) -> bool:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<source>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
