"""The text summary and the unified diff."""

from __future__ import annotations

from collections.abc import Iterator

from ov_migrate.report.records import FileRecord, Run


def lines(run: Run, verbose: bool, quiet: bool, written: bool) -> Iterator[str]:
    """What a person reads: what is left site by site, then one line of totals."""
    yield from run.notes
    for record in run.files:
        if record.status == "failed":
            yield f"{record.path}: {record.error}"
        elif not quiet:
            yield from _findings(record, verbose)
    if not quiet:
        yield _summary(run, written)


def _findings(record: FileRecord, verbose: bool) -> Iterator[str]:
    for finding in record.findings:
        if verbose or finding.kind == "manual" or (finding.kind == "review" and finding.after):
            cell = f"cell {finding.cell}:" if finding.cell else ""
            place = f"{record.path}:{cell}{finding.line}:{finding.column + 1}"
            yield f"{place}: {finding.rule} {finding.kind}: {finding.message}"


def _summary(run: Run, written: bool) -> str:
    changed = run.status("changed")
    verb = "changed" if written else "would change"
    files = f"{changed} of {run.seen} file{'s' * (run.seen != 1)} {verb}"
    parts = [
        files,
        f"{run.count('migrated')} sites migrated",
        f"{run.count('review')} to review",
        f"{run.count('manual')} left by hand",
    ]
    if run.has_failed:
        parts.append(f"{run.status('failed')} failed")
    return ", ".join(parts) + "."


def diff(record: FileRecord) -> str:
    """The unified diff of one file."""
    import difflib

    before, after = record.before.splitlines(keepends=True), record.after.splitlines(keepends=True)
    rows = list(difflib.unified_diff(before, after, f"a/{record.path.lstrip('/')}", f"b/{record.path.lstrip('/')}"))
    return "".join(row if row.endswith("\n") else row + "\n\\ No newline at end of file\n" for row in rows)
