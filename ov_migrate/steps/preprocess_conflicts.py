"""Setters that get in each other's way: the last value counted in the legacy API, and steps were done once."""

from __future__ import annotations

import libcst as cst

from ov_migrate.inference import Engine
from ov_migrate.inference.members import lineage
from ov_migrate.steps.context import established
from ov_migrate.steps.layout_plan import Origins
from ov_migrate.steps.places import Places
from ov_migrate.steps.preprocess_setters import Setter, port_key
from ov_migrate.syntax import dotted


def network_origins(engine: Engine, setter: Setter) -> Origins:
    """What made the networks that a setter may be about."""
    found = established(engine.facts.get(setter.receiver, frozenset()))
    return found.origins if found is not None else frozenset()


class Conflicts:
    """Marks the setters that are left because of others."""

    def __init__(self, places: Places, setters: list[Setter]) -> None:
        self.places = places
        self.setters = setters

    def refuse(self) -> None:
        """Gives such setters their problem."""
        self._refuse_conflicts()
        self._refuse_doubles()

    def _refuse_conflicts(self) -> None:
        """A value that changes nothing does so when another one was set before: both are left then."""
        found: dict[object, list[Setter]] = {}
        for setter in self.setters:
            if setter.channel is None:
                port = port_key(self.places, setter.module, setter.port)
                key = (setter.member, setter.side, network_origins(self.places.engine, setter), port)
                found.setdefault(key, []).append(setter)
        for setters in found.values():
            if len({setter.is_idle for setter in setters}) > 1:
                for setter in setters:
                    setter.problem = setter.problem or "it is set to several values"

    def _refuse_doubles(self) -> None:
        """The last value counted, wherever it was set; steps that two functions give a model would be done twice."""
        active = [setter for setter in self.setters if not setter.is_idle]
        for number, setter in enumerate(active):
            for other in active[:number]:
                if self._doubles(setter, other):
                    setter.problem = setter.problem or "it is set in several functions"
                    other.problem = other.problem or "it is set in several functions"

    def _doubles(self, setter: Setter, other: Setter) -> bool:
        if (setter.member, setter.side) != (other.member, other.side) or self._scope(setter) is self._scope(other):
            return False
        keys = [port_key(self.places, s.module, s.port) for s in (setter, other)]
        is_other_port = keys[0] != keys[1] and all(key.startswith('"') for key in keys)
        is_same_type = setter.member == "precision" and setter.chosen and setter.chosen == other.chosen
        is_same_network = bool(network_origins(self.places.engine, setter) & network_origins(self.places.engine, other))
        is_one = is_same_network and not self._are_of_siblings(setter, other)
        return is_one and not is_other_port and not is_same_type

    def _are_of_siblings(self, setter: Setter, other: Setter) -> bool:
        """True for methods of two classes of which neither inherits from the other, each about a network of `self`: no
        object has both."""
        first, second = self._class(setter), self._class(other)
        if first is None or second is None:
            return False
        engine = self.places.engine
        return first not in lineage(engine, second) and second not in lineage(engine, first)

    def _class(self, setter: Setter) -> cst.ClassDef | None:
        """The class whose method sets something on a network of its own object."""
        function, tree = self._scope(setter), self.places.tree(setter.module)
        if not isinstance(function, cst.FunctionDef) or not function.params.params or setter.network is None:
            return None
        owner = tree.parents.get(tree.parents[function])
        is_own = (dotted(setter.network) or "").split(".")[0] == function.params.params[0].name.value
        return owner if isinstance(owner, cst.ClassDef) and is_own else None

    def _scope(self, setter: Setter) -> cst.CSTNode:
        return self.places.tree(setter.module).scope(setter.node)
