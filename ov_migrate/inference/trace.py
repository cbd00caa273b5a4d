"""The chain of assignments that established what an expression is, read backwards from what the analysis found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import libcst as cst

from ov_migrate.inference.engine import Engine
from ov_migrate.inference.origins import Origins
from ov_migrate.inference.puts import Origin, Step
from ov_migrate.inference.store import KEYS
from ov_migrate.inference.values import (
    NONE,
    NOTHING,
    PLAIN,
    Builtin,
    Class,
    Container,
    Foreign,
    Function,
    Instance,
    Kinds,
    Legacy,
    LegacyName,
    Method,
    Partial,
    ProjectModule,
    Suspect,
    Unknown,
    Value,
    union,
)
from ov_migrate.syntax import arms

# A way with more places than these is not gone to its end: nobody would read it.
_MOST_PLACES = 300
_DEEPEST = 60
_DEEPEST_CONTAINER = 3
_LITERALS = (cst.Tuple, cst.List, cst.Set, cst.Dict, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)
_OPEN = (Unknown, Suspect)
_OUTSIDE = (*_OPEN, Foreign, Builtin)
_CONSTANTS = {"None": NONE, "True": PLAIN, "False": PLAIN}


@dataclass(frozen=True)
class Chain:
    """The way of one value, from where it was made to where it is used. `lost` says why the way could not be followed
    to its beginning, "" when it could."""

    steps: tuple[Step, ...] = ()
    lost: str = ""


class Tracer:
    """Traces values of one analysis: what an expression holds, or `Unknown()` for what nobody could follow."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.origins = Origins(engine)
        self._seen: set[tuple[cst.CSTNode, Value]] = set()
        self._depth = 0

    def chain(self, module: int, node: cst.CSTNode, value: Value) -> Chain:
        """How `value` came to `node`. Of several ways the first is told that leads to a beginning."""
        self._seen.clear()
        self._depth = 0
        found = self._expression(module, node, value) or Chain(lost="the way of this value is not known")
        if found.lost and isinstance(value, Instance) and isinstance(value.cls.node, cst.ClassDef):
            # Its class says more of an object of the program than the end of a trail.
            return Chain((Step(self.origins.module_of(value.cls.node), value.cls.node, self.title(value)),))
        return found

    def kinds(self, node: cst.CSTNode) -> Kinds:
        """What an expression of any form was seen to hold."""
        known = self.engine.facts.get(node)
        if known is not None:
            return known
        if isinstance(node, _LITERALS):
            return frozenset({Container(node)})
        if isinstance(node, (cst.IfExp, cst.BooleanOperation)):
            return union(NOTHING, *(self.kinds(arm) for arm in arms(node)))
        if isinstance(node, cst.BinaryOperation):
            return frozenset({Container(node)}) if self.engine.store.items(node) else PLAIN
        inner = _inner(node)
        if inner is not None:
            return self.kinds(inner)
        if isinstance(node, cst.Name):
            return _CONSTANTS.get(node.value, NOTHING)
        return NOTHING if isinstance(node, (cst.Attribute, cst.Subscript, cst.Call)) else PLAIN

    def _expression(self, module: int, node: cst.CSTNode, value: Value) -> Chain | None:
        """The chain to `node`; None when it does not hold the value, or was looked at before."""
        kinds = self.kinds(node)
        if (node, value) in self._seen or not self._holds(kinds, value):
            return None
        if len(self._seen) >= _MOST_PLACES or self._depth >= _DEEPEST:
            return Chain(lost="the way of this value is too long to be told")
        if isinstance(value, Container) and value.node is node:
            return Chain()
        self._seen.add((node, value))
        self._depth += 1
        chain = self._by_form(module, node, self._nearest(kinds, value))
        self._depth -= 1
        return chain

    def _by_form(self, module: int, node: cst.CSTNode, value: Value) -> Chain | None:
        inner = _inner(node)
        if inner is not None:
            return self._expression(module, inner, value)
        if isinstance(node, (cst.IfExp, cst.BooleanOperation)):
            return self._any([Origin(module, arm) for arm in arms(node)], value)
        if isinstance(node, (*_LITERALS, cst.BinaryOperation)):
            return self._any(self.origins.contents(Container(node)), value)
        if isinstance(node, cst.Name):
            return self._any(self.origins.name(module, node), value)
        if isinstance(node, cst.Attribute):
            return self._attribute(module, node, value)
        if isinstance(node, cst.Subscript):
            return self._subscript(module, node, value)
        return self._call(module, node, value) if isinstance(node, cst.Call) else None

    def _any(self, origins: Iterable[Origin], value: Value) -> Chain | None:
        """The chain over the first origin that leads to a beginning, or over the first that is lost on its way."""
        best: Chain | None = None
        first: tuple[Step, ...] = ()
        for origin in origins:
            steps = tuple(replace(step, what=self._said(step, value)) for step in origin.steps)
            first = first or steps
            front = Chain(lost=origin.lost) if origin.value is None else self._annotated(origin.value, value)
            if front is None and origin.value is not None:
                front = self._expression(origin.module, origin.value, value)
            if front is None:
                continue
            found = Chain(front.steps + steps, front.lost)
            if not found.lost:
                return found
            best = best or found
        if best is None and first and isinstance(value, _OPEN):
            return Chain(first, "what comes from there could not be followed")
        return best

    def _said(self, step: Step, value: Value) -> str:
        title = self.title(value)
        bound = self.engine.facts.get(step.bound, NOTHING) if step.bound is not None else NOTHING
        if value not in bound and any(isinstance(v, Container) for v in bound):
            title = f"holds {title}"
        return step.what.replace("{value}", title)

    def title(self, value: Value) -> str:
        """What a value is, in the field's words."""
        if isinstance(value, (Legacy, Suspect)):
            return self.engine.api.kinds[value.kind].title
        if isinstance(value, LegacyName):
            return f"`{value.name}` of the legacy API" if value.name else "package of the legacy API"
        if isinstance(value, Method):
            return f"method `{value.name}` of {self.title(value.receiver)}"
        if isinstance(value, Instance):
            name = getattr(value.cls.node, "name", None)
            return f"object of the class `{name.value}`" if isinstance(name, cst.Name) else "named tuple"
        if isinstance(value, Container):
            return "list, tuple, set or dict"
        if isinstance(value, Unknown):
            return "not known"
        return "of another library" if isinstance(value, (Foreign, Builtin)) else "of the program's own"

    def _annotated(self, node: cst.CSTNode, value: Value) -> Chain | None:
        """A class of the legacy API that an annotation names is the beginning of what it says of a parameter."""
        if not isinstance(value, Legacy) or value.origin is not None:
            return None
        named = {v.name for v in self.kinds(node) if isinstance(v, LegacyName)}
        return Chain() if any(self.engine.api.class_kinds.get(name) == value.kind for name in named) else None

    def _attribute(self, module: int, node: cst.Attribute, value: Value) -> Chain | None:
        receivers, member = self.kinds(node.value), node.attr.value
        for receiver in self.origins.ordered(receivers):
            if isinstance(receiver, Legacy) and self._gives(receiver, member, value):
                return self._expression(module, node.value, receiver)
        if any(isinstance(receiver, (ProjectModule, Instance, Class)) for receiver in receivers):
            return self._any(self.origins.attribute(module, node, receivers), value)
        followed = self._expression(module, node.value, value)
        for receiver in self.origins.ordered(receivers) if followed is None else ():
            if isinstance(value, _OPEN) and isinstance(receiver, Legacy):
                title = self.engine.api.kinds[receiver.kind].title
                return Chain(lost=f"the legacy API is not known to have `{member}` on this: {title}")
        return followed or self._foreign(module, node, value)

    def _gives(self, receiver: Legacy, member: str, value: Value) -> bool:
        if isinstance(value, Method):
            return value.receiver == receiver and value.name == member
        known = self.engine.api.member(receiver.kind, member)
        if known is None or not isinstance(value, Legacy):
            return False
        return known.returns == value.kind and value.origin is receiver.origin

    def _subscript(self, module: int, node: cst.Subscript, value: Value) -> Chain | None:
        receivers = self.kinds(node.value)
        for receiver in receivers:
            if not isinstance(receiver, Legacy) or not isinstance(value, Legacy):
                continue
            is_item = receiver.origin is value.origin and self.engine.api.kinds[receiver.kind].element == value.kind
            if receiver == value or is_item:
                return self._expression(module, node.value, receiver)
        found = self._expression(module, node.value, value)
        if found is not None:
            return found
        return Chain(lost=f"what `{self._text(module, node.value)}` holds could not be followed")

    def _call(self, module: int, node: cst.Call, value: Value) -> Chain | None:
        ways: list[Origin] = []
        callees = self.origins.ordered(self.kinds(node.func))
        for callee in callees:
            if isinstance(callee, (LegacyName, Class)) and not isinstance(value, _OPEN):
                return Chain()
            if isinstance(callee, Method) and self._makes(callee, node, value):
                return self._expression(module, node.func, callee)
            target = callee.function if isinstance(callee, Partial) else callee
            if isinstance(target, Function):
                ways += self.origins.results(target.node)
        ways += self.origins.contents(Container(node)) if Container(node) in self.kinds(node) else []
        if isinstance(node.func, cst.Attribute):
            ways.append(Origin(module, node.func.value))
        elif isinstance(value, _OPEN):
            ways.append(Origin(module, node.func))
        if not isinstance(value, _OUTSIDE) or any(_hands_on(callee) for callee in callees):
            ways += [Origin(module, arg.value) for arg in node.args]
        return self._any(ways, value) or self._foreign(module, node, value)

    def _makes(self, method: Method, node: cst.Call, value: Value) -> bool:
        """True when `method`, called at `node`, gives `value`: something new, or what belongs to its receiver."""
        return isinstance(value, Legacy) and (value.origin is node or value.origin is method.receiver.origin)

    def _foreign(self, module: int, node: cst.Attribute | cst.Call, value: Value) -> Chain | None:
        text = self._text(module, node.func if isinstance(node, cst.Call) else node)
        return Chain(lost=f"`{text}` is of another library, or unknown") if isinstance(value, _OUTSIDE) else None

    def _text(self, module: int, node: cst.CSTNode) -> str:
        return " ".join(self.origins.tree(module).source(node).split())

    def _holds(self, kinds: Kinds, value: Value, depth: int = 0) -> bool:
        """True when `value` is in `kinds`, in a container there, or what a legacy container there gives."""
        if value in kinds or (isinstance(value, _OPEN) and (not kinds or any(isinstance(v, _OPEN) for v in kinds))):
            return True
        return self._giver(kinds, value) is not None or any(
            isinstance(v, Container) and self._contains(v, value, depth) for v in kinds
        )

    def _contains(self, container: Container, value: Value, depth: int) -> bool:
        if depth >= _DEEPEST_CONTAINER:
            return False
        store = self.engine.store
        inside = [*store.items(container.node).values(), store.read(container.node, KEYS)]
        return any(self._holds(kinds, value, depth + 1) for kinds in inside if kinds)

    def _giver(self, kinds: Kinds, value: Value) -> Legacy | None:
        """The legacy container in `kinds` that gives `value` when it is gone through."""
        if not isinstance(value, Legacy):
            return None
        for giver in kinds:
            if isinstance(giver, Legacy) and giver.origin is value.origin:
                kind = self.engine.api.kinds[giver.kind]
                if value.kind in (kind.key, kind.element):
                    return giver
        return None

    def _nearest(self, kinds: Kinds, value: Value) -> Value:
        return value if value in kinds else self._giver(kinds, value) or value


def _hands_on(callee: Value) -> bool:
    """True for a function of the language or its library, such as `next`, which may give what it is given."""
    return isinstance(callee, Builtin) and not callee.name.startswith(("foreign.", "text."))


def _inner(node: cst.CSTNode) -> cst.CSTNode | None:
    """The expression that has the same value as `node`, when that is only a form around it."""
    if isinstance(node, (cst.NamedExpr, cst.StarredElement, cst.Index, cst.Element, cst.DictElement)):
        return node.value
    if isinstance(node, cst.From):
        return node.item
    return node.expression if isinstance(node, cst.Await) else None
