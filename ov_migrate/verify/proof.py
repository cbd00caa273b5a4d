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
    files; sites are in the records of `run`."""

    program: str
    before: Outcome
    after: Outcome
    run: Run
    differences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

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
        return Run(self.run.target, self.reached, len(self.reached), [*self.run.notes, *self.notes, *self.differences])

    def count(self, *statuses: str) -> int:
        """How many sites have one of `statuses`."""
        return sum(site.status in statuses for site in self.sites)

    @property
    def could_run(self) -> bool:
        """True when both sides came to an end of their own, and did something before."""
        has_begun = self.before.status == 0 or any(site.times for site in self.sites)
        return self.before.has_ended and self.after.has_ended and has_begun

    @property
    def is_without_output_difference(self) -> bool:
        return not any(line.startswith(OUTPUT) for line in self.differences)

    @property
    def is_equal(self) -> bool:
        return not self.differences and not self.count("differs")


def _is_reached(record: FileRecord) -> bool:
    return any(finding.run is not None and finding.run.times for finding in record.findings)
