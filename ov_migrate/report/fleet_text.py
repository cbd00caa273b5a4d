"""The fleet as text: lines for a terminal, Markdown, and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from ov_migrate import __version__
from ov_migrate.report.fleet import STATES, Fleet, Repository, sites_by_rule
from ov_migrate.report.markdown_report import LIMIT, code, html, words
from ov_migrate.report.totals import KINDS, Total

_COLOURS = {"failed": "red", "by hand": "red", "ready": "yellow", "done": "green"}


def lines(fleet: Fleet) -> Iterator[str]:
    """A table for a terminal."""
    yield f"{'state':<8} {'files':>6} {'change':>6} {'migrated':>8} {'review':>6} {'manual':>6}  repository"
    for repository in fleet.repositories:
        total, state = repository.total, repository.state
        yield (
            f"{click.style(f'{state:<8}', fg=_COLOURS[state])} {repository.files:>6} {repository.changed:>6} "
            f"{total.migrated:>8} {total.review:>6} {total.manual:>6}  {repository.name}"
        )
    yield summary(fleet)


def summary(fleet: Fleet) -> str:
    """One line: how many repositories are in which state, and how many sites there are."""
    states = ", ".join(f"{fleet.state(state)} {state}" for state in reversed(STATES) if fleet.state(state))
    total = fleet.total
    count = len(fleet.repositories)
    return (
        f"{count} {'repository' if count == 1 else 'repositories'} ({states}), {total.sites} sites: "
        f"{total.migrated} migrated, {total.review} to review, {total.manual} left by hand."
    )


def markdown(fleet: Fleet) -> str:
    """Tables of repositories and rules, then what is left by hand, cut to the length that a comment may have."""
    head = ["## OpenVINO API 2.0: many repositories", "", summary(fleet), ""]
    head += ["| repository | state | files | change | migrated | review | manual |", "|---|---|--:|--:|--:|--:|--:|"]
    rules = ["", "| rule | repositories | migrated | review | manual |", "|---|--:|--:|--:|--:|"]
    rules += [f"| {words(total.name)} | {count} | {_numbers(total)} |" for total, count in fleet.by_rule()]
    rules += ["", f"<sub>ov-migrate {__version__}</sub>", ""]
    length = sum(len(line) + 1 for line in (*head, *rules))
    rows, left = _fitting([[_row(repository)] for repository in fleet.repositories], length)
    length += sum(len(row) + 1 for row in rows)
    sites, more = _fitting([_left(repository) for repository in fleet.repositories], length)
    if left or more:
        sites.append("… and more; the HTML and JSON reports list them all.")
    return "\n".join([*head, *rows, *rules, *sites]) + "\n"


def _fitting(parts: list[list[str]], length: int) -> tuple[list[str], bool]:
    """The lines of as many parts as fit a comment behind `length` characters, and whether some do not."""
    found: list[str] = []
    for part in parts:
        length += sum(len(line) + 1 for line in part)
        if length > LIMIT:
            return found, True
        found += part
    return found, False


def _row(repository: Repository) -> str:
    return (
        f"| {words(repository.name)} | {repository.state} | {repository.files} | {repository.changed} | "
        f"{_numbers(repository.total)} |"
    )


def _numbers(total: Total) -> str:
    return " | ".join(str(getattr(total, kind)) for kind in KINDS)


def _left(repository: Repository) -> list[str]:
    if not repository.sites and not repository.failures:
        return []
    found = [f"<details><summary>{html(repository.name)}</summary>", ""]
    found += [f"- {code(path)} failed: {code(error)}" for path, error in repository.failures]
    for rule, message, sites in sites_by_rule(repository):
        found.append(f"- **{words(rule)}**: {words(message)}")
        found += [f"  - {code(site.path)}, {site.place}: {code(site.before)}" for site in sites]
    return [*found, "", "</details>", ""]


def as_json(fleet: Fleet) -> str:
    """The fleet as JSON text, version 1."""
    data = {
        "version": 1,
        "tool": f"ov-migrate {__version__}",
        "summary": {
            "repositories": len(fleet.repositories),
            **{state.replace(" ", "_"): fleet.state(state) for state in STATES},
            **_counts(fleet.total),
        },
        "repositories": [_repository(repository) for repository in fleet.repositories],
        "rules": [{"rule": total.name, "repositories": count, **_counts(total)} for total, count in fleet.by_rule()],
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _counts(total: Total) -> dict[str, int]:
    return {kind: getattr(total, kind) for kind in KINDS}


def _repository(repository: Repository) -> dict[str, Any]:
    return {
        "name": repository.name,
        "state": repository.state,
        "target": repository.target,
        "files": repository.files,
        "changed": repository.changed,
        **_counts(repository.total),
        "failed": [{"path": path, "error": error} for path, error in repository.failures],
        "left": [asdict(site) for site in repository.sites],
    }
