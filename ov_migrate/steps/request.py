"""Step `request`: what was `exec_net.requests`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ov_migrate.edits import Edit, Part
from ov_migrate.steps.context import Result, Site
from ov_migrate.steps.places import Unsupported
from ov_migrate.steps.registry import handles

if TYPE_CHECKING:
    from ov_migrate.steps.request_groups import Group


def companion(site: Site) -> tuple[Group, tuple[Part, ...]] | None:
    """The group of the site's executable network and the text for its request or requests; None when it has none."""
    anchor = site.node.func if isinstance(site.node, cst.Call) else site.node
    group = site.context.plans.requests.group(anchor)
    if group is None or group.problem:
        return None
    try:
        return group, site.context.plans.requests.companion(group, site.context.index, site.receiver)
    except Unsupported:
        return None


def problem(site: Site) -> str:
    """Why the requests do not reach the site, and what to do."""
    anchor = site.node.func if isinstance(site.node, cst.Call) else site.node
    group = site.context.plans.requests.group(anchor)
    reason = group.problem if group is not None else ""
    receiver = site.tree.source(site.receiver)
    front = f"The requests of `{receiver}` cannot be carried here: {reason}." if reason else ""
    numbers = site.context.plans.requests.numbers(group) if group is not None and reason else []
    if numbers:
        front += f" num_requests was `{'`, `'.join(numbers)}`."
    return f"{front} Make them once with create_infer_request() behind compile_model, and hand them over.".strip()


@handles("requests")
def requests(site: Site) -> Result:
    """`exec_net.requests`, with an index when there is one request only."""
    group = site.context.plans.requests.group(site.node)
    parent = site.parent
    if group is not None and group.inline is site.node:
        yield site.replace(*group.inline_text, node=parent if group.single else site.node)
        return
    found = companion(site)
    if found is None:
        yield site.leave(problem(site))
        return
    group, text = found
    if group.queue is not None and parent in group.queue.callbacks:
        change = site.change(node=parent)
        change.edits.append(Edit(site.tree.spans[parent], (*text, *group.queue.callbacks[parent])))
        yield change
        return
    yield site.replace(*text, node=parent if group.single else site.node)
