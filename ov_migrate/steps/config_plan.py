"""Which dictionaries reach the configuration of a legacy call, wherever they are made and filled."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ov_migrate.inference import Engine
from ov_migrate.inference.values import Container, Kinds, Method
from ov_migrate.steps.context import bind
from ov_migrate.syntax import arms

SUPPORTED = frozenset({"SUPPORTED_CONFIG_KEYS", "SUPPORTED_METRICS"})


class ConfigPlan:
    """`containers` are the expressions that make such dictionaries; `asked` the expressions that are given as the name
    of one key or metric."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.containers: set[cst.CSTNode] = set()
        self.asked: dict[cst.BaseExpression, None] = {}
        self._supported: set[cst.CSTNode] = set()
        for _, module in engine.legacy_modules:
            for call in module.tree.all(cst.Call):
                self._collect(call)
        grown = -1
        while self.containers and len(self.containers) != grown:
            grown = len(self.containers)
            self._spread()

    def holds(self, node: cst.BaseExpression) -> bool:
        """True for an expression that may be one of the dictionaries."""
        return node in self.containers or any(v.node in self.containers for v in self._made(node))

    def is_supported_list(self, node: cst.BaseExpression) -> bool:
        """True for a call that gives the names of all keys or metrics."""
        return node in self._supported

    def _collect(self, call: cst.Call) -> None:
        for value in self.engine.facts.get(call.func, ()):
            member = self.engine.api.member(value.receiver.kind, value.name) if isinstance(value, Method) else None
            if member is None:
                continue
            arguments = bind(call, member.parameters) or {}
            if "config" in arguments:
                self._add(arguments["config"].value)
            for name in ("metric_name", "config_name"):
                if name in arguments:
                    self.asked[arguments[name].value] = None
                    literal = arguments[name].value
                    if isinstance(literal, cst.SimpleString) and literal.evaluated_value in SUPPORTED:
                        self._supported.add(call)

    def _add(self, node: cst.BaseExpression) -> None:
        """Adds the dictionaries that an expression may be: each arm of a choice, and what variables hold."""
        for arm in arms(node):
            self.containers |= {arm} if isinstance(arm, cst.Dict) else {value.node for value in self._made(arm)}

    def _made(self, node: cst.CSTNode) -> Iterator[Container]:
        facts: Kinds = self.engine.facts.get(node, frozenset())
        return (value for value in facts if isinstance(value, Container))

    def _spread(self) -> None:
        """Adds what is merged into one of the dictionaries: `{**base}`, `dict(base)`, `config.update(more)`."""
        for container in list(self.containers):
            if isinstance(container, cst.Dict):
                for element in container.elements:
                    if isinstance(element, cst.StarredDictElement):
                        self._add(element.value)
            elif isinstance(container, cst.Call):
                self._add_arguments(container)
        for module in self.engine.project.modules:
            for call in module.tree.all(cst.Call):
                if (
                    isinstance(call.func, cst.Attribute)
                    and call.func.attr.value == "update"
                    and self.holds(call.func.value)
                ):
                    self._add_arguments(call)

    def _add_arguments(self, call: cst.Call) -> None:
        for arg in call.args:
            if arg.keyword is None:
                self._add(arg.value)
