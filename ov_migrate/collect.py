"""Reads the files of a run: those to migrate, and the others, which may lead to them. What cannot be handled is
recorded, and the others are read all the same."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ov_migrate.configs import Configs
from ov_migrate.discovery import discover, is_relevant
from ov_migrate.knowledge.files import load_drift, load_triggers
from ov_migrate.report.records import FileRecord, Progress, Run, shown
from ov_migrate.sources import RawFile, Source, SourceError, parse, read_bytes

# So many names are told of what is passed over.
_NAMED = 5


@dataclass
class Collected:
    """What `collect` has found: `files` with legacy words in them, and where the others are, by their names."""

    files: list[RawFile] = field(default_factory=list)
    others: dict[str, Path] = field(default_factory=dict)


def read_source(name: str, data: bytes) -> Source:
    """The program or notebook of that name; raises SourceError when it is malformed."""
    if not name.endswith(".ipynb"):
        return parse(name, data)
    from ov_migrate.notebooks import parse_notebook

    return parse_notebook(name, data)


def collect(paths: Sequence[str], run: Run, configs: Configs, progress: Progress) -> Collected:
    """Reads files and folders. What is named twice, by whatever name, is read once. Raises UsageError for a broken
    configuration file."""
    found = Collected()
    done: set[str] = set()
    for name in paths:
        path = Path(name)
        problem = _problem(path)
        if problem:
            run.files.append(FileRecord(name, "failed", error=problem))
        elif not os.path.isdir(path):
            if configs.excludes(path, False):
                folder = configs.of(path).folder
                run.notes.append(f"{shown(name)}: passed over, since extend-exclude in {shown(folder)} names it")
            elif _is_new(path, done):
                run.seen += 1
                progress("Reading", run.seen, 0)
                _read(path, name, run, found)
        else:
            _read_folder(path, run, configs, progress, found, done if len(paths) > 1 else None)
    return found


def _problem(path: Path) -> str:
    """Why there is nothing to read at a path that was given."""
    try:
        path.stat()
    except FileNotFoundError:
        return "is a link that leads nowhere" if os.path.islink(path) else "no such file or folder"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return ""


def _is_new(path: Path, done: set[str]) -> bool:
    real = os.path.realpath(path)
    is_new = real not in done
    done.add(real)
    return is_new


def _read_folder(
    folder: Path, run: Run, configs: Configs, progress: Progress, found: Collected, done: set[str] | None
) -> None:
    passed: list[str] = []
    before = run.seen, len(run.files)

    def tell(path: Path, problem: str) -> None:
        if problem:
            run.files.append(FileRecord(str(path), "failed", error=problem))
        else:
            passed.append(shown(str(path.relative_to(folder))))

    alone = done is None
    done = set() if done is None else done
    for file in discover(folder, configs.excludes, tell):
        # A folder that is given alone holds nothing twice but what links lead to.
        if (not alone or os.path.islink(file)) and not _is_new(file, done):
            continue
        run.seen += 1
        progress("Reading", run.seen, 0)
        _read(file, str(file), run, found)
    if passed:
        more = f" and {len(passed) - _NAMED} more" if len(passed) > _NAMED else ""
        names = ", ".join(passed[:_NAMED]) + more
        run.notes.append(
            f"{shown(str(folder))}: passed over, since they are no files in this folder but links out of it or to "
            f"nothing, pipes or devices: {names}"
        )
    elif before == (run.seen, len(run.files)):
        run.notes.append(f"{shown(str(folder))}: no Python files here")


def _read(path: Path, name: str, run: Run, found: Collected) -> None:
    try:
        data = read_bytes(path)
        if is_relevant(data, load_triggers(), *load_drift()):
            found.files.append(RawFile(name, data))
        else:
            found.others[name] = path
    except SourceError as error:
        run.files.append(FileRecord(name, "failed", error=str(error)))
