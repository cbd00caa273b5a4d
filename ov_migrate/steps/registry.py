"""The transforms that rules name by their slug."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ov_migrate.edits import Change, Leftover
from ov_migrate.steps.context import Site

Handler = Callable[[Site], Iterator[Change | Leftover]]
handlers: dict[str, Handler] = {}


def handles(slug: str) -> Callable[[Handler], Handler]:
    """Registers the transform of the rule with this slug."""

    def register(handler: Handler) -> Handler:
        handlers[slug] = handler
        return handler

    return register
