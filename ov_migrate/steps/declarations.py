"""What has to be declared for a companion: a global or nonlocal name, a slot of a class."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import libcst as cst

from ov_migrate.edits import Edit
from ov_migrate.inference.members import lineage
from ov_migrate.steps.places import Attribute, Place, Places, Unsupported, Variable
from ov_migrate.steps.statements import insert_after
from ov_migrate.syntax import Tree


def declaration_edits(
    places: Places, place: Place, target: cst.CSTNode, name: str, holds: Callable[[cst.CSTNode], bool]
) -> Iterator[tuple[cst.CSTNode, Edit]]:
    """Where `target` rebinds the variable of an outer scope: `name` beside it in the global or nonlocal statement; a
    nonlocal name is bound in the outer function as well. Each edit with the node it belongs to."""
    if not isinstance(place, Variable) or not isinstance(target, cst.Name):
        return
    tree = places.tree(place.module)
    scope = tree.scope(target)
    if scope is place.scope:
        return
    declarations: list[cst.Global | cst.Nonlocal] = [*tree.all(cst.Global), *tree.all(cst.Nonlocal)]
    for node in declarations:
        if tree.scope(node) is scope and any(item.name.value == place.name for item in node.names):
            end = tree.spans[node.names[-1].name][1]
            yield node, Edit((end, end), (", ", name))
            if isinstance(node, cst.Nonlocal) and not _is_bound_there(places, place, holds):
                yield _outer_binding(places, tree, place, name)


def _is_bound_there(places: Places, place: Variable, holds: Callable[[cst.CSTNode], bool]) -> bool:
    """True when the outer function itself binds the variable to an object that gets a companion there."""
    tree = places.tree(place.module)
    return any(tree.scope(target) is place.scope and holds(target) for _, target in places.bindings(place))


def _outer_binding(places: Places, tree: Tree, place: Variable, name: str) -> tuple[cst.CSTNode, Edit]:
    for _, target in places.bindings(place):
        statement = None if isinstance(target, cst.Param) else tree.statement(target)
        if tree.scope(target) is place.scope and isinstance(statement, (cst.Assign, cst.AnnAssign)):
            return statement, insert_after(tree, statement, (name, " = None"))
    raise Unsupported("it belongs to an outer function that does not assign it")


def slot_edits(places: Places, place: Attribute, name: str) -> Iterator[tuple[int, cst.CSTNode, Edit]]:
    """`name` beside the attribute in the `__slots__` of the classes that list it; with module and node."""
    classes = dict.fromkeys([*lineage(places.engine, place.cls), *places.family(place.cls)])
    for cls in classes:
        for line in cls.body.body if isinstance(cls, cst.ClassDef) else ():
            for statement in line.body if isinstance(line, cst.SimpleStatementLine) else ():
                if isinstance(statement, cst.Assign) and _is_slots(statement.targets[0].target):
                    yield from _slots_edit(places, statement, place.name, name)


def _is_slots(target: cst.CSTNode) -> bool:
    return isinstance(target, cst.Name) and target.value == "__slots__"


def _slots_edit(places: Places, statement: cst.Assign, old: str, name: str) -> Iterator[tuple[int, cst.CSTNode, Edit]]:
    module = places.module_of(statement)
    tree = places.tree(module)
    for text in tree.all(cst.SimpleString):
        if statement not in tree.ancestors(text) or text.evaluated_value != old:
            continue
        if not isinstance(tree.parents[text], cst.Element):
            raise Unsupported("the slots of its class are not a list of names")
        end = tree.spans[text][1]
        yield module, text, Edit((end, end), (", ", tree.source(text).replace(old, name)))
