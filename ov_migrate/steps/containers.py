"""Lists and dictionaries of objects: how they are filled, gone through, and whether anything else changes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from ov_migrate.edits import Part
from ov_migrate.inference.values import Container
from ov_migrate.steps.places import Items, Places, Unsupported
from ov_migrate.syntax import Tree, dotted

_READING = frozenset({"append", "get", "keys", "values", "items", "index", "count"})
_EMPTY_CALLS = frozenset({"dict", "list", "OrderedDict", "collections.OrderedDict"})


@dataclass(frozen=True)
class ItemWrite:
    """A statement that puts `value` into `container`; `item` is the text of the item afterwards, `slot` what stands
    behind the container's name in the statement."""

    module: int
    statement: cst.CSTNode
    container: cst.BaseExpression
    value: cst.BaseExpression
    slot: tuple[Part, ...]
    is_append: bool = False

    @property
    def item(self) -> tuple[Part, ...]:
        return (self.container, "[-1]") if self.is_append else (self.container, *self.slot)


@dataclass(frozen=True)
class Loop:
    """A loop over a container whose variable takes the items; `key` is the variable beside it that says which."""

    node: cst.For
    container: cst.BaseExpression
    key: cst.Name | None = None


def loop_of(tree: Tree, target: cst.CSTNode) -> Loop | None:
    """The loop over a container that binds `target`: over a list, `values()`, `items()` or `enumerate()`."""
    parent = tree.parents[target]
    if isinstance(parent, cst.For) and parent.target is target:
        container: cst.BaseExpression | None = _viewed(parent.iter, "values") or parent.iter
        return Loop(parent, container) if isinstance(container, (cst.Name, cst.Attribute)) else None
    pair = tree.parents[parent] if isinstance(parent, cst.Element) else None
    node = tree.parents[pair] if isinstance(pair, cst.Tuple) and len(pair.elements) == 2 else None
    if not isinstance(node, cst.For) or not isinstance(pair, cst.Tuple) or pair.elements[1] is not parent:
        return None
    container = _viewed(node.iter, "items") or _numbered(node.iter)
    key = pair.elements[0].value
    return Loop(node, container, key) if container is not None and isinstance(key, cst.Name) else None


def _viewed(node: cst.BaseExpression, view: str) -> cst.BaseExpression | None:
    """`nets` for `nets.values()`."""
    is_view = isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value == view
    if not is_view or node.args:  # type: ignore[attr-defined]
        return None
    return node.func.value  # type: ignore[attr-defined,no-any-return]


def _numbered(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """`nets` for `enumerate(nets)`."""
    if not isinstance(node, cst.Call) or dotted(node.func) != "enumerate" or len(node.args) != 1:
        return None
    value = node.args[0].value
    return value if isinstance(value, (cst.Name, cst.Attribute)) else None


def first_statement(block: cst.IndentedBlock) -> cst.CSTNode:
    """The first statement of a function's body that is no docstring."""
    lines = list(block.body)
    first = lines[0]
    inner = first.body[0] if isinstance(first, cst.SimpleStatementLine) else None
    is_text = isinstance(inner, cst.Expr) and isinstance(inner.value, (cst.SimpleString, cst.ConcatenatedString))
    return lines[1] if is_text and len(lines) > 1 else first


def is_empty(value: cst.BaseExpression) -> bool:
    """True for `{}`, `[]`, `dict()`, `list()`."""
    if isinstance(value, cst.Call):
        return not value.args and dotted(value.func) in _EMPTY_CALLS
    return isinstance(value, (cst.Dict, cst.List)) and not value.elements


def item_writes(places: Places, place: Items) -> list[ItemWrite]:
    """All statements that put something into the containers kept at the place; raises `Unsupported` when something
    else changes them."""
    found = []
    for module, node in _mentions(places, place):
        tree = places.tree(module)
        write = _write(tree, module, node)
        if write is not None:
            found.append(write)
        elif _is_changed_otherwise(tree, node):
            raise Unsupported("it is kept in a container that is changed in other ways")
    return found


def _mentions(places: Places, place: Items) -> Iterator[tuple[int, cst.Name | cst.Attribute]]:
    """The expressions that may be one of the containers kept at the place."""
    made = {value for value in places.kinds(place.of) if isinstance(value, Container)}
    for index, module in enumerate(places.engine.project.modules):
        nodes: list[cst.Name | cst.Attribute] = [*module.tree.all(cst.Name), *module.tree.all(cst.Attribute)]
        for node in nodes:
            if not made.isdisjoint(places.facts(node)):
                yield index, node


def _write(tree: Tree, module: int, node: cst.Name | cst.Attribute) -> ItemWrite | None:
    """`exec_nets[key] = …` and `exec_nets.append(…)`."""
    parent = tree.parents[node]
    around = tree.parents[parent]
    if isinstance(parent, cst.Subscript) and parent.value is node and isinstance(around, cst.AssignTarget):
        statement = tree.parents[around]
        index = parent.slice[0].slice
        if not isinstance(statement, cst.Assign) or not isinstance(index, cst.Index) or not is_repeatable(index.value):
            raise Unsupported("it is kept in a container under a key that cannot be written twice")
        return ItemWrite(module, statement, node, statement.value, ("[", index.value, "]"))
    if isinstance(parent, cst.Attribute) and parent.attr.value == "append" and isinstance(around, cst.Call):
        statement = tree.parents[around]
        if isinstance(statement, cst.Expr) and len(around.args) == 1 and not around.args[0].star:
            return ItemWrite(module, statement, node, around.args[0].value, (".append",), True)
    return None


def _is_changed_otherwise(tree: Tree, node: cst.CSTNode) -> bool:
    parent = tree.parents[node]
    if isinstance(parent, cst.Attribute) and parent.value is node:
        is_called = isinstance(tree.parents[parent], cst.Call)
        return parent.attr.value not in _READING or not is_called or parent.attr.value == "append"
    if isinstance(parent, cst.Subscript) and parent.value is node:
        holder = tree.parents[parent]
        return isinstance(holder, (cst.Del, cst.AugAssign)) or _is_unpacked(tree, parent)
    return isinstance(parent, (cst.Del, cst.AugAssign))


def _is_unpacked(tree: Tree, node: cst.CSTNode) -> bool:
    """True for a target inside a tuple: `exec_nets[0], name = …`."""
    return isinstance(tree.parents[node], cst.Element) and any(
        isinstance(parent, cst.AssignTarget) for parent in tree.ancestors(node)
    )


def is_repeatable(node: cst.BaseExpression) -> bool:
    """True for an expression that can be written again: nothing is called in it."""
    if isinstance(node, (cst.Integer, cst.SimpleString)) or dotted(node) is not None:
        return True
    if isinstance(node, cst.Subscript):
        indexes = [element.slice for element in node.slice]
        return is_repeatable(node.value) and all(isinstance(i, cst.Index) and is_repeatable(i.value) for i in indexes)
    if isinstance(node, cst.BinaryOperation):
        return is_repeatable(node.left) and is_repeatable(node.right)
    if isinstance(node, cst.Tuple):
        return all(is_repeatable(element.value) for element in node.elements)
    return False


def filling(value: cst.BaseExpression) -> tuple[list[cst.BaseExpression], list[str]] | None:
    """The expressions that fill a container at once, and the variables of the comprehension they stand in; None for
    something else than a list, a dictionary or a comprehension of either."""
    if isinstance(value, cst.ListComp) and value.for_in.inner_for_in is None:
        return [value.elt], _bound_names(value.for_in.target)
    if isinstance(value, cst.DictComp) and value.for_in.inner_for_in is None:
        return [value.value], _bound_names(value.for_in.target)
    if isinstance(value, cst.List) and all(isinstance(element, cst.Element) for element in value.elements):
        return [element.value for element in value.elements], []
    if isinstance(value, cst.Dict) and all(isinstance(element, cst.DictElement) for element in value.elements):
        return [element.value for element in value.elements], []
    return None


def _bound_names(target: cst.BaseExpression) -> list[str]:
    if isinstance(target, (cst.Tuple, cst.List)):
        return [name for element in target.elements for name in _bound_names(element.value)]
    return [target.value] if isinstance(target, cst.Name) else []
