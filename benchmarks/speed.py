"""Prints what a migration costs, as a multiple of LibCST's bare parse of the files that it parses.

usage: speed.py [OPTIONS] ROOT...

Both are timed in one process and one run, as CPU time, each the best of a few rounds; what is written is thrown away.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import libcst as cst

from ov_migrate.migrate import migrate_paths
from ov_migrate.settings import Settings

# As the command has them when no report is asked for.
_SETTINGS = Settings(write=False, hand_over=False)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("roots", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="Rounds of which the best counts.")
@click.option("--most", type=float, metavar="RATIO", help="Exit code 1 when a tree costs more than this.")
def main(roots: tuple[Path, ...], rounds: int, most: float | None) -> None:
    """Time a migration of each tree ROOT against the bare parse of the files that it needs."""
    click.echo(f"{'files':>7}{'parsed':>8}{'seconds':>9}{'bare':>8}{'ratio':>7}  tree")
    worst = 0.0
    for root in roots:
        speed = measure(root, rounds)
        worst = max(worst, speed.ratio)
        click.echo(f"{speed.files:>7}{speed.parsed:>8}{speed.whole:>9.2f}{speed.bare:>8.2f}{speed.ratio:>7.2f}  {root}")
    if most is not None and worst > most:
        raise click.ClickException(f"{worst:.2f} is more than {most}")


@dataclass(frozen=True)
class Speed:
    """One tree: its files, those that are parsed, and CPU seconds of the whole and of the bare parse."""

    files: int
    parsed: int
    whole: float
    bare: float

    @property
    def ratio(self) -> float:
        return self.whole / self.bare if self.bare else 0.0


def measure(root: Path, rounds: int) -> Speed:
    """Migrates a tree and parses what that needs, some times each; the best counts."""
    with _parsed_texts() as texts:
        migrate_paths([str(root)], _SETTINGS)
    whole = _best(rounds, lambda: migrate_paths([str(root)], _SETTINGS))
    return Speed(sum(1 for _ in root.rglob("*.py")), len(texts), whole, _best(rounds, lambda: _parse(texts)))


@contextmanager
def _parsed_texts() -> Iterator[set[str]]:
    """Fills a set with the texts that are parsed meanwhile."""
    parse, texts = cst.parse_module, set[str]()

    def noting(source: str) -> cst.Module:
        texts.add(source)
        return parse(source)

    cst.parse_module = noting  # type: ignore[assignment]
    try:
        yield texts
    finally:
        cst.parse_module = parse


def _parse(texts: set[str]) -> None:
    for text in texts:
        try:
            cst.parse_module(text)
        except cst.ParserSyntaxError:
            continue


def _best(rounds: int, work: Callable[[], object]) -> float:
    times = []
    for _ in range(rounds):
        gc.collect()
        gc.disable()
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
        gc.enable()
    return min(times)


if __name__ == "__main__":
    main()
