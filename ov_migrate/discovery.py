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
Tell = Callable[[Path, str], None]


def discover(path: Path, excludes: Excludes | None = None, tell: Tell | None = None) -> Iterator[Path]:
    """The Python files and notebooks under a folder in the order of their names, or the file itself; links to folders
    are not followed, and what git ignores (.gitignore here, below and above, .git/info/exclude, the user's own ignore
    file) is passed over, as is what `excludes(path, is_folder)` is true for. `tell` hears of folders that cannot be
    read, with the reason, and without one of what is named like a program but is none in this folder: links that lead
    out of it or nowhere, pipes, sockets and devices."""
    if not os.path.isdir(path):
        yield path
        return
    ignores = _ignores_above(path)
    # A folder that git ignores and the user names is wanted.
    ignores = [] if _is_below_ignored(path, ignores) else ignores
    top = path.resolve()
    open_folders = [iter(_entries(path, ignores, excludes, tell))]
    while open_folders:
        found = next(open_folders[-1], None)
        if found is None:
            open_folders.pop()
            continue
        entry, path, ignores = found
        if entry.is_dir(follow_symlinks=False):
            open_folders.append(iter(_entries(path, ignores, excludes, tell)))
            continue
        kind = _kind(entry, top)
        if kind == "file":
            yield path
        elif kind == "other" and tell:
            tell(path, "")


def _entries(
    folder: Path, ignores: Ignores, excludes: Excludes | None, tell: Tell | None
) -> list[tuple[os.DirEntry[str], Path, Ignores]]:
    """What counts in one folder, with what is ignored in there."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        if tell:
            tell(folder, f"cannot be read: {error.strerror}")
        return []
    ignore_file = next((e for e in entries if e.name == ".gitignore" and e.is_file()), None)
    if ignore_file is not None:
        ignores = [*ignores, (folder.absolute(), _patterns(Path(ignore_file.path)))]
    wanted = []
    for entry in entries:
        is_folder = entry.is_dir(follow_symlinks=False)
        if not is_folder and not entry.name.endswith(SUFFIXES):
            continue
        path = folder / entry.name
        if ignores and _is_ignored(path, is_folder, ignores):
            continue
        if is_folder and (entry.name in _EXCLUDED or os.path.exists(path / "pyvenv.cfg")):
            continue
        if not (excludes and excludes(path, is_folder)):
            wanted.append((entry, path, ignores))
    return wanted


def _kind(entry: os.DirEntry[str], top: Path) -> str:
    """What an entry is that is named like a program: `file`; `other` for what no run touches (a link out of the folder
    that was given, or nowhere; a pipe, socket or device); and `twin` for a link to a program in the folder, which is
    found by its own name."""
    try:
        if not entry.is_symlink():
            return "file" if entry.is_file() else "other"
        target = Path(entry.path).resolve(strict=True)
        if not target.is_relative_to(top):
            return "other"
        if target.is_dir() or target.name.endswith(SUFFIXES):
            return "twin"
        return "file" if target.is_file() else "other"
    except (OSError, RuntimeError):
        return "other"


def _ignores_above(path: Path) -> Ignores:
    """What the repository around a folder ignores: its .gitignore files down to the folder, without the folder's own,
    and the files outside the tree that git reads, which count least."""
    path = path.absolute()
    top = next((folder for folder in (path, *path.parents) if os.path.exists(folder / ".git")), None)
    if top is None:
        return []
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser())
    files = [(top, home / "git" / "ignore"), (top, top / ".git" / "info" / "exclude")]
    between = [folder for folder in reversed(path.parents) if folder.is_relative_to(top)]
    files += [(folder, folder / ".gitignore") for folder in between]
    return [(folder, _patterns(file)) for folder, file in files if os.path.isfile(file)]


def _is_below_ignored(path: Path, ignores: Ignores) -> bool:
    return bool(ignores) and _is_ignored(path, True, [pair for pair in ignores if pair[0] != path.absolute()])


def _patterns(path: Path) -> Any:
    from pathspec import GitIgnoreSpec

    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    return GitIgnoreSpec.from_lines(text.splitlines())


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
