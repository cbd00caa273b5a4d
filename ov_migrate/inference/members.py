"""Attributes: of legacy objects, of the project's classes and modules, and of everything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from ov_migrate.inference.current import PACKAGE, current_attribute
from ov_migrate.inference.engine import Engine
from ov_migrate.inference.values import (
    FOREIGN,
    NOTHING,
    PLAIN,
    UNKNOWN,
    BuildingName,
    Builtin,
    Class,
    Constant,
    Container,
    Current,
    EnumMember,
    Foreign,
    Function,
    Instance,
    Kinds,
    Legacy,
    LegacyName,
    Method,
    Plain,
    ProjectModule,
    Super,
    Suspect,
    Unknown,
    Value,
    union,
)

if TYPE_CHECKING:
    from ov_migrate.inference.frame import Frame

MAPPING_METHODS = frozenset({"keys", "values", "items", "get", "pop", "copy", "popitem", "setdefault"})
CONTAINER_METHODS = MAPPING_METHODS | frozenset(
    [
        "append",
        "extend",
        "insert",
        "add",
        "update",
        "popleft",
        "appendleft",
        "remove",
        "index",
        "count",
        "sort",
        "reverse",
        "clear",
        "put",
        "get_nowait",
        "put_nowait",
        "discard",
        "union",
        "send",
        "join",
        "task_done",
        "empty",
        "full",
        "qsize",
        "extendleft",
        "rotate",
    ]
)


def attribute(frame: Frame, value: Value, name: str, node: cst.Attribute | None) -> Kinds:
    """What `value.name` gives; `node` is the expression, when there is one."""
    handler = _ATTRIBUTES.get(type(value))
    return handler(frame, value, name) if handler is not None else FOREIGN


def _module_attribute(frame: Frame, value: ProjectModule, name: str) -> Kinds:
    return frame.engine.store.read(frame.engine.project.modules[value.index].tree.module, name)


def _container_attribute(frame: Frame, value: Container, name: str) -> Kinds:
    return frozenset({Builtin("container." + name, value)}) if name in CONTAINER_METHODS else PLAIN


def legacy_attribute(frame: Frame, value: Legacy, name: str) -> Kinds:
    """A member of a legacy object, after rules/legacy_api.toml."""
    kind = frame.engine.api.kinds[value.kind]
    member = kind.members.get(name)
    if member is None:
        if kind.key and name in MAPPING_METHODS:
            return frozenset({Builtin("mapping." + name, value)})
        return UNKNOWN
    if member.is_method:
        return frozenset({Method(value, name)})
    return frozenset({Legacy(member.returns, value.origin)}) if member.returns else PLAIN


def _unknown_attribute(frame: Frame, value: Unknown, name: str) -> Kinds:
    """A member that only the legacy API has, on something unknown: what it gives there, under suspicion."""
    api = frame.engine.api
    if name not in api.distinctive:
        return UNKNOWN
    members = [(kind.name, kind.members[name]) for kind in api.kinds.values() if name in kind.members]
    found = {Suspect(kind, name) for kind, member in members if member.is_method}
    found |= {Suspect(member.returns) for _, member in members if not member.is_method and member.returns}
    return frozenset(found) or UNKNOWN


def _suspect_attribute(frame: Frame, value: Suspect, name: str) -> Kinds:
    member = frame.engine.api.member(value.kind, name) if not value.member else None
    if member is None:
        return UNKNOWN
    if member.is_method:
        return frozenset({Suspect(value.kind, name)})
    return frozenset({Suspect(member.returns)}) if member.returns else PLAIN


def _legacy_name_attribute(frame: Frame, value: LegacyName, name: str) -> Kinds:
    api = frame.engine.api
    if value.name == "":
        is_inner = any(package.endswith("." + name) for package in api.packages)
        return frozenset({LegacyName("" if is_inner else name)})
    if value.name in api.building_packages:
        return _building_attribute(frame, BuildingName(value.name), name)
    if value.name in api.enums and name in api.enums[value.name]:
        return frozenset({EnumMember(value.name, name)})
    longer = f"{value.name}.{name}"
    if longer in api.packages:
        return frozenset({LegacyName("")})
    if any(package.startswith(longer + ".") for package in api.packages):
        return frozenset({LegacyName(longer)})
    kind = api.kinds.get(api.class_kinds.get(value.name, ""))
    if kind is not None and name in kind.class_methods:
        return frozenset({LegacyName(f"{value.name}.{name}")})
    if value.name == PACKAGE:
        return current_attribute(Current(""), name)
    return FOREIGN if any(package.startswith(value.name + ".") for package in api.packages) else UNKNOWN


def _building_attribute(frame: Frame, value: BuildingName, name: str) -> Kinds:
    """What is reached through a package that models were built with."""
    api, path = frame.engine.api, f"{value.path}.{name}"
    known = next((function for end, function in api.building_paths.items() if path.endswith("." + end)), "")
    known = known or (name if name in api.building_functions and value.path in api.building_packages else "")
    return frozenset({LegacyName(known) if known else BuildingName(path)})


def lineage(engine: Engine, cls: cst.CSTNode) -> list[cst.CSTNode]:
    """`cls` and its bases in the project, nearest first."""
    found: list[cst.CSTNode] = []
    if not engine.bases.get(cls):
        return [cls]
    queue = [cls]
    while queue:
        current = queue.pop(0)
        if current not in found:
            found.append(current)
            queue.extend(base.node for base in engine.bases.get(current, ()) if isinstance(base, Class))
    return found


def has_foreign_base(engine: Engine, cls: cst.CSTNode) -> bool:
    """True when some base of `cls` is not defined in the project."""
    return any(
        isinstance(base, (Foreign, Unknown)) for node in lineage(engine, cls) for base in engine.bases.get(node, ())
    )


def _instance_attribute(frame: Frame, value: Instance, name: str) -> Kinds:
    engine = frame.engine
    result = _class_attribute(frame, value.cls, name, value)
    if result:
        return result
    if not _defines(engine, value.cls.node, name) and has_foreign_base(engine, value.cls.node):
        return FOREIGN
    return result


def _defines(engine: Engine, cls: cst.CSTNode, name: str) -> bool:
    return any((node, name) in engine.attribute_writes for node in lineage(engine, cls))


def _class_attribute(frame: Frame, cls: Class, name: str, receiver: Value | None) -> Kinds:
    result: Kinds = NOTHING
    for node in lineage(frame.engine, cls.node):
        found = frame.engine.store.read(node, name)
        if not any(type(value) is Function for value in found):
            result = union(result, found)
            continue
        return union(result, *(_bound(frame, value, receiver or cls, receiver is None) for value in found))
    return result


def _bound(frame: Frame, value: Value, receiver: Value, from_class: bool) -> Kinds:
    if not isinstance(value, Function) or not isinstance(value.node, cst.FunctionDef) or value.receiver is not None:
        return frozenset({value})
    if not _is_method(frame, value.node):
        return frozenset({value})
    decorators = {_decorator_name(d) for d in value.node.decorators}
    if "staticmethod" in decorators:
        return frozenset({value})
    if "classmethod" in decorators:
        cls = receiver.cls if isinstance(receiver, Instance) else receiver
        return frozenset({Function(value.node, cls)})
    if from_class:
        return frozenset({value})
    if decorators & {"property", "cached_property", "lazy_property"}:
        bind_receiver(frame, value.node, receiver)
        return frame.engine.result(value.node)
    return frozenset({Function(value.node, receiver)})


def bind_receiver(frame: Frame, function: cst.FunctionDef, receiver: Value) -> None:
    """Notes that the first parameter of `function` may be `receiver`."""
    params = (*function.params.posonly_params, *function.params.params)
    if params:
        frame.engine.store.write(function, "param:" + params[0].name.value, frozenset({receiver}))


def _is_method(frame: Frame, function: cst.FunctionDef) -> bool:
    tree = frame.engine.project.modules[frame.engine.module_of[function]].tree
    block = tree.parents[function]
    return isinstance(tree.parents.get(block), cst.ClassDef)


def _decorator_name(decorator: cst.Decorator) -> str:
    node: cst.BaseExpression = decorator.decorator
    if isinstance(node, cst.Call):
        node = node.func
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


def _super_attribute(frame: Frame, value: Super, name: str) -> Kinds:
    for node in lineage(frame.engine, value.cls.node)[1:]:
        found = frame.engine.store.read(node, name)
        if found:
            return union(NOTHING, *(_bound(frame, v, value.receiver, False) for v in found))
    return FOREIGN


def _builtin_attribute(value: Builtin, name: str) -> Kinds:
    from ov_migrate.inference.imports import LIBRARY

    if value.name.startswith("module:"):
        known = LIBRARY.get(value.name.removeprefix("module:"), set())
        return frozenset({Builtin(name)}) if name in known else FOREIGN
    return FOREIGN


def write_attribute(engine: Engine, receiver: Value, name: str, kinds: Kinds) -> None:
    """Assigns an attribute of a project object; other objects keep nothing the analysis could read again."""
    if isinstance(receiver, Instance):
        engine.store.write(receiver.cls.node, name, kinds)
    elif isinstance(receiver, (Class, Function)):
        engine.store.write(receiver.node, name, kinds)
    elif isinstance(receiver, ProjectModule):
        engine.store.write(engine.project.modules[receiver.index].tree.module, name, kinds)


_ATTRIBUTES: dict[type, Callable[[Frame, Any, str], Kinds]] = {
    Legacy: legacy_attribute,
    Suspect: _suspect_attribute,
    LegacyName: _legacy_name_attribute,
    BuildingName: _building_attribute,
    Current: lambda frame, value, name: current_attribute(value, name),
    Instance: _instance_attribute,
    Class: lambda frame, value, name: _class_attribute(frame, value, name, None),
    Super: _super_attribute,
    ProjectModule: _module_attribute,
    Container: _container_attribute,
    Builtin: lambda frame, value, name: _builtin_attribute(value, name),
    Constant: lambda frame, value, name: frozenset({Builtin("text." + name, value)}),
    EnumMember: lambda frame, value, name: PLAIN,
    Plain: lambda frame, value, name: NOTHING if value.none else PLAIN,
    Unknown: _unknown_attribute,
    Foreign: lambda frame, value, name: frozenset({Builtin("foreign." + name, value)}),
}
