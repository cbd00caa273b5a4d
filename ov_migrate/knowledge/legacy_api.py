"""The legacy API's surface: which classes make which kinds of objects, and what their members give."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from ov_migrate.knowledge.files import load_packages, load_triggers, read_toml, rules_folder


@dataclass(frozen=True)
class Member:
    """One attribute or method of a kind. `returns` is a kind, or "" for plain data. `calls` names the parameter that is
    called later, and behind it what it is called with: other parameters, or "=kind"."""

    name: str
    returns: str
    is_method: bool
    parameters: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """One kind of legacy object; `key` and `element` are the kinds of its keys and items when it is a container."""

    name: str
    title: str
    classes: tuple[str, ...]
    constructor: tuple[str, ...]
    key: str
    element: str
    members: dict[str, Member]
    class_methods: dict[str, Member]


@dataclass(frozen=True)
class LegacyApi:
    """Everything rules/legacy_api.toml says."""

    packages: tuple[str, ...]
    building_packages: frozenset[str]
    building_functions: frozenset[str]
    building_paths: dict[str, str]
    triggers: tuple[bytes, ...]
    kinds: dict[str, Kind]
    functions: dict[str, Member]
    enums: dict[str, dict[str, int]]
    other_classes: tuple[str, ...]
    other_names: tuple[str, ...]
    ambiguous: frozenset[str]
    everyday: frozenset[str]
    forms: dict[str, str]
    lacking: frozenset[str] = frozenset()
    varying: frozenset[str] = frozenset()
    class_kinds: dict[str, str] = field(default_factory=dict)

    def member(self, kind: str, name: str) -> Member | None:
        """The member `name` of `kind`, or None when the legacy class has no such member."""
        return self.kinds[kind].members.get(name)

    def parameters_of(self, name: str) -> tuple[str, ...]:
        """The parameters of a function, a class (its constructor's), or a class method: `IENetwork.from_ir`."""
        if name in self.functions:
            return self.functions[name].parameters
        cls, _, member = name.partition(".")
        kind = self.kinds.get(self.class_kinds.get(cls, ""))
        if kind is None:
            return ()
        return kind.class_methods[member].parameters if member in kind.class_methods else kind.constructor

    def newest_has(self, kind: str, name: str) -> bool | None:
        """Whether the newest generation's class has the member `name`; None where its releases differ, and for private
        names and classes of which not all is known."""
        known = self.kinds[kind]
        if f"{kind}.{name}" in self.varying or (known.classes and not set(known.classes) - self.lacking):
            return None
        if name in known.members or name in known.class_methods:
            return f"{kind}.{name}" not in self.lacking
        is_all_known = bool(known.classes) and not known.key
        return False if is_all_known and not name.startswith("_") else None

    @cached_property
    def public_names(self) -> frozenset[str]:
        """Names that `from openvino.inference_engine import …` can bring."""
        functions = set(self.functions) - self.building_functions
        return frozenset(self.class_kinds) | functions | set(self.enums) | set(self.other_classes)

    @cached_property
    def distinctive(self) -> frozenset[str]:
        """Member names no other library is known for: seeing one is enough to report it."""
        names = {member for kind in self.kinds.values() for member in kind.members}
        return frozenset(names - self.ambiguous)


def _member(name: str, data: dict[str, Any]) -> Member:
    return Member(name, data["returns"], True, tuple(data["parameters"]), tuple(data.get("calls", ())))


def _kind(name: str, data: dict[str, Any]) -> Kind:
    members = {n: _member(n, d) for n, d in data.get("methods", {}).items()}
    members |= {n: Member(n, returns, False) for n, returns in data.get("attributes", {}).items()}
    return Kind(
        name,
        data["title"],
        tuple(data.get("classes", ())),
        tuple(data.get("constructor", ())),
        data.get("key", ""),
        data.get("element", ""),
        members,
        {n: _member(n, d) for n, d in data.get("class_methods", {}).items()},
    )


@cache
def load_legacy_api() -> LegacyApi:
    """Reads rules/legacy_api.toml once per process."""
    data = read_toml(rules_folder() / "legacy_api.toml")
    kinds = {name: _kind(name, value) for name, value in data["kind"].items()}
    return LegacyApi(
        packages=load_packages(),
        building_packages=frozenset(data["building"]["packages"]),
        building_functions=frozenset(data["building"]["functions"]),
        building_paths=data["building"]["paths"],
        triggers=load_triggers(),
        kinds=kinds,
        functions={
            name: _member(name, value)
            for name, value in (*data["functions"].items(), *data["building"]["functions"].items())
        },
        enums=data["enum"],
        other_classes=tuple(data["other"]["classes"]),
        other_names=tuple(data["other"]["names"]),
        ambiguous=frozenset(data["ambiguous"]),
        everyday=frozenset(data["everyday"]),
        forms=data["forms"],
        lacking=frozenset(data["newest"]["lacks"]),
        varying=frozenset(data["newest"]["varies"]),
        class_kinds={cls: name for name, kind in kinds.items() for cls in kind.classes},
    )
