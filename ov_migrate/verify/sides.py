"""The two copies of a project: they run as often as they are asked to, and are held against each other."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ov_migrate.knowledge.catalogue import load_catalogue
from ov_migrate.verify.compare import ABSOLUTE, RELATIVE, first_difference
from ov_migrate.verify.compare_files import file_differences, left_files
from ov_migrate.verify.prepare import Edit, Finished, Prepared
from ov_migrate.verify.program import PROBES, TIME_LIMIT, Outcome, run_in
from ov_migrate.verify.proof import OUTPUT
from ov_migrate.verify.runtimes import Runtime
from ov_migrate.verify.sites import Plan
from ov_migrate.verify.workspace import Program, python_path

_COMPARE = PROBES / "ovm_compare.py"
# What the value of a probe is held to that stands on one side only: nothing.
_OTHER = "other"


@dataclass(frozen=True)
class Options:
    """How to verify. `files` is a folder below the working folder whose files are compared; `relative` is the tolerance
    for floats; `stdin` what both sides read; `older` gives an environment for programs that use what the legacy one has
    not any more."""

    legacy: Runtime
    newest: Runtime
    time_limit: float = TIME_LIMIT
    compare_output: bool = True
    files: str = ""
    relative: float = RELATIVE
    older: Callable[[], Runtime | None] = lambda: None
    finished: Finished | None = None
    edit: Edit | None = None
    stdin: Path | None = None


class Sides:
    """The two copies, ready to run."""

    def __init__(self, program: Program, options: Options, prepared: Prepared, work: Path) -> None:
        self.program, self.options, self.prepared, self.work = program, options, prepared, work
        self.records = "old"

    def run(self, is_old: bool, records: str = "") -> Outcome:
        """Runs one side; probes write to the folder `records` of the work folder."""
        folder = self.prepared.old if is_old else self.prepared.new
        runtime = self.options.legacy if is_old else self.options.newest
        target = self.work / (records or ("old" if is_old else "new"))
        target.mkdir()
        path = python_path(self.program.root, folder)
        is_finished = self.options.finished is not None
        where, command = folder / self.program.folder, self.program.command
        options = self.options
        outcome = run_in(where, runtime, command, options.time_limit, target, path, is_finished, options.stdin)
        output, errors = self._own_paths(outcome.output, folder), outcome.errors.replace(f"{folder}{os.sep}", "")
        return replace(outcome, output=output, errors=errors)

    def _own_paths(self, output: str, folder: Path) -> str:
        """`output` with the user's own folder where a program has printed where its copy lies."""
        for place in (folder.resolve(), folder):
            output = output.replace(str(place), str(self.program.root))
        return output

    def run_older(self) -> Outcome | None:
        """Runs the old program on the older release; None when there is none, or when it fails there as well."""
        runtime = self.options.older()
        if runtime is None:
            return None
        options = replace(self.options, legacy=runtime)
        other = Sides(self.program, options, self.prepared, self.work)
        outcome = other.run(True, "older")
        if outcome.status != 0:
            return None
        self.options, self.records = options, "older"
        return outcome

    def compared(self, one: str, other: str, first: Outcome, second: Outcome) -> dict[str, Any]:
        """The records of two runs, which ended as said, held against each other by an interpreter that has numpy."""
        facts = self.work / "facts.json"
        known = {
            "element_types": load_catalogue().tables["element_types"],
            "values": values_of(self.prepared.plans),
            "relative": self.options.relative,
            "absolute": ABSOLUTE,
            "ended": [first.status == 0, second.status == 0],
        }
        facts.write_text(json.dumps(known), encoding="utf-8")
        command = [self.options.newest.python, str(_COMPARE), str(self.work / one), str(self.work / other), str(facts)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)  # type: ignore[no-any-return]

    def differences(self, before: Outcome, after: Outcome) -> list[str]:
        """How exit status, output and files differ."""
        found = []
        if before.status != after.status:
            said = [outcome.failure or "ended well" for outcome in (before, after)]
            found.append(f"end: {said[0]} before, {said[1]} after")
        if self.options.compare_output:
            text = first_difference(before.output, after.output, self.options.relative)
            found += [OUTPUT + text] * bool(text)
        if self.options.files:
            found += file_differences(*self._folders(), self.options.relative, self._migrated())
        return found

    def files(self) -> list[str]:
        """The files that were to be compared."""
        return left_files(*self._folders(), self._migrated()) if self.options.files else []

    def _folders(self) -> tuple[Path, Path]:
        where = Path(self.program.folder, self.options.files)
        return self.prepared.old / where, self.prepared.new / where

    def _migrated(self) -> list[Path]:
        return [self.prepared.old / record.path for record in self.prepared.run.files]


def values_of(plans: Sequence[Plan]) -> dict[int, str]:
    """What the value of each probe may be held to, where that is not the same value."""
    rules = {rule.code: rule.value for rule in load_catalogue().rules}
    sites = [site for plan in plans for site in plan.sites]
    held = {s.probe.number: _OTHER if s.probe.is_one_sided else rules[s.finding.rule] for s in sites if s.probe}
    return {number: value for number, value in held.items() if value != "same"}
