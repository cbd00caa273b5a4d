"""Runs a program in a runtime, in a folder of its own, with a time limit."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ov_migrate.verify.runtimes import Runtime

_RUNNER = Path(__file__).with_name("run_program.py")
TIME_LIMIT = 120.0


@dataclass(frozen=True)
class Outcome:
    """What a program did: its exit status (None when it was stopped), and all that it wrote."""

    release: str
    status: int | None
    output: str
    errors: str

    @property
    def failure(self) -> str:
        """One line that says why the program did not end well; "" when it did."""
        if self.status is None:
            return "did not end in time"
        if self.status == 0:
            return ""
        lines = [line for line in self.errors.strip().splitlines() if line.strip()]
        return f"exit status {self.status}: {lines[-1] if lines else 'no message'}"


def run(
    runtime: Runtime,
    program: Path,
    files: Mapping[str, Path],
    arguments: Sequence[str] = (),
    time_limit: float = TIME_LIMIT,
) -> Outcome:
    """Runs `program` in a new folder that holds links to `files` (name → path)."""
    with tempfile.TemporaryDirectory(prefix="ov-migrate-") as folder:
        for name, path in files.items():
            os.symlink(path.resolve(), Path(folder) / name)
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
        environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"}
        command = [runtime.python, str(_RUNNER), str(program.resolve()), *arguments]
        try:
            done = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, timeout=time_limit, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired as late:
            return Outcome(runtime.release, None, _text(late.stdout), _text(late.stderr))
    return Outcome(runtime.release, done.returncode, _text(done.stdout), _text(done.stderr))


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "replace").replace("\r\n", "\n")


__all__ = ["Outcome", "run", "sys"]
