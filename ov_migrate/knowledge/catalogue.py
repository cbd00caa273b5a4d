"""The rules: what each legacy call becomes, as data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from ov_migrate.knowledge.files import read_toml, rules_folder

# Files of rules/ that describe APIs rather than rules.
_NOT_RULES = {"current_api", "legacy_api", "packages", "variables"}


@dataclass(frozen=True)
class Example:
    """A piece of legacy code and what it becomes; the tests migrate it, with `setup` in front, given `model`,
    and with the options where it says so."""

    before: str
    after: str
    setup: str
    model: str
    pin_io_types: bool
    tidy: bool
    rename_variables: bool


@dataclass(frozen=True)
class Rule:
    """One change. `legacy` names its sites: `kind.member()` for a call, `kind.member` for an attribute read,
    `kind.member=` for an assignment, `Class()` for a constructor, `Class` for the bare name.

    `replace` renames a member; `arguments` maps legacy parameters to new ones, in the new order ("" drops one);
    `template` writes the new expression out, with `{receiver}` and the legacy parameters in braces; a rule with none
    of these is carried out by the handler of the same slug, or is `manual`.

    `since` is the first release that has what the site becomes; for an older target the site is left.

    `value` says what `verify` may hold the new expression to: the "same" value, the same "data" in the same order,
    whatever its shape, the same "form" (element type and size) of what is still to be filled, a value that depends on
    "time", or an "other" value on purpose.
    """

    code: str
    slug: str
    step: str
    legacy: tuple[str, ...]
    verdict: str
    why: str
    since: str = "2022.1"
    replace: str = ""
    arguments: dict[str, str] | None = None
    template: str = ""
    check: str = ""
    advice: str = ""
    not_applied: str = ""
    link: str = ""
    proof: str = "none"
    value: str = "same"
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """All rules, by slug and by the sites they are about; `tables` holds value tables by name, `steps` says what each
    step is about."""

    rules: tuple[Rule, ...]
    by_slug: dict[str, Rule]
    by_site: dict[str, Rule]
    classes: dict[str, str]
    tables: dict[str, dict[str, str]]
    steps: dict[str, str]

    def find(self, name: str) -> Rule | None:
        """The rule with this code or slug, in any case."""
        wanted = name.casefold()
        return next((r for r in self.rules if wanted in (r.code.casefold(), r.slug)), None)

    def matching(self, selector: str) -> list[Rule]:
        """The rules a --select or --ignore value means: a slug, a step, a code or the beginning of one."""
        wanted = selector.casefold()
        return [
            r for r in self.rules if wanted in (r.slug, r.step) or (wanted and r.code.casefold().startswith(wanted))
        ]


def _example(data: dict[str, Any], setup: str) -> Example:
    before, after, setup = (text.strip("\n") for text in (data["before"], data["after"], data.get("setup", setup)))
    return Example(
        before,
        after,
        setup,
        data.get("model", ""),
        data.get("pin_io_types", False),
        data.get("tidy", False),
        data.get("rename_variables", False),
    )


def _rule(data: dict[str, Any], file: dict[str, Any]) -> Rule:
    data = {"step": file["step"], "link": file["link"], **data}
    examples = tuple(_example(item, file.get("setup", "")) for item in data.pop("example", ()))
    legacy = data.pop("legacy", ())
    return Rule(legacy=(legacy,) if isinstance(legacy, str) else tuple(legacy), examples=examples, **data)


@cache
def load_catalogue() -> Catalogue:
    """Reads all rule files once per process; raises `TypeError` for a row with a field that `Rule` lacks."""
    rules: list[Rule] = []
    classes: dict[str, str] = {}
    tables: dict[str, dict[str, str]] = {}
    steps: dict[str, str] = {}
    for path in sorted(rules_folder().glob("*.toml")):
        if path.stem not in _NOT_RULES:
            file = read_toml(path)
            rules += [_rule(item, file) for item in file.get("rule", ())]
            classes |= file.get("classes", {})
            tables |= file.get("table", {})
            steps[file["step"]] = file["title"]
    rules.sort(key=lambda rule: rule.code)
    by_site = {site: rule for rule in rules for site in rule.legacy}
    return Catalogue(tuple(rules), {rule.slug: rule for rule in rules}, by_site, classes, tables, steps)
