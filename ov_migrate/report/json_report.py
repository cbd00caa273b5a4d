"""The JSON report."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from ov_migrate import __version__
from ov_migrate.report.handover_words import FINISHED
from ov_migrate.report.records import FileRecord, Finding, HandOver, Run, Trail


def render(run: Run) -> str:
    """The run as JSON text, schema version 1."""
    return json.dumps(as_dict(run), indent=1, ensure_ascii=False) + "\n"


def as_dict(run: Run) -> dict[str, Any]:
    """The run as plain data."""
    summary = {
        "files": run.seen,
        "changed": run.status("changed"),
        "failed": run.status("failed"),
        "migrated": run.count("migrated"),
        "review": run.count("review"),
        "manual": run.count("manual"),
    }
    return {
        "version": 1,
        "tool": f"ov-migrate {__version__}",
        "target": run.target,
        "summary": summary,
        "files": [_file(record) for record in run.files],
        **({"finished": FINISHED} if run.count("manual") + run.count("review") else {}),
        **({"verify": {"verdict": run.verdict, "reasons": run.reasons}} if run.verdict else {}),
    }


def _file(record: FileRecord) -> dict[str, Any]:
    data: dict[str, Any] = {"path": record.path, "status": record.status}
    if record.error:
        data["error"] = record.error
    data["findings"] = [_finding(finding) for finding in record.findings]
    return data


def _finding(finding: Finding) -> dict[str, Any]:
    data = asdict(replace(finding, hand_over=None))
    del data["hand_over"]
    if not finding.cell:
        del data["cell"]
    if finding.run is None:
        del data["run"]
    else:
        data["run"] = {key: value for key, value in data["run"].items() if value != ""}
    return data | (_hand_over(finding.hand_over) if finding.hand_over is not None else {})


def _hand_over(hand_over: HandOver) -> dict[str, Any]:
    first, *others = (_trail(trail) for trail in hand_over.trails or (Trail("", ()),))
    data = {"object": hand_over.object, "chain": first["chain"]}
    if "lost" in first:
        data["lost"] = first["lost"]
    if others:
        data["other_chains"] = others
    return data | {"legacy_did": hand_over.legacy_did, "forms": [asdict(form) for form in hand_over.forms]}


def _trail(trail: Trail) -> dict[str, Any]:
    chain = [{key: value for key, value in asdict(place).items() if value or key != "cell"} for place in trail.places]
    return {"object": trail.object, "chain": chain} | ({"lost": trail.lost} if trail.lost else {})
