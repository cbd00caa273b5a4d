"""Copies of a project to run in: what a user gives is never written to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# What no run reads, and what is large.
_NOT_COPIED = frozenset({".git", ".hg", ".svn", ".tox", ".nox", "__pycache__", "node_modules"})


class BadProgram(Exception):
    """What is to be run is not there or cannot be copied; the text says what to do."""


@dataclass(frozen=True)
class Program:
    """What to run: `command` is a program (relative to `root`) or -m and a module, with its arguments; `root` is the
    folder that is copied and in which the copies run."""

    root: Path
    command: tuple[str, ...]

    @property
    def name(self) -> str:
        return " ".join(self.command[:2]) if self.command[0] == "-m" else self.command[0]


def script(path: Path, arguments: Sequence[str]) -> Program:
    """A program file. It runs in the current folder when it stands in it or below, else in its own folder."""
    if not path.is_file():
        raise BadProgram(f"{path}: no such file")
    here, full = Path.cwd(), path.absolute()
    root = here if full.is_relative_to(here) else full.parent
    return Program(root, (full.relative_to(root).as_posix(), *_arguments(root, arguments)))


def command(root: Path, words: Sequence[str]) -> Program:
    """A command such as `-m package.module ARGUMENTS` or `program.py ARGUMENTS`, as given behind a `--`, in `root`."""
    if not words:
        raise BadProgram("nothing to run: give a program, or a module as in `-- -m pytest tests/`")
    return Program(root.absolute(), tuple(_arguments(root.absolute(), words)))


def _arguments(root: Path, arguments: Sequence[str]) -> list[str]:
    """Arguments that name files outside of what is copied become absolute, since copies stand elsewhere."""
    return [_argument(root, text) for text in arguments]


def _argument(root: Path, text: str) -> str:
    head, equals, value = text.partition("=")
    if equals and head.startswith("-"):
        return head + equals + _argument(root, value)
    path = Path(text)
    if not text or path.is_absolute() or not path.exists():
        return text
    full = Path(os.path.normpath(path.absolute()))
    return text if full.is_relative_to(root) and Path.cwd() == root else str(full)


def copy(root: Path, target: Path) -> None:
    """Copies the files under `root`; raises BadProgram when one cannot be read or the disk is full."""
    try:
        shutil.copytree(root, target, symlinks=True, ignore=_ignored, ignore_dangling_symlinks=True)
    except shutil.Error as error:
        source, _, reason = error.args[0][0]
        raise BadProgram(f"{source}: cannot be copied: {reason}") from error
    except OSError as error:
        raise BadProgram(f"{error.filename or root}: cannot be copied: {error.strerror}") from error
    for link in (path for path in target.rglob("*") if path.is_symlink()):
        _relink(link, root, target)


def _ignored(folder: str, names: list[str]) -> list[str]:
    """Among the entries of a folder those that are not copied: history, caches, virtual environments."""
    return [name for name in names if name in _NOT_COPIED or Path(folder, name, "pyvenv.cfg").exists()]


def _relink(link: Path, root: Path, target: Path) -> None:
    """A relative link that leads out of the tree would lead nowhere from the copy: it leads to a copy of its end, or,
    for a folder, to the folder itself."""
    origin = root / link.relative_to(target)
    aim = Path(os.path.normpath(origin.parent / os.readlink(link)))
    if aim.is_relative_to(root) and not Path(os.readlink(link)).is_absolute():
        return
    link.unlink()
    if aim.is_relative_to(root):
        link.symlink_to(target / aim.relative_to(root))
    elif aim.is_file():
        shutil.copy2(aim, link)
    else:
        link.symlink_to(aim)


def python_path(root: Path, target: Path) -> str:
    """The user's PYTHONPATH, its entries below `root` moved to the copy."""
    entries = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    full = [Path(os.path.normpath(Path(entry).absolute())) for entry in entries]
    moved = [target / path.relative_to(root) if path.is_relative_to(root) else path for path in full]
    return os.pathsep.join(map(str, moved))
