"""Interpreters that stay and run one program after the other, each with its own release of OpenVINO."""

from __future__ import annotations

import json
import os
import select
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_SERVER = Path(__file__).with_name("serve_programs.py")
TIME_LIMIT = 25.0


@dataclass(frozen=True)
class Answer:
    """What a program did: `status` is ok, error, hang or crash; `lines` those of the program that an error came
    through."""

    status: str
    output: str = ""
    error: str = ""
    lines: tuple[str, ...] = ()


class Worker:
    """One interpreter; started anew when a program hangs or crashes it."""

    def __init__(self, python: str) -> None:
        self._python = python
        self._process: subprocess.Popen[str] | None = None
        self._errors: IO[str] | None = None

    def send(self, folder: Path, arguments: Sequence[str] = ()) -> None:
        """Starts the program in `folder` with `arguments`; `answer` has to follow."""
        if self._process is None or self._process.poll() is not None:
            environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
            environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"}
            self._process = subprocess.Popen(
                [self._python, str(_SERVER)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                text=True, env=environment, cwd=tempfile.gettempdir(),
            )  # fmt: skip
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"folder": str(folder), "arguments": list(arguments)}) + "\n")
        self._process.stdin.flush()

    def answer(self) -> Answer:
        """What the program that was sent did."""
        assert self._process is not None
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], TIME_LIMIT)
        if not ready:
            self.close()
            return Answer("hang", error=f"did not end in {TIME_LIMIT:.0f} seconds")
        line = self._process.stdout.readline()
        if not line:
            status = self._process.wait()
            self.close()
            return Answer("crash", error=f"ended with status {status}")
        data: dict[str, Any] = json.loads(line)
        return Answer(data["status"], data["output"], data["error"], tuple(data["lines"]))

    def run(self, folder: Path, arguments: Sequence[str] = ()) -> Answer:
        self.send(folder, arguments)
        return self.answer()

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
