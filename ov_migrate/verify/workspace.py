"""Copies of a project to run in: what a user gives is never written to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# What no run reads, and what is large.
_NOT_COPIED = frozenset({".git", ".hg", ".svn", ".tox", ".nox", "__pycache__", "node_modules"})
# Two copies are made of it.
_LARGEST = 4 << 30


class BadProgram(Exception):
    """What is to be run is not there or cannot be copied; the text says what to do."""


@dataclass(frozen=True)
class Program:
    """What to run: `command` is a program or -m and a module, with its arguments; `root` is the folder that is copied,
    `folder` the one below it in which the copies run."""

    root: Path
    command: tuple[str, ...]
    folder: str = "."

    @property
    def file(self) -> str:
        """The program below `root`; "" for a module."""
        return "" if self.command[0] == "-m" else os.path.normpath(os.path.join(self.folder, self.command[0]))

    def shown(self, path: str) -> str:
        """A path below `root` as somebody writes it who stands in the working folder."""
        return Path(os.path.relpath(path, self.folder)).as_posix()


def script(path: Path, arguments: Sequence[str]) -> Program:
    """A program file. It runs in the current folder when it stands in it or below, else in its own folder."""
    if not path.is_file():
        raise BadProgram(f"{path}: no such file")
    if path.suffix == ".ipynb":
        raise BadProgram(f"{path}: notebooks are not run; save it as a script, or run all cells of the migrated one")
    here, full = Path.cwd(), path.absolute()
    start = here if full.is_relative_to(here) else full.parent
    return _program(start, [full.relative_to(start).as_posix(), *_arguments(start, arguments)])


def command(start: Path, words: Sequence[str]) -> Program:
    """A command such as `-m package.module ARGUMENTS` or `program.py ARGUMENTS`, as given behind a `--`, in `start`."""
    if not words:
        raise BadProgram("nothing to run: give a program, or a module as in `-- -m pytest tests/`")
    return _program(start.absolute(), _arguments(start.absolute(), words))


def _program(start: Path, words: list[str]) -> Program:
    root = _root(start)
    return Program(root, tuple(words), start.relative_to(root).as_posix())


def _root(start: Path) -> Path:
    """The repository that a folder is in, since programs look for their modules there; without one, or when that is
    too large, the folder itself."""
    top = next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), start)
    found = next((folder for folder in (top, start) if not _is_too_large(folder)), None)
    if found is None:
        raise BadProgram(
            f"{start}: has more than {_LARGEST >> 30} GB to copy; start in a folder with the program alone"
        )
    return found


def _is_too_large(folder: Path) -> bool:
    size = 0
    for parent, folders, names in os.walk(folder):
        folders[:] = set(folders).difference(_ignored(parent, folders))
        for name in names:
            with suppress(OSError):
                size += os.lstat(os.path.join(parent, name)).st_size
        if size > _LARGEST:
            return True
    return False


def _arguments(start: Path, arguments: Sequence[str]) -> list[str]:
    """Arguments that name files from another folder than the one the copies run in become absolute."""
    return list(arguments) if Path.cwd() == start else [_absolute(text) for text in arguments]


def _absolute(text: str) -> str:
    head, equals, value = text.partition("=")
    if equals and head.startswith("-"):
        return head + equals + _absolute(value)
    return str(Path(os.path.normpath(Path(text).absolute()))) if text and Path(text).exists() else text


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
