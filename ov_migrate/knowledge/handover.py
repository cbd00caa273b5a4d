"""What a person needs to finish a site by hand, from rules/handover: read only when a run has such sites."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from ov_migrate.knowledge.catalogue import Rule, load_catalogue
from ov_migrate.knowledge.files import read_toml, rules_folder


@dataclass(frozen=True)
class Form:
    """One form that API 2.0 offers: its code, what it would change, and the first release that has it."""

    code: str
    changes: str
    since: str


@dataclass(frozen=True)
class Task:
    """What the legacy call did (copy or view, order, dtype, blocking, errors), and what to choose from."""

    legacy_did: str
    forms: tuple[Form, ...]


def task_of(rule: Rule, site: str = "") -> Task:
    """The task that a rule leaves; that of one of its sites, such as `layer.type`, where it differs. Raises `KeyError`
    for a rule that has none."""
    own, of_sites = _step(rule.step)[rule.slug]
    return of_sites.get(site, own)


def tasks_of_sites(rule: Rule) -> dict[str, Task]:
    """The tasks of those sites of a rule that have their own."""
    return _step(rule.step)[rule.slug][1]


def tasks_of_member(kind: str, member: str) -> Iterator[Task]:
    """The tasks of the rules that are about a member of a kind: called, read or set."""
    site = f"{kind}.{member}"
    rules = load_catalogue().by_site
    found = dict.fromkeys(rules[site + end] for end in ("()", "", "=") if site + end in rules)
    return (task_of(rule, site) for rule in found)


@cache
def _step(step: str) -> dict[str, tuple[Task, dict[str, Task]]]:
    data = read_toml(rules_folder() / "handover" / f"{step}.toml")
    return {
        slug: (_task(entry), {site: _task(other) for site, other in entry.get("of", {}).items()})
        for slug, entry in data.items()
    }


def _task(data: dict[str, Any]) -> Task:
    forms = (Form(form["code"].strip("\n"), form["changes"], form["since"]) for form in data["forms"])
    return Task(data["legacy_did"], tuple(forms))


def every_form(rules: Iterable[Rule]) -> list[Form]:
    """All different forms of `rules`, those of single members with them."""
    found: dict[Form, None] = {}
    for rule in rules:
        own, of_sites = _step(rule.step)[rule.slug]
        for task in (own, *of_sites.values()):
            found |= dict.fromkeys(task.forms)
    return list(found)
