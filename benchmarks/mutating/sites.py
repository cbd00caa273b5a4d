"""The sites of each rule in the fixtures, and the mutants of what the tool wrote there."""

from __future__ import annotations

import ast
import difflib
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from mutating.operators import OPERATORS
from mutating.text import Span, Text
from ov_migrate.migrate import migrate_paths
from ov_migrate.report.records import FileRecord, Finding, Place
from ov_migrate.verify.check import fixture_settings
from ov_migrate.verify.fixtures import Fixture, lay_out, modules

# At a site: the legacy text with the member's new name alone, and the legacy text as it was.
RENAMED, KEPT = "renamed only", "as it was"
# Before the name of an operator: in the lines beside the site.
NEAR = "beside: "
DROPPED = "statement"
NAMES = {operator.name: operator.words for operator in OPERATORS} | {
    RENAMED: "the legacy text with the new names and nothing else changed",
    KEPT: "the legacy text as it was",
}
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Mutant:
    """One wrong text of a module; `old` and `new` are what the tool wrote there and what it is now."""

    rule: str
    operator: str
    fixture: Fixture
    path: str
    text: str
    old: str
    new: str
    lines: range  # of the statement that it changes


@dataclass
class Module:
    """A module of a fixture before and after."""

    fixture: Fixture
    record: FileRecord

    @cached_property
    def text(self) -> Text:
        return Text(self.record.after)

    @cached_property
    def added(self) -> list[Place]:
        """The lines that the tool added or changed, and the old lines that they stand for."""
        before, after = _Lines(self.record.before), _Lines(self.record.after)
        codes = difflib.SequenceMatcher(None, before.texts, after.texts, autojunk=False).get_opcodes()
        return [
            Place(before.span(old, old_end), after.span(new, new_end))
            for tag, old, old_end, new, new_end in codes
            if tag in ("insert", "replace")
        ]

    @cached_property
    def places(self) -> list[Place]:
        return [place for place in self.record.places if place is not None]

    def is_authors(self, edit: ast.AST, span: Span, region: Place) -> bool:
        """True for a change of text that stands in the old text of its region just so, outside all sites that are
        parts of it: not the tool wrote it but the author of the program."""
        text = _whole(self.text, edit, span)
        start, end = region.old
        if isinstance(edit, ast.Subscript) and region.new is not None:
            index = f"[{self.text.text[slice(*span)]}]"
            old, new = self.record.before[start:end], self.text.text[slice(*region.new)]
            return old.count(index) >= new.count(index)
        for match in re.finditer(rf"(?<!\w){re.escape(text)}(?!\w)", self.record.before[start:end]):
            place = (start + match.start(), start + match.end())
            if not any(_overlap(site.old, place) for site in self.places if _size(site.old) < end - start):
                return True
        return False

    def is_own(self, span: Span, region: Place) -> bool:
        """True for a change that no smaller site than the region holds: it is not a mistake of another rule."""
        sizes = [_size(site.new) for site in self.places if site.new is not None and _holds(site.new, span)]
        return region.new is not None and min(sizes, default=_size(region.new)) >= _size(region.new)

    @cached_property
    def helpers(self) -> dict[str, Place]:
        """The functions that the tool added at the level of the module, by name."""
        found: dict[str, Place] = {}
        for node in self.text.tree.body:
            span = self.text.span(node)
            for place in self.added:
                if isinstance(node, ast.FunctionDef) and place.new and _holds(place.new, span):
                    found[node.name] = Place(place.old, span)
        return found

    def is_of_a_site(self, span: Span) -> bool:
        """True for a span that a site has a part in."""
        return any(place.new is not None and _overlap(place.new, span) for place in self.places)


@dataclass(frozen=True)
class Site:
    """A place where a rule has written."""

    rule: str
    module: Module
    place: Place

    @property
    def old(self) -> str:
        return self.module.record.before[slice(*self.place.old)]

    @property
    def new(self) -> str | None:
        return None if self.place.new is None else self.module.record.after[slice(*self.place.new)]

    def mutants(self, operator: str, is_own: bool = True) -> Iterator[Mutant]:
        """The mutants that one operator makes of this site, or, for a name that begins with NEAR, of the lines that the
        tool added beside it. With `is_own` false also of the sites inside this one and of the author's words."""
        seen = {self.module.record.after}
        for span, new in self._edits(operator, is_own):
            after = self.module.record.after
            text = after[: span[0]] + new + after[span[1] :]
            if text not in seen and _is_python(text):
                seen.add(text)
                path, lines = self.module.record.path, self.module.text.statement_lines(span)
                yield Mutant(self.rule, operator, self.module.fixture, path, text, after[slice(*span)], new, lines)

    def _edits(self, operator: str, is_own: bool) -> Iterator[tuple[Span, str]]:
        if operator in (RENAMED, KEPT):
            if self.place.new is not None:
                yield self.place.new, self.old if operator == KEPT else _renamed(self.old, self.new or "")
            return
        if operator == DROPPED and self.new == "":
            yield from self.module.text.drop_after(self.place.new[1] if self.place.new else 0)
            return
        edits = next(one.edits for one in OPERATORS if one.name == operator.removeprefix(NEAR))
        text = self.module.text
        if is_own and self.place.new is None:
            return  # It is a part of another site.
        for region in self._added if operator.startswith(NEAR) else self._around():
            assert region.new is not None
            for node in text.inside(region.new):
                if operator.startswith(NEAR) and self._is_of_another(text.span(node)):
                    continue
                for span, new in edits(text, node):
                    is_authors = self.module.is_authors(node, span, region)
                    if not is_own or (self.module.is_own(span, region) and not is_authors):
                        yield span, new

    @property
    def _added(self) -> list[Place]:
        """What was added or changed in the lines of the site, or directly above or below them, and the functions that
        were added and that the site uses; not the other functions."""
        if self.place.new is None:
            return []
        start, end = self.place.new
        after = self.module.record.after
        first, last = after.rfind("\n", 0, start) + 1, after.find("\n", end)
        last = len(after) if last < 0 else last + 1
        near = [place for place in self.module.added if place.new and place.new[0] <= last and first <= place.new[1]]
        return near + [helper for name, helper in self.module.helpers.items() if self._uses(name)]

    def _uses(self, name: str) -> bool:
        return re.search(rf"\b{name}\b", self.new or "") is not None

    def _is_of_another(self, span: Span) -> bool:
        """True for what stands in another site, or in an added function that this one does not use."""
        helpers = self.module.helpers.items()
        foreign = [helper.new for name, helper in helpers if not self._uses(name) and helper.new]
        return self.module.is_of_a_site(span) or any(_holds(helper, span) for helper in foreign)

    def _around(self) -> list[Place]:
        """This site, or the smallest one that holds it where it has no place of its own in the new text."""
        if self.place.new is not None:
            return [self.place]
        holding = [place for place in self.module.places if place.new and _holds(place.old, self.place.old)]
        return sorted(holding, key=lambda place: _size(place.old))[:1]


def _whole(text: Text, node: ast.AST, span: Span) -> str:
    """What a change is a change of: a constant is changed in the expression that it is a part of, a test or the items
    of a loop by themselves."""
    if isinstance(node, (ast.For, ast.If, ast.While, ast.IfExp, ast.ListComp, ast.DictComp, ast.GeneratorExp)):
        return text.text[slice(*span)]
    while isinstance(node, (ast.Constant, ast.keyword)) and isinstance(text.parents.get(node), (ast.expr, ast.keyword)):
        node = text.parents[node]
    return text.source(node)


def _size(span: Span) -> int:
    return span[1] - span[0]


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _holds(outer: Span, inner: Span) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1]


class _Lines:
    """The lines of a text, and the span of some of them."""

    def __init__(self, text: str) -> None:
        self.texts = text.splitlines(keepends=True)
        self._starts = list(accumulate(map(len, self.texts), initial=0))

    def span(self, first: int, end: int) -> Span:
        return self._starts[first], self._starts[end]


def _renamed(old: str, new: str) -> str:
    """The words of `old` that `new` has not, replaced by those of `new` that `old` has not, in turn."""
    words, others = _WORD.findall(old), _WORD.findall(new)
    gone = [word for word in dict.fromkeys(words) if word not in others]
    came = [word for word in dict.fromkeys(others) if word not in words]
    names = dict(zip(gone, came, strict=False))
    return _WORD.sub(lambda match: names.get(match[0], match[0]), old)


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def sites_of(fixture: Fixture) -> Iterator[Site]:
    """The sites of a fixture that the tool has rewritten."""
    with tempfile.TemporaryDirectory(prefix="ov-mutants-") as name:
        folder = Path(name)
        lay_out(modules(fixture.before), folder)
        run = migrate_paths([name], replace(fixture_settings(fixture), places=True, write=False))
    for record in run.files:
        record.path = Path(record.path).relative_to(folder).as_posix()
        if not record.places:
            continue  # Nothing was rewritten in it.
        module = Module(fixture, record)
        for finding, place in zip(record.findings, record.places, strict=True):
            place = place or _renamed_name(module, finding)
            if place is not None and finding.kind != "manual":
                yield Site(finding.rule, module, place)


def _renamed_name(module: Module, finding: Finding) -> Place | None:
    """The first place of a variable that was renamed, which is no site of the legacy API; None for other findings."""
    if not (finding.before.isidentifier() and finding.after.isidentifier() and finding.new_line):
        return None
    old = _Lines(module.record.before).span(finding.line - 1, finding.line - 1)[0] + finding.column
    start = _Lines(module.record.after).span(finding.new_line - 1, finding.new_line - 1)[0]
    new = re.compile(rf"\b{finding.after}\b").search(module.record.after, start)
    is_there = module.record.before.startswith(finding.before, old)
    return Place((old, old + len(finding.before)), new.span()) if new and is_there else None
