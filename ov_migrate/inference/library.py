"""What built-in and standard-library functions do with the values that reach them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import libcst as cst

from ov_migrate.inference import feature_tests
from ov_migrate.inference.binding import Arguments
from ov_migrate.inference.iteration import elements, item, item_at
from ov_migrate.inference.members import attribute, write_attribute
from ov_migrate.inference.store import ANY_ITEM, KEYS
from ov_migrate.inference.values import (
    FOREIGN,
    NONE,
    NOTHING,
    PLAIN,
    Builtin,
    Class,
    Constant,
    Container,
    Foreign,
    Function,
    Instance,
    Kinds,
    Legacy,
    Partial,
    Super,
    union,
)

if TYPE_CHECKING:
    from ov_migrate.inference.frame import Frame

Handler = Callable[["Frame", cst.Call, Arguments], Kinds]


def call(frame: Frame, node: cst.Call, callee: Builtin, arguments: Arguments) -> Kinds:
    """What calling the built-in gives. Built-ins that are not known to hand on their arguments give plain data."""
    group, _, method = callee.name.partition(".")
    if group == "mapping" and isinstance(callee.receiver, Legacy):
        return _mapping_method(frame, node, callee.receiver, method, arguments)
    if group == "container" and isinstance(callee.receiver, Container):
        return _container_method(frame, node, callee.receiver, method, arguments)
    if group == "text":
        return PLAIN
    if group == "foreign":
        _hand_over(frame, node, method, arguments)
        return FOREIGN
    handler = _FUNCTIONS.get(callee.name)
    return handler(frame, node, arguments) if handler is not None else PLAIN


def _all_items(frame: Frame, node: cst.Call, kinds: Kinds) -> Kinds:
    frame.engine.store.write(node, ANY_ITEM, elements(frame, kinds, node))
    return frozenset({Container(node)})


def _iterable(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    source = arguments.at(0)
    containers = [v for v in source if isinstance(v, Container) and isinstance(v.node, (cst.Tuple, cst.List))]
    if len(source) == 1 and containers:
        for slot, kinds in frame.engine.store.items(containers[0].node).items():
            frame.engine.store.write(node, slot, kinds)
        return frozenset({Container(node)})
    return _all_items(frame, node, source)


def _next(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    return union(elements(frame, arguments.at(0), node), arguments.at(1))


def _enumerate(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    return _tuples(frame, node, [PLAIN, elements(frame, arguments.at(0), node)])


def _zip(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    return _tuples(frame, node, [elements(frame, kinds, node) for kinds in arguments.positional])


def _tuples(frame: Frame, node: cst.Call, parts: list[Kinds]) -> Kinds:
    """An iterator of tuples with the given items; the tuple is told apart by the function expression of the call."""
    for index, kinds in enumerate(parts):
        frame.engine.store.write(node.func, index, kinds)
    frame.engine.store.write(node, ANY_ITEM, frozenset({Container(node.func)}))
    return frozenset({Container(node)})


def _map(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    from ov_migrate.inference.calls import _call

    items = [elements(frame, kinds, node) for kinds in arguments.positional[1:]]
    result = union(NOTHING, *(_call(frame, node, f, Arguments(items)) for f in arguments.at(0)))
    frame.engine.store.write(node, ANY_ITEM, result)
    return frozenset({Container(node)})


def _filter(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    from ov_migrate.inference.calls import _call

    items = elements(frame, arguments.at(1), node)
    for function in arguments.at(0):
        _call(frame, node, function, Arguments([items]))
    frame.engine.store.write(node, ANY_ITEM, items)
    return frozenset({Container(node)})


def _dict(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    store = frame.engine.store
    for value in arguments.at(0):
        if isinstance(value, Legacy):
            kind = frame.engine.api.kinds[value.kind]
            if kind.key:
                store.write(node, ANY_ITEM, frozenset({Legacy(kind.element, value.origin)}))
                store.write(node, KEYS, frozenset({Legacy(kind.key, value.origin)}))
        elif isinstance(value, Container):
            for slot, kinds in store.items(value.node).items():
                if slot != ANY_ITEM or store.has(value.node, KEYS):
                    store.write(node, slot, kinds)
            pairs = store.read(value.node, ANY_ITEM)
            store.write(node, ANY_ITEM, elements(frame, pairs, node, 1) if pairs else NOTHING)
            store.write(node, KEYS, elements(frame, pairs, node, 0) if pairs else store.read(value.node, KEYS))
    for name, kinds in arguments.keywords.items():
        store.write(node, name, kinds)
        store.write(node, KEYS, frozenset({Constant(name)}))
    return frozenset({Container(node)})


def _first_argument_items(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    if len(arguments.positional) > 1:
        return union(*arguments.positional)
    return elements(frame, arguments.at(0), node)


def _getattr(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    if not arguments.at(0):
        return NOTHING
    result = arguments.at(2) if not feature_tests.has_attribute(frame.engine, node) else NOTHING
    for name in arguments.at(1):
        if isinstance(name, Constant) and isinstance(name.value, str):
            result = union(result, *(attribute(frame, v, name.value, None) for v in arguments.at(0)))
        else:
            result = union(result, FOREIGN)
    return result


def _test(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    return feature_tests.answers(frame.engine, node) or PLAIN


def _setattr(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    for name in arguments.at(1):
        if isinstance(name, Constant) and isinstance(name.value, str):
            for receiver in arguments.at(0):
                write_attribute(frame.engine, receiver, name.value, arguments.at(2))
    return NONE


def _super(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    tree = frame.module.tree
    cls = next((n for n in tree.ancestors(node) if isinstance(n, cst.ClassDef)), None)
    if cls is None or not isinstance(frame.unit, cst.FunctionDef) or not frame.unit.params.params:
        return FOREIGN
    receivers = frame.read(frame.unit.params.params[0].name.value)
    return frozenset(Super(Class(cls), value) for value in receivers) or frozenset(
        {Super(Class(cls), Instance(Class(cls)))}
    )


def _same(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    return arguments.at(0)


def _cast(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    return arguments.at(1)


def _namedtuple(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    for value in arguments.at(1, "field_names"):
        if isinstance(value, Constant):
            text = str(value.value).replace(",", " ")
        elif isinstance(value, Container):
            items = frame.engine.store.items(value.node)
            text = " ".join(str(c.value) for kinds in items.values() for c in kinds if isinstance(c, Constant))
        else:
            continue
        frame.engine.store.write(node, "#names", frozenset({Constant(text)}))
    return frozenset({Class(node)})


def _partial(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    store = frame.engine.store
    for index, kinds in enumerate(arguments.positional[1:]):
        store.write(node, index, kinds)
    for name, kinds in arguments.keywords.items():
        store.write(node, name, kinds)
    store.write(node, ANY_ITEM, arguments.rest)
    return frozenset(Partial(node, value) for value in arguments.at(0))


def _thread(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    from ov_migrate.inference.calls import _call, _entries

    passed = Arguments(extra=_entries(frame, arguments.keywords.get("kwargs", NOTHING)))
    for value in arguments.keywords.get("args", NOTHING):
        if isinstance(value, Container):
            items = frame.engine.store.items(value.node)
            passed.positional = [items[i] for i in range(len(items)) if i in items]
    for target in arguments.keywords.get("target", NOTHING):
        _call(frame, node, target, passed)
    return FOREIGN


def _hand_over(frame: Frame, node: cst.Call, method: str, arguments: Arguments) -> None:
    """`executor.submit(f, a)` and the like: a function given to foreign code together with its arguments."""
    from ov_migrate.inference.calls import _call

    if "target" in arguments.keywords:
        _thread(frame, node, arguments)
    if method not in ("submit", "run_in_executor", "apply_async", "call_soon", "map"):
        return
    positional = arguments.positional[1:] if method == "run_in_executor" else arguments.positional
    for function in positional[0] if positional else ():
        if isinstance(function, (Function, Partial)):
            passed = positional[1:]
            if method == "map":
                passed = [elements(frame, kinds, node) for kinds in passed]
            _call(frame, node, function, Arguments(passed, {k: v for k, v in arguments.keywords.items()}))


def _empty(frame: Frame, node: cst.Call, arguments: Arguments) -> Kinds:
    return frozenset({Container(node)})


def _mapping_method(frame: Frame, node: cst.Call, value: Legacy, method: str, arguments: Arguments) -> Kinds:
    kind = frame.engine.api.kinds[value.kind]
    key, element = frozenset({Legacy(kind.key, value.origin)}), frozenset({Legacy(kind.element, value.origin)})
    if method == "keys":
        frame.engine.store.write(node, ANY_ITEM, key)
    elif method == "values":
        frame.engine.store.write(node, ANY_ITEM, element)
    elif method == "items":
        return _tuples(frame, node, [key, element])
    elif method == "copy":
        return frozenset({value})
    elif method == "get":
        return union(element, arguments.at(1) or NONE)
    else:
        return element
    return frozenset({Container(node)})


def _container_method(frame: Frame, node: cst.Call, value: Container, method: str, arguments: Arguments) -> Kinds:
    store, owner = frame.engine.store, value.node
    if method in ("append", "appendleft", "add", "put", "put_nowait", "send"):
        store.write(owner, ANY_ITEM, arguments.at(0))
        return NONE
    if method == "insert":
        store.write(owner, ANY_ITEM, arguments.at(1))
        return NONE
    if method in ("extend", "extendleft"):
        store.write(owner, ANY_ITEM, elements(frame, arguments.at(0), node))
        return NONE
    if method == "update":
        _dict_update(frame, owner, arguments)
        return NONE
    if method == "setdefault":
        store.write(owner, item_at(arguments.at(0)), arguments.at(1))
        return item(frame, value, arguments.at(0), False)
    if method in ("copy", "union"):
        return frozenset({value})
    return _container_read(frame, node, value, method, arguments)


def _container_read(frame: Frame, node: cst.Call, value: Container, method: str, arguments: Arguments) -> Kinds:
    store, owner = frame.engine.store, value.node
    everything = union(NOTHING, *store.items(owner).values())
    if method == "get" and arguments.positional:
        return union(item(frame, value, arguments.at(0), False), arguments.at(1) or NONE)
    if method in ("pop", "popleft", "get", "get_nowait", "popitem"):
        return everything
    if method == "keys":
        store.write(node, ANY_ITEM, store.read(owner, KEYS))
    elif method == "values":
        store.write(node, ANY_ITEM, everything)
    elif method == "items":
        return _tuples(frame, node, [store.read(owner, KEYS), everything])
    else:
        return PLAIN
    return frozenset({Container(node)})


def _dict_update(frame: Frame, owner: cst.CSTNode, arguments: Arguments) -> None:
    store = frame.engine.store
    for value in arguments.at(0):
        if isinstance(value, Container):
            for slot, kinds in store.items(value.node).items():
                store.write(owner, slot, kinds)
            store.write(owner, KEYS, store.read(value.node, KEYS))
    for name, kinds in arguments.keywords.items():
        store.write(owner, name, kinds)
        store.write(owner, KEYS, frozenset({Constant(name)}))


_FUNCTIONS: dict[str, Handler] = {
    "next": _next,
    "iter": _iterable,
    "list": _iterable,
    "tuple": _iterable,
    "set": _iterable,
    "frozenset": _iterable,
    "sorted": lambda frame, node, arguments: _all_items(frame, node, arguments.at(0)),
    "reversed": lambda frame, node, arguments: _all_items(frame, node, arguments.at(0)),
    "deque": lambda frame, node, arguments: _all_items(frame, node, arguments.at(0)),
    "cycle": lambda frame, node, arguments: _all_items(frame, node, arguments.at(0)),
    "islice": lambda frame, node, arguments: _all_items(frame, node, arguments.at(0)),
    "chain": lambda frame, node, arguments: _all_items(frame, node, union(NOTHING, *arguments.positional)),
    "enumerate": _enumerate,
    "zip": _zip,
    "map": _map,
    "filter": _filter,
    "dict": _dict,
    "OrderedDict": _dict,
    "defaultdict": _empty,
    "Queue": _empty,
    "LifoQueue": _empty,
    "PriorityQueue": _empty,
    "min": _first_argument_items,
    "max": _first_argument_items,
    "getattr": _getattr,
    "hasattr": _test,
    "callable": _test,
    "setattr": _setattr,
    "super": _super,
    "copy": _same,
    "deepcopy": _same,
    "cast": _cast,
    "namedtuple": _namedtuple,
    "partial": _partial,
    "Thread": _thread,
    "Process": _thread,
    "fixture": lambda frame, node, arguments: frozenset({Builtin("fixture")}),
    "yield_fixture": lambda frame, node, arguments: frozenset({Builtin("fixture")}),
    "open": lambda frame, node, arguments: FOREIGN,
    "__import__": lambda frame, node, arguments: FOREIGN,
}

__all__ = ["Foreign", "call"]
