"""A rule's page, made from its row in rules/."""

from __future__ import annotations

from ov_migrate.knowledge.catalogue import Rule

_VERDICTS = {
    "migrated": "rewritten; equal by what the tool has established",
    "review": "rewritten or left as it is, with one thing to check",
    "manual": "not rewritten; listed, with a comment above the site",
}


def render(rule: Rule) -> str:
    """The page as plain text in Markdown's manner."""
    parts = [
        f"# {rule.code} {rule.slug}",
        rule.why,
        f"Step: {rule.step}. Verdict: {rule.verdict} ({_VERDICTS[rule.verdict]}).",
    ]
    if rule.legacy:
        parts.append("Sites: " + ", ".join(f"`{site}`" for site in rule.legacy) + ".")
    for example in rule.examples:
        given = f", with the model {example.model}.xml" if example.model else ""
        parts += [f"Before{given}:", _block(example.before), "After:", _block(example.after)]
    for title, text in (
        ("To check", rule.check),
        ("By hand", rule.advice),
        ("Not applied", rule.not_applied),
        ("More", rule.link),
    ):
        if text:
            parts.append(f"{title}: {text}")
    return "\n\n".join(parts) + "\n"


def _block(code: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in code.splitlines())
