"""The pages of docs/rules/: what `explain` prints, with the fixtures in which a rule was at work, and an index."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from ov_migrate.knowledge.catalogue import Rule, load_catalogue
from ov_migrate.report.rule_page import render
from ov_migrate.verify.fixtures import Fixture, find

ROOT = Path(__file__).parent.parent
_SHOWN = 3  # fixtures of each verdict on a page


def rule_pages() -> Iterator[tuple[str, str]]:
    """Name and text of every page, the index among them."""
    for rule in load_catalogue().rules:
        yield f"{rule.code}.md", page(rule)
    yield "README.md", index()


def page(rule: Rule) -> str:
    """A rule's page: what `explain` prints, and its fixtures."""
    parts = [render(rule) + "\n## Fixtures", _fixtures(rule)]
    if rule.legacy:
        parts.append(
            "As every rule, it is applied only to an object that was followed from an import ([why](../law.md))."
        )
    return "\n\n".join((*parts, "[All rules](README.md)")) + "\n"


def index() -> str:
    """All rules by step."""
    parts = [
        "# Rules",
        "`ov-migrate explain RULE` prints the same pages. What the verdicts mean: [verdicts](../verdicts.md).",
    ]
    steps = load_catalogue().steps
    for step in dict.fromkeys(rule.step for rule in load_catalogue().rules):
        rows = [f"| [{r.code}]({r.code}.md) | {r.slug} | {r.verdict} | {cell(r.why)} |" for r in _of_step(step)]
        parts += [f"## {step}", f"{steps[step]}.", table(("rule", "name", "verdict", "why"), rows)]
    return "\n\n".join(parts) + "\n"


def table(titles: tuple[str, ...], rows: list[str]) -> str:
    """A table in Markdown; `rows` are written already."""
    head = f"| {' | '.join(titles)} |"
    return "\n".join((head, "|" + " --- |" * len(titles), *rows))


def cell(text: str) -> str:
    """Text as it may stand in a table."""
    return " ".join(text.split()).replace("|", "\\|")


def _of_step(step: str) -> Iterator[Rule]:
    return (rule for rule in load_catalogue().rules if rule.step == step)


def _fixtures(rule: Rule) -> str:
    rows = [_row(fixture, verdict) for verdict, fixture in _proving(rule)]
    if not rows:
        return _why_none(rule)
    text = "Programs with a site of this rule that the tests migrate, and run before and after on the releases named:"
    return f"{text}\n\n" + table(("program", "the site is", "before ran on", "after ran on"), rows)


def _why_none(rule: Rule) -> str:
    if rule.verdict == "manual":
        return "Sites of this rule are left as they are; there is nothing to run after."
    if not rule.examples:
        return "Sites of this rule are the same in both APIs; they stay, and no report lists them."
    return "No program in `fixtures/` has a site of this rule yet."


def _proving(rule: Rule) -> Iterator[tuple[str, Fixture]]:
    """For each verdict the fixtures that have least of other rules."""
    for verdict in ("migrated", "review", "manual"):
        found = _sites().get((rule.code, verdict), [])
        found.sort(key=lambda fixture: (len(_codes(fixture)), fixture.name))
        yield from ((verdict, fixture) for fixture in found[:_SHOWN])


def _codes(fixture: Fixture) -> set[str]:
    return {finding.split()[-2] for finding in fixture.findings}


@cache
def _sites() -> dict[tuple[str, str], list[Fixture]]:
    """(code, verdict) → the fixtures with such a finding."""
    found: dict[tuple[str, str], list[Fixture]] = {}
    for fixture in find(ROOT / "fixtures"):
        for code, verdict in {tuple(finding.split()[-2:]) for finding in fixture.findings}:
            found.setdefault((code, verdict), []).append(fixture)
    return found


def _row(fixture: Fixture, verdict: str) -> str:
    folder = f"../../fixtures/{fixture.name}"
    links = [f"[{fixture.name}: {fixture.before.name}]({folder}/{fixture.before.name})"]
    if fixture.after.exists():
        links.append(f"[{fixture.after.name}]({folder}/{fixture.after.name})")
    before = ", ".join(fixture.before_on)
    if fixture.legacy_side:
        before += f" (as [{fixture.legacy_side}](../../fixtures/{fixture.legacy_side}))"
    return f"| {', '.join(links)} | {verdict} | {before} | {', '.join(fixture.after_on)} |"
