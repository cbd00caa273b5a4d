"""The journey of one run: discover, read, establish, rewrite, check, write, record."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from ov_migrate.configs import Configs
from ov_migrate.discovery import discover, is_relevant
from ov_migrate.knowledge.files import load_drift, load_members, load_triggers
from ov_migrate.report.records import FileRecord, Finding, Progress, Run, silent
from ov_migrate.settings import Settings
from ov_migrate.sources import Source, SourceError, check_parses, parse, read_bytes, write_atomically

if TYPE_CHECKING:
    from ov_migrate.knowledge.model_facts import ModelFacts
    from ov_migrate.notebooks import Notebook

STDIN = "-"


def migrate_paths(
    paths: Sequence[str], settings: Settings, configs: Configs | None = None, progress: Progress = silent
) -> Run:
    """Migrates files and folders; `configs` gives settings by file, without it all have the same. What cannot be
    handled is recorded as failed; the others are done all the same. `progress` is told what is being done."""
    run = Run(settings.target_text)
    configs = configs or Configs(fixed=settings)
    sources: list[Source] = []
    others: dict[str, Path] = {}
    with _no_collection():
        for path in paths:
            _collect(Path(path), path, run, configs, sources, others, progress)
        if sources:
            sources += _reached(sources, others)
            _migrate(run, sources, settings, configs, progress)
    run.files.sort(key=lambda record: record.path)
    return run


def migrate_bytes(name: str, data: bytes, settings: Settings) -> tuple[Run, bytes]:
    """Migrates one text that is in no file; gives the run and the new bytes."""
    run = Run(settings.target_text, seen=1)
    if not is_relevant(data, load_triggers(), *load_drift()):
        return run, data
    try:
        source = _read(name, data)
    except SourceError as error:
        run.files.append(FileRecord(name, "failed", error=str(error)))
        return run, data
    with _no_collection():
        _migrate(run, [source], replace(settings, write=False), Configs(fixed=settings))
    changed = next((record for record in run.files if record.status == "changed"), None)
    return run, changed.data if changed is not None else data


@contextmanager
def _no_collection() -> Iterator[None]:
    """Trees are large, live until the end and hold no garbage: collecting would only walk them again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _reached(sources: list[Source], others: dict[str, Path]) -> list[Source]:
    """The files to analyse beside the legacy ones: those that use members of the API, and those that lead there."""
    from ov_migrate.related import related

    contents = {name: path.read_bytes() for name, path in others.items()}
    suspects = {name: data for name, data in contents.items() if is_relevant(data, load_members())}
    rest = {name: data for name, data in contents.items() if name not in suspects}
    legacy = {source.path: source.data for source in sources} | suspects
    parsed = (_parsed(name, contents[name]) for name in (*suspects, *related(legacy, rest)))
    return [source for source in parsed if source is not None]


def _read(name: str, data: bytes) -> Source:
    if not name.endswith(".ipynb"):
        return parse(name, data)
    from ov_migrate.notebooks import parse_notebook

    return parse_notebook(name, data)


def _parsed(name: str, data: bytes) -> Source | None:
    try:
        return _read(name, data)
    except SourceError:
        return None


def _collect(
    path: Path,
    name: str,
    run: Run,
    configs: Configs,
    sources: list[Source],
    others: dict[str, Path],
    progress: Progress,
) -> None:
    if not path.exists():
        run.files.append(FileRecord(name, "failed", error="no such file or folder"))
        return
    triggers, drift, before = load_triggers(), load_drift(), run.seen
    if not path.is_dir() and configs.excludes(path, False):
        run.notes.append(f"{name}: passed over, since extend-exclude in {configs.of(path).folder} names it")
        return
    for file in discover(path, configs.excludes):
        run.seen += 1
        progress("Reading", run.seen, 0)
        file_name = str(file) if path.is_dir() else name
        try:
            data = read_bytes(file)
            if is_relevant(data, triggers, *drift):
                sources.append(_read(file_name, data))
            else:
                others[file_name] = file
        except SourceError as error:
            run.files.append(FileRecord(file_name, "failed", error=str(error)))
    if run.seen == before:
        run.notes.append(f"{name}: no Python files here")


def _migrate(
    run: Run, sources: list[Source], settings: Settings, configs: Configs, progress: Progress = silent
) -> None:
    from ov_migrate.rewrite import rewrite

    sources = [source for source in sources if not _is_skipped(source)]
    # Nobody imports a notebook: its name is not one of a module.
    suffixes = [".py" if source.path.endswith(".ipynb") else "" for source in sources]
    modules = [(PurePath(source.path + more), source.tree) for source, more in zip(sources, suffixes, strict=True)]
    options = [configs.options(Path(source.path)) for source in sources]
    records, notes = rewrite(modules, options, _models(run, settings), progress)
    run.notes += notes
    for source, record in zip(sources, records, strict=True):
        record.path = source.path
        try:
            _finish(source, record, settings.write)
            if source.path.endswith(".ipynb"):
                _to_cells(run, source, record)
        except SourceError as error:
            record.status, record.error = "failed", str(error)
        for line in record.unused_skips:
            run.notes.append(f"{record.path}:{line}: this `# ov-migrate: skip` skips nothing; take it out")
        if record.status != "unchanged" or record.findings:
            run.files.append(record)


def _to_cells(run: Run, source: Source, record: FileRecord) -> None:
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
    for number, text in source.kept_cells:
        if is_relevant(text.encode(), load_triggers()):
            run.notes.append(f"{record.path}: cell {number} has legacy code, but is no Python; it was kept as it is")


def _in_cell(source: Notebook, after: list[tuple[int, int]], finding: Finding) -> Finding:
    cell, line = source.place(finding.line)
    new_line = after[min(finding.new_line, len(after)) - 1][1]
    return replace(finding, cell=cell, line=line, end_line=finding.end_line - finding.line + line, new_line=new_line)


def _is_skipped(source: Source) -> bool:
    """True for a file that a comment excepts as a whole. Nothing of it is analysed, as if it had not been given."""
    from ov_migrate.skips import MARK, skips

    return MARK in source.data and skips(source.tree).whole_file


def _models(run: Run, settings: Settings) -> tuple[ModelFacts, ...]:
    """What the given models say; one that does not load is recorded as failed."""
    if not settings.models:
        return ()
    from ov_migrate.models import read_models

    models, failures = read_models(settings.models)
    run.files += [FileRecord(path, "failed", error=reason) for path, reason in failures.items()]
    return models


def _finish(source: Source, record: FileRecord, write: bool) -> None:
    if record.status != "changed":
        return
    check_parses(record.after, record.before)
    record.data = source.encode(record.after)
    if write:
        write_atomically(Path(source.path), record.data)
