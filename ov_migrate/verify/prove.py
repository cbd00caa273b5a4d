"""Runs both sides of a project and says, site by site, what came out."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from ov_migrate.report.records import FileRecord, Finding, SiteRun, Waypoint
from ov_migrate.settings import Settings
from ov_migrate.verify.chance import leave_out_chance
from ov_migrate.verify.obstacles import missing_module, obstacle
from ov_migrate.verify.prepare import Prepared, prepare
from ov_migrate.verify.program import Outcome
from ov_migrate.verify.proof import Proof
from ov_migrate.verify.sides import Options, Sides
from ov_migrate.verify.sites import Plan, Site
from ov_migrate.verify.workspace import Program

# The number of the record of inferences.
_INFERENCES = "0"
_NOT_EXECUTED = SiteRun("not executed")


def prove(program: Program, settings: Settings, options: Options) -> Proof:
    """Runs `program` before and after. Raises BadProgram when it cannot be copied or read."""
    with tempfile.TemporaryDirectory(prefix="ov-migrate-") as folder:
        work = Path(folder)
        prepared = prepare(program, work, settings, options.finished, options.edit)
        sides = Sides(program, options, prepared, work)
        with ThreadPoolExecutor(2) as pool:
            before, after = pool.map(sides.run, (True, False))
        if _lacks_members(before):
            before = sides.run_older() or before
        proof = Proof(program.command[0], before, after, prepared.run, left_in_finished=prepared.left)
        probes = sides.compared(sides.records, "new", before, after)
        outcomes = (("before", before), ("after", after))
        proof.obstacles = [line for side, end in outcomes if (line := obstacle(side, end, options.time_limit))]
        proof.differences = sides.differences(before, after)
        if options.files and not sides.files():
            proof.obstacles.append(f"--compare-files {options.files}: neither side has left a file in this folder")
        _add_inferences(proof, probes)
        leave_out_chance(proof, sides, probes)
        if before.has_ended and before.status and before.status == after.status and not proof.obstacles:
            proof.notes.append(f"Both sides ended with {before.failure}; what comes behind that is not proved.")
        _note_sites(prepared, probes)
        for record in prepared.run.files:
            record.path = program.shown(record.path)
            record.findings = [_below(prepared.new, program, finding) for finding in record.findings]
        return proof


def _below(root: Path, program: Program, finding: Finding) -> Finding:
    """The finding with the places of its hand-over as the user knows them, not in the copy under `root`."""
    if finding.hand_over is None:
        return finding

    def place(point: Waypoint) -> Waypoint:
        return replace(point, path=program.shown(Path(point.path).relative_to(root).as_posix()))

    trails = tuple(replace(trail, places=tuple(map(place, trail.places))) for trail in finding.hand_over.trails)
    return replace(finding, hand_over=replace(finding.hand_over, trails=trails))


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
    words = re.match(r"exit status 1: (Attribute|Type|Import)Error", outcome.failure)
    return outcome.has_ended and words is not None and not missing_module(outcome)


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
