"""What a person needs to finish a site by hand: what the object is, how that was established, what the legacy call did
there, and the forms that API 2.0 offers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

import libcst as cst

from ov_migrate.inference.feature_tests import attribute_test, feature_test
from ov_migrate.inference.members import MAPPING_METHODS
from ov_migrate.inference.trace import Tracer
from ov_migrate.inference.values import (
    Builtin,
    Container,
    Foreign,
    Instance,
    Kinds,
    Legacy,
    LegacyName,
    Suspect,
    Unknown,
    Value,
)
from ov_migrate.knowledge.catalogue import Rule
from ov_migrate.knowledge.handover import Form, task_of, tasks_of_member
from ov_migrate.report.handover_words import SITE
from ov_migrate.report.records import Finding, HandOver, Trail, Waypoint
from ov_migrate.sources import Source
from ov_migrate.syntax import Span, below
from ov_migrate.uses import Uses, cut, one_line, shown

_EXPRESSIONS = (cst.Name, cst.Attribute, cst.Call, cst.Subscript)
_DOUBTS = frozenset({"unknown-object", "mixed-object"})
_MOST_TRAILS = 3


class HandOvers:
    """Makes hand-overs for the findings of one module."""

    def __init__(self, tracer: Tracer, module: int) -> None:
        self.engine = tracer.engine
        self.module = module
        self.tree = self.engine.project.modules[module].tree
        self._tracer = tracer

    def given(self, finding: Finding, rule: Rule, span: Span) -> Finding:
        """The finding with its hand-over, when a person has something to do there."""
        return finding if finding.kind == "migrated" else replace(finding, hand_over=self.at(rule, span))

    def at(self, rule: Rule, span: Span) -> HandOver:
        """The hand-over of the site that stands at `span`."""
        subject, member = self._subject(rule, span)
        if subject is None:
            task, used = task_of(rule), self._uses.at(span)
            object = used[0].object if used else ""
            return HandOver(object, used, task.legacy_did, task.forms)
        values = self._values(self._tracer.kinds(subject))
        # Of each thing that it may be one way is told before a second one of any.
        firsts = {self._tracer.title(value): value for value in reversed(values)}
        told = sorted(values, key=lambda value: firsts[self._tracer.title(value)] is not value)[:_MOST_TRAILS]
        text = self._site_text(subject, member, span)
        trails = tuple(dict.fromkeys(self._trail(subject, value, text) for value in told))
        did, forms = self._task(rule, values, member)
        return HandOver(self._words(values, member), trails, did, forms)

    @cached_property
    def _nodes(self) -> dict[Span, cst.CSTNode]:
        """Expressions by their place; of several at one place, the outermost."""
        spans = self.tree.spans
        return {spans[node]: node for kind in reversed(_EXPRESSIONS) for node in self.tree.all(kind)}

    def _subject(self, rule: Rule, span: Span) -> tuple[cst.CSTNode | None, str]:
        """The expression that a finding is about, and the member that is asked of it."""
        node = self._nodes.get(span)
        if node is None:
            return self._asked(rule, self._attributes(span)) or (None, "")
        parent = self.tree.parents[node]
        if isinstance(node, cst.Name) and isinstance(parent, cst.Attribute) and parent.attr is node:
            return parent.value, node.value
        if node is getattr(parent, "name", None) or node is getattr(parent, "keyword", None):
            return None, ""
        found = self._asked(rule, (node, *below(node)))
        if found is not None:
            return found
        if isinstance(node, cst.Call):
            test = feature_test(self.engine, node) or attribute_test(self.engine, node, "getattr")
            if test is not None:
                return test.receiver, test.name
            node = node.func
        if isinstance(node, cst.Attribute):
            return node.value, node.attr.value
        return (node.value, "") if isinstance(node, cst.Subscript) else (node, "")

    def _attributes(self, span: Span) -> Iterator[cst.Attribute]:
        """The attributes that stand inside `span`."""
        spans, (start, end) = self.tree.spans, span
        return (node for node in self.tree.all(cst.Attribute) if start <= spans[node][0] and spans[node][1] <= end)

    def _asked(self, rule: Rule, nodes: Iterable[cst.CSTNode]) -> tuple[cst.CSTNode, str] | None:
        """The first attribute among `nodes` that is a site of the rule; for a rule without sites of its own, that is a
        member of a legacy object."""
        for node in nodes:
            if not isinstance(node, cst.Attribute):
                continue
            for value in self.engine.facts.get(node.value, ()):
                if not isinstance(value, Legacy):
                    continue
                kind = self.engine.api.kinds[value.kind]
                name = node.attr.value
                sites = {f"{kind.name}.{name}{end}" for end in ("", "()", "=")}
                is_mapping = bool(kind.key) and name in MAPPING_METHODS
                if sites & set(rule.legacy) or (not rule.legacy and (name in kind.members or is_mapping)):
                    return node.value, name
        return None

    def _values(self, kinds: Kinds) -> list[Value]:
        """What an expression may be, as far as it is told: each legacy object, then one of all that is not known, and,
        where it is not clear which, what else it may be."""
        ordered = self._tracer.origins.ordered(kinds)
        legacy: list[Value] = [value for value in ordered if isinstance(value, (Legacy, LegacyName))]
        others: list[Value] = [value for value in ordered if isinstance(value, (Instance, Container))]
        others += [value for value in ordered if isinstance(value, (Foreign, Builtin))][:1]
        is_open = not kinds or any(isinstance(value, (Unknown, Suspect)) for value in kinds)
        return [*legacy, *others, *([Unknown()] if is_open and not others else [])]

    @cached_property
    def _uses(self) -> Uses:
        return Uses(self._tracer, self.module)

    def _site_text(self, subject: cst.CSTNode, member: str, span: Span) -> str:
        """The code of the site: the member on its object, or all of what a finding is about."""
        parent = self.tree.parents[subject]
        is_read = isinstance(parent, cst.Attribute) and parent.attr.value == member
        return one_line(self.tree, parent) if is_read else cut(" ".join(self.tree.text[slice(*span)].split()))

    def _trail(self, subject: cst.CSTNode, value: Value, text: str) -> Trail:
        chain = self._tracer.chain(self.module, subject, value)
        places = [shown(self._tracer, step) for step in chain.steps]
        line, _ = self.tree.position(self.tree.spans[subject][1])
        places.append(Waypoint(str(self.engine.project.modules[self.module].path), line, text, SITE))
        return Trail(self._tracer.title(value), tuple(_without_doubles(places)), chain.lost)

    def _words(self, values: list[Value], member: str) -> str:
        titles = dict.fromkeys(self._tracer.title(value) for value in values if not isinstance(value, Unknown))
        if any(isinstance(value, Unknown) for value in values):
            kinds = self.engine.api.kinds.values()
            perhaps = [kind.title for kind in kinds if member in kind.members]
            if not titles and perhaps:
                return f"not established; `{member}` is a member of: {', '.join(perhaps)}"
            titles["what could not be followed"] = None
        return ", or ".join(titles)

    def _task(self, rule: Rule, values: list[Value], member: str) -> tuple[str, tuple[Form, ...]]:
        """What the legacy call did and the forms to choose from: those of the rule, and, where it is in doubt what the
        object is, those of the member on each kind that it may be of."""
        kinds = list(dict.fromkeys(value.kind for value in values if isinstance(value, Legacy)))
        if rule.slug not in _DOUBTS:
            classes = [value.name.removeprefix("IE") for value in values if isinstance(value, LegacyName)]
            task = task_of(rule, f"{kinds[0]}.{member}" if kinds else next(iter(classes), ""))
            return task.legacy_did, task.forms
        task = task_of(rule)
        did, forms = [task.legacy_did], list(task.forms)
        known = self.engine.api.kinds
        for kind in kinds or [kind.name for kind in known.values() if member in kind.members]:
            front = f"If it is this: {known[kind].title}."
            for other in tasks_of_member(kind, member):
                did.append(f"{front} {other.legacy_did}")
                forms += [Form(form.code, f"{front} {form.changes}", form.since) for form in other.forms]
        return " ".join(did), tuple(forms)


def _without_doubles(places: list[Waypoint]) -> list[Waypoint]:
    """The places, of several in one line of code the last."""
    return [
        place
        for place, after in zip(places, [*places[1:], None], strict=True)
        if after is None or (place.path, place.line, place.code) != (after.path, after.line, after.code)
    ]


def placed(finding: Finding, sources: Mapping[str, Source]) -> Finding:
    """The finding with the places of its hand-over as a person knows them: under the paths that were given, and by cell
    in a notebook. `sources` are by the paths of their modules."""
    if finding.hand_over is None:
        return finding
    trails = (
        replace(trail, places=tuple(_placed(place, sources[place.path]) for place in trail.places))
        for trail in finding.hand_over.trails
    )
    return replace(finding, hand_over=replace(finding.hand_over, trails=tuple(trails)))


def _placed(place: Waypoint, source: Source) -> Waypoint:
    from ov_migrate.notebooks import Notebook

    cell, line = source.place(place.line) if isinstance(source, Notebook) else (0, place.line)
    return replace(place, path=source.path, cell=cell, line=line)
