"""Imports of `openvino.runtime` that are one arm of a choice, beside the legacy API or something else."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

import libcst as cst

from ov_migrate.edits import Change, Edit, Leftover
from ov_migrate.inference.imports import arms_beside
from ov_migrate.knowledge.current_api import load_current_api
from ov_migrate.steps.context import Context
from ov_migrate.steps.import_lines import named_paths
from ov_migrate.syntax import Tree, children, dotted

_OLD, _NEW = "openvino.runtime", "openvino"


def moved_arm(context: Context, node: cst.Import | cst.ImportFrom) -> Iterator[Change | Leftover]:
    """The change that takes an arm's names from openvino itself, where they keep their names; the other arms stay as
    they are, and so does an import that binds one of the names before or after. An arm beside one that does so already
    is left alone; one that cannot be moved is listed."""
    if not any(path == _OLD or path.startswith(_OLD + ".") for path in named_paths(node)):
        return
    is_arm = any(arms_beside(context.tree, node))
    if not is_arm and _is_conditional(context.tree, node):
        return
    if context.target < (2023, 1) or is_beside_new_place(context.tree, node):
        return
    rule, module = context.rule("runtime-import"), _module(node)
    if module is None or not all(_keeps_name(context, path) for path in _used_paths(context, node)):
        trouble = "This arm of the choice fails there." if is_arm else "Its names are bound to something else as well."
        message = f"{rule.advice} {trouble}"
        yield Leftover(rule, context.tree.spans[node], message, annotate=False)
        return
    yield Change(rule, node, [Edit(context.tree.spans[module], (_NEW,))], rule.verdict, rule.why)


def _is_conditional(tree: Tree, node: cst.CSTNode) -> bool:
    scope = tree.scope(node)
    around = takewhile(lambda parent: parent is not scope, tree.ancestors(node))
    return any(isinstance(parent, (cst.If, cst.Try, cst.For, cst.While)) for parent in around)


def is_beside_new_place(tree: Tree, node: cst.Import | cst.ImportFrom) -> bool:
    """True for an import of API 2.0 that stands in for one from where it is today."""
    if not any(path.split(".")[0] == _NEW for path in named_paths(node)):
        return False
    return any(_imports_new_place(arm) for arm in arms_beside(tree, node))


def _module(node: cst.Import | cst.ImportFrom) -> cst.CSTNode | None:
    """The part of a statement that says `openvino.runtime`, when that is all it imports from, under a name."""
    if isinstance(node, cst.ImportFrom):
        return node.module if dotted(node.module) == _OLD and not isinstance(node.names, cst.ImportStar) else None
    alias = node.names[0]
    return alias.name if len(node.names) == 1 and alias.asname is not None and dotted(alias.name) == _OLD else None


def _used_paths(context: Context, node: cst.Import | cst.ImportFrom) -> list[str]:
    """What the statement brings: the names themselves, or what is asked of the module."""
    if isinstance(node, cst.ImportFrom):
        return named_paths(node)
    name = node.names[0].asname.name.value  # type: ignore[union-attr]
    parents = [context.tree.parents[use] for use in context.tree.references(name)]
    return [f"{_OLD}.{parent.attr.value}" for parent in parents if isinstance(parent, cst.Attribute)]


def _keeps_name(context: Context, path: str) -> bool:
    place = load_current_api().relocation(path)
    return place is not None and place.path == path.replace(_OLD, _NEW, 1) and place.since <= context.target


def _imports_new_place(arm: cst.CSTNode) -> bool:
    """True for an arm that imports API 2.0 from where it is today."""
    stack = [arm]
    while stack:
        current = stack.pop()
        if isinstance(current, (cst.Import, cst.ImportFrom)):
            if any(_is_new(path) for path in named_paths(current)):
                return True
        elif not isinstance(current, cst.BaseExpression):
            stack.extend(children(current))
    return False


def _is_new(path: str) -> bool:
    top, _, rest = path.partition(".")
    return top == _NEW and (rest in ("", "*") or load_current_api().has(rest.split(".")[0]))
