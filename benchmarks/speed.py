"""Prints what a migration costs, as a multiple of LibCST's bare parse of the files that it parses.

usage: speed.py [OPTIONS] ROOT...

Both are timed in one process and one run, as CPU time, each the best of a few rounds; what is written is thrown away.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import libcst as cst

from ov_migrate.migrate import migrate_paths
from ov_migrate.settings import Settings


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("roots", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="Rounds of which the best counts.")
@click.option("--most", type=float, metavar="RATIO", help="Exit code 1 when a tree costs more than this.")
def main(roots: tuple[Path, ...], rounds: int, most: float | None) -> None:
    """Time a migration of each tree ROOT against the bare parse of the files that it needs."""
    click.echo(f"{'files':>7}{'parsed':>8}{'seconds':>9}{'bare':>8}{'ratio':>7}  tree")
    worst = 0.0
    for root in roots:
        with _parsed_texts() as texts:
            migrate_paths([str(root)], Settings(write=False))
        whole = _best(rounds, lambda root=root: migrate_paths([str(root)], Settings(write=False)))  # type: ignore[misc]
        bare = _best(rounds, lambda texts=texts: _parse(texts))  # type: ignore[misc]
        ratio = whole / bare if bare else 0.0
        worst = max(worst, ratio)
        files = sum(1 for _ in root.rglob("*.py"))
        click.echo(f"{files:>7}{len(texts):>8}{whole:>9.2f}{bare:>8.2f}{ratio:>7.2f}  {root}")
    if most is not None and worst > most:
        raise click.ClickException(f"{worst:.2f} is more than {most}")


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
