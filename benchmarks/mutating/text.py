"""A text with its syntax tree, and where things stand in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

Span = tuple[int, int]
Edit = tuple[Span, str]

_NAMED = ("get_tensor", "set_tensor", "input", "output")


class Text:
    """One text with its syntax tree; raises SyntaxError for what is not Python."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tree = ast.parse(text)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}
        self._starts = [0]
        self._lines = text.split("\n")
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self.names = self._tensor_names()

    def span(self, node: ast.AST) -> Span:
        """Where `node`, which has a place, stands, in characters."""
        place: ast.expr = node  # type: ignore[assignment]
        assert place.end_lineno is not None
        assert place.end_col_offset is not None
        return self._offset(place.lineno, place.col_offset), self._offset(place.end_lineno, place.end_col_offset)

    def _offset(self, line: int, column: int) -> int:
        data = self._lines[line - 1].encode()[:column]
        return self._starts[line - 1] + len(data.decode())

    def source(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    def inside(self, span: Span) -> list[ast.AST]:
        """The nodes that stand in `span`, outer ones first."""
        found: list[tuple[int, int, int, ast.AST]] = []
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.expr, ast.stmt)):
                start, end = self.span(node)
                if span[0] <= start and end <= span[1]:
                    found.append((start - end, start, len(found), node))
        return [node for *_, node in sorted(found, key=lambda item: item[:3])]

    def drop_after(self, position: int) -> Iterator[Edit]:
        """The edit that drops the statement after a place where the tool has dropped something: one too many."""
        statements = [node for node in ast.walk(self.tree) if isinstance(node, ast.stmt)]
        following = [node for node in statements if self.span(node)[0] >= position and not hasattr(node, "body")]
        if following:
            yield self.span(min(following, key=lambda node: self.span(node)[0])), "pass"

    def statement_lines(self, span: Span) -> range:
        """The lines of the smallest statement that holds `span`, of a compound one those before its body."""
        statements = [node for node in ast.walk(self.tree) if isinstance(node, ast.stmt)]
        holding = [node for node in statements if self.span(node)[0] <= span[0] and span[1] <= self.span(node)[1]]
        if not holding:
            return range(0)
        node = min(holding, key=lambda node: self.span(node)[1] - self.span(node)[0])
        body: list[ast.stmt] = getattr(node, "body", [])
        return range(node.lineno, max(node.lineno + 1, body[0].lineno) if body else (node.end_lineno or 0) + 1)

    def _tensor_names(self) -> list[str]:
        """Texts that stand where the name of an input or output does, in the order of the program."""
        found: list[ast.expr] = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and called_name(node) in _NAMED and node.args:
                found.append(node.args[0])
            elif isinstance(node, ast.Subscript):
                found.append(node.slice)
            elif isinstance(node, ast.Dict):
                found += [key for key in node.keys if key is not None]
        return list(
            dict.fromkeys(
                node.value for node in found if isinstance(node, ast.Constant) and isinstance(node.value, str)
            )
        )


def called_name(node: ast.AST | None) -> str:
    """The last name of what is called; "" for other nodes."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )
