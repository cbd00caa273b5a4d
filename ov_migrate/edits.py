"""Edits as pieces of text at places of a tree, and the one pass that applies them all."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Union

import libcst as cst

from ov_migrate.knowledge.catalogue import Rule
from ov_migrate.skips import TODO
from ov_migrate.syntax import Span, Tree

# A piece of new text: literal text, a node (what stands there after its own edits), a span, a block moved left, or a
# name of API 2.0 whose text is known only where it is written.
Part = Union[str, cst.CSTNode, Span, "Dedented", "Imported"]

# Marks a line break inside a multi-line string while a block is moved: such lines must not lose their indentation.
_KEPT_BREAK = "\0"


@dataclass(frozen=True)
class Imported:
    """A name of API 2.0, such as `AsyncInferQueue`, to be imported and written as the module does it."""

    name: str


@dataclass(frozen=True)
class Dedented:
    """The text of a span with each line moved from `indent` to `to`."""

    span: Span
    indent: str
    to: str


@dataclass(frozen=True, eq=False)
class Edit:
    """Puts `parts` in the place of `span`; an empty span inserts. Of several insertions at one place those that `lead`
    come first."""

    span: Span
    parts: tuple[Part, ...]
    leads: bool = False


# Stand around what became of a span while its place is looked for: characters that no program holds.
_START, _END = "\ue0f0", "\ue0f1"
_MARK = re.compile(f"({_START}[0-9]+{_START}|{_END}[0-9]+{_END})")


@dataclass(frozen=True, eq=False)
class _Mark(Edit):
    """One end of a span, of which `other` is the other end."""

    other: int = 0


@dataclass
class Change:
    """One site rewritten: the edits that belong together, and what the report says of them."""

    rule: Rule
    node: cst.CSTNode
    edits: list[Edit] = field(default_factory=list)
    verdict: str = "migrated"
    message: str = ""


@dataclass
class Leftover:
    """One site that is listed but not rewritten. `annotate` is False where a comment would have no place."""

    rule: Rule
    span: Span
    message: str
    annotate: bool = True
    verdict: str = "manual"


class Renderer:
    """Applies edits to one tree's text. Outer edits win: an edit inside another one shows only through a part that
    covers it."""

    def __init__(self, tree: Tree, edits: Iterable[Edit]) -> None:
        self.tree = tree
        self._edits = sorted(edits, key=_outer_first)
        self._starts = [edit.span[0] for edit in self._edits]

    @property
    def is_empty(self) -> bool:
        """True when the text stays as it is."""
        return not self._edits

    @cached_property
    def _whole(self) -> Span:
        return (0, len(self.tree.text))

    @cached_property
    def _multiline(self) -> list[Span]:
        tree = self.tree
        return sorted(
            tree.spans[node]
            for kind in (cst.SimpleString, cst.FormattedString)
            for node in tree.all(kind)
            if "\n" in tree.source(node) or "\r" in tree.source(node)
        )

    def text(self) -> str:
        """The whole new text."""
        return self._span(self._whole, frozenset(), False)

    def after(self, span: Span) -> str:
        """What stands in the place of `span` afterwards."""
        return self._span(span, frozenset(), False)

    def survives(self, span: Span) -> bool:
        """True when the text of `span` stands in the new text."""
        return self._survives(span, frozenset())

    def _survives(self, span: Span, without: frozenset[Edit]) -> bool:
        for edit in self._edits:
            if edit.span[0] > span[0]:
                return True
            if edit in without or edit.span[1] < span[1] or edit.span[0] == edit.span[1]:
                continue
            inner = without | {edit}
            return any(self._covers(part, span) and self._survives(span, inner) for part in edit.parts)
        return True

    def _covers(self, part: Part, span: Span) -> bool:
        if isinstance(part, (str, Imported)):
            return False
        if isinstance(part, tuple):
            start, end = part
        else:
            start, end = part.span if isinstance(part, Dedented) else self.tree.spans[part]
        return start <= span[0] and span[1] <= end

    def places(self, spans: Iterable[Span]) -> tuple[str, list[Span | None]]:
        """The whole new text, and where in it stands what became of each span; None where that is not one place."""
        wanted = list(dict.fromkeys(span for span in spans if span[0] < span[1]))
        ends = [_Mark((end, end), (f"{_END}{i}{_END}",), other=start) for i, (start, end) in enumerate(wanted)]
        starts = [_Mark((start, start), (f"{_START}{i}{_START}",), other=end) for i, (start, end) in enumerate(wanted)]
        text = Renderer(self.tree, [*ends, *self._edits, *starts]).text()
        plain, marks, position = [], dict[tuple[str, int], list[int]](), 0
        for index, piece in enumerate(_MARK.split(text)):
            if index % 2 == 0:
                plain.append(piece)
                position += len(piece)
            else:
                marks.setdefault((piece[0], int(piece[1:-1])), []).append(position)
        found: dict[Span, Span | None] = {}
        for index, span in enumerate(wanted):
            first, last = marks.get((_START, index), []), marks.get((_END, index), [])
            is_one = len(first) == len(last) == 1 and first[0] <= last[0]
            found[span] = (first[0], last[0]) if is_one else None
        return "".join(plain), [found.get(span) for span in spans]

    def line_moves(self) -> list[tuple[int, int]]:
        """For each outermost edit, the offset from which on it moves the text, and by how many lines."""
        moves: list[tuple[int, int]] = []
        end = 0
        for edit in self._edits:
            if edit.span[0] < end:
                continue
            before = self.tree.text.count("\n", *edit.span)
            after = "".join(self._part(part, edit, frozenset({edit}), False) for part in edit.parts).count("\n")
            moves.append((edit.span[1], after - before))
            end = max(end, edit.span[1])
        return moves

    def _span(self, span: Span, without: frozenset[Edit], mark: bool) -> str:
        start, end = span
        out: list[str] = []
        position = start
        for edit in self._inside(span):
            if edit in without or edit.span[0] < position:
                continue
            out.append(self._source(position, edit.span[0], mark))
            out.extend(self._part(part, edit, without | {edit}, mark) for part in edit.parts)
            position = edit.span[1]
        out.append(self._source(position, end, mark))
        return "".join(out)

    def _inside(self, span: Span) -> Iterator[Edit]:
        start, end = span
        for index in range(bisect.bisect_left(self._starts, start), len(self._edits)):
            edit = self._edits[index]
            if edit.span[0] > end:
                return
            # An insertion at the border of a span belongs to what is around the span.
            is_foreign = edit.span[0] in span and (not isinstance(edit, _Mark) or not start <= edit.other <= end)
            empty_at_border = edit.span[0] == edit.span[1] and is_foreign and span != self._whole
            if edit.span[1] <= end and not empty_at_border:
                yield edit

    def _part(self, part: Part, edit: Edit, without: frozenset[Edit], mark: bool) -> str:
        if isinstance(part, str):
            return part
        if isinstance(part, Imported):
            return part.name
        if isinstance(part, Dedented):
            return self._dedent(part, without)
        if isinstance(part, tuple):
            return self._span(part, without, mark)
        return self._span(self.tree.outer_span(part), without, mark)

    def _source(self, start: int, end: int, mark: bool) -> str:
        text = self.tree.text[start:end]
        if not mark or "\n" not in text:
            return text
        for low, high in self._multiline:
            low, high = max(low, start), min(high, end)
            if low < high:
                inner = self.tree.text[low:high].replace("\n", _KEPT_BREAK + "\n")
                return self._source(start, low, mark) + inner + self._source(high, end, mark)
        return text

    def _dedent(self, part: Dedented, without: frozenset[Edit]) -> str:
        lines = self._span(part.span, without, True).split("\n")
        moved = []
        for before, line in zip(["", *lines], lines, strict=False):
            inside_string = before.endswith(_KEPT_BREAK)
            moves = not inside_string and line.startswith(part.indent)
            moved.append(part.to + line[len(part.indent) :] if moves else line)
        return "\n".join(moved).replace(_KEPT_BREAK, "")


def _outer_first(edit: Edit) -> tuple[int, bool, bool, int]:
    start, end = edit.span
    return start, end > start, not edit.leads, -end


_COMMENT = re.compile(r"\s*#\s*" + re.escape(TODO))


def annotation_edits(tree: Tree, leftovers: Iterable[Leftover], kept: frozenset[str] = frozenset()) -> list[Edit]:
    """Comment lines above the statements of `leftovers`: one for each rule and statement, none where one stands. What
    is said of several lines in a row is said once, but for lines with `kept` legacy names: a later run knows those."""
    names = (node for node in (tree.all(cst.Name) if kept else ()) if node.value in kept)
    known_later = {clause_start(tree, tree.spans[name][0]) for name in names}
    newline = tree.module.default_newline
    seen: set[tuple[int, str]] = set()
    edits = []
    said = ("", -2)
    for leftover in sorted(leftovers, key=lambda leftover: leftover.span):
        start = clause_start(tree, leftover.span[0])
        if not leftover.annotate or (start, leftover.rule.code) in seen:
            continue
        seen.add((start, leftover.rule.code))
        line = tree.position(start)[0]
        is_repeated = said[0] == leftover.message and line - said[1] <= 1 and start not in known_later
        said = (leftover.message, line)
        if is_repeated or has_comment_above(tree, start):
            continue
        indent = tree.text[tree.line_start(start) : start]
        comment = f"# {TODO} {leftover.rule.code}): {leftover.message}{newline}{indent}"
        edits.append(Edit((start, start), (comment,)))
    return edits


def has_comment_above(tree: Tree, start: int) -> bool:
    """True when one of the tool's own comments stands on the line in front of the one of `start`."""
    above = tree.text[: tree.line_start(start)].splitlines()
    return bool(above) and _COMMENT.match(above[-1]) is not None


def clause_start(tree: Tree, offset: int) -> int:
    """Where the statement, or the clause of a compound one, that holds `offset` begins on its line."""
    clauses = (
        cst.SimpleStatementLine, cst.If, cst.While, cst.For, cst.With, cst.FunctionDef, cst.ClassDef, cst.Try,
        cst.ExceptHandler, cst.Else,
    )  # fmt: skip
    spans = [tree.spans[node] for kind in clauses for node in tree.all(kind)]
    start = max((start for start, end in spans if start <= offset < end), default=offset)
    line = tree.line_start(start)
    text = tree.text[line:]
    return line + len(text) - len(text.lstrip(" \t"))
