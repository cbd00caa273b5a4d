"""Workflow commands that GitHub Actions shows as annotations beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from ov_migrate.report.records import FileRecord, Finding, Run

_LEVELS = {"manual": "warning", "review": "notice", "migrated": "notice"}


def render(run: Run) -> str:
    """One command a line: errors for files that failed, warnings for what is left, notices for what changes."""
    return "".join(line + "\n" for record in run.files for line in _commands(record))


def _commands(record: FileRecord) -> Iterator[str]:
    if record.status == "failed":
        yield f"::error file={_property(record.path)},title=ov-migrate::{_text(record.error)}"
    for finding in record.findings:
        yield _command(record.path, finding)


def _command(path: str, finding: Finding) -> str:
    place = f"file={_property(path)}"
    title = f"{finding.rule} {finding.slug} ({finding.kind})"
    if finding.cell:
        # Lines of the file, which annotations stand at, are not what anybody sees of a notebook.
        title += f", {finding.place}"
    else:
        place += f",line={finding.line},endLine={finding.end_line},col={finding.column + 1}"
    title = _property(title)
    becomes = f"{finding.before} becomes {finding.after}" if finding.after else ""
    text = "\n".join(part for part in (becomes, finding.message) if part) or finding.before
    return f"::{_LEVELS[finding.kind]} {place},title={title}::{_text(text)}"


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
