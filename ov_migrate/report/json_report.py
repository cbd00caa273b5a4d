"""The JSON report."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from ov_migrate import __version__
from ov_migrate.report.records import FileRecord, Finding, Run


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
    }


def _file(record: FileRecord) -> dict[str, Any]:
    data: dict[str, Any] = {"path": record.path, "status": record.status}
    if record.error:
        data["error"] = record.error
    data["findings"] = [_finding(finding) for finding in record.findings]
    return data


def _finding(finding: Finding) -> dict[str, Any]:
    data = asdict(finding)
    if not finding.cell:
        del data["cell"]
    if finding.run is None:
        del data["run"]
    else:
        data["run"] = {key: value for key, value in data["run"].items() if value != ""}
    return data
