"""What `verify` prints of a program."""

from __future__ import annotations

from collections.abc import Iterator

from ov_migrate.report.records import FileRecord, Finding
from ov_migrate.verify.obstacles import last_words
from ov_migrate.verify.program import Outcome
from ov_migrate.verify.proof import Proof

# Longer output is cut in the middle unless all is wanted.
_MOST_LINES = 40
_WORDS = {"differs": "DIFFERS", "equal": "equal"}


def lines(proof: Proof, verbose: bool) -> Iterator[str]:
    """The output of both sides, the sites that differ or were not executed (all of them when `verbose`), the result."""
    for title, outcome in (("before", proof.before), ("after", proof.after)):
        yield f"--- {title}, on OpenVINO {outcome.release}"
        yield from _output(outcome, verbose)
    yield "--- sites"
    for record in proof.reached:
        yield from _file(record, verbose)
    yield from _summary(proof)


def _output(outcome: Outcome, verbose: bool) -> Iterator[str]:
    printed = outcome.output.splitlines()
    if len(printed) > _MOST_LINES and not verbose:
        half = _MOST_LINES // 2
        printed = [*printed[:half], f"… {len(printed) - 2 * half} lines, --verbose prints them …", *printed[-half:]]
    yield from printed
    if outcome.status != 0:
        errors = outcome.errors.strip().splitlines() if verbose else list(last_words(outcome.errors))
        yield from (f"  {line}" for line in errors[-_MOST_LINES:])


def _file(record: FileRecord, verbose: bool) -> Iterator[str]:
    if record.status == "failed":
        yield f"{record.path}: {record.error}"
    for finding in record.findings:
        if finding.run is not None and (verbose or finding.run.status in ("differs", "not executed")):
            yield from _site(record.path, finding)


def _site(path: str, finding: Finding) -> Iterator[str]:
    run = finding.run
    assert run is not None
    times = f" ({run.times} times)" if run.times > 1 and run.status != "not executed" else ""
    yield f"{path}:{finding.line}: {finding.rule} {finding.slug}: {_WORDS.get(run.status, run.status)}{times}"
    if run.status == "differs":
        yield f"    {run.difference}"
        yield f"    before: {_short(finding.before)} gave {run.old}"
        yield f"    after:  {_short(finding.after)} gave {run.new}"


def _short(text: str) -> str:
    first = text.splitlines()[0] if text else ""
    return f"`{first[:77]}...`" if len(first) > 80 or "\n" in text else f"`{first}`"


def _summary(proof: Proof) -> Iterator[str]:
    yield from proof.notes
    if proof.sites:
        yield _counts(proof)
    others = [record for record in proof.run.files if record.findings and record not in proof.reached]
    if others:
        more = "file with sites was" if len(others) == 1 else "files with sites were"
        yield f"{len(others)} more {more} not loaded by this run."
    if proof.left:
        yield f"{proof.left} {'site is' if proof.left == 1 else 'sites are'} left to a person."
    yield from (f"--- differs: {difference}" for difference in proof.differences if proof.could_run)
    if proof.count("differs") and proof.could_run:
        yield f"--- differs: {proof.count('differs')} site{'s' * (proof.count('differs') > 1)}"
    if not proof.could_run:
        yield from (f"--- {line}" for line in proof.obstacles)
    if proof.verdict != "differs":
        yield f"--- {proof.verdict}"


def _counts(proof: Proof) -> str:
    sites = len(proof.sites)
    executed = sites - proof.count("not executed", "not probed")
    parts = [f"{sites} sites, {executed} executed ({100 * executed // sites} %)"]
    words = {
        "equal": "gave the same values",
        "ran": "ran and have no value to compare",
        "unstable": "depend on time or chance",
        "differs": "differ",
        "not probed": "have no place for a probe",
    }
    parts += [f"{proof.count(status)} {word}" for status, word in words.items() if proof.count(status)]
    return parts[0] + (": " + ", ".join(parts[1:]) if parts[1:] else "") + "."
