"""Compares the files that two runs have left in a folder."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ov_migrate.verify.compare import RELATIVE, first_difference


def file_differences(
    before: Path, after: Path, relative: float = RELATIVE, migrated: Collection[Path] = ()
) -> list[str]:
    """One line for each file of two folders that is on one side only, or differs, but for the sources `migrated`, paths
    in the folder `before`. Texts are compared as printed output is, floats within `relative`; all else byte by byte."""
    names = left_files(before, after, migrated)
    lines = (_difference(name, before / name, after / name, relative) for name in names)
    return [line for line in lines if line]


def left_files(before: Path, after: Path, migrated: Collection[Path] = ()) -> list[str]:
    """The files that are compared, as paths in either folder."""
    names = {path.relative_to(folder).as_posix() for folder in (before, after) for path in _files(folder)}
    return sorted(names - {path.relative_to(before).as_posix() for path in migrated if path.is_relative_to(before)})


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _difference(name: str, before: Path, after: Path, relative: float) -> str:
    for path, side, other in ((before, "after", "before"), (after, "before", "after")):
        if not path.is_file():
            return f"file {name}: written {side} and not {other}"
    old, new = before.read_bytes(), after.read_bytes()
    if old == new:
        return ""
    try:
        difference = first_difference(old.decode(), new.decode(), relative)
    except UnicodeDecodeError:
        return f"file {name}: {len(old)} bytes became {len(new)} other bytes"
    return f"file {name}, {difference}" if difference else ""
