"""Edits of whole statements: put one behind or in front of another, replace, remove, move a block to the left."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Dedented, Edit, Part
from ov_migrate.syntax import Tree


def separator(tree: Tree, item: cst.CSTNode) -> str:
    """What goes between `item`, an argument or a parameter, and a new one behind it: a comma and a space, or a line of
    its own where the items stand one a line."""
    start, end = tree.spans[item]
    line = tree.line_start(start)
    indent = tree.text[line:start]
    rest = tree.text[end : line_end(tree, end)].strip()
    has_own_line = not indent.strip() and line > 0 and (rest in ("", ",") or rest.lstrip(", ").startswith("#"))
    return "," + tree.module.default_newline + indent if has_own_line else ", "


def insert_after(tree: Tree, statement: cst.CSTNode, parts: tuple[Part, ...]) -> Edit:
    """Puts a statement behind `statement`, on a line of its own where that is possible."""
    line = tree.parents[statement] if isinstance(statement, cst.BaseSmallStatement) else statement
    end = tree.spans[statement][1]
    if not _has_own_line(tree, line):
        return Edit((end, end), ("; ", *parts))
    position = line_end(tree, tree.spans[line][1])
    return Edit((position, position), (tree.module.default_newline, tree.indent(line), *parts))


def insert_before(tree: Tree, statement: cst.CSTNode, parts: tuple[Part, ...]) -> Edit:
    """Puts a statement in front of `statement`, on a line of its own where that is possible."""
    line = tree.parents[statement] if isinstance(statement, cst.BaseSmallStatement) else statement
    if not _has_own_line(tree, line):
        start = tree.spans[statement][0]
        return Edit((start, start), (*parts, "; "))
    start = first_offset(tree, line)
    return Edit((start, start), (*parts, tree.module.default_newline, tree.indent(line)))


def first_offset(tree: Tree, statement: cst.CSTNode) -> int:
    """Where a statement begins, its decorators included."""
    start = tree.spans[statement][0]
    decorators = getattr(statement, "decorators", ())
    return min([start, *(tree.spans[d][0] for d in decorators)])


def line_end(tree: Tree, offset: int) -> int:
    """Offset of the line break behind `offset` (of its carriage return, where there is one)."""
    newline = tree.text.find("\n", offset)
    if newline < 0:
        return len(tree.text)
    return newline - 1 if newline > offset and tree.text[newline - 1] == "\r" else newline


def has_own_line(tree: Tree, statement: cst.CSTNode) -> bool:
    """True for a statement that shares its line with no other."""
    return _has_own_line(tree, tree.parents[statement] if isinstance(statement, cst.BaseSmallStatement) else statement)


def _has_own_line(tree: Tree, line: cst.CSTNode) -> bool:
    if not tree.in_block(line):
        return False
    return not isinstance(line, cst.SimpleStatementLine) or len(line.body) == 1


def remove_statement(tree: Tree, statement: cst.CSTNode) -> Edit:
    """Takes a statement away, or puts `pass` there when nothing else would be left in the block."""
    line = tree.parents[statement] if isinstance(statement, cst.BaseSmallStatement) else statement
    if not _has_own_line(tree, line) or len(tree.parents[line].body) == 1:  # type: ignore[attr-defined]
        return Edit(tree.spans[statement], ("pass",))
    start, end = tree.spans[statement]
    newline = tree.text.find("\n", end)
    first, last = tree.line_start(start), len(tree.text) if newline < 0 else newline + 1
    while first == 0 and tree.text[last:].lstrip(" \t\r").startswith("\n"):
        last = tree.text.index("\n", last) + 1
    return Edit((first, last), ())


def remove_paragraph(tree: Tree, statement: cst.CSTNode) -> Edit:
    """Takes a statement away, with the blank lines behind it where it stood first in its block or between others."""
    edit = remove_statement(tree, statement)
    first, last = edit.span
    if edit.parts:
        return edit
    line = tree.parents[statement]
    is_first = tree.parents[line].body[0] is line  # type: ignore[attr-defined]
    if is_first or not tree.text[:first].rpartition("\n")[0].rpartition("\n")[2].strip():
        while tree.text[last:].lstrip(" \t\r").startswith("\n"):
            last = tree.text.index("\n", last) + 1
    return Edit((first, last), ())


def replace_by_lines(tree: Tree, statement: cst.CSTNode, lines: list[tuple[Part, ...]]) -> Edit:
    """Puts several small statements in the place of one."""
    line = tree.parents[statement]
    between = tree.module.default_newline + tree.indent(statement) if _has_own_line(tree, line) else "; "
    parts: list[Part] = []
    for index, text in enumerate(lines):
        parts += [between, *text] if index else text
    return Edit(tree.spans[statement], tuple(parts))


def unwrap_if(tree: Tree, node: cst.If, first: tuple[Part, ...]) -> Edit:
    """Puts the statement `first`, and behind it the body of `node` moved to the left, in the place of an `if` that is
    always true."""
    indent = tree.indent(node)
    newline = tree.module.default_newline
    start = tree.spans[node][0]
    if isinstance(node.body, cst.SimpleStatementSuite):
        return Edit((start, tree.spans[node.body][1]), (*first, newline + indent, node.body))
    header_end = tree.text.index("\n", _colon_after(tree, node)) + 1
    last = tree.spans[node.body.body[-1]][1]
    newline_at = tree.text.find("\n", last)
    body_end = len(tree.text) + 1 if newline_at < 0 else newline_at + 1
    body_indent = tree.indent(node.body.body[0])
    header_comment = tree.text[_colon_after(tree, node) + 1 : header_end - 1].rstrip("\r")
    moved = Dedented((header_end, body_end), body_indent, indent)
    return Edit((start, min(body_end, len(tree.text))), (*first, header_comment, newline, moved))


def _colon_after(tree: Tree, node: cst.If) -> int:
    return tree.text.index(":", _end_with_parentheses(tree, node.test))


def _end_with_parentheses(tree: Tree, node: cst.BaseExpression) -> int:
    end = tree.spans[node][1]
    for _ in node.rpar:
        end = tree.text.index(")", end) + 1
    return end


def can_go_first(tree: Tree, node: cst.CSTNode) -> bool:
    """True when what `node` does can be done in a statement of its own in front of the one that it is in: it runs each
    time, once, and nothing is called before it there."""
    for parent in tree.ancestors(node):
        if isinstance(parent, _NOT_EACH_TIME):
            return False
        if isinstance(parent, cst.BaseSmallStatement):
            break
        if isinstance(parent, cst.BaseCompoundStatement):
            if not isinstance(parent, cst.If) or not tree.in_block(parent):
                return False
            break
    block, start = tree.block_statement(node), tree.spans[node][0]
    around = set(tree.ancestors(node))
    before = (call for call in tree.all(cst.Call) if call not in around and tree.spans[call][0] < start)
    return tree.in_block(block) and not any(tree.block_statement(call) is block for call in before)


_NOT_EACH_TIME = (
    cst.Lambda, cst.IfExp, cst.BooleanOperation, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp,
)  # fmt: skip
