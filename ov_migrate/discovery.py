"""Which files a run is about, and the byte test that tells whether one is worth parsing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

# Folders that hold other people's code or no code at all.
_EXCLUDED = frozenset(
    {
        ".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", "env", ".env", "__pycache__", "node_modules",
        "site-packages", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".eggs", ".ipynb_checkpoints",
    }
)  # fmt: skip


SUFFIXES = (".py", ".ipynb")

Ignores = list[tuple[Path, Any]]
Excludes = Callable[[Path, bool], bool]


def discover(path: Path, excludes: Excludes | None = None) -> Iterator[Path]:
    """The Python files and notebooks under a folder in the order of their names, or the file itself; links to folders
    are not followed, and what git ignores (.gitignore here, below and above, .git/info/exclude, the user's own ignore
    file) is passed over, as is what `excludes(path, is_folder)` is true for."""
    if not path.is_dir():
        yield path
        return
    ignores = _ignores_above(path)
    # A folder that git ignores and the user names is wanted.
    yield from _walk(path, [] if _is_below_ignored(path, ignores) else ignores, excludes)


def _walk(folder: Path, ignores: Ignores, excludes: Excludes | None) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    ignore_file = next((e for e in entries if e.name == ".gitignore" and e.is_file()), None)
    if ignore_file is not None:
        ignores = [*ignores, (folder.absolute(), _patterns(Path(ignore_file.path)))]
    for entry in entries:
        is_folder = entry.is_dir(follow_symlinks=False)
        if not is_folder and not entry.name.endswith(SUFFIXES):
            continue
        path = folder / entry.name
        if ignores and _is_ignored(path, is_folder, ignores):
            continue
        if is_folder:
            if entry.name in _EXCLUDED or (path / "pyvenv.cfg").exists() or (excludes and excludes(path, True)):
                continue
            yield from _walk(path, ignores, excludes)
        elif _is_inside(entry, folder) and not (excludes and excludes(path, False)):
            yield path


def _is_inside(entry: os.DirEntry[str], folder: Path) -> bool:
    """True for a file; a link counts only when it leads to a file in the same folder or below it, so that no run
    writes outside of what it was given."""
    if not entry.is_file():
        return False
    return not entry.is_symlink() or Path(entry.path).resolve().is_relative_to(folder.resolve())


def _ignores_above(path: Path) -> Ignores:
    """What the repository around a folder ignores: its .gitignore files down to the folder, without the folder's own,
    and the files outside the tree that git reads, which count least."""
    path = path.absolute()
    top = next((folder for folder in (path, *path.parents) if (folder / ".git").exists()), None)
    if top is None:
        return []
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser())
    files = [(top, home / "git" / "ignore"), (top, top / ".git" / "info" / "exclude")]
    between = [folder for folder in reversed(path.parents) if folder.is_relative_to(top)]
    files += [(folder, folder / ".gitignore") for folder in between]
    return [(folder, _patterns(file)) for folder, file in files if file.is_file()]


def _is_below_ignored(path: Path, ignores: Ignores) -> bool:
    return bool(ignores) and _is_ignored(path, True, [pair for pair in ignores if pair[0] != path.absolute()])


def _patterns(path: Path) -> Any:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(path.read_text(encoding="utf-8", errors="replace").splitlines())


def _is_ignored(path: Path, is_folder: bool, ignores: Ignores) -> bool:
    path = path.absolute()
    for folder, spec in reversed(ignores):
        relative = path.relative_to(folder).as_posix() + ("/" if is_folder else "")
        verdict = spec.check_file(relative).include
        if verdict is not None:
            return bool(verdict)
    return False


def is_relevant(data: bytes, triggers: tuple[bytes, ...], package: bytes = b"", drift: tuple[bytes, ...] = ()) -> bool:
    """True when one of the words that every legacy program contains stands in the file, or beside the name of the
    package one that tells of drift inside API 2.0."""
    if any(trigger in data for trigger in triggers):
        return True
    return package != b"" and package in data and any(word in data for word in drift)
