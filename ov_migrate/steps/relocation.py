"""Imports of `openvino.runtime`, its submodules and `ngraph`, and all that is reached through the names they bind."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ov_migrate.edits import Change, Edit, Leftover
from ov_migrate.inference.imports import is_guarded
from ov_migrate.knowledge.current_api import load_current_api
from ov_migrate.steps.choice_arms import is_beside_new_place, moved_arm
from ov_migrate.steps.context import Context
from ov_migrate.steps.import_lines import Moved, named_paths
from ov_migrate.steps.moved_imports import OPTIMIZER, Choice, Immovable, Mover
from ov_migrate.steps.statements import insert_after, remove_statement, replace_by_lines

_CHOICE = "{indent}try:\n{indent}{step}{new}\n{indent}except ImportError:\n{indent}{step}{old}"


def relocations(context: Context) -> Iterator[Change | Leftover]:
    """The changes that take names from where they live today, and what is left because there is no such place."""
    for node in _statements(context):
        paths = named_paths(node)
        rule = context.rule(_slug(paths[0]))
        if is_guarded(context.tree, node):
            yield from _choice_left(context, node, paths)
            yield from moved_arm(context, node)
            continue
        if is_beside_new_place(context.tree, node):
            continue
        if context.target < (2023, 1) and not paths[0].startswith("ngraph"):
            continue
        try:
            moved = Mover(context, node).moved()
        except Choice:
            yield from _choice_left(context, node, paths)
            yield from moved_arm(context, node)
            continue
        except Immovable as reason:
            if reason.span == context.tree.spans[node] and not any(_has_moved(path) for path in paths):
                continue
            yield Leftover(rule, reason.span, str(reason))
            if reason.span != context.tree.spans[node]:
                line, _ = context.tree.position(reason.span[0])
                yield Leftover(rule, context.tree.spans[node], f"Still imported for line {line}.", annotate=False)
            continue
        edits = _edits(context, node, moved)
        if edits:
            yield Change(rule, node, edits, rule.verdict, rule.check or rule.why)


def _slug(path: str) -> str:
    if path.startswith(OPTIMIZER):
        return "model-optimizer"
    return "ngraph-import" if path.startswith("ngraph") else "runtime-import"


def _choice_left(context: Context, node: cst.CSTNode, paths: list[str]) -> Iterator[Leftover]:
    """A choice between packages is left alone; one of which nGraph or a tool of the past is an arm is listed, since
    that arm is gone."""
    advice = next(filter(None, map(load_current_api().advice, paths)), "")
    if advice or paths[0].startswith("ngraph"):
        rule = context.rule("guarded-import")
        message = f"{advice} {rule.why}".strip()
        yield Leftover(rule, context.tree.spans[node], message, annotate=False, verdict=rule.verdict)


def _statements(context: Context) -> list[cst.Import | cst.ImportFrom]:
    """Those that are worth a look, in order of text."""
    tree = context.tree
    nodes: list[cst.Import | cst.ImportFrom] = [*tree.all(cst.Import), *tree.all(cst.ImportFrom)]
    found = [node for node in nodes if any(_is_old(context, path) for path in named_paths(node))]
    return sorted(found, key=lambda node: tree.spans[node][0]) if len(found) > 1 else found


def _is_old(context: Context, path: str) -> bool:
    """True for all of ngraph, unless the project has a module of that name, and for what is not legacy of openvino."""
    root = path.split(".")[0]
    if root == "ngraph":
        return not context.has_own_ngraph
    return root == "openvino" and ".inference_engine" not in path


def _has_moved(path: str) -> bool:
    """True for a path that is not all in its place today."""
    api = load_current_api()
    place = api.relocation(path)
    return bool(api.advice(path)) or (place is not None and place.path != path) or path.startswith("openvino.runtime")


def _edits(context: Context, node: cst.Import | cst.ImportFrom, moved: Moved) -> list[Edit]:
    tree = context.tree
    indent, newline = tree.indent(node), context.newline
    choices = [
        _CHOICE.format(indent=indent, step=tree.module.default_indent, new=new, old=old)
        for new, old in moved.late.items()
    ]
    blocks = [text.replace("\n", newline).removeprefix(indent) for text in choices]
    if moved.keeps:
        if not blocks:
            return moved.edits
        return [*moved.edits, insert_after(tree, node, ((newline + indent).join(blocks),))]
    lines = [*moved.imports, *blocks]
    if not lines:
        return [*moved.edits, remove_statement(tree, node)]
    return [*moved.edits, replace_by_lines(tree, node, [(line,) for line in lines])]
