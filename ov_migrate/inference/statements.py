"""What each kind of statement does to the variables and attributes of a frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from ov_migrate.inference import imports
from ov_migrate.inference.binding import Arguments, bind_arguments, decorating
from ov_migrate.inference.expressions import evaluate
from ov_migrate.inference.fallbacks import is_fallback
from ov_migrate.inference.feature_tests import choice
from ov_migrate.inference.iteration import elements
from ov_migrate.inference.members import attribute
from ov_migrate.inference.pytest_fixtures import fixture_name
from ov_migrate.inference.store import ANY_ITEM, RETURN, YIELD
from ov_migrate.inference.values import (
    FOREIGN,
    NONE,
    NOTHING,
    Builtin,
    Class,
    Container,
    Function,
    Instance,
    Kinds,
    Value,
    union,
)
from ov_migrate.syntax import dotted

if TYPE_CHECKING:
    from ov_migrate.inference.frame import Environment, Frame

_LOOP_ROUNDS = 4


def _if(frame: Frame, node: cst.If) -> None:
    evaluate(frame, node.test)
    answer = choice(frame.engine, frame.module.tree, node)
    before = frame.copy()
    if answer is not False:
        frame.suite(node.body)
    if answer is True:
        return
    after = frame.env if answer is None else None
    frame.env = before
    if isinstance(node.orelse, cst.If):
        _if(frame, node.orelse)
    elif node.orelse is not None:
        frame.suite(node.orelse.body)
    frame.join(after, frame.env)


def _loop(frame: Frame, node: cst.For | cst.While) -> None:
    breaks: list[Environment] = []
    for _ in range(_LOOP_ROUNDS):
        before = frame.copy()
        frame.loops.append((breaks, []))
        if isinstance(node, cst.For):
            frame.assign(node.target, elements(frame, evaluate(frame, node.iter), node.iter))
        else:
            evaluate(frame, node.test)
        frame.suite(node.body)
        _, continues = frame.loops.pop()
        frame.join(before, frame.env, *continues)
        if frame.env == before:
            break
    if node.orelse is not None:
        frame.suite(node.orelse.body)
    if isinstance(node, cst.While) and isinstance(node.test, cst.Name) and node.test.value == "True" and breaks:
        frame.join(*breaks)
    else:
        frame.join(frame.env, *breaks)


def _try(frame: Frame, node: cst.Try | cst.TryStar) -> None:
    before = frame.copy()
    frame.suite(node.body)
    after_body = frame.copy()
    ends: list[Environment | None] = []
    if node.orelse is not None:
        frame.suite(node.orelse.body)
    ends.append(frame.env)
    for handler in node.handlers:
        frame.join(before, after_body)
        frame.env = frame.copy()
        if handler.type is not None:
            evaluate(frame, handler.type)
        if handler.name is not None and isinstance(handler.name.name, cst.Name):
            frame.bind(handler.name.name.value, FOREIGN)
        frame.suite(handler.body)
        if not is_fallback(frame.engine, frame.module.tree, node):
            ends.append(frame.env)
    frame.join(*ends)
    if node.finalbody is not None:
        reachable = frame.env is not None
        if not reachable:
            frame.env = before
        frame.suite(node.finalbody.body)
        frame.env = frame.env if reachable else None


def _with(frame: Frame, node: cst.With) -> None:
    for item in node.items:
        kinds = union(NOTHING, *(_entered(frame, value) for value in evaluate(frame, item.item)))
        if item.asname is not None:
            frame.assign(item.asname.name, kinds)
    frame.suite(node.body)


def _entered(frame: Frame, value: Value) -> Kinds:
    """What `with` binds: what a context manager made of a generator yields, or what `__enter__` of a class of the
    project gives."""
    if isinstance(value, Container) and frame.engine.store.has(value.node, YIELD):
        return frame.engine.store.read(value.node, YIELD)
    if isinstance(value, Instance):
        enter = [v for v in attribute(frame, value, "__enter__", None) if isinstance(v, Function)]
        for function in enter:
            bind_arguments(frame.engine, function, Arguments())
        if enter:
            return union(NOTHING, *(frame.engine.result(function.node) for function in enter))
    return frozenset({value})


_FIXTURES = frozenset({Builtin("fixture"), Builtin("yield_fixture")})


def _function(frame: Frame, node: cst.FunctionDef) -> None:
    for decorator in node.decorators:
        wrappers = frame.engine.wrappers.setdefault(node, {})
        kinds = evaluate(frame, decorator.decorator)
        wrappers.update(dict.fromkeys(decorating(frame, kinds)))
        if not kinds.isdisjoint(_FIXTURES):
            frame.engine.fixtures[node] = fixture_name(decorator)
    params = node.params
    for param in (*params.posonly_params, *params.params, *params.kwonly_params):
        annotation = evaluate(frame, param.annotation.annotation) if param.annotation is not None else NOTHING
        default = evaluate(frame, param.default) if param.default is not None else NOTHING
        frame.engine.store.write(node, "default:" + param.name.value, default)
        imports.annotated(frame.engine, node, param.name.value, annotation)
    if node.returns is not None:
        evaluate(frame, node.returns.annotation)
    frame.bind(node.name.value, frozenset({Function(node)}))


def _class(frame: Frame, node: cst.ClassDef) -> None:
    engine = frame.engine
    bases = union(NOTHING, *(evaluate(frame, arg.value) for arg in (*node.bases, *node.keywords)))
    engine.bases[node] = bases
    for base in bases:
        if isinstance(base, Class):
            engine.subclasses.setdefault(base.node, set()).add(node)
    for decorator in node.decorators:
        evaluate(frame, decorator.decorator)
    outer_scope, outer_env = frame.scope, frame.env
    frame.scope, frame.env = node, frame.copy()
    frame.suite(node.body)
    frame.scope, frame.env = outer_scope, outer_env
    frame.bind(node.name.value, frozenset({Class(node)}))


_EXITS = frozenset({"exit", "quit", "sys.exit", "os._exit", "os.abort"})


def _expression(frame: Frame, node: cst.Expr) -> None:
    evaluate(frame, node.value)
    if isinstance(node.value, cst.Call) and dotted(node.value.func) in _EXITS:
        frame.publish()
        frame.stop()


def _assign(frame: Frame, node: cst.Assign) -> None:
    kinds = evaluate(frame, node.value)
    for target in node.targets:
        frame.assign(target.target, kinds)


def _annotated_assign(frame: Frame, node: cst.AnnAssign) -> None:
    evaluate(frame, node.annotation.annotation)
    if node.value is not None:
        frame.assign(node.target, evaluate(frame, node.value))


def _augmented_assign(frame: Frame, node: cst.AugAssign) -> None:
    before, added = evaluate(frame, node.target), evaluate(frame, node.value)
    for value in before:
        if isinstance(value, Container):
            frame.engine.store.write(value.node, ANY_ITEM, elements(frame, added, node.value))
            return
    frame.assign(node.target, frozenset(v for v in before if not isinstance(v, Container)) or before)


def _return(frame: Frame, node: cst.Return) -> None:
    kinds = evaluate(frame, node.value) if node.value is not None else NONE
    frame.engine.store.write(frame.unit, RETURN, kinds)
    frame.publish()
    frame.stop()


def _delete(frame: Frame, node: cst.Del) -> None:
    targets = [e.value for e in node.target.elements] if isinstance(node.target, cst.Tuple) else [node.target]
    for target in targets:
        evaluate(frame, target)
        if isinstance(target, cst.Name) and frame.env is not None:
            frame.publish()
            frame.env.names.pop(target.value, None)


def _raise(frame: Frame, node: cst.Raise) -> None:
    if node.exc is not None:
        evaluate(frame, node.exc)
    frame.publish()
    frame.stop()


def _assert(frame: Frame, node: cst.Assert) -> None:
    evaluate(frame, node.test)
    if node.msg is not None:
        evaluate(frame, node.msg)


def _break(frame: Frame, node: cst.Break) -> None:
    if frame.loops and frame.env is not None:
        frame.loops[-1][0].append(frame.env)
    frame.stop()


def _continue(frame: Frame, node: cst.Continue) -> None:
    if frame.loops and frame.env is not None:
        frame.loops[-1][1].append(frame.env)
    frame.stop()


def _match(frame: Frame, node: cst.Match) -> None:
    evaluate(frame, node.subject)
    before, ends = frame.copy(), [frame.copy()]
    for case in node.cases:
        frame.env = before.copy() if before is not None else None
        if case.guard is not None:
            evaluate(frame, case.guard)
        frame.suite(case.body)
        ends.append(frame.env)
    frame.join(*ends)


STATEMENTS: dict[type, Callable[[Frame, Any], object]] = {
    cst.Expr: _expression,
    cst.Assign: _assign,
    cst.AnnAssign: _annotated_assign,
    cst.AugAssign: _augmented_assign,
    cst.Return: _return,
    cst.Del: _delete,
    cst.Raise: _raise,
    cst.Assert: _assert,
    cst.Break: _break,
    cst.Continue: _continue,
    cst.Import: lambda frame, node: imports.bind_import(frame, node),
    cst.ImportFrom: lambda frame, node: imports.bind_import_from(frame, node),
    cst.If: _if,
    cst.For: _loop,
    cst.While: _loop,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.With: _with,
    cst.FunctionDef: _function,
    cst.ClassDef: _class,
    cst.Match: _match,
}
