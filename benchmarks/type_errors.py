"""What a type checker finds in migrated text that it did not find in the text before."""

from __future__ import annotations

import difflib
import json
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_CONFIG = "pyrightconfig.json"
_OF_NONE = re.compile(
    r'"None" is (?:not assignable|incompatible)|^Argument of type "[^"]* \| None"|of type "None"|attribute of "None"'
)
_OVERLOADS = "No overloads for"


class CheckerError(Exception):
    """The type checker could not be run; the text is one line for the user."""


class TypeProblem(NamedTuple):
    """One line with errors. `may_be_none`: they only say that a variable which starts as None may still be None."""

    path: str
    line: int
    message: str
    may_be_none: bool


class _Error(NamedTuple):
    line: int
    rule: str
    message: str


def new_errors(before: Path, after: Path, files: Sequence[str], pyright: str, python: Path) -> list[TypeProblem]:
    """Errors in `files` (paths below both folders, their first part the name of a tree) that stand in `after` alone.

    The legacy package is in no interpreter of today, so that all its objects are unknown to the checker in `before`:
    what is new in `after` is about objects of API 2.0. Raises CheckerError.
    """
    old, new = (_errors(folder, files, pyright, python) for folder in (before, after))
    problems = []
    for path in files:
        texts = [(folder / path).read_text(encoding="utf-8", errors="replace") for folder in (before, after)]
        problems += _by_line(path, _introduced(old[path], new[path], _origins(*texts)))
    return problems


def _errors(folder: Path, files: Sequence[str], pyright: str, python: Path) -> dict[str, list[_Error]]:
    trees = sorted({path.split("/")[0] for path in files})
    config = {
        "include": list(files),
        "executionEnvironments": [{"root": tree} for tree in trees],
        "typeCheckingMode": "basic",
    }
    (folder / _CONFIG).write_text(json.dumps(config), encoding="utf-8")
    command = [pyright, "-p", str(folder), "--pythonpath", str(python), "--outputjson"]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
        found = json.loads(done.stdout)["generalDiagnostics"]
    except OSError as error:
        raise CheckerError(f"{pyright}: cannot be started: {error.strerror}") from error
    except (ValueError, KeyError) as error:
        raise CheckerError(f"{pyright}: gave no result: {done.stderr.strip()[-200:]}") from error
    errors: dict[str, list[_Error]] = defaultdict(list)
    for item in found:
        if item["severity"] == "error":
            path = Path(item["file"]).relative_to(folder.resolve()).as_posix()
            message = " ".join(item["message"].split())
            errors[path].append(_Error(item["range"]["start"]["line"], item.get("rule", "syntax"), message))
    return errors


def _origins(before: str, after: str) -> dict[int, range]:
    """For each line of `after` the lines of `before` that it came from; lines count from 0."""
    origins = {}
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    for tag, old_start, old_end, start, end in matcher.get_opcodes():
        for line in range(start, end):
            same = old_start + line - start
            origins[line] = range(same, same + 1) if tag == "equal" else range(old_start, old_end)
    return origins


def _introduced(old: list[_Error], new: list[_Error], origins: dict[int, range]) -> list[_Error]:
    """Errors of `new` for which there is none of the same rule where their lines came from."""
    open_errors = Counter((error.line, error.rule) for error in old)
    introduced = []
    for error in new:
        place = next((line for line in origins.get(error.line, ()) if open_errors[line, error.rule]), None)
        if place is None:
            introduced.append(error)
        else:
            open_errors[place, error.rule] -= 1
    return introduced


def _by_line(path: str, errors: list[_Error]) -> list[TypeProblem]:
    """One problem a line: a wrong argument of an overloaded function gives two errors, the second with the reason."""
    lines: dict[int, list[str]] = defaultdict(list)
    for error in errors:
        lines[error.line + 1].append(error.message)
    problems = []
    for line, messages in sorted(lines.items()):
        reasons = [message for message in messages if not message.startswith(_OVERLOADS)] or messages
        may_be_none = all(_OF_NONE.search(message) for message in reasons)
        problems.append(TypeProblem(path, line, reasons[0], may_be_none))
    return problems
