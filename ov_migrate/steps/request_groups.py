"""Finds the uses of the requests of executable networks, and groups those that have to be treated alike."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from ov_migrate.edits import Part
from ov_migrate.inference.values import Legacy
from ov_migrate.steps.context import bind, established_with
from ov_migrate.steps.places import Places
from ov_migrate.steps.queue_form import QueueForm, queue_form

MEMBERS = ("infer", "start_async", "requests", "wait", "get_idle_request_id")
KIND = "executable_network"


@dataclass
class Use:
    """One use of the requests of an executable network: the attribute `node`, such as `exec_net.infer`."""

    module: int
    node: cst.Attribute
    origins: frozenset[cst.CSTNode | None]


@dataclass
class Group:
    """Executable networks that share a use, and so have to be treated alike."""

    uses: list[Use] = field(default_factory=list)
    origins: set[cst.CSTNode | None] = field(default_factory=set)
    single: bool = True
    has_callbacks: bool = False
    queue: QueueForm | None = None
    problem: str = ""
    inline: cst.CSTNode | None = None
    inline_text: tuple[Part, ...] = ()

    @property
    def infer_only(self) -> bool:
        return all(use.node.attr.value == "infer" for use in self.uses)


def request_groups(places: Places, called_back: frozenset[cst.CSTNode | None]) -> list[Group]:
    """The groups of uses in the whole project, with the form that their requests take: one request, a list of them or
    an asynchronous queue. `called_back` are the loads whose requests get callbacks."""
    groups = _joined(_uses(places))
    for group in groups:
        group.has_callbacks = not called_back.isdisjoint(group.origins)
        group.queue = _queue_form(places, group)
        group.single = group.queue is None and all(_is_request_zero(places, use) for use in group.uses)
    return groups


def _uses(places: Places) -> list[Use]:
    uses = []
    for index, module in places.engine.legacy_modules:
        for node in module.tree.all(cst.Attribute):
            if node.attr.value not in MEMBERS:
                continue
            found = established_with(places.facts(node.value), node.attr.value, places.engine.api)
            if found is not None and found.kind == KIND:
                uses.append(Use(index, node, found.origins))
    return uses


def _joined(uses: list[Use]) -> list[Group]:
    groups: list[Group] = []
    for use in uses:
        joined = Group([use], set(use.origins))
        for group in [g for g in groups if g.origins & use.origins]:
            joined.uses = group.uses + joined.uses
            joined.origins |= group.origins
            groups.remove(group)
        groups.append(joined)
    return groups


def _queue_form(places: Places, group: Group) -> QueueForm | None:
    modules = {use.module for use in group.uses}
    members = {use.node.attr.value for use in group.uses}
    if "get_idle_request_id" not in members or len(modules) > 1:
        return None
    return queue_form(places.tree(modules.pop()), [use.node for use in group.uses])


def _is_request_zero(places: Places, use: Use) -> bool:
    tree = places.tree(use.module)
    parent = tree.parents[use.node]
    member = use.node.attr.value
    if member == "infer":
        return True
    if member == "requests":
        return isinstance(parent, cst.Subscript) and _is_zero(parent.slice[0].slice)
    if member == "start_async" and isinstance(parent, cst.Call):
        arguments = bind(parent, ("request_id", "inputs")) or {}
        return "request_id" in arguments and _is_zero(arguments["request_id"].value)
    return False


def _is_zero(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Index):
        node = node.value
    return isinstance(node, cst.Integer) and int(node.value, 0) == 0


def holds_group(places: Places, group: Group, node: cst.CSTNode) -> bool:
    """True when `node` may hold an executable network of the group."""
    if isinstance(node, cst.ImportAlias):
        return True
    return any(isinstance(v, Legacy) and v.kind == KIND and v.origin in group.origins for v in places.held(node))
