"""What comes out of a value when it is iterated, unpacked or indexed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ov_migrate.inference.current import current_element
from ov_migrate.inference.store import ANY_ITEM, KEYS, Slot
from ov_migrate.inference.values import (
    FOREIGN,
    NOTHING,
    PLAIN,
    UNKNOWN,
    Constant,
    Container,
    Current,
    Instance,
    Kinds,
    Legacy,
    Plain,
    Suspect,
    Unknown,
    Value,
    union,
)

if TYPE_CHECKING:
    from ov_migrate.inference.frame import Frame

# Containers whose keys matter when they are iterated.
_MAPPINGS = (cst.Dict, cst.DictComp)


def item_at(index: Kinds) -> Slot:
    """The slot an index with these values means: its own when it is one constant, else the shared one."""
    if len(index) == 1:
        (value,) = index
        if isinstance(value, Constant) and not isinstance(value.value, bool):
            return value.value
        if isinstance(value, Legacy) and value.kind.endswith("_name"):
            return (value.kind, str(id(value.origin)))
    return ANY_ITEM


def elements(frame: Frame, kinds: Kinds, node: cst.CSTNode, index: int | None = None) -> Kinds:
    """What iterating `kinds` gives; with `index`, what unpacking gives at that place."""
    return union(NOTHING, *(_elements(frame, value, index) for value in kinds))


def _elements(frame: Frame, value: Value, index: int | None) -> Kinds:
    if isinstance(value, Legacy):
        kind = frame.engine.api.kinds[value.kind]
        inner = kind.key or kind.element
        return frozenset({Legacy(inner, value.origin)}) if inner else PLAIN
    if isinstance(value, Suspect):
        return _suspect_element(frame, value)
    if isinstance(value, Current):
        return current_element(value)
    if isinstance(value, Container):
        return _container_elements(frame, value, index)
    if isinstance(value, Instance) and index is not None:
        fields = frame.engine.store.read(value.cls.node, "#fields")
        names = [v.value for v in fields if isinstance(v, Constant)]
        ordered = sorted((str(n) for n in names), key=lambda n: int(n.split(":")[0]))
        if 0 <= index < len(ordered):
            return frame.engine.store.read(value.cls.node, ordered[index].split(":")[1])
        return FOREIGN
    if isinstance(value, Plain):
        return PLAIN if not value.none else NOTHING
    if isinstance(value, Unknown):
        return UNKNOWN
    return PLAIN if isinstance(value, Constant) else FOREIGN


def _suspect_element(frame: Frame, value: Suspect) -> Kinds:
    element = frame.engine.api.kinds[value.kind].element if not value.member else ""
    return frozenset({Suspect(element)}) if element else UNKNOWN


def _container_elements(frame: Frame, value: Container, index: int | None) -> Kinds:
    store = frame.engine.store
    if isinstance(value.node, _MAPPINGS) or (store.has(value.node, KEYS) and index is None):
        return store.read(value.node, KEYS)
    items = store.items(value.node)
    if index is not None and index in items:
        return union(items[index], items.get(ANY_ITEM, NOTHING))
    if index is not None and items and ANY_ITEM not in items:
        return NOTHING
    return union(NOTHING, *items.values())


def item(frame: Frame, value: Value, index: Kinds, is_slice: bool) -> Kinds:
    """What `value[index]` gives."""
    if isinstance(value, Legacy):
        element = frame.engine.api.kinds[value.kind].element
        if is_slice:
            return frozenset({value}) if element else PLAIN
        return frozenset({Legacy(element, value.origin)}) if element else PLAIN
    if isinstance(value, Suspect):
        return _suspect_element(frame, value)
    if isinstance(value, Current):
        return current_element(value)
    if isinstance(value, Container):
        if is_slice:
            return frozenset({value})
        return _container_item(frame, value, item_at(index))
    if isinstance(value, Instance):
        (constant,) = index if len(index) == 1 else (None,)
        if isinstance(constant, Constant) and isinstance(constant.value, int):
            return _elements(frame, value, constant.value)
        return FOREIGN
    if isinstance(value, (Plain, Constant)):
        return PLAIN
    return UNKNOWN if isinstance(value, Unknown) else FOREIGN


def _container_item(frame: Frame, value: Container, slot: Slot) -> Kinds:
    store = frame.engine.store
    if slot == ANY_ITEM:
        return union(NOTHING, *store.items(value.node).values())
    if isinstance(slot, int) and slot < 0 and isinstance(value.node, (cst.Tuple, cst.List)):
        slot = len(value.node.elements) + slot
    exact = store.read(value.node, slot)
    if isinstance(slot, tuple) and not exact:
        return union(NOTHING, *store.items(value.node).values())
    return union(exact, store.read(value.node, ANY_ITEM))
