"""From trees to records: analysis of all modules together, then the steps on each."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import PurePath

from ov_migrate.configs import FileOptions
from ov_migrate.edits import Change, Leftover, Renderer
from ov_migrate.garbage import forget
from ov_migrate.handover import HandOvers
from ov_migrate.inference import Engine, Module, Project
from ov_migrate.inference.paths import ModulePaths
from ov_migrate.inference.trace import Tracer
from ov_migrate.knowledge.catalogue import Rule, load_catalogue
from ov_migrate.knowledge.legacy_api import load_legacy_api
from ov_migrate.knowledge.model_facts import ModelFacts
from ov_migrate.report.records import FileRecord, Finding, Place, Progress, silent
from ov_migrate.skips import skips
from ov_migrate.steps import Context, Outcome, Plans, transform
from ov_migrate.steps.fold_plan import folding_codes
from ov_migrate.syntax import Span, Tree


def rewrite(
    sources: Sequence[tuple[PurePath, Tree]],
    options: Sequence[FileOptions],
    models: tuple[ModelFacts, ...] = (),
    progress: Progress = silent,
    paths: ModulePaths | None = None,
) -> tuple[list[FileRecord], list[str]]:
    """One record a module, in the same order, and notes for the user. When the modules cannot be analysed together,
    each is tried alone, so that a fault in the tool costs one file and not the run; a note says so, since what goes
    from one module to another is not followed then. `paths` are those of all files that may be imported."""
    try:
        return _rewrite(sources, options, models, progress, paths), []
    except Exception as error:
        fault = _fault(error)
        if len(sources) == 1:
            return [FileRecord(str(sources[0][0]), "failed", error=fault)], []
    note = f"the modules could not be analysed together ({fault}); each was migrated on its own"
    pairs = zip(sources, options, strict=True)
    return [record for source, option in pairs for record in rewrite([source], [option], models)[0]], [note]


def _fault(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "is nested too deeply"
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"fault in ov-migrate ({type(error).__name__} in {place.name}, line {place.lineno}); please report this file"


def _rewrite(
    sources: Sequence[tuple[PurePath, Tree]],
    options: Sequence[FileOptions],
    models: tuple[ModelFacts, ...],
    progress: Progress,
    paths: ModulePaths | None,
) -> list[FileRecord]:
    progress("Following objects through", 0, len(sources))
    project = Project([Module(path, tree) for path, tree in sources], paths)
    engine = Engine(project, load_legacy_api(), folds=all(folding_codes() <= option.codes for option in options))
    try:
        return _records(sources, options, engine, models, progress)
    finally:
        forget(engine.store)
        forget(engine)


def _records(
    sources: Sequence[tuple[PurePath, Tree]],
    options: Sequence[FileOptions],
    engine: Engine,
    models: tuple[ModelFacts, ...],
    progress: Progress,
) -> list[FileRecord]:
    engine.run()
    plans = Plans(engine, models)
    tracer = Tracer(engine)
    records = []
    for index, (module, option) in enumerate(zip(engine.project.modules, options, strict=True)):
        progress("Rewriting", index, len(sources))
        context = Context(index, module, engine, engine.api, load_catalogue(), option.target, plans)
        context.pins = option.pin_io_types
        context.tidy = option.codes if option.tidy else frozenset()
        found = skips(module.tree)
        outcome = transform(context, option.codes, option.annotate, found)
        hand_overs = HandOvers(tracer, index) if option.hand_over else None
        record = _record(module, outcome, option.places, hand_overs)
        record.unused_skips = found.unused
        records.append(record)
    return records


def _record(module: Module, outcome: Outcome, places: bool, hand_overs: HandOvers | None) -> FileRecord:
    tree = module.tree
    renderer = outcome.renderer
    moves = renderer.line_moves()
    found = []
    for change in outcome.changes:
        finding = _changed(tree, change, renderer, moves)
        if hand_overs is not None:
            finding = hand_overs.given(finding, change.rule, tree.spans[change.node])
        found.append((finding, _span(tree, change)))
    for left in outcome.leftovers:
        finding = _left(tree, left, moves)
        if hand_overs is not None:
            finding = hand_overs.given(finding, left.rule, left.span)
        found.append((finding, left.span))
    found.sort(key=lambda pair: (pair[0].line, pair[0].column, pair[0].rule))
    findings = [finding for finding, _ in found]
    if renderer.is_empty:
        return FileRecord(str(module.path), "unchanged", findings, before=tree.given, after=tree.given)
    before, after = tree.text, renderer.text()
    status = "unchanged" if before == after else "changed"
    record = FileRecord(str(module.path), status, findings, before=before, after=after)
    if places:
        record.places = _places(renderer, [span for _, span in found], after)
    return record


def _places(renderer: Renderer, spans: list[Span], after: str) -> list[Place | None]:
    text, new = renderer.places(spans)
    if text != after:
        new = [None] * len(spans)
    return [Place(old, place) for old, place in zip(spans, new, strict=True)]


def _span(tree: Tree, change: Change) -> Span:
    span = tree.spans[change.node]
    for edit in change.edits:
        if edit.span[0] < edit.span[1]:
            span = (min(span[0], edit.span[0]), max(span[1], edit.span[1]))
    return span


def _changed(tree: Tree, change: Change, renderer: Renderer, moves: list[tuple[int, int]]) -> Finding:
    span = _span(tree, change)
    after = renderer.after(span)
    return _finding(tree, change.rule, change.verdict, span, after, change.message, moves)


def _left(tree: Tree, leftover: Leftover, moves: list[tuple[int, int]]) -> Finding:
    return _finding(tree, leftover.rule, leftover.verdict, leftover.span, "", leftover.message, moves)


def _finding(
    tree: Tree, rule: Rule, kind: str, span: Span, after: str, message: str, moves: list[tuple[int, int]]
) -> Finding:
    line, column = tree.position(span[0])
    end_line, _ = tree.position(max(span[0], span[1] - 1))
    moved = sum(lines for offset, lines in moves if offset <= span[0])
    return Finding(
        rule=rule.code,
        slug=rule.slug,
        step=rule.step,
        kind=kind,
        line=line,
        column=column,
        end_line=end_line,
        new_line=line + moved,
        before=tree.text[span[0] : span[1]].strip(),
        after=after.strip(),
        message=message,
        proof=rule.proof if kind != "manual" else "none",
    )
