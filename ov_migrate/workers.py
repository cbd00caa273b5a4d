"""Does the groups of a run one after the other, or in several processes at the same time."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from ov_migrate.garbage import without_collection
from ov_migrate.group_run import GroupWork, Outcome
from ov_migrate.report.records import FileRecord, Progress
from ov_migrate.sources import RawFile

Group = Sequence[RawFile]
_DOING = "Rewriting"
# A fork has the files already and starts at once; elsewhere than on Linux it is not safe, or not there.
_FORKS = sys.platform == "linux"


def worked(groups: Sequence[Group], work: GroupWork, jobs: int, progress: Progress) -> Iterator[Outcome]:
    """What becomes of each group, in the order of `groups`. `jobs` is the number of processes, 0 one for each core."""
    count = min(jobs or cores(), len(groups))
    if count > 1:
        outcomes = _in_processes(groups, work, count, progress)
    else:
        outcomes = dict(enumerate(_here(groups, work, progress)))
    for index in range(len(groups)):
        yield outcomes[index]


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _here(groups: Sequence[Group], work: GroupWork, progress: Progress) -> Iterator[Outcome]:
    done, total = 0, sum(map(len, groups))
    for group in groups:
        before = done

        def inside(what: str, number: int, _: int, before: int = before) -> None:
            progress(what, before + number, total)

        yield work(group, inside)
        done += len(group)


def _in_processes(groups: Sequence[Group], work: GroupWork, count: int, progress: Progress) -> dict[int, Outcome]:
    """Gives each process a group whenever it has none, the largest first. A group whose process dies has failed."""
    with _Pool(groups, work, count) as pool:
        waiting = sorted(range(len(groups)), key=lambda index: -_size(groups[index]))
        found: dict[int, Outcome] = {}
        done, total = 0, sum(map(len, groups))
        progress(_DOING, 0, total)
        while len(found) < len(groups):
            pool.give(waiting)
            for index, outcome in pool.take():
                found[index] = outcome
                done += len(groups[index])
                progress(_DOING, done, total)
        return found


def _size(group: Group) -> int:
    return sum(len(file.data) for file in group)


class _Pool:
    """Processes that migrate groups by their numbers."""

    def __init__(self, groups: Sequence[Group], work: GroupWork, count: int) -> None:
        self._groups = groups
        self._work = work
        self._busy: dict[Connection, int] = {}
        self._idle: list[Connection] = []
        self._processes: list[BaseProcess] = []
        for _ in range(count):
            self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("fork") if _FORKS else multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        # Whoever keeps the other end of a pipe open does not let its process see that the run has ended.
        kept = [*self._idle, *self._busy, ours] if _FORKS else []
        process = context.Process(target=_serve, args=(theirs, kept, self._groups, self._work), daemon=True)
        process.start()
        theirs.close()
        self._idle.append(ours)
        self._processes.append(process)

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None:
        for connection in (*self._idle, *self._busy):
            connection.close()
        for process in self._processes:
            process.terminate()
            process.join()

    def give(self, waiting: list[int]) -> None:
        """Gives idle processes the first of the `waiting` groups, which are taken off."""
        while waiting and self._idle:
            connection = self._idle.pop()
            index = waiting.pop(0)
            self._busy[connection] = index
            with contextlib.suppress(OSError):  # One that has died is found out when its answer is asked for.
                connection.send(index)

    def take(self) -> Iterator[tuple[int, Outcome]]:
        """What has been done since; waits until something has. A process that has died is replaced."""
        for connection in wait(list(self._busy)):
            assert isinstance(connection, Connection)
            index = self._busy.pop(connection)
            try:
                outcome: Outcome = connection.recv()
                self._idle.append(connection)
            except (EOFError, OSError):
                connection.close()
                self._start()
                outcome = _lost(self._groups[index])
            yield index, outcome


def _lost(group: Group) -> Outcome:
    error = "the process that migrated it ended unexpectedly; try --jobs 1"
    return Outcome(failed=[FileRecord(file.path, "failed", error=error) for file in group if file.is_legacy])


def _serve(connection: Connection, others: Sequence[Connection], groups: Sequence[Group], work: GroupWork) -> None:
    """Migrates groups as their numbers come, until nobody is there to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The run that asks hears of it, and ends this.
    for other in others:
        other.close()
    with without_collection(), contextlib.suppress(EOFError, OSError):
        while True:
            connection.send(work(groups[connection.recv()]))
