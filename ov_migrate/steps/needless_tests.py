"""Tests of a status that can only have one value: an `if` around what follows, or one that raises."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Change, Edit, Part
from ov_migrate.steps.context import Site
from ov_migrate.steps.statements import unwrap_if
from ov_migrate.steps.status import StatusTest, code, status_of
from ov_migrate.syntax import Tree


def test_behind(site: Site, statement: cst.Assign | cst.Return) -> StatusTest | None:
    """The test right behind `status = request.wait(-1)`, when nothing else looks at the status and the whole `if` can
    do without it."""
    tree, target = site.tree, statement.targets[0].target if isinstance(statement, cst.Assign) else None
    if not isinstance(target, cst.Name) or not tree.in_block(tree.block_statement(statement)):
        return None
    names, scope = site.context.module.names, tree.scope(target)
    owner = names.owner(scope, target.value)
    bindings = names.scopes[owner].bindings.get(target.value, []) if owner is not None else []
    others = [tree.block_statement(binding) for binding in bindings if binding is not target]
    uses = [
        use
        for use in tree.references(target.value)
        if names.owner(tree.scope(use), use.value) is owner
        and use not in bindings
        and not any(_gives(tree, other, use, statement) for other in others)
    ]
    line = tree.block_statement(statement)
    body = tree.parents[line].body  # type: ignore[attr-defined]
    following = body[body.index(line) + 1 :][:1]
    if not uses or not following or not isinstance(following[0], cst.If) or owner is not scope:
        return None
    holder = following[0]
    if not isinstance(holder.test, cst.Comparison) or holder.test.left is not uses[0]:
        return None
    first, *more = holder.test.comparisons
    if more or status_of(site.context, first.comparator) != int(code("OK")):
        return None
    if not isinstance(first.operator, (cst.Equal, cst.NotEqual)):
        return None
    test = StatusTest(holder.test, isinstance(first.operator, cst.Equal))
    is_alone = len(uses) == 1 if test.done else all(holder in tree.ancestors(use) for use in uses)
    return test if is_alone and is_needless(tree, holder, test) else None


def _gives(tree: Tree, binding: cst.CSTNode, use: cst.CSTNode, statement: cst.CSTNode) -> bool:
    """True when the statement `binding`, and not `statement`, is what `use` gets its value from: it stands in front of
    it in a block around it, with the other not between them."""
    start, end = tree.spans[binding][0], tree.spans[use][0]
    is_between = start < tree.spans[statement][0] < end
    return start < end and not is_between and tree.parents[binding] in tree.ancestors(use)


def is_needless(tree: Tree, holder: cst.If, test: StatusTest) -> bool:
    """True for an `if` that only asks whether the request is done, or only raises when it is not. Comments inside the
    latter would be lost."""
    if holder.orelse is not None:
        return False
    if test.done:
        return True
    simple = [line for line in holder.body.body if isinstance(line, cst.SimpleStatementLine)]
    raises = [part for line in simple for part in line.body if isinstance(part, cst.Raise)]
    return len(holder.body.body) == len(simple) == len(raises) == 1 and "#" not in tree.source(holder)


def without_test(site: Site, change: Change, test: StatusTest, call: tuple[Part, ...]) -> Change:
    """Puts the wait in the place of a needless `if`: in front of its body, or instead of it where that only raised."""
    holder = site.tree.parents[test.node]
    assert isinstance(holder, cst.If)
    if test.done:
        change.edits.append(unwrap_if(site.tree, holder, call))
        return change
    change.edits.append(Edit(site.tree.spans[holder], call))
    change.verdict, change.message = "review", "The error that was raised for a failure is gone: wait() raises its own."
    return change
