"""Whether an output blob is still looked at after its request ran again.

The blobs of `request.output_blobs` were snapshots. A tensor of API 2.0 is the request's own memory, so a blob that is
kept across a run has to be copied where it is taken.
"""

from __future__ import annotations

import libcst as cst

from ov_migrate.inference.values import Class, Function, Legacy, Method, Unknown
from ov_migrate.steps.context import Context, Site
from ov_migrate.syntax import Tree

_RUNS = frozenset({"infer", "async_infer", "start_async"})


def outlives_run(site: Site, node: cst.BaseExpression) -> bool:
    """True unless every later look at the blob (or the dict of blobs) `node` certainly comes before the next run."""
    tree = site.tree
    parent = tree.parents[node]
    if isinstance(parent, cst.Attribute) and parent.value is node:
        return False
    if isinstance(parent, (cst.For, cst.CompFor)) and parent.iter is node:
        return _runs_inside(site.context, parent if isinstance(parent, cst.For) else tree.parents[parent])
    if isinstance(parent, cst.Subscript) and parent.value is node:
        return outlives_run(site, parent)
    if not isinstance(parent, cst.Assign) or len(parent.targets) != 1:
        return True
    target = parent.targets[0].target
    return not isinstance(target, cst.Name) or _is_used_after_run(site.context, parent, target)


def _is_used_after_run(context: Context, statement: cst.Assign, target: cst.Name) -> bool:
    tree = context.tree
    scope = tree.scope(target)
    names = context.module.names.scopes[scope]
    if target.value in names.shared or len(names.bindings.get(target.value, ())) != 1:
        return True
    uses = [use for use in tree.references(target.value) if use is not target and tree.scope(use) is scope]
    if any(_escapes(tree, use) for use in uses):
        return True
    start = tree.spans[statement][1]
    last = max((tree.spans[use][0] for use in uses), default=start)
    if any(tree.spans[use][0] < start for use in uses):
        return True
    return any(start <= tree.spans[call][0] < last and _may_run(context, call) for call in tree.all(cst.Call))


def _escapes(tree: Tree, use: cst.Name) -> bool:
    """True when the blob goes somewhere that is not looked into here."""
    parent = tree.parents[use]
    if isinstance(parent, cst.Subscript) and parent.value is use:
        parent = tree.parents[parent]
        return not isinstance(parent, (cst.Attribute, cst.Expr))
    return not (isinstance(parent, cst.Attribute) and parent.value is use)


def _runs_inside(context: Context, node: cst.CSTNode) -> bool:
    start, end = context.tree.spans[node]
    calls = context.tree.all(cst.Call)
    return any(start <= context.tree.spans[call][0] < end and _may_run(context, call) for call in calls)


def _may_run(context: Context, call: cst.Call) -> bool:
    """True for a run of a request, and for a call of the program's own code, which may run one."""
    for value in context.facts(call.func):
        if isinstance(value, Method) and value.name in _RUNS:
            return True
        if isinstance(value, (Function, Class, Unknown, Legacy)):
            return True
    return False
