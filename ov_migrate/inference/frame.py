"""One unit of code under analysis: its names and attribute paths, statement by statement, in order."""

from __future__ import annotations

import builtins
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import libcst as cst

from ov_migrate.inference.engine import Engine, Unit
from ov_migrate.inference.expressions import evaluate
from ov_migrate.inference.feature_tests import cuts_off, without_answers
from ov_migrate.inference.iteration import elements, item_at
from ov_migrate.inference.members import write_attribute
from ov_migrate.inference.statements import STATEMENTS
from ov_migrate.inference.store import ANY_ITEM, RETURN
from ov_migrate.inference.values import (
    FOREIGN,
    NONE,
    NOTHING,
    UNKNOWN,
    Builtin,
    Class,
    Container,
    Kinds,
    union,
)
from ov_migrate.syntax import dotted

Path = tuple[str, ...]


@dataclass
class Environment:
    """What variables hold (`names`), and attributes of variables such as `self.net` (`paths`), at one point."""

    names: dict[str, Kinds] = field(default_factory=dict)
    paths: dict[Path, Kinds] = field(default_factory=dict)

    def copy(self) -> Environment:
        return Environment(dict(self.names), dict(self.paths))


BUILTINS = frozenset([*dir(builtins), "__file__"])


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
        self.loops: list[tuple[list[Environment], list[Environment]]] = []

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
            self.bind(param.name.value, without_answers(kinds))
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
            is_rebound = name in self.module.names.scopes[owner].rebound
            return self.engine.store.read(owner, name) if is_rebound else NOTHING
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
        if type(self.scope) is cst.ClassDef:
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
        """Drops what is known of attributes and of variables that functions rebind: one called now may change them."""
        self.publish()
        if self.env is not None:
            self.env.paths = {}
            names = self.module.names.scopes[self.unit]
            for name in (*names.rebound, *names.outer):
                self.env.names.pop(name, None)

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
            if type(statement) is cst.SimpleStatementLine:
                self.block(statement.body)
            else:
                handler = STATEMENTS.get(type(statement))
                if handler is not None:
                    handler(self, statement)
                if type(statement) is cst.If and cuts_off(self.engine, self.module.tree, statement):
                    break
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
