"""From the name in an import to the file it means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

# What a program adds to `sys.path`, as its literal parts: ("common", "python") for `here.parent / "common/python"`.
Additions = tuple[tuple[str, ...], ...]
_ADDITION = re.compile(r"sys\.path\.(?:append|insert|extend)\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)")
_LITERAL = re.compile(r"""["']([^"'\n]*)["']""")


def path_additions(text: str) -> Additions:
    """The folders that a program adds to `sys.path`, as far as they are written out; () when it adds none."""
    if "sys.path" not in text:
        return ()
    literals = (_LITERAL.findall(match[1]) for match in _ADDITION.finditer(text))
    return tuple(_folders(found) for found in literals) or ((),)


def _folders(literals: list[str]) -> tuple[str, ...]:
    parts = (part for literal in literals for part in re.split(r"[/\\]", literal))
    return tuple(part for part in parts if part not in ("", ".", ".."))


class ModulePaths:
    """The files that may be imported from one another."""

    def __init__(self, paths: Iterable[PurePath]) -> None:
        self._by_stem: dict[str, list[PurePath]] = {}
        for path in paths:
            self._by_stem.setdefault(module_stem(path), []).append(path)

    def find(self, name: str, level: int, importer: PurePath, additions: Additions = ()) -> PurePath | None:
        """The file that `import name` (or `from ..name import`, with `level` dots) means inside `importer`.

        Absolute names are looked up beside the importer first and then in each folder above it, which covers scripts
        and packages alike. A program that adds to `sys.path` may mean the one file of that name, or the one below such
        an addition.
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
                return self._anywhere(name, importer, additions) if additions else None
            folder = folder.parent

    def _at(self, folder: PurePath, name: str) -> PurePath | None:
        target = folder.joinpath(*name.split(".")) if name else folder
        for path in self._by_stem.get(target.name, ()):
            if path == target.with_name(target.name + ".py") or path == target / "__init__.py":
                return path
        return None

    def _anywhere(self, name: str, importer: PurePath, additions: Additions) -> PurePath | None:
        parts = tuple(name.split("."))
        candidates = [path for path in self._by_stem.get(parts[-1], ()) if path != importer]
        found = [path for path in candidates if _module_parts(path)[-len(parts) :] == parts]
        if len(found) > 1:
            roots = {path: _module_parts(path)[: -len(parts)] for path in found}
            found = [p for p in found if any(a and roots[p][-len(a) :] == a for a in additions)]
        return found[0] if len(found) == 1 else None


def _module_parts(path: PurePath) -> tuple[str, ...]:
    return (path.parent if path.name == "__init__.py" else path.with_suffix("")).parts


def module_stem(path: PurePath) -> str:
    """The last part of the name a file is imported by."""
    return path.parent.name if path.name == "__init__.py" else path.stem
