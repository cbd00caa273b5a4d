"""One generation of the legacy API is tried, and when that fails an older one: the newest needs the first arm only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ov_migrate.inference.values import NOTHING, Builtin, Instance, Legacy, LegacyName, Method, Plain, Value
from ov_migrate.syntax import Tree, below, dotted

if TYPE_CHECKING:
    from ov_migrate.inference.engine import Engine

_MISSING = frozenset({"AttributeError"})
_ANYTHING = frozenset({"AttributeError", "Exception", "BaseException", "TypeError", "NameError", ""})


def is_fallback(engine: Engine, tree: Tree, node: cst.Try | cst.TryStar) -> bool:
    """True for a `try` whose one handler does the same with an older generation, when nothing in the body can fail for
    another reason in a way that the handler would have mended."""
    if not engine.folds or not isinstance(node, cst.Try) or len(node.handlers) != 1:
        return False
    if node.orelse is not None or node.finalbody is not None:
        return False
    caught = _caught(node.handlers[0])
    if not caught <= _ANYTHING or not _uses_legacy(engine, node.handlers[0].body) or not _has_same_end(tree, node):
        return False
    if not (_uses_legacy(engine, node.body) and all(_is_there(engine, n) for n in below(node.body))):
        return False
    return caught <= _MISSING or _only_reads_members(node.body) or _reads_the_same(engine, tree, node)


def _caught(handler: cst.ExceptHandler) -> set[str]:
    if handler.type is None:
        return {""}
    types = [e.value for e in handler.type.elements] if isinstance(handler.type, cst.Tuple) else [handler.type]
    return {dotted(kind) or "?" for kind in types}


def _has_same_end(tree: Tree, node: cst.Try) -> bool:
    """True when both arms are assignments, and the last ones of both are to the same variable, or both return."""
    body, handler = _lines(node.body), _lines(node.handlers[0].body)
    if not all(isinstance(line, cst.Assign) for line in body[:-1] + handler[:-1]):
        return False
    target = _target(tree, body[-1])
    return bool(target) and target == _target(tree, handler[-1])


def _lines(suite: cst.BaseSuite) -> list[cst.CSTNode]:
    return [s for line in suite.body for s in (line.body if isinstance(line, cst.SimpleStatementLine) else [line])]


def _target(tree: Tree, statement: cst.CSTNode) -> str:
    """What a statement gives its value to; "" for one that is no assignment and no `return`."""
    if isinstance(statement, cst.Assign):
        return " = ".join(tree.source(target.target) for target in statement.targets)
    return "return" if isinstance(statement, cst.Return) else ""


def _uses_legacy(engine: Engine, suite: cst.BaseSuite) -> bool:
    """True when the block uses a member or a class of the legacy API."""
    for node in below(suite):
        if isinstance(node, cst.Attribute) and any(isinstance(v, Legacy) for v in _facts(engine, node.value)):
            return True
        if isinstance(node, cst.Call) and any(isinstance(v, LegacyName) for v in _facts(engine, node.func)):
            return True
    return False


def _facts(engine: Engine, node: cst.CSTNode) -> frozenset[Value]:
    return engine.facts.get(node, NOTHING)


def _is_there(engine: Engine, node: cst.CSTNode) -> bool:
    """True unless `node` may fail for want of a member: members of the newest generation, those of the program's own
    objects, and calls of what is known."""
    if isinstance(node, cst.Attribute):
        values = [v for v in _facts(engine, node.value) if not (isinstance(v, Plain) and v.none)]
        return bool(values) and all(_has_member(engine, value, node.attr.value) for value in values)
    if isinstance(node, cst.Call):
        known = (Method, Builtin, LegacyName)
        return bool(_facts(engine, node.func)) and all(isinstance(v, known) for v in _facts(engine, node.func))
    return True


def _has_member(engine: Engine, value: Value, name: str) -> bool:
    if isinstance(value, Legacy):
        kind = engine.api.kinds[value.kind]
        return engine.api.newest_has(value.kind, name) is True or bool(kind.key)
    return isinstance(value, Instance)


def _only_reads_members(suite: cst.BaseSuite) -> bool:
    """True for a block that can fail for nothing but the want of a member."""
    plain = (cst.SimpleStatementLine, cst.Assign, cst.AssignTarget, cst.Return, cst.Name, cst.Attribute)
    return all(isinstance(node, plain) for node in below(suite))


def _calls(suite: cst.BaseSuite) -> list[cst.Call]:
    return [node for node in below(suite) if isinstance(node, cst.Call)]


def _reads_the_same(engine: Engine, tree: Tree, node: cst.Try) -> bool:
    """True when both arms are one call that makes a network, with the same arguments: where the first fails for the
    want of a file, the second does as well."""
    calls = [_calls(node.body), _calls(node.handlers[0].body)]
    if any(len(suite.body) != 1 for suite in (node.body, node.handlers[0].body)) or [len(c) for c in calls] != [1, 1]:
        return False
    made = [{v.kind if isinstance(v, Legacy) else "" for v in _facts(engine, call)} for (call,) in calls]
    arguments = [[tree.source(arg.value) for arg in call.args] for (call,) in calls]
    return made == [{"network"}, {"network"}] and arguments[0] == arguments[1]
