"""Files get their new content at one stroke: a run killed at any moment leaves each wholly old or wholly new.

The new contents are first put beside the files, then all take their places together, so that even the whole of a run
is hardly ever seen half done. What a killed run leaves beside files, the next one takes away."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ov_migrate.sources import SourceError, read_bytes

# Names of files that are on their way.
PREFIX, SUFFIX = ".ov-migrate-", ".tmp"
_DEFERRED = ("SIGINT", "SIGTERM", "SIGHUP")


@dataclass
class Staged:
    """The new content of one file, written out beside it."""

    target: Path
    before: bytes
    after: bytes
    temporary: str

    def put(self) -> None:
        """Makes it the file's content. Raises SourceError when the file is not any more what it was when it was read;
        when somebody else has just written the same, that is all right."""
        try:
            now = read_bytes(self.target)
            if now not in (self.before, self.after):
                raise SourceError("was changed by somebody else in the meantime; left as it is, run again")
            os.replace(self.temporary, self.target)
        except OSError as error:
            raise SourceError(f"cannot be written: {error.strerror}") from error
        self.temporary = ""

    def drop(self) -> None:
        """Takes the new content away again, if it is not in its place."""
        if self.temporary:
            with suppress(OSError):
                os.unlink(self.temporary)
            self.temporary = ""


def stage(path: Path, before: bytes, after: bytes) -> Staged:
    """Writes out the new content of a file that had the content `before`. A link stays a link (its target is written),
    mode, owner and extended attributes stay; other names of the same file (hard links) keep the old content. Raises
    SourceError when the file is read-only or its folder or disk takes no more."""
    target = Path(os.path.realpath(path))
    staged = Staged(target, before, after, "")
    try:
        status = target.stat()
        if not status.st_mode & 0o222 or not os.access(target, os.W_OK):
            raise SourceError("cannot be written: it is read-only")
        handle, staged.temporary = tempfile.mkstemp(prefix=PREFIX, suffix=SUFFIX, dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(after)
            _keep_attributes(target, status, staged.temporary)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        staged.drop()
        if isinstance(error, OSError):
            raise SourceError(f"cannot be written: {error.strerror}") from error
        raise
    return staged


def replace_file(path: Path, before: bytes, after: bytes) -> None:
    """Gives one file a new content; raises SourceError as `stage` and `Staged.put` do."""
    staged = stage(path, before, after)
    try:
        staged.put()
    finally:
        staged.drop()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Lets signals that end the program wait until files are in their places."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [getattr(signal, name) for name in _DEFERRED])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def clear_leftovers(paths: Sequence[Path]) -> None:
    """Takes away what runs that were killed have left beside these files; no other run may be about."""
    for folder in {Path(os.path.realpath(path)).parent for path in paths}:
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(PREFIX) and entry.name.endswith(SUFFIX) and entry.is_file():
                    os.unlink(entry.path)


def _keep_attributes(target: Path, status: os.stat_result, temporary: str) -> None:
    """What of the file's own a new one has not; only the mode is sure to be allowed."""
    if (status.st_uid, status.st_gid) != ((own := os.stat(temporary)).st_uid, own.st_gid) and hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(temporary, status.st_uid, status.st_gid)
    if hasattr(os, "listxattr"):
        with suppress(OSError):
            for name in os.listxattr(target):
                with suppress(OSError):
                    os.setxattr(temporary, name, os.getxattr(target, name))
    os.chmod(temporary, status.st_mode & 0o7777)
