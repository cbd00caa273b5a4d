"""Markdown for a pull-request comment or the summary of a CI step."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ov_migrate import __version__
from ov_migrate.report import proofs
from ov_migrate.report.handover_words import SITE, where
from ov_migrate.report.records import FileRecord, Finding, Run
from ov_migrate.report.totals import Total, by_step, overall

# GitHub takes 65,536 characters in a comment.
LIMIT = 60_000
_LONGEST_CODE = 160
_SHOWN_PLACES = 3


def render(run: Run) -> str:
    """Totals, progress by step, then the sites of each file, those that need a person first; cut to the length that a
    comment may have, with a line that says how many files are left out."""
    text = "\n".join(_head(run)) + "\n"
    files = [record for record in run.files if record.findings or record.status == "failed"]
    files.sort(key=lambda record: (record.status != "failed", -_left(record), record.path))
    for number, record in enumerate(files):
        part = "\n".join(_file(record)) + "\n"
        if len(text) + len(part) > LIMIT:
            return text + f"\n… and {len(files) - number} more files; the HTML and JSON reports list them all.\n"
        text += part
    return text


def _head(run: Run) -> list[str]:
    total = overall(run)
    lines = [
        f"## OpenVINO API 2.0: {total.share}% of {total.sites} sites need no edit by hand",
        "",
        f"{run.status('changed')} of {run.seen} files change: {total.migrated} sites migrated, {total.review} to "
        f"review, {total.manual} left by hand"
        + (f", **{run.status('failed')} files failed**" if run.has_failed else "")
        + ".",
        "",
    ]
    if proofs.overall(run):
        lines += [f"Proof: {proofs.overall(run)}", *(f"- {words(reason)}" for reason in run.reasons), ""]
    if total.sites:
        lines += _table(by_step(run))
    lines += [f"<sub>ov-migrate {__version__}, target {run.target}</sub>", ""]
    return lines


def _table(totals: Iterable[Total]) -> list[str]:
    rows = [f"| {t.name} | {t.migrated} | {t.review} | {t.manual} | {t.share}% |" for t in totals]
    return ["| step | migrated | review | manual | done |", "|---|--:|--:|--:|--:|", *rows, ""]


def _left(record: FileRecord) -> int:
    return sum(finding.kind == "manual" for finding in record.findings)


def _file(record: FileRecord) -> list[str]:
    if record.status == "failed":
        return [f"**{code(record.path)}** failed: {code(record.error)}", ""]
    counts = [(kind, sum(f.kind == kind for f in record.findings)) for kind in ("migrated", "review", "manual")]
    said = ", ".join(f"{count} {kind}" for kind, count in counts if count)
    opened = " open" if _left(record) else ""
    lines = [f"<details{opened}><summary><code>{html(record.path)}</code>: {said}</summary>", ""]
    for finding in sorted(record.findings, key=lambda f: (f.kind != "manual", f.kind != "review", f.line)):
        becomes = f" → {code(finding.after)}" if finding.after else ""
        message = f"<br>{words(finding.message)}" if finding.message else ""
        lines.append(
            f"- {finding.place}, **{finding.kind}** {finding.rule} {finding.slug}: "
            f"{code(finding.before)}{becomes}{message}{_proof(finding)}{_chain(record.path, finding)}"
        )
    return [*lines, "", "</details>", ""]


def _proof(finding: Finding) -> str:
    differs = finding.run is not None and finding.run.status == "differs"
    return f"<br>**{words(proofs.said(finding))}**" if differs else ""


def _chain(path: str, finding: Finding) -> str:
    """The last places on the way that established the site's object, in one line."""
    trails = finding.hand_over.trails if finding.hand_over is not None else ()
    if not trails:
        return ""
    places = [place for place in trails[0].places if place.what != SITE]
    said = [f"{code(place.code)} ({words(where(place, path))})" for place in places[-_SHOWN_PLACES:]]
    if len(places) > _SHOWN_PLACES:
        said.insert(0, "…")
    if trails[0].lost:
        said.insert(0, f"({words(trails[0].lost)})")
    return f"<br>{words(trails[0].object)}: {' → '.join(said)}" if said else ""


def code(text: str) -> str:
    """`text` as one code span, whatever is in it; long text is cut, line ends become spaces."""
    text = " ".join(text.split())
    if len(text) > _LONGEST_CODE:
        text = text[:_LONGEST_CODE] + "…"
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    space = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{fence}{space}{text}{space}{fence}"


def html(text: str) -> str:
    """`text` inside HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", " ")


def words(text: str) -> str:
    """`text` as plain words, whatever is in it."""
    return re.sub(r"([\\`*_{}\[\]|@#])", r"\\\1", html(text))
