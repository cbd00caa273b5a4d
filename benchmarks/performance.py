"""Measures what runs cost, as ratios to what people know, and prints the result as JSON.

usage: performance.py [OPTIONS] > benchmarks/performance.json     (then performance_page.py writes docs/performance.md)

The trees are made from the packages beside the interpreter in use and from the fixtures, below a temporary folder.
Each figure is the median of some rounds; times are CPU seconds of user and system, unless they are called wall.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import trees
from cost import Cost, cost, median
from speed import measure

_RUN = [sys.executable, "-m", "ov_migrate"]
_PARSE = (
    "import sys, gc, pathlib, libcst\ngc.disable()\n"
    "for path in sorted(pathlib.Path(sys.argv[1]).rglob('*.py')): libcst.parse_module(path.read_bytes())\n"
)
_ROOT = Path(__file__).resolve().parent.parent
_COPIES = 3
_CODEMODS = ("use-set-literal", "use-generator", "fix-mutable-params", "fix-empty-sequence-comparison")
# Tool → what makes its files, and its command in a folder of them.
_OTHERS: dict[str, tuple[Callable[[Path, int], None], tuple[str, ...]]] = {
    "bump-pydantic": (trees.old_models, (".",)),
    "fixit": (trees.lint, ("fix", "-a", ".")),
    "codemodder": (trees.codemods, (".", "--codemod-include", ",".join(f"pixee:python/{name}" for name in _CODEMODS))),
    "pyupgrade": (trees.old_style, ("--py310-plus",)),
}


class Bench:
    """All measurements; `work` is a folder for trees."""

    def __init__(self, work: Path, rounds: int) -> None:
        self.work, self.rounds = work, rounds
        self.caches = work / "caches"
        os.environ["PYTHONPATH"] = str(_ROOT)

    def start(self) -> dict[str, Any]:
        """Runs that have next to nothing to do."""
        clean = self.work / "clean.py"
        clean.write_text("import os\n\nprint(os.name)\n")
        commands = {
            "python": [sys.executable, "-c", "pass"],
            "click": [sys.executable, "-c", "import click"],
            "hook": [*_RUN, str(clean)],
            "options": [*_RUN, "--target", "2023.1", str(clean)],
        }
        return {name: self._median(command, 5 * self.rounds) for name, command in commands.items()}

    def sparse(self, files: int, legacy: int, rounds: int, with_ruff: bool = False) -> dict[str, Any]:
        """A tree of which only few files have legacy code; without rounds it is gone through once."""
        with self._tree() as root:
            trees.sparse_tree(root, files, legacy)
            found: dict[str, Any] = {"files": files, "legacy": legacy}
            command = [*_RUN, "--check", "-q", str(root)]
            found["run"] = self._median(command, rounds) if rounds else asdict(cost(command, self.caches))
            if with_ruff:
                ruff = Path(sys.executable).with_name("ruff")
                command = [str(ruff), "check", "--isolated", "--no-cache", "-q", str(root)]
                found["ruff"] = self._median(command, rounds)
            return found

    def relevant(self, copies: int) -> dict[str, Any]:
        """Files that all have legacy code, against LibCST's bare parse of them; each copy is a project of its own."""
        with self._tree() as root:
            for copy in range(copies):
                trees.fill(root / f"copy{copy}", trees.legacy_programs())
            return self._against_parse(root, [*_RUN, "--check", "-q", str(root)])

    def two_processes(self) -> dict[str, Any]:
        """The same files with one process and with two."""
        with self._tree() as root:
            for copy in range(_COPIES):
                trees.fill(root / f"copy{copy}", trees.legacy_programs())
            commands = [[*_RUN, "--check", "-q", "--jobs", jobs, str(root)] for jobs in ("1", "2")]
            one, two = (self._median(command, self.rounds) for command in commands)
            return {"files": _COPIES * len(trees.legacy_programs()), "one": one, "two": two}

    def others(self, tools: Path) -> dict[str, Any]:
        """Each tool on files that it changes: what a file more costs, against LibCST's bare parse of it."""
        if not tools.exists():
            venv.create(tools, with_pip=True)
            subprocess.run([str(tools / "bin" / "pip"), "install", "-q", *_OTHERS], check=True)
        return {name: self._other(name, tools) for name in _OTHERS}

    def _other(self, name: str, tools: Path) -> dict[str, Any]:
        make, arguments = _OTHERS[name]
        few, many = (self._changing(make, [str(tools / "bin" / name), *arguments], files) for files in (5, 20))
        asked = [str(tools / "bin" / "python"), "-c", f"import importlib.metadata as m; print(m.version({name!r}))"]
        found = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
        return {"version": found, "few": few, "many": many}

    def _changing(self, make: Callable[[Path, int], None], command: list[str], files: int) -> dict[str, Any]:
        with self._tree() as root:
            made = root / "made"
            make(made, files)
            folder = root / "changed"
            names = [path.name for path in sorted(made.iterdir())] if command[0].endswith("pyupgrade") else []

            def run() -> Cost:
                shutil.rmtree(folder, ignore_errors=True)
                shutil.copytree(made, folder)
                return cost([*command, *names], self.caches, folder)

            done = median(self.rounds, run)
            changed = sum((folder / path.name).read_bytes() != path.read_bytes() for path in made.iterdir())
            parse = self._median([sys.executable, "-c", _PARSE, str(made)], self.rounds)
            return {
                "files": files, "changed": changed, "lines": trees.lines(made), "run": asdict(done), "parse": parse,
            }  # fmt: skip

    def _against_parse(self, root: Path, command: list[str]) -> dict[str, Any]:
        files = sum(1 for _ in root.rglob("*.py"))
        run, parse = (self._median(one, self.rounds) for one in (command, [sys.executable, "-c", _PARSE, str(root)]))
        return {"files": files, "changed": files, "lines": trees.lines(root), "run": run, "parse": parse}

    def _median(self, command: list[str], rounds: int) -> dict[str, float]:
        return asdict(median(rounds, lambda: cost(command, self.caches)))

    @contextmanager
    def _tree(self) -> Iterator[Path]:
        root = self.work / "tree"
        root.mkdir()
        try:
            yield root
        finally:
            shutil.rmtree(root)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="Rounds for each median.")
@click.option("--most", default=100_000, show_default=True, help="Files of the largest tree.")
@click.option("--code", multiple=True, metavar="NAME=PATH", help="A code base of real programs, to measure it too.")
@click.option("--others", type=click.Path(path_type=Path), help="Environment of other tools, to measure them too.")
def main(rounds: int, most: int, code: tuple[str, ...], others: Path | None) -> None:
    """Measure everything and print it as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), rounds)
        found: dict[str, Any] = {
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "rounds": rounds,
            "versions": {name: version(name) for name in ("click", "libcst", "ruff")},
        }
        found["start"] = _told("start", bench.start)
        found["sparse"] = _told("6,000 files", bench.sparse, 6000, 6, rounds, True)
        found["relevant"] = [_told(f"{copies} copies", bench.relevant, copies) for copies in (1, 2)]
        found["two"] = _told("two processes", bench.two_processes)
        sizes = [size for size in (1000, 10_000, 100_000) if size <= most]
        found["growth"] = [_told(f"{size:,} files", bench.sparse, size, size // 1000, 0) for size in sizes]
        found["others"] = _told("other tools", bench.others, others.absolute()) if others else {}
        # At the end, since it is done in this process, whose memory counts for those that are started afterwards.
        found["code"] = [{"name": n, **asdict(_told(n, measure, Path(p), rounds))} for n, p in map(_named, code)]
    click.echo(json.dumps(found, indent=1))


def _named(text: str) -> tuple[str, str]:
    name, _, path = text.partition("=")
    return name, path


def _told(what: str, measure: Callable[..., Any], *arguments: Any) -> Any:
    click.echo(f"{what} …", err=True)
    return measure(*arguments)


if __name__ == "__main__":
    main()
