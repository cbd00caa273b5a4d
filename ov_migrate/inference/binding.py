"""From the arguments of a call to the parameters of the function that it calls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from ov_migrate.inference.store import ANY_ITEM, KEYS, LENGTH
from ov_migrate.inference.values import FOREIGN, NOTHING, Constant, Function, Kinds, Value, union

if TYPE_CHECKING:
    from ov_migrate.inference.engine import Engine
    from ov_migrate.inference.frame import Frame


@dataclass
class Arguments:
    """Evaluated arguments of one call; `rest` is what a `*args` may add, `extra` what a `**kwargs` may. Of the
    positional ones the last `optional` are not there each time."""

    positional: list[Kinds] = field(default_factory=list)
    keywords: dict[str, Kinds] = field(default_factory=dict)
    rest: Kinds = NOTHING
    extra: dict[str, Kinds] | None = None
    optional: int = 0

    def at(self, index: int, name: str = "") -> Kinds:
        """The argument at a place or under a name; nothing when it was not given."""
        if index < len(self.positional):
            return self.positional[index]
        return self.keywords.get(name, NOTHING)


def call_wrappers(
    engine: Engine, function: cst.CSTNode, receivers: Iterable[Value | None], arguments: Arguments
) -> None:
    """What stands around a decorated function is called with what that is given, for a method each instance first."""
    for wrapper in engine.wrappers.get(function, ()):
        for receiver in receivers:
            bind_arguments(engine, Function(wrapper.node, receiver), arguments)
        engine.result(wrapper.node)


def decorating(frame: Frame, decorators: Kinds) -> list[Function]:
    """The functions that `decorators` put around what they get. That itself is not handed to them, since the name of a
    decorated function stands for it all the same."""
    found = []
    for decorator in decorators:
        if isinstance(decorator, Function):
            bind_arguments(frame.engine, decorator, Arguments([FOREIGN]))
            found += [value for value in frame.engine.result(decorator.node) if isinstance(value, Function)]
    return found


def bind_arguments(engine: Engine, function: Function, arguments: Arguments) -> None:
    """Writes what a call passes into the parameters of `function`."""
    store, node = engine.store, function.node
    positional = list(arguments.positional)
    if function.receiver is not None:
        positional.insert(0, frozenset({function.receiver}))
    params = [*node.params.posonly_params, *node.params.params]
    for index, param in enumerate((*params, *node.params.kwonly_params)):
        name = param.name.value
        if index < len(positional) and index < len(params):
            kinds = positional[index]
            if index >= len(positional) - arguments.optional:
                kinds = union(kinds, _default(engine, node, param))
        elif name in arguments.keywords:
            kinds = arguments.keywords[name]
        elif arguments.extra is not None and name in arguments.extra:
            kinds = arguments.extra[name]
        else:
            kinds = union(arguments.rest if index < len(params) else NOTHING, _default(engine, node, param))
        store.write(node, "param:" + name, kinds)
    _bind_stars(engine, node, positional[len(params) :], arguments, {p.name.value for p in params})


def _default(engine: Engine, node: cst.FunctionDef | cst.Lambda, param: cst.Param) -> Kinds:
    return engine.store.read(node, "default:" + param.name.value)


def _bind_stars(
    engine: Engine, node: cst.FunctionDef | cst.Lambda, more: list[Kinds], arguments: Arguments, named: set[str]
) -> None:
    store = engine.store
    if isinstance(node.params.star_arg, cst.Param):
        for index, kinds in enumerate(more):
            store.write(node.params.star_arg, index, kinds)
        store.write(node.params.star_arg, ANY_ITEM, arguments.rest)
        store.write(node.params.star_arg, LENGTH, frozenset({Constant(len(more))}))
    if node.params.star_kwarg is not None:
        for name, kinds in {**(arguments.extra or {}), **arguments.keywords}.items():
            if name not in named:
                store.write(node.params.star_kwarg, name, kinds)
                store.write(node.params.star_kwarg, KEYS, frozenset({Constant(name)}))
