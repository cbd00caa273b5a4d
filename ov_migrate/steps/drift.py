"""Step `namespace`: members of API 2.0's own objects that have changed from release to release."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ov_migrate.edits import Change, Edit, Leftover
from ov_migrate.inference.values import Current
from ov_migrate.knowledge.current_api import CurrentApi, load_current_api
from ov_migrate.steps.context import Context


def drift_changes(context: Context) -> Iterator[Change | Leftover]:
    """Renames attributes and keywords on objects of API 2.0; lists what means something else in later releases."""
    api = load_current_api()
    yield from _attributes(context, api)
    for call in context.tree.all(cst.Call):
        member = _called(context, call)
        if not member:
            continue
        yield from _keyword(context, call, api.keywords.get(member, ""))
        if member in api.changed and not call.args:
            rule = context.rule("changed-member")
            yield Leftover(rule, context.tree.spans[call], api.changed[member], annotate=False, verdict=rule.verdict)


def _attributes(context: Context, api: CurrentApi) -> Iterator[Change]:
    rule = context.rule("renamed-member")
    names = {member.rpartition(".")[2] for member in api.renamed}
    for node in context.tree.all(cst.Attribute):
        if node.attr.value in names:
            found = _object(context, node.value)
            new = api.renamed.get(f"{found}.{node.attr.value}")
            if new is not None:
                yield Change(rule, node, [Edit(context.tree.spans[node.attr], (new,))], rule.verdict, rule.why)


def _keyword(context: Context, call: cst.Call, renamed: str) -> Iterator[Change]:
    old, _, new = renamed.partition("=")
    for arg in call.args:
        if old and arg.keyword is not None and arg.keyword.value == old and context.target >= (2023, 1):
            rule = context.rule("renamed-keyword")
            yield Change(rule, call, [Edit(context.tree.spans[arg.keyword], (new,))], rule.verdict, rule.why)


def _object(context: Context, node: cst.BaseExpression) -> str:
    """The class of the one object of API 2.0 that an expression is established to be; "" for anything else."""
    found = context.facts(node)
    one = next(iter(found)) if len(found) == 1 else None
    return one.cls if isinstance(one, Current) and not one.member and not one.is_class else ""


def _called(context: Context, call: cst.Call) -> str:
    """The member that a call calls, as "InferRequest.infer"; "CompiledModel.()" for a call of the object itself."""
    found = context.facts(call.func)
    one = next(iter(found)) if len(found) == 1 else None
    if not isinstance(one, Current) or one.is_class:
        return ""
    return f"{one.cls}.{one.member or '()'}"
