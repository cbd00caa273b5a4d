"""Which functions are callbacks of requests, and of which executable networks."""

from __future__ import annotations

from functools import cached_property

import libcst as cst

from ov_migrate.inference import Engine
from ov_migrate.inference.values import Legacy
from ov_migrate.steps.places import Places


class CallbackPlan:
    """Knows the functions that `set_completion_callback` was given."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.places = Places(engine)

    def is_inside_own(self, module: int, node: cst.CSTNode, request: cst.BaseExpression) -> bool:
        """True when `node`, which waits for `request`, stands in a callback of a request of the same executable
        network: if it is the same request, that waits for its callback to end, which is the wait itself."""
        owners = self._owners.get(self.places.tree(module).scope(node), set())
        return any(isinstance(v, Legacy) and v.origin in owners for v in self.places.facts(request))

    @cached_property
    def called_back(self) -> frozenset[cst.CSTNode | None]:
        """The calls that made the executable networks whose requests get callbacks."""
        return frozenset(
            value.origin
            for _, module in self.engine.legacy_modules
            for node in module.tree.all(cst.Attribute)
            if node.attr.value == "set_completion_callback"
            for value in self.places.facts(node.value)
            if isinstance(value, Legacy) and value.kind == "request"
        )

    @cached_property
    def _owners(self) -> dict[cst.CSTNode, set[cst.CSTNode | None]]:
        """For each callback the calls that made the executable networks whose requests it is set for."""
        found: dict[cst.CSTNode, set[cst.CSTNode | None]] = {}
        for call, functions in self.engine.callees.items():
            func = call.func
            if not isinstance(func, cst.Attribute) or func.attr.value != "set_completion_callback":
                continue
            origins = {v.origin for v in self.places.facts(func.value) if isinstance(v, Legacy)}
            for function in functions:
                found.setdefault(function.node, set()).update(origins)
        return found
