"""Python environments with a given OpenVINO: found where they are, made where they are missing."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# The last release with both APIs, the newest one, the true old one, and the first one with API 2.0.
BOTH, NEWEST, OLD, FIRST = "2023.3.0", "2026.4.1", "2021.4.2", "2022.1.0"
# The first release with API 2.0, and the first one without the legacy API.
_FIRST_NEW, _FIRST_WITHOUT_OLD = (2022, 1), (2024, 0)

# Release -> the Python versions it has wheels for, and what has to be installed with it.
_PYTHONS = {
    BOTH: ((3, 8), (3, 11)),
    NEWEST: ((3, 10), (3, 14)),
    OLD: ((3, 6), (3, 9)),
    FIRST: ((3, 6), (3, 9)),
}
_REQUIREMENTS = {BOTH: ("numpy<2",), NEWEST: (), OLD: (), FIRST: ()}
_FOLDER = "OV_MIGRATE_RUNTIMES"


class NoRuntime(Exception):
    """There is no environment for a release and none could be made; the text says what to do."""


@dataclass(frozen=True)
class Runtime:
    """One environment: the release of OpenVINO and the interpreter that has it."""

    release: str
    python: str

    @property
    def version(self) -> tuple[int, int]:
        """The release as year and number."""
        return _release_version(self.release)


@dataclass(frozen=True)
class Wanted:
    """What a user says of environments: interpreters given by hand, and what programs need besides OpenVINO."""

    legacy_python: str = ""
    python: str = ""
    packages: tuple[str, ...] = ()
    requirements: str = ""

    @property
    def has_packages(self) -> bool:
        return bool(self.packages or self.requirements)

    def key(self) -> str:
        """A short name of the packages; environments with the same ones are shared."""
        if not self.has_packages:
            return ""
        listed = Path(self.requirements).read_bytes() if self.requirements else b""
        return "-" + hashlib.sha256("\n".join(sorted(self.packages)).encode() + b"\0" + listed).hexdigest()[:12]


def folder() -> Path:
    """Where environments are kept: $OV_MIGRATE_RUNTIMES, or the user's cache folder."""
    given = os.environ.get(_FOLDER)
    if given:
        return Path(given)
    cache_folder = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache_folder) / "ov-migrate" / "runtimes"


def legacy_runtime(wanted: Wanted, tell: Callable[[str], None]) -> Runtime:
    """The environment for the legacy side: the one given by hand, the running interpreter when it has the legacy API,
    or one with 2023.3.0. Raises NoRuntime."""
    if wanted.legacy_python:
        given = _given(wanted.legacy_python, "--legacy-python")
        if given.version >= _FIRST_WITHOUT_OLD:
            raise NoRuntime(
                f"--legacy-python {given.python} has OpenVINO {given.release}, which has no legacy API any more; "
                f"give one with {BOTH} or older"
            )
        return given
    own = _own(wanted)
    if own is not None and _FIRST_NEW <= own.version < _FIRST_WITHOUT_OLD:
        return own
    return _found_or_made(BOTH, wanted, tell)


def older_runtime(wanted: Wanted, tell: Callable[[str], None]) -> Runtime | None:
    """The environment for programs of 2018 to 2021 that use what 2021.4 had last; None where there can be none."""
    if wanted.legacy_python:
        return None
    try:
        return _found_or_made(OLD, wanted, tell)
    except NoRuntime as reason:
        tell(f"{reason}; it would run programs that use what OpenVINO 2021.4 had last")
        return None


def newest_runtime(wanted: Wanted, tell: Callable[[str], None]) -> Runtime:
    """The environment for API 2.0: the one given by hand, the running interpreter when it has today's OpenVINO only,
    or one with the newest release; where that cannot be made, the running interpreter. Raises NoRuntime."""
    if wanted.python:
        given = _given(wanted.python, "--python")
        if given.version < _FIRST_NEW:
            raise NoRuntime(
                f"--python {given.python} has OpenVINO {given.release}, which has no API 2.0; give 2022.1 or later"
            )
        return given
    own = _own(wanted)
    if own is not None and own.version >= _FIRST_WITHOUT_OLD:
        return own
    try:
        return _found_or_made(NEWEST, wanted, tell)
    except NoRuntime as reason:
        if own is None or own.version < _FIRST_NEW:
            raise
        tell(f"{reason}; OpenVINO {own.release}, which has both APIs, serves for both sides")
        return own


def _given(python: str, option: str) -> Runtime:
    path = shutil.which(python)
    if path is None:
        raise NoRuntime(f"{option} {python}: no such program")
    release = installed_release(path)
    if not release:
        raise NoRuntime(f"{option} {python}: it has no OpenVINO; install openvino there")
    return Runtime(release, path)


def _own(wanted: Wanted) -> Runtime | None:
    """The running interpreter, when it has OpenVINO and nothing has to be installed with it."""
    release = "" if wanted.has_packages else installed_release(sys.executable)
    return Runtime(release, sys.executable) if release else None


def _found_or_made(release: str, wanted: Wanted, tell: Callable[[str], None]) -> Runtime:
    try:
        found = find(release, wanted)
    except OSError as error:
        raise NoRuntime(f"{wanted.requirements}: cannot be read: {error.strerror}") from error
    if found is None:
        tell(f"Making an environment with openvino {release} (once) …")
        found = make(release, wanted)
    return found


def find(release: str, wanted: Wanted | None = None) -> Runtime | None:
    """The environment with exactly `release`: the running interpreter, or one made before."""
    wanted = wanted or Wanted()
    if not wanted.has_packages and installed_release(sys.executable) == release:
        return Runtime(release, sys.executable)
    python = _python_of(folder() / (release + wanted.key()))
    return Runtime(release, str(python)) if python.exists() else None


def find_or_make(release: str) -> Runtime:
    """As `find`, but makes the environment when there is none; raises NoRuntime when that fails."""
    return find(release) or make(release)


def make(release: str, wanted: Wanted | None = None) -> Runtime:
    """Makes a virtual environment with `release`, and what else is wanted, in the folder of environments."""
    wanted = wanted or Wanted()
    target = folder() / (release + wanted.key())
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    uv = shutil.which("uv")
    requirements = [f"openvino=={release}", *_REQUIREMENTS[release], *wanted.packages]
    requirements += ["-r", wanted.requirements] if wanted.requirements else []
    python = str(_python_of(unfinished))
    try:
        _run(_creation(release, unfinished, uv))
        if uv:
            _run([uv, "pip", "install", "--quiet", "--python", python, *requirements])
        else:
            _run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements])
        if not target.exists():
            unfinished.rename(target)
    except OSError as error:
        raise NoRuntime(f"{target}: cannot be made: {error.strerror}") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Runtime(release, str(_python_of(target)))


def interpreter_for(release: str) -> str | None:
    """An interpreter on this machine that has wheels of `release`."""
    low, high = _PYTHONS[release]
    return next((python for python in interpreters() if low <= python_version(python) <= high), None)


def needed_pythons(release: str) -> str:
    """The Python versions that a release has wheels for, in words."""
    (_, low), (_, high) = _PYTHONS[release]
    return f"Python 3.{low} to 3.{high}"


def _creation(release: str, target: Path, uv: str | None) -> list[str]:
    interpreter = interpreter_for(release)
    if interpreter is not None:
        return (
            [uv, "venv", "--quiet", "--python", interpreter, str(target)]
            if uv
            else [interpreter, "-m", "venv", str(target)]
        )
    if uv:
        high = _PYTHONS[release][1]
        return [uv, "venv", "--quiet", "--python", f"{high[0]}.{high[1]}", str(target)]
    raise NoRuntime(
        f"openvino {release} needs a {needed_pythons(release)} and none was found; install one, or uv, or set {_FOLDER}"
    )


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no message"]
        raise NoRuntime(
            f"`{' '.join(command)}` failed: {last[0]}. An environment is made once, which needs the network; "
            "--legacy-python and --python take interpreters that have all"
        )


def _python_of(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _release_version(release: str) -> tuple[int, int]:
    numbers = re.findall(r"\d+", release)
    return (int(numbers[0]), int(numbers[1])) if len(numbers) > 1 else (0, 0)


@cache
def installed_release(python: str) -> str:
    """The release of the OpenVINO that an interpreter has, "" for none."""
    code = "from importlib.metadata import version as v; print(v('openvino'))"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


@cache
def python_version(python: str) -> tuple[int, int]:
    """The version of an interpreter; (0, 0) for what is none."""
    code = "import sys; print(*sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, timeout=20)
        major, minor = done.stdout.split()
        return int(major), int(minor)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return 0, 0


@cache
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
    found += sorted(pythons, key=lambda path: python_version(path), reverse=True)
    return [path for path in dict.fromkeys(found) if python_version(path) > (0, 0)]
