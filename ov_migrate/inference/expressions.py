"""What an expression holds, by its form."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import libcst as cst

from ov_migrate.inference import feature_tests
from ov_migrate.inference.iteration import elements, item
from ov_migrate.inference.members import attribute
from ov_migrate.inference.store import ANY_ITEM, KEYS, RETURN, YIELD
from ov_migrate.inference.values import (
    FOREIGN,
    NONE,
    NOTHING,
    PLAIN,
    Constant,
    Container,
    Foreign,
    Function,
    Kinds,
    Plain,
    union,
)

if TYPE_CHECKING:
    from ov_migrate.inference.frame import Frame


def evaluate(frame: Frame, node: cst.CSTNode) -> Kinds:
    """All that `node` may hold here; also noted in the engine's facts where a site may hang on it."""
    handler = _EXPRESSIONS.get(type(node))
    return handler(frame, node) if handler is not None else PLAIN


def _name(frame: Frame, node: cst.Name) -> Kinds:
    if node.value == "None":
        return NONE
    if node.value in ("True", "False"):
        return frozenset({Constant(node.value == "True")})
    kinds = frame.read(node.value)
    frame.engine.remember(node, kinds)
    return kinds


def _attribute(frame: Frame, node: cst.Attribute) -> Kinds:
    receivers = evaluate(frame, node.value)
    path = frame.path(node)
    kinds = frame.known(path)
    if kinds is None:
        kinds = union(NOTHING, *(attribute(frame, value, node.attr.value, node) for value in receivers))
    frame.engine.remember(node, kinds)
    return kinds


def _subscript(frame: Frame, node: cst.Subscript) -> Kinds:
    receivers = evaluate(frame, node.value)
    index: Kinds = NOTHING
    is_slice = len(node.slice) != 1
    for element in node.slice:
        if isinstance(element.slice, cst.Index):
            index = evaluate(frame, element.slice.value)
        elif isinstance(element.slice, cst.Slice):
            is_slice = True
            for part in (element.slice.lower, element.slice.upper, element.slice.step):
                if part is not None:
                    evaluate(frame, part)
    kinds = union(NOTHING, *(item(frame, value, index, is_slice) for value in receivers))
    frame.engine.remember(node, kinds)
    return kinds


def _call(frame: Frame, node: cst.Call) -> Kinds:
    from ov_migrate.inference.calls import call

    kinds = call(frame, node)
    frame.engine.remember(node, kinds)
    return kinds


def _string(frame: Frame, node: cst.SimpleString) -> Kinds:
    return _literal(node.value)


@cache
def _literal(text: str) -> Kinds:
    value = ast.literal_eval(text)
    return frozenset({Constant(value)}) if isinstance(value, str) and len(value) < 200 else PLAIN


def _concatenated(frame: Frame, node: cst.ConcatenatedString) -> Kinds:
    evaluate(frame, node.left)
    evaluate(frame, node.right)
    return PLAIN


def _formatted(frame: Frame, node: cst.FormattedString) -> Kinds:
    for part in node.parts:
        if isinstance(part, cst.FormattedStringExpression):
            evaluate(frame, part.expression)
    return PLAIN


def _integer(frame: Frame, node: cst.Integer) -> Kinds:
    return frozenset({Constant(int(node.value, 0))})


def _sequence(frame: Frame, node: cst.Tuple | cst.List | cst.Set) -> Kinds:
    store = frame.engine.store
    known = not any(isinstance(element, cst.StarredElement) for element in node.elements)
    for index, element in enumerate(node.elements):
        if isinstance(element, cst.StarredElement):
            store.write(node, ANY_ITEM, elements(frame, evaluate(frame, element.value), element.value))
        else:
            slot = index if known and not isinstance(node, cst.Set) else ANY_ITEM
            store.write(node, slot, evaluate(frame, element.value))
    return frozenset({Container(node)})


def _dict(frame: Frame, node: cst.Dict) -> Kinds:
    from ov_migrate.inference.iteration import item_at

    store = frame.engine.store
    for element in node.elements:
        if isinstance(element, cst.DictElement):
            key = evaluate(frame, element.key)
            store.write(node, item_at(key), evaluate(frame, element.value))
            store.write(node, KEYS, key)
        else:
            for value in evaluate(frame, element.value):
                if isinstance(value, Container):
                    for slot, kinds in store.items(value.node).items():
                        store.write(node, slot, kinds)
    return frozenset({Container(node)})


def _comprehension(frame: Frame, node: cst.ListComp | cst.SetComp | cst.GeneratorExp) -> Kinds:
    with_overlay(frame, node.for_in, lambda: frame.engine.store.write(node, ANY_ITEM, evaluate(frame, node.elt)))
    return frozenset({Container(node)})


def _dict_comprehension(frame: Frame, node: cst.DictComp) -> Kinds:
    def body() -> None:
        frame.engine.store.write(node, KEYS, evaluate(frame, node.key))
        frame.engine.store.write(node, ANY_ITEM, evaluate(frame, node.value))

    with_overlay(frame, node.for_in, body)
    return frozenset({Container(node)})


def with_overlay(frame: Frame, clause: cst.CompFor | None, body: Callable[[], None]) -> None:
    """Runs `body` with the loop variables of a comprehension bound, and only there."""
    depth = len(frame.overlays)
    while clause is not None:
        kinds = elements(frame, evaluate(frame, clause.iter), clause.iter)
        overlay: dict[str, Kinds] = {}
        frame.overlays.append(overlay)
        bind_overlay(frame, overlay, clause.target, kinds)
        for test in clause.ifs:
            evaluate(frame, test.test)
        clause = clause.inner_for_in
    body()
    del frame.overlays[depth:]


def bind_overlay(frame: Frame, overlay: dict[str, Kinds], target: cst.CSTNode, kinds: Kinds) -> None:
    if isinstance(target, cst.Name):
        overlay[target.value] = kinds
    elif isinstance(target, (cst.Tuple, cst.List)):
        for index, element in enumerate(target.elements):
            bind_overlay(frame, overlay, element.value, elements(frame, kinds, target, index))


def _lambda(frame: Frame, node: cst.Lambda) -> Kinds:
    for param in node.params.params:
        if param.default is not None:
            frame.engine.store.write(node, "default:" + param.name.value, evaluate(frame, param.default))
    return frozenset({Function(node)})


def _conditional(frame: Frame, node: cst.IfExp) -> Kinds:
    evaluate(frame, node.test)
    answer = feature_tests.choice(frame.engine, frame.module.tree, node)
    if answer is not None:
        return evaluate(frame, node.body if answer else node.orelse)
    return union(evaluate(frame, node.body), evaluate(frame, node.orelse))


def _boolean(frame: Frame, node: cst.BooleanOperation) -> Kinds:
    left = evaluate(frame, node.left)
    if feature_tests.needs_no_default(frame.engine, node):
        return left
    answer = feature_tests.decided(frame.engine, node.left)
    if answer is not None:
        return left if answer is isinstance(node.operator, cst.Or) else evaluate(frame, node.right)
    return union(left, evaluate(frame, node.right))


def _binary(frame: Frame, node: cst.BinaryOperation) -> Kinds:
    left, right = evaluate(frame, node.left), evaluate(frame, node.right)
    containers = frozenset(value for value in left | right if isinstance(value, Container))
    if containers and isinstance(node.operator, (cst.Add, cst.Multiply, cst.BitOr, cst.BitAnd, cst.Subtract)):
        for value in containers:
            assert isinstance(value, Container)
            for kinds in frame.engine.store.items(value.node).values():
                frame.engine.store.write(node, ANY_ITEM, kinds)
        return frozenset({Container(node)})
    return FOREIGN if any(isinstance(value, Foreign) for value in left | right) else PLAIN


def _unary(frame: Frame, node: cst.UnaryOperation) -> Kinds:
    kinds = evaluate(frame, node.expression)
    if isinstance(node.operator, cst.Minus):
        negated = {Constant(-v.value) for v in kinds if isinstance(v, Constant) and type(v.value) is int}
        return frozenset(negated) or PLAIN
    return feature_tests.answers(frame.engine, node) or PLAIN


def _comparison(frame: Frame, node: cst.Comparison) -> Kinds:
    evaluate(frame, node.left)
    for target in node.comparisons:
        evaluate(frame, target.comparator)
    return feature_tests.answers(frame.engine, node) or PLAIN


def _walrus(frame: Frame, node: cst.NamedExpr) -> Kinds:
    kinds = evaluate(frame, node.value)
    frame.assign(node.target, kinds)
    return kinds


def _yield(frame: Frame, node: cst.Yield) -> Kinds:
    if isinstance(node.value, cst.From):
        _yielded(frame, elements(frame, evaluate(frame, node.value.item), node.value))
    elif node.value is not None:
        _yielded(frame, evaluate(frame, node.value))
    return frozenset({Plain()})


def _yielded(frame: Frame, kinds: Kinds) -> None:
    """Notes a value the unit yields and makes the call of the unit give an iterator of such values."""
    store = frame.engine.store
    store.write(frame.unit, YIELD, kinds)
    store.write(frame.unit, ANY_ITEM, kinds)
    store.write(frame.unit, RETURN, frozenset({Container(frame.unit)}))


_EXPRESSIONS: dict[type, Callable[[Frame, Any], Kinds]] = {
    cst.Name: _name,
    cst.Attribute: _attribute,
    cst.Subscript: _subscript,
    cst.Call: _call,
    cst.SimpleString: _string,
    cst.ConcatenatedString: _concatenated,
    cst.FormattedString: _formatted,
    cst.Integer: _integer,
    cst.Tuple: _sequence,
    cst.List: _sequence,
    cst.Set: _sequence,
    cst.Dict: _dict,
    cst.ListComp: _comprehension,
    cst.SetComp: _comprehension,
    cst.GeneratorExp: _comprehension,
    cst.DictComp: _dict_comprehension,
    cst.Lambda: _lambda,
    cst.IfExp: _conditional,
    cst.BooleanOperation: _boolean,
    cst.BinaryOperation: _binary,
    cst.UnaryOperation: _unary,
    cst.Comparison: _comparison,
    cst.NamedExpr: _walrus,
    cst.Await: lambda frame, node: evaluate(frame, node.expression),
    cst.Yield: _yield,
    cst.StarredElement: lambda frame, node: evaluate(frame, node.value),
    cst.Index: lambda frame, node: evaluate(frame, node.value),
}
