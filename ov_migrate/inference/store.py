"""The memory of the analysis: what each variable, attribute, item, parameter and result may hold, and who read it."""

from __future__ import annotations

from collections.abc import Hashable

import libcst as cst

from ov_migrate.inference.values import NOTHING, Kinds, union

Slot = str | int | bool | tuple[str, ...]
# A slot of a container whose index or key is not known; keys of a mapping; what a function returns.
ANY_ITEM = "*"
KEYS = "#keys"
# How many items a `*args` was given.
LENGTH = "#length"
RETURN = "#return"
YIELD = "#yield"


_NO_ITEMS = (KEYS, LENGTH)


class _Memory:
    """What is known of one owner: its slots, and the units that have read each of them."""

    __slots__ = ("readers", "slots")

    def __init__(self) -> None:
        self.slots: dict[Slot, Kinds] = {}
        # Dicts stand for sets that keep their order, so that a run is the same each time.
        self.readers: dict[Slot, dict[Hashable, None]] = {}


class Store:
    """Slots only ever grow; `changed` holds the units that have read a slot which grew since."""

    def __init__(self) -> None:
        self._memories: dict[cst.CSTNode, _Memory] = {}
        self.changed: dict[Hashable, None] = {}
        self.reader: Hashable = None

    def write(self, owner: cst.CSTNode, slot: Slot, kinds: Kinds) -> None:
        """Adds `kinds` to what `slot` of `owner` may hold."""
        memory = self._of(owner)
        before = memory.slots.get(slot)
        if before is not None and kinds <= before:
            return
        after = union(before or NOTHING, kinds)
        if after == before:
            return
        memory.slots[slot] = after
        for key in (slot, KEYS + ANY_ITEM):
            self.changed |= memory.readers.get(key, {})

    def read(self, owner: cst.CSTNode, slot: Slot) -> Kinds:
        """What `slot` of `owner` may hold by now."""
        return self._read(owner, slot).get(slot, NOTHING)

    def has(self, owner: cst.CSTNode, slot: Slot) -> bool:
        """True when anything was ever written to the slot."""
        return slot in self._read(owner, slot)

    def items(self, owner: cst.CSTNode) -> dict[Slot, Kinds]:
        """All slots of `owner` that are items, that is, all but its keys and its length."""
        return {slot: kinds for slot, kinds in self._read(owner, KEYS + ANY_ITEM).items() if slot not in _NO_ITEMS}

    def _read(self, owner: cst.CSTNode, slot: Slot) -> dict[Slot, Kinds]:
        """The slots of `owner`, of which the unit under way reads `slot`."""
        memory = self._of(owner)
        if self.reader is not None:
            readers = memory.readers.get(slot)
            if readers is None:
                memory.readers[slot] = {self.reader: None}
            else:
                readers[self.reader] = None
        return memory.slots

    def _of(self, owner: cst.CSTNode) -> _Memory:
        memory = self._memories.get(owner)
        if memory is None:
            memory = self._memories[owner] = _Memory()
        return memory
