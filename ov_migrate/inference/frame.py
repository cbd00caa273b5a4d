"""One unit of code under analysis: its names and attribute paths, statement by statement, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import libcst as cst

from ov_migrate.inference import imports
from ov_migrate.inference.engine import Engine, Unit
from ov_migrate.inference.expressions import evaluate
from ov_migrate.inference.iteration import elements, item_at
from ov_migrate.inference.members import write_attribute
from ov_migrate.inference.store import ANY_ITEM, RETURN, YIELD
from ov_migrate.inference.values import (
    FOREIGN,
    NONE,
    NOTHING,
    UNKNOWN,
    Builtin,
    Class,
    Container,
    Function,
    Kinds,
    union,
)
from ov_migrate.syntax import dotted

Path = tuple[str, ...]
_LOOP_ROUNDS = 4


@dataclass
class Environment:
    """What variables hold (`names`), and attributes of variables such as `self.net` (`paths`), at one point."""

    names: dict[str, Kinds] = field(default_factory=dict)
    paths: dict[Path, Kinds] = field(default_factory=dict)

    def copy(self) -> Environment:
        return Environment(dict(self.names), dict(self.paths))


BUILTINS = frozenset(
    [
        "next",
        "iter",
        "list",
        "tuple",
        "set",
        "frozenset",
        "sorted",
        "reversed",
        "enumerate",
        "zip",
        "map",
        "filter",
        "dict",
        "min",
        "max",
        "len",
        "getattr",
        "setattr",
        "hasattr",
        "isinstance",
        "super",
        "print",
        "str",
        "int",
        "float",
        "bool",
        "type",
        "range",
        "sum",
        "abs",
        "any",
        "all",
        "open",
        "repr",
        "round",
        "id",
        "callable",
        "input",
        "vars",
        "dir",
        "hash",
        "iter",
        "format",
        "bytes",
        "bytearray",
        "object",
        "property",
        "staticmethod",
        "classmethod",
        "issubclass",
        "divmod",
        "pow",
        "ord",
        "chr",
        "Exception",
        "ValueError",
        "RuntimeError",
        "TypeError",
        "KeyError",
        "AttributeError",
        "OSError",
        "IOError",
        "ImportError",
        "NameError",
        "FileNotFoundError",
        "NotImplementedError",
        "KeyboardInterrupt",
        "SystemExit",
        "StopIteration",
        "AssertionError",
        "IndexError",
        "BaseException",
        "exit",
        "quit",
        "globals",
        "locals",
        "slice",
        "complex",
        "memoryview",
        "eval",
        "exec",
        "compile",
        "__import__",
        "delattr",
        "__name__",
        "__file__",
        "__doc__",
        "NotImplemented",
        "Ellipsis",
    ]
)


class Frame:
    """Walks the statements of `unit`. `env` is None where the code cannot be reached."""

    def __init__(self, engine: Engine, unit: Unit) -> None:
        self.engine = engine
        self.unit = unit
        self.module_index = engine.module_of[unit]
        self.module = engine.project.modules[self.module_index]
        self.scope: cst.CSTNode = unit
        self.env: Environment | None = Environment()
        self.overlays: list[dict[str, Kinds]] = []
        self._fresh: set[str] = set()
        self._receivers: dict[Path, Kinds] = {}
        self._last_env = Environment()
        self._loops: list[tuple[list[Environment], list[Environment]]] = []

    def run(self) -> None:
        """Analyses the whole unit and publishes what other units can see of it."""
        unit = self.unit
        if isinstance(unit, cst.Module):
            self.block(unit.body)
        else:
            self._parameters(unit.params)
            if isinstance(unit, cst.Lambda):
                self.engine.store.write(unit, RETURN, evaluate(self, unit.body))
            else:
                self.block(unit.body.body)
                if self.env is not None:
                    self.engine.store.write(unit, RETURN, NONE)
        self.publish()

    def _parameters(self, params: cst.Parameters) -> None:
        store, unit = self.engine.store, self.unit
        for param in (*params.posonly_params, *params.params, *params.kwonly_params):
            kinds = store.read(unit, "param:" + param.name.value)
            if kinds <= UNKNOWN:
                kinds = store.read(unit, "annotation:" + param.name.value) or kinds
            self.bind(param.name.value, kinds)
        for star in (params.star_arg, params.star_kwarg):
            if isinstance(star, cst.Param):
                self.bind(star.name.value, frozenset({Container(star)}))

    # Names

    def read(self, name: str) -> Kinds:
        """What the variable `name` holds here."""
        for overlay in reversed(self.overlays):
            if name in overlay:
                return overlay[name]
        if self.env is not None and name in self.env.names:
            return self.env.names[name]
        owner = self.module.names.owner(self.scope, name)  # type: ignore[arg-type]
        if owner is None:
            if name in BUILTINS:
                return frozenset({Builtin(name)})
            return FOREIGN if self._has_foreign_star else UNKNOWN
        if owner is self.unit and not isinstance(owner, cst.Module):
            return NOTHING
        return self.engine.store.read(owner, name)

    @cached_property
    def _has_foreign_star(self) -> bool:
        """True when a name that nobody is seen to bind may come out of a `from … import *`."""
        return any(isinstance(node.names, cst.ImportStar) for node in self.module.tree.all(cst.ImportFrom))

    def bind(self, name: str, kinds: Kinds) -> None:
        """Assigns a variable; paths that begin with it are forgotten."""
        if self.env is None:
            return
        if self.env.paths:
            self._forget([path for path in self.env.paths if path[0] == name])
        self.env.names[name] = kinds
        self._fresh.add(name)
        owner = self.module.names.owner(self.scope, name)  # type: ignore[arg-type]
        if isinstance(self.scope, cst.ClassDef):
            self.engine.store.write(self.scope, name, kinds)
        elif owner is not None and owner is not self.unit:
            self.engine.store.write(owner, name, kinds)

    def path(self, node: cst.BaseExpression) -> Path | None:
        """`("self", "net")` for `self.net`: the key under which the frame remembers an attribute, else None."""
        text = dotted(node)
        return tuple(text.split(".")) if text and "." in text else None

    def known(self, path: Path | None) -> Kinds | None:
        """What was assigned to the attribute on every way here; None when that is not certain."""
        return self.env.paths.get(path) if path is not None and self.env is not None else None

    def bind_path(self, path: Path, receivers: Kinds, kinds: Kinds) -> None:
        """Assigns an attribute; other units see it once the frame publishes."""
        if self.env is None:
            return
        self._forget([p for p in self.env.paths if p[: len(path)] == path and p != path])
        self.env.paths[path] = kinds
        self._receivers[path] = receivers

    def publish(self) -> None:
        """Lets other units see the variables they share with this one and the attributes assigned so far."""
        if self.env is None:
            return
        names, is_module = self.module.names.scopes[self.unit], isinstance(self.unit, cst.Module)
        for name in self._fresh:
            if (is_module or name in names.shared) and name in self.env.names:
                self.engine.store.write(self.unit, name, self.env.names[name])
        self._fresh.clear()
        for path, kinds in self.env.paths.items():
            self._publish_path(path, kinds)

    def forget_paths(self) -> None:
        """Drops what is known of attributes, which a function called now may change."""
        self.publish()
        if self.env is not None:
            self.env.paths = {}

    def _forget(self, paths: list[Path]) -> None:
        assert self.env is not None
        for path in paths:
            self._publish_path(path, self.env.paths.pop(path))

    def _publish_path(self, path: Path, kinds: Kinds) -> None:
        for receiver in self._receivers.get(path, NOTHING):
            write_attribute(self.engine, receiver, path[-1], kinds)

    # Targets

    def assign(self, target: cst.CSTNode, kinds: Kinds) -> None:
        """Assigns `kinds` to any assignment target, unpacking as Python does."""
        if isinstance(target, cst.Name):
            self.bind(target.value, kinds)
            self.engine.remember(target, kinds)
        elif isinstance(target, cst.Attribute):
            self._assign_attribute(target, kinds)
        elif isinstance(target, cst.Subscript):
            self._assign_item(target, kinds)
        elif isinstance(target, (cst.Tuple, cst.List)):
            self._unpack(target.elements, kinds)
        elif isinstance(target, cst.StarredElement):
            self.assign(target.value, kinds)

    def _assign_attribute(self, target: cst.Attribute, kinds: Kinds) -> None:
        receivers = evaluate(self, target.value)
        self.engine.remember(target, kinds)
        path = self.path(target)
        if path is not None:
            self.bind_path(path, receivers, kinds)
        for receiver in receivers:
            if isinstance(receiver, Class) or path is None:
                write_attribute(self.engine, receiver, target.attr.value, kinds)
            node = getattr(getattr(receiver, "cls", receiver), "node", None)
            if node is not None:
                self.engine.attribute_writes.setdefault((node, target.attr.value), set()).add(target)

    def _assign_item(self, target: cst.Subscript, kinds: Kinds) -> None:
        receivers = evaluate(self, target.value)
        index = evaluate(self, target.slice[0].slice) if len(target.slice) == 1 else NOTHING
        for receiver in receivers:
            if isinstance(receiver, Container):
                self.engine.store.write(receiver.node, item_at(index), kinds)
                self.engine.store.write(receiver.node, "#keys", index)

    def _unpack(self, targets: Sequence[cst.BaseElement], kinds: Kinds) -> None:
        star = next((i for i, t in enumerate(targets) if isinstance(t, cst.StarredElement)), None)
        for index, target in enumerate(targets):
            if isinstance(target, cst.StarredElement):
                rest = Container(target)
                self.engine.store.write(target, ANY_ITEM, elements(self, kinds, target))
                self.assign(target.value, frozenset({rest}))
            elif star is not None and index > star:
                self.assign(target.value, elements(self, kinds, target))
            else:
                self.assign(target.value, elements(self, kinds, target, index))

    # Statements

    def block(self, body: Sequence[cst.CSTNode]) -> None:
        """Goes through statements. What stands after a `return` is gone through as well, so that its sites are known,
        but nothing of it reaches the code behind the block."""
        dead = False
        for statement in body:
            if self.env is None:
                dead, self.env = True, self._last_env.copy()
            if isinstance(statement, cst.SimpleStatementLine):
                self.block(statement.body)
            else:
                handler = _STATEMENTS.get(type(statement))
                if handler is not None:
                    handler(self, statement)
        if dead and self.env is not None:
            self.stop()

    def stop(self) -> None:
        """Nothing after this point can be reached."""
        if self.env is not None:
            self._last_env = self.env
        self.env = None

    def suite(self, suite: cst.BaseSuite) -> None:
        self.block(suite.body)

    def join(self, *environments: Environment | None) -> None:
        """Goes on with what holds on each of the ways that meet here."""
        reached = [env for env in environments if env is not None]
        if not reached:
            self.env = None
            return
        result = reached[0]
        for other in reached[1:]:
            result = self._join_two(result, other)
        self.env = result

    def _join_two(self, left: Environment, right: Environment) -> Environment:
        if left is right:
            return left
        result = Environment(dict(left.names))
        for name, kinds in right.names.items():
            known = left.names.get(name)
            if known is not kinds:
                result.names[name] = kinds if known is None else union(known, kinds)
        # An attribute that was assigned on one way only is what other units see of it from here on.
        for one, other in ((left.paths, right.paths), (right.paths, left.paths)):
            for path, kinds in one.items():
                if path in other:
                    result.paths[path] = union(kinds, other[path])
                else:
                    self._publish_path(path, kinds)
        return result

    def copy(self) -> Environment | None:
        return None if self.env is None else self.env.copy()


def _if(frame: Frame, node: cst.If) -> None:
    evaluate(frame, node.test)
    before = frame.copy()
    frame.suite(node.body)
    after = frame.env
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
        frame._loops.append((breaks, []))
        if isinstance(node, cst.For):
            frame.assign(node.target, elements(frame, evaluate(frame, node.iter), node.iter))
        else:
            evaluate(frame, node.test)
        frame.suite(node.body)
        _, continues = frame._loops.pop()
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
        kinds = evaluate(frame, item.item)
        if item.asname is not None:
            frame.assign(item.asname.name, kinds)
    frame.suite(node.body)


def _function(frame: Frame, node: cst.FunctionDef) -> None:
    for decorator in node.decorators:
        evaluate(frame, decorator.decorator)
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
    frame.scope, frame.env = node, frame.copy() or Environment()
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
    if frame._loops and frame.env is not None:
        frame._loops[-1][0].append(frame.env)
    frame.stop()


def _continue(frame: Frame, node: cst.Continue) -> None:
    if frame._loops and frame.env is not None:
        frame._loops[-1][1].append(frame.env)
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


def yielded(frame: Frame, kinds: Kinds) -> None:
    """Notes a value the unit yields and makes the call of the unit give an iterator of such values."""
    store = frame.engine.store
    store.write(frame.unit, YIELD, kinds)
    store.write(frame.unit, ANY_ITEM, kinds)
    store.write(frame.unit, RETURN, frozenset({Container(frame.unit)}))


_STATEMENTS: dict[type, Callable[[Frame, Any], object]] = {
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
