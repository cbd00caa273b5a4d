"""Parameters: renamed together with the keywords of all calls, or not at all."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from ov_migrate.inference import Engine, Module
from ov_migrate.syntax import Tree, last_name
from ov_migrate.variables.scopes import Variable

_HARMLESS_DECORATORS = frozenset({"staticmethod", "classmethod", "property"})


class Keywords:
    """All keywords of calls in a project, by name."""

    def __init__(self, modules: Sequence[Module], engine: Engine) -> None:
        self.engine = engine
        self.by_name: dict[str, list[tuple[Tree, cst.Arg, cst.Call]]] = {}
        self.methods: dict[str, list[cst.FunctionDef]] = {}
        self.stars: set[str] = set()
        self.texts: set[str] = set()
        self.defined: set[str] = {"super", "cls"}
        for module in modules:
            self._read(module.tree)

    def _read(self, tree: Tree) -> None:
        for arg in tree.all(cst.Arg):
            call = tree.parents[arg]
            if arg.keyword is not None and isinstance(call, cst.Call):
                self.by_name.setdefault(arg.keyword.value, []).append((tree, arg, call))
            elif arg.star == "**" and isinstance(call, cst.Call):
                self.stars.add(last_name(call.func))
        self.defined |= {node.name.value for node in tree.all(cst.ClassDef)}
        for function in tree.all(cst.FunctionDef):
            self.defined.add(function.name.value)
            self.methods.setdefault(function.name.value, []).append(function)
        for text in tree.all(cst.SimpleString):
            self.texts.add(str(text.raw_value))

    def of(self, tree: Tree, variable: Variable) -> list[tuple[Tree, cst.Name]] | None:
        """The keywords that have to be renamed with a parameter; None when somebody may use it who is not seen. For a
        variable that is no parameter there are none."""
        function, name = variable.scope, variable.name
        params = [node for node in variable.places if isinstance(tree.parents[node], cst.Param)]
        if not params:
            return []
        if not isinstance(function, cst.FunctionDef) or name in self.texts or not _is_plain(function):
            return None
        called = _names_of(tree, function)
        if called & self.stars or (len(self.methods[function.name.value]) > 1 and function.name.value != "__init__"):
            return None
        found = []
        for where, arg, call in self.by_name.get(name, ()):
            callees = {callee.node for callee in self.engine.callees.get(call, set())}
            if callees == {function}:
                assert arg.keyword is not None
                found.append((where, arg.keyword))
            elif function in callees or (not callees and self._may_mean(call, called)):
                return None
        return found

    def _may_mean(self, call: cst.Call, called: set[str]) -> bool:
        """True when a call that nobody could follow may be one of the project's, or hands the function on."""
        handed = {last_name(arg.value) for arg in call.args if arg.keyword is None or arg.keyword.value == "target"}
        return last_name(call.func) in {"dict", *self.defined} or bool(handed & called)


def _is_plain(function: cst.FunctionDef) -> bool:
    if function.name.value.startswith("test"):
        return False
    return all(last_name(decorator.decorator) in _HARMLESS_DECORATORS for decorator in function.decorators)


def _names_of(tree: Tree, function: cst.FunctionDef) -> set[str]:
    """The names that calls of a function have: a constructor is called by those of its class and of classes below."""
    if function.name.value != "__init__":
        return {function.name.value}
    owner = tree.scope(function)
    return {"__init__", "super", "cls", "__class__", *([owner.name.value] if isinstance(owner, cst.ClassDef) else [])}
