"""Where a name of API 2.0 or of nGraph lives today, after rules/current_api.toml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ov_migrate.knowledge.files import read_toml, rules_folder

_BUILDING = "ngraph"
_OLD, _NEW = "openvino.runtime", "openvino"


@dataclass(frozen=True)
class Relocation:
    """The path that stands for another one today; `older` is where releases in front of `since` have it."""

    path: str
    older: str
    since: tuple[int, int]


@dataclass(frozen=True)
class CurrentApi:
    """Everything rules/current_api.toml says."""

    since: dict[str, tuple[int, int]]
    moved: dict[str, str]
    gone: dict[str, str]
    builders: frozenset[str]
    used: tuple[str, ...]
    objects: dict[str, dict[str, str]]
    renamed: dict[str, str]
    keywords: dict[str, str]
    changed: dict[str, str]
    accepted: dict[str, dict[str, str]]
    refused: dict[str, str]
    functions: dict[str, str]
    callbacks: dict[str, str]

    def relocation(self, path: str) -> Relocation | None:
        """Where what `path` meant is today; None when it has no place, or none that is known."""
        if self.advice(path):
            return None
        front = next((known for known in _fronts(path) if known in self.moved), "")
        if not front or (front == _BUILDING and not self._is_builder(path)):
            return None
        new = self.moved[front] + path.removeprefix(front)
        top = new.split(".")[1] if "." in new else ""
        if not top:
            return Relocation(new, _OLD, (2023, 1))
        since = self.since.get(top)
        return Relocation(new, _OLD + new.removeprefix(_NEW), since) if since is not None else None

    def has(self, name: str) -> bool:
        """True for a name that openvino itself has today."""
        return name in self.since or any(place.split(".")[1:2] == [name] for place in self.moved.values())

    def _is_builder(self, path: str) -> bool:
        """True for the package that models were built with, and for a builder of its own."""
        return path == _BUILDING or path.split(".")[1] in self.builders

    def advice(self, path: str) -> str:
        """What to do about a path that has no place today; "" for one that is not known to be gone."""
        known = next((front for front in _fronts(path) if front in self.gone or front in self.moved), "")
        return self.gone.get(known, "")


def _fronts(path: str) -> list[str]:
    """The path and what it begins with, longest first."""
    parts = path.split(".")
    return [".".join(parts[:length]) for length in range(len(parts), 0, -1)]


@cache
def load_current_api() -> CurrentApi:
    """Reads rules/current_api.toml once per process."""
    data = read_toml(rules_folder() / "current_api.toml")
    since = {name: _release(release) for release, names in data["since"].items() for name in names}
    return CurrentApi(
        since,
        data["moved"],
        data["gone"],
        frozenset(data["builders"]["opset7"]),
        tuple(data["members"]["used"]),
        **data["drift"],
    )


def _release(text: str) -> tuple[int, int]:
    year, minor = text.split(".")
    return int(year), int(minor)
