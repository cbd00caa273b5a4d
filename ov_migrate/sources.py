"""Files as bytes, text and trees: nothing of a file may change but what an edit changes.

What only a legacy file needs is imported where it is used: most runs of a hook see none."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ov_migrate.syntax import Tree


class SourceError(Exception):
    """A file that cannot be handled; the text is one line that says why."""


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
        try:
            return (head + text.removesuffix(tree_end) + file_end).encode(self.encoding)
        except UnicodeEncodeError as error:
            raise SourceError(f"the new text does not fit the encoding {self.encoding}") from error

    def ends(self) -> tuple[str, str, str]:
        """What the parser does not keep: in front of the tree's text, its end, and the file's."""
        return _beside_tree(self.tree)


def read_bytes(path: Path) -> bytes:
    """The file's content; raises SourceError in the words of the system when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}") from error


def parse(path: str, data: bytes) -> Source:
    """Decodes and parses; raises SourceError for a bad encoding or a syntax error."""
    import io
    import tokenize

    import libcst as cst

    from ov_migrate.syntax import Tree

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise SourceError(f"cannot be decoded: {_first_line(error)}") from error
    try:
        tree = Tree.parse(text)
    except cst.ParserSyntaxError as error:
        raise SourceError(
            f"does not parse: line {error.raw_line}, column {error.raw_column + 1}: {_reason(error)}"
        ) from error
    except RecursionError as error:
        raise SourceError("is nested too deeply") from error
    except Exception as error:  # LibCST reports some malformed files (NUL bytes, odd dedents) by other exceptions.
        raise SourceError(f"does not parse: {_first_line(error)}") from error
    return Source(path, data, encoding, tree)


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
        raise SourceError("would not come back byte for byte from the parser; left as it is")
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


def write_atomically(path: Path, data: bytes) -> None:
    """Puts `data` in the place of the file's content at one stroke, through a temporary file beside it.

    A link stays a link (its target is written), the mode stays. Raises SourceError when the file is read-only or the
    folder cannot be written; the old content stands then.
    """
    import tempfile

    target = Path(os.path.realpath(path))
    temporary = ""
    try:
        status = target.stat()
        if not status.st_mode & 0o222:
            raise SourceError("cannot be written: it is read-only")
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".ov-migrate", dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, status.st_mode & 0o7777)
        os.replace(temporary, target)
        temporary = ""
    except OSError as error:
        raise SourceError(f"cannot be written: {error.strerror}") from error
    finally:
        if temporary:
            os.unlink(temporary)
