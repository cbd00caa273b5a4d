"""Bare names of legacy classes and members of legacy enumerations."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import libcst as cst

from ov_migrate.edits import Change, Edit, Leftover
from ov_migrate.inference.values import EnumMember, LegacyName
from ov_migrate.steps.context import Context
from ov_migrate.syntax import Span


def name_changes(
    context: Context, handled: set[cst.CSTNode], survives: Callable[[Span], bool]
) -> Iterator[Change | Leftover]:
    """Rewrites the class names and enumeration members that no other transform has taken (`handled`) or removed."""
    for node in outermost_names(context):
        if node in handled or not survives(context.tree.spans[node]):
            continue
        if context.plans.preprocess.is_value(node):
            context.names.keep(node.value if isinstance(node, cst.Name) else node.attr.value, node)
            continue
        for value in context.facts(node):
            if isinstance(value, EnumMember):
                yield _number(context, node, value)
            elif isinstance(value, LegacyName) and _is_api_name(context, value):
                yield _class_name(context, node, value)


def annotation_changes(context: Context) -> Iterator[Change]:
    """Class names in annotations that are written as text, and in `__all__`."""
    rule, tree = context.rule("class-name"), context.tree
    for text in tree.all(cst.SimpleString):
        if not _is_annotation(context, text) and not _is_exported(context, text):
            continue
        edits = [
            Edit((tree.spans[text][0] + match.start(), tree.spans[text][0] + match.end()), (new,))
            for match in _WORD.finditer(text.value)
            for new in [_new_class(context, match[0], text)]
            if new
        ]
        if edits:
            yield Change(rule, text, edits, rule.verdict, rule.why)


_WORD = re.compile(r"\w+")


def _is_annotation(context: Context, text: cst.SimpleString) -> bool:
    for parent in context.tree.ancestors(text):
        if isinstance(parent, cst.Annotation):
            return True
        if not isinstance(parent, (cst.Subscript, cst.SubscriptElement, cst.Index, cst.BinaryOperation, cst.BitOr)):
            return False
    return False


def _is_exported(context: Context, text: cst.SimpleString) -> bool:
    """True for an item of `__all__`."""
    around = [parent for parent, _ in zip(context.tree.ancestors(text), range(3), strict=False)]
    targets = around[2].targets if len(around) == 3 and isinstance(around[2], cst.Assign) else ()
    return any(isinstance(target.target, cst.Name) and target.target.value == "__all__" for target in targets)


def _new_class(context: Context, name: str, at: cst.CSTNode) -> str:
    """The new name of a legacy class that an import of this module brings under its own name."""
    is_brought = any(site.brings(name) and site.binds(name) for site in context.names.sites)
    new = context.catalogue.classes.get(name, "")
    return context.names.get(new, at) if new and is_brought else ""


def fallback_changes(context: Context) -> Iterator[Change]:
    """`IECore = None` where the import failed: the name that the import brings now."""
    rule = context.rule("class-name")
    for node in context.tree.all(cst.Assign):
        target = node.targets[0].target
        if not isinstance(target, cst.Name) or not (isinstance(node.value, cst.Name) and node.value.value == "None"):
            continue
        new = _new_name_of(context, target)
        if new:
            yield Change(rule, target, [Edit(context.tree.spans[target], (new,))], rule.verdict, rule.why)


def _new_name_of(context: Context, target: cst.Name) -> str:
    """The new name of a class that a legacy import of this module brings under the name `target`."""
    for site in context.names.sites:
        if site.brings(target.value) and target.value in context.catalogue.classes and site.is_conditional:
            new = context.catalogue.classes[target.value]
            return new if new in site.from_names else ""
    return ""


def outermost_names(context: Context) -> list[cst.Name | cst.Attribute]:
    """Expressions that mean something of the legacy package by name, not inside a longer such expression."""
    tree = context.tree
    found: list[cst.Name | cst.Attribute] = []
    candidates: list[cst.Name | cst.Attribute] = [*tree.all(cst.Name), *tree.all(cst.Attribute)]
    for node in candidates:
        if not any(_is_api_name(context, value) for value in context.facts(node)):
            continue
        parent = tree.parents[node]
        inner = isinstance(parent, cst.Attribute) and parent.value is node
        longer = inner and any(isinstance(v, (EnumMember, LegacyName)) for v in context.facts(parent))
        if not longer and not _is_binding(parent, node):
            found.append(node)
    return found


def _is_api_name(context: Context, value: object) -> bool:
    """True for a member of the legacy package; its own dotted name means nothing by itself."""
    if isinstance(value, LegacyName):
        packages, building = context.api.packages, context.api.building_packages | context.api.building_functions
        return (
            bool(value.name)
            and value.name not in building
            and not any(package.startswith(value.name + ".") for package in packages)
        )
    return isinstance(value, EnumMember)


def _is_binding(parent: cst.CSTNode, node: cst.CSTNode) -> bool:
    return isinstance(parent, (cst.ImportAlias, cst.AsName, cst.AssignTarget, cst.Param)) and parent is not node


def _number(context: Context, node: cst.Name | cst.Attribute, value: EnumMember) -> Change:
    rule = context.rule("status-code")
    number = context.api.enums[value.enum][value.name]
    return Change(rule, node, [Edit(context.tree.spans[node], (str(number),))], rule.verdict, rule.why)


def _class_name(context: Context, node: cst.Name | cst.Attribute, value: LegacyName) -> Change | Leftover:
    new = context.catalogue.classes.get(value.name)
    parent = context.tree.parents[node]
    getter = context.catalogue.tables["values"].get(value.name)
    if getter is not None and not isinstance(parent, (cst.Comparison, cst.ComparisonTarget, cst.Attribute)):
        rule = context.rule("get-version")
        text = context.names.get(getter, node)
        return Change(rule, node, [Edit(context.tree.spans[node], (f"{text}()",))], rule.verdict, rule.why)
    is_called = isinstance(parent, cst.Call) and parent.func is node
    unapplied = context.catalogue.by_site.get(f"{value.name}()") if is_called else None
    if new is None or unapplied is not None:
        context.names.keep(value.name, node)
        rule = context.rule("legacy-class")
        message = f"{value.name}: {rule.advice[0].lower()}{rule.advice[1:]}"
        if unapplied is not None:
            message = f"{value.name} stays, since {unapplied.code} ({unapplied.slug}) was not applied here."
        return Leftover(rule, context.tree.spans[node], message)
    rule = context.rule("class-name")
    text = context.names.get(new, node)
    return Change(rule, node, [Edit(context.tree.spans[node], (text,))], rule.verdict, rule.why)
