"""Checks the proof itself on one fixture: probes change nothing that the programs do, and each site is equal."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from ov_migrate.verify.check import fixture_settings
from ov_migrate.verify.compare import first_difference
from ov_migrate.verify.fixtures import Fixture, model_files, modules
from ov_migrate.verify.program import Outcome, run
from ov_migrate.verify.proof import Options, Proof, prove
from ov_migrate.verify.runtimes import NEWEST, Runtime
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
    proof = proof_of(fixture, legacy, newest)
    problems = [_changed(side, plain, outcome) for side, outcome in (("before", proof.before), ("after", proof.after))]
    found = {finding.rule: finding.run for record in proof.run.files for finding in record.findings if finding.run}
    problems += [
        f"{rule} differs: {run.difference}: {run.old} and {run.new}"
        for rule, run in found.items()
        if run.status == "differs" and rule not in fixture.differs
    ]
    return [problem for problem in problems if problem]


def proof_of(fixture: Fixture, legacy: Runtime, newest: Runtime) -> Proof:
    """The proof of one fixture, laid out as a project with its models."""
    with tempfile.TemporaryDirectory(prefix="ov-migrate-") as folder:
        root = Path(folder)
        for path, data in modules(fixture.before).items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        for name, file in model_files(fixture).items():
            shutil.copy(file, root / name)
        program = Program(root, ("main.py", *fixture.arguments))
        return prove(program, fixture_settings(fixture), Options(legacy, newest))


def _changed(side: str, plain: Outcome, outcome: Outcome) -> str:
    if outcome.failure:
        return f"{side} with probes: {outcome.failure}"
    difference = first_difference(plain.output, outcome.output)
    return f"{side} with probes, {difference}" if difference else ""
