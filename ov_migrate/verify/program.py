"""Runs a program in a runtime, with a time limit."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ov_migrate.verify.runtimes import Runtime

_HERE = Path(__file__).parent
_RUNNER, PROBES = _HERE / "run_program.py", _HERE / "probes"
TIME_LIMIT = 120.0
# How long a program that was told to stop has to write down where it was.
_LAST_WORDS = 5.0
# Files of Python, of packages and of this tool, in the words of a stack.
_NOT_OWN = re.compile(r"site-packages|lib/python3|run_program\.py|<frozen")


@dataclass(frozen=True)
class Outcome:
    """What a program did: its exit status (None when it was stopped, negative when a signal ended it), and all that it
    wrote."""

    release: str
    status: int | None
    output: str
    errors: str

    @property
    def has_ended(self) -> bool:
        """True when the program came to an end of its own, good or bad."""
        return self.status is not None and self.status >= 0

    @property
    def failure(self) -> str:
        """One line that says why the program did not end well; "" when it did."""
        if self.status == 0:
            return ""
        if self.status is None:
            return f"did not end in time{self.place}"
        if self.status < 0:
            return f"was ended by {_signal_name(-self.status)}{self.place}"
        lines = [line for line in self.errors.strip().splitlines() if line.strip()]
        return f"exit status {self.status}: {lines[-1] if lines else 'no message'}"

    @property
    def place(self) -> str:
        """Where the main thread was, by what Python's fault handler wrote."""
        threads = re.split(r"^(?=(?:Current thread|Thread) 0x)", self.errors, flags=re.MULTILINE)
        frames = re.findall(r'File "(.*)", line (\d+) in (\S+)', threads[-1]) if len(threads) > 1 else []
        own = [frame for frame in frames if not _NOT_OWN.search(frame[0])]
        return f" ({Path(own[0][0]).name}:{own[0][1]}, in {own[0][2]})" if own else ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def run(
    runtime: Runtime,
    program: Path,
    files: Mapping[str, Path],
    arguments: Sequence[str] = (),
    time_limit: float = TIME_LIMIT,
    records: Path | None = None,
) -> Outcome:
    """Runs `program` in a new folder that holds links to `files` (name → path)."""
    with tempfile.TemporaryDirectory(prefix="ov-migrate-") as folder:
        for name, path in files.items():
            os.symlink(path.resolve(), Path(folder) / name)
        return run_in(Path(folder), runtime, [str(program.resolve()), *arguments], time_limit, records)


def run_in(
    folder: Path,
    runtime: Runtime,
    command: Sequence[str],
    time_limit: float = TIME_LIMIT,
    records: Path | None = None,
    path: str = "",
    inferences: bool = False,
    stdin: Path | None = None,
) -> Outcome:
    """Runs `command` (a program or -m with a module, and arguments) with `folder` as its working folder. With `records`
    probes write into that folder; `path` goes in front of Python's own path, as PYTHONPATH does; with `inferences` all
    inferences are recorded as well. `stdin` is what it reads on its standard input, nothing without one."""
    with open(stdin or os.devnull, "rb") as given:
        process = subprocess.Popen(
            [runtime.python, str(_RUNNER), *command],
            cwd=folder,
            env=_environment(records, path) | ({"OV_MIGRATE_INFERENCES": "1"} if inferences else {}),
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    try:
        output, errors = process.communicate(timeout=time_limit)
        status: int | None = process.returncode
    except subprocess.TimeoutExpired:
        status = None
        output, errors = _stop(process)
    return Outcome(runtime.release, status, _text(output), _text(errors))


def _environment(records: Path | None, path: str) -> dict[str, str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV", "OV_MIGRATE_"))}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"}
    # What a program has printed before it hangs or crashes must be there.
    environment["PYTHONUNBUFFERED"] = "1"
    paths = [str(PROBES)] * (records is not None) + [path] * bool(path)
    if paths:
        environment["PYTHONPATH"] = os.pathsep.join(paths)
    if records is not None:
        environment["OV_MIGRATE_RECORDS"] = str(records)
    return environment


def _stop(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """Ends a program and all that it started; its last words tell where it was."""
    process.send_signal(signal.SIGABRT)
    try:
        process.wait(_LAST_WORDS)
    except subprocess.TimeoutExpired:
        process.kill()
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.communicate()


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "replace").replace("\r\n", "\n")
