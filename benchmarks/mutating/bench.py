"""Runs mutants: each against what its fixture's legacy program printed."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fuzzing.workers import Answer, Worker

from mutating.sites import Mutant
from ov_migrate.verify.check_sites import differing_sites, proof_of
from ov_migrate.verify.compare import first_difference
from ov_migrate.verify.fixtures import Fixture, lay_out, model_files, modules
from ov_migrate.verify.runtimes import BOTH, NEWEST, Runtime
from ov_migrate.verify.sides import Options

Modules = Mapping[str, bytes]
Lines = Mapping[str, set[int]]  # by module
# A program that hangs is told by this; a proof has two programs to run.
_TIME_LIMIT = 60.0
# What takes the place of main.py runs it under this name.
_MAIN = "program_main.py"
_RUN = f'runpy.run_path(os.path.join(os.path.dirname(os.path.realpath(__file__)), "{_MAIN}"), run_name="__main__")'
# Prints the lines of the program that were run, by module.
_TOLD = "LINES:"
_TRACE = f"""
import json, os, runpy, sys, threading
folder, lines = os.path.dirname(os.path.realpath(__file__)), {{}}

def trace(frame, event, argument):
    path = frame.f_code.co_filename
    if not path.startswith(folder):
        return None
    lines.setdefault(os.path.relpath(path, folder), set()).add(frame.f_lineno)
    return trace

sys.settrace(trace)
threading.settrace(trace)
try:
    {_RUN}
finally:
    sys.settrace(None)
    threading.settrace(None)
    print("{_TOLD}" + json.dumps({{path: sorted(ones) for path, ones in lines.items()}}))
"""
# Threads take turns as often as they can.
_HURRY = f"import os, runpy, sys\nsys.setswitchinterval(1e-6)\n{_RUN}\n"
_FRESH_RUNS = 6


@dataclass(frozen=True)
class Catch:
    """What caught a mutant: `how` is output, exception, hang, crash or site; `told` says what was seen."""

    how: str
    told: str


class Bench:
    """Interpreters that stay, and what each fixture's legacy program printed; close it when done."""

    def __init__(self, runtimes: Mapping[str, Runtime]) -> None:
        self._runtimes = runtimes
        self._folder = Path(tempfile.mkdtemp(prefix="ov-mutants-"))
        self._workers = {release: Worker(runtime.python) for release, runtime in runtimes.items()}
        self._expected: dict[str, str | None] = {}
        self._lines: dict[str, Lines] = {}
        self._number = 0

    def close(self) -> None:
        for worker in self._workers.values():
            worker.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def expected(self, fixture: Fixture) -> str | None:
        """What the legacy program prints; None when the migrated one, unharmed, does not print the same here, so that
        the fixture can tell nothing of a mutant."""
        if fixture.name not in self._expected:
            self._expected[fixture.name] = self._compared(fixture)
        return self._expected[fixture.name]

    def _compared(self, fixture: Fixture) -> str | None:
        release = next((release for release in fixture.before_on if release in self._workers), None)
        if release is None:
            return None
        side = fixture.legacy_program
        old = self._run(self._workers[release], fixture, modules(side.parent if side.name == "main.py" else side))
        after = modules(fixture.expected)
        news = [self._run(self._workers[one], fixture, after) for one in self._releases(fixture)]
        is_same = all(new.status == "ok" and not first_difference(old.output, new.output) for new in news)
        return old.output if old.status == "ok" and is_same and old.output.strip() else None

    def is_run(self, mutant: Mutant) -> bool:
        """True for a mutant that changes a statement which its fixture runs. Only for fixtures that have something
        expected. What runs in a thread that Python did not start is not seen."""
        fixture = mutant.fixture
        if fixture.name not in self._lines:
            texts = dict(modules(fixture.expected))
            answer = self._run(self._workers[self._releases(fixture)[0]], fixture, _under(_TRACE, texts))
            told = answer.output.rpartition(_TOLD)[2].partition("\n")[0] if answer.status == "ok" else "{}"
            self._lines[fixture.name] = {path: set(lines) for path, lines in json.loads(told).items()}
        run = self._lines[fixture.name].get(_MAIN if mutant.path == "main.py" else mutant.path, set())
        return not run.isdisjoint(mutant.lines)

    def _releases(self, fixture: Fixture) -> list[str]:
        """The releases to run the migrated program on, the newest first."""
        return [release for release in (NEWEST, BOTH) if release in fixture.after_on and release in self._workers]

    def _run(self, worker: Worker, fixture: Fixture, texts: Modules) -> Answer:
        self._number += 1
        folder = self._folder / str(self._number)
        lay_out(texts, folder, model_files(fixture))
        try:
            return worker.run(folder, fixture.arguments)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def catch(self, mutant: Mutant) -> Catch | None:
        """What running the mutant shows; None when it prints what the legacy program did. Only for fixtures that have
        something expected."""
        texts = dict(modules(mutant.fixture.expected)) | {mutant.path: mutant.text.encode()}
        for release in self._releases(mutant.fixture):
            caught = self._caught(mutant, self._run(self._workers[release], mutant.fixture, texts))
            if caught is not None:
                return caught
        return None

    def catch_fresh(self, mutant: Mutant) -> Catch | None:
        """What some runs in interpreters that have run nothing before show, with threads that take turns often: for
        what goes wrong for the first of several threads only."""
        texts = _under(_HURRY, dict(modules(mutant.fixture.expected)) | {mutant.path: mutant.text.encode()})
        if not any(b"thread" in text for text in texts.values()):
            return None
        for _ in range(_FRESH_RUNS):
            worker = Worker(self._runtimes[self._releases(mutant.fixture)[0]].python)
            try:
                caught = self._caught(mutant, self._run(worker, mutant.fixture, texts))
            finally:
                worker.close()
            if caught is not None:
                return caught
        return None

    def _caught(self, mutant: Mutant, answer: Answer) -> Catch | None:
        expected = self.expected(mutant.fixture)
        assert expected is not None
        if answer.status != "ok":
            return Catch("exception" if answer.status == "error" else answer.status, answer.error)
        difference = first_difference(expected, answer.output)
        return Catch("output", difference) if difference else None

    def catch_by_sites(self, mutant: Mutant) -> Catch | None:
        """What `verify` shows of a mutant: the first site that differs, or how the end of the program does."""
        fixture = mutant.fixture
        legacy = next(release for release in fixture.before_on if release in self._runtimes)
        if fixture.legacy_side:
            return None

        def harm(folder: Path) -> None:
            (folder / mutant.path).write_bytes(mutant.text.encode())

        options = Options(self._runtimes[legacy], self._runtimes[_newest(fixture)], _TIME_LIMIT, edit=harm)
        proof = proof_of(fixture, options)
        seen = [*differing_sites(fixture, proof), *proof.differences]
        return Catch("site", seen[0]) if seen else None


def _under(program: str, texts: Modules) -> dict[str, bytes]:
    """The modules with `program` as main.py, which runs theirs."""
    return {**texts, _MAIN: texts["main.py"], "main.py": program.encode()}


def _newest(fixture: Fixture) -> str:
    return NEWEST if NEWEST in fixture.after_on else BOTH
