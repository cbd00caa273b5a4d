"""What is for terminals only: a line that tells how far a long run is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TextIO

# Seconds before the line comes, so that short runs show nothing, and between two of its states.
DELAY, INTERVAL = 1.0, 0.1
_BAR = 24


class ProgressLine:
    """The line; to be called with what is being done, how much of it is done, and of how much if that is known."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._next = clock() + DELAY
        self._shown = ""

    def __call__(self, what: str, done: int, total: int) -> None:
        now = self._clock()
        if now < self._next and (not self._shown or what == self._shown):
            return
        self._next = now + INTERVAL
        self._shown = what
        self._write("\r" + self._text(what, done, total)[: self._width() - 1] + "\x1b[K")

    def clear(self) -> None:
        """Takes the line away."""
        if self._shown:
            self._write("\r\x1b[K")
            self._shown = ""

    def _text(self, what: str, done: int, total: int) -> str:
        if not total:
            return f"{what}: {done:,} files"
        filled = _BAR * done // total
        return f"{what}: [{'#' * filled}{'.' * (_BAR - filled)}] {done:,} of {total:,} files"

    def _width(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or 80
        except (OSError, ValueError):
            return 80

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            # A terminal that is gone stops no run.
            self._next = float("inf")
