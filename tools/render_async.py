"""Writes docs/async.md from docs/async.toml and the fixtures named there.

usage: render_async.py [--check]     (exit code 1 when the page is out of date)
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

from ov_migrate.knowledge.files import read_toml
from ov_migrate.verify.fixtures import Fixture, load, modules

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "async.md"


def page() -> str:
    """The page as Markdown; raises `FileNotFoundError` for a fixture that is not there."""
    data = read_toml(ROOT / "docs" / "async.toml")
    parts = ["# Asynchronous programs, before and after", data["intro"].strip()]
    for idiom in data["idiom"]:
        parts += [f"## {idiom['title']}", idiom["why"]]
        for name in idiom["fixtures"]:
            fixture = load(ROOT / "fixtures" / name)
            parts += [f"From `fixtures/{name}`:", "```diff\n" + "\n".join(_difference(fixture)) + "\n```"]
    return "\n\n".join(parts) + "\n"


def _difference(fixture: Fixture) -> Iterator[str]:
    """The changed lines of all modules with one line around each; a mark where lines are left out."""
    before, after = modules(fixture.before), modules(fixture.expected)
    for name, data in before.items():
        old, new = data.decode().splitlines(), after[name].decode().splitlines()
        lines = list(difflib.unified_diff(old, new, lineterm="", n=1))[2:]
        if len(before) > 1 and lines:
            yield f"# {name}"
        yield from ("@@" if line.startswith("@@") else line for line in lines)


if __name__ == "__main__":
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(page(), encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page():
        sys.exit(f"{PAGE.name} is out of date: run tools/render_async.py")
