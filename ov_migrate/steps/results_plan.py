"""Decides which result dictionaries are only ever indexed by name, and which are used in other ways.

API 2.0 gives a mapping from ports that also answers to names. Where code iterates a result, hands it to somebody who
cannot be followed, or sends it away, it is made the legacy dict by name at its source.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from ov_migrate.inference import Engine
from ov_migrate.inference.values import Class, Function, Legacy
from ov_migrate.steps.port_plan import Origins, PortPlan, first_item, view_of
from ov_migrate.syntax import Tree

_KIND = "results"
_SAFE_CALLS = frozenset({"len", "bool", "id"})


class ResultsPlan:
    """`needs_names(call)` is true when the result of that `infer` call must be a dict by name, `is_read_by_name(call)`
    when it is read by names. `first_values` are the expressions that take the one value of a result, such as
    `next(iter(res.values()))`, with their result."""

    def __init__(self, engine: Engine, ports: PortPlan) -> None:
        self.engine = engine
        self.ports = ports
        self.first_values: dict[cst.CSTNode, cst.BaseExpression] = {}
        self._named: set[cst.CSTNode] = set()
        self._read_by_name: set[cst.CSTNode] = set()
        self._firsts: dict[cst.CSTNode, tuple[cst.BaseExpression, Origins]] = {}
        for tree, node in self._holders(_KIND, (cst.Name, cst.Attribute, cst.Call, cst.Subscript)):
            origins = frozenset(v.origin for v in engine.facts[node] if isinstance(v, Legacy) and v.kind == _KIND)
            if not self._is_plain_use(tree, node):
                self._note(tree, node, origins)
            elif _is_by_name(tree, node):
                self._read_by_name |= {origin for origin in origins if origin is not None}
        self.first_values = {
            first: result for first, (result, origins) in self._firsts.items() if not origins & self._named
        }

    def needs_names(self, call: cst.CSTNode) -> bool:
        return call in self._named

    def is_read_by_name(self, call: cst.CSTNode) -> bool:
        return call in self._read_by_name

    @cached_property
    def counter_keys(self) -> set[str] | None:
        """The literal keys by which the program reads performance counters; None when it uses an entry otherwise."""
        found: set[str] = set()
        for tree, node in self._holders("perf_count", (cst.Name, cst.Subscript)):
            parent = tree.parents[node]
            key = parent.slice[0].slice if isinstance(parent, cst.Subscript) and parent.value is node else None
            text = key.value if isinstance(key, cst.Index) else None
            if isinstance(text, cst.SimpleString):
                found.add(str(text.evaluated_value))
            elif not isinstance(parent, (cst.AssignTarget, cst.For, cst.Element, cst.CompFor)):
                return None
        return found

    def _holders(
        self, kind: str, forms: tuple[type[cst.BaseExpression], ...]
    ) -> Iterator[tuple[Tree, cst.BaseExpression]]:
        """The expressions of these forms that may hold an object of `kind`."""
        for _, module in self.engine.legacy_modules:
            for form in forms:
                for node in module.tree.all(form):
                    if any(type(v) is Legacy and v.kind == kind for v in self.engine.facts.get(node, ())):
                        yield module.tree, node

    def _note(self, tree: Tree, node: cst.BaseExpression, origins: Origins) -> None:
        """Files a use that is more than indexing: the one value of the result, or something that needs the names."""
        view = view_of(tree, node)
        first = first_item(tree, view) if isinstance(view, cst.Call) and view is not node else None
        takes_values = (
            isinstance(view, cst.Call) and isinstance(view.func, cst.Attribute) and view.func.attr.value == "values"
        )
        is_told = not self.ports.is_many(origins, "output") or self.ports.first(origins, "output") is not None
        if first is not None and takes_values and is_told and len(origins) == 1:
            self._firsts[first] = (node, origins)
        else:
            self._named |= {origin for origin in origins if origin is not None}

    def _is_plain_use(self, tree: Tree, node: cst.CSTNode) -> bool:
        parent = tree.parents[node]
        if isinstance(parent, cst.Subscript):
            return parent.value is node and len(parent.slice) == 1 and isinstance(parent.slice[0].slice, cst.Index)
        if isinstance(parent, cst.Attribute):
            return parent.value is not node or parent.attr.value == "get"
        if isinstance(parent, cst.Arg):
            return self._is_followed_argument(tree, parent)
        if isinstance(parent, cst.ComparisonTarget):
            return isinstance(parent.operator, (cst.In, cst.NotIn, cst.Is, cst.IsNot))
        if isinstance(parent, cst.Comparison):
            return isinstance(parent.comparisons[0].operator, (cst.Is, cst.IsNot))
        if isinstance(parent, cst.Return):
            return self._has_callers(tree, parent)
        if isinstance(parent, cst.Element):
            return self._is_followed_sequence(tree, tree.parents[parent])
        if isinstance(parent, cst.AnnAssign):
            return True
        return isinstance(
            parent, (cst.Assign, cst.AssignTarget, cst.Expr, cst.Del, cst.If, cst.UnaryOperation, cst.NamedExpr)
        )

    def _is_followed_argument(self, tree: Tree, arg: cst.Arg) -> bool:
        call = tree.parents[arg]
        if not isinstance(call, cst.Call) or arg.star:
            return False
        if isinstance(call.func, cst.Name) and call.func.value in _SAFE_CALLS:
            return True
        callees = self.engine.facts.get(call.func, frozenset())
        return bool(callees) and all(isinstance(value, (Function, Class)) for value in callees)

    def _has_callers(self, tree: Tree, node: cst.CSTNode) -> bool:
        return bool(self.engine.callers.get(tree.scope(node)))

    def _is_followed_sequence(self, tree: Tree, sequence: cst.CSTNode) -> bool:
        """A tuple that is returned to known callers or unpacked at once; anything longer-lived may get away."""
        parent = tree.parents[sequence]
        if isinstance(parent, cst.Return):
            return isinstance(sequence, cst.Tuple) and self._has_callers(tree, parent)
        return isinstance(sequence, cst.Tuple) and isinstance(parent, (cst.Assign, cst.AssignTarget))


def _is_by_name(tree: Tree, node: cst.CSTNode) -> bool:
    """True for `result[name]`, `result.get(name)`, `name in result`."""
    parent = tree.parents[node]
    is_tested = isinstance(parent, cst.ComparisonTarget) and isinstance(parent.operator, (cst.In, cst.NotIn))
    return is_tested or isinstance(parent, (cst.Subscript, cst.Attribute))
