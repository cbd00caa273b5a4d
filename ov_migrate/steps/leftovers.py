"""What is left of the legacy API after the rewrite: nothing may remain that the report does not list."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from ov_migrate.edits import Leftover, Renderer
from ov_migrate.inference.imports import is_guarded
from ov_migrate.inference.values import Kinds, Suspect, Unknown
from ov_migrate.knowledge.files import load_members
from ov_migrate.steps.context import Context
from ov_migrate.steps.feature_tests import names_asked_for
from ov_migrate.steps.import_sites import legacy_imports
from ov_migrate.syntax import Span, dotted


def guarded_imports(context: Context) -> list[Leftover]:
    """Imports that are one arm of a choice, which is left alone as a whole: such a program knows both sides."""
    rule = context.rule("guarded-import")
    return [
        Leftover(rule, context.tree.spans[node], rule.why, annotate=False, verdict=rule.verdict)
        for node in legacy_imports(context.tree, context.api.packages)
        if is_guarded(context.tree, node)
    ]


def gone_submodules(context: Context) -> list[Leftover]:
    """Imports of submodules of the legacy package that are not known, such as its builder of networks."""
    rule = context.rule("legacy-submodule")
    nodes: list[cst.Import | cst.ImportFrom] = [*context.tree.all(cst.Import), *context.tree.all(cst.ImportFrom)]
    return [
        Leftover(rule, context.tree.spans[node], f"`{path}`: {rule.advice}")
        for node in nodes
        for path in _module_paths(node)
        if path not in context.api.packages and any(path.startswith(f"{package}.") for package in context.api.packages)
    ]


def _module_paths(node: cst.Import | cst.ImportFrom) -> list[str]:
    if isinstance(node, cst.Import):
        return [dotted(alias.name) or "" for alias in node.names]
    return [] if node.relative else [dotted(node.module) or ""]


def surviving_names(context: Context, renderer: Renderer, listed: list[Leftover]) -> list[Leftover]:
    """Legacy names that stand in the new text and that no finding covers yet."""
    if not context.is_legacy_module:
        return list(_unreached_members(context))
    spans = [leftover.span for leftover in listed]
    found = []
    for node, name, receiver in _legacy_words(context):
        span = context.tree.spans[node]
        if any(start <= span[0] and span[1] <= end for start, end in spans) or not renderer.survives(span):
            continue
        found.append(_describe(context, node, name, receiver))
    return found + list(_texts(context, spans))


def _unreached_members(context: Context) -> Iterator[Leftover]:
    """Members of the legacy API on objects that cannot be followed, in a module that nothing legacy is seen to reach.
    It may be about something else, so no comment is written into it."""
    members = {word.decode().removeprefix(".") for word in load_members()}
    asked: list[tuple[cst.CSTNode, str, cst.BaseExpression]] = [
        (node.attr, node.attr.value, node.value)
        for node in context.tree.all(cst.Attribute)
        if node.attr.value in members or _is_telling(context, node) or _is_suspect(context, node)
    ]
    tests = names_asked_for(context)
    asked += [(call, test.name, test.receiver) for call, test in tests if test.name in members]
    for node, name, receiver in asked:
        facts = context.facts(receiver)
        if not _is_open(facts, Unknown, Suspect):
            continue
        span, text = context.tree.spans[node], " ".join(context.tree.source(receiver).split())
        if not _is_defined_here(context, name):
            message = f"Nobody is seen to hand `{text}` over; `{name}` is a member of the legacy API."
            yield Leftover(context.rule("unknown-object"), span, message, annotate=False)
        else:
            yield _own_name(context, span, name)


def _legacy_words(context: Context) -> Iterator[tuple[cst.CSTNode, str, cst.BaseExpression | None]]:
    """Class names of the legacy package and member names that no other library has; each with its receiver."""
    public, distinctive = context.api.public_names - {"read_network", "get_version"}, context.api.distinctive
    for attribute in context.tree.all(cst.Attribute):
        is_telling = attribute.attr.value in distinctive or attribute.attr.value in public
        if is_telling or _has_legacy_form(context, attribute):
            yield attribute.attr, attribute.attr.value, attribute.value
    for name in context.tree.all(cst.Name):
        if name.value in public and not isinstance(context.tree.parents[name], cst.Attribute):
            yield name, name.value, None
    for function in context.tree.all(cst.FunctionDef):
        if function.name.value in distinctive:
            yield function.name, function.name.value, None


def _has_legacy_form(context: Context, node: cst.Attribute) -> bool:
    """True for a member with an everyday name, in the form that it has in this API, on an object that nobody could
    follow: `x.requests[0]`, `x.start_async(request_id=0)`, `x.infer(inputs=…)`, `x.wait(-1)`."""
    keyword = context.api.forms.get(node.attr.value)
    facts, parent = context.facts(node.value), context.tree.parents[node]
    if keyword is None or not any(isinstance(value, Unknown) for value in facts):
        return False
    if keyword == "[]":
        return isinstance(parent, cst.Subscript) and parent.value is node
    if not isinstance(parent, cst.Call) or parent.func is not node:
        return False
    if keyword == "-1":
        return len(parent.args) == 1 and context.constant(parent.args[0].value) == -1
    return any(arg.keyword is not None and arg.keyword.value == keyword for arg in parent.args)


def _is_telling(context: Context, node: cst.Attribute) -> bool:
    """True for `x.start_async(request_id=0)` and `x.requests[0].wait()`, which are of this API wherever they stand."""
    if not _has_legacy_form(context, node):
        return False
    if node.attr.value == "requests":
        outer = context.tree.parents[context.tree.parents[node]]
        return isinstance(outer, cst.Attribute) and context.api.member("request", outer.attr.value) is not None
    return node.attr.value == "start_async"


def _is_suspect(context: Context, node: cst.Attribute) -> bool:
    """True for a member of what came out of such a member: `self.exec_net = ie.load_network(…)`, `ie` unknown. In one
    expression the first member stands for those behind it."""
    facts, member = context.facts(node.value), node.attr.value
    if not any(isinstance(v, Suspect) and context.api.member(v.kind, member) is not None for v in facts):
        return False
    front = node.value
    while isinstance(front, (cst.Attribute, cst.Subscript, cst.Call)):
        front = front.func if isinstance(front, cst.Call) else front.value
        if any(isinstance(value, Suspect) for value in context.facts(front)):
            return False
    return not _is_defined_here(context, member)


def _describe(context: Context, node: cst.CSTNode, name: str, receiver: cst.BaseExpression | None) -> Leftover:
    span = context.tree.spans[node]
    facts = context.facts(receiver) if receiver is not None else context.facts(node)
    if receiver is not None and _is_open(facts, Unknown) and not _is_defined_here(context, name):
        text = " ".join(context.tree.source(receiver).split())
        rule = context.rule("unknown-object")
        return Leftover(
            rule, span, f"It could not be established what `{text}` is; `{name}` is a member of the legacy API."
        )
    return _own_name(context, span, name)


def _is_open(facts: Kinds, *kinds: type) -> bool:
    """True when nothing is known of an expression, or it may be of one of `kinds`."""
    return not facts or any(isinstance(value, kinds) for value in facts)


def _own_name(context: Context, span: Span, name: str) -> Leftover:
    message = f"`{name}` is a name of the legacy API, used for something else here."
    return Leftover(context.rule("own-name"), span, message, False, "review")


def _is_defined_here(context: Context, name: str) -> bool:
    """True when the program has a function of that name, which the member may well be."""
    return name in context.plans.function_names


_TEXT = re.compile(r"\b(?:IECore|IENetwork|IEPlugin|ExecutableNetwork|openvino\.inference_engine)\b")


def _texts(context: Context, listed: list[Span]) -> Iterator[Leftover]:
    """Strings and comments that name the legacy API; those of which more is said elsewhere are in `listed`."""
    if not _TEXT.search(context.tree.given):
        return
    rule = context.rule("legacy-text")
    text = context.tree.text
    strings = [context.tree.spans[n] for n in context.tree.all(cst.SimpleString)]
    for match in _TEXT.finditer(text):
        comment = text.rfind("#", context.tree.line_start(match.start()), match.start())
        if any(start < match.start() < end for start, end in listed):
            continue
        inside = any(start < match.start() < end for start, end in strings)
        if inside or comment >= 0:
            message = f"`{match[0]}` stands in a string or comment, which is left as it is."
            yield Leftover(rule, match.span(), message, False, "review")
