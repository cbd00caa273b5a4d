"""Writes docs/rules/, and in README.md and docs/ the blocks that show something of the code, so that none of them rots.

usage: render_docs.py [--check]     (--check writes nothing; exit code 1 and the names when pages are out of date)
"""

from __future__ import annotations

import sys
from pathlib import Path

from docs_blocks import with_blocks
from docs_rules import rule_pages

ROOT = Path(__file__).parent.parent
RULES = ROOT / "docs" / "rules"


def pages() -> dict[Path, str]:
    """The text that every page has to have now."""
    made = {RULES / name: text for name, text in rule_pages()}
    written = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return made | {path: with_blocks(path.read_text(encoding="utf-8")) for path in written}


def render(check: bool = False) -> list[str]:
    """Brings pages up to date, and removes those of rules that are no more; gives the names of the pages that were not
    as they have to be. With `check` nothing is written."""
    wanted = pages()
    stale = [path for path in RULES.glob("*.md") if path not in wanted]
    for path, text in wanted.items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    if not check:
        for path in RULES.glob("*.md"):
            if path not in wanted:
                path.unlink()
    return sorted(path.relative_to(ROOT).as_posix() for path in stale)


if __name__ == "__main__":
    is_check = "--check" in sys.argv[1:]
    names = render(is_check)
    if names and is_check:
        sys.exit(f"out of date: {', '.join(names)}; run `python tools/render_docs.py`")
