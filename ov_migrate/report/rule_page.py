"""A rule's page, made from its row in rules/: what `explain` prints, and the pages of docs/rules/."""

from __future__ import annotations

from collections.abc import Iterator

from ov_migrate.knowledge.catalogue import Example, Rule
from ov_migrate.knowledge.handover import task_of, tasks_of_sites

# What each verdict means.
VERDICTS = {
    "migrated": "rewritten; equal by what the tool has established",
    "review": "rewritten or left as it is, with one thing to check: equality depends on something outside the source",
    "manual": "left as it is under a comment `# TODO(ov-migrate …): …` that says what to do",
}


def render(rule: Rule) -> str:
    """The page as Markdown."""
    parts = [
        f"# {rule.code} {rule.slug}",
        rule.why,
        f"Step: {rule.step}. Verdict: **{rule.verdict}** ({VERDICTS[rule.verdict]}).",
    ]
    if rule.legacy:
        parts.append("Sites: " + ", ".join(f"`{site}`" for site in rule.legacy) + ".")
    parts += ["## Before and after"] * bool(rule.examples)
    for example in rule.examples:
        parts += [_given(example, "Before"), code(example.before), "After:", code(example.after)]
    for title, text in (
        ("What to check", rule.check),
        ("By hand", rule.advice),
        ("What the legacy code did", task_of(rule).legacy_did),
        ("What API 2.0 offers", "\n\n".join(_forms(rule))),
        ("When it is not applied", rule.not_applied),
        ("To keep the old code", _silence(rule)),
        ("More", f"<{rule.link}>"),
    ):
        if text:
            parts += [f"## {title}", text]
    return "\n\n".join(parts) + "\n"


def _forms(rule: Rule) -> Iterator[str]:
    """What a person may choose from who finishes a site by hand, with what is told of single members."""
    for form in task_of(rule).forms:
        yield f"{form.changes} From {form.since} on:\n\n{code(form.code)}"
    for site, task in tasks_of_sites(rule).items():
        yield f"`{site}`: {task.legacy_did}"
        for form in task.forms:
            yield f"{form.changes} From {form.since} on:\n\n{code(form.code)}"


def code(text: str, language: str = "python") -> str:
    """A block of code in Markdown; its fence is longer than those inside."""
    fence = "````" if "```" in text else "```"
    return f"{fence}{language}\n{text}\n{fence}"


def _given(example: Example, title: str) -> str:
    given = [f"the model {example.model}.xml"] if example.model else []
    if example.pin_io_types:
        given.append("--pin-io-types")
    if example.rename_variables:
        given.append("--rename-variables")
    return f"{title}, given {' and '.join(given)}:" if given else f"{title}:"


def _silence(rule: Rule) -> str:
    if rule.verdict == "manual":
        return (
            f"`# ov-migrate: skip` behind the statement, or on a line above it, keeps it out of the list; "
            f"`--ignore {rule.slug}` does so for a whole run."
        )
    return (
        f"`# ov-migrate: skip` behind the statement, or on a line above it, keeps that statement; "
        f"`--ignore {rule.slug}` leaves this rule out of a run."
    )
