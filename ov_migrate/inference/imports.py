"""Imports: the source of all legacy kinds, and the ways from one module of the project to another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import libcst as cst

from ov_migrate.inference.current import current_attribute, current_module
from ov_migrate.inference.engine import Engine
from ov_migrate.inference.project import import_path
from ov_migrate.inference.values import (
    FOREIGN,
    BuildingName,
    Builtin,
    Class,
    Current,
    Instance,
    Kinds,
    Legacy,
    LegacyName,
    ProjectModule,
    union,
)
from ov_migrate.knowledge.current_api import load_current_api
from ov_migrate.knowledge.files import load_packages
from ov_migrate.syntax import Tree, children, dotted

if TYPE_CHECKING:
    from ov_migrate.inference.frame import Frame

# Library functions whose way with values is known (see library.py), by the module that has them.
LIBRARY = {
    "functools": {"partial"},
    "copy": {"copy", "deepcopy"},
    "collections": {"namedtuple", "deque", "OrderedDict", "defaultdict"},
    "threading": {"Thread"},
    "multiprocessing": {"Process"},
    "typing": {"NamedTuple", "cast"},
    "itertools": {"cycle", "islice", "chain"},
    "queue": {"Queue", "LifoQueue", "PriorityQueue"},
    "contextlib": {"contextmanager"},
    "pytest": {"fixture", "yield_fixture"},
}


def bind_import(frame: Frame, node: cst.Import) -> None:
    """`import a.b`, `import a.b as c`."""
    for alias in node.names:
        path = dotted(alias.name) or ""
        if path in frame.engine.api.packages and is_guarded(frame.module.tree, node):
            frame.bind(path.split(".")[0] if alias.asname is None else alias.asname.name.value, FOREIGN)  # type: ignore[union-attr]
        elif alias.asname is not None and isinstance(alias.asname.name, cst.Name):
            frame.bind(alias.asname.name.value, module_value(frame, path, 0))
        else:
            top = path.split(".")[0]
            module_value(frame, path, 0)
            frame.bind(top, union(frame.read(top) & _OPENVINO, module_value(frame, top, 0)))


def bind_import_from(frame: Frame, node: cst.ImportFrom) -> None:
    """`from a.b import c as d`, `from . import e`, `from f import *`."""
    path, level = import_path(node)
    source = module_value(frame, path, level)
    is_choice = any(isinstance(value, LegacyName) for value in source) and is_guarded(frame.module.tree, node)
    if is_choice and LegacyName("openvino") not in source:
        source = FOREIGN
    if isinstance(node.names, cst.ImportStar):
        for name, kinds in _star(frame, source).items():
            frame.bind(name, kinds)
        return
    for alias in node.names:
        name = alias.name.value if isinstance(alias.name, cst.Name) else ""
        bound = alias.asname.name.value if alias.asname and isinstance(alias.asname.name, cst.Name) else name
        kinds = imported(frame, source, name, path, level)
        is_legacy = is_choice and any(isinstance(value, LegacyName) for value in kinds)
        frame.bind(bound, FOREIGN if is_legacy else kinds)


_OPENVINO: Kinds = frozenset({LegacyName("openvino")})


def module_value(frame: Frame, path: str, level: int) -> Kinds:
    """What the module `path` is: a part of the legacy API, a module of the project, or something foreign."""
    packages = frame.engine.api.packages
    if not level:
        if path in packages:
            return frozenset({LegacyName("")})
        if any(package.startswith(path + ".") for package in packages):
            return frozenset({LegacyName(path)})
        if path in LIBRARY:
            return frozenset({Builtin("module:" + path)})
    index = frame.engine.project.find(path, level, frame.module_index)
    if index is None:
        if level:
            return FOREIGN
        if path in frame.engine.api.building_packages:
            return frozenset({LegacyName(path)})
        is_building = path.split(".")[0] in frame.engine.api.building_packages
        return frozenset({BuildingName(path)}) if is_building else current_module(path)
    module = frame.engine.project.modules[index].tree.module
    if not frame.engine.visited(module):
        frame.engine.visit(module)
    return frozenset({ProjectModule(index)})


def imported(frame: Frame, source: Kinds, name: str, path: str, level: int) -> Kinds:
    """What `from source import name` brings."""
    from ov_migrate.inference.members import attribute

    result = union(frozenset(), *(attribute(frame, value, name, None) for value in source))
    if result:
        return result
    return module_value(frame, f"{path}.{name}" if path else name, level)


def _star(frame: Frame, source: Kinds) -> dict[str, Kinds]:
    api = frame.engine.api
    for value in source:
        if value == LegacyName(""):
            return {name: frozenset({LegacyName(name)}) for name in api.public_names - set(api.enums)}
        if isinstance(value, ProjectModule):
            module = frame.engine.project.modules[value.index].tree.module
            items = frame.engine.store.items(module)
            return {name: kinds for name, kinds in items.items() if isinstance(name, str) and not name.startswith("_")}
        if isinstance(value, Current):
            return {name: current_attribute(value, name) for name in load_current_api().objects}
    return {}


def annotated(engine: Engine, function: cst.FunctionDef, param: str, annotation: Kinds) -> None:
    """An annotation that names a legacy or a project class says what a parameter holds when no caller is seen."""
    for value in annotation:
        kinds: Kinds = frozenset()
        if isinstance(value, LegacyName) and value.name in engine.api.class_kinds:
            kinds = frozenset({Legacy(engine.api.class_kinds[value.name], None)})
        elif isinstance(value, Class):
            kinds = frozenset({Instance(value)})
        elif isinstance(value, Current) and value.is_class:
            kinds = frozenset({Current(value.cls)})
        engine.store.write(function, "annotation:" + param, kinds)


def is_guarded(tree: Tree, node: cst.CSTNode) -> bool:
    """True for an import that is one arm of a choice: the other arm brings the same names from elsewhere, or imports
    another generation of OpenVINO. Such code is left alone as a whole."""
    return any(_rivals(arm, node) for arm in arms_beside(tree, node))


def arms_beside(tree: Tree, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The other arms of the choices that `node` stands in an arm of, inner choices first."""
    child = node
    for parent in tree.ancestors(node):
        arms: list[cst.CSTNode] = []
        if isinstance(parent, cst.Try):
            arms = [parent.body, *parent.handlers]
        elif isinstance(parent, cst.If) and parent.orelse is not None:
            arms = [parent.body, parent.orelse]
        if child in arms:
            yield from (arm for arm in arms if arm is not child)
        child = parent


def _rivals(arm: cst.CSTNode, node: cst.CSTNode) -> bool:
    names = _imported_names(node)
    stack = [arm]
    while stack:
        current = stack.pop()
        if isinstance(current, (cst.Import, cst.ImportFrom)):
            path = dotted(getattr(current, "module", None)) or ""
            if path in load_packages():
                continue
            other_generation = path.split(".")[0] == "openvino" and "inference_engine" not in path
            if _imported_names(current) & names or other_generation:
                return True
        elif isinstance(current, cst.Assign) and not (
            isinstance(current.value, cst.Name) and current.value.value == "None"
        ):
            if any(isinstance(t.target, cst.Name) and t.target.value in names for t in current.targets):
                return True
        elif not isinstance(current, cst.BaseExpression):
            stack.extend(children(current))
    return False


def _imported_names(node: cst.CSTNode) -> set[str]:
    if not isinstance(node, (cst.Import, cst.ImportFrom)) or isinstance(node.names, cst.ImportStar):
        return set()
    return {
        str(alias.asname.name.value)
        if alias.asname and isinstance(alias.asname.name, cst.Name)
        else dotted(alias.name) or ""
        for alias in node.names
    }
