"""Runs both sides of a prepared project and says, site by site, what came out."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ov_migrate.knowledge.catalogue import load_catalogue
from ov_migrate.report.records import FileRecord, Run, SiteRun
from ov_migrate.settings import Settings
from ov_migrate.verify.compare import ABSOLUTE, RELATIVE, first_difference
from ov_migrate.verify.compare_files import file_differences
from ov_migrate.verify.prepare import Edit, Finished, Prepared, prepare
from ov_migrate.verify.program import PROBES, TIME_LIMIT, Outcome, run_in
from ov_migrate.verify.runtimes import Runtime
from ov_migrate.verify.sites import Plan, Site
from ov_migrate.verify.workspace import Program, python_path

_COMPARE = PROBES / "ovm_compare.py"
# The number of the record of inferences.
_INFERENCES = "0"
_OUTPUT = "output, "
# What the value of a probe is held to that stands on one side only: nothing.
_OTHER = "other"
_NEITHER = {"status": "not executed"}
_NOT_EXECUTED = SiteRun("not executed")
# How often programs run again where sides differ, and where all that differs is how values are shared out.
_ATTEMPTS, _ATTEMPTS_AT_ORDER = 2, 6


@dataclass(frozen=True)
class Options:
    """How to verify. `files` is a folder below the working folder whose files are compared; `relative` is the tolerance
    for floats; `older` gives an environment for programs that use what the legacy one has not any more."""

    legacy: Runtime
    newest: Runtime
    time_limit: float = TIME_LIMIT
    compare_output: bool = True
    files: str = ""
    relative: float = RELATIVE
    older: Callable[[], Runtime | None] = lambda: None
    finished: Finished | None = None
    edit: Edit | None = None


@dataclass
class Proof:
    """What came out. `program` is the first word of what was run; `differences` are lines on exit status, output and
    files; sites are in the records of `run`."""

    program: str
    before: Outcome
    after: Outcome
    run: Run
    differences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def reached(self) -> list[FileRecord]:
        """The files with sites that the old program has loaded, or that were to be run."""
        return [record for record in self.run.files if record.path == self.program or _is_reached(record)]

    @property
    def sites(self) -> list[SiteRun]:
        """What came out at each site of the files that were reached."""
        return [finding.run for record in self.reached for finding in record.findings if finding.run is not None]

    @property
    def report(self) -> Run:
        """The run as reports show it: the files that were reached."""
        return Run(self.run.target, self.reached, len(self.reached), [*self.run.notes, *self.notes, *self.differences])

    def count(self, *statuses: str) -> int:
        """How many sites have one of `statuses`."""
        return sum(site.status in statuses for site in self.sites)

    @property
    def could_run(self) -> bool:
        """True when both sides came to an end of their own, and did something before."""
        has_begun = self.before.status == 0 or any(site.times for site in self.sites)
        return self.before.has_ended and self.after.has_ended and has_begun

    @property
    def is_without_output_difference(self) -> bool:
        return not any(line.startswith(_OUTPUT) for line in self.differences)

    @property
    def is_equal(self) -> bool:
        return not self.differences and not self.count("differs")


def _is_reached(record: FileRecord) -> bool:
    return any(finding.run is not None and finding.run.times for finding in record.findings)


def prove(program: Program, settings: Settings, options: Options) -> Proof:
    """Runs `program` before and after. Raises BadProgram when it cannot be copied or read."""
    with tempfile.TemporaryDirectory(prefix="ov-migrate-") as folder:
        work = Path(folder)
        prepared = prepare(program, work, settings, options.finished, options.edit)
        sides = _Sides(program, options, prepared, work)
        with ThreadPoolExecutor(2) as pool:
            before, after = pool.map(sides.run, (True, False))
        if _lacks_members(before):
            before = sides.run_older() or before
        proof = Proof(program.command[0], before, after, prepared.run)
        probes = sides.compared(sides.records, "new", before, after)
        proof.differences = sides.differences(before, after)
        _add_inferences(proof, probes)
        if proof.differences or any(probe["status"] == "differs" for probe in probes.values()):
            _calibrate(proof, sides, probes)
        if before.has_ended and before.status and before.status == after.status:
            proof.notes.append(f"Both sides ended with {before.failure}; what comes behind that is not proved.")
        _note_sites(prepared, probes)
        for record in prepared.run.files:
            record.path = program.shown(record.path)
        return proof


class _Sides:
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
        outcome = run_in(where, runtime, command, self.options.time_limit, target, path, is_finished)
        return replace(outcome, output=self._own_paths(outcome.output, folder))

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
        other = _Sides(self.program, options, self.prepared, self.work)
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
            found += [_OUTPUT + text] * bool(text)
        if self.options.files:
            folders = (side / self.program.folder for side in (self.prepared.old, self.prepared.new))
            old, new = (folder / self.options.files for folder in folders)
            migrated = [self.prepared.old / record.path for record in self.prepared.run.files]
            found += file_differences(old, new, self.options.relative, migrated)
        return found


def values_of(plans: Sequence[Plan]) -> dict[int, str]:
    """What the value of each probe may be held to, where that is not the same value."""
    rules = {rule.code: rule.value for rule in load_catalogue().rules}
    sites = [site for plan in plans for site in plan.sites]
    held = {s.probe.number: _OTHER if s.probe.is_one_sided else rules[s.finding.rule] for s in sites if s.probe}
    return {number: value for number, value in held.items() if value != "same"}


def _add_inferences(proof: Proof, probes: dict[str, Any]) -> None:
    """What all inferences together show, where they were recorded."""
    found = probes.pop(_INFERENCES, None)
    if found is None:
        return
    if found["status"] == "differs":
        proof.differences.append(f"inferences, {found['difference']}")
    elif found["status"] == "equal":
        proof.notes.append(f"Inferences: {found['times']} got and gave the same on both sides.")


def _lacks_members(outcome: Outcome) -> bool:
    """True when a program ended as one does that asks an API for what it has not."""
    return outcome.has_ended and re.match(r"exit status 1: (Attribute|Type|Import)Error", outcome.failure) is not None


def _calibrate(proof: Proof, sides: _Sides, probes: dict[str, Any]) -> None:
    """Runs the programs again: what differs between the old one's own runs says nothing of the migration, nor does it
    when the same values are shared out in one way in one run of a side and in another way in the next. Chance may
    repeat itself once, and threads may be done in the same order more often."""
    for attempt in range(_ATTEMPTS_AT_ORDER):
        differing = {number: probe for number, probe in probes.items() if probe["status"] == "differs"}
        is_order = bool(differing) and all(probe["is_order"] for probe in differing.values())
        if attempt >= _ATTEMPTS and not is_order:
            return
        changed, again = _run_again(proof, sides, differing, str(attempt), is_order)
        for number in differing if changed and is_order else changed:
            probes[number]["status"] = "unstable"
        _leave_out_output(proof, again, sides.options.relative)
        if proof.is_without_output_difference and all(probe["status"] != "differs" for probe in probes.values()):
            return


def _run_again(
    proof: Proof, sides: _Sides, differing: dict[str, Any], attempt: str, is_order: bool
) -> tuple[list[str], Outcome]:
    """Runs the old program once more, and the new one where all that differs is how values are shared out. Gives the
    probes of `differing` that say something else now, and what the old program did."""
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(sides.run, is_old, f"{is_old}-{attempt}") for is_old in (True, False)[: 1 + is_order]]
        again = [run.result() for run in runs]
    own = sides.compared(sides.records, f"True-{attempt}", proof.before, again[0])
    changed = [number for number in differing if own.get(number, _NEITHER)["status"] == "differs"]
    if is_order and not changed:
        other = sides.compared(sides.records, f"False-{attempt}", proof.before, again[1])
        changed = [number for number in differing if other.get(number, _NEITHER)["status"] in ("equal", "ran")]
    return changed, again[0]


def _leave_out_output(proof: Proof, again: Outcome, relative: float) -> None:
    text = first_difference(proof.before.output, again.output, relative)
    if text and proof.before.has_ended and again.has_ended and not proof.is_without_output_difference:
        proof.differences = [line for line in proof.differences if not line.startswith(_OUTPUT)]
        proof.notes.append(f"the output was not compared: the old program's own differs from run to run, {text}")


def _note_sites(prepared: Prepared, probes: dict[str, Any]) -> None:
    records = {record.path: record for record in prepared.run.files}
    for plan in prepared.plans:
        runs = [_site_run(site, probes) for site in plan.sites]
        _inherit(plan, runs)
        _put(records[plan.path], plan.sites, runs)


def _site_run(site: Site, probes: dict[str, Any]) -> SiteRun | None:
    if site.probe is None:
        return None
    found = probes.get(str(site.probe.number))
    if found is None:
        return _NOT_EXECUTED
    if site.probe.is_one_sided:
        # Only one side has a place for it: that it ran is known, not what came of it.
        times = max(found["times"], found["new_times"])
        return SiteRun("ran", times) if times else _NOT_EXECUTED
    values = [str(found.get(side, "")) for side in ("old", "new")]
    return SiteRun(found["status"], found["times"], found.get("difference", ""), *values)


def _inherit(plan: Plan, runs: list[SiteRun | None]) -> None:
    """A site that is part of another one's text is proved with it."""
    for index, site in enumerate(plan.sites):
        if site.within is None:
            continue
        around = runs[site.within]
        own = runs[index]
        if around is not None and (own is None or own.status in ("ran", "not executed")):
            times = own.times if own is not None and own.times else around.times
            runs[index] = SiteRun(around.status, times)


def _put(record: FileRecord, sites: Sequence[Site], runs: Sequence[SiteRun | None]) -> None:
    record.findings = [
        replace(site.finding, run=run or SiteRun("not probed"), proof=_proof(site, run))
        for site, run in zip(sites, runs, strict=True)
    ]


def _proof(site: Site, run: SiteRun | None) -> str:
    return "run" if run is not None and run.status == "equal" else site.finding.proof
