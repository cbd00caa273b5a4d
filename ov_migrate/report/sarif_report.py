"""SARIF 2.1.0, which code scanning of GitHub, GitLab and editors read."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from ov_migrate import __version__
from ov_migrate.knowledge.catalogue import Rule, load_catalogue
from ov_migrate.report.handover_words import SITE
from ov_migrate.report.hunks import Hunk, hunks, split_lines
from ov_migrate.report.records import FileRecord, Finding, Run

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"manual": "warning", "review": "note", "migrated": "note"}
Json = dict[str, Any]


def render(run: Run) -> str:
    """The run as a SARIF log. Fixes are whole lines; all fixes of a file together give its new text."""
    used = {finding.rule for record in run.files for finding in record.findings}
    rules = [rule for rule in load_catalogue().rules if rule.code in used]
    index = {rule.code: number for number, rule in enumerate(rules)}
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "ov-migrate", "version": __version__, "rules": [_rule(r) for r in rules]}},
                "columnKind": "unicodeCodePoints",
                "invocations": [_invocation(run)],
                "results": [result for record in run.files for result in _results(record, index)],
            }
        ],
    }
    return json.dumps(log, indent=1, ensure_ascii=False) + "\n"


def _rule(rule: Rule) -> Json:
    data: Json = {
        "id": rule.code,
        "name": rule.slug,
        "shortDescription": {"text": rule.why},
        "defaultConfiguration": {"level": _LEVELS[rule.verdict]},
        "properties": {"tags": [rule.step], "verdict": rule.verdict},
    }
    if rule.link:
        data["helpUri"] = rule.link
    return data


def _invocation(run: Run) -> Json:
    failed = [record for record in run.files if record.status == "failed"]
    notes = [
        {"level": "error", "message": {"text": record.error}, "locations": [_location(record.path)]}
        for record in failed
    ]
    return {"executionSuccessful": not failed, "toolExecutionNotifications": notes}


def _results(record: FileRecord, index: dict[str, int]) -> list[Json]:
    before, after = split_lines(record.before), split_lines(record.after)
    # The lines of a notebook's cells are not those of its file: no regions, no fixes.
    places = hunks(before, after) if not record.is_notebook else []
    results = []
    said: set[int] = set()
    for finding in record.findings:
        result = _result(record.path, finding, index)
        own = [n for n, hunk in enumerate(places) if hunk.touches(finding.line, finding.end_line)]
        if own and finding.after:
            said |= set(own)
            result["fixes"] = [_fix(record.path, finding, [places[n] for n in own], before, after)]
        results.append(result)
    # Imports and helpers that no single site stands for come with the first fix.
    rest = [hunk for n, hunk in enumerate(places) if n not in said]
    fixed = next((result for result in results if "fixes" in result), None)
    if fixed is not None and rest:
        replacements = fixed["fixes"][0]["artifactChanges"][0]["replacements"]
        replacements += [_replacement(hunk, before, after) for hunk in rest]
    return results


def _result(path: str, finding: Finding, index: dict[str, int]) -> Json:
    text = finding.message or f"{finding.before} becomes {finding.after}"
    if finding.cell:
        text = f"{finding.place}: {text}"
    region = {"startLine": finding.line, "startColumn": finding.column + 1, "endLine": finding.end_line}
    if finding.end_line == finding.line and "\n" not in finding.before:
        region["endColumn"] = finding.column + 1 + len(finding.before)
    result = {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": _LEVELS[finding.kind],
        "message": {"text": text},
        "locations": [_location(path, region if not finding.cell else None)],
        "properties": {"kind": finding.kind, "step": finding.step, "proof": finding.proof},
    }
    related = _related(finding)
    return result | {"relatedLocations": related} if related else result


def _related(finding: Finding) -> list[Json]:
    """The places on the way that established the site's object."""
    trails = finding.hand_over.trails if finding.hand_over is not None else ()
    places = [place for trail in trails for place in trail.places if place.what != SITE]
    return [
        {
            "id": number,
            **_location(place.path, {"startLine": place.line} if not place.cell else None),
            "message": {"text": f"{place.code}: {place.what}"},
        }
        for number, place in enumerate(places)
    ]


def _location(path: str, region: Json | None = None) -> Json:
    place: Json = {"artifactLocation": {"uri": _uri(path)}}
    if region is not None:
        place["region"] = region
    return {"physicalLocation": place}


def _uri(path: str) -> str:
    pure = PurePath(path)
    encoded = quote(pure.as_posix().encode("utf-8", "surrogateescape"))
    return f"file://{encoded}" if pure.is_absolute() else encoded


def _fix(path: str, finding: Finding, places: list[Hunk], before: list[str], after: list[str]) -> Json:
    return {
        "description": {"text": f"{finding.rule} {finding.slug}"},
        "artifactChanges": [
            {
                "artifactLocation": {"uri": _uri(path)},
                "replacements": [_replacement(hunk, before, after) for hunk in places],
            }
        ],
    }


def _replacement(hunk: Hunk, before: list[str], after: list[str]) -> Json:
    region = {"startLine": hunk.start + 1, "startColumn": 1, "endLine": hunk.end + 1, "endColumn": 1}
    if hunk.end == len(before) and before and not before[-1].endswith(("\n", "\r")):
        region |= {"endLine": hunk.end, "endColumn": len(before[-1]) + 1}
    if hunk.start == len(before) and before and not before[-1].endswith(("\n", "\r")):
        region |= {"startLine": hunk.start, "startColumn": len(before[-1]) + 1}
    return {"deletedRegion": region, "insertedContent": {"text": "".join(after[hunk.new_start : hunk.new_end])}}
