"""The text summary and the unified diff."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from ov_migrate.report.handover_words import lines as handover_lines
from ov_migrate.report.records import FileRecord, Run, shown
from ov_migrate.report.totals import by_rule, overall

_COLOURS = {"migrated": "green", "review": "yellow", "manual": "red"}
_DIFF_COLOURS = {"-": "red", "+": "green", "@": "cyan"}
# So many rules are named in the summary.
_NAMED_RULES = 4


def lines(run: Run, verbose: bool, quiet: bool, written: bool) -> Iterator[str]:
    """What a person reads: what is left site by site, then the totals. Colours are for `click.echo` to keep or drop."""
    yield from run.notes
    for record in run.files if not quiet else ():
        yield from _findings(record, verbose)
    yield from failures(run)
    if not quiet:
        yield from summary(run, written)


def statistics(run: Run, verbose: bool, quiet: bool, written: bool) -> Iterator[str]:
    """The same with one line for each rule in place of one for each site."""
    from ov_migrate.report.statistics_report import lines as table

    yield from run.notes
    yield from failures(run)
    yield from table(run)
    if not quiet:
        yield _totals(run, written)


def failures(run: Run) -> Iterator[str]:
    """A line for each file that could not be handled."""
    for record in run.files:
        if record.status == "failed":
            yield f"{click.style(shown(record.path), bold=True)}: {click.style(record.error, fg='red')}"


def _findings(record: FileRecord, verbose: bool) -> Iterator[str]:
    for finding in record.findings:
        if verbose or finding.kind == "manual" or (finding.kind == "review" and finding.after):
            cell = f"cell {finding.cell}:" if finding.cell else ""
            place = f"{shown(record.path)}:{cell}{finding.line}:{finding.column + 1}"
            kind = click.style(finding.kind, fg=_COLOURS[finding.kind])
            yield f"{click.style(place, bold=True)}: {finding.rule} {kind}: {finding.message}"
            if verbose and finding.hand_over is not None:
                yield from (f"    {shown(line)}" for line in handover_lines(finding.hand_over))


def summary(run: Run, written: bool) -> Iterator[str]:
    """One line of totals, and one that says what is left, if there is something."""
    yield _totals(run, written)
    left = [(total.manual, total.name) for total in by_rule(run) if total.manual]
    if not left:
        return
    left.sort(key=lambda pair: -pair[0])
    total = overall(run)
    names = ", ".join(f"{count} {name}" for count, name in left[:_NAMED_RULES])
    others = len(left) - _NAMED_RULES
    more = f" and {others} more rule{'s' * (others > 1)} (--statistics)" if others > 0 else ""
    yield (
        f"{total.share}% of {total.sites} sites need no edit by hand; by hand: {names}{more}. "
        f"`ov-migrate explain {left[0][1].split()[0]}` says what to do."
    )


def _totals(run: Run, written: bool) -> str:
    changed = run.status("changed")
    verb = "changed" if written else "would change"
    files = f"{changed} of {run.seen} file{'s' * (run.seen != 1)} {verb}"
    parts = [
        files,
        _counted(run.count("migrated"), f"site{'s' * (run.count('migrated') != 1)} migrated", "green"),
        _counted(run.count("review"), "to review", "yellow"),
        _counted(run.count("manual"), "left by hand", "red"),
    ]
    if run.has_failed:
        parts.append(_counted(run.status("failed"), "failed", "red"))
    return ", ".join(parts) + "."


def _counted(count: int, words: str, colour: str) -> str:
    text = f"{count} {words}"
    return click.style(text, fg=colour, bold=True) if count else text


def diff(record: FileRecord, coloured: bool = False) -> str:
    """The unified diff of one file."""
    import difflib

    # Lines as `patch` and git know them, for whom nothing but a line feed ends one.
    before, after = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (record.before, record.after))
    path = shown(record.path.lstrip("/"))
    rows = list(difflib.unified_diff(before, after, f"a/{path}", f"b/{path}"))
    if coloured:
        rows = [_styled(row, None if number < 2 else _DIFF_COLOURS.get(row[:1])) for number, row in enumerate(rows)]
    return "".join(row if row.endswith("\n") else row + "\n\\ No newline at end of file\n" for row in rows)


def _styled(row: str, colour: str | None) -> str:
    text = row.rstrip("\r\n")
    bold = True if colour is None and row[0] != " " else None
    return click.style(text, fg=colour, bold=bold) + row[len(text) :]
