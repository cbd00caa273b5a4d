"""Which files of a project a program may load: those that imports lead to, however the path is set up."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ov_migrate.discovery import discover
from ov_migrate.verify.workspace import Program

_IMPORTERS = frozenset({"import_module", "__import__", "run_module"})
_MODULE_NAME = re.compile(r"\w+(?:\.\w+)*")


def reachable(root: Path, program: Program) -> list[Path]:
    """The Python files under `root`, a copy of the program's, that it may load. For a module that is not in there, such
    as a test runner, these are all files."""
    files = [path for path in discover(root) if path.suffix == ".py"]
    by_name: dict[str, list[Path]] = {}
    for path in files:
        by_name.setdefault(_module(path.relative_to(root)).rpartition(".")[2], []).append(path)
    if program.file:
        return _closure(root, [root / program.file], by_name)
    name = program.command[1]
    found = [path for module in (name, name + ".__main__") for path in _files(module, root, by_name)]
    if not found:
        return files
    return _closure(root, found, by_name)


def _closure(root: Path, found: list[Path], by_name: dict[str, list[Path]]) -> list[Path]:
    seen = dict.fromkeys(found)
    todo = list(found)
    while todo:
        for name in _names(todo.pop()):
            for path in _files(name, root, by_name):
                if path not in seen:
                    seen[path] = None
                    todo.append(path)
    return sorted(seen)


def _module(path: Path) -> str:
    parts = list(path.with_suffix("").parts)
    if parts[-1] == "__init__" and len(parts) > 1:
        del parts[-1]
    return ".".join(parts)


def _files(name: str, root: Path, by_name: dict[str, list[Path]]) -> Iterator[Path]:
    """Files that a module of this name may be in: programs put folders on the path as they like, so any folder that
    the name fits in will do. Its packages are loaded with it."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        tail = ".".join(parts[:length])
        for path in by_name.get(parts[length - 1], ()):
            module = _module(path.relative_to(root))
            if module == tail or module.endswith("." + tail):
                yield path


def _names(path: Path) -> Iterator[str]:
    """The modules that a file names: in imports, and in texts, by which modules and programs are started, too."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, OSError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            front = f"{node.module}." if node.module else ""
            yield from (front + alias.name for alias in node.names)
            if node.module:
                yield node.module
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 200:
            yield from _named(node.value)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in _IMPORTERS and node.args:
            name = node.args[0]
            yield from [name.value] if isinstance(name, ast.Constant) and isinstance(name.value, str) else []


def _named(text: str) -> Iterator[str]:
    """The module that a text may mean: the path of a program, or a dotted name."""
    name = text.removesuffix(".py").replace("/", ".").strip(".")
    if _MODULE_NAME.fullmatch(name) and (text.endswith(".py") or ("." in name and "/" not in text)):
        yield name
