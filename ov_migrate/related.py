"""Files without legacy imports that legacy objects may reach: those that import a legacy module and those that it
imports; from these on and on, as far as the files name members of the legacy API or hand on what they import.

What a file imports is told by its text, since most files are not needed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import PurePath

from ov_migrate.imported import imported_names, program_text
from ov_migrate.inference.paths import CONFTEST, ModulePaths, module_stem, path_additions
from ov_migrate.knowledge.legacy_api import load_legacy_api
from ov_migrate.sources import module_path

# Puts a space for each ASCII character that is in no word.
_SPACES = bytes(byte if byte > 127 or chr(byte).isalnum() or chr(byte) == "_" else 32 for byte in range(256))
# So many words are looked for one by one; for more it is quicker to take the text apart.
_FEW = 30

_TEST = re.compile(r"test_.*\.py$|.*_test\.py$")
_FUNCTION = re.compile(rb"^\s*(?:async\s+)?def\s+(\w+)", re.MULTILINE)
_NAMED = re.compile(rb"\bname\s*=\s*[\"'](\w+)[\"']")

Content = Callable[[str], bytes]
Imported = Callable[[str], frozenset[str]]


def related(legacy: dict[str, bytes], others: Iterable[str], content: Content) -> list[str]:
    """The files to analyse beside the `legacy` ones (name → content), out of `others`, whose content is asked for each
    time it is needed: a large tree is not kept in memory."""
    known = dict.fromkeys(others)
    paths = ModulePaths(module_path(name) for name in (*legacy, *known))
    imported = cache(lambda name: _imports(paths, name, legacy[name] if name in legacy else content(name)))
    users = _users(set(legacy), known, content, imported)
    found, queue = users | set(legacy), sorted(users) + list(legacy)
    while queue:
        name = queue.pop()
        targets = {other for other in imported(name) - found if other in known}
        near = {other for other in targets if name in users or name in legacy or _leads_on(other, content(other))}
        queue += sorted(near)
        found |= near
    return [name for name in known if name in found]


def asking(legacy: dict[str, bytes], others: Iterable[str], content: Content) -> list[str]:
    """Tests and conftest.py files that may ask for a fixture of a `legacy` conftest.py above, or put another one of
    its name in its place."""
    fixtures = {PurePath(name).parent: _fixtures(data) for name, data in legacy.items() if _is_conftest(name)}
    found = []
    for name in others if fixtures else ():
        words = set().union(*(fixtures.get(folder, ()) for folder in PurePath(name).parents))
        if words and (_is_conftest(name) or _TEST.match(PurePath(name).name)) and _may_name(content(name), words):
            found.append(name)
    return found


def _is_conftest(name: str) -> bool:
    return PurePath(name).name == CONFTEST


def _fixtures(data: bytes) -> set[bytes]:
    """The names that a conftest.py may give to fixtures: those of its functions and those in its decorators."""
    return set(_FUNCTION.findall(data)) | set(_NAMED.findall(data))


def _users(legacy: set[str], others: Iterable[str], content: Content, imported: Imported) -> set[str]:
    """Files that legacy objects come up to: those that import a legacy file, and those that import such a one in turn
    as far as it leads on."""
    users: set[str] = set()
    new = legacy
    while new:
        stems = {module_stem(PurePath(name)).encode("utf-8", "surrogateescape") for name in new} - {b""}
        unasked = (other for other in others if other not in users)
        found = {name for name in unasked if _may_name(content(name), stems) and not new.isdisjoint(imported(name))}
        users |= found
        new = {name for name in found if _leads_on(name, content(name))}
    return users


def _may_name(data: bytes, words: set[bytes]) -> bool:
    if len(words) <= _FEW:
        return any(word in data for word in words)
    return not words.isdisjoint(_words(data))


def _words(data: bytes) -> list[bytes]:
    return data.translate(_SPACES).split()


def _leads_on(name: str, data: bytes) -> bool:
    """True for a file that names a member of the legacy API, and for a package, which hands on what it imports."""
    return PurePath(name).name == "__init__.py" or not _api_words().isdisjoint(_words(data))


@cache
def _api_words() -> frozenset[bytes]:
    api = load_legacy_api()
    members = {member for kind in api.kinds.values() for member in kind.members}
    return frozenset(word.encode() for word in members - api.everyday)


def _imports(paths: ModulePaths, name: str, data: bytes) -> frozenset[str]:
    """The files that a file imports."""
    text = program_text(name, data)
    importer, additions = module_path(name), path_additions(text)
    found = (paths.find(module, level, importer, additions) for module, level in set(imported_names(text)))
    return frozenset(str(path) for path in found if path is not None)
