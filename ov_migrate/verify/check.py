"""Checks one fixture: the text the tool writes, that it stays afterwards, and that both programs do the same."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from ov_migrate.migrate import migrate_paths
from ov_migrate.report.records import Run
from ov_migrate.settings import Settings, parse_target
from ov_migrate.verify.compare import first_difference
from ov_migrate.verify.fixtures import Fixture, given_models, lay_out, model_files, modules
from ov_migrate.verify.program import Outcome, run
from ov_migrate.verify.runtimes import NoRuntime, Runtime

BOM = b"\xef\xbb\xbf"
Modules = dict[str, bytes]


def migrated(fixture: Fixture, before: Modules) -> tuple[Run, Modules]:
    """What one run of the tool makes of the modules of a program under the fixture's settings."""
    with tempfile.TemporaryDirectory(prefix="ov-migrate-") as name:
        folder = Path(name)
        lay_out(before, folder)
        result = migrate_paths([name], fixture_settings(fixture))
        for record in result.files:
            record.path = Path(record.path).relative_to(folder).as_posix()
        return result, {path: (folder / path).read_bytes() for path in before}


def fixture_settings(fixture: Fixture) -> Settings:
    """The options that the tool is run with on a fixture."""
    models = tuple(str(path) for path in given_models(fixture))
    return Settings(
        target=parse_target(fixture.target),
        models=models,
        pin_io_types=fixture.pin_io_types,
        tidy=fixture.tidy,
        rename_variables=fixture.rename_variables,
    )


def findings(fixture: Fixture, result: Run) -> list[str]:
    """The findings of a run as fixture.toml lists them."""
    is_folder = fixture.before.is_dir()
    found = [(record.path, finding) for record in result.files for finding in record.findings]
    return sorted(f"{path} {f.rule} {f.kind}" if is_folder else f"{f.rule} {f.kind}" for path, f in found)


def text_problems(fixture: Fixture) -> list[str]:
    """What is wrong with the rewritten text; nothing when all is as the fixture says."""
    before, expected = modules(fixture.before), modules(fixture.expected)
    result, text = migrated(fixture, before)
    problems = [f"{record.path} failed: {record.error}" for record in result.files if record.error]
    if text != expected:
        differing = [path for path in sorted(text | expected) if text.get(path) != expected.get(path)]
        problems.append(f"the text differs from {fixture.expected.name} in {', '.join(differing)}")
    if migrated(fixture, text)[1] != text:
        problems.append("a second run changes it")
    if migrated(fixture, expected)[1] != expected:
        problems.append(f"a run on {fixture.expected.name} changes it")
    for name, variant in VARIANTS.items():
        changed = {path: variant(data) for path, data in before.items()}
        # A program without an indented line tells nobody how it is indented.
        if changed != before and migrated(fixture, changed)[1] != {p: variant(d) for p, d in expected.items()}:
            problems.append(f"the {name} variant comes out otherwise")
    found = findings(fixture, result)
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
    """Runs the program before and after on each release that is there; what failed or differed. Raises NoRuntime when
    the migrated program runs, but no release is there to run the legacy one on."""
    files = model_files(fixture)
    before = [
        run(runtimes[r], fixture.legacy_program, files, fixture.arguments) for r in fixture.before_on if r in runtimes
    ]
    after = [run(runtimes[r], fixture.new_program, files, fixture.arguments) for r in fixture.after_on if r in runtimes]
    problems = [
        f"{side} on {o.release}: {o.failure}"
        for side, os in (("before", before), ("after", after))
        for o in os
        if o.failure
    ]
    if problems or not after:
        return problems or ["no release of OpenVINO to run it on"]
    if not before:
        raise NoRuntime(f"no environment with openvino {' or '.join(fixture.before_on)} to run the program before")
    return [problem for outcome in [*before[1:], *after] if (problem := _compare(before[0], outcome))]


def _compare(old: Outcome, new: Outcome) -> str:
    if not old.output.strip():
        return "it prints nothing, so nothing is compared"
    difference = first_difference(old.output, new.output)
    return f"{old.release} and {new.release} differ: {difference}" if difference else ""
