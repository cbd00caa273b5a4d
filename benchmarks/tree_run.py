"""One tree of real code: copied, migrated twice with the command a user gives, and looked at file by file."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import time
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from async_shapes import shapes
from legacy_scan import Mention, generation, own_members, parsed, scan

_LEFT_KINDS = ("manual", "review")
# The finding for a word of the legacy API that means something else: a method of the program, a key of another library.
_OTHER_USE = "own-name"


@dataclass
class FileResult:
    """What became of one file with legacy use. `left` are words still there, `unreported` those no finding covers;
    `prose` are the unreported words in comments and strings; `shapes` the forbidden asynchronous ones that came in."""

    path: str
    generation: str
    lines: int
    sites: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("migrated", "review", "manual"), 0))
    left: list[Mention] = field(default_factory=list)
    unreported: list[Mention] = field(default_factory=list)
    prose: list[Mention] = field(default_factory=list)
    reported_lines: set[int] = field(default_factory=set)
    failure: str = ""
    broken: bool = False
    changed_again: bool = False
    shapes: list[tuple[int, str]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def is_done(self) -> bool:
        """Nothing is left: no legacy word in code, no site for a person."""
        return not (self.failure or self.left or self.sites["manual"])

    @property
    def is_reported(self) -> bool:
        """Something is left, and the report names all of it."""
        return not self.is_done and not self.unreported


class ToolError(Exception):
    """ov-migrate ended without a report; the text is one line for the user."""


def run_tree(root: Path, before: Path, after: Path) -> list[FileResult]:
    """Copies `root` to the new folders `before` and `after`, migrates `after` twice, and gives the files with legacy
    use.

    Raises ToolError, and OSError when a file cannot be copied.
    """
    for folder in (before, after):
        shutil.copytree(root, folder, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    start = time.perf_counter()
    records = _migrate(after)
    seconds = time.perf_counter() - start
    once = {path.relative_to(after).as_posix(): path.read_bytes() for path in _python_files(after)}
    _migrate(after)
    texts = {path: _decoded((before / path).read_bytes()) for path in once}
    results = []
    for path in _with_legacy_use(texts, records):
        result = _judge(path, texts[path], _decoded(once[path]), records.get(path, {}))
        result.changed_again = (after / path).read_bytes() != once[path]
        results.append(result)
    lines = sum(result.lines for result in results) or 1
    for result in results:
        result.seconds = seconds * result.lines / lines
    return results


def _with_legacy_use(texts: dict[str, str], records: Iterable[str]) -> list[str]:
    """The files that the tool or the scan finds legacy use in. A member that the tree has a function of the same name
    for is no sign of it where it stands alone."""
    own = {name for text in texts.values() for name in own_members(text)}
    found = {path for path, text in texts.items() if {mention.name for mention in scan(text) if mention.in_code} - own}
    return [path for path in texts if path in found.union(records)]


def _migrate(folder: Path) -> dict[str, dict[str, Any]]:
    """Migrates a folder in place; gives the records of the JSON report by the files' paths below the folder."""
    report = folder.parent / f"{folder.name}.json"
    command = [sys.executable, "-m", "ov_migrate", str(folder), "--quiet", "--report", str(report)]
    done = subprocess.run(command, cwd=folder.parent, capture_output=True, text=True)
    if not report.exists():
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise ToolError(f"ov-migrate ended with {done.returncode}: {said[-1] if said else 'no message'}")
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    report.unlink()
    return {Path(file["path"]).relative_to(folder).as_posix(): file for file in files if file["path"] != str(folder)}


def _python_files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.py")) if path.is_file() and not path.is_symlink()]


def _decoded(data: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _judge(path: str, before: str, after: str, record: dict[str, Any]) -> FileResult:
    result = FileResult(path, generation(before), before.count("\n") + 1)
    result.failure = record.get("error", "")
    other_uses = {f["new_line"] for f in record.get("findings", []) if f["slug"] == _OTHER_USE}
    for finding in record.get("findings", []):
        result.sites[finding["kind"]] += 1
        if finding["kind"] in _LEFT_KINDS:
            height = max(finding["end_line"] - finding["line"], finding["after"].count("\n"))
            result.reported_lines.update(range(finding["new_line"], finding["new_line"] + height + 1))
    if result.failure:
        return result
    result.broken = parsed(before) is not None and parsed(after) is None
    result.shapes = _new_shapes(before, after)
    mentions = scan(after)
    unreported = [mention for mention in mentions if mention.line not in result.reported_lines]
    result.left = [mention for mention in mentions if mention.in_code and mention.line not in other_uses]
    result.unreported = [mention for mention in unreported if mention.in_code]
    result.prose = [mention for mention in unreported if not mention.in_code]
    return result


def _new_shapes(before: str, after: str) -> list[tuple[int, str]]:
    """Forbidden asynchronous shapes on lines that were not there before."""
    if before == after or parsed(after) is None:
        return []
    known, lines = set(before.split("\n")), after.split("\n")
    return [(line, text) for line, text in shapes(after) if lines[line - 1] not in known]
