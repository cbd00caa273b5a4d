"""Runs the migrated side of every asynchronous fixture many times and reports hangs, failures and differences.

usage: async_stress.py [OPTIONS] [NAME...]     (all fixtures that start requests asynchronously, without a name)

A run that does not end in time is killed and reported. The order of runs goes round the fixtures, so that a busy
machine does not favour one of them. Exit code 1 when something hangs, fails or differs from the first run.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from ov_migrate.verify.compare import first_difference
from ov_migrate.verify.fixtures import Fixture, find, model_files, modules
from ov_migrate.verify.program import Outcome, run
from ov_migrate.verify.runtimes import NEWEST, NoRuntime, Runtime, find_or_make

_ROOT = Path(__file__).parent.parent / "fixtures"
_WORDS = (b"start_async(", b"AsyncInferQueue(")


def asynchronous(names: tuple[str, ...]) -> Iterator[Fixture]:
    """The fixtures whose migrated side starts requests asynchronously, or those with the given names."""
    for fixture in find(_ROOT):
        if names:
            if fixture.name in names:
                yield fixture
        elif fixture.after.exists() and any(
            word in text for text in modules(fixture.after).values() for word in _WORDS
        ):
            yield fixture


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1)
@click.option("--runs", default=20, show_default=True, help="How often each program runs.")
@click.option("--release", default=NEWEST, show_default=True, help="The release of OpenVINO to run on.")
@click.option("--jobs", default=2, show_default=True, help="How many programs run at once.")
@click.option("--time-limit", default=60.0, show_default=True, help="Seconds after which a program hangs.")
def main(names: tuple[str, ...], runs: int, release: str, jobs: int, time_limit: float) -> None:
    """Run asynchronous fixtures many times."""
    fixtures = list(asynchronous(names))
    if not fixtures:
        raise click.UsageError("there is no such fixture")
    try:
        runtime = find_or_make(release)
    except NoRuntime as reason:
        raise click.ClickException(str(reason)) from None
    for fixture in fixtures:
        model_files(fixture)
    rounds = [fixture for _ in range(runs) for fixture in fixtures]
    with ThreadPoolExecutor(jobs) as pool:
        outcomes = list(pool.map(lambda fixture: _run(runtime, fixture, time_limit), rounds))
    problems = list(_problems(rounds, outcomes))
    for (name, text), times in Counter(problems).items():
        print(f"{name}: {text} ({times} of {runs} runs)")
    hangs = sum(outcome.status is None for outcome in outcomes)
    others = len(problems) - hangs
    print(f"{len(fixtures)} programs, {len(outcomes)} runs on {release}: {hangs} hang, {others} fail or differ")
    sys.exit(1 if problems else 0)


def _run(runtime: Runtime, fixture: Fixture, time_limit: float) -> Outcome:
    return run(runtime, fixture.new_program, model_files(fixture), fixture.arguments, time_limit)


def _problems(fixtures: list[Fixture], outcomes: list[Outcome]) -> Iterator[tuple[str, str]]:
    first: dict[str, str] = {}
    for fixture, outcome in zip(fixtures, outcomes, strict=True):
        if outcome.failure:
            yield fixture.name, outcome.failure
            continue
        difference = first_difference(first.setdefault(fixture.name, outcome.output), outcome.output)
        if difference:
            yield fixture.name, difference


if __name__ == "__main__":
    main()
