"""What `ov-migrate verify` does with a folder of fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ov_migrate.verify.check import run_problems, text_problems
from ov_migrate.verify.fixtures import Fixture, find
from ov_migrate.verify.runtimes import BOTH, FIRST, NEWEST, OLD, NoRuntime, Runtime, find_or_make


@dataclass
class Verdict:
    """What came out for one fixture: nothing in `problems` when all was as expected. `not_run` says why the program
    was not run before."""

    name: str
    problems: list[str]
    not_run: str = ""


def runtimes_for_fixtures() -> dict[str, Runtime]:
    """The releases that fixtures run on; the oldest ones only where an interpreter for them is found."""
    found = {release: find_or_make(release) for release in (BOTH, NEWEST)}
    for release in (OLD, FIRST):
        with suppress(NoRuntime):
            found[release] = find_or_make(release)
    return found


def verify_fixtures(root: Path, jobs: int) -> Iterator[Verdict]:
    """Checks text and behaviour of every fixture at or under `root`, in the order of their names."""
    runtimes = runtimes_for_fixtures()

    def check(fixture: Fixture) -> Verdict:
        problems = text_problems(fixture)
        try:
            return Verdict(fixture.name, problems + run_problems(fixture, runtimes))
        except NoRuntime as reason:
            return Verdict(fixture.name, problems, str(reason))

    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(check, find(root))
