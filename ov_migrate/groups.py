"""Which files of a run belong together: those that import one another. Nothing goes from one group to another, so that
each is migrated by itself, in whichever process and order, with the same result."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from ov_migrate.imported import imported_names, loads_by_name, program_text
from ov_migrate.inference.paths import CONFTEST, ModulePaths, path_additions
from ov_migrate.sources import RawFile


def connected(files: Sequence[RawFile], paths: ModulePaths) -> list[list[RawFile]]:
    """The groups, in the order of their first files. Where a program loads modules by names that stand nowhere, all
    that lies below its folder belongs to it, as all tests belong to pytest's conftest.py above them."""
    groups = _Groups(range(len(files)))
    by_module = {file.module: index for index, file in enumerate(files)}
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, file in enumerate(files):
        text = program_text(file.path, file.data)
        additions = path_additions(text)
        for name, level in set(imported_names(text)):
            found = paths.find(name, level, file.module, additions)
            if found in by_module:
                groups.join(index, by_module[found])
        if file.module.name == CONFTEST or loads_by_name(text):
            holders[_root(file.module).parts].append(index)
    for index, file in enumerate(files) if holders else ():
        parts = file.module.parent.parts
        for depth in range(len(parts) + 1):
            for holder in holders.get(parts[:depth], ()):
                groups.join(index, holder)
    return [[files[index] for index in group] for group in groups.all()]


def _root(module: PurePath) -> PurePath:
    """The folder that a module's package lies in; its own when it is in none."""
    folder = module.parent
    while folder != folder.parent and os.path.isfile(folder / "__init__.py"):
        folder = folder.parent
    return folder


class _Groups:
    """Numbers in disjoint groups, which are joined step by step."""

    def __init__(self, numbers: Iterable[int]) -> None:
        self._above = {number: number for number in numbers}

    def _first(self, number: int) -> int:
        while self._above[number] != number:
            self._above[number] = number = self._above[self._above[number]]
        return number

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self._first(one), self._first(other)))
        self._above[second] = first

    def all(self) -> list[list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for number in self._above:
            found[self._first(number)].append(number)
        return list(found.values())
