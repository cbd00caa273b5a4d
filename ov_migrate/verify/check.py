"""Checks one fixture: the text the tool writes, that it stays afterwards, and that both programs do the same."""

from __future__ import annotations

from collections.abc import Callable

from ov_migrate.migrate import migrate_bytes
from ov_migrate.report.records import Run
from ov_migrate.settings import Settings, parse_target
from ov_migrate.verify.compare import first_difference
from ov_migrate.verify.fixtures import Fixture, model_files
from ov_migrate.verify.program import Outcome, run
from ov_migrate.verify.runtimes import Runtime

BOM = b"\xef\xbb\xbf"


def migrated(fixture: Fixture, data: bytes) -> tuple[Run, bytes]:
    """What the tool makes of `data` under the fixture's settings."""
    return migrate_bytes(f"{fixture.name}/before.py", data, Settings(target=parse_target(fixture.target)))


def text_problems(fixture: Fixture) -> list[str]:
    """What is wrong with the rewritten text; nothing when all is as the fixture says."""
    before, expected = fixture.before.read_bytes(), fixture.after.read_bytes()
    result, text = migrated(fixture, before)
    problems = []
    if text != expected:
        problems.append("the text differs from after.py")
    if migrated(fixture, text)[1] != text:
        problems.append("a second run changes it")
    if migrated(fixture, expected)[1] != expected:
        problems.append("a run on after.py changes it")
    for name, variant in VARIANTS.items():
        # A program without an indented line tells nobody how it is indented.
        if variant(before) != before and migrated(fixture, variant(before))[1] != variant(expected):
            problems.append(f"the {name} variant comes out otherwise")
    found = sorted(f"{f.rule} {f.kind}" for record in result.files for f in record.findings)
    if found != sorted(fixture.findings):
        problems.append(f"findings are {found}, not {sorted(fixture.findings)}")
    return problems


def _tabs(data: bytes) -> bytes:
    lines = []
    for line in data.split(b"\n"):
        body = line.lstrip(b" ")
        lines.append(b"\t" * ((len(line) - len(body)) // 4) + b" " * ((len(line) - len(body)) % 4) + body)
    return b"\n".join(lines)


VARIANTS: dict[str, Callable[[bytes], bytes]] = {
    "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "BOM": lambda data: BOM + data,
    "tab": _tabs,
}


def run_problems(fixture: Fixture, runtimes: dict[str, Runtime]) -> list[str]:
    """Runs the program before and after on each release that is there; what failed or differed."""
    files = model_files(fixture)
    before = [
        run(runtimes[r], fixture.legacy_program, files, fixture.arguments) for r in fixture.before_on if r in runtimes
    ]
    after = [run(runtimes[r], fixture.after, files, fixture.arguments) for r in fixture.after_on if r in runtimes]
    problems = [
        f"{side} on {o.release}: {o.failure}"
        for side, os in (("before", before), ("after", after))
        for o in os
        if o.failure
    ]
    if problems or not before or not after:
        return problems or ["no release of OpenVINO to run it on"]
    return [problem for outcome in [*before[1:], *after] if (problem := _compare(before[0], outcome))]


def _compare(old: Outcome, new: Outcome) -> str:
    if not old.output.strip():
        return "it prints nothing, so nothing is compared"
    difference = first_difference(old.output, new.output)
    return f"{old.release} and {new.release} differ: {difference}" if difference else ""
