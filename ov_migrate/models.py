"""Reads the models that are given with --model. OpenVINO runs in a process of its own: it is never imported here, and a
file that makes it crash costs nothing but the facts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from ov_migrate.knowledge import model_facts
from ov_migrate.knowledge.model_facts import ModelFacts
from ov_migrate.settings import UsageError
from ov_migrate.verify.runtimes import BOTH, NEWEST, find, installed_release

_READER = Path(__file__).with_name("knowledge") / "read_model.py"
_TIME_LIMIT = 300.0


class ModelError(Exception):
    """A model does not load; the text says why."""


def read_models(paths: Sequence[str]) -> tuple[tuple[ModelFacts, ...], dict[str, str]]:
    """The facts of each model that loads, and for each that does not the reason by its path.

    Raises UsageError when there is no OpenVINO to read them with.
    """
    found: list[ModelFacts] = []
    failures: dict[str, str] = {}
    for path in dict.fromkeys(paths):
        try:
            found.append(_read(path))
        except ModelError as error:
            failures[path] = str(error)
    return tuple(found), failures


def _read(path: str) -> ModelFacts:
    try:
        modified = Path(path).stat().st_mtime_ns
    except OSError as error:
        raise ModelError(f"cannot be read: {error.strerror}") from error
    return _read_once(_interpreter(), path, modified)


@cache
def _read_once(python: str, path: str, modified: int) -> ModelFacts:
    command = [python, str(_READER), path]
    is_other = python != sys.executable
    environment = {k: v for k, v in os.environ.items() if not (is_other and k.startswith("PYTHON"))}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, errors="replace", timeout=_TIME_LIMIT
        )
    except subprocess.TimeoutExpired as late:
        raise ModelError("does not load: OpenVINO did not end in time") from late
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or [f"OpenVINO ended with status {done.returncode}"]
        raise ModelError(f"does not load: {reason[0]}")
    return model_facts.model_facts(path, json.loads(done.stdout.splitlines()[-1]))


@cache
def _interpreter() -> str:
    """The running Python, or one that `ov-migrate verify` has made, with an OpenVINO that reads models."""
    release = installed_release(sys.executable)
    if release and int(release.split(".")[0]) >= 2022:
        return sys.executable
    runtime = find(BOTH) or find(NEWEST)
    if runtime is None:
        raise UsageError("--model needs OpenVINO, which is not installed here: pip install 'ov-migrate[verify]'")
    return runtime.python
