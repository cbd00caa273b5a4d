"""The journey of one run: discover, read, establish, rewrite, check, write, record."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from ov_migrate.collect import Collected, collect, read_source
from ov_migrate.configs import Configs, FileOptions
from ov_migrate.discovery import is_relevant
from ov_migrate.knowledge.files import load_drift, load_members, load_triggers
from ov_migrate.report.records import FileRecord, Finding, Progress, Run, shown, silent
from ov_migrate.settings import Settings
from ov_migrate.sources import Source, SourceError, check_parses, read_bytes
from ov_migrate.turns import turn

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
    with ExitStack() as stack:
        stack.enter_context(_no_collection())
        is_alone = settings.write and stack.enter_context(turn(paths, progress))
        found = collect(paths, run, configs, progress)
        if found.sources:
            _migrate(run, found.sources + _reached(found), settings, configs, progress, is_alone, paths)
    run.files.sort(key=lambda record: record.path)
    return run


def migrate_bytes(name: str, data: bytes, settings: Settings) -> tuple[Run, bytes]:
    """Migrates one text that is in no file; gives the run and the new bytes."""
    run = Run(settings.target_text, seen=1)
    if not is_relevant(data, load_triggers(), *load_drift()):
        return run, data
    try:
        source = read_source(name, data)
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


def _reached(found: Collected) -> list[Source]:
    """The files to analyse beside the legacy ones: those that use members of the API, and those that lead there."""
    from ov_migrate.related import related

    def content(name: str) -> bytes:
        try:
            return read_bytes(found.others[name])
        except SourceError:
            return b""

    suspects = {name: data for name in found.others if is_relevant(data := content(name), load_members())}
    rest = [name for name in found.others if name not in suspects]
    legacy = {source.path: source.data for source in found.sources} | suspects
    parsed = (_parsed(name, content(name)) for name in (*suspects, *related(legacy, rest, content)))
    return [source for source in parsed if source is not None]


def _parsed(name: str, data: bytes) -> Source | None:
    try:
        return read_source(name, data)
    except SourceError:
        return None


def _migrate(
    run: Run,
    sources: list[Source],
    settings: Settings,
    configs: Configs,
    progress: Progress = silent,
    is_alone: bool = False,
    given: Sequence[str] = (),
) -> None:
    from ov_migrate.handover import placed
    from ov_migrate.limits import room_for_levels
    from ov_migrate.rewrite import rewrite

    sources = [source for source in sources if not _is_skipped(source)]
    # Nobody imports a notebook: its name is not one of a module.
    suffixes = [".py" if source.path.endswith(".ipynb") else "" for source in sources]
    modules = [(PurePath(source.path + more), source.tree) for source, more in zip(sources, suffixes, strict=True)]
    options = [configs.options(Path(source.path)) for source in sources]
    with room_for_levels():
        records, notes = rewrite(modules, options, _models(run, settings), progress)
        run.notes += notes
        by_path = {str(path): source for (path, _), source in zip(modules, sources, strict=True)}
        _rename(sources, records, options, given)
        for source, record in zip(sources, records, strict=True):
            record.path = source.path
            _prepare(run, source, record)
            record.findings = [placed(finding, by_path) for finding in record.findings]
    if settings.write:
        _write([pair for pair in zip(sources, records, strict=True) if pair[1].status == "changed"], is_alone)
    run.files += [record for record in records if record.status != "unchanged" or record.findings]


def _rename(sources: list[Source], records: list[FileRecord], options: list[FileOptions], given: Sequence[str]) -> None:
    """Gives variables the names of API 2.0, where the settings ask for it."""
    if not any(option.rename_variables for option in options) or any(record.error for record in records):
        return
    from ov_migrate.variables.beside import beside
    from ov_migrate.variables.rename import rename_variables

    paths = [PurePath(source.path) for source in sources]
    pairs = zip(options, paths, strict=True)
    chosen = [option.rename_variables and path.suffix == ".py" for option, path in pairs]
    rename_variables(records, paths, chosen, beside(given, [source.path for source in sources]))


def _prepare(run: Run, source: Source, record: FileRecord) -> None:
    """Makes the new content of a file that changes, and completes its record."""
    try:
        if record.status == "changed":
            check_parses(record.after, record.before)
            record.data = source.encode(record.after)
        if source.path.endswith(".ipynb"):
            _to_cells(run, source, record)
    except SourceError as error:
        record.fail(str(error))
    for line in record.unused_skips:
        run.notes.append(f"{shown(record.path)}:{line}: this `# ov-migrate: skip` skips nothing; take it out")


def _write(changes: list[tuple[Source, FileRecord]], is_alone: bool) -> None:
    """Puts all new contents beside the files, then all into their places; what cannot be written is recorded."""
    from ov_migrate.replacing import Staged, clear_leftovers, stage, undisturbed

    if is_alone:
        clear_leftovers([Path(source.path) for source, _ in changes])
    staged: list[tuple[FileRecord, Staged]] = []
    try:
        for source, record in changes:
            try:
                staged.append((record, stage(Path(source.path), source.data, record.data)))
            except SourceError as error:
                record.fail(str(error))
        with undisturbed():
            for record, new in staged:
                try:
                    new.put()
                except SourceError as error:
                    record.fail(str(error))
    finally:
        for _, new in staged:
            new.drop()


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
        if is_relevant(text.encode("utf-8", "replace"), load_triggers()):
            place = f"{shown(record.path)}: cell {number}"
            run.notes.append(f"{place} has legacy code, but is no Python; it was kept as it is")


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
