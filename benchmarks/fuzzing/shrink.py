"""Makes a failing program small: statements are taken out as long as it fails in the same way."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping

Modules = Mapping[str, str]


def shrunken(modules: Modules, still_fails: Callable[[Modules], bool]) -> dict[str, str]:
    """The smallest text found by taking out statements, the largest first, until none can go."""
    current = dict(modules)
    changed = True
    while changed:
        changed = False
        for path in list(current):
            for candidate in _without_one(current[path]):
                trial = {**current, path: candidate}
                if still_fails(trial):
                    current, changed = trial, True
                    break
            if changed:
                break
    return current


def _without_one(text: str) -> Iterator[str]:
    """The text without one of its statements, or with the body of a compound statement in its place."""
    tree = ast.parse(text)
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    lines = text.splitlines()
    for node in sorted(statements, key=lambda n: n.lineno - (n.end_lineno or n.lineno)):
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        last = node.end_lineno or node.lineno
        indent = lines[node.lineno - 1][: node.col_offset]
        rest = [*lines[: first - 1], indent + "pass", *lines[last:]]
        shorter = [*lines[: first - 1], *lines[last:]]
        if isinstance(node, ast.Pass):
            yield from _parsed(shorter)
            continue
        yield from list(_parsed(shorter)) or _parsed(rest)


def _parsed(lines: list[str]) -> Iterator[str]:
    text = "\n".join(lines) + "\n"
    try:
        ast.parse(text)
    except SyntaxError:
        return
    yield text
