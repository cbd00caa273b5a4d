"""How often each rule found something, for `--statistics`."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ov_migrate.report.records import Run
from ov_migrate.report.totals import KINDS, by_rule


def lines(run: Run) -> Iterator[str]:
    """A table, the most frequent rule first; nothing for a run without findings."""
    totals = by_rule(run)
    if not totals:
        return
    yield f"{'sites':>7}  {'migrated':>8}  {'review':>6}  {'manual':>6}  rule"
    for total in totals:
        yield f"{total.sites:>7}  {total.migrated:>8}  {total.review:>6}  {total.manual:>6}  {total.name}"


def render(run: Run) -> str:
    """The same as JSON text."""
    data = []
    for total in by_rule(run):
        rule, slug = total.name.split(" ", 1)
        data.append({"rule": rule, "slug": slug, "sites": total.sites} | {kind: getattr(total, kind) for kind in KINDS})
    return json.dumps(data, indent=1) + "\n"
