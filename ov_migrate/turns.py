"""Runs that write in the same folders take turns, so that each sees either all of what another one does or nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ov_migrate.report.records import Progress, silent

# Seconds between two looks, and until a run goes on all the same: no file comes to harm by that.
_INTERVAL, _PATIENCE = 0.05, 300.0


@contextmanager
def turn(paths: Sequence[str], progress: Progress = silent) -> Iterator[bool]:
    """Waits for other runs in these folders, or in some above or below; true when nobody else is there for sure. Locks
    are on the folders themselves, so that none is left behind, whatever becomes of the run."""
    try:
        import fcntl
    except ImportError:
        yield False
        return
    with ExitStack() as stack:
        alone = True
        for folder, is_own in _folders(paths):
            try:
                handle = os.open(folder, os.O_RDONLY)
            except OSError:
                alone = alone and not is_own
                continue
            stack.callback(os.close, handle)
            kind = fcntl.LOCK_EX if is_own else fcntl.LOCK_SH
            alone = _lock(handle, kind | fcntl.LOCK_NB, progress) and alone
        yield alone


def _folders(paths: Sequence[str]) -> list[tuple[Path, bool]]:
    """The folders to write in, and those above them, with whether it is one of the former; outer ones first, so that
    no two runs wait for each other."""
    given = {Path(os.path.realpath(path)) for path in paths}
    given = {path if os.path.isdir(path) else path.parent for path in given}
    own = {path for path in given if given.isdisjoint(path.parents)}
    above = {parent for path in own for parent in path.parents} - own
    return sorted([(path, True) for path in own] + [(path, False) for path in above])


def _lock(handle: int, kind: int, progress: Progress) -> bool:
    import fcntl

    end = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(handle, kind)
            return True
        except BlockingIOError:
            progress("Waiting for another run", 0, 0)
            if time.monotonic() > end:
                return False
            time.sleep(_INTERVAL)
        except OSError:
            return False
