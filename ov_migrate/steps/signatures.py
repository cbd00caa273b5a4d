"""Calls and the parameters they fill: which argument goes where, and which functions stand for one another."""

from __future__ import annotations

from collections.abc import Callable, Container

import libcst as cst

from ov_migrate.inference.members import lineage
from ov_migrate.inference.values import Class, Function, Instance
from ov_migrate.steps.places import Places, Unsupported

# The method that calling a class or an instance means.
_IMPLIED: dict[type, str] = {Class: "__init__", Instance: "__call__"}


class Signatures:
    """Answers which parameters have to get a neighbour together, and which argument of a call each of them takes."""

    def __init__(self, places: Places) -> None:
        self.places = places

    def mates(
        self, param: cst.Param, holds: Callable[[cst.CSTNode], bool], given: Container[cst.CSTNode]
    ) -> list[cst.Param]:
        """`param` and those of the functions that are called in its place: by the same call, or as an override of the
        same method. An override that nobody is seen to call keeps what it was `given` before."""
        found = [param]
        for current in found:
            function = self.places.function_of(current)
            for call in self.places.callers(function):
                arg = self.argument(call, current)
                others = [self._taking(call, one, arg) for one in self.places.callees(call) if one.node is not function]
                found += [other for other in others if arg is not None and other not in found]
            overrides = self._overrides(function, current)
            found += [
                one
                for one in overrides
                if one not in found and one not in given and self._is_alike(one, current, holds)
            ]
        return found

    def _taking(self, call: cst.Call, function: Function, arg: cst.Arg | None) -> cst.Param:
        """The parameter of `function` that takes `arg`."""
        names = [name for name, one in self.arguments(call, function).items() if one is arg]
        params = [param for param in _parameters(function.node) if param.name.value in names]
        if not params:
            raise Unsupported("functions with different parameters are called in one place")
        return params[0]

    def _overrides(self, function: cst.CSTNode, param: cst.Param) -> list[cst.Param]:
        """The same parameter of the methods of the same name in the classes above and below."""
        tree = self.places.tree(self.places.module_of(function))
        cls = tree.parents.get(tree.parents[function])
        if not isinstance(cls, cst.ClassDef) or not isinstance(function, cst.FunctionDef):
            return []
        name = function.name.value
        above = lineage(self.places.engine, cls)
        methods = [
            line
            for member in dict.fromkeys([*above, *self.places.family(above[-1])])
            for line in (member.body.body if isinstance(member, cst.ClassDef) else ())
            if isinstance(line, cst.FunctionDef) and line.name.value == name and name != "__init__"
        ]
        return [one for line in methods for one in _parameters(line) if one.name.value == param.name.value]

    def _is_alike(self, param: cst.Param, other: cst.Param, holds: Callable[[cst.CSTNode], bool]) -> bool:
        """False for an override that is only called on its own, with objects that the other does not get."""
        callers = self.places.callers(self.places.function_of(param))
        takes_self = _parameters(self.places.function_of(param)).index(param)
        same_place = takes_self == _parameters(self.places.function_of(other)).index(other)
        return same_place and (not callers or holds(param))

    def argument(self, call: cst.Call, param: cst.Param) -> cst.Arg | None:
        """The argument that `call` gives for `param`; None where the default serves."""
        node = self.places.function_of(param)
        function = next((one for one in self.places.callees(call) if one.node is node), None)
        if function is None or not self._is_called_by_name(call, node):
            raise Unsupported("it is passed through a call that cannot be followed")
        arg = self.arguments(call, function).get(param.name.value)
        if arg is None and any(one.star for one in call.args):
            raise Unsupported("it is passed by star arguments")
        return arg

    def _is_called_by_name(self, call: cst.Call, function: cst.CSTNode) -> bool:
        """False where something of another library calls the function, with arguments of its own."""
        name = function.name.value if isinstance(function, cst.FunctionDef) else ""
        for value in self.places.facts(call.func):
            if isinstance(value, Function) and value.node is function:
                return True
            if (isinstance(value, Class) and name == "__init__") or (
                isinstance(value, Instance) and name == "__call__"
            ):
                return True
        return False

    def arguments(self, call: cst.CSTNode, function: Function) -> dict[str, cst.Arg]:
        """The arguments of `call` by the parameters of `function`, as far as they are written out."""
        params = function.node.params
        positional = [param.name.value for param in (*params.posonly_params, *params.params)]
        if function.receiver is not None:
            del positional[:1]
        bound: dict[str, cst.Arg] = {}
        for index, arg in enumerate(call.args if isinstance(call, cst.Call) else ()):
            if arg.star == "*":
                positional = []
            elif arg.keyword is not None:
                bound[arg.keyword.value] = arg
            elif not arg.star and index < len(positional):
                bound[positional[index]] = arg
        return bound


def _parameters(function: cst.FunctionDef | cst.Lambda) -> list[cst.Param]:
    params = function.params
    return [*params.posonly_params, *params.params, *params.kwonly_params]
