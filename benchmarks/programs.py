"""Proves real programs: runs `ov-migrate verify` on each program of programs.toml and says what came out site by site.

usage: programs.py CHECKOUTS --legacy-python PYTHON --python PYTHON [--write] [NAME...]

CHECKOUTS holds a folder OWNER+NAME@COMMIT (eight digits; or OWNER+NAME) for each repository. Nothing of theirs is part
of this project: models and inputs are made from the recipes in programs.toml. Programs are not changed; windows and
cameras are stood in for by standins/. Both interpreters need OpenCV and what else the programs import.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from ov_migrate.knowledge.files import read_toml

_HERE = Path(__file__).parent
_MADE = ("models", "pictures", "videos", "sounds", "arrays")
_PAGE = _HERE.parent / "docs" / "proved.md"
_PREAMBLE = """\
# Programs proved

Programs of other people's repositories, run before on 2021.4.2 and after migration by
[`ov-migrate verify`](verify.md) on the newest release, with tiny models that fit them. Nobody touched the migrated
text. The table is written by `benchmarks/programs.py`; `benchmarks/programs.toml` has commits, arguments and the
recipes of models and inputs. Columns are explained in [verify](verify.md). Some programs of 2019 and 2020 ask for the
layers of a network when their device is CPU, and 2021.4.2 has no such member: they run with `-d AUTO`, which takes the
CPU as well, and those sites are not executed.
"""


@dataclass
class Result:
    """What came out for one program: its status in a word, how many sites have which status, where some differ.
    `is_alone` says that it ran in a folder without any other Python file."""

    program: dict[str, Any]
    status: str
    sites: Counter[str] = field(default_factory=Counter)
    differing: list[str] = field(default_factory=list)
    is_alone: bool = False

    @property
    def total(self) -> int:
        return sum(self.sites.values())

    @property
    def executed(self) -> int:
        return self.total - self.sites["not executed"] - self.sites["not probed"]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("checkouts", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("names", nargs=-1)
@click.option("--legacy-python", required=True, help="Interpreter with the legacy API, 2021.4.2 for all programs.")
@click.option("--python", required=True, help="Interpreter with the newest OpenVINO.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep folders, output and reports here.")
@click.option("--write", is_flag=True, help="Write docs/proved.md.")
def main(
    checkouts: Path, names: tuple[str, ...], legacy_python: str, python: str, keep: Path | None, write: bool
) -> None:
    """Verify the programs NAMES, all without a name, and print a table. Exit code 1 when one differs and programs.toml
    has no reason for it."""
    table = read_toml(_HERE / "programs.toml")
    results = []
    for program in table["program"]:
        if names and program["name"] not in names:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            folder = (keep or Path(scratch)) / program["name"]
            shutil.rmtree(folder, ignore_errors=True)
            build(program, table["model"], checkouts, folder, python)
            is_alone = [path.name for path in folder.rglob("*.py")] == [Path(program["path"]).name]
            results.append(verify(program, folder, legacy_python, python))
            results[-1].is_alone = is_alone
        click.echo(_line(results[-1]))
        for text in results[-1].differing:
            click.echo(f"    {text}")
    click.echo(_totals(results))
    if write:
        _PAGE.write_text("\n".join(_page(results)) + "\n", encoding="utf-8")
    if any(result.status != "equal" and "reason" not in result.program for result in results):
        sys.exit(1)


def build(program: dict[str, Any], models: dict[str, Any], checkouts: Path, folder: Path, python: str) -> None:
    """Puts the program, what it imports and what it reads into `folder`."""
    source = checkouts / f"{program['source']}@{program['commit'][:8]}"
    if not source.exists():
        source = checkouts / program["source"]
    copied = {Path(program["path"]).name: program["path"]} | program.get("copied", {})
    for target, path in copied.items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        place = shutil.copytree if (source / path).is_dir() else shutil.copyfile
        place(source / path, folder / target)
    for target, text in program.get("texts", {}).items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        (folder / target).write_text(text, encoding="utf-8")
    for target in program.get("folders", []):
        (folder / target).mkdir(parents=True, exist_ok=True)
    recipes = {kind: dict(program.get(kind, {})) for kind in _MADE}
    recipes["models"] = {file: models[name] for file, name in recipes["models"].items()}
    command = [python, str(_HERE / "program_inputs.py"), str(folder)]
    subprocess.run(command, input=json.dumps(recipes), text=True, check=True)


def verify(program: dict[str, Any], folder: Path, legacy_python: str, python: str) -> Result:
    """Runs `ov-migrate verify` in `folder` and reads its report."""
    report = folder.parent / f"{program['name']}.json"
    started = program.get("start", Path(program["path"]).name)
    options = ["--legacy-python", legacy_python, "--python", python, "--report", str(report), "--verbose"]
    if "files" in program:
        options += ["--compare-files", program["files"]]
    if "unordered" in program:
        options.append("--no-compare-stdout")
    command = [sys.executable, "-m", "ov_migrate", "verify", *options, started, "--", *program.get("arguments", [])]
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join([str(_HERE / "standins"), str(_HERE.parent)])
    if "camera" in program:
        environment["PROGRAM_CAMERA"] = program["camera"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    (folder.parent / f"{program['name']}.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    status = {0: "equal", 1: "differs"}.get(done.returncode, "could not be run")
    if "Both sides ended with " in done.stdout:
        status = "ended badly"
    result = Result(program, status)
    for path, finding in _findings(report):
        result.sites[finding["run"]["status"]] += 1
        if finding["run"]["status"] == "differs":
            result.differing.append(f"{path}:{finding['line']}: {finding['rule']}: {finding['run']['difference']}")
    result.differing += [line[4:] for line in done.stdout.splitlines() if line.startswith("--- differs: ")]
    return result


def _findings(report: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    if not report.exists():
        return
    for file in json.loads(report.read_text(encoding="utf-8"))["files"]:
        for finding in file["findings"]:
            if "run" in finding:
                yield file["path"], finding


def _line(result: Result) -> str:
    counts = [result.total, result.executed, *(result.sites[s] for s in ("equal", "ran", "unstable", "differs"))]
    return f"{result.program['name']:32}" + "".join(f"{count:6}" for count in counts) + f"  {result.status}"


def _totals(results: list[Result]) -> str:
    total, executed = sum(r.total for r in results), sum(r.executed for r in results)
    equal = sum(r.status == "equal" for r in results)
    return f"{equal} of {len(results)} programs equal; {total} sites, {executed} executed"


def _alone(results: list[Result]) -> str:
    alone = [result for result in results if result.is_alone]
    others = [result for result in alone if not result.program.get("official")]
    equal = sum(result.status == "equal" for result in others)
    return (
        f"{len(alone)} are single files, which ran in a folder without any other Python file: "
        f"{len(alone) - len(others)} of the eight official samples of 2021.4, and {len(others)} others, "
        f"{equal} of them equal."
    )


def _page(results: list[Result]) -> Iterator[str]:
    yield _PREAMBLE
    yield f"{_totals(results)}."
    yield f"{_alone(results)}\n"
    yield "| program | repository | year | single file | sites | executed | equal | ran | unstable | differs | result |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for result in results:
        program = result.program
        counts = [result.total, result.executed, *(result.sites[s] for s in ("equal", "ran", "unstable", "differs"))]
        cells = [f"`{program['path']}`", program["source"].replace("+", "/"), program["year"]]
        cells += ["yes" if result.is_alone else "no", *counts, result.status]
        yield "| " + " | ".join(str(cell) for cell in cells) + " |"
    reasons = [
        f"* `{program['path']}` {program[key]}"
        for program in (result.program for result in results)
        for key in ("reason", "unordered")
        if key in program
    ]
    if reasons:
        yield "\n## What differs, and why\n"
        yield from reasons


if __name__ == "__main__":
    main()
