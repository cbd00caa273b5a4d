"""One page with everything in it: no network, no other file. All text of a program is escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from pathlib import Path

from ov_migrate import __version__
from ov_migrate.report import proofs
from ov_migrate.report.colours import coloured_lines
from ov_migrate.report.handover_words import FINISHED
from ov_migrate.report.hunks import Row, hunks, rows, split_lines
from ov_migrate.report.records import FileRecord, Finding, HandOver, Run, Waypoint
from ov_migrate.report.totals import KINDS, Total, by_step, overall

_FOLDER = Path(__file__).parent
# With more files than this the page starts with all of them closed.
_OPEN_FILES = 20


def render(run: Run) -> str:
    """The page of one run."""
    files = [record for record in run.files if record.findings or record.status != "unchanged"]
    opened = len(files) <= _OPEN_FILES
    total = overall(run)
    body = [
        header(f"ov-migrate: {total.share}% of {total.sites} sites need no edit by hand", run.target),
        _totals(run, total),
        _proof(run),
        "<h2>Progress by step</h2>",
        progress_table("step", by_step(run)),
        *(f'<p class="note">{escape(note)}</p>' for note in run.notes),
        "<h2>Files</h2>",
        _filters(run),
        *(_file(number, record, opened) for number, record in enumerate(files)),
    ]
    return page("ov-migrate report", "\n".join(body), asset("common.js") + asset("page.js"))


def _proof(run: Run) -> str:
    """What `verify` found, in the colours of the verdicts: red where it is not equal, with the reasons."""
    text = proofs.overall(run)
    if not text:
        return ""
    style = "failed" if run.verdict and not run.verdict.startswith("equal") else ""
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in run.reasons)
    return f'<p class="{style}">Proof: {escape(text)}</p>' + (f'<ul class="failed">{reasons}</ul>' if reasons else "")


def page(title: str, body: str, script: str) -> str:
    """A whole document. The policy in it lets run only the script that it was made with."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<link rel="icon" href="data:,">\n'
        f"<title>{escape(title)}</title>\n<style>\n{asset('page.css')}</style>\n</head>\n<body>\n{body}\n"
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def progress_table(what: str, totals: list[Total]) -> str:
    """A table with a bar for each total; `what` heads the names."""
    heads = "".join(f'<th class="number">{kind}</th>' for kind in KINDS)
    lines = "".join(_progress_row(total) for total in totals)
    return f'<table class="steps"><tr><th>{what}</th>{heads}<th class="wide">progress</th></tr>{lines}</table>'


def _progress_row(total: Total) -> str:
    counts = [(kind, getattr(total, kind)) for kind in KINDS]
    cells = "".join(f'<td class="number">{count}</td>' for _, count in counts)
    return f"<tr><td>{escape(total.name)}</td>{cells}<td>{progress_bar(total)}</td></tr>"


def progress_bar(total: Total) -> str:
    """A bar in the colours of the verdicts."""
    bars = "".join(
        f'<i class="{kind}" style="width:{100 * count / max(total.sites, 1):.2f}%" title="{count} {kind}"></i>'
        for kind, count in ((kind, getattr(total, kind)) for kind in KINDS)
    )
    return f'<div class="bar">{bars}</div>'


def asset(name: str) -> str:
    """The text of a file beside this one."""
    return (_FOLDER / name).read_text(encoding="utf-8")


def header(title: str, target: str) -> str:
    """The title of a page, with the button for its theme."""
    return (
        f'<header><h1>{escape(title)}</h1><span class="dim">ov-migrate {__version__}, target {escape(target)} '
        '<button id="theme" type="button" title="t">Dark</button></span></header>'
    )


def _totals(run: Run, total: Total) -> str:
    parts = [
        (run.seen, "files", ""),
        (run.status("changed"), "files change", ""),
        *((getattr(total, kind), kind, f"verdict {kind}") for kind in KINDS),
    ]
    if run.has_failed:
        parts.append((run.status("failed"), "files failed", "failed"))
    return total_cards(parts)


def total_cards(parts: list[tuple[int, str, str]]) -> str:
    """Numbers to read at a glance: each with what it counts and a style."""
    cards = "".join(f'<div><b class="{style}">{number}</b>{name}</div>' for number, name, style in parts)
    return f'<div class="totals">{cards}</div>'


def _filters(run: Run) -> str:
    def button(name: str, value: str) -> str:
        return f'<button type="button" data-{name}="{value}" aria-pressed="false">{escape(value)}</button>'

    kinds = "".join(button("kind", kind) for kind in KINDS if run.count(kind))
    steps = "".join(button("step", total.name) for total in by_step(run))
    return (
        f'<div class="filters" role="toolbar" aria-label="Filters">{kinds}<span class="dim">|</span>{steps}'
        '<input id="search" type="search" placeholder="Search ( / )" aria-label="Search">'
        '<button id="open" type="button" title="o">Open all</button>'
        '<button id="close" type="button" title="c">Close all</button>'
        '<span id="shown" class="dim" role="status"></span>'
        '<span class="dim">Keys: j k sites, n p files, o c open and close, t theme</span></div>'
    )


def _file(number: int, record: FileRecord, opened: bool) -> str:
    counts = [(kind, sum(finding.kind == kind for finding in record.findings)) for kind in KINDS]
    said = ", ".join(f'<span class="verdict {kind}">{count} {kind}</span>' for kind, count in counts if count)
    if record.status == "failed":
        said = f'<span class="failed">{escape(record.error)}</span>'
    parts = [
        f'<details class="file" id="f{number}" data-path="{escape(record.path)}"{" open" if opened else ""}>',
        f"<summary><code>{escape(record.path)}</code>: {said or record.status}</summary>",
        _diff(record),
        *(_site(f"f{number}s{index}", finding) for index, finding in enumerate(record.findings)),
        "</details>",
    ]
    return "".join(parts)


def _site(name: str, finding: Finding) -> str:
    change = f"<code>{escape(finding.before)}</code>"
    if finding.after:
        change += f' <span class="arrow">→</span> <code>{escape(finding.after)}</code>'
    proof = proofs.said(finding)
    style = "failed" if finding.run is not None and finding.run.status == "differs" else "dim"
    parts = [
        f'<div class="site" id="{name}" tabindex="-1" data-kind="{finding.kind}" data-step="{escape(finding.step)}">',
        f'<p><a href="#{name}">{finding.place}</a> <span class="verdict {finding.kind}">{finding.kind}</span> '
        f'<b>{escape(finding.rule)}</b> {escape(finding.slug)} <span class="dim">{escape(finding.step)}</span></p>',
        f"<p>{change}</p>",
        f"<p>{escape(finding.message)}</p>" if finding.message else "",
        f'<p class="{style}">Proof: {escape(proof)}</p>' if proof else "",
        _hand_over(finding.hand_over) if finding.hand_over is not None else "",
        "</div>",
    ]
    return "".join(parts)


def _hand_over(hand_over: HandOver) -> str:
    """What a person needs to finish the site, closed until it is asked for."""
    parts = ['<details class="handover"><summary>To finish this site</summary>']
    parts += [f"<p>Object: {escape(hand_over.object)}</p>"] * bool(hand_over.object)
    for trail in hand_over.trails:
        if len(hand_over.trails) > 1:
            parts.append(f"<p>One way, as this: {escape(trail.object)}</p>")
        parts.append(f"<ol>{''.join(map(_place, trail.places))}</ol>")
        if trail.lost:
            parts.append(f"<p>Not followed further: {escape(trail.lost)}.</p>")
    parts.append(f"<p>The legacy code: {escape(hand_over.legacy_did)}</p>")
    forms = (
        f"<dt><pre>{escape(form.code)}</pre></dt><dd>{escape(form.changes)} "
        f'<span class="dim">From {escape(form.since)} on.</span></dd>'
        for form in hand_over.forms
    )
    parts.append(f"<p>What API 2.0 offers:</p><dl>{''.join(forms)}</dl>" if hand_over.forms else "")
    return "".join((*parts, f'<p class="dim">{escape(FINISHED)}</p></details>'))


def _place(place: Waypoint) -> str:
    said = f"{place}: {place.what}"
    return f'<li><code>{escape(place.code)}</code> <span class="dim">{escape(said)}</span></li>'


def _diff(record: FileRecord) -> str:
    if record.before == record.after:
        return ""
    before, after = split_lines(record.before), split_lines(record.after)
    old, new = coloured_lines(record.before), coloured_lines(record.after)
    lines = (_row(row, old, new) for row in rows(hunks(before, after), len(before)))
    return f'<table class="diff code"><tbody>{"".join(lines)}</tbody></table>'


def _row(row: Row, old: list[str], new: list[str]) -> str:
    if row.kind == "gap":
        count = row.new - row.old + 1
        return f'<tr class="gap"><td colspan="4">{count} unchanged line{"s" * (count != 1)}</td></tr>'
    changed = row.kind == "changed"
    cells = "".join((*_cells(row.old, old, "del" if changed else ""), *_cells(row.new, new, "add" if changed else "")))
    return f'<tr class="{row.kind}">{cells}</tr>'


def _cells(number: int, lines: list[str], style: str) -> Iterator[str]:
    if not number:
        yield '<td class="number none-number"></td><td class="none"></td>'
        return
    yield f'<td class="number">{number}</td><td class="{style}">{lines[number - 1]}</td>'
