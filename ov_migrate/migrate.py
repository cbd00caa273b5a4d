"""The journey of one run: discover, read, establish, rewrite, check, write, record."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from ov_migrate.collect import Collected, collect, read_source
from ov_migrate.configs import Configs, FileOptions
from ov_migrate.discovery import is_relevant
from ov_migrate.garbage import without_collection
from ov_migrate.knowledge.files import load_drift, load_suspects, load_triggers
from ov_migrate.report.records import FileRecord, Progress, Run, shown, silent
from ov_migrate.settings import Settings, UsageError
from ov_migrate.sources import RawFile, SourceError, read_bytes
from ov_migrate.turns import turn

if TYPE_CHECKING:
    from ov_migrate.knowledge.model_facts import ModelFacts

STDIN = "-"


def migrate_paths(
    paths: Sequence[str], settings: Settings, configs: Configs | None = None, progress: Progress = silent
) -> Run:
    """Migrates files and folders; `configs` gives settings by file, without it all have the same. What cannot be
    handled is recorded as failed; the others are done all the same. `progress` is told what is being done."""
    run = Run(settings.target_text)
    configs = configs or Configs(fixed=settings)
    with ExitStack() as stack:
        stack.enter_context(without_collection())
        is_alone = settings.write and stack.enter_context(turn(paths, progress))
        found = collect(paths, run, configs, progress)
        if found.files:
            _migrate(run, found.files + _reached(found), settings, configs, progress, is_alone, paths)
    run.files.sort(key=lambda record: record.path)
    return run


def migrate_bytes(name: str, data: bytes, settings: Settings) -> tuple[Run, bytes]:
    """Migrates one text that is in no file; gives the run and the new bytes."""
    run = Run(settings.target_text, seen=1)
    if not is_relevant(data, load_triggers(), *load_drift()):
        return run, data
    with without_collection():
        _migrate(run, [RawFile(name, data)], replace(settings, write=False), Configs(fixed=settings))
    changed = next((record for record in run.files if record.status == "changed"), None)
    return run, changed.data if changed is not None else data


def _reached(found: Collected) -> list[RawFile]:
    """The files to analyse beside the legacy ones: those that use members of the API, and those that lead there."""
    from ov_migrate.related import asking, related

    def content(name: str) -> bytes:
        try:
            return read_bytes(found.others[name])
        except SourceError:
            return b""

    suspects = {name: data for name in found.others if _is_suspect(data := content(name))}
    legacy = {file.path: file.data for file in found.files} | suspects
    suspects |= {name: content(name) for name in asking(legacy, found.others, content)}
    rest = [name for name in found.others if name not in suspects]
    legacy = {file.path: file.data for file in found.files} | suspects
    return [RawFile(name, content(name), False) for name in (*suspects, *related(legacy, rest, content))]


def _is_suspect(data: bytes) -> bool:
    return any(all(word in data for word in words) for words in load_suspects())


def _migrate(
    run: Run,
    files: list[RawFile],
    settings: Settings,
    configs: Configs,
    progress: Progress = silent,
    is_alone: bool = False,
    given: Sequence[str] = (),
) -> None:
    from ov_migrate.group_run import GroupWork
    from ov_migrate.groups import connected
    from ov_migrate.inference.paths import ModulePaths
    from ov_migrate.workers import worked

    paths = ModulePaths(file.module for file in files)
    options = {file.path: configs.options(Path(file.path)) for file in files}
    renames = any(option.rename_variables for option in options.values())
    work = GroupWork(options, _models(settings), paths, checked=not renames)
    records: list[FileRecord] = []
    for outcome in worked(connected(files, paths), work, settings.jobs, progress):
        records += outcome.records
        run.notes += outcome.notes
        run.files += outcome.failed
    contents = {file.path: file.data for file in files}
    if renames:
        _rename(run, records, options, contents, given)
    if settings.write:
        _write([(record, contents[record.path]) for record in records if record.status == "changed"], is_alone)
    run.files += [record for record in records if record.status != "unchanged" or record.findings]


def _rename(
    run: Run,
    records: list[FileRecord],
    options: dict[str, FileOptions],
    contents: dict[str, bytes],
    given: Sequence[str],
) -> None:
    """Gives variables the names of API 2.0, where the settings ask for it, and checks the new texts."""
    from ov_migrate.group_run import check
    from ov_migrate.variables.beside import beside
    from ov_migrate.variables.rename import rename_variables

    if not any(record.error for record in records):
        chosen = [options[record.path].rename_variables and record.path.endswith(".py") for record in records]
        rename_variables(records, [PurePath(record.path) for record in records], chosen, beside(given, contents))
    for record in records:
        check(read_source(record.path, contents[record.path]), record, run.notes)


def _write(changes: list[tuple[FileRecord, bytes]], is_alone: bool) -> None:
    """Puts all new contents beside the files, then all into their places; what cannot be written is recorded. The bytes
    are those that were read."""
    from ov_migrate.replacing import Staged, clear_leftovers, stage, undisturbed

    if is_alone:
        clear_leftovers([Path(record.path) for record, _ in changes])
    staged: list[tuple[FileRecord, Staged]] = []
    try:
        for record, data in changes:
            try:
                staged.append((record, stage(Path(record.path), data, record.data)))
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


def _models(settings: Settings) -> tuple[ModelFacts, ...]:
    """What the given models say. Raises UsageError for one that does not load: what is written without it is written
    for good, since a later run finds nothing to do any more."""
    if not settings.models:
        return ()
    from ov_migrate.models import read_models

    models, failures = read_models(settings.models)
    if failures:
        reasons = "; ".join(f"{shown(path)}: {reason}" for path, reason in failures.items())
        raise UsageError(f"--model {reasons}; nothing was changed")
    return models
