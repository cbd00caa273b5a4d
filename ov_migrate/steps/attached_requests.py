"""Requests kept on the compiled model itself, where they cannot be carried along beside it: for executable networks
that a function makes, uses and gives away, or that are kept in containers together with other things."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Part
from ov_migrate.steps.places import Unsupported
from ov_migrate.steps.request_companions import RequestCompanions
from ov_migrate.steps.statements import insert_after


class AttachedRequests(RequestCompanions):
    """Companions that are an attribute of each compiled model, set where it is made. The wrapper class of OpenVINO's
    Python API takes attributes of the user's in all releases from 2022.1 to 2026.4."""

    def attach(self) -> None:
        """Sets the attribute behind each load; raises Unsupported for one that is not given a name there."""
        for call in self.places.in_order(origin for origin in self.group.origins if origin is not None):
            assert isinstance(call, cst.Call)
            module = self.places.module_of(call)
            tree = self.places.tree(module)
            statement = tree.parents[call]
            target = statement.targets[0].target if isinstance(statement, cst.Assign) else None
            if not isinstance(target, (cst.Name, cst.Attribute)) or len(statement.targets) > 1:  # type: ignore[attr-defined]
                raise Unsupported("it is loaded inside an expression")
            creation = self._creation(module, (target,), self._number(call))
            parts = (target, ".", self._attribute, " = ", *creation)
            self._add(module, statement, insert_after(tree, statement, parts))

    def captures(self, module: int, owner: tuple[Part, ...]) -> bool:
        """Never of interest: an attribute goes before its object does, wherever that is kept."""
        return False

    @property
    def _attribute(self) -> str:
        return "infer_request" if self.group.single else "infer_requests"

    def text(self, module: int, node: cst.BaseExpression) -> tuple[Part, ...]:
        return (node, ".", self._attribute)
