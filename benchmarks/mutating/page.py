"""The page that shows a run: docs/mutants.md."""

from __future__ import annotations

from collections import Counter

from mutating.results import Result, Results
from mutating.sites import NAMES

_HEAD = """# Mutants: is the proof able to fail?

A proof that cannot fail proves nothing. For each rule that rewrites, what the tool wrote at sites of the fixtures is
made wrong on purpose, one place at a time; the harmed program runs, and has to be told from the legacy one: by its
output, by an exception, by a hang, or by a value that the probes of [`verify`](verify.md) record at a site. The
expected text of a fixture counts for nothing here.

| mutant | what is wrong |
| --- | --- |
{operators}

`beside: ` before a name: not at the site itself, but in lines that the tool added around it, or in a function that it
added and that the site calls. What the author of a fixture wrote is not made wrong, and what another rule wrote counts
for that rule.

An operator is tried at the sites of a rule, those that run first and in different fixtures where there are, until one
catches it; the table names the one that did. So a line says that fixtures of that rule can see this mistake, not that
each of its sites would.

## How to repeat

```sh
python benchmarks/mutants.py --page docs/mutants.md                        # all rules
python benchmarks/mutants.py --rules OVM605,OVM7 --page docs/mutants.md    # these anew, the others as they were
```

The run is kept in `benchmarks/mutants.json`. The tests run a small fixed batch, and fail for a rule that is not on this
page.

## What it found

Most mutants that lived on had fixtures that did not look: a model with one input where the order of two was at stake, a
device that nobody could tell from another, a result that was not printed. Those look now. Some lived on because the
tool was wrong:

{found}

## What came out

{totals}

{table}
"""

# Mistakes of the tool that mutants have shown: what, what it did, where it was mended, fixtures.
_FOUND = (
    (
        "a blob over an array with gaps, written to later, became a tensor over a copy that nobody kept",
        "silently read freed memory",
        "`steps/tensors.py`",
        "blob_inline, blob_shares_array",
    ),
    (
        "a configuration value asked of a loaded network was said to be the same; it is a number or truth value now",
        "silently another type",
        "`steps/core.py`",
        "compiled_config_value",
    ),
    (
        "register_plugins and unload_plugin lost their keywords",
        "a needless change",
        "`rules/core.toml`",
        "core_register_plugins, core_unregister_plugin",
    ),
)


def render(results: Results) -> str:
    """The page of one run."""
    operators = "\n".join(f"| {name} | {words} |" for name, words in NAMES.items())
    mended = ["| mistake | what it did | mended in | fixture |", "| --- | --- | --- | --- |"]
    found = "\n".join([*mended, *(f"| {' | '.join(row)} |" for row in _FOUND)])
    totals, table = _totals(results), _table(results.mutants)
    parts = [_HEAD.format(operators=operators, found=found, totals=totals, table=table)]
    reasons = [result for result in results.mutants if result.reason]
    if reasons:
        lines = "\n".join(
            f"| {r.rule} | {r.operator} | {_code(r.old)} → {_code(r.new)} | {r.reason} |" for r in reasons
        )
        parts.append(f"## Not mistakes\n\n| rule | mutant | text | why |\n| --- | --- | --- | --- |\n{lines}\n")
    if results.without:
        lines = "\n".join(f"| {rule} | {why} |" for rule, why in sorted(results.without.items()))
        parts.append(f"## Rules without mutants\n\n| rule | why |\n| --- | --- |\n{lines}\n")
    return "\n".join(parts)


def _totals(results: Results) -> str:
    found = Counter(_how(result) for result in results.mutants)
    rules = len({result.rule for result in results.mutants})
    told = ", ".join(f"{number} {how}" for how, number in found.most_common())
    return f"{len(results.mutants)} mutants of {rules} rules, by what tells them: {told}."


def _how(result: Result) -> str:
    return result.how or ("no mistake" if result.reason else "**survives**")


def _table(mutants: list[Result]) -> str:
    lines = ["| rule | mutant | text | caught by | how |", "| --- | --- | --- | --- | --- |"]
    for r in mutants:
        where = r.tried[-1] if r.how else "-"
        told = f"{_how(r)}: {_code(r.told)}" if r.told else _how(r)
        lines.append(f"| {r.rule} | {r.operator} | {_code(r.old)} → {_code(r.new)} | {where} | {told} |")
    return "\n".join(lines)


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|").replace("`", "'") + "`" if text else "nothing"
