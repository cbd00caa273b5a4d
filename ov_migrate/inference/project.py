"""The modules analysed together, and how one finds another."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

import libcst as cst

from ov_migrate.inference.names import NameTable
from ov_migrate.inference.paths import CONFTEST, Additions, ModulePaths, path_additions
from ov_migrate.skips import TODO
from ov_migrate.syntax import Tree, dotted


@dataclass
class Module:
    """One module: where it lies (as given by the user) and its tree."""

    path: PurePath
    tree: Tree

    @cached_property
    def names(self) -> NameTable:
        """Static name resolution of this module."""
        return NameTable(self.tree)

    @cached_property
    def path_additions(self) -> Additions:
        """The folders that the module adds to `sys.path`."""
        return path_additions(self.tree.given)


class Project:
    """Modules by index; a module that nobody named on the command line is not in it. `paths` are those of all files of
    a run, which say what an import means, also where it means none of these modules."""

    def __init__(self, modules: Sequence[Module], paths: ModulePaths | None = None) -> None:
        self.modules = list(modules)
        self._index = {module.path: index for index, module in enumerate(self.modules)}
        self._paths = paths or ModulePaths(self._index)
        self._found: dict[tuple[str, int, int], int | None] = {}

    @cached_property
    def was_annotated(self) -> bool:
        """True when an earlier run has left comments in some module."""
        return any(TODO in module.tree.given for module in self.modules)

    def conftests(self, index: int) -> Iterator[int | None]:
        """The modules with the fixtures that pytest adds to those of a module, the nearest first; None for one that
        lies there and was not given."""
        for folder in self.modules[index].path.parents:
            path = folder / CONFTEST
            if path in self._index:
                yield self._index[path]
            elif os.path.isfile(path):
                yield None

    def find(self, name: str, level: int, importer: int) -> int | None:
        """The module that an import inside module `importer` means; None for one outside the project."""
        key = (name, level, importer)
        if key not in self._found:
            module = self.modules[importer]
            path = self._paths.find(name, level, module.path, module.path_additions)
            self._found[key] = self._index.get(path) if path is not None else None
        return self._found[key]


def import_path(node: cst.ImportFrom) -> tuple[str, int]:
    """The dotted name and the number of leading dots of a `from … import`."""
    return dotted(node.module) or "", len(node.relative)
