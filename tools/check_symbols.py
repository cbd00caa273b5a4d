"""Checks rules/ against the symbol tables of OpenVINO's own releases.

usage: check_symbols.py [RELEASE...]     (2021.4.2, 2023.3.0 and the newest, as far as they are there)

Every public class, member, function, enumeration value, configuration key and metric of a release with the legacy API
has a rule or is listed in rules/legacy_api.toml; every name of nGraph has a place today or an advice; every replacement
exists in every release that it is written for. Exit code 1 when something is missing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ov_migrate.knowledge.catalogue import load_catalogue
from ov_migrate.knowledge.current_api import load_current_api
from ov_migrate.knowledge.legacy_api import load_legacy_api
from ov_migrate.verify.runtimes import BOTH, NEWEST, OLD, Runtime, find

_SYMBOLS = Path(__file__).with_name("symbols_of_release.py")
_LEGACY, _CURRENT = (OLD, BOTH), (BOTH, NEWEST)


def symbols(runtime: Runtime, *paths: str) -> dict[str, Any]:
    """What symbols_of_release.py prints in an environment; raises CalledProcessError when it fails."""
    command = [runtime.python, str(_SYMBOLS), *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def legacy_problems(found: dict[str, Any]) -> Iterator[str]:
    """What the rules do not know of the legacy API of one release."""
    api, catalogue = load_legacy_api(), load_catalogue()
    for cls, members in found["classes"].items():
        kind = api.class_kinds.get(cls)
        if kind is None:
            if cls not in api.other_classes:
                yield f"class {cls} is not known"
            continue
        known = {*api.kinds[kind].members, *api.kinds[kind].class_methods, *_given_elsewhere(cls)}
        yield from (f"{cls}.{member} is not known" for member in members if member not in known)
    for enum, values in found["enums"].items():
        known = {name: api.enums.get(enum, {}).get(name) for name in values}
        if enum not in api.other_classes and known != values:
            yield f"the values of {enum} are not known"
    names = {*api.functions, *api.other_names}
    yield from (f"{name} is not known" for name in (*found["functions"], *found["others"]) if name not in names)
    yield from _unknown_keys(found["SUPPORTED_CONFIG_KEYS"] + found["SUPPORTED_METRICS"], catalogue.tables)
    current = load_current_api()
    for name in found["ngraph"]:
        if current.relocation(f"ngraph.{name}") is None and not current.advice(f"ngraph.{name}"):
            yield f"ngraph.{name} has neither a place today nor an advice"


# Classes of which several kinds of objects are instances, each with members of its own.
_FAMILIES = {
    "DataPtr": ("input_data", "output_data"),
    "CDataPtr": ("input_data", "output_data"),
    "Blob": ("blob", "input_blob", "output_blob"),
}


def _given_elsewhere(cls: str) -> frozenset[str]:
    kinds = load_legacy_api().kinds
    return frozenset(member for kind in _FAMILIES.get(cls, ()) for member in kinds[kind].members)


def _unknown_keys(keys: list[str], tables: dict[str, dict[str, str]]) -> Iterator[str]:
    for key in keys:
        tables_with = ("properties", "pair_keys", "properties_kept", "config_gone")
        if not any(key in tables[name] for name in tables_with):
            yield f"the key {key} is not known"


def replacements(release: tuple[int, int], building: set[str]) -> list[str]:
    """The paths that new code for a release may use; `building` are names of nGraph."""
    current, tables = load_current_api(), load_catalogue().tables
    paths = [f"openvino.{name}" for name, since in current.since.items() if since <= release]
    old = {*current.moved, *(f"ngraph.{name}" for name in building)}
    places = [current.relocation(path) for path in old if not current.advice(path)]
    paths += [place.path for place in places if place is not None and place.since <= release]
    paths += [f"openvino.Type.{name}" for name in tables["element_types"].values()]
    paths += [f"openvino.{name}" for name in current.used]
    return sorted(set(paths))


def current_problems(release: str, runtime: Runtime) -> Iterator[str]:
    """Replacements that one release with API 2.0 lacks."""
    year, minor = release.split(".")[:2]
    builders = find(BOTH)
    building = set(symbols(builders)["ngraph"]) if builders is not None else set()
    found = symbols(runtime, *replacements((int(year), int(minor)), building))
    yield from (f"{path} does not exist" for path in found["missing"])
    tables = load_catalogue().tables
    names = {*tables["properties"].values(), *tables["pair_keys"].values()}
    kept = {key for key, devices in tables["properties_kept"].items() if devices == "all"}
    unknown = (names | kept) - set(found["properties"]) - set(tables["properties_unlisted"])
    yield from (f"the property {name} does not exist" for name in sorted(unknown))


def problems(release: str, runtime: Runtime) -> list[str]:
    """All that is missing for one release."""
    found = list(legacy_problems(symbols(runtime))) if release in _LEGACY else []
    return found + (list(current_problems(release, runtime)) if release in _CURRENT else [])


def main(releases: list[str]) -> int:
    """Prints what is missing; gives the exit code."""
    count = 0
    for release in releases or (OLD, BOTH, NEWEST):
        runtime = find(release)
        if runtime is None:
            print(f"{release}: no environment, not checked")
            continue
        found = problems(release, runtime)
        count += len(found)
        for text in found:
            print(f"{release}: {text}")
        print(f"{release}: {len(found)} missing")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
