"""What becomes of one group of files: parse, establish, rewrite, check, record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ov_migrate.collect import read_source
from ov_migrate.configs import FileOptions
from ov_migrate.discovery import is_relevant
from ov_migrate.garbage import Waiting, forget
from ov_migrate.handover import placed
from ov_migrate.inference.paths import ModulePaths
from ov_migrate.knowledge.files import load_members, load_triggers
from ov_migrate.knowledge.model_facts import ModelFacts
from ov_migrate.limits import room_for_levels
from ov_migrate.report.records import FileRecord, Finding, Progress, shown, silent
from ov_migrate.rewrite import rewrite
from ov_migrate.skips import MARK, skips
from ov_migrate.sources import RawFile, Source, SourceError, check_parses, module_path

if TYPE_CHECKING:
    from ov_migrate.notebooks import Notebook


@dataclass
class Outcome:
    """The records of a group's programs, those of files that are none, and notes for the user."""

    records: list[FileRecord] = field(default_factory=list)
    failed: list[FileRecord] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class GroupWork:
    """Migrates groups. `options` are by path; without `checked`, new texts are not checked and encoded yet, since more
    will be done to them."""

    options: dict[str, FileOptions]
    models: tuple[ModelFacts, ...]
    paths: ModulePaths
    checked: bool = True
    _waiting: Waiting = field(default_factory=Waiting)

    def __call__(self, files: Sequence[RawFile], progress: Progress = silent) -> Outcome:
        """Migrates the files of one group; what cannot be parsed is recorded, and the others are done all the same."""
        self._waiting.add(sum(len(file.data) for file in files))
        outcome = Outcome()
        sources = [source for source in _sources(files, outcome) if not _is_skipped(source)]
        modules = [(module_path(source.path), source.tree) for source in sources]
        options = [self.options[source.path] for source in sources]
        with room_for_levels():
            records, notes = rewrite(modules, options, self.models, progress, self.paths)
            outcome.notes += notes
            by_path = {str(path): source for (path, _), source in zip(modules, sources, strict=True)}
            for source, record in zip(sources, records, strict=True):
                record.path = source.path
                record.findings = [placed(finding, by_path) for finding in record.findings]
                if source.path.endswith(".ipynb"):
                    self._migrate_written(source, record, outcome.notes)
                if self.checked:
                    check(source, record, outcome.notes)
        for source in sources:
            forget(source.tree)
        outcome.records += records
        return outcome

    def _migrate_written(self, source: Source, record: FileRecord, notes: list[str]) -> None:
        """Migrates the programs that the cells of a notebook write into files."""
        from ov_migrate.notebooks import Notebook
        from ov_migrate.written_cells import migrate_written

        def run(files: list[RawFile]) -> tuple[list[FileRecord], list[str]]:
            options = {file.path: self.options[source.path] for file in files}
            done = GroupWork(options, self.models, ModulePaths(file.module for file in files))(files)
            return done.records + done.failed, done.notes

        assert isinstance(source, Notebook)
        record.written = migrate_written(source, run, notes)


def _sources(files: Iterable[RawFile], outcome: Outcome) -> Iterable[Source]:
    for file in files:
        try:
            yield read_source(file.path, file.data)
        except SourceError as error:
            if file.is_legacy:
                outcome.failed.append(FileRecord(file.path, "failed", error=str(error)))


def _is_skipped(source: Source) -> bool:
    """True for a file that a comment excepts as a whole. Nothing of it is analysed, as if it had not been given."""
    return MARK in source.data and skips(source.tree).whole_file


def check(source: Source, record: FileRecord, notes: list[str]) -> None:
    """Makes the new content of a file that changes, and completes its record."""
    try:
        is_notebook = source.path.endswith(".ipynb")
        if is_notebook:
            _hand_written(source, record)
        if record.status == "changed":
            check_parses(record.after, record.before)
            record.data = source.encode(record.after)
        if is_notebook:
            _to_cells(source, record, notes)
    except SourceError as error:
        record.fail(str(error))
    for line in record.unused_skips:
        notes.append(f"{shown(record.path)}:{line}: this `# ov-migrate: skip` skips nothing; take it out")


def _hand_written(source: Source, record: FileRecord) -> None:
    """Gives the notebook the new texts of the programs that its cells write."""
    from ov_migrate.notebooks import Notebook

    assert isinstance(source, Notebook)
    source.written = record.written.sources
    if source.written and record.status == "unchanged":
        record.status = "changed"
        record.before = record.after = source.tree.text


def _to_cells(source: Source, record: FileRecord, notes: list[str]) -> None:
    """Says the places of findings by cell, and what cells with legacy words were kept since they are not Python."""
    from ov_migrate.cells import cell_lines, numbered, restored
    from ov_migrate.notebooks import Notebook

    assert isinstance(source, Notebook)
    record.is_notebook = True
    after = cell_lines(record.after)
    record.findings = [_in_cell(source, after, finding) for finding in record.findings]
    record.before, record.after = (
        numbered(restored(text, source.cells), source.numbers) for text in (record.before, record.after)
    )
    record.after = source.with_written(record.after)
    record.findings = sorted(
        record.findings + record.written.findings, key=lambda finding: (finding.cell, finding.line, finding.column)
    )
    words = load_triggers() + load_members()
    kept = [(f"cell {number}", text) for number, text in source.kept_cells if number not in record.written.cells]
    kept += [(f"cell {number}, line {line}", text) for number, line, text in source.kept_lines]
    for place, text in kept:
        if is_relevant(text.encode("utf-8", "replace"), words):
            notes.append(f"{shown(record.path)}: {place} has legacy code, but is no Python; it was kept as it is")


def _in_cell(source: Notebook, after: list[tuple[int, int]], finding: Finding) -> Finding:
    cell, line = source.place(finding.line)
    new_line = after[min(finding.new_line, len(after)) - 1][1]
    end_line, column = finding.end_line - finding.line + line, source.column(finding.line, finding.column)
    return replace(finding, cell=cell, line=line, column=column, end_line=end_line, new_line=new_line)
