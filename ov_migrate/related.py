"""Files without legacy imports that legacy objects may reach: those that import a legacy module, and those that it
imports, and so on."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import PurePath

import libcst as cst

from ov_migrate.inference.paths import ModulePaths, module_stem
from ov_migrate.inference.project import imported_names
from ov_migrate.sources import Source

_IMPORT_LINE = re.compile(rb"^[ \t]*(?:from|import)[ \t]+([^#\n(]+(?:\([^)]*\))?)", re.MULTILINE)
_WORD = re.compile(rb"\w+")


def related(sources: list[Source], others: dict[str, bytes], parse: Callable[[str], Source | None]) -> list[Source]:
    """The sources to analyse beside `sources`, out of `others` (name → content). `parse` gives None for a file that
    cannot be parsed, which is passed over: it holds no legacy import of its own."""
    load = cache(parse)
    words = {name: _imported_words(data) for name, data in others.items()}
    paths = ModulePaths(PurePath(name) for name in (*(source.path for source in sources), *others))
    found = {source.path: source for source in sources}
    queue = list(found)
    while queue:
        name = queue.pop()
        stem = module_stem(PurePath(name)).encode()
        importers = [other for other, its_words in words.items() if stem in its_words and other not in found]
        wanted = {other for other in importers if name in _imports(paths, load(other))}
        wanted |= {other for other in _imports(paths, found[name]) if other in others and other not in found}
        for other in sorted(wanted):
            source = load(other)
            if source is not None:
                found[other] = source
                queue.append(other)
    return [source for name, source in found.items() if name in others]


def _imported_words(data: bytes) -> frozenset[bytes]:
    return frozenset(word for line in _IMPORT_LINE.findall(data) for word in _WORD.findall(line))


def _imports(paths: ModulePaths, source: Source | None) -> set[str]:
    """The files that a source imports."""
    if source is None:
        return set()
    tree, importer = source.tree, PurePath(source.path)
    nodes: list[cst.Import | cst.ImportFrom] = [*tree.all(cst.Import), *tree.all(cst.ImportFrom)]
    names = {name for node in nodes for name in imported_names(node)}
    changes_path = "sys.path" in tree.text
    found = (paths.find(name, level, importer, changes_path) for name, level in names)
    return {str(path) for path in found if path is not None}
