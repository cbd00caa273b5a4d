"""Finds the sites of one module and lets the rules' transforms loose on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import libcst as cst

from ov_migrate.edits import (
    Change,
    Edit,
    Imported,
    Leftover,
    Renderer,
    annotation_edits,
    clause_start,
    has_comment_above,
)
from ov_migrate.inference.values import EnumMember, LegacyName
from ov_migrate.skips import TODO, Skips

# The transforms register themselves.
from ov_migrate.steps import callbacks as _callbacks  # noqa: F401
from ov_migrate.steps import compile as _compile  # noqa: F401
from ov_migrate.steps import core as _core  # noqa: F401
from ov_migrate.steps import data_rules
from ov_migrate.steps import exec_wait as _exec_wait  # noqa: F401
from ov_migrate.steps import layers as _layers  # noqa: F401
from ov_migrate.steps import outputs as _outputs
from ov_migrate.steps import ports as _ports  # noqa: F401
from ov_migrate.steps import preprocess as _preprocess  # noqa: F401
from ov_migrate.steps import read as _read  # noqa: F401
from ov_migrate.steps import request as _request  # noqa: F401
from ov_migrate.steps import run as _run  # noqa: F401
from ov_migrate.steps import tensors as _tensors  # noqa: F401
from ov_migrate.steps import waiting as _waiting  # noqa: F401
from ov_migrate.steps.config_keys import config_changes
from ov_migrate.steps.context import Context, Site
from ov_migrate.steps.dead_devices import dead_devices
from ov_migrate.steps.dotted_text import dotted_texts
from ov_migrate.steps.drift import drift_changes
from ov_migrate.steps.feature_tests import fold_changes, open_tests
from ov_migrate.steps.graph import capsules
from ov_migrate.steps.layer_names import layer_names
from ov_migrate.steps.leftovers import gone_submodules, guarded_imports, surviving_names
from ov_migrate.steps.naming import annotation_changes, fallback_changes, name_changes, outermost_names
from ov_migrate.steps.pin_types import pinned_types
from ov_migrate.steps.registry import handlers
from ov_migrate.steps.relocation import relocations
from ov_migrate.steps.sites import sites
from ov_migrate.steps.threads import first_accesses
from ov_migrate.steps.unused_imports import unused_imports


@dataclass
class Outcome:
    """What became of one module: what was changed, what is left, and the new text."""

    changes: list[Change]
    leftovers: list[Leftover]
    renderer: Renderer


@dataclass
class _Collected:
    """What the transforms yield, as far as its rule is selected."""

    selected: frozenset[str]
    changes: list[Change] = field(default_factory=list)
    leftovers: list[Leftover] = field(default_factory=list)

    def add(self, results: Iterable[Change | Leftover]) -> None:
        for result in results:
            if result.rule.code not in self.selected:
                continue
            if isinstance(result, Change):
                self.changes.append(result)
            else:
                self.leftovers.append(result)


def transform(context: Context, selected: frozenset[str], annotate: bool, skips: Skips | None = None) -> Outcome:
    """Rewrites one module by the rules whose codes are `selected`; `annotate` puts a comment above what is left. What
    `skips` keeps is neither changed nor listed."""
    found = _Collected(selected)
    handled, left_calls = _apply_sites(context, found)
    found.add(fold_changes(context))
    found.add(open_tests(context))
    found.add(_carried_companions(context))
    found.add(_outputs.first_values(context))
    found.add(config_changes(context))
    found.add(dead_devices(context))
    found.add(capsules(context))
    found.add(first_accesses(context))
    found.add(layer_names(context, found.leftovers))
    survives = Renderer(context.tree, [edit for change in found.changes for edit in change.edits]).survives
    for call in left_calls:
        if survives(context.tree.spans[call.receiver]):
            handled.update(_kept_names(context, call))
    context.survives = survives
    found.add(list(pinned_types(context)))
    found.add(list(drift_changes(context)))
    found.add(list(dotted_texts(context)))
    found.add(list(relocations(context)))
    # The imports come last: they bring what the others ask for, and keep what is left.
    found.add(list(name_changes(context, handled, survives)))
    found.add(list(annotation_changes(context)))
    found.add(list(fallback_changes(context)))
    skipped = _without_skipped(context, found, skips) if skips is not None and skips.found else []
    _keep_names_inside(context, [*skipped, *_left_alone(context, found.changes, found.leftovers)])
    found.add(context.names.changes())
    return _finish(context, found, annotate, skips)


def _without_skipped(context: Context, found: _Collected, skips: Skips) -> list[Change]:
    """Takes what stands on skipped lines out of what was found; gives the changes among it."""
    tree = context.tree
    skipped = [change for change in found.changes if skips.keeps(tree.position(tree.spans[change.node][0])[0])]
    found.changes = [change for change in found.changes if change not in skipped]
    found.leftovers = _not_skipped(context, found.leftovers, skips)
    return skipped


def _not_skipped(context: Context, leftovers: list[Leftover], skips: Skips | None) -> list[Leftover]:
    if skips is None or not skips.found:
        return leftovers
    return [left for left in leftovers if not skips.keeps(context.tree.position(left.span[0])[0])]


def _apply_sites(context: Context, found: _Collected) -> tuple[set[cst.CSTNode], list[Site]]:
    """Applies the rules to the sites; gives the class names that were taken care of, and the calls that were left."""
    handled: set[cst.CSTNode] = set()
    left_calls: list[Site] = []
    for site in sites(context):
        if isinstance(site, Leftover):
            found.add([site])
            continue
        if site.rule.code not in found.selected:
            continue
        for result in apply(site):
            found.add([result])
            if isinstance(result, Change):
                handled.update(_handled_names(site))
            else:
                left_calls.append(site)
    return handled, left_calls


def apply(site: Site) -> Iterator[Change | Leftover]:
    """Carries out the site's rule."""
    if site.rule.verdict == "manual":
        yield site.leave()
        return
    if not site.context.is_reached(site.rule.since):
        yield site.leave(f"What it becomes came with {site.rule.since}, behind the target. {site.rule.why}")
        return
    handler = handlers.get(site.rule.slug, data_rules.apply)
    yield from handler(site)


def _finish(context: Context, found: _Collected, annotate: bool, skips: Skips | None) -> Outcome:
    alone = _left_alone(context, found.changes, found.leftovers)
    alone += _unfit_for_text(context, [change for change in found.changes if change not in alone])
    changes = [change for change in found.changes if change not in alone]
    together = "Left together with the site it is part of."
    found.add(Leftover(change.rule, context.tree.spans[change.node], together, annotate=False) for change in alone)
    changes += context.helpers.changes(changes)
    edits = [edit for change in changes for edit in change.edits]
    renderer = Renderer(context.tree, edits)
    unused = list(unused_imports(context, renderer)) if changes and context.tidies("unused-import") else []
    if unused:
        kept = _without_skipped(context, _Collected(found.selected, unused), skips) if skips is not None else []
        changes += [change for change in unused if change not in kept]
        edits = [edit for change in changes for edit in change.edits]
        renderer = Renderer(context.tree, edits)
    leftovers = [left for left in found.leftovers if left.annotate is False or renderer.survives(left.span)]
    found.leftovers = leftovers
    found.add(guarded_imports(context))
    found.add(gone_submodules(context))
    found.add(surviving_names(context, renderer, leftovers))
    found.leftovers = _not_skipped(context, found.leftovers, skips)
    if annotate:
        edits += annotation_edits(context.tree, _to_comment(context, found.leftovers), context.names.kept)
        renderer = Renderer(context.tree, edits)
    return Outcome(changes, found.leftovers, renderer)


def _to_comment(context: Context, leftovers: list[Leftover]) -> list[Leftover]:
    """What gets a comment. Where an earlier run has left some, code is half migrated, and new doubts about what an
    object is come of that: they are only listed, as they are in code that chooses between both APIs."""
    is_choice = not context.names.sites and any(left.rule.slug == "guarded-import" for left in leftovers)
    if not context.engine.project.was_annotated and not is_choice:
        return leftovers
    return [left for left in leftovers if left.rule.slug not in _DOUBTS]


_DOUBTS = frozenset({"unknown-object", "mixed-object"})


def _left_alone(context: Context, changes: list[Change], leftovers: list[Leftover]) -> list[Change]:
    """The changes that have to give way: parts of an expression that is left as a whole, expressions with such a part
    as their receiver, and what stands under a comment of an earlier run, which a person was asked to do."""
    if not changes:
        return []
    spans = [left.span for left in leftovers if left.verdict == "manual" and left.annotate]
    has_comments = TODO in context.tree.text
    alone = []
    for change in changes:
        start, end = context.tree.spans[change.node]
        is_part = any(low <= start and end <= high and (low, high) != (start, end) for low, high in spans)
        receiver = _receiver(change.node)
        low_end = context.tree.spans[receiver] if receiver is not None else (0, 0)
        is_around = any(low_end[0] <= low and high <= low_end[1] for low, high in spans)
        is_commented = has_comments and has_comment_above(context.tree, clause_start(context.tree, start))
        if is_part or is_around or is_commented:
            alone.append(change)
    return alone


def _unfit_for_text(context: Context, changes: list[Change]) -> list[Change]:
    """The changes inside an f-string whose new text could not stand there: it has several lines, or quotes of the same
    kind. One that begins with a brace is set off by a space."""
    unfit: list[Change] = []
    if not changes:
        return unfit
    renderer = Renderer(context.tree, [edit for change in changes for edit in change.edits])
    for text in context.tree.all(cst.FormattedStringExpression):
        span = context.tree.spans[text.expression]
        inner = [
            c for c in changes if span[0] <= context.tree.spans[c.node][0] and context.tree.spans[c.node][1] <= span[1]
        ]
        if not inner:
            continue
        new = renderer.after(span)
        quote = context.tree.parents[text].start.lstrip("rRfFbB")[0]  # type: ignore[attr-defined]
        if "\n" in new or new.count(quote) > context.tree.text[span[0] : span[1]].count(quote):
            unfit += inner
        elif new.startswith("{"):
            inner[0].edits.append(Edit((span[0], span[0]), (" ",)))
    return unfit


def _receiver(node: cst.CSTNode) -> cst.CSTNode | None:
    """What the innermost expression of a change hangs on: `a.b` for `a.b.wait()`, also inside a test of it."""
    while isinstance(node, (cst.Call, cst.Comparison, cst.UnaryOperation, cst.Subscript, cst.Expr, cst.If)):
        if isinstance(node, cst.Call):
            node = node.func
        elif isinstance(node, cst.Comparison):
            node = node.left
        elif isinstance(node, cst.UnaryOperation):
            node = node.expression
        elif isinstance(node, cst.If):
            node = node.test
        else:
            node = node.value
    return node.value if isinstance(node, cst.Attribute) else None


def _carried_companions(context: Context) -> list[Change]:
    plans = context.plans
    carried = {"requests": plans.requests.edits(context.index), "ie-plugin": plans.devices.edits(context.index)}
    return [
        Change(rule, node, [_named(context, node, edit) for edit in edits], "migrated", rule.why)
        for slug, found in carried.items()
        for rule in [context.rule(slug)]
        for node, edits in found
    ]


def _named(context: Context, node: cst.CSTNode, edit: Edit) -> Edit:
    """The edit with the names of API 2.0 as this module writes them."""
    parts = (context.names.get(part.name, node) if isinstance(part, Imported) else part for part in edit.parts)
    return Edit(edit.span, tuple(parts))


def _handled_names(site: Site) -> list[cst.CSTNode]:
    return [site.node.func] if isinstance(site.node, cst.Call) else [site.node]


def _keep_names_inside(context: Context, changes: list[Change]) -> None:
    """Keeps the imports of the legacy names in the expressions of changes that are not made."""
    spans = [context.tree.spans[change.node] for change in changes]
    for name in outermost_names(context) if spans else ():
        first, last = context.tree.spans[name]
        if any(start <= first and last <= end for start, end in spans):
            for value in context.facts(name):
                if isinstance(value, (EnumMember, LegacyName)):
                    context.names.keep(value.enum if isinstance(value, EnumMember) else value.name, name)


def _kept_names(context: Context, site: Site) -> list[cst.CSTNode]:
    """The class name of a constructor call that stays: its import has to stay as well."""
    values = [value for value in context.facts(site.receiver) if isinstance(value, LegacyName)]
    names = [value.name for value in values if value.name not in context.api.building_functions]
    for name in names:
        context.names.keep(name.split(".")[0], site.node)
    return [site.receiver] if names else []


__all__ = ["Outcome", "apply", "transform"]
