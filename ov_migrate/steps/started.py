"""Whether a request that is waited for was certainly started.

Up to 2021.4 waiting for a request that was never started gave another status, and the code behind the test was passed
over; in API 2.0 the wait returns at once. Demos that work on two requests in turn do that in their first round.
"""

from __future__ import annotations

import libcst as cst

from ov_migrate.steps.context import Site, bind
from ov_migrate.syntax import Tree

_STARTS = frozenset({"start_async", "async_infer"})


def is_started(site: Site) -> bool:
    """False when starts are seen in the same function, but none of them comes certainly before the wait."""
    starts = [call for call in site.tree.all(cst.Call) if _is_start(site, call)]
    if not starts:
        return True
    wanted = _text(site.tree, site.receiver)
    return any(_request(site, start) in (wanted, "") and _is_before(site.tree, start, site.node) for start in starts)


def _is_start(site: Site, call: cst.Call) -> bool:
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in _STARTS:
        return False
    return site.tree.scope(call) is site.tree.scope(site.node) and bool(site.context.kind(call.func.value))


def _request(site: Site, call: cst.Call) -> str:
    """The text by which the started request is addressed elsewhere; "" when the start gives the request itself."""
    assert isinstance(call.func, cst.Attribute)
    receiver = call.func.value
    if site.context.kind(receiver) == "request":
        return _text(site.tree, receiver)
    if isinstance(site.tree.parents[call], (cst.Assign, cst.Return)):
        return ""
    arguments = bind(call, ("request_id", "inputs")) or {}
    index = arguments.get("request_id")
    return f"{_text(site.tree, receiver)}.requests[{_text(site.tree, index.value) if index else 0}]"


def _text(tree: Tree, node: cst.CSTNode) -> str:
    return "".join(tree.source(node).split())


def _is_before(tree: Tree, start: cst.CSTNode, wait: cst.CSTNode) -> bool:
    """True when the start stands in front of the wait in its block or in one around it."""
    statement = tree.block_statement(start)
    if tree.spans[statement][1] > tree.spans[wait][0]:
        return False
    return tree.parents[statement] in tree.ancestors(wait)
