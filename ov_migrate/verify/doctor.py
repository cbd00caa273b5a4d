"""What `ov-migrate verify --doctor` says: which environments there are, what is missing, what to do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from ov_migrate.verify.runtimes import (
    BOTH,
    NEWEST,
    OLD,
    NoRuntime,
    Runtime,
    Wanted,
    find,
    folder,
    installed_release,
    interpreter_for,
    interpreters,
    legacy_runtime,
    needed_pythons,
    newest_runtime,
    python_version,
)

_LEGACY_CHECK = "from openvino.inference_engine import IECore; print(*IECore().available_devices)"
_NEW_CHECK = """
try:
    from openvino import Core
except ImportError:
    from openvino.runtime import Core
print(*Core().available_devices)
"""


@dataclass
class Diagnosis:
    """The lines to print, and whether programs can be verified here and now, or after environments were made."""

    lines: list[str]
    is_well: bool


class _Missing(Exception):
    """An environment would have to be made; the text says of which release."""


def examine(wanted: Wanted) -> Diagnosis:
    """Looks at both sides without making anything."""
    lines = list(_machine())
    sides = [_side("legacy side", True, wanted), _side("API 2.0 side", False, wanted)]
    lines += [line for line, _ in sides]
    old = find(OLD)
    lines.append(
        f"2021.4.2:     {old.python if old else 'not there; needed only for programs that use what 2021.4 had last'}"
    )
    is_well = all(well for _, well in sides)
    lines.append("All is there." if is_well else "Something is missing: see above.")
    return Diagnosis(lines, is_well)


def _machine() -> Iterator[str]:
    release = installed_release(sys.executable)
    version = _text(python_version(sys.executable))
    yield f"this Python:  {sys.executable} ({version}), OpenVINO {release or 'not installed'}"
    found = [f"{_text(python_version(path))} ({path})" for path in interpreters()]
    yield f"interpreters: {', '.join(found)}"
    yield f"uv:           {shutil.which('uv') or 'not found; venv and pip serve'}"
    yield f"environments: {folder()}"


def _text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _side(name: str, is_legacy: bool, wanted: Wanted) -> tuple[str, bool]:
    label = f"{name + ':':<13} "
    try:
        runtime = legacy_runtime(wanted, _refuse) if is_legacy else newest_runtime(wanted, _refuse)
    except _Missing:
        return label + _how_to_make(BOTH if is_legacy else NEWEST), _can_be_made(BOTH if is_legacy else NEWEST)
    except NoRuntime as error:
        return label + str(error), False
    problem = _problem(runtime, is_legacy)
    said = problem or "works"
    return f"{label}OpenVINO {runtime.release} in {runtime.python}: {said}", not problem


def _refuse(text: str) -> None:
    raise _Missing(text)


def _can_be_made(release: str) -> bool:
    return interpreter_for(release) is not None or shutil.which("uv") is not None


def _how_to_make(release: str) -> str:
    if _can_be_made(release):
        return f"no environment with openvino {release} yet; the first `verify` makes it (this needs the network once)"
    return f"openvino {release} needs a {needed_pythons(release)}, and none was found; install one, or uv"


def _problem(runtime: Runtime, is_legacy: bool) -> str:
    """What keeps a runtime from working; "" for nothing."""
    code = _LEGACY_CHECK if is_legacy else _NEW_CHECK
    try:
        done = subprocess.run([runtime.python, "-c", code], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"cannot be started: {error}"
    if done.returncode:
        return f"does not work: {(done.stderr.strip().splitlines() or ['no message'])[-1]}"
    return "" if "CPU" in done.stdout.split() else "finds no CPU device"
