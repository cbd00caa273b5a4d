"""Files without legacy imports that legacy objects may reach: those that import a legacy module and those that it
imports; from these on and on, as far as the files name members of the legacy API or hand on what they import.

Python's own parser tells what a file imports: it is ten times faster than LibCST, and most files are not needed."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import PurePath

from ov_migrate.inference.paths import ModulePaths, module_stem, path_additions
from ov_migrate.knowledge.legacy_api import load_legacy_api

_WORD = re.compile(rb"\w+")


def related(legacy: dict[str, bytes], others: dict[str, bytes]) -> list[str]:
    """The files to analyse beside the `legacy` ones, out of `others` (both name → content). A file that Python cannot
    parse imports nothing."""
    files = {**legacy, **others}
    paths = ModulePaths(PurePath(name) for name in files)
    imported = cache(lambda name: _imports(paths, name, files[name]))
    words = {name: _words(data) for name, data in others.items()}
    users = _users(set(legacy), words, imported)
    found, queue = users | set(legacy), sorted(users) + list(legacy)
    while queue:
        name = queue.pop()
        targets = {other for other in imported(name) - found if other in others}
        near = {other for other in targets if name in users or name in legacy or _leads_on(other, words[other])}
        queue += sorted(near)
        found |= near
    return [name for name in others if name in found]


def _users(legacy: set[str], words: dict[str, frozenset[bytes]], imported: Callable[[str], frozenset[str]]) -> set[str]:
    """Files that legacy objects come up to: those that import a legacy file, and those that import such a one in turn
    as far as it leads on."""
    users: set[str] = set()
    queue = sorted(legacy)
    while queue:
        name = queue.pop()
        if name in users and not _leads_on(name, words[name]):
            continue
        stem = module_stem(PurePath(name)).encode("utf-8", "surrogateescape")
        importers = {other for other, its in words.items() if stem in its and name in imported(other)} - users
        queue += sorted(importers)
        users |= importers
    return users


def _words(data: bytes) -> frozenset[bytes]:
    return frozenset(_WORD.findall(data))


def _leads_on(name: str, words: frozenset[bytes]) -> bool:
    """True for a file that names a member of the legacy API, and for a package, which hands on what it imports."""
    return PurePath(name).name == "__init__.py" or not _api_words().isdisjoint(words)


@cache
def _api_words() -> frozenset[bytes]:
    api = load_legacy_api()
    members = {member for kind in api.kinds.values() for member in kind.members}
    return frozenset(word.encode() for word in members - api.everyday)


def _imports(paths: ModulePaths, name: str, data: bytes) -> frozenset[str]:
    """The files that a file imports."""
    importer, additions = PurePath(name), path_additions(data.decode("utf-8", "replace"))
    found = (paths.find(module, level, importer, additions) for module, level in _imported_names(data))
    return frozenset(str(path) for path in found if path is not None)


def _imported_names(data: bytes) -> Iterator[tuple[str, int]]:
    """Every module that an import statement may mean, with its leading dots: the module itself, and what is imported
    from it, since that may be a module too."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                parts = alias.name.split(".")
                yield from ((".".join(parts[:n]), 0) for n in range(1, len(parts) + 1))
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield module, node.level
            yield from ((f"{module}.{a.name}" if module else a.name, node.level) for a in node.names if a.name != "*")


def _statements(tree: ast.Module) -> Iterator[ast.AST]:
    """All statements; expressions, which hold no imports, are not walked."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        for name in ("body", "orelse", "handlers", "finalbody", "cases"):
            below = getattr(node, name, ())
            stack += below if isinstance(below, list) else ()
        yield node
