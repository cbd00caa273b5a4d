"""The records that all reports are made from."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ov_migrate.knowledge.handover import Form

# Is told what is being done, how many files are done, and of how many if that is known, else 0.
Progress = Callable[[str, int, int], None]


_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def shown(path: str) -> str:
    """A path as one line of text, whatever bytes its name has."""
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), path)


def silent(what: str, done: int, total: int) -> None:
    """Progress that nobody looks at."""


@dataclass(frozen=True)
class SiteRun:
    """What running a site on both sides has shown. `status`: equal, differs (then `difference`, and both values as
    texts), ran (it has no value to compare), unstable (the old program gives other values from run to run), not
    executed, not probed. `times` is how often it was reached before."""

    status: str
    times: int = 0
    difference: str = ""
    old: str = ""
    new: str = ""


@dataclass(frozen=True)
class Waypoint:
    """One place on the way of an object: its line, the code there in one line, and what happens, in words."""

    path: str
    line: int
    code: str
    what: str
    cell: int = 0

    def __str__(self) -> str:
        cell = f"cell {self.cell}:" if self.cell else ""
        return f"{self.path}:{cell}{self.line}"


@dataclass(frozen=True)
class Trail:
    """How a site's object was established: the places from where it was made to the site, whose place is the last.
    `lost` says why the way begins where it does, "" when it begins at the legacy API itself."""

    object: str
    places: tuple[Waypoint, ...]
    lost: str = ""


@dataclass(frozen=True)
class HandOver:
    """What a person needs to finish a site: what its object is, in words, the ways on which that was established (more
    than one when it may be of several kinds), what the legacy call did, and the forms to choose from."""

    object: str
    trails: tuple[Trail, ...]
    legacy_did: str
    forms: tuple[Form, ...]


@dataclass(frozen=True)
class Finding:
    """One site. Lines count from 1, columns from 0; `line` is in the file as it was, `new_line` as it is now. In a
    notebook, lines are those of the cell `cell`, which counts from 1."""

    rule: str
    slug: str
    step: str
    kind: str
    line: int
    column: int
    end_line: int
    new_line: int
    before: str
    after: str
    message: str
    proof: str
    cell: int = 0
    run: SiteRun | None = None
    hand_over: HandOver | None = None

    @property
    def place(self) -> str:
        """Where the site is in its file, in words."""
        return f"cell {self.cell}, line {self.line}" if self.cell else f"line {self.line}"


@dataclass(frozen=True)
class Place:
    """Where a finding stands in the text before and in the one after, in characters; `new` is None where it is not one
    place."""

    old: tuple[int, int]
    new: tuple[int, int] | None


@dataclass
class Written:
    """What became of the programs that cells of a notebook write into files: new sources of cells, by their number
    among the Python cells from 0, findings, and the cells whose programs were read, by their number among all."""

    sources: dict[int, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    cells: set[int] = field(default_factory=set)


@dataclass
class FileRecord:
    """One file: `status` is changed, unchanged or failed (then with `error`). `before` and `after` of a notebook are
    its Python cells, each under a comment line. `places` goes with `findings`, when the settings ask for
    it; None for what is no site of its own."""

    path: str
    status: str
    findings: list[Finding] = field(default_factory=list)
    error: str = ""
    before: str = ""
    after: str = ""
    places: list[Place | None] = field(default_factory=list)
    unused_skips: list[int] = field(default_factory=list)
    is_notebook: bool = False
    written: Written = field(default_factory=Written)
    data: bytes = b""  # the new content of a changed file

    def fail(self, error: str) -> None:
        """The file stays as it was, so nothing is found in it that was done."""
        self.status, self.error, self.findings, self.after = "failed", error, [], self.before


@dataclass
class Run:
    """One run over all files. `files` holds those that have something to tell; `seen` counts all. After `verify` there
    is a `verdict` on the whole program, with `reasons` where it is not equal."""

    target: str
    files: list[FileRecord] = field(default_factory=list)
    seen: int = 0
    notes: list[str] = field(default_factory=list)
    verdict: str = ""
    reasons: list[str] = field(default_factory=list)

    def count(self, kind: str) -> int:
        """How many findings are of `kind`."""
        return sum(finding.kind == kind for file in self.files for finding in file.findings)

    def status(self, status: str) -> int:
        """How many files have `status`."""
        return sum(file.status == status for file in self.files)

    @property
    def has_failed(self) -> bool:
        return bool(self.status("failed"))
