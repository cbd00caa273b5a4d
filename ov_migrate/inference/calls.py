"""Calls: of legacy classes and methods, of the project's functions and classes, and of known library functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ov_migrate.inference import library
from ov_migrate.inference.binding import Arguments, bind_arguments, call_wrappers
from ov_migrate.inference.current import call_current
from ov_migrate.inference.expressions import evaluate
from ov_migrate.inference.iteration import elements
from ov_migrate.inference.local_copies import keep_locals, taking_locals
from ov_migrate.inference.members import attribute, lineage
from ov_migrate.inference.store import ANY_ITEM, LENGTH
from ov_migrate.inference.values import (
    FOREIGN,
    NONE,
    NOTHING,
    PLAIN,
    UNKNOWN,
    Builtin,
    Class,
    Constant,
    Container,
    Current,
    Function,
    Instance,
    Kinds,
    Legacy,
    LegacyName,
    Method,
    Partial,
    Plain,
    Suspect,
    Unknown,
    Value,
    union,
)

if TYPE_CHECKING:
    from ov_migrate.inference.frame import Frame
    from ov_migrate.knowledge.legacy_api import Member


def call(frame: Frame, node: cst.Call) -> Kinds:
    """What the call gives. Everything that may be called is called, and the results are joined."""
    callees = evaluate(frame, node.func)
    arguments = _arguments(frame, node)
    holder = taking_locals(node)
    if holder is not None:
        keep_locals(frame, evaluate(frame, holder))
    return union(NOTHING, *(_call(frame, node, callee, arguments) for callee in callees))


def _arguments(frame: Frame, node: cst.Call) -> Arguments:
    result = Arguments()
    for arg in node.args:
        kinds = evaluate(frame, arg.value)
        if arg.star == "*":
            _spread(frame, result, kinds, arg)
        elif arg.star == "**":
            result.extra = {**(result.extra or {}), **_entries(frame, kinds)}
        elif arg.keyword is not None:
            result.keywords[arg.keyword.value] = kinds
        elif result.rest or result.optional:
            result.rest = union(result.rest, kinds)
        else:
            result.positional.append(kinds)
    return result


def _spread(frame: Frame, arguments: Arguments, kinds: Kinds, node: cst.CSTNode) -> None:
    if len(kinds) == 1:
        (value,) = kinds
        if isinstance(value, Container) and isinstance(value.node, (cst.Tuple, cst.List, cst.Param)):
            items = frame.engine.store.items(value.node)
            if not items.get(ANY_ITEM):
                given = [items[i] for i in range(len(items)) if i in items]
                arguments.positional += given
                lengths = frame.engine.store.read(value.node, LENGTH)
                if len(lengths) > 1 or lengths >= PLAIN:
                    shortest = min(int(v.value) if isinstance(v, Constant) else 0 for v in lengths)
                    arguments.optional = len(given) - shortest
                return
    arguments.rest = union(arguments.rest, elements(frame, kinds, node), UNKNOWN if not kinds else NOTHING)


def _entries(frame: Frame, kinds: Kinds) -> dict[str, Kinds]:
    result: dict[str, Kinds] = {}
    for value in kinds:
        if isinstance(value, Container):
            for slot, item in frame.engine.store.items(value.node).items():
                if isinstance(slot, str):
                    result[slot] = union(result.get(slot, NOTHING), item)
    return result


def _call(frame: Frame, node: cst.Call, callee: Value, arguments: Arguments) -> Kinds:
    if isinstance(callee, LegacyName):
        return _call_legacy_name(frame, node, callee)
    if isinstance(callee, Method):
        return _call_method(frame, node, callee, arguments)
    if isinstance(callee, Function):
        return call_function(frame, node, callee, arguments)
    if isinstance(callee, Class):
        return _instantiate(frame, node, callee, arguments)
    if isinstance(callee, Partial):
        return _call_partial(frame, node, callee, arguments)
    if isinstance(callee, Builtin):
        return library.call(frame, node, callee, arguments)
    if isinstance(callee, Instance):
        bound = attribute(frame, callee, "__call__", None)
        return union(NOTHING, *(_call(frame, node, v, arguments) for v in bound if isinstance(v, Function))) or FOREIGN
    if isinstance(callee, Suspect):
        member = frame.engine.api.member(callee.kind, callee.member) if callee.member else None
        return frozenset({Suspect(member.returns)}) if member is not None and member.returns else UNKNOWN
    if isinstance(callee, Current):
        return call_current(frame, callee, arguments)
    if isinstance(callee, Plain):
        return NOTHING if callee.none else PLAIN
    return UNKNOWN if isinstance(callee, Unknown) else FOREIGN


# Objects that belong to nothing made before, so that the call that makes them is what tells them apart.
_NEW_ORIGIN = frozenset({"network", "executable_network", "results", "output_arrays", "capsule"})


def _call_legacy_name(frame: Frame, node: cst.Call, callee: LegacyName) -> Kinds:
    api = frame.engine.api
    cls, _, member = callee.name.partition(".")
    if member:
        return frozenset({Legacy(api.kinds[api.class_kinds[cls]].class_methods[member].returns, node)})
    if callee.name in api.class_kinds:
        return frozenset({Legacy(api.class_kinds[callee.name], node)})
    if callee.name in api.functions:
        returns = api.functions[callee.name].returns
        return frozenset({Legacy(returns, node)}) if returns else PLAIN
    return FOREIGN


def _call_method(frame: Frame, node: cst.Call, callee: Method, arguments: Arguments) -> Kinds:
    member = frame.engine.api.member(callee.receiver.kind, callee.name)
    if member is None:
        return PLAIN
    if member.calls:
        _call_back(frame, node, callee, member, arguments)
    if not member.returns:
        return PLAIN
    origin = node if member.returns in _NEW_ORIGIN else callee.receiver.origin
    return frozenset({Legacy(member.returns, origin)})


def _call_back(frame: Frame, node: cst.Call, callee: Method, member: Member, arguments: Arguments) -> None:
    """A function given to the legacy API is called by it, with values that the API and the caller provide."""

    def argument(name: str) -> Kinds:
        if name.startswith("="):
            return frozenset({Legacy(name[1:], callee.receiver.origin)})
        return arguments.at(member.parameters.index(name), name) or NONE

    function, *passed = member.calls
    for value in argument(function):
        if isinstance(value, (Function, Partial, Method)):
            _call(frame, node, value, Arguments([argument(name) for name in passed]))


def call_function(frame: Frame, node: cst.Call, function: Function, arguments: Arguments) -> Kinds:
    """Binds arguments to the parameters of a project function and gives what it returns."""
    engine = frame.engine
    engine.callees.setdefault(node, set()).add(function)
    engine.callers.setdefault(function.node, set()).add(node)
    bind_arguments(engine, function, arguments)
    frame.forget_paths()
    call_wrappers(engine, function.node, (function.receiver,), arguments)
    return engine.result(function.node)


def _instantiate(frame: Frame, node: cst.Call, cls: Class, arguments: Arguments) -> Kinds:
    instance = Instance(cls)
    for base in lineage(frame.engine, cls.node):
        found = frame.engine.store.read(base, "__init__")
        functions = [value for value in found if isinstance(value, Function)]
        for function in functions:
            call_function(frame, node, Function(function.node, instance), arguments)
        if functions:
            return frozenset({instance})
    _fill_fields(frame, cls.node, arguments)
    return frozenset({instance})


def _fill_fields(frame: Frame, cls: cst.CSTNode, arguments: Arguments) -> None:
    """A dataclass or named tuple: arguments become attributes in the order of the fields."""
    store = frame.engine.store
    names = field_names(frame, cls)
    for name, kinds in zip(names, arguments.positional, strict=False):
        store.write(cls, name, kinds)
    for name, kinds in arguments.keywords.items():
        store.write(cls, name, kinds)
    for index, name in enumerate(names):
        store.write(cls, "#fields", frozenset({Constant(f"{index}:{name}")}))


def field_names(frame: Frame, cls: cst.CSTNode) -> list[str]:
    """The fields of a dataclass, a NamedTuple class or a namedtuple(…) call, in order."""
    if isinstance(cls, cst.Call):
        fields = [v.value for v in frame.engine.store.read(cls, "#names") if isinstance(v, Constant)]
        return str(fields[0]).split() if fields else []
    names = []
    for base in reversed(lineage(frame.engine, cls)):
        body = base.body.body if isinstance(base, cst.ClassDef) else ()
        for line in body:
            for statement in line.body if isinstance(line, cst.SimpleStatementLine) else ():
                if isinstance(statement, cst.AnnAssign) and isinstance(statement.target, cst.Name):
                    names.append(statement.target.value)
    return names


def _call_partial(frame: Frame, node: cst.Call, partial: Partial, arguments: Arguments) -> Kinds:
    """The arguments are those that were given where the partial was made, which may be another function."""
    bound = frame.engine.store.items(partial.node)
    rest = bound.pop(ANY_ITEM, NOTHING)
    keywords = {name: kinds for name, kinds in bound.items() if isinstance(name, str)}
    merged = Arguments(
        [bound[index] for index in range(len(bound)) if index in bound] + arguments.positional,
        {**keywords, **arguments.keywords},
        union(rest, arguments.rest),
        arguments.extra,
    )
    return _call(frame, node, partial.function, merged)
