"""Counts that several reports show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from ov_migrate.report.records import Finding, Run

KINDS = ("migrated", "review", "manual")


@dataclass(frozen=True)
class Total:
    """How many sites of one step or rule have which verdict."""

    name: str
    migrated: int
    review: int
    manual: int

    @property
    def sites(self) -> int:
        return self.migrated + self.review + self.manual

    @property
    def share(self) -> int:
        """Percent of the sites that need no edit by a person, rounded down."""
        return 100 * (self.migrated + self.review) // self.sites if self.sites else 100


def by_step(run: Run) -> list[Total]:
    """Totals of each step, in the order of the rule families."""
    order = {finding.step: finding.rule for record in run.files for finding in record.findings}
    return sorted(_totals(run, lambda finding: finding.step), key=lambda total: order[total.name])


def by_rule(run: Run) -> list[Total]:
    """Totals of each rule, the most frequent first."""
    totals = _totals(run, lambda finding: f"{finding.rule} {finding.slug}")
    return sorted(totals, key=lambda total: (-total.sites, total.name))


def overall(run: Run) -> Total:
    """The totals of the run."""
    return Total("all", *(run.count(kind) for kind in KINDS))


def _totals(run: Run, key: Callable[[Finding], str]) -> list[Total]:
    counts: dict[str, Counter[str]] = {}
    for record in run.files:
        for finding in record.findings:
            counts.setdefault(key(finding), Counter())[finding.kind] += 1
    return [Total(name, *(count[kind] for kind in KINDS)) for name, count in counts.items()]
