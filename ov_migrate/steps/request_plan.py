"""Decides, for each executable network, how many requests stand beside the compiled model and where they are kept.

An executable network owned its requests; a compiled model owns none. So every place that held an executable network
whose requests are used gets a *companion*: a variable, attribute or parameter that holds the request (or the list of
requests). Companions are made where the compiled model is made and handed on wherever the executable network went.
Where that cannot be done, `infer` alone is still served by calling the compiled model, which keeps one request of its
own; everything else is left and listed.
"""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Edit, Part
from ov_migrate.inference import Engine
from ov_migrate.steps.attached_requests import AttachedRequests
from ov_migrate.steps.companion_names import owner_of
from ov_migrate.steps.companions import Shared
from ov_migrate.steps.places import Place, Places, Unsupported
from ov_migrate.steps.request_companions import RequestCompanions
from ov_migrate.steps.request_groups import Group, Use, request_groups
from ov_migrate.syntax import Scope


class RequestPlan:
    """`companion(node)` is what to write for the requests of the executable network at `node`."""

    def __init__(self, engine: Engine, called_back: frozenset[cst.CSTNode | None]) -> None:
        self.engine = engine
        self.places = Places(engine)
        self.groups = request_groups(self.places, called_back)
        self._owners = self._count_owners()
        self._companions: dict[int, RequestCompanions] = {}
        shared = Shared()
        for group in self.groups:
            companions = RequestCompanions(self.places, shared.copy(), group, self._is_alone)
            try:
                self._plan(group, companions)
                shared = companions.shared
            except Unsupported as problem:
                group.problem = str(problem)
                companions = self._attached(group, shared)
            self._companions[id(group)] = companions
        self._taken = shared.taken
        self._by_use: dict[cst.CSTNode, Group] = {use.node: group for group in self.groups for use in group.uses}

    def _attached(self, group: Group, shared: Shared) -> AttachedRequests:
        """Companions on the compiled models themselves; without edits where that cannot be done either."""
        attached = AttachedRequests(self.places, shared.copy(), group, self._is_alone)
        if None in group.origins or group.queue is not None or group.infer_only:
            return attached
        try:
            attached.attach()
            group.problem = ""
        except Unsupported:
            attached.edits.clear()
        return attached

    def is_taken(self, scope: Scope, name: str) -> bool:
        """True when some request or list of them is called `name` in a scope."""
        return (scope, name) in self._taken

    def group(self, use: cst.CSTNode) -> Group | None:
        """The group of a use such as `exec_net.infer`."""
        return self._by_use.get(use)

    def makes_requests(self, load: cst.CSTNode) -> bool:
        """True when the requests of the executable network made by `load` are used here and are carried along."""
        return any(load in group.origins and not group.problem for group in self.groups)

    def companion(self, group: Group, module: int, node: cst.BaseExpression) -> tuple[Part, ...]:
        """The text for the companion of the executable network that `node` gives."""
        return self._companions[id(group)].text(module, node)

    def numbers(self, group: Group) -> list[str]:
        """The numbers of requests that the calls which make the executable networks of a group are given."""
        calls = self.places.in_order(call for call in group.origins if call is not None)
        found = [self._companions[id(group)].given(call) for call in calls]
        texts = [self.places.tree(self.places.module_of(one)).source(one) for one in found if one is not None]
        return list(dict.fromkeys(texts))

    def edits(self, module: int) -> list[tuple[cst.CSTNode, list[Edit]]]:
        """The statements of one module that get companions beside them, with the edits that do it."""
        return [
            (node, edits)
            for group in self.groups
            if not group.problem
            for (index, node), edits in self._companions[id(group)].edits.items()
            if index == module
        ]

    def _count_owners(self) -> dict[object, int]:
        """How many places of each scope and class hold executable networks whose requests are used."""
        used = {
            place
            for group in self.groups
            for use in group.uses
            for place in self.places.holders(use.module, use.node.value)
        }
        owners = [owner_of(place) for place in used]
        return {owner: owners.count(owner) for owner in owners}

    def _is_alone(self, place: Place) -> bool:
        return self._owners.get(owner_of(place), 0) <= 1

    def _plan(self, group: Group, companions: RequestCompanions) -> None:
        if None in group.origins:
            raise Unsupported("nobody is seen to pass it")
        if self._plan_inline(group, companions):
            return
        for use in group.uses:
            companions.need(use.module, use.node.value)
        companions.check()

    def _plan_inline(self, group: Group, companions: RequestCompanions) -> bool:
        """`request = exec_net.requests[0]` as the only use, beside the load: the request is made there; so are several
        of `requests = exec_net.requests`."""
        if len(group.uses) != 1 or len(group.origins) != 1 or group.queue is not None:
            return False
        use = group.uses[0]
        if use.node.attr.value != "requests" or use.node.value in group.origins:
            return False
        if not group.single:
            text = self._several(group, companions, use)
        elif self._is_beside_load(group, use) or companions.starts_with(use.module, use.node.value):
            text = (use.node.value, ".create_infer_request()")
        else:
            return False
        if text is not None:
            group.inline, group.inline_text = use.node, text
        return text is not None

    def _several(self, group: Group, companions: RequestCompanions, use: Use) -> tuple[Part, ...] | None:
        """The list for `requests = exec_net.requests` beside the load; None for other uses."""
        tree = self.places.tree(use.module)
        statement = tree.parents[use.node]
        is_kept = isinstance(statement, cst.Assign) and len(statement.targets) == 1
        if not is_kept or not isinstance(use.node.value, (cst.Name, cst.Attribute)):
            return None
        return companions.made_at(use) if self._is_beside_load(group, use) else None

    def _is_beside_load(self, group: Group, use: Use) -> bool:
        (origin,) = group.origins
        tree = self.places.tree(use.module)
        if origin is None or origin not in tree.parents:
            return False
        same_block = tree.parents[tree.block_statement(origin)] is tree.parents[tree.block_statement(use.node)]
        return same_block and tree.spans[origin] < tree.spans[use.node]
