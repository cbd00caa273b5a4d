"""What commands share: errors in one line, report files, standard output, colour, completion."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ov_migrate.report.formats import SUFFIXES
from ov_migrate.report.records import shown

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

FAILED = 2


class Refused(click.ClickException):
    """Something that keeps a command from doing its work, told in one line."""

    exit_code = FAILED


def counted(number: int, word: str) -> str:
    """A number with its word, as in "1 comment" and "2 comments"."""
    return f"{number} {word}{'s' * (number != 1)}"


def report_path(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Refuses report files of an unknown format, and those that could not be written."""
    for value in values:
        if Path(value).suffix not in SUFFIXES:
            raise click.BadParameter(f"{value!r}: the suffix tells the format; known are {', '.join(SUFFIXES)}")
        # Better told before files are changed than after.
        problem = _unwritable(Path(value))
        if problem:
            raise Refused(f"{shown(value)}: cannot be written: {problem}")
    return values


def _unwritable(path: Path) -> str:
    if path.is_dir():
        return "it is a folder"
    if not path.exists():
        return "" if path.parent.is_dir() and os.access(path.parent, os.W_OK) else "there is no such folder to write in"
    return "" if os.access(path, os.W_OK) else "it is read-only"


def print_bytes(data: bytes) -> None:
    """Writes to standard output; refuses where that cannot be written, as on a full disk."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritten_output(error) from error


def unwritten_output(error: OSError) -> Refused:
    """What is said of a standard output that cannot be written."""
    # What is still on its way would be tried again, and fail again, when Python ends.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return Refused(f"standard output cannot be written: {error.strerror}")


def write_report(path: str, text: str) -> None:
    """Writes a report file."""
    try:
        Path(path).write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        raise Refused(f"{path}: cannot be written: {error.strerror}") from error


def wants_colour(choice: str) -> bool | None:
    """What `--color` and the environment (no-color.org, force-color.org) say; None leaves it to whether the stream is
    a terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return False if os.environ.get("TERM") == "dumb" else None


def complete_rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Completes a rule, or what --select takes."""
    from ov_migrate.completion import rules, selectors

    return rules(incomplete) if param.name == "rule" else selectors(incomplete)


def complete_files(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Completes a path."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(incomplete, type="file")]
