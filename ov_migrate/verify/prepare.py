"""The two copies of a project that are run: as it was, and migrated, both with probes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from ov_migrate.migrate import migrate_paths
from ov_migrate.report.records import FileRecord, Run
from ov_migrate.report.totals import KINDS
from ov_migrate.settings import Settings
from ov_migrate.sources import Source, SourceError, parse, read_bytes
from ov_migrate.syntax import Tree
from ov_migrate.verify.instrument import instrumented
from ov_migrate.verify.moved import moved_places
from ov_migrate.verify.reachable import reachable
from ov_migrate.verify.sites import Plan, plan
from ov_migrate.verify.workspace import BadProgram, Program, copy

Edit = Callable[[Path], None]


@dataclass
class Prepared:
    """The folders of both sides, the run of the tool that made the new one, and where probes were put; `left` counts
    the legacy sites in what a person has finished."""

    old: Path
    new: Path
    run: Run
    plans: list[Plan] = field(default_factory=list)
    left: int | None = None


@dataclass(frozen=True)
class Finished:
    """A program that a person has migrated: the file `new` takes the place of the migrated `old`, a path below the
    root."""

    old: str
    new: Path


def prepare(
    program: Program, work: Path, settings: Settings, finished: Finished | None = None, edit: Edit | None = None
) -> Prepared:
    """Copies the project of `program` twice into `work`, migrates what it may load in one copy and puts probes into
    both. `finished` and `edit` change the migrated copy before that. Raises BadProgram for a project that cannot be
    copied."""
    root, old, new = program.root, work / "before", work / "after"
    for side in (old, new):
        copy(root, side)
    paths = [str(path) for path in reachable(new, program)]
    run = migrate_paths(paths, replace(settings, write=True, places=True))
    if finished is not None:
        (new / finished.old).write_bytes(read_bytes(finished.new))
    if edit is not None:
        edit(new)
    prepared = Prepared(old, new, run, left=None if finished is None else _left(new / finished.old, settings))
    for record in run.files:
        path = Path(record.path).relative_to(new).as_posix()
        record.path = path
        if record.places and not record.is_notebook:
            _probe(prepared, record)
    return prepared


def _left(path: Path, settings: Settings) -> int:
    run = migrate_paths([str(path)], replace(settings, write=False))
    return sum(run.count(kind) for kind in KINDS)


def _probe(prepared: Prepared, record: FileRecord) -> None:
    """Puts probes into both texts of one file; a text that cannot be read gets none and is run as it is."""
    try:
        old = _source(prepared.old / record.path)
        new = _source(prepared.new / record.path)
    except SourceError as error:
        raise BadProgram(f"{record.path}: {error}") from error
    if old.tree.text != record.before:
        return
    if new.tree.text != record.after:
        record.places = moved_places(record.places, Tree.parse(record.after), new.tree)
        _retell(record, new.tree)
    first = 1 + sum(len(other.sites) for other in prepared.plans)
    made = plan(record, first, old.tree, new.tree)
    prepared.plans.append(made)
    for folder, source, is_old in ((prepared.old, old, True), (prepared.new, new, False)):
        text = instrumented(source.tree.text, made.marks(is_old))
        (folder / record.path).write_bytes(source.encode(text))


def _retell(record: FileRecord, tree: Tree) -> None:
    """The record with the text that a person has finished in the place of the tool's own."""
    record.after = tree.text
    for index, place in enumerate(record.places):
        if place is not None and place.new is not None:
            start, end = place.new
            line, _ = tree.position(start)
            after = tree.text[start:end].strip() if record.findings[index].after else ""
            record.findings[index] = replace(record.findings[index], new_line=line, after=after)


def _source(path: Path) -> Source:
    return parse(str(path), read_bytes(path))
