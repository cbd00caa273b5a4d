"""The modules analysed together, and how one finds another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

import libcst as cst

from ov_migrate.inference.names import NameTable
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


class Project:
    """Modules by index; a module that nobody named on the command line is not in it."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self.modules = list(modules)
        self._by_stem: dict[str, list[int]] = {}
        for index, module in enumerate(self.modules):
            path = module.path
            stem = path.parent.name if path.name == "__init__.py" else path.stem
            self._by_stem.setdefault(stem, []).append(index)

    def find(self, name: str, level: int, importer: int) -> int | None:
        """The module that `import name` (or `from ..name import`, `level` dots) means inside module `importer`.

        Absolute names are looked up beside the importer first and then in each folder above it, which covers scripts,
        packages and folders put on `sys.path` alike.
        """
        if not name and not level:
            return None
        folder = self.modules[importer].path.parent
        if level:
            for _ in range(level - 1):
                folder = folder.parent
            return self._at(folder, name)
        while True:
            found = self._at(folder, name)
            if found is not None and found != importer:
                return found
            if folder == folder.parent:
                return None
            folder = folder.parent

    def _at(self, folder: PurePath, name: str) -> int | None:
        target = folder.joinpath(*name.split(".")) if name else folder
        for index in self._by_stem.get(target.name, ()):
            path = self.modules[index].path
            if path == target.with_name(target.name + ".py") or path == target / "__init__.py":
                return index
        return None


def import_path(node: cst.ImportFrom) -> tuple[str, int]:
    """The dotted name and the number of leading dots of a `from … import`."""
    return dotted(node.module) or "", len(node.relative)
