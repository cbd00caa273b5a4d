"""What an object was made with: one argument of the call that made it, such as the number of requests or the device,
followed out of the functions that return the object."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from ov_migrate.inference.values import Function
from ov_migrate.steps.containers import filling, is_repeatable
from ov_migrate.steps.places import Place, Places, Unsupported, Variable
from ov_migrate.steps.reaching import means_the_same
from ov_migrate.steps.signatures import Signatures
from ov_migrate.syntax import Tree, dotted

Given = Callable[[cst.Call], cst.BaseExpression | None]
_LITERALS = (cst.Integer, cst.SimpleString)


class MadeWith:
    """`given` says what one of the calls that make the objects is given, None for the default; `holds` what may be one
    of the objects, `is_kept` which places have companions of their own, and `passed_over` those that were taken to have
    none. `title` and `titles` name the argument in messages."""

    def __init__(
        self,
        places: Places,
        holds: Callable[[cst.CSTNode], bool],
        is_kept: Callable[[Place], bool],
        given: Given,
        title: str,
        titles: str,
    ) -> None:
        self.places = places
        self.signatures = Signatures(places)
        self.holds, self.is_kept, self.given = holds, is_kept, given
        self.title, self.titles = title, titles
        self.passed_over: set[Place] = set()
        self._running: list[cst.CSTNode] = []

    def of(
        self, module: int, value: cst.BaseExpression, index: int | None, origins: set[cst.CSTNode | None]
    ) -> cst.BaseExpression | None:
        """What the object is made with that `value` makes new at each run; raises `Unsupported` where it cannot be
        told."""
        if index is not None and isinstance(value, (cst.Tuple, cst.List)):
            element = value.elements[index].value
            if isinstance(element, (cst.Name, cst.Attribute)):
                raise Unsupported("it is handed on inside a tuple")
            return self.of(module, element, None, origins)
        if isinstance(value, cst.IfExp):
            return self.same([self.of(module, part, None, origins) for part in (value.body, value.orelse)])
        if isinstance(value, cst.Subscript):
            return self._of_item(module, value, index, origins)
        if not isinstance(value, cst.Call):
            raise Unsupported("it is taken out of a container or an expression")
        if value in origins:
            return self.given(value)
        callees = self.places.callees(value)
        if not callees or value not in self.places.tree(module).parents:
            raise Unsupported("it comes out of a call that cannot be followed")
        return self.same([self._returned(function, value, index, origins) for function in callees])

    def _returned(
        self, function: Function, call: cst.Call, index: int | None, origins: set[cst.CSTNode | None]
    ) -> cst.BaseExpression | None:
        if function.node in self._running:
            raise Unsupported("it comes out of a function that calls itself")
        values = [(v, i) for v, i in returned(self.places, function, index) if i is not None or self.holds(v)]
        if not values:
            raise Unsupported("it comes out of a function that cannot be followed")
        self._running.append(function.node)
        try:
            found = [self._local(function, value, i, origins) for value, i in values]
        finally:
            self._running.pop()
        return self._outside(function, call, self.same(found))

    def _local(
        self, function: Function, value: cst.BaseExpression, index: int | None, origins: set[cst.CSTNode | None]
    ) -> cst.BaseExpression | None:
        module = self.places.engine.module_of[function.node]
        if isinstance(value, cst.Call):
            return self.of(module, value, index, origins)
        for place in self.places.of(module, value):
            if not isinstance(place, Variable) or place.scope is not function.node or self.is_kept(place):
                break
            self.passed_over.add(place)
            tree = self.places.tree(module)
            targets = [target for _, target in self.places.bindings(place) if self.holds(target)]
            assigned = [assigned_value(tree, target) for target in targets]
            return self.same([self.of(module, v, i, origins) for v, i in assigned if v is not None])
        raise Unsupported("a function gives it away and keeps it")

    def same(self, found: list[cst.BaseExpression | None]) -> cst.BaseExpression | None:
        """The one argument that all of `found` are, as text; raises `Unsupported` where they differ."""
        texts = {None if one is None else self.places.tree(self.places.module_of(one)).source(one) for one in found}
        if len(texts) != 1:
            raise Unsupported(f"it is made with different {self.titles}")
        return found[0]

    def _outside(
        self, function: Function, call: cst.Call, found: cst.BaseExpression | None
    ) -> cst.BaseExpression | None:
        """The same where the function is called: the argument for a parameter, a name that is visible there too."""
        if found is None or isinstance(found, _LITERALS):
            return found
        inner, outer = self.places.engine.module_of[function.node], self.places.module_of(call)
        if isinstance(found, cst.Name) and self._is_parameter(function, found):
            arg = self.signatures.arguments(call, function).get(found.value)
            value = arg.value if arg is not None else _default(function, found.value)
            if value is not None and (isinstance(value, _LITERALS) or (arg is not None and is_repeatable(value))):
                return value
        elif inner == outer and means_the_same(self.places, inner, found, found, call):
            return found
        raise Unsupported(f"its {self.title} is known only where it is made")

    def _is_parameter(self, function: Function, name: cst.Name) -> bool:
        bound = self.places.named(function, name.value)
        return len(bound) == 1 and isinstance(bound[0], cst.Param)

    def _of_item(
        self, module: int, value: cst.Subscript, index: int | None, origins: set[cst.CSTNode | None]
    ) -> cst.BaseExpression | None:
        """`exec_net, names = nets[0]`, of a list that is made once and whose items are each taken once."""
        tree = self.places.tree(module)
        if not isinstance(value.value, cst.Name) or not _runs_once(self.places, tree, value):
            raise Unsupported("it is taken out of a container or an expression")
        place = self.places.variable(module, value.value)
        bound = self.places.bindings(place) if place is not None else []
        uses = [tree.parents[use] for use in tree.references(value.value.value) if use not in [t for _, t in bound]]
        taken = [tree.source(use.slice[0]) for use in uses if isinstance(use, cst.Subscript) and _is_literal(use)]
        others = [use for use in uses if not isinstance(use, cst.Subscript) and not _is_len(use, tree)]
        if len(bound) != 1 or len(set(taken)) < len(taken) or others or tree.source(value.slice[0]) not in taken:
            raise Unsupported("it is taken out of a container or an expression")
        made, _ = assigned_value(tree, bound[0][1])
        return self._element(module, made, index, origins)

    def _element(
        self, module: int, made: cst.BaseExpression | None, index: int | None, origins: set[cst.CSTNode | None]
    ) -> cst.BaseExpression | None:
        """What the objects in a list are made with, where the list is made."""
        if isinstance(made, cst.Call):
            callees = self.places.callees(made)
            pairs = [(one, value) for one in callees for value, _ in returned(self.places, one, None)]
            found = [
                self._outside(one, made, self._element(self.places.engine.module_of[one.node], value, index, origins))
                for one, value in pairs
            ]
            return self.same(found)
        filled = filling(made) if isinstance(made, (cst.List, cst.ListComp)) else None
        if not filled:
            raise Unsupported("it is taken out of a container or an expression")
        values, names = filled
        result = self.same([self.of(module, value, index, origins) for value in values])
        if isinstance(result, cst.Name) and result.value in names:
            raise Unsupported(f"its {self.title} is known only where it is made")
        return result


def _default(function: Function, name: str) -> cst.BaseExpression | None:
    params = function.node.params
    every = (*params.posonly_params, *params.params, *params.kwonly_params)
    return next((param.default for param in every if param.name.value == name), None)


def _is_literal(node: cst.Subscript) -> bool:
    index = node.slice[0].slice
    return len(node.slice) == 1 and isinstance(index, cst.Index) and isinstance(index.value, cst.Integer)


def _is_len(node: cst.CSTNode, tree: Tree) -> bool:
    """True for the argument of `len(…)`."""
    call = tree.parents[node] if isinstance(node, cst.Arg) else None
    return isinstance(call, cst.Call) and dotted(call.func) == "len"


def _runs_once(places: Places, tree: Tree, node: cst.CSTNode) -> bool:
    """True for code of a module outside of loops, and of functions that are called once from such code."""
    scope = tree.scope(node)
    for parent in tree.ancestors(node):
        if parent is scope:
            break
        if isinstance(parent, (cst.For, cst.While, cst.ListComp, cst.DictComp, cst.SetComp, cst.GeneratorExp)):
            return False
    if isinstance(scope, cst.Module):
        return True
    calls = places.callers(scope)
    return len(calls) == 1 and _runs_once(places, places.tree(places.module_of(calls[0])), calls[0])


def returned(places: Places, function: Function, index: int | None) -> list[tuple[cst.BaseExpression, int | None]]:
    """What a function returns; with `index`, the items at that place of the tuples it returns, and for a call that
    gives such a tuple the call with the index. Nothing when some other value may be returned."""
    tree = places.tree(places.engine.module_of[function.node])
    returns = [n for n in tree.all(cst.Return) if n.value is not None and tree.scope(n) is function.node]
    values = [n.value for n in returns if n.value is not None]
    if index is None:
        return [(value, None) for value in values]
    found: list[tuple[cst.BaseExpression, int | None]] = []
    for value in values:
        if isinstance(value, cst.Tuple) and index < len(value.elements):
            found.append((value.elements[index].value, None))
        elif isinstance(value, cst.Call):
            found.append((value, index))
        else:
            return []
    return found


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
