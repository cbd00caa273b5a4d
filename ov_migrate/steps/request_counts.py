"""How many requests stand beside a compiled model: `num_requests` of the call that made the executable network."""

from __future__ import annotations

import libcst as cst

from ov_migrate.inference.values import Constant, Function
from ov_migrate.steps.context import bind
from ov_migrate.steps.places import Places, Variable
from ov_migrate.steps.request_groups import Group, Unsupported, Use, holds_group
from ov_migrate.syntax import Tree


class RequestCounts:
    """Finds the number of requests of a group; raises `Unsupported` where it cannot be told."""

    def __init__(self, places: Places) -> None:
        self.places = places

    def of(self, group: Group, module: int, value: cst.BaseExpression, index: int | None) -> cst.BaseExpression | None:
        """The num_requests of the call that makes the executable network new at each run of `value`."""
        tree = self.places.tree(module)
        if index is not None and isinstance(value, (cst.Tuple, cst.List)):
            element = value.elements[index].value
            if isinstance(element, (cst.Name, cst.Attribute)):
                raise Unsupported("it is handed on inside a tuple")
            return self.of(group, module, element, None)
        if isinstance(value, cst.IfExp):
            counts = [self.of(group, module, part, None) for part in (value.body, value.orelse)]
            return self._same_count(module, counts)
        if not isinstance(value, cst.Call):
            raise Unsupported("it is taken out of a container or an expression")
        if value in group.origins:
            return self._num_requests(module, value)
        callees = self.places.engine.callees.get(value, ())
        counts = [self._returned_count(group, function, index) for function in callees]
        if not counts or not isinstance(tree.parents.get(value), cst.CSTNode):
            raise Unsupported("it comes out of a call that cannot be followed")
        return self._same_count(module, counts, literal=True)

    def _returned_count(self, group: Group, function: Function, index: int | None) -> cst.BaseExpression | None:
        module = self.places.engine.module_of[function.node]
        values = [value for value in returned(self.places, function, index) if holds_group(self.places, group, value)]
        counts = [self._local_count(group, module, function, value) for value in values]
        if not counts:
            raise Unsupported("it comes out of a function that cannot be followed")
        return self._same_count(module, counts, literal=True)

    def _local_count(
        self, group: Group, module: int, function: Function, value: cst.BaseExpression
    ) -> cst.BaseExpression | None:
        if isinstance(value, cst.Call):
            return self.of(group, module, value, None)
        for place in self.places.of(module, value):
            if not isinstance(place, Variable) or place.scope is not function.node or place in group.names:
                break
            targets = [t for _, t in self.places.bindings(place) if holds_group(self.places, group, t)]
            tree = self.places.tree(module)
            values = [assigned_value(tree, target) for target in targets]
            if any(v is None or i is not None for v, i in values):
                break
            return self._same_count(module, [self.of(group, module, v, i) for v, i in values if v], literal=True)
        raise Unsupported("a function gives away an executable network that it keeps")

    def _same_count(
        self, module: int, counts: list[cst.BaseExpression | None], literal: bool = False
    ) -> cst.BaseExpression | None:
        texts = {None if c is None else self.places.tree(self.places.module_of(c)).source(c) for c in counts}
        if len(texts) > 1:
            raise Unsupported("it is made with different numbers of requests")
        if literal and counts[0] is not None and not isinstance(counts[0], cst.Integer):
            raise Unsupported("its number of requests is known only where it is loaded")
        return counts[0]

    def _num_requests(self, module: int, call: cst.Call) -> cst.BaseExpression | None:
        for value in self.places.facts(call.func):
            kind = getattr(getattr(value, "receiver", None), "kind", "")
            member = self.places.engine.api.member(kind, getattr(value, "name", "")) if kind else None
            if member is not None:
                arguments = bind(call, member.parameters)
                if arguments is None:
                    raise Unsupported("it is loaded with star arguments")
                arg = arguments.get("num_requests")
                return arg.value if arg is not None else None
        return None

    def literal(self, count: cst.BaseExpression) -> int | None:
        return int(count.value, 0) if isinstance(count, cst.Integer) else None

    def may_be_zero(self, group: Group, count: cst.BaseExpression) -> bool:
        """0 meant the optimal number. False where other numbers are seen, or where an empty list fails at once because
        the requests are taken from it one by one."""
        if not isinstance(count, (cst.Name, cst.Attribute, cst.Subscript)):
            return False
        numbers = [value.value for value in self.places.facts(count) if isinstance(value, Constant)]
        if numbers:
            return 0 in numbers
        return not all(self._is_taken_one_by_one(use) for use in group.uses)

    def _is_taken_one_by_one(self, use: Use) -> bool:
        parent = self.places.tree(use.module).parents[use.node]
        return use.node.attr.value != "requests" or (isinstance(parent, cst.Subscript) and parent.value is use.node)


def returned(places: Places, function: Function, index: int | None) -> list[cst.BaseExpression]:
    """What a function returns; with `index`, the items at that place of the tuples it returns."""
    tree = places.tree(places.engine.module_of[function.node])
    returns = [n for n in tree.all(cst.Return) if n.value is not None and tree.scope(n) is function.node]
    values = [n.value for n in returns if n.value is not None]
    if index is None:
        return values
    tuples = [v for v in values if isinstance(v, cst.Tuple) and index < len(v.elements)]
    return [v.elements[index].value for v in tuples] if len(tuples) == len(values) else []


def assigned_value(tree: Tree, target: cst.CSTNode) -> tuple[cst.BaseExpression | None, int | None]:
    """What an assignment puts into `target`, and the place in it when the target is part of a tuple."""
    parent = tree.parents[target]
    if isinstance(parent, cst.AssignTarget):
        statement = tree.parents[parent]
        return (statement.value, None) if isinstance(statement, cst.Assign) else (None, None)
    if isinstance(parent, cst.AnnAssign) and parent.target is target:
        return parent.value, None
    if isinstance(parent, cst.Element):
        sequence = tree.parents[parent]
        holder = tree.parents[sequence]
        if isinstance(holder, cst.AssignTarget) and isinstance(sequence, (cst.Tuple, cst.List)):
            statement = tree.parents[holder]
            index = list(sequence.elements).index(parent)
            if isinstance(statement, cst.Assign) and not any(
                isinstance(e, cst.StarredElement) for e in sequence.elements
            ):
                return statement.value, index
    return None, None
