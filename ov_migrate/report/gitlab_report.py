"""The Code Quality report that GitLab shows in merge requests (https://docs.gitlab.com/ci/testing/code_quality/)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from ov_migrate.report.records import FileRecord, Finding, Run

_SEVERITIES = {"manual": "major", "review": "minor", "migrated": "info"}
Json = dict[str, Any]


def render(run: Run) -> str:
    """A JSON list with an object for each site and each file that failed."""
    return json.dumps([issue for record in run.files for issue in _issues(record)], indent=1) + "\n"


def _issues(record: FileRecord) -> Iterator[Json]:
    if record.status == "failed":
        yield _issue(record.path, 1, "failed", "critical", record.error, record.error)
    seen: Counter[tuple[str, str]] = Counter()
    for finding in record.findings:
        # A site keeps its fingerprint when lines are put in above it.
        site = (finding.rule, finding.before)
        seen[site] += 1
        # The lines of a notebook's cells are not those of its file.
        line = 1 if finding.cell else finding.line
        key = f"{finding.before}\n{finding.kind}\n{seen[site]}"
        yield _issue(record.path, line, finding.rule, _SEVERITIES[finding.kind], _text(finding), key)


def _text(finding: Finding) -> str:
    becomes = f"{finding.before} becomes {finding.after}. " if finding.after else ""
    where = f"{finding.place}: " if finding.cell else ""
    return f"{where}{finding.slug} ({finding.kind}): {becomes}{finding.message or ''}".rstrip(" :")


def _issue(path: str, line: int, rule: str, severity: str, text: str, key: str) -> Json:
    name = PurePath(path).as_posix()
    digest = hashlib.sha256("\0".join((name, rule, key)).encode("utf-8", "surrogateescape")).hexdigest()
    return {
        "description": text,
        "check_name": rule,
        "fingerprint": digest,
        "severity": severity,
        "location": {"path": name, "lines": {"begin": line}},
    }
