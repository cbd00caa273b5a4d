"""The fleet as one page, in the manner of the report of one run. All text of the reports is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ov_migrate.report.fleet import STATES, Fleet, Repository, Site, sites_by_rule
from ov_migrate.report.html_report import asset, header, page, progress_bar, total_cards
from ov_migrate.report.totals import KINDS, Total

_STYLES = {"failed": "failed", "by hand": "verdict manual", "ready": "verdict review", "done": "verdict migrated"}
_HEADS = ("repository", "state", "files", "change", *KINDS)


def render(fleet: Fleet) -> str:
    """The page of many runs."""
    total = fleet.total
    targets = sorted({repository.target for repository in fleet.repositories})
    count = len(fleet.repositories)
    body = [
        header(
            f"ov-migrate: {fleet.state('done')} of {count} repositories done, "
            f"{total.share}% of {total.sites} sites need no edit by hand",
            ", ".join(targets),
        ),
        _totals(fleet, total),
        _filters(fleet),
        "<h2>Repositories</h2>",
        _repositories(fleet),
        "<h2>Rules</h2>",
        _rules(fleet),
        "<h2>Left by hand</h2>",
        *(_left(number, repository) for number, repository in enumerate(fleet.repositories)),
        '<p id="nothing" class="dim" hidden>Nothing.</p>',
    ]
    return page("ov-migrate: many repositories", "\n".join(body), asset("common.js") + asset("fleet.js"))


def _totals(fleet: Fleet, total: Total) -> str:
    return total_cards(
        [
            (len(fleet.repositories), "repositories", ""),
            *((fleet.state(state), state, _STYLES[state]) for state in STATES),
            (sum(repository.files for repository in fleet.repositories), "files", ""),
            *((getattr(total, kind), kind, f"verdict {kind}") for kind in KINDS),
        ]
    )


def _filters(fleet: Fleet) -> str:
    buttons = "".join(
        f'<button type="button" data-state="{state}" aria-pressed="false" title="{meaning}">{state}</button>'
        for state, meaning in STATES.items()
        if fleet.state(state)
    )
    return (
        f'<div class="filters" role="toolbar" aria-label="Filters">{buttons}'
        '<select id="rule" aria-label="Rule"><option value="">all rules</option>'
        + "".join(f"<option>{escape(total.name)}</option>" for total, _ in fleet.by_rule())
        + '</select><input id="search" type="search" placeholder="Search ( / )" aria-label="Search">'
        '<button id="open" type="button" title="o">Open all</button>'
        '<button id="close" type="button" title="c">Close all</button>'
        '<span id="shown" class="dim" role="status"></span></div>'
    )


def _repositories(fleet: Fleet) -> str:
    heads = "".join(
        f'<th{_number(name)} aria-sort="none"><button type="button" class="sort">{name}</button></th>'
        for name in _HEADS
    )
    rows = "".join(_row(number, repository) for number, repository in enumerate(fleet.repositories))
    return (
        f'<table class="fleet" id="repositories"><thead><tr>{heads}<th class="wide">sites</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _number(head: str) -> str:
    return "" if head in ("repository", "state") else ' class="number"'


def _row(number: int, repository: Repository) -> str:
    name = escape(repository.name)
    shown = f'<a href="#r{number}">{name}</a>' if repository.sites or repository.failures else name
    numbers = [repository.files, repository.changed, *_counts(repository.total)]
    state, rules = repository.state, escape("\n".join(repository.counts))
    return (
        f'<tr data-number="{number}" data-name="{name}" data-state="{state}" data-rules="{rules}">'
        f'<td class="name">{shown}</td><td class="{_STYLES[state]}">{state}</td>'
        f"{_cells(_HEADS[2:], numbers)}<td>{progress_bar(repository.total)}</td></tr>"
    )


def _counts(total: Total) -> list[int]:
    return [getattr(total, kind) for kind in KINDS]


def _cells(heads: Sequence[str], numbers: Sequence[int]) -> str:
    """Cells of numbers, which say their heads themselves where the heads are not shown."""
    pairs = zip(heads, numbers, strict=True)
    return "".join(f'<td class="number" data-head="{head}">{number}</td>' for head, number in pairs)


def _rules(fleet: Fleet) -> str:
    heads = ("repositories", *KINDS)
    row = "".join(f'<th class="number">{name}</th>' for name in heads)
    rows = "".join(
        f'<tr data-rule="{escape(total.name)}"><td class="name">{escape(total.name)}</td>'
        f"{_cells(heads, [count, *_counts(total)])}<td>{progress_bar(total)}</td></tr>"
        for total, count in fleet.by_rule()
    )
    return (
        f'<table class="fleet" id="rules"><thead><tr><th>rule</th>{row}<th class="wide">sites</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _left(number: int, repository: Repository) -> str:
    if not repository.sites and not repository.failures:
        return ""
    said = [f'<span class="verdict manual">{len(repository.sites)} by hand</span>'] if repository.sites else []
    if repository.failures:
        said.append(f'<span class="failed">{len(repository.failures)} failed</span>')
    return (
        f'<details class="file" id="r{number}"><summary><code>{escape(repository.name)}</code>: {", ".join(said)}'
        f"</summary>{_failures(repository)}{_groups(repository)}</details>"
    )


def _failures(repository: Repository) -> str:
    return "".join(
        f'<div class="site" data-rule=""><p><code>{escape(path)}</code> <span class="failed">{escape(error)}</span></p>'
        "</div>"
        for path, error in repository.failures
    )


def _groups(repository: Repository) -> str:
    return "".join(_group(rule, message, sites) for rule, message, sites in sites_by_rule(repository))


def _group(rule: str, message: str, sites: list[Site]) -> str:
    items = "".join(
        f"<li><code>{escape(site.path)}</code> {site.place}: <code>{escape(site.before)}</code></li>" for site in sites
    )
    return (
        f'<div class="site" data-rule="{escape(rule)}"><p><b>{escape(rule)}</b> '
        f'<span class="dim">{len(sites)} site{"s" * (len(sites) != 1)}</span></p>'
        f"<p>{escape(message)}</p><ul>{items}</ul></div>"
    )
