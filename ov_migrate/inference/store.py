"""The memory of the analysis: what each variable, attribute, item, parameter and result may hold, and who read it."""

from __future__ import annotations

from collections.abc import Hashable

import libcst as cst

from ov_migrate.inference.values import NOTHING, Kinds, union

Slot = str | int | bool | tuple[str, ...]
# A slot of a container whose index or key is not known; keys of a mapping; what a function returns.
ANY_ITEM = "*"
KEYS = "#keys"
RETURN = "#return"
YIELD = "#yield"


class Store:
    """Slots only ever grow; `changed` holds the units that have read a slot which grew since."""

    def __init__(self) -> None:
        self._slots: dict[cst.CSTNode, dict[Slot, Kinds]] = {}
        # Dicts stand for sets that keep their order, so that a run is the same each time.
        self._readers: dict[tuple[cst.CSTNode, Slot], dict[Hashable, None]] = {}
        self.changed: dict[Hashable, None] = {}
        self.reader: Hashable = None

    def write(self, owner: cst.CSTNode, slot: Slot, kinds: Kinds) -> None:
        """Adds `kinds` to what `slot` of `owner` may hold."""
        slots = self._slots.setdefault(owner, {})
        before = slots.get(slot)
        if before is not None and kinds <= before:
            return
        after = union(before or NOTHING, kinds)
        if after == before:
            return
        slots[slot] = after
        for key in ((owner, slot), (owner, KEYS + ANY_ITEM)):
            self.changed |= self._readers.get(key, {})

    def read(self, owner: cst.CSTNode, slot: Slot) -> Kinds:
        """What `slot` of `owner` may hold by now."""
        self._note(owner, slot)
        return self._slots.get(owner, {}).get(slot, NOTHING)

    def has(self, owner: cst.CSTNode, slot: Slot) -> bool:
        """True when anything was ever written to the slot."""
        self._note(owner, slot)
        return slot in self._slots.get(owner, {})

    def items(self, owner: cst.CSTNode) -> dict[Slot, Kinds]:
        """All slots of `owner` that are items, that is, all but its keys."""
        self._note(owner, KEYS + ANY_ITEM)
        return {slot: kinds for slot, kinds in self._slots.get(owner, {}).items() if slot != KEYS}

    def _note(self, owner: cst.CSTNode, slot: Slot) -> None:
        if self.reader is not None:
            self._readers.setdefault((owner, slot), {})[self.reader] = None
