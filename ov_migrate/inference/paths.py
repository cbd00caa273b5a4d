"""From the name in an import to the file it means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

# The file whose fixtures pytest gives to all tests beside and below it.
CONFTEST = "conftest.py"
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
        self._modules: dict[tuple[str, ...], PurePath] = {}
        self._by_stem: dict[str, list[tuple[PurePath, tuple[str, ...]]]] = {}
        for path in paths:
            parts = _module_parts(path)
            self._modules.setdefault(parts, path)
            self._by_stem.setdefault(module_stem(path), []).append((path, parts))

    def find(self, name: str, level: int, importer: PurePath, additions: Additions = ()) -> PurePath | None:
        """The file that `import name` (or `from ..name import`, with `level` dots) means inside `importer`.

        Absolute names are looked up beside the importer first and then in each folder above it, which covers scripts
        and packages alike. A program that adds to `sys.path` may mean the one file of that name, or the one below such
        an addition.
        """
        if not name and not level:
            return None
        folder, parts = importer.parent.parts, tuple(name.split(".")) if name else ()
        if level:
            return self._modules.get((*folder[: len(folder) - level + 1], *parts))
        for depth in range(len(folder), len(importer.anchor) - 1, -1):
            found = self._modules.get((*folder[:depth], *parts))
            if found is not None and found != importer:
                return found
        return self._anywhere(parts, importer, additions) if additions else None

    def _anywhere(self, name: tuple[str, ...], importer: PurePath, additions: Additions) -> PurePath | None:
        candidates = self._by_stem.get(name[-1], ())
        found = {p: parts[: -len(name)] for p, parts in candidates if p != importer and parts[-len(name) :] == name}
        if len(found) > 1:
            found = {p: root for p, root in found.items() if any(a and root[-len(a) :] == a for a in additions)}
        return next(iter(found)) if len(found) == 1 else None


def _module_parts(path: PurePath) -> tuple[str, ...]:
    return (path.parent if path.name == "__init__.py" else path.with_suffix("")).parts


def module_stem(path: PurePath) -> str:
    """The last part of the name a file is imported by."""
    return path.parent.name if path.name == "__init__.py" else path.stem
