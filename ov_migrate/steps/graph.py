"""Step `graph`: nGraph, of which today's networks are functions themselves."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ov_migrate.edits import Change, Leftover, Renderer
from ov_migrate.inference.imports import is_guarded
from ov_migrate.steps.context import Context, Result, Site
from ov_migrate.steps.registry import handles
from ov_migrate.steps.statements import remove_statement
from ov_migrate.syntax import dotted


@handles("function-from-cnn")
def function_from_cnn(site: Site) -> Result:
    """`ng.function_from_cnn(net)`: the model itself."""
    network = site.argument("cnn_network")
    if network is None or site.context.kind(network) != "network":
        yield site.leave()
        return
    yield site.replace(network)


@handles("graph-unchanged")
def graph_unchanged(site: Site) -> Result:
    yield from ()


def ngraph_imports(context: Context, renderer: Renderer) -> Iterator[Change | Leftover]:
    """Imports of the package that legacy models were built with: one that nothing uses any more goes."""
    rule, tree = context.rule("ngraph-import"), context.tree
    nodes: list[cst.Import | cst.ImportFrom] = [*tree.all(cst.Import), *tree.all(cst.ImportFrom)]
    found = [node for node in nodes if _top_modules(node) & context.api.building_packages]
    for node in sorted(found, key=lambda node: tree.spans[node][0]):
        if _has_become_unused(context, renderer, node):
            yield Change(rule, node, [remove_statement(tree, node)], "migrated", rule.why)
        else:
            yield Leftover(rule, tree.spans[node], rule.advice, annotate=not is_guarded(tree, node))


def _has_become_unused(context: Context, renderer: Renderer, node: cst.Import | cst.ImportFrom) -> bool:
    """True for an import of one name that was used, and is not in the new text."""
    tree = context.tree
    if isinstance(node.names, cst.ImportStar) or len(node.names) != 1 or is_guarded(tree, node):
        return False
    alias = node.names[0]
    bound = (dotted(alias.asname.name if alias.asname is not None else alias.name) or "").split(".")[0]
    uses = [name for name in tree.references(bound) if node not in tree.ancestors(name)]
    return bool(uses) and not any(renderer.survives(tree.spans[use]) for use in uses)


def _top_modules(node: cst.Import | cst.ImportFrom) -> set[str]:
    if isinstance(node, cst.ImportFrom):
        return set() if node.relative else {(dotted(node.module) or "").split(".")[0]}
    return {(dotted(alias.name) or "").split(".")[0] for alias in node.names}
