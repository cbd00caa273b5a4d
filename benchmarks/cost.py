"""What a process costs: CPU seconds of user and system, wall seconds, and peak memory, all of it with its children."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """One process: seconds and MiB."""

    cpu: float
    wall: float
    peak: float


def cost(command: Sequence[str], caches: Path, folder: Path | None = None) -> Cost:
    """Runs a command, whose output is thrown away; bytecode is kept in `caches`, as an installed tool keeps it. Its own
    processes are counted in, but for memory, of which the largest process counts."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": str(caches)}
    start = time.perf_counter()
    process = subprocess.Popen(
        command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024)


def median(rounds: int, measure: Callable[[], Cost]) -> Cost:
    """The medians of several rounds, after one that warms caches."""
    measure()
    found = [measure() for _ in range(rounds)]
    return Cost(
        statistics.median(one.cpu for one in found),
        statistics.median(one.wall for one in found),
        max(one.peak for one in found),
    )
