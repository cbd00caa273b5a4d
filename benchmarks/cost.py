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
    """Runs a command, whose output is thrown away; bytecode is kept in `caches`, as an installed tool keeps it."""
    (result,) = costs([command], caches, folder)
    return result


def costs(commands: Sequence[Sequence[str]], caches: Path, folder: Path | None = None) -> list[Cost]:
    """Runs commands at the same time; each one's wall time is that of all."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": str(caches)}
    start = time.perf_counter()
    running = [
        subprocess.Popen(
            command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for command in commands
    ]  # fmt: skip
    usages = []
    for process in running:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        usages.append(usage)
    wall = time.perf_counter() - start
    return [Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024) for usage in usages]


def median(rounds: int, measure: Callable[[], Cost]) -> Cost:
    """The medians of several rounds, after one that warms caches."""
    measure()
    found = [measure() for _ in range(rounds)]
    return Cost(
        statistics.median(one.cpu for one in found),
        statistics.median(one.wall for one in found),
        max(one.peak for one in found),
    )
