"""One program tried: run before, migrated, run after on two releases, compared."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from legacy_scan import own_members, scan

from fuzzing.programs import Program
from fuzzing.random_models import save
from fuzzing.workers import Answer, Worker
from ov_migrate.migrate import migrate_paths
from ov_migrate.report.records import Run
from ov_migrate.settings import Settings, parse_target
from ov_migrate.verify.compare import first_difference
from ov_migrate.verify.runtimes import BOTH, FIRST, NEWEST, Runtime

# What becomes of a program. Those of _GOOD need nothing; the rest are failures of the tool.
GOOD = ("equal", "loud", "discarded")


@dataclass
class Trial:
    """What became of one program: `verdict` is one of GOOD, or tool, unstable, unreported, differs, raises, hang or
    crash. `detail` says more; `after` holds the migrated modules."""

    verdict: str
    detail: str = ""
    after: Mapping[str, str] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    manual: int = 0


class Bench:
    """The workers and a folder to run programs in; close it when done. A program with callbacks is run `repeats` times
    more on the newest release, since not each run of it meets the same order of events."""

    def __init__(self, folder: Path, runtimes: Mapping[str, Runtime], repeats: int = 0) -> None:
        self.folder = folder
        self.repeats = repeats
        self.workers = {release: Worker(runtime.python) for release, runtime in runtimes.items()}
        self._number = 0

    def close(self) -> None:
        for worker in self.workers.values():
            worker.close()

    def _write(self, side: str, modules: Mapping[str, str], program: Program) -> Path:
        self._number += 1
        folder = self.folder / f"{side}{self._number}"
        for path, text in modules.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        for model in program.models:
            save(model, folder)
        return folder

    def run(self, release: str, modules: Mapping[str, str], program: Program) -> Answer:
        """Runs a text of the program on one release."""
        folder = self._write("run", modules, program)
        try:
            return self.workers[release].run(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def try_program(self, program: Program, modules: Mapping[str, str] | None = None) -> Trial:
        """Runs, migrates, runs and compares; `modules` is given for a shrunken text of the program."""
        texts = modules or program.modules
        old_folder = self._write("old", texts, program)
        self.workers[program.release].send(old_folder)
        trial = _migrated(self._write("new", texts, program), program, texts)
        old = self.workers[program.release].answer()
        shutil.rmtree(old_folder, ignore_errors=True)
        if old.status != "ok":
            shutil.rmtree(self.folder / f"new{self._number}", ignore_errors=True)
            return Trial("discarded", f"{old.status}: {old.error} {old.lines}")
        if trial.verdict == "equal":
            self._compare(trial, old, program)
        shutil.rmtree(self.folder / f"new{self._number}", ignore_errors=True)
        return trial

    def _compare(self, trial: Trial, old: Answer, program: Program) -> None:
        folder = self.folder / f"new{self._number}"
        wanted = (BOTH, NEWEST) if program.target == "2023.1" else (FIRST, BOTH)
        releases = [release for release in wanted if release in self.workers]
        for release in releases:
            self.workers[release].send(folder)
        answers = {release: self.workers[release].answer() for release in releases}
        for release, new in answers.items():
            verdict, detail = _judged(old, new, trial, program)
            if verdict != "equal":
                trial.verdict, trial.detail = verdict, f"{release}: {detail}"
            if verdict not in GOOD:
                return
        if trial.verdict == "equal" and program.has_callbacks:
            self._repeat(trial, old, program, releases[-1])

    def _repeat(self, trial: Trial, old: Answer, program: Program, release: str) -> None:
        for number in range(self.repeats):
            self.workers[release].send(self.folder / f"new{self._number}")
            verdict, detail = _judged(old, self.workers[release].answer(), trial, program)
            if verdict != "equal":
                trial.verdict, trial.detail = verdict, f"{release}, run {number + 2}: {detail}"
                return


def _migrated(folder: Path, program: Program, texts: Mapping[str, str]) -> Trial:
    """The program migrated in place, twice."""
    given = tuple(str(folder / model.file) for model in program.models) if program.is_given else ()
    settings = Settings(
        target=parse_target(program.target),
        models=given,
        pin_io_types=program.pins_types,
        tidy=program.is_tidied,
        rename_variables=program.has_variables_renamed,
    )
    try:
        first = migrate_paths([str(folder)], settings)
        after = {path: (folder / path).read_text() for path in texts}
        migrate_paths([str(folder)], settings)
    except Exception as error:
        return Trial("tool", f"{type(error).__name__}: {error}")
    trial = Trial("equal", after=after, findings=_findings(first, folder), manual=first.count("manual"))
    failed = [f"{record.path}: {record.error}" for record in first.files if record.error]
    again = [path for path in texts if (folder / path).read_text() != after[path]]
    for path in again:
        (folder / path).write_text(after[path])
    unreported = _unreported(first, folder, after)
    if failed:
        trial.verdict, trial.detail = "tool", failed[0]
    elif again:
        trial.verdict, trial.detail = "unstable", again[0]
    elif unreported:
        trial.verdict, trial.detail = "unreported", unreported
    return trial


def _findings(run: Run, folder: Path) -> list[str]:
    """Findings that are not plain migrations, as "file:first-last CODE kind"."""
    found = []
    for record in run.files:
        path = Path(record.path).relative_to(folder).as_posix()
        for f in record.findings:
            height = max(f.end_line - f.line, f.after.count("\n"))
            found.append(f"{path}:{f.new_line}-{f.new_line + height} {f.rule} {f.kind}")
    return found


def _lines_of(findings: list[str], kinds: tuple[str, ...]) -> set[str]:
    lines = set()
    for finding in findings:
        place, _, kind = finding.split(" ")
        path, _, numbers = place.rpartition(":")
        first, last = numbers.split("-")
        if kind in kinds:
            lines |= {f"{path}:{line}" for line in range(int(first), int(last) + 1)}
    return lines


def _unreported(run: Run, folder: Path, after: Mapping[str, str]) -> str:
    known = _lines_of(_findings(run, folder), ("manual", "review"))
    own = {name for text in after.values() for name in own_members(text)}
    for path, text in after.items():
        for mention in scan(text):
            if mention.in_code and mention.name not in own and f"{path}:{mention.line}" not in known:
                return f"{path}:{mention.line}: {mention.name}"
    return ""


def _judged(old: Answer, new: Answer, trial: Trial, program: Program) -> tuple[str, str]:
    if new.status in ("hang", "crash"):
        return new.status, new.error
    if new.status == "ok":
        difference = first_difference(old.output, new.output)
        return ("differs", difference) if difference else ("equal", "")
    said = f"{new.error} at {' '.join(new.lines)}"
    if trial.manual:
        return "loud", said
    reported = _lines_of(trial.findings, ("review",))
    if reported.intersection(new.lines):
        return "loud", said
    by_name = any(" OVM201 review" in f or " OVM202 review" in f for f in trial.findings)
    if by_name and not program.models[0].keeps_names:
        return "loud", said
    return "raises", said
