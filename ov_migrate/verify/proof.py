"""What came of a program that was verified, as a whole and site by site."""

from __future__ import annotations

from dataclasses import dataclass, field

from ov_migrate.report.records import FileRecord, Run, SiteRun
from ov_migrate.verify.program import Outcome

# How a difference of what was printed begins.
OUTPUT = "output, "


@dataclass
class Proof:
    """What came out. `program` is the first word of what was run; `differences` are lines on exit status, output and
    files, `obstacles` say why a side could not be run; sites are in the records of `run`."""

    program: str
    before: Outcome
    after: Outcome
    run: Run
    differences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)
    left_in_finished: int | None = None

    @property
    def reached(self) -> list[FileRecord]:
        """The files with sites that the old program has loaded, or that were to be run."""
        return [record for record in self.run.files if record.path == self.program or _is_reached(record)]

    @property
    def sites(self) -> list[SiteRun]:
        """What came out at each site of the files that were reached."""
        return [finding.run for record in self.reached for finding in record.findings if finding.run is not None]

    @property
    def report(self) -> Run:
        """The run as reports show it: the files that were reached."""
        notes = [*self.run.notes, *self.notes]
        reasons = [*self.obstacles, *(self.differences if self.could_run else ())]
        return Run(self.run.target, self.reached, len(self.reached), notes, self.verdict, reasons)

    @property
    def verdict(self) -> str:
        """What came out, in a few words."""
        if not self.could_run:
            return "could not be run" if self.obstacles else "nothing was compared before the program ended"
        if not self.is_equal:
            return "differs"
        return "equal, as far as both came" if self.before.status else "equal"

    @property
    def left(self) -> int:
        """How many sites are left to a person: in the files that were reached, or in the one that a person finished."""
        if self.left_in_finished is not None:
            return self.left_in_finished
        return sum(finding.kind == "manual" for record in self.reached for finding in record.findings)

    def count(self, *statuses: str) -> int:
        """How many sites have one of `statuses`."""
        return sum(site.status in statuses for site in self.sites)

    @property
    def could_run(self) -> bool:
        """True when nothing stood in the way of either side, and something was compared."""
        has_begun = self.before.status == 0 or self.count("equal", "differs", "unstable") > 0
        return has_begun and not self.obstacles

    @property
    def is_without_output_difference(self) -> bool:
        return not any(line.startswith(OUTPUT) for line in self.differences)

    @property
    def is_equal(self) -> bool:
        return not self.differences and not self.count("differs")


def _is_reached(record: FileRecord) -> bool:
    return any(finding.run is not None and finding.run.times for finding in record.findings)
