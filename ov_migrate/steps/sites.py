"""Finds the sites of one module: uses of legacy objects and names that some rule is for."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ov_migrate.edits import Leftover
from ov_migrate.inference.members import lineage
from ov_migrate.inference.values import Instance, Legacy, LegacyName, Super, Suspect
from ov_migrate.knowledge.catalogue import Rule
from ov_migrate.knowledge.legacy_api import Member
from ov_migrate.steps.context import Context, Established, Site, bind, established_with


def sites(context: Context) -> Iterator[Site | Leftover]:
    """The sites of one module that some rule is for, and what is listed because no rule can be."""
    for node in context.tree.all(cst.Attribute):
        yield from _member_site(context, node)
    for call in context.tree.all(cst.Call):
        yield from _name_site(context, call)


def _member_site(context: Context, node: cst.Attribute) -> Iterator[Site | Leftover]:
    kinds = context.facts(node.value)
    if any(isinstance(v, (Instance, Super)) and _inherits_member(context, v, node.attr.value) for v in kinds):
        message = f"`{node.attr.value}` is inherited from a class of the legacy API: call the new base's method."
        yield Leftover(context.rule("unknown-object"), context.tree.spans[node], message)
        return
    if not any(isinstance(value, Legacy) for value in kinds):
        suspects = [v for v in kinds if isinstance(v, Suspect) and context.api.member(v.kind, node.attr.value)]
        if suspects and context.is_legacy_module:
            receiver = " ".join(context.tree.source(node.value).split())
            message = f"`{receiver}` is perhaps an object of the legacy API, but it could not be established."
            yield Leftover(context.rule("unknown-object"), context.tree.spans[node], message)
        return
    value = established_with(kinds, node.attr.value, context.api)
    if value is None:
        if any(isinstance(v, Legacy) and context.api.member(v.kind, node.attr.value) for v in kinds):
            yield Leftover(context.rule("mixed-object"), context.tree.spans[node], _mixed_message(context, node))
        return
    member = context.api.member(value.kind, node.attr.value)
    if member is None:
        return
    parent = context.tree.parents[node]
    if isinstance(parent, (cst.AssignTarget, cst.AugAssign)) and parent.target is node:
        yield from _setter_site(context, node, value, parent)
    elif member.is_method:
        yield from _method_site(context, node, value, member)
    else:
        rule = context.catalogue.by_site.get(f"{value.kind}.{member.name}")
        if rule is not None:
            yield Site(context, rule, node, node.value, value, member.name)


def _inherits_member(context: Context, value: Instance | Super, name: str) -> bool:
    """True when a class of the program takes this member from a legacy class."""
    engine = context.engine
    classes = lineage(engine, value.cls.node)[1 if isinstance(value, Super) else 0 :]
    if any(engine.store.has(cls, name) for cls in classes):
        return False
    bases = {base for cls in lineage(engine, value.cls.node) for base in engine.bases.get(cls, ())}
    kinds = [context.api.class_kinds.get(base.name, "") for base in bases if isinstance(base, LegacyName)]
    return any(kind and context.api.member(kind, name) for kind in kinds)


def _mixed_message(context: Context, node: cst.Attribute) -> str:
    receiver = context.tree.source(node.value)
    return f"`{receiver}` may be of several kinds here; rewriting it for one would break the others."


def _setter_site(
    context: Context, node: cst.Attribute, value: Established, parent: cst.CSTNode
) -> Iterator[Site | Leftover]:
    rule = context.catalogue.by_site.get(f"{value.kind}.{node.attr.value}=")
    if rule is not None and isinstance(parent, cst.AssignTarget):
        yield Site(context, rule, node, node.value, value, node.attr.value)
        return
    rule = rule or context.catalogue.by_site.get(f"{value.kind}.{node.attr.value}")
    if rule is not None:
        yield Leftover(rule, context.tree.spans[node], rule.advice or "This attribute cannot be assigned in API 2.0.")


def _method_site(
    context: Context, node: cst.Attribute, value: Established, member: Member
) -> Iterator[Site | Leftover]:
    rule = context.catalogue.by_site.get(f"{value.kind}.{member.name}()")
    if rule is None:
        return
    parent = context.tree.parents[node]
    if not (isinstance(parent, cst.Call) and parent.func is node):
        yield from _method_as_value(context, node, value, rule, member)
        return
    arguments = bind(parent, member.parameters)
    if arguments is None:
        yield Leftover(
            rule, context.tree.spans[node], f"The arguments of {member.name} are not written out: {rule.why}"
        )
        return
    yield Site(context, rule, parent, node.value, value, member.name, arguments)


def _method_as_value(
    context: Context, node: cst.Attribute, value: Established, rule: Rule, member: Member
) -> Iterator[Site | Leftover]:
    if rule.replace and rule.arguments is None:
        yield Site(context, rule, node, node.value, value, member.name)
    elif rule.slug not in ("core-unchanged", "request-unchanged", "request-infer", "graph-unchanged"):
        yield Leftover(
            rule,
            context.tree.spans[node],
            f"{member.name} is taken as a value: write a function that does it the new way.",
        )


def _name_site(context: Context, node: cst.Call) -> Iterator[Site | Leftover]:
    for value in context.facts(node.func):
        if not isinstance(value, LegacyName):
            continue
        rule = context.catalogue.by_site.get(f"{value.name}()")
        if rule is None:
            continue
        parameters = context.api.parameters_of(value.name)
        arguments = bind(node, parameters)
        if arguments is None:
            yield Leftover(
                rule, context.tree.spans[node], f"The arguments of {value.name} are not written out: {rule.why}"
            )
            continue
        kind = context.api.class_kinds.get(value.name, "core")
        yield Site(
            context, rule, node, node.func, Established(kind, frozenset({Legacy(kind, node)})), value.name, arguments
        )
