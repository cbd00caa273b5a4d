"""Which files a run is about, and the byte test that tells whether one is worth parsing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

# Folders that hold other people's code or no code at all.
_EXCLUDED = frozenset(
    {
        ".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", "env", ".env", "__pycache__", "node_modules",
        "site-packages", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".eggs", ".ipynb_checkpoints",
    }
)  # fmt: skip


def discover(path: Path) -> Iterator[Path]:
    """The Python files under a folder in the order of their names, or the file itself; links to folders are not
    followed, and what .gitignore names is passed over."""
    if not path.is_dir():
        yield path
        return
    yield from _walk(path, path, [])


def _walk(folder: Path, root: Path, ignores: list[tuple[Path, object]]) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    ignore_file = next((e for e in entries if e.name == ".gitignore" and e.is_file()), None)
    if ignore_file is not None:
        ignores = [*ignores, (folder, _patterns(Path(ignore_file.path)))]
    for entry in entries:
        is_folder = entry.is_dir(follow_symlinks=False)
        if not is_folder and not entry.name.endswith(".py"):
            continue
        path = folder / entry.name
        if ignores and _is_ignored(path, is_folder, ignores):
            continue
        if is_folder:
            if entry.name not in _EXCLUDED and not (path / "pyvenv.cfg").exists():
                yield from _walk(path, root, ignores)
        elif entry.is_file():
            yield path


def _patterns(path: Path) -> object:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(path.read_text(encoding="utf-8", errors="replace").splitlines())


def _is_ignored(path: Path, is_folder: bool, ignores: list[tuple[Path, object]]) -> bool:
    for folder, spec in reversed(ignores):
        relative = path.relative_to(folder).as_posix() + ("/" if is_folder else "")
        verdict = spec.check_file(relative).include  # type: ignore[attr-defined]
        if verdict is not None:
            return bool(verdict)
    return False


def is_relevant(data: bytes, triggers: tuple[bytes, ...], package: bytes = b"", drift: tuple[bytes, ...] = ()) -> bool:
    """True when one of the words that every legacy program contains stands in the file, or beside the name of the
    package one that tells of drift inside API 2.0."""
    if any(trigger in data for trigger in triggers):
        return True
    return package != b"" and package in data and any(word in data for word in drift)
