"""What pytest hands to tests: a parameter gets what the fixture of its name gives. The nearest one counts: that of the
class, of the module, of the conftest.py beside it, of one further up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import libcst as cst

from ov_migrate.inference.paths import CONFTEST
from ov_migrate.inference.store import YIELD
from ov_migrate.inference.values import NOTHING, UNKNOWN, Class, Function, Instance, Kinds, union
from ov_migrate.syntax import Tree, dotted, last_name

if TYPE_CHECKING:
    from ov_migrate.inference.engine import Engine

_DECORATORS = frozenset({"fixture", "yield_fixture"})


@dataclass(frozen=True)
class Request:
    """A test or fixture, and for each parameter the functions of the fixtures that pytest may hand to it; none where it
    is not known what it gets. The `unknown` ones may get something else as well."""

    function: cst.FunctionDef
    parameters: dict[str, tuple[cst.FunctionDef, ...]]
    owner: cst.ClassDef | None
    unknown: frozenset[str] = frozenset()

    def fill(self, engine: Engine) -> None:
        """Writes what the parameters get, as far as it is known by now."""
        names = list(self.parameters)
        if self.owner is not None and names:
            engine.store.write(self.function, "param:" + names.pop(0), frozenset({Instance(Class(self.owner))}))
        for name in names:
            given = [_given(engine, fixture) for fixture in self.parameters[name]] + [UNKNOWN] * (name in self.unknown)
            annotation = engine.store.read(self.function, "annotation:" + name)
            engine.store.write(
                self.function, "param:" + name, union(NOTHING, *given) if given else annotation or UNKNOWN
            )


def _given(engine: Engine, fixture: cst.FunctionDef) -> Kinds:
    result = engine.result(fixture)
    return engine.store.read(fixture, YIELD) if engine.store.has(fixture, YIELD) else result


def requests(engine: Engine) -> list[Request]:
    """The tests and fixtures of all modules, once these have been gone through; fixtures first."""
    if not engine.fixtures:
        return []
    asked, tests = [], []
    for index, module in enumerate(engine.project.modules):
        for function in module.tree.all(cst.FunctionDef):
            owner = _owner(module.tree, function)
            if function in engine.fixtures:
                asked.append(_overridden(engine, index, _request(engine, index, function, owner)))
            elif _is_test(module.path.name, module.tree, function, owner):
                tests.append(_request(engine, index, function, owner))
    return asked + tests


def _overridden(engine: Engine, index: int, request: Request) -> Request:
    """What a fixture asks for may be given by another fixture of that name, or by a `parametrize`, for the tests of a
    class or of a module further down."""
    modules = engine.project.modules
    is_shared = modules[index].path.name == CONFTEST
    reached = {
        other
        for other, module in enumerate(modules)
        if other == index or (is_shared and modules[index].path.parent in module.path.parents)
    }
    named = [(f, name or f.name.value) for f, name in engine.fixtures.items() if engine.module_of[f] in reached]
    parameters = {
        name: tuple(dict.fromkeys((*found, *(f for f, own in named if own == name and f is not request.function))))
        if found
        else ()
        for name, found in request.parameters.items()
    }
    tests = [f for other in reached for f in modules[other].tree.all(cst.FunctionDef) if f.decorators]
    unknown = frozenset().union(*(_given_elsewhere(engine, f) or () for f in tests if f not in engine.fixtures))
    return replace(request, parameters=parameters, unknown=unknown & {n for n, found in parameters.items() if found})


def _owner(tree: Tree, function: cst.FunctionDef) -> cst.ClassDef | None:
    owner = tree.parents.get(tree.parents[function])
    return owner if isinstance(owner, cst.ClassDef) else None


def _is_test(file: str, tree: Tree, function: cst.FunctionDef, owner: cst.ClassDef | None) -> bool:
    if not function.name.value.startswith("test") or tree.scope(function) is not (owner or tree.module):
        return False
    if owner is not None and not owner.name.value.startswith("Test"):
        return False
    return file.startswith("test_") or file.endswith("_test.py")


def _request(engine: Engine, index: int, function: cst.FunctionDef, owner: cst.ClassDef | None) -> Request:
    params = [*function.params.posonly_params, *function.params.params, *function.params.kwonly_params]
    given = _given_elsewhere(engine, function)
    parameters: dict[str, tuple[cst.FunctionDef, ...]] = {}
    for param in params:
        name = param.name.value
        is_fixture = param.default is None and given is not None and name not in given
        is_self = owner is not None and not parameters
        parameters[name] = () if is_self or not is_fixture else _found(engine, index, owner, name, function)
    return Request(function, parameters, owner)


def _given_elsewhere(engine: Engine, function: cst.FunctionDef) -> set[str] | None:
    """The parameters that a `parametrize` gives; None when a decorator stands there of which nothing is known."""
    tree = engine.project.modules[engine.module_of[function]].tree
    owner = _owner(tree, function)
    names: set[str] = set()
    for decorator in (*function.decorators, *(owner.decorators if owner is not None else ())):
        node = decorator.decorator
        path = (dotted(node.func if isinstance(node, cst.Call) else node) or "?").split(".")
        if path[-1] == "parametrize" and isinstance(node, cst.Call):
            listed = _listed(node)
            if listed is None:
                return None
            names |= listed
        elif path[0] != "pytest" and "mark" not in path and path[-1] not in _DECORATORS:
            return None
    return names


def _listed(call: cst.Call) -> set[str] | None:
    """The names that a `parametrize` gives values to; None when they are not written out."""
    first = call.args[0].value if call.args else None
    if isinstance(first, (cst.List, cst.Tuple)):
        texts = [_literal(element.value) for element in first.elements]
    else:
        texts = [_literal(first)]
    if "" in texts:
        return None
    return {name.strip() for text in texts for name in text.split(",")}


def _literal(node: cst.BaseExpression | None) -> str:
    """The text of a string that is written out; "" for all else."""
    value = node.evaluated_value if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)) else None
    return value if isinstance(value, str) else ""


def fixture_name(decorator: cst.Decorator) -> str:
    """The name that a fixture is given in its decorator; "" when it has that of its function."""
    call = decorator.decorator
    arguments = call.args if isinstance(call, cst.Call) else ()
    given = [arg.value for arg in arguments if arg.keyword is not None and arg.keyword.value == "name"]
    return _literal(given[0]) if given else ""


def _found(
    engine: Engine, index: int, owner: cst.ClassDef | None, name: str, asker: cst.FunctionDef
) -> tuple[cst.FunctionDef, ...]:
    """The functions of the nearest fixture of this name; a fixture that asks for its own name gets the next one."""
    for scope in _scopes(engine, index, owner):
        if scope is None:
            return ()
        found = tuple(f for f in _fixtures_in(engine, scope, name) if f is not asker)
        if found:
            return found
    return ()


def _scopes(engine: Engine, index: int, owner: cst.ClassDef | None) -> Iterator[cst.CSTNode | None]:
    """Where fixtures are looked for, the nearest first; None where something stands that is not known."""
    if owner is not None:
        yield owner
        if any(last_name(base.value) != "object" for base in owner.bases):
            yield None
    project = engine.project
    yield project.modules[index].tree.module
    for above in project.conftests(index):
        yield project.modules[above].tree.module if above is not None else None


def _fixtures_in(engine: Engine, scope: cst.CSTNode, name: str) -> Sequence[cst.FunctionDef]:
    found = []
    for slot, kinds in engine.store.items(scope).items():
        for value in kinds:
            node = value.node if isinstance(value, Function) else None
            if (
                isinstance(node, cst.FunctionDef)
                and node in engine.fixtures
                and (engine.fixtures[node] or slot) == name
            ):
                found.append(node)
    return found
