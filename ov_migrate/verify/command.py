"""What `ov-migrate verify` does: fixtures, or one program before and after."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ov_migrate.migrate import migrate_bytes
from ov_migrate.settings import Settings
from ov_migrate.verify.check import run_problems, text_problems
from ov_migrate.verify.compare import first_difference
from ov_migrate.verify.fixtures import Fixture, find
from ov_migrate.verify.program import Outcome, run
from ov_migrate.verify.runtimes import BOTH, NEWEST, OLD, NoRuntime, Runtime, find_or_make
from ov_migrate.verify.runtimes import find as find_runtime


@dataclass
class Verdict:
    """What came out for one fixture: nothing in `problems` when all was as expected. `not_run` says why the program
    was not run before."""

    name: str
    problems: list[str]
    not_run: str = ""


def runtimes_for_fixtures() -> dict[str, Runtime]:
    """The releases that fixtures run on; the oldest one only where an interpreter for it is found."""
    found = {release: find_or_make(release) for release in (BOTH, NEWEST)}
    with suppress(NoRuntime):
        found[OLD] = find_runtime(OLD) or find_or_make(OLD)
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


@dataclass
class Proof:
    """One program run before and after. `difference` is "" when exit status and output are the same."""

    before: Outcome
    after: Outcome
    difference: str
    manual: int


def verify_program(
    program: Path, arguments: Sequence[str], settings: Settings, tell: Callable[[str], None], time_limit: float
) -> Proof:
    """Migrates a copy of `program` and runs both; the files beside it are there for either side.

    Raises NoRuntime when an environment is missing and cannot be made.
    """
    legacy, newest = _runtime(BOTH, tell), _runtime(NEWEST, tell)
    result, text = migrate_bytes(str(program), program.read_bytes(), settings)
    with tempfile.TemporaryDirectory(prefix="ov-migrate-") as folder:
        old, new = Path(folder) / "before", Path(folder) / "after"
        for side in (old, new):
            shutil.copytree(program.parent, side, symlinks=True, ignore=shutil.ignore_patterns(".git", "__pycache__"))
        (new / program.name).write_bytes(text)
        before, after = (
            run(runtime, side / program.name, _files(side), arguments, time_limit)
            for runtime, side in ((legacy, old), (newest, new))
        )
    return Proof(before, after, _difference(before, after), result.count("manual"))


def _files(folder: Path) -> dict[str, Path]:
    return {path.name: path for path in folder.iterdir()}


def _runtime(release: str, tell: Callable[[str], None]) -> Runtime:
    found = find_runtime(release)
    if found is None:
        tell(f"Making an environment with openvino {release} (once) …")
        found = find_or_make(release)
    return found


def _difference(before: Outcome, after: Outcome) -> str:
    for side, outcome in (("before", before), ("after", after)):
        if outcome.failure:
            return f"{side} ({outcome.release}): {outcome.failure}"
    return first_difference(before.output, after.output)
