"""Abstract values: what an expression may hold, as far as the migration cares.

The commonest values hash by the identity of their node: the generated hash costs several calls of Python code.

A *kinds* set is a union of values. The empty set means "nothing has reached this place yet".
"""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst


@dataclass(frozen=True)
class Legacy:
    """An object of the legacy API. `origin` is the expression that made the core, network, executable network … it
    belongs to, so that all that hangs on one executable network can be told from what hangs on another."""

    kind: str
    origin: cst.CSTNode | None = None


@dataclass(frozen=True)
class Suspect:
    """What a member that only the legacy API has gave on an object nobody could follow: perhaps a legacy object of this
    kind. Never edited, always listed."""

    kind: str
    member: str = ""


@dataclass(frozen=True)
class LegacyName:
    """A module-level name of the legacy package: a class, a function, an enumeration or the package itself ("")."""

    name: str


@dataclass(frozen=True)
class EnumMember:
    """A member of a legacy enumeration, such as StatusCode.OK."""

    enum: str
    name: str


@dataclass(frozen=True)
class Method:
    """A method of a legacy object, taken but not called yet."""

    receiver: Legacy
    name: str


@dataclass(frozen=True)
class Function:
    """A function or lambda of the project; `receiver` is what `self` or `cls` is bound to."""

    node: cst.FunctionDef | cst.Lambda
    receiver: Value | None = None


@dataclass(frozen=True)
class Class:
    """A class of the project, or a named tuple made by a call; `node` is the definition."""

    node: cst.CSTNode

    def __hash__(self) -> int:
        return id(self.node) + 1


@dataclass(frozen=True)
class Instance:
    """Any instance of a class of the project."""

    cls: Class

    def __hash__(self) -> int:
        return id(self.cls.node) + 2


@dataclass(frozen=True)
class Super:
    """What `super()` gives inside a method of `cls`."""

    cls: Class
    receiver: Value


@dataclass(frozen=True)
class Container:
    """A tuple, list, set, dict or iterator, told apart by the expression that made it."""

    node: cst.CSTNode

    def __hash__(self) -> int:
        return id(self.node)


@dataclass(frozen=True)
class Partial:
    """functools.partial(function, …) made by the call `node`."""

    node: cst.Call
    function: Value


@dataclass(frozen=True)
class Constant:
    """A literal string, number or truth value."""

    value: str | int | bool


@dataclass(frozen=True)
class ProjectModule:
    """A module of the project, by its index in the project."""

    index: int


@dataclass(frozen=True)
class Builtin:
    """A built-in or library function whose way with values is known, such as `next` or `functools.partial`."""

    name: str
    receiver: Value | None = None


@dataclass(frozen=True)
class Plain:
    """A value known to be no legacy object. `none` marks the literal None, `many` stands for constants that were too
    many to tell apart, `answer` is what the newest generation answers to a test for one of its features."""

    none: bool = False
    many: bool = False
    answer: bool | None = None


@dataclass(frozen=True)
class Foreign:
    """Something from another library, or of a class the project does not define."""


@dataclass(frozen=True)
class Current(Foreign):
    """Something of API 2.0, where its members have changed from release to release: `cls` is the class, or "" for the
    package; an object of it, one of its methods with `member`, or the class itself."""

    cls: str
    member: str = ""
    is_class: bool = False


@dataclass(frozen=True)
class BuildingName(Foreign):
    """A module, class or function of a package that models were built with, by its dotted path."""

    path: str


@dataclass(frozen=True)
class Unknown:
    """Could be anything: a parameter nobody is seen to pass, a name nobody is seen to bind. `many` stands for objects
    of the program that were too many to tell apart."""

    many: bool = False


Value = (
    Legacy
    | Suspect
    | LegacyName
    | EnumMember
    | Method
    | Current
    | Function
    | Class
    | Instance
    | Super
    | Container
    | Partial
    | Constant
    | ProjectModule
    | Builtin
    | Plain
    | Foreign
    | BuildingName
    | Unknown
)
Kinds = frozenset[Value]

NOTHING: Kinds = frozenset()
PLAIN: Kinds = frozenset({Plain()})
NONE: Kinds = frozenset({Plain(none=True)})
FOREIGN: Kinds = frozenset({Foreign()})
UNKNOWN: Kinds = frozenset({Unknown()})

_MOST_CONSTANTS = 8
_MOST_OBJECTS = 16
_MANY_CONSTANTS = Plain(many=True)
_MANY_OBJECTS = Unknown(many=True)
_OBJECTS = frozenset({Container, Instance, Function, Class, Partial})


def union(*parts: Kinds) -> Kinds:
    """The union of `parts`. Many different constants together become plain data, many objects of the program become
    unknown, both for good, so that sets stay small and the analysis comes to an end."""
    filled = [part for part in parts if part]
    if len(filled) == 1 and len(filled[0]) <= 1:
        return filled[0]
    result = filled[0].union(*filled[1:]) if filled else NOTHING
    if len(result) <= 1 or (len(result) <= _MOST_CONSTANTS and not result & _CROWDS):
        return result
    types = [type(value) for value in result]
    if types.count(Constant) > _MOST_CONSTANTS or (_MANY_CONSTANTS in result and Constant in types):
        result = frozenset(value for value in result if type(value) is not Constant) | {_MANY_CONSTANTS}
    objects = sum(kind in _OBJECTS for kind in types)
    if objects > _MOST_OBJECTS or (objects and _MANY_OBJECTS in result):
        result = frozenset(value for value in result if type(value) not in _OBJECTS) | {_MANY_OBJECTS}
    return result


_CROWDS: Kinds = frozenset({_MANY_CONSTANTS, _MANY_OBJECTS})
