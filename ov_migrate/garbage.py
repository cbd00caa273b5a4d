"""When Python looks for garbage: hardly ever, since trees are large and hold none until their group is done."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Bytes of programs after which garbage is looked for: what `forget` has let go of is freed at once, and this is about
# the rest.
_MOST_WAITING = 1 << 22


@contextmanager
def without_collection() -> Iterator[None]:
    """Nothing is collected inside but by `Waiting`, which does not walk what is there already."""
    was_enabled = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        if was_enabled:
            gc.unfreeze()
            gc.enable()


def never_collect() -> None:
    """For a process that ends with its run: what is there at the end is not walked once more."""
    gc.disable()
    atexit.register(gc.freeze)


def forget(thing: object) -> None:
    """Empties an object that will not be used again, so that what it holds is freed although something in a circle
    with it still holds it."""
    vars(thing).clear()


class Waiting:
    """What earlier groups have left behind."""

    def __init__(self) -> None:
        self._size = 0

    def add(self, size: int) -> None:
        """Says that a group of so many bytes comes; throws away what is there when it has become much."""
        if self._size > _MOST_WAITING:
            gc.collect()
            self._size = 0
        self._size += size
