"""The options of one run, from the command line and from `[tool.ov-migrate]`."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

DEFAULT_TARGET = (2023, 1)
_OLDEST, _NEWEST = (2022, 1), (2026, 4)
_KEYS: dict[str, type] = {
    "target": str, "select": list, "ignore": list, "annotate": bool, "jobs": int, "model": list,
    "extend-exclude": list, "per-file-ignores": dict, "pin-io-types": bool, "tidy": bool,
    "rename-variables": bool,
}  # fmt: skip
_KINDS: dict[type, str] = {
    str: "a string", bool: "true or false", int: "a number", list: "a list of strings",
    dict: "a table of lists of strings",
}  # fmt: skip


class UsageError(Exception):
    """Something in the options is wrong; the text is one line that says what and what to do."""


@dataclass(frozen=True)
class Settings:
    """Everything a run depends on. `select` and `ignore` hold selectors as the user wrote them; with `places` the
    records say where in the texts each site stands, with `hand_over` what a person needs to finish what is left."""

    target: tuple[int, int] = DEFAULT_TARGET
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    annotate: bool = True
    write: bool = True
    jobs: int = 1
    models: tuple[str, ...] = ()
    pin_io_types: bool = False
    tidy: bool = False
    rename_variables: bool = False
    extend_exclude: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    places: bool = False
    hand_over: bool = True
    folder: str = ""  # of the configuration file
    file: str = ""  # the configuration file

    @property
    def target_text(self) -> str:
        return f"{self.target[0]}.{self.target[1]}"


def close_matches(word: str, known: Sequence[str]) -> list[str]:
    """The known word that a misspelt one was probably meant to be, if there is one."""
    from difflib import get_close_matches

    return get_close_matches(word, known, 1)


def parse_target(text: str) -> tuple[int, int]:
    """`"2023.1"` → `(2023, 1)`; raises UsageError for anything that is no release from 2022.1 to 2026.4."""
    match = re.fullmatch(r"(\d{4})\.(\d)(?:\.\d+)?", text)
    version = (int(match[1]), int(match[2])) if match else (0, 0)
    if not _OLDEST <= version <= _NEWEST:
        raise UsageError(f"target {text!r} is no OpenVINO release from 2022.1 to 2026.4; write it like 2023.1")
    return version


def selected_codes(settings: Settings, ignored: tuple[str, ...] = ()) -> frozenset[str]:
    """The codes of the rules that `select`, `ignore` and what else is `ignored` leave; raises UsageError for a selector
    that means none."""
    from ov_migrate.knowledge.catalogue import load_catalogue

    catalogue = load_catalogue()

    def codes(selectors: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for selector in selectors:
            rules = catalogue.matching(selector)
            if not rules:
                names = [*(r.slug for r in catalogue.rules), *(r.code for r in catalogue.rules)]
                close = close_matches(selector, [*names, *{r.step for r in catalogue.rules}])
                hint = f"; did you mean {close[0]}?" if close else "; `ov-migrate rules` lists them"
                raise UsageError(f"{_place(settings, selector)}no rule or step is called {selector!r}{hint}")
            found |= {rule.code for rule in rules}
        return found

    chosen = codes(settings.select) if settings.select else {rule.code for rule in catalogue.rules}
    return frozenset(chosen - codes((*settings.ignore, *ignored)))


def _place(settings: Settings, selector: str) -> str:
    """The configuration file, if the selector is from there and not from the command line."""
    table = config_table(Path(settings.file)) if settings.file else {}
    per_file = table.get("per-file-ignores", {}).values()
    written = (table.get("select", []), table.get("ignore", []), *per_file)
    return f"{settings.file}: " if any(selector in selectors for selectors in written) else ""


def find_config(start: Path) -> Path | None:
    """The nearest pyproject.toml with a `[tool.ov-migrate]` table, from `start` upwards; raises UsageError for a table
    whose name is almost that."""
    for folder in (start, *start.parents):
        path = folder / "pyproject.toml"
        if os.path.isfile(path) and _has_table(path):
            return path
    return None


def _has_table(path: Path) -> bool:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    if b"tool.ov-migrate" in data:
        return True
    misspelt = re.search(rb"^\[tool\.(ov_?migrate|ovm)[.\]]", data, re.MULTILINE)
    if misspelt:
        raise UsageError(f"{path}: unknown table [tool.{misspelt[1].decode()}]; did you mean [tool.ov-migrate]?")
    # TOML has more ways to write the name of a table.
    return b"ov-migrate" in data and bool(config_table(path))


def config_table(path: Path) -> dict[str, Any]:
    """The file's `[tool.ov-migrate]` as it stands there; raises UsageError for a file that cannot be read, that is no
    TOML, or in which that is no table."""
    from ov_migrate.knowledge.files import read_toml

    try:
        data = read_toml(path)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not valid TOML: {error}") from error
    tools = data.get("tool", {})
    table = tools.get("ov-migrate", {}) if isinstance(tools, dict) else None
    if not isinstance(table, dict):
        raise UsageError(f"{path}: tool.ov-migrate must be a table")
    return table


def apply_config(settings: Settings, path: Path) -> Settings:
    """`settings` with what the file's `[tool.ov-migrate]` says; raises UsageError that names the file and the key."""
    table = config_table(path)
    values = {key.replace("-", "_"): _value(path, key, value) for key, value in table.items()}
    if "model" in values:
        # A path in a file is meant from the file's folder.
        values["models"] = tuple(str(path.parent / name) for name in values.pop("model"))
    return replace(settings, folder=str(path.absolute().parent), file=str(path), **values)


def overridden(settings: Settings, target: str | None, **given: Any) -> Settings:
    """`settings` with what the command line gives; an option that was not given (None) changes nothing."""
    if target is not None:
        given["target"] = parse_target(target)
    return replace(settings, **{name: value for name, value in given.items() if value is not None})


def _value(path: Path, key: str, value: Any) -> Any:
    if key not in _KEYS:
        close = close_matches(key, list(_KEYS))
        hint = f"; did you mean {close[0]!r}?" if close else f"; known keys: {', '.join(_KEYS)}"
        raise UsageError(f"{path}: unknown key {key!r} in [tool.ov-migrate]{hint}")
    wanted = _KEYS[key]
    fits = _is_list(value) if wanted is list else type(value) is wanted
    if wanted is dict and fits:
        fits = all(_is_list(item) for item in value.values())
    if not fits:
        raise UsageError(f"{path}: {key} in [tool.ov-migrate] must be {_KINDS[wanted]}")
    if key == "jobs" and value < 0:
        raise UsageError(f"{path}: jobs in [tool.ov-migrate] must be 0, for one process a core, or more")
    if key == "target":
        try:
            return parse_target(str(value))
        except UsageError as error:
            raise UsageError(f"{path}: {error}") from error
    if wanted is dict:
        return tuple((pattern, tuple(selectors)) for pattern, selectors in value.items())
    return tuple(value) if wanted is list else value


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def config_keys() -> dict[str, str]:
    """The keys of `[tool.ov-migrate]`, and what their values have to be."""
    return {key: _KINDS[kind] for key, kind in _KEYS.items()}
