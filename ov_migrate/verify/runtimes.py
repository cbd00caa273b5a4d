"""Python environments with a given OpenVINO: found where they are, made where they are missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# The last release with both APIs, the newest one, and the true old one.
BOTH, NEWEST, OLD = "2023.3.0", "2026.4.1", "2021.4.2"

# Release -> the Python versions it has wheels for, and what has to be installed with it.
_PYTHONS = {
    BOTH: ((3, 8), (3, 11)),
    NEWEST: ((3, 10), (3, 14)),
    OLD: ((3, 6), (3, 9)),
}
_REQUIREMENTS = {BOTH: ("numpy<2",), NEWEST: (), OLD: ()}
_FOLDER = "OV_MIGRATE_RUNTIMES"


class NoRuntime(Exception):
    """There is no environment for a release and none could be made; the text says what to do."""


@dataclass(frozen=True)
class Runtime:
    """One environment: the release of OpenVINO and the interpreter that has it."""

    release: str
    python: str


def folder() -> Path:
    """Where environments are kept: $OV_MIGRATE_RUNTIMES, or the user's cache folder."""
    given = os.environ.get(_FOLDER)
    if given:
        return Path(given)
    cache_folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache_folder) / "ov-migrate" / "runtimes"


def find(release: str) -> Runtime | None:
    """The environment with exactly `release`: the running interpreter, or one made before."""
    if installed_release(sys.executable) == release:
        return Runtime(release, sys.executable)
    python = _python_of(folder() / release)
    return Runtime(release, str(python)) if python.exists() else None


def find_or_make(release: str) -> Runtime:
    """As `find`, but makes the environment when there is none; raises NoRuntime when that fails."""
    return find(release) or make(release)


def make(release: str) -> Runtime:
    """Makes a virtual environment with `release` in the folder of environments."""
    low, high = _PYTHONS[release]
    interpreter = next((p for p in interpreters() if low <= _version(p) <= high), None)
    target = folder() / release
    unfinished = target.with_name(f"{release}.{os.getpid()}")
    if interpreter is not None:
        creation = [interpreter, "-m", "venv", str(unfinished)]
    elif shutil.which("uv"):
        creation = ["uv", "venv", "--quiet", "--seed", "--python", f"{high[0]}.{high[1]}", str(unfinished)]
    else:
        wanted = f"{low[0]}.{low[1]} to {high[0]}.{high[1]}"
        raise NoRuntime(f"openvino {release} needs a Python {wanted} and none was found; install one, or set {_FOLDER}")
    try:
        _run(creation)
        requirements = [f"openvino=={release}", *_REQUIREMENTS[release]]
        _run(
            [
                str(_python_of(unfinished)),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                *requirements,
            ]
        )
        if not target.exists():
            unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Runtime(release, str(_python_of(target)))


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no message"]
        raise NoRuntime(f"`{' '.join(command)}` failed: {last[0]}")


def _python_of(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


@cache
def installed_release(python: str) -> str:
    """The release of the OpenVINO that an interpreter has, "" for none."""
    code = "from importlib.metadata import version as v; print(v('openvino'))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


@cache
def _version(python: str) -> tuple[int, int]:
    code = "import sys; print(*sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=20)
        major, minor = done.stdout.split()
        return int(major), int(minor)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return 0, 0


def interpreters() -> list[str]:
    """Interpreters on this machine: the running one, those on the PATH, and those of pyenv; newest first."""
    found = [sys.executable]
    for minor in range(14, 5, -1):
        path = shutil.which(f"python3.{minor}")
        if path:
            found.append(path)
    roots = [Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")]
    roots += [Path(path).parent.parent for path in found if Path(path).parent.name == "shims"]
    pythons = {str(path) for root in roots for path in (root / "versions").glob("3.*/bin/python")}
    found += sorted(pythons, key=lambda path: _version(path), reverse=True)
    return [path for path in dict.fromkeys(found) if _version(path) > (0, 0)]
