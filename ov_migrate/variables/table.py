"""What a name becomes, after rules/variables.toml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ov_migrate.inference.values import Current, Kinds, Plain, Value
from ov_migrate.knowledge.files import read_toml, rules_folder


@dataclass(frozen=True)
class _Names:
    new: str
    whole: frozenset[str]
    suffixes: tuple[str, ...]


@cache
def _table() -> dict[str, _Names]:
    data = read_toml(rules_folder() / "variables.toml")
    return {
        cls: _Names(row["new"], frozenset(row["whole"]), tuple(sorted(row.get("suffixes", ()), key=len, reverse=True)))
        for cls, row in data.items()
    }


def new_name(name: str, reads: list[Kinds]) -> str:
    """What a variable of this name becomes, given all that is read from it; "" when it stays. It stays unless each
    read gives an object of one and the same class of API 2.0, or None."""
    classes = {_class(value) for kinds in reads for value in kinds if value not in _NONE}
    names = _table().get(classes.pop()) if len(classes) == 1 and all(reads) else None
    if names is None or name.startswith("__"):
        return ""
    bare = name.lstrip("_")
    front = name[: len(name) - len(bare)]
    if bare in names.whole:
        return front + names.new
    suffix = next((suffix for suffix in names.suffixes if bare.endswith(suffix)), "")
    return front + bare.removesuffix(suffix) + "_" + names.new if suffix else ""


_NONE = frozenset({Plain(none=True)})


def _class(value: Value) -> str:
    """The class of an object of API 2.0; "" for all else."""
    if isinstance(value, Current) and not value.member and not value.is_class:
        return value.cls
    return ""
