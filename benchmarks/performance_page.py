"""Writes docs/performance.md from what performance.py has measured.

usage: performance_page.py [--check]     (--check writes nothing; exit code 1 when the page is out of date)
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
RESULTS = _HERE / "performance.json"
PAGE = _HERE.parent / "docs" / "performance.md"
_HEAD = """\
# Performance

{text}

```sh
python benchmarks/performance.py --others others-env > benchmarks/performance.json   # takes a while
python benchmarks/performance_page.py                                                # writes this page
```

{more}
"""
_TEXT = """What runs cost, as ratios to what people know, since seconds are those of one machine. Times are CPU
seconds of user and system, medians of {rounds} rounds after one that warms caches; memory is the peak of resident
memory. Measured with Python {python} on {cores} cores with {versions}. To
repeat it, in a checkout with the extra `test`:"""
_MORE = """The trees are made from the packages that are installed beside Python and from the fixtures' programs;
`--others` makes an environment with the other tools, and without it they are left out. `benchmarks/speed.py PATH`
prints the ratio to a bare parse for a code base of your own."""
_START = """What a commit without legacy code waits for. Files are looked through for the words of legacy programs
before the command line is imported; LibCST is not imported at all. Aim: 1.3 at most."""
_RELEVANT = """`--check` on the fixtures' programs, several times over, with all rules; against a process that does
nothing but parse the same files with `libcst.parse_module`. Start-up is in both. A further file costs {further} bare
parses of it. Aim: 3 at most."""
_TWO = """`--jobs 2` against `--jobs 1` with `--check` on {files:,} of the fixtures' programs, start-up included. Files
that import one another go to one process together, so that a code base of which all files do gains nothing. The aim is
a wall time of 1.7 by one; it needs two cores that have nothing else to do."""
_CODE = """Real programs, given as one tree each, in a process that is warm: the whole against the bare parse of the
files that it parses, the best of {rounds} rounds each. Aim: 3 at most."""
_GROWTH = """Trees of which one file in a thousand has legacy code, made by repetition; one round each. With few files
the start and LibCST's import are most of it."""
_OTHERS = """Each on files that it changes: models of pydantic 1 for bump-pydantic, old style for pyupgrade, what
their own rules mend for fixit and codemodder (four codemods that need no semgrep). What a further file costs is what
a run with more files costs more; a bare parse is `libcst.parse_module` of the same files. ov-migrate looks without
writing."""


def page(found: dict[str, Any]) -> str:
    """The whole page."""
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    text = _TEXT.format(rounds=found["rounds"], python=found["python"], cores=found["cores"], versions=versions)
    parts = [_start(found), _sparse(found), _relevant(found), _code(found), _two(found), _growth(found)]
    parts += [_others(found)] if found["others"] else []
    return _HEAD.format(text=_wrapped(text), more=_wrapped(_MORE)) + "".join(parts)


def _start(found: dict[str, Any]) -> str:
    start = found["start"]
    names = {
        "python": '`python -c "pass"`',
        "click": '`python -c "import click"`',
        "hook": "`ov-migrate FILE` on a clean file, as the hook runs it",
        "options": "the same with an option (`--target`)",
    }
    rows = [(text, f"{start[name]['cpu'] / start['click']['cpu']:.2f}") for name, text in names.items()]
    return _section("One clean file", _START, ("run", "CPU, as a multiple of `import click`"), rows)


def _sparse(found: dict[str, Any]) -> str:
    tree = found["sparse"]
    ratio, peak = tree["run"]["cpu"] / tree["ruff"]["cpu"], tree["run"]["peak"]
    rows = [
        ("CPU, as a multiple of `ruff check --no-cache`", f"{ratio:.2f}", "0.33"),
        ("peak", f"{peak:.0f} MiB", "40 MiB"),
    ]
    text = f"`--check` on {tree['files']:,} files, {tree['legacy']} of them with legacy code."
    return _section("A tree with little legacy code", text, ("what", "measured", "aim, at most"), rows)


def _relevant(found: dict[str, Any]) -> str:
    rows = [
        (
            f"{one['files']:,}",
            f"{one['lines']:,}",
            f"{one['run']['cpu'] / one['parse']['cpu']:.2f}",
            f"{1e6 * one['run']['cpu'] / one['lines']:.0f} µs",
            f"{one['run']['peak']:.0f} MiB",
        )
        for one in found["relevant"]
    ]
    text = _RELEVANT.format(further=f"{_further(found['relevant'][0], found['relevant'][-1]):.2f}")
    head = ("files", "lines", "CPU, in bare parses", "CPU for a line", "peak")
    return _section("Files with legacy code", text, head, rows)


def _two(found: dict[str, Any]) -> str:
    one, two = found["two"]["one"], found["two"]["two"]
    rows = [
        ("wall time, one process by two", f"{one['wall'] / two['wall']:.2f}"),
        ("CPU, two processes by one", f"{two['cpu'] / one['cpu']:.2f}"),
        ("peak, the larger process by one", f"{two['peak'] / one['peak']:.2f}"),
    ]
    text = _TWO.format(files=found["two"]["files"])
    return _section("Two processes", text, ("what", "measured"), rows)


def _code(found: dict[str, Any]) -> str:
    rows = [
        (one["name"], f"{one['files']:,}", f"{one['parsed']:,}", f"{one['whole'] / one['bare']:.2f}")
        for one in found["code"]
    ]
    head = ("code base", "files", "parsed", "CPU, in bare parses")
    return _section("Whole code bases", _CODE.format(rounds=found["rounds"]), head, rows) if rows else ""


def _growth(found: dict[str, Any]) -> str:
    rows = [
        (
            f"{tree['files']:,}",
            f"{1e6 * tree['run']['cpu'] / tree['files']:.0f} µs",
            f"{tree['run']['peak']:.0f} MiB",
            f"{1024 * tree['run']['peak'] / tree['files']:.1f} KiB",
        )
        for tree in found["growth"]
    ]
    return _section("Growth", _GROWTH, ("files", "CPU for a file", "peak", "peak for a file"), rows)


def _others(found: dict[str, Any]) -> str:
    few, many = found["relevant"][0], found["relevant"][-1]
    rows = [("ov-migrate, on the fixtures' programs", f"{many['files']}", *_costs(few, many))]
    for name, one in found["others"].items():
        rows.append((f"{name} {one['version']}", _changed(one["many"]), *_costs(one["few"], one["many"])))
    head = ("tool", "files (changed)", "a further file, in bare parses", "CPU for a further line")
    return _section("Other tools", _OTHERS, head, rows)


def _changed(one: dict[str, Any]) -> str:
    return f"{one['files']} ({one['changed']})"


def _costs(few: dict[str, Any], many: dict[str, Any]) -> tuple[str, str]:
    line = (many["run"]["cpu"] - few["run"]["cpu"]) / (many["lines"] - few["lines"])
    return f"{_further(few, many):.1f}", f"{1e6 * line:.0f} µs"


def _further(few: dict[str, Any], many: dict[str, Any]) -> float:
    run, parse = (many[key]["cpu"] - few[key]["cpu"] for key in ("run", "parse"))
    return float(run / parse)


def _section(title: str, text: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    return f"\n## {title}\n\n{_wrapped(text)}\n\n{_table(head, rows)}"


def _wrapped(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), 120, break_long_words=False, break_on_hyphens=False)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main() -> None:
    """Writes or checks the page."""
    text = page(json.loads(RESULTS.read_text(encoding="utf-8")))
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8", newline="\n")
    elif PAGE.read_text(encoding="utf-8") != text:
        sys.exit("docs/performance.md is out of date; run `python benchmarks/performance_page.py`")


if __name__ == "__main__":
    main()
