"""Step `namespace`: members of API 2.0's own objects that have changed from release to release."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ov_migrate.edits import Change, Edit, Leftover
from ov_migrate.inference.values import Current, Plain
from ov_migrate.knowledge.catalogue import Rule
from ov_migrate.knowledge.current_api import CurrentApi, load_current_api
from ov_migrate.steps.context import Context


def drift_changes(context: Context) -> Iterator[Change | Leftover]:
    """Renames attributes and keywords on objects of API 2.0; lists what means something else in later releases, and
    objects that may be of another library as well."""
    api = load_current_api()
    yield from _attributes(context, api)
    for call in context.tree.all(cst.Call):
        members, is_sure = _called(context, call)
        for member in sorted(members):
            yield from _keyword(context, call, api.keywords.get(member, ""), is_sure and len(members) == 1)
            if member in api.changed and not call.args:
                rule = context.rule("changed-member")
                yield Leftover(
                    rule, context.tree.spans[call], api.changed[member], annotate=False, verdict=rule.verdict
                )
                break


def _attributes(context: Context, api: CurrentApi) -> Iterator[Change | Leftover]:
    rule = context.rule("renamed-member")
    names = {member.rpartition(".")[2] for member in api.renamed}
    for node in context.tree.all(cst.Attribute):
        if node.attr.value not in names:
            continue
        classes, is_sure = _objects(context, node.value)
        new = {api.renamed.get(f"{cls}.{node.attr.value}", "") for cls in classes}
        if any(new) and is_sure and len(new) == 1:
            yield Change(rule, node, [Edit(context.tree.spans[node.attr], (new.pop(),))], rule.verdict, rule.why)
        elif any(new):
            yield _doubt(context, rule, node.value, node)


def _keyword(context: Context, call: cst.Call, renamed: str, is_sure: bool) -> Iterator[Change | Leftover]:
    old, _, new = renamed.partition("=")
    for arg in call.args:
        if old and arg.keyword is not None and arg.keyword.value == old and context.target >= (2023, 1):
            rule = context.rule("renamed-keyword")
            if is_sure:
                yield Change(rule, call, [Edit(context.tree.spans[arg.keyword], (new,))], rule.verdict, rule.why)
            else:
                yield _doubt(context, rule, call.func, call)


def _doubt(context: Context, rule: Rule, node: cst.BaseExpression, site: cst.CSTNode) -> Leftover:
    text = " ".join(context.tree.source(node).split())
    return Leftover(rule, context.tree.spans[site], f"`{text}` may be something else as well. {rule.why}")


def _objects(context: Context, node: cst.BaseExpression) -> tuple[set[str], bool]:
    """The classes of API 2.0 that an expression may be an object of, and whether it is nothing else (but None)."""
    found = [value for value in context.facts(node) if not (isinstance(value, Plain) and value.none)]
    objects = [value for value in found if isinstance(value, Current) and not value.member and not value.is_class]
    return {value.cls for value in objects}, len(objects) == len(found)


def _called(context: Context, call: cst.Call) -> tuple[set[str], bool]:
    """The members that a call may call, as "InferRequest.infer", and whether it calls nothing else;
    "CompiledModel.()" is a call of the object itself."""
    found = [value for value in context.facts(call.func) if not (isinstance(value, Plain) and value.none)]
    members = [value for value in found if isinstance(value, Current) and not value.is_class]
    return {f"{value.cls}.{value.member or '()'}" for value in members}, len(members) == len(found)
