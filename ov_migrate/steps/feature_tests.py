"""Reports the choices between generations that were folded, and lists the tests that could not be."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ov_migrate.edits import Change, Leftover
from ov_migrate.inference.feature_tests import FeatureTest, attribute_test, feature_test
from ov_migrate.inference.values import Legacy, LegacyName, Suspect, Unknown
from ov_migrate.steps.context import Context, Result
from ov_migrate.steps.fold_plan import DEFAULT, FEATURE_TEST, stays_true


def fold_changes(context: Context) -> Iterator[Change]:
    """The folded choices of one module."""
    for fold in context.plans.folds.folds[context.index]:
        rule = context.rule(fold.slug)
        yield Change(rule, fold.node, fold.edits, rule.verdict, rule.why)


def open_tests(context: Context) -> Result:
    """Tests for members of the legacy API whose answer is not certain, or that could not be folded."""
    for node, slug, test in _all_asked(context):
        if _is_about_legacy(context, test) and not stays_true(context.engine, node):
            receiver = " ".join(context.tree.source(test.receiver).split())
            message = f"What legacy releases say to a test of `{receiver}` for `{test.name}` "
            yield Leftover(context.rule(slug), context.tree.spans[node], message + _REASON)


_REASON = "is not certain, and API 2.0 may say something else: keep the code that is right."


def names_asked_for(context: Context) -> Iterator[tuple[cst.CSTNode, FeatureTest]]:
    """All tests for a member by name in the module, whatever they are about."""
    return ((node, test) for node, _, test in _all_asked(context))


def _all_asked(context: Context) -> Iterator[tuple[cst.Call | cst.Comparison, str, FeatureTest]]:
    nodes: list[cst.Call | cst.Comparison] = [*context.tree.all(cst.Call), *context.tree.all(cst.Comparison)]
    for node in nodes:
        found = _asked(context, node)
        if found is not None:
            yield node, *found


def _asked(context: Context, node: cst.Call | cst.Comparison) -> tuple[str, FeatureTest] | None:
    test = feature_test(context.engine, node)
    if test is not None:
        return FEATURE_TEST, test
    test = attribute_test(context.engine, node, "getattr") if isinstance(node, cst.Call) else None
    return (DEFAULT, test) if test is not None else None


def _is_about_legacy(context: Context, test: FeatureTest) -> bool:
    facts, api = context.facts(test.receiver), context.api
    kinds = [value.kind for value in facts if isinstance(value, Legacy)]
    kinds += [api.class_kinds.get(value.name, "") for value in facts if isinstance(value, LegacyName)]
    if any(kind and api.member(kind, test.name) for kind in kinds):
        return True
    is_open = not facts or any(isinstance(value, (Unknown, Suspect)) for value in facts)
    return is_open and test.name in api.distinctive and context.is_legacy_module
