"""Where keys of configurations stand: in displays, assigned, asked for, tested, given as keywords."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ov_migrate.inference.values import Container
from ov_migrate.steps.context import Context
from ov_migrate.syntax import dotted

_ASKING = frozenset({"get", "pop", "setdefault", "__getitem__", "__contains__"})


@dataclass(frozen=True)
class Entry:
    """One key, an expression or the name of a keyword, with the value that is set there and the dictionaries."""

    key: cst.BaseExpression
    value: cst.BaseExpression | None
    containers: frozenset[cst.CSTNode] = frozenset()


def entries(context: Context) -> Iterator[Entry]:
    """All keys of `context.plans.config` in this module."""
    plan = context.plans.config
    for asked in plan.asked:
        if asked in context.tree.parents and not isinstance(asked, cst.SimpleString):
            yield Entry(asked, None)
    for comparison in context.tree.all(cst.Comparison):
        yield from _tested(context, comparison)
    if not plan.containers:
        return
    for display in context.tree.all(cst.Dict):
        if display in plan.containers:
            for element in display.elements:
                if isinstance(element, cst.DictElement):
                    yield Entry(element.key, element.value, frozenset([display]))
    for subscript in context.tree.all(cst.Subscript):
        yield from _indexed(context, subscript)
    for call in context.tree.all(cst.Call):
        yield from _called(context, call)


def _containers(context: Context, node: cst.BaseExpression) -> frozenset[cst.CSTNode]:
    known = context.plans.config.containers
    return frozenset(v.node for v in context.facts(node) if isinstance(v, Container) and v.node in known)


def _tested(context: Context, comparison: cst.Comparison) -> Iterator[Entry]:
    target = comparison.comparisons[0]
    if len(comparison.comparisons) == 1 and isinstance(target.operator, (cst.In, cst.NotIn)):
        plan, other = context.plans.config, target.comparator
        if plan.holds(other) or plan.is_supported_list(context.bound_once(other)):
            yield Entry(comparison.left, None)


def _indexed(context: Context, subscript: cst.Subscript) -> Iterator[Entry]:
    found = _containers(context, subscript.value)
    index = subscript.slice[0].slice
    if not found or not isinstance(index, cst.Index):
        return
    target = context.tree.parents[subscript]
    statement = context.tree.parents[target]
    is_set = isinstance(target, cst.AssignTarget) and isinstance(statement, cst.Assign)
    yield Entry(index.value, statement.value if is_set else None, found if is_set else frozenset())  # type: ignore[attr-defined]


def _called(context: Context, call: cst.Call) -> Iterator[Entry]:
    func, plan = call.func, context.plans.config
    is_method = isinstance(func, cst.Attribute) and plan.holds(func.value)
    if is_method and func.attr.value in _ASKING and call.args:  # type: ignore[attr-defined]
        is_set = func.attr.value == "setdefault" and len(call.args) == 2  # type: ignore[attr-defined]
        yield Entry(call.args[0].value, call.args[1].value if is_set else None)
    elif (is_method and func.attr.value == "update") or (call in plan.containers and dotted(func) == "dict"):  # type: ignore[attr-defined]
        for arg in call.args:
            if arg.keyword is not None:
                yield Entry(arg.keyword, arg.value, frozenset([call]))
