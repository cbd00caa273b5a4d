"""The modules analysed together, and how one finds another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath

import libcst as cst

from ov_migrate.inference.names import NameTable
from ov_migrate.inference.paths import ModulePaths
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
    def changes_path(self) -> bool:
        """True when the module may look for modules in other folders than its own."""
        return "sys.path" in self.tree.text


class Project:
    """Modules by index; a module that nobody named on the command line is not in it."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self.modules = list(modules)
        self._index = {module.path: index for index, module in enumerate(self.modules)}
        self._paths = ModulePaths(self._index)

    def find(self, name: str, level: int, importer: int) -> int | None:
        """The module that an import inside module `importer` means; None for one outside the project."""
        module = self.modules[importer]
        path = self._paths.find(name, level, module.path, module.changes_path)
        return self._index[path] if path is not None else None


def import_path(node: cst.ImportFrom) -> tuple[str, int]:
    """The dotted name and the number of leading dots of a `from … import`."""
    return dotted(node.module) or "", len(node.relative)


def imported_names(node: cst.Import | cst.ImportFrom) -> list[tuple[str, int]]:
    """Every module that an import statement may mean, as names with their leading dots: the module itself, and what is
    imported from it, since that may be a module too."""
    if isinstance(node, cst.Import):
        paths = [dotted(alias.name) or "" for alias in node.names]
        return [(".".join(path.split(".")[:n]), 0) for path in paths for n in range(1, path.count(".") + 2)]
    path, level = import_path(node)
    if isinstance(node.names, cst.ImportStar):
        return [(path, level)]
    inner = [f"{path}.{alias.name.value}" if path else str(alias.name.value) for alias in node.names]
    return [(path, level), *((name, level) for name in inner)]
