"""Where probes go: for each site, the expression in the old text and its counterpart in the new one.

A probe is put around an expression and records its value, or stands before a statement and records that it ran. Neither
moves a line. All is decided on syntax trees of the two texts; what a site is was decided by the run of the tool.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import libcst as cst

from ov_migrate.report.records import FileRecord, Finding, Place
from ov_migrate.syntax import Span, Tree

Spans = tuple[Span, Span]


@dataclass(frozen=True)
class Mark:
    """What is put into one text: around the expression at `span`, or before the statement that begins there."""

    span: Span
    is_value: bool


@dataclass(frozen=True)
class Probe:
    """One probe of a pair of texts. `new` is None for a site that has no counterpart of its own."""

    number: int
    old: Mark | None
    new: Mark | None

    @property
    def is_one_sided(self) -> bool:
        return self.old is None or self.new is None


@dataclass
class Site:
    """One finding with its probe; `within` is the number of the site around it, whose probe covers it."""

    path: str
    finding: Finding
    probe: Probe | None = None
    within: int | None = None


@dataclass
class Plan:
    """The sites of one file."""

    path: str
    sites: list[Site]

    def marks(self, old: bool) -> list[tuple[int, Mark]]:
        """The marks of one side with their numbers, each once."""
        found = dict.fromkeys(site.probe for site in self.sites if site.probe is not None)
        both = ((probe.number, probe.old if old else probe.new) for probe in found)
        return [(number, mark) for number, mark in both if mark is not None]


def plan(record: FileRecord, first: int, before: Tree, after: Tree) -> Plan:
    """Chooses probes for the sites of one file, numbered from `first`; the trees are those of its two texts."""
    pairing = _Pairing(before, after)
    probes: dict[Place, Probe | None] = {}
    sites = []
    for finding, place in zip(record.findings, record.places, strict=True):
        if place is None:
            sites.append(Site(record.path, finding))
            continue
        if place not in probes:
            marks = pairing.marks(place, finding.kind == "manual")
            probes[place] = Probe(first + len(probes), *marks) if any(marks) else None
        sites.append(Site(record.path, finding, probes[place]))
    _cover(sites, record.places)
    return Plan(record.path, sites)


def _cover(sites: list[Site], places: Sequence[Place | None]) -> None:
    """Finds for each site without a counterpart the smallest site around it that has one."""
    for site, place in zip(sites, places, strict=True):
        if place is None or (site.probe is not None and not site.probe.is_one_sided):
            continue
        around = [
            (other.old[1] - other.old[0], index)
            for index, other in enumerate(places)
            if other is not None and other != place and other.old[0] <= place.old[0] and place.old[1] <= other.old[1]
            if (probe := sites[index].probe) is not None and probe.new is not None
        ]
        site.within = min(around)[1] if around else None


class _Pairing:
    """Finds the marks of a place in two trees."""

    def __init__(self, old: Tree, new: Tree) -> None:
        self.old, self.new = _Side(old), _Side(new)

    def marks(self, place: Place, is_left: bool) -> tuple[Mark | None, Mark | None]:
        if is_left:
            return self.old.value(place.old) or self.old.statement(place.old), None
        if place.new is None or place.new[0] == place.new[1]:
            return self.old.statement(place.old), None
        old, new = self.old.value(place.old), self.new.value(place.new)
        if old is not None and new is not None:
            return old, new
        pair = self._assigned(place)
        if pair is not None:
            return pair
        return self.old.statement(place.old), self.new.statement(place.new)

    def _assigned(self, place: Place) -> tuple[Mark, Mark] | None:
        """The values of two assignments to the same targets, or what two `return`s give back."""
        assert place.new is not None
        old, new = self.old.small_statement(place.old), self.new.small_statement(place.new)
        if type(old) is not type(new) or not isinstance(old, (cst.Assign, cst.Return)):
            return None
        if isinstance(old, cst.Assign):
            assert isinstance(new, cst.Assign)
            if self.old.targets(old) != self.new.targets(new):
                return None
        values = old.value, new.value  # type: ignore[union-attr]
        if values[0] is None or values[1] is None:
            return None
        first, second = self.old.mark(values[0]), self.new.mark(values[1])
        return (first, second) if first is not None and second is not None else None


class _Side:
    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._expressions: dict[Span, cst.BaseExpression] = {}
        self._statements: dict[int, cst.BaseSmallStatement | cst.BaseCompoundStatement] = {}
        for kind, nodes in tree.nodes.items():
            if issubclass(kind, cst.BaseExpression):
                self._add(nodes)  # type: ignore[arg-type]
            elif issubclass(kind, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
                self._statements |= {tree.spans[node][0]: node for node in nodes}  # type: ignore[misc]

    def _add(self, nodes: Iterable[cst.BaseExpression]) -> None:
        for node in nodes:
            for span in {self.tree.spans[node], self.tree.outer_span(node)}:
                self._expressions.setdefault(span, node)

    def value(self, span: Span) -> Mark | None:
        """A probe around the expression that fills `span`, where there is one whose value may be taken."""
        span = self._stripped(span)
        node = self._expressions.get(span)
        return None if node is None else self.mark(node)

    def mark(self, node: cst.BaseExpression) -> Mark | None:
        """A probe around `node`; None where it has no value, or where text cannot be put around it."""
        if not self._is_read(node):
            return None
        span = self.tree.outer_span(node)
        is_used = not isinstance(self.tree.parents.get(node), cst.Expr)
        return Mark(span, True) if is_used else self.statement(span)

    def _is_read(self, node: cst.CSTNode) -> bool:
        if self._is_set(node) or any(node is part for part in _names(self.tree.parents[node])):
            return False
        for parent in self.tree.ancestors(node):
            if isinstance(parent, _WITHOUT_VALUES):
                return False
            if isinstance(parent, cst.FormattedStringExpression) and parent.equal is not None:
                return False
            if isinstance(parent, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
                return True
        return True

    def _is_set(self, node: cst.CSTNode) -> bool:
        """True for what is set or deleted; what a subscript or an attribute that is set hangs on is read."""
        child = node
        for parent in self.tree.ancestors(node):
            if not isinstance(parent, (cst.Element, cst.StarredElement, cst.Tuple, cst.List)):
                return isinstance(parent, _SETTERS) and child is parent.target
            child = parent
        return False

    def statement(self, span: Span) -> Mark | None:
        """A probe before the small statement that holds the start of `span`, or around the head of a compound one."""
        start, _ = self._stripped(span)
        node = self._statements.get(start) or self._around(start)
        if isinstance(node, (cst.If, cst.While)):
            return Mark(self.tree.outer_span(node.test), False)
        if isinstance(node, cst.For):
            return Mark(self.tree.outer_span(node.iter), False)
        if isinstance(node, cst.With):
            return Mark(self.tree.outer_span(node.items[0].item), False)
        if isinstance(node, (cst.ClassDef, cst.FunctionDef, cst.Try)):
            return self._first_of(node.body)
        if isinstance(node, cst.BaseSmallStatement) and not self._is_future(node) and not _is_text(node):
            return Mark((self.tree.spans[node][0],) * 2, False)
        return None

    def _first_of(self, body: cst.BaseSuite) -> Mark | None:
        """Before the first statement of a block; a text in front of it stays the documentation that it is."""
        statements = list(body.body)
        head = statements[0] if statements else None
        if isinstance(head, cst.SimpleStatementLine) and _is_text(head.body[0]):
            del statements[0]
        return self.statement(self.tree.spans[statements[0]]) if statements else None

    def _around(self, start: int) -> cst.CSTNode | None:
        spans = self.tree.spans
        holding = [
            (spans[node][1] - spans[node][0], index, node)
            for index, node in enumerate(self._statements.values())
            if spans[node][0] <= start < spans[node][1]
        ]
        return min(holding)[2] if holding else None

    def small_statement(self, span: Span) -> cst.CSTNode | None:
        """The small statement that fills `span`."""
        start, end = self._stripped(span)
        node = self._statements.get(start)
        return node if node is not None and self.tree.spans[node] == (start, end) else None

    def targets(self, node: cst.Assign) -> list[str]:
        return [self.tree.source(target.target) for target in node.targets]

    def _stripped(self, span: Span) -> Span:
        text = self.tree.text[span[0] : span[1]]
        start = span[0] + len(text) - len(text.lstrip())
        return start, start + len(text.strip())

    def _is_future(self, node: cst.CSTNode) -> bool:
        return isinstance(node, cst.ImportFrom) and self.tree.source(node).startswith("from __future__")


_SETTERS = (cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.CompFor, cst.Del, cst.For, cst.NamedExpr)
_WITHOUT_VALUES = (cst.Annotation, cst.AsName, cst.ConcatenatedString, cst.Import, cst.ImportFrom, cst.MatchPattern)


def _is_text(node: cst.CSTNode) -> bool:
    """True for a statement that is a text alone, such as the documentation of a function."""
    return isinstance(node, cst.Expr) and isinstance(node.value, (cst.SimpleString, cst.ConcatenatedString))


def _names(parent: cst.CSTNode) -> tuple[cst.CSTNode | None, ...]:
    """The children of `parent` that are names and no values."""
    if isinstance(parent, cst.Attribute):
        return (parent.attr,)
    if isinstance(parent, cst.Arg):
        return (parent.keyword,)
    if isinstance(parent, (cst.Param, cst.FunctionDef, cst.ClassDef, cst.NameItem)):
        return (parent.name,)
    return ()
