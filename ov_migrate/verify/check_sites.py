"""Checks the proof itself on one fixture: probes change nothing that the programs do, and each site is equal."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ov_migrate.verify.check import fixture_settings
from ov_migrate.verify.compare import first_difference
from ov_migrate.verify.fixtures import Fixture, lay_out, model_files, modules
from ov_migrate.verify.program import Outcome, run
from ov_migrate.verify.proof import Proof
from ov_migrate.verify.prove import prove
from ov_migrate.verify.runtimes import NEWEST, Runtime
from ov_migrate.verify.sides import Options
from ov_migrate.verify.workspace import Program


def can_have_probes(fixture: Fixture) -> bool:
    """False for a program that stays as it is, and for one that no release runs as it was."""
    return fixture.after.exists() and not fixture.legacy_side


def site_problems(fixture: Fixture, runtimes: dict[str, Runtime]) -> list[str]:
    """Runs the program with probes on both sides, and without: how outputs differ, and which sites do, but for the
    rules that the fixture names in `differs`."""
    legacy = next((runtimes[release] for release in fixture.before_on if release in runtimes), None)
    newest = runtimes[NEWEST if NEWEST in fixture.after_on else fixture.after_on[-1]]
    if legacy is None:
        return []
    plain = run(legacy, fixture.legacy_program, model_files(fixture), fixture.arguments)
    proof = proof_of(fixture, Options(legacy, newest))
    problems = [_changed(side, plain, outcome) for side, outcome in (("before", proof.before), ("after", proof.after))]
    return [problem for problem in problems if problem] + differing_sites(fixture, proof)


def differing_sites(fixture: Fixture, proof: Proof) -> list[str]:
    """The rules whose sites differ, with both values, but for those that the fixture names in `differs`."""
    found = {finding.rule: finding.run for record in proof.run.files for finding in record.findings if finding.run}
    return [
        f"{rule} differs: {run.difference}: {run.old} and {run.new}"
        for rule, run in found.items()
        if run.status == "differs" and rule not in fixture.differs
    ]


def proof_of(fixture: Fixture, options: Options) -> Proof:
    """The proof of one fixture, laid out as a project with its models."""
    with tempfile.TemporaryDirectory(prefix="ov-migrate-") as folder:
        root = Path(folder)
        lay_out(modules(fixture.before), root, model_files(fixture))
        return prove(Program(root, ("main.py", *fixture.arguments)), fixture_settings(fixture), options)


def _changed(side: str, plain: Outcome, outcome: Outcome) -> str:
    if outcome.failure:
        return f"{side} with probes: {outcome.failure}"
    difference = first_difference(plain.output, outcome.output)
    return f"{side} with probes, {difference}" if difference else ""
