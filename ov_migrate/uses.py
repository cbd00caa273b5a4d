"""Where the site of a hand-over leads to, when it is about no object: what uses an imported name, and what takes a
configuration key. And the text of a place in a report."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import libcst as cst

from ov_migrate.inference.puts import Step
from ov_migrate.inference.trace import Tracer
from ov_migrate.inference.values import Container, Method, Value
from ov_migrate.report.handover_words import SITE
from ov_migrate.report.records import Trail, Waypoint
from ov_migrate.syntax import Span, Tree, dotted

_HEADS = (cst.For, cst.With, cst.FunctionDef, cst.ClassDef, cst.While, cst.If)
_MOST_USES = 8
_LONGEST_CODE = 200


class Uses:
    """Answers for one module."""

    def __init__(self, tracer: Tracer, module: int) -> None:
        self._tracer = tracer
        self._module = module
        self._tree = tracer.origins.tree(module)

    def at(self, span: Span) -> tuple[Trail, ...]:
        """The site at `span`, and behind it what uses it; nothing for a site that is neither of these."""
        spans = self._tree.spans
        imports: list[cst.Import | cst.ImportFrom] = [*self._tree.all(cst.Import), *self._tree.all(cst.ImportFrom)]
        statement = next((node for node in imports if span[0] <= spans[node][0] and spans[node][1] <= span[1]), None)
        if statement is not None:
            return self._told("imported name", statement, self._readers(statement))
        text = next((node for node in self._tree.all(cst.SimpleString) if spans[node] == span), None)
        if text is None:
            return ()
        takers = list(self._takers(self._holders(text)))
        return self._told("key of a configuration", text, iter(takers)) if takers else ()

    def _told(self, what: str, node: cst.CSTNode, uses: Iterator[Step]) -> tuple[Trail, ...]:
        steps = [Step(self._module, node, SITE), *islice(dict.fromkeys(uses), _MOST_USES)]
        return (Trail(what, tuple(shown(self._tracer, step) for step in steps)),)

    def _readers(self, statement: cst.Import | cst.ImportFrom) -> Iterator[Step]:
        if isinstance(statement.names, cst.ImportStar):
            return
        for alias in statement.names:
            name = alias.asname.name if alias.asname is not None else alias.name
            for node in self._tree.references((dotted(name) or "").split(".")[0]):
                if not isinstance(self._tree.parents[node], (cst.ImportAlias, cst.AsName)):
                    yield Step(self._module, self._tree.statement(node), "used here")

    def _holders(self, text: cst.SimpleString) -> set[Value]:
        """The dictionaries that have `text` as a key."""
        parents = self._tree.parents
        parent = parents[text]
        if isinstance(parent, cst.DictElement):
            return {Container(parents[parent])}
        for node in self._tree.ancestors(text):
            if isinstance(node, cst.Subscript):
                return {v for v in self._tracer.kinds(node.value) if isinstance(v, Container)}
        return set()

    def _takers(self, holders: set[Value]) -> Iterator[Step]:
        """The calls of the legacy API that are given one of the dictionaries."""
        if not holders:
            return
        engine = self._tracer.engine
        for index, module in enumerate(engine.project.modules):
            for call in module.tree.all(cst.Call):
                is_legacy = any(isinstance(value, Method) for value in engine.facts.get(call.func, ()))
                if is_legacy and any(holders & self._tracer.kinds(arg.value) for arg in call.args):
                    yield Step(index, call, "takes the configuration")


def shown(tracer: Tracer, step: Step) -> Waypoint:
    """A step as a report tells it."""
    tree = tracer.origins.tree(step.module)
    # Some nodes, such as the clause of a comprehension, have no place of their own in LibCST.
    node = next(n for n in (step.node, *tree.ancestors(step.node)) if n in tree.spans)
    line, _ = tree.position(tree.spans[node][0])
    return Waypoint(str(tracer.engine.project.modules[step.module].path), line, one_line(tree, node), step.what)


def one_line(tree: Tree, node: cst.CSTNode) -> str:
    """The code of a node in one line; of a compound statement, its head."""
    start, end = tree.spans[node]
    if isinstance(node, _HEADS):
        end = tree.spans[node.body][0]
    elif isinstance(node, cst.WithItem):
        start = tree.spans[tree.parents[node]][0]
    return cut(" ".join(tree.text[start:end].split()))


def cut(text: str) -> str:
    """`text` in a length that a report can show."""
    return text if len(text) <= _LONGEST_CODE else text[:_LONGEST_CODE] + "…"
