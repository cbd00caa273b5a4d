"""From the name in an import to the file it means."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath


class ModulePaths:
    """The files that may be imported from one another."""

    def __init__(self, paths: Iterable[PurePath]) -> None:
        self._by_stem: dict[str, list[PurePath]] = {}
        for path in paths:
            self._by_stem.setdefault(module_stem(path), []).append(path)

    def find(self, name: str, level: int, importer: PurePath, changes_path: bool = False) -> PurePath | None:
        """The file that `import name` (or `from ..name import`, with `level` dots) means inside `importer`.

        Absolute names are looked up beside the importer first and then in each folder above it, which covers scripts
        and packages alike. A program that changes `sys.path` (`changes_path`) may mean any one file of that name.
        """
        if not name and not level:
            return None
        folder = importer.parent
        if level:
            for _ in range(level - 1):
                folder = folder.parent
            return self._at(folder, name)
        while True:
            found = self._at(folder, name)
            if found is not None and found != importer:
                return found
            if folder == folder.parent:
                return self._anywhere(name, importer) if changes_path else None
            folder = folder.parent

    def _at(self, folder: PurePath, name: str) -> PurePath | None:
        target = folder.joinpath(*name.split(".")) if name else folder
        for path in self._by_stem.get(target.name, ()):
            if path == target.with_name(target.name + ".py") or path == target / "__init__.py":
                return path
        return None

    def _anywhere(self, name: str, importer: PurePath) -> PurePath | None:
        parts = tuple(name.split("."))
        candidates = [path for path in self._by_stem.get(parts[-1], ()) if path != importer]
        found = [path for path in candidates if _module_parts(path)[-len(parts) :] == parts]
        return found[0] if len(found) == 1 else None


def _module_parts(path: PurePath) -> tuple[str, ...]:
    return (path.parent if path.name == "__init__.py" else path.with_suffix("")).parts


def module_stem(path: PurePath) -> str:
    """The last part of the name a file is imported by."""
    return path.parent.name if path.name == "__init__.py" else path.stem
