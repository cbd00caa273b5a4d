"""One use of the inputs or outputs of a network, which were dicts by name and are lists of ports."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Change, Edit, Part
from ov_migrate.knowledge.model_facts import PortFacts
from ov_migrate.steps.aliases import indexed_uses
from ov_migrate.steps.context import Site
from ov_migrate.steps.model_plan import by, unnamed
from ov_migrate.steps.model_verdicts import without_name
from ov_migrate.steps.port_plan import called_name, first_item, view_of
from ov_migrate.steps.port_text import in_legacy_order, layer_name, legacy_first
from ov_migrate.steps.statements import remove_statement
from ov_migrate.syntax import Tree, children

# Calls that take an iterable of names and care for nothing else.
_ITERATING = frozenset(
    {"enumerate", "zip", "map", "filter", "iter", "reversed", "max", "min", "any", "all", "join", "deque"}
)


class PortMap:
    """One use of `net.inputs`, `net.input_info` or `net.outputs`, rewritten after what stands around it.

    `view` is the use with its `.keys()`, `.values()` or `.items()`; `what` is "names", "ports" or "pairs".
    """

    def __init__(self, site: Site, side: str) -> None:
        self.site = site
        self.side = side
        self.tree: Tree = site.tree
        self.view = view_of(self.tree, site.node)
        self.what = "names"
        if self.view is not site.node:
            method = self.view.func.attr.value  # type: ignore[attr-defined]
            self.what = {"keys": "names", "values": "ports", "items": "pairs"}[method]

    def is_new_code(self) -> bool:
        """True where the code already takes the value for API 2.0's list of ports, as in a file migrated by halves:
        it is indexed by a number, or the items are asked what a name could not answer."""
        tree, view = self.tree, self.view
        if view is not self.site.node:
            return False
        parent = tree.parents[view]
        if isinstance(parent, cst.Subscript) and parent.value is view:
            return isinstance(self.site.context.constant(_index(parent)), int)
        if isinstance(parent, cst.Arg) and isinstance(call := tree.parents[parent], cst.Call):
            return any(self._takes_port(arg.value) for arg in call.args if arg is not parent)
        if isinstance(parent, cst.Assign):
            scope = tree.scope(view)
            return any(_asks_port(scope, name) for target in parent.targets for name in _unpacked(target.target))
        if isinstance(parent, (cst.For, cst.CompFor)) and isinstance(parent.target, cst.Name):
            around = tree.parents[parent] if isinstance(parent, cst.CompFor) else parent
            return _asks_port(around, parent.target.value)
        return False

    def _takes_port(self, function: cst.BaseExpression) -> bool:
        """True for a key function that asks its argument what a port answers."""
        if isinstance(function, cst.Lambda):
            return any(_asks_port(function.body, param.name.value) for param in function.params.params)
        return isinstance(function, cst.Name) and self.site.context.helpers.is_written(function.value)

    def change(self) -> Change:
        """The change for the first form that fits; the legacy dict, made again, when none does."""
        for form in (self._indexed, self._first, self._counted, self._membership, self._iterated, self._alias):
            change = form()
            if change is not None:
                return self._settled(change)
        return self._settled(self._made_again())

    def _settled(self, change: Change) -> Change:
        """The change with the verdict of the given models, where it takes names that some port has not."""
        text = "".join(part for edit in change.edits for part in edit.parts if isinstance(part, str))
        models = self.site.context.plans.ports.models(self.site.value.origins)
        nameless = without_name(models, self.side) if ".any_name" in text else None
        if nameless is not None and change.verdict == "migrated":
            change.verdict, change.message = "review", unnamed(self.side, nameless, models)
        return change

    @property
    def _ports(self) -> tuple[Part, ...]:
        return (self.site.receiver, f".{self.side}s")

    @property
    def _helper(self) -> str:
        """The function of the module that gives the legacy name of an output; "" where none is needed. The outputs of a
        compiled model no longer know the exact name of their layer."""
        is_model = self.side == "output" and self.site.value.kind != "executable_network"
        return self.site.context.helpers.name("ie_output_name") if is_model else ""

    @property
    def _legacy_name(self) -> str:
        return layer_name(self.side, self.site.context.port, self._helper)

    @property
    def _name(self) -> str:
        """The name to write for a port: one that every look-up takes, or the layer's where the code compares it."""
        is_compared = self.site.context.plans.ports.names_are_compared(self.site.value.origins, self.side)
        is_known = self.side == "input" or bool(self._helper)
        return self._legacy_name if is_compared and is_known else f"{self.site.context.port}.any_name"

    def _sorted(self, item: str) -> tuple[Part, ...]:
        """`item` for each port, in the order of the legacy dicts."""
        return in_legacy_order(self._ports, self.side, self.site.context.port, item, self._helper)

    @property
    def _item(self) -> str:
        port = self.site.context.port
        return {"names": self._name, "ports": port, "pairs": f"({self._name}, {port})"}[self.what]

    def _iterable(self) -> tuple[Part, ...]:
        """Names, ports or pairs in the legacy order, as something to iterate."""
        ports, origins = self.site.context.plans.ports, self.site.value.origins
        if ports.count(origins, self.side) == 1:
            return self._one_in_list()
        is_one = ports.is_one(origins, self.side, self.site.tree, self.site.receiver)
        return self._unordered() if is_one else self._sorted(self._item)

    def _unordered(self) -> tuple[Part, ...]:
        if self.what == "ports":
            return self._ports
        return (f"[{self._item} for {self.site.context.port} in ", *self._ports, "]")

    def _one_in_list(self) -> tuple[Part, ...]:
        """The one port that the given model has; with several, this raises."""
        one = (self.site.receiver, f".{self.side}()")
        if self.what == "pairs":
            return ("[(", *self._named(*one), ", ", *one, ")]")
        return ("[", *self._item_of(*one), "]")

    def _indexed(self) -> Change | None:
        """`net.inputs[name]` → `net.input(name)`."""
        parent = self.tree.parents[self.view]
        if self.what != "names" or self.view is not self.site.node or not isinstance(parent, cst.Subscript):
            return None
        key = _index(parent)
        if parent.value is not self.view or key is None:
            return None
        tail = ".shape" if self._is_shape_of_2018(parent) else ""
        return self.site.replace(self.site.receiver, f".{self.side}(", key, f"){tail}", node=parent)

    def _is_shape_of_2018(self, node: cst.Subscript) -> bool:
        """In 2018 the values of `net.inputs` were shapes: unpacked or indexed where they stand."""
        parent = self.tree.parents[node]
        if isinstance(parent, cst.Subscript) and parent.value is node:
            return True
        return isinstance(parent, cst.Assign) and isinstance(parent.targets[0].target, cst.Tuple)

    def _first(self) -> Change | None:
        """`next(iter(net.inputs))`, `list(net.inputs)[0]` and the like → the one name, or the first of all."""
        outer = first_item(self.tree, self.view)
        if outer is None or self.what == "pairs":
            return None
        origins, ports = self.site.value.origins, self.site.context.plans.ports
        given = ports.first(origins, self.side)
        if given is not None:
            return self._first_given(outer, given)
        if ports.is_many(origins, self.side):
            first = legacy_first(self._ports, self.side, self.site.context.port, self._helper)
            return self.site.replace(*self._item_of(*first), node=outer)
        verdict = "migrated" if ports.is_one(origins, self.side, self.site.tree, self.site.receiver) else "review"
        one = self._item_of(self.site.receiver, f".{self.side}()")
        return self.site.replace(*one, node=outer, verdict=verdict)

    def _first_given(self, outer: cst.BaseExpression, first: PortFacts) -> Change:
        """The port that came first in the legacy order of the given model, by its name."""
        ports = self.site.context.plans.ports
        models = ports.models(self.site.value.origins)
        address = ports.address(self.site.value.origins, self.side, self.tree.quote)
        one = self._item_of(self.site.receiver, f".{self.side}({address})")
        if self.what == "names" and not first.name:
            return self.site.replace(*one, node=outer, verdict="review", message=unnamed(self.side, first, models))
        return self.site.replace(*one, node=outer, verdict="migrated", message=by(self.site.rule.why, models))

    def _item_of(self, *port: Part) -> tuple[Part, ...]:
        """What the view has for the port that an expression gives: its name or itself."""
        return self._named(*port) if self.what == "names" else port

    def _named(self, *port: Part) -> tuple[Part, ...]:
        before, after = self._name.split(self.site.context.port, 1)
        return (before, *port, after)

    def _counted(self) -> Change | None:
        """`len(net.inputs.keys())`, `if net.inputs:` → the same on the list of ports."""
        parent = self.tree.parents[self.view]
        is_len = isinstance(parent, cst.Arg) and called_name(self.tree, parent) == "len"
        is_truth = isinstance(parent, (cst.If, cst.While, cst.Assert)) or (
            isinstance(parent, cst.UnaryOperation) and isinstance(parent.operator, cst.Not)
        )
        return self.site.replace(*self._ports, node=self.view) if is_len or is_truth else None

    def _membership(self) -> Change | None:
        """`name in net.outputs`: a literal is the name of a layer; a name from elsewhere may also be one that look-ups
        take. In IR v11 a layer's name is no name of a tensor: it is found all the same, and fails where it is used."""
        parent = self.tree.parents[self.view]
        if self.what != "names" or not isinstance(parent, cst.ComparisonTarget):
            return None
        comparison = self.tree.parents[parent]
        assert isinstance(comparison, cst.Comparison)
        if len(comparison.comparisons) != 1 or not isinstance(parent.operator, (cst.In, cst.NotIn)):
            return None
        port, key = self.site.context.port, comparison.left
        if isinstance(key, cst.SimpleString) and (self._helper or self.side == "input"):
            names: tuple[Part, ...] = (f"map({self._helper}, ", *self._ports, ")")
            if self.side == "input":
                names = (f"[{self._legacy_name} for {port} in ", *self._ports, "]")
            return self.site.replace(*names, node=self.view)
        opening = "any(" if isinstance(parent.operator, cst.In) else "not any("
        known = f"{port}.names"
        if not self.site.context.kind(key).endswith("_name"):
            known = f"{port}.names | {{{self._legacy_name}}}"
        parts = (opening, key, f" in {known} for {port} in ", *self._ports, ")")
        return self.site.replace(*parts, node=comparison)

    def _iterated(self) -> Change | None:
        """A loop, a comprehension, `list(…)`, unpacking: the names in the legacy order."""
        parent = self.tree.parents[self.view]
        if isinstance(parent, (cst.For, cst.CompFor)) and parent.iter is self.view:
            return self.site.replace(*self._iterable(), node=_plain_copy(self.tree, parent) or self.view)
        if isinstance(parent, cst.StarredElement):
            return self.site.replace(*self._iterable(), node=self.view)
        if isinstance(parent, cst.Assign) and isinstance(parent.targets[0].target, (cst.Tuple, cst.List)):
            is_one = len(parent.targets[0].target.elements) == 1
            return self.site.replace(*(self._unordered() if is_one else self._iterable()), node=self.view)
        if not isinstance(parent, cst.Arg):
            return None
        return self._converted(parent)

    def _converted(self, arg: cst.Arg) -> Change | None:
        name, call = called_name(self.tree, arg), self.tree.parents[arg]
        assert isinstance(call, cst.Call)
        if name in _ITERATING or (name == "sorted" and len(call.args) > 1):
            return self.site.replace(*self._iterable(), node=self.view)
        if len(call.args) != 1:
            return None
        if name in ("list", "sorted"):
            return self.site.replace(*self._iterable(), node=call)
        if name == "tuple":
            return self.site.replace("tuple(", *self._iterable(), ")", node=call)
        if name in ("set", "frozenset") and self.what == "names":
            inner = (f"{self._name} for {self.site.context.port} in ", *self._ports)
            parts = ("{", *inner, "}") if name == "set" else ("frozenset(", *inner, ")")
            return self.site.replace(*parts, node=call)
        return None

    def _alias(self) -> Change | None:
        """`inputs = net.inputs`, only indexed later: each use asks the model itself."""
        uses = indexed_uses(self.site) if self.view is self.site.node else None
        if uses is None:
            return None
        statement = self.tree.statement(self.site.node)
        change = self.site.change(node=statement)
        change.edits.append(remove_statement(self.tree, statement))
        for use in uses:
            parts = (self.site.receiver, f".{self.side}(", _index(use) or "", ")")
            change.edits.append(Edit(self.tree.spans[use], parts))
        return change

    def _made_again(self) -> Change:
        if self.what == "names" and self.view is not self.site.node:
            is_set = isinstance(
                self.tree.parents[self.view], (cst.BinaryOperation, cst.Comparison, cst.ComparisonTarget)
            )
            names = ("{", f"{self._name} for {self.site.context.port} in ", *self._ports, "}")
            return self.site.replace(*(names if is_set else self._iterable()), node=self.view)
        if self.what != "names":
            return self.site.replace(*self._iterable(), node=self.view)
        port = self.site.context.port
        return self.site.replace(f"{{{self._name}: {port} for {port} in ", *self._sorted(port), "}")


# What a port of API 2.0 answers and a name does not.
_PORT_MEMBERS = frozenset(
    {"any_name", "names", "shape", "partial_shape", "element_type", "node", "get_node", "get_any_name"}
)


def _plain_copy(tree: Tree, clause: cst.CSTNode) -> cst.ListComp | None:
    """`[name for name in …]`, which only makes a list."""
    around = tree.parents[clause]
    if not isinstance(clause, cst.CompFor) or not isinstance(around, cst.ListComp) or clause.ifs or clause.inner_for_in:
        return None
    is_same = isinstance(around.elt, cst.Name) and isinstance(clause.target, cst.Name)
    return around if is_same and around.elt.value == clause.target.value else None  # type: ignore[attr-defined]


def _unpacked(target: cst.BaseExpression) -> list[str]:
    elements = target.elements if isinstance(target, (cst.Tuple, cst.List)) else ()
    return [element.value.value for element in elements if isinstance(element.value, cst.Name)]


def _asks_port(node: cst.CSTNode, name: str) -> bool:
    if isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) and node.value.value == name:
        return node.attr.value in _PORT_MEMBERS
    return any(_asks_port(child, name) for child in children(node))


def _index(node: cst.Subscript) -> cst.BaseExpression | None:
    element = node.slice[0].slice
    return element.value if len(node.slice) == 1 and isinstance(element, cst.Index) else None
