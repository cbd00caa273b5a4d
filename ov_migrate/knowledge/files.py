"""Finds and reads the TOML files of rules/, in a checkout as in an installed wheel."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_PACKAGE = Path(__file__).resolve().parent.parent


@cache
def rules_folder() -> Path:
    """The folder rules/: beside the package in a checkout, inside it in a wheel."""
    inside = _PACKAGE / "rules"
    return inside if inside.is_dir() else _PACKAGE.parent / "rules"


def read_toml(path: Path) -> dict[str, Any]:
    """The content of one TOML file; raises `tomllib.TOMLDecodeError` with the line when it is malformed."""
    with open(path, "rb") as file:
        return tomllib.load(file)


@cache
def load_packages() -> tuple[str, ...]:
    """Dotted names of the legacy packages."""
    return tuple(read_toml(rules_folder() / "packages.toml")["packages"])


@cache
def load_triggers() -> tuple[bytes, ...]:
    """Words of which at least one stands in every file with legacy code."""
    return tuple(word.encode() for word in read_toml(rules_folder() / "packages.toml")["triggers"])


@cache
def load_members() -> tuple[bytes, ...]:
    """Members of the legacy API that betray its use in a file that does not import it."""
    return tuple(b"." + word.encode() for word in read_toml(rules_folder() / "packages.toml")["members"])


@cache
def load_suspects() -> tuple[tuple[bytes, ...], ...]:
    """Words that stand together in a file that may use the legacy API and does not import it: all of one entry."""
    forms = read_toml(rules_folder() / "packages.toml")["forms"]
    return tuple((word,) for word in load_members()) + tuple(tuple(map(str.encode, form)) for form in forms)


@cache
def load_drift() -> tuple[bytes, tuple[bytes, ...]]:
    """The name of the package, and the words that beside it tell of drift inside API 2.0."""
    data = read_toml(rules_folder() / "packages.toml")
    return data["package"].encode(), tuple(word.encode() for word in data["drift"])
