"""Edits that leave one arm of a compound statement, in the place and in the layout that the author gave it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import libcst as cst

from ov_migrate.edits import Dedented, Edit
from ov_migrate.steps.statements import line_end
from ov_migrate.syntax import Tree

# Comments for tools, which mean the line they stand on.
_DIRECTIVE = re.compile(r"#\s*(?:noqa|type:|pylint:|pragma)")


@dataclass(frozen=True)
class Clause:
    """One `if`, `elif` or `else` of a chain; `answer` is what the newest generation says to its condition."""

    node: cst.If | cst.Else
    answer: bool | None

    @property
    def suite(self) -> cst.BaseSuite:
        return self.node.body


def keep_suite(tree: Tree, node: cst.CSTNode, suite: cst.BaseSuite, behind: Sequence[cst.CSTNode]) -> Edit:
    """Puts the block `suite` of the statement `node` in the place of all of it, and of the statements `behind` it."""
    start = tree.line_start(tree.spans[node][0])
    end = arm_end(tree, behind[-1] if behind else node, tree.indent(node))
    indent = tree.indent(node)
    if isinstance(suite, cst.SimpleStatementSuite):
        first, last = tree.spans[suite]
        return Edit((start, end), (indent, (first, _next_line(tree, last))))
    header_end, comment = _header(tree, suite)
    body = Dedented((header_end, arm_end(tree, suite, indent)), tree.indent(suite.body[0]), indent)
    return Edit((start, end), (*([indent, comment, tree.module.default_newline] if comment else []), body))


def remove_lines(tree: Tree, node: cst.CSTNode) -> Edit:
    """Takes a whole statement away, or puts `pass` there when nothing else is in its block."""
    indent = tree.indent(node)
    if len(tree.parents[node].body) == 1:  # type: ignore[attr-defined]
        return Edit(tree.spans[node], ("pass",))
    start, end = tree.line_start(tree.spans[node][0]), arm_end(tree, node, indent)
    while _is_blank_line(tree, start - 1) and _is_blank_line(tree, end):
        end = _next_line(tree, end)
    return Edit((start, end), ())


def keep_clauses(tree: Tree, clauses: list[Clause]) -> list[Edit]:
    """Takes the clauses of a chain away that the newest generation never comes to; at least one stays whose condition
    is about something else, and stands in front of one that is always taken."""
    taken = next((i for i, clause in enumerate(clauses) if clause.answer), len(clauses))
    kept = [i for i, clause in enumerate(clauses) if clause.answer is None and i < taken] + [taken]
    indent = tree.indent(clauses[0].node)
    ends = [arm_end(tree, clause.suite, indent) for clause in clauses]
    starts = [tree.line_start(tree.spans[clause.node][0]) for clause in clauses]
    edits = []
    if kept[0] > 0:
        comments = _comments_between(tree, ends[kept[0] - 1], starts[kept[0]], indent)
        keyword_end = tree.spans[clauses[kept[0]].node][0] + len("elif")
        edits.append(Edit((starts[0], keyword_end), (comments, indent, "if")))
    for one, other in pairwise(kept):
        if other < len(clauses) and other - one > 1:
            comments = _comments_between(tree, ends[other - 1], starts[other], indent)
            edits.append(Edit((ends[one], starts[other]), (comments,)))
    last = kept[-1] if taken < len(clauses) else kept[-2]
    if taken < len(clauses) and isinstance(clauses[taken].node, cst.If):
        head = (tree.spans[clauses[taken].node][0], _colon(tree, clauses[taken].suite) + 1)
        edits.append(Edit(head, ("else:",)))
    if last + 1 < len(clauses):
        edits.append(Edit((ends[last], ends[-1]), ()))
    return edits


def _comments_between(tree: Tree, start: int, end: int, indent: str) -> str:
    """The comments in front of a clause that are indented as it is."""
    lines = tree.text[start:end].splitlines(keepends=True)
    return "".join(line for line in lines if line.startswith(indent + "#"))


def arm_end(tree: Tree, node: cst.CSTNode, indent: str) -> int:
    """Where the lines of a statement or block end: behind the comments that are indented further than `indent`."""
    end = _next_line(tree, tree.spans[node][1])
    position = end
    while position < len(tree.text):
        stop = _next_line(tree, position)
        line = tree.text[position:stop]
        body = line.lstrip(" \t")
        if body.startswith("#") and len(line) - len(body) > len(indent):
            end = stop
        elif body.strip():
            break
        position = stop
    return end


def _header(tree: Tree, suite: cst.BaseSuite) -> tuple[int, str]:
    """Where the line above a block ends, and the author's comment on it."""
    colon = _colon(tree, suite)
    end = _next_line(tree, colon)
    comment = tree.text[colon + 1 : end].strip()
    return end, "" if _DIRECTIVE.match(comment) else comment


def _colon(tree: Tree, suite: cst.BaseSuite) -> int:
    """The colon in front of a block."""
    holder = tree.parents[suite]
    start = tree.spans[holder][0]
    if isinstance(holder, cst.If):
        start = tree.outer_span(holder.test)[1]
    return tree.text.index(":", start)


def _next_line(tree: Tree, offset: int) -> int:
    newline = tree.text.find("\n", offset)
    return len(tree.text) if newline < 0 else newline + 1


def _is_blank_line(tree: Tree, offset: int) -> bool:
    if not 0 <= offset < len(tree.text):
        return False
    return not tree.text[tree.line_start(offset) : line_end(tree, offset)].strip()
