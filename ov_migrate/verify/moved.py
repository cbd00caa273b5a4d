"""Places in a text that was changed afterwards, by a person who finished a migration or by a test."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import libcst as cst

from ov_migrate.report.hunks import split_lines
from ov_migrate.report.records import Place
from ov_migrate.syntax import Span, Tree, children


def moved_places(places: list[Place | None], before: Tree, after: Tree) -> list[Place | None]:
    """The places with `new`, a span of `before`, carried over to `after`. A site whose lines still stand keeps its
    place; one on a changed line goes to what stands at the same position of the statement there; the others have none.
    """
    moves = _Moves(before, after)
    return [place and Place(place.old, place.new and moves.moved(place.new)) for place in places]


class _Moves:
    def __init__(self, before: Tree, after: Tree) -> None:
        self.before, self.after = before, after
        self.starts, self.new_starts = _starts(before.text), _starts(after.text)
        lines, new_lines = split_lines(before.text), split_lines(after.text)
        matcher = difflib.SequenceMatcher(None, lines, new_lines, autojunk=False)
        self.codes = matcher.get_opcodes()
        self.statements = dict(_statements(before))
        self.by_line = {after.position(span[0])[0]: node for span, node in sorted(_statements(after), key=_outer_last)}

    def moved(self, span: Span) -> Span | None:
        for tag, first, last, new_first, new_last in self.codes:
            if tag == "equal" and self.starts[first] <= span[0] and span[1] <= self.starts[last]:
                shift = self.new_starts[new_first] - self.starts[first]
                return span[0] + shift, span[1] + shift
            if tag == "replace" and last - first == new_last - new_first:
                line = self.before.position(span[0])[0] - 1
                if first <= line < last:
                    return self._same_position(span, new_first - first)
        return None

    def _same_position(self, span: Span, lines: int) -> Span | None:
        """What stands in the statement `lines` further down where `span` stands in its own."""
        around = [own for own in self.statements if own[0] <= span[0] and span[1] <= own[1]]
        if not around:
            return None
        own = min(around, key=lambda own: own[1] - own[0])
        node = self.statements[own]
        other = self.by_line.get(self.before.position(own[0])[0] + lines)
        while other is not None:
            if self.before.outer_span(node) == span or self.before.spans[node] == span:
                return self.after.outer_span(other)
            below, other_below = list(children(node)), list(children(other))
            inside = [i for i, child in enumerate(below) if _holds(self.before, child, span)]
            if not inside or inside[0] >= len(other_below):
                return None
            node, other = below[inside[0]], other_below[inside[0]]
        return None


def _holds(tree: Tree, node: cst.CSTNode, span: Span) -> bool:
    if node not in tree.spans:
        return False
    start, end = tree.outer_span(node)
    return start <= span[0] and span[1] <= end


def _statements(tree: Tree) -> Iterator[tuple[Span, cst.CSTNode]]:
    for kind, nodes in tree.nodes.items():
        if issubclass(kind, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
            yield from ((tree.spans[node], node) for node in nodes)


def _outer_last(pair: tuple[Span, cst.CSTNode]) -> int:
    """Of statements that begin on one line the outermost comes last, and counts."""
    (start, end), _ = pair
    return end - start


def _starts(text: str) -> list[int]:
    starts = [0]
    for line in split_lines(text):
        starts.append(starts[-1] + len(line))
    return starts
