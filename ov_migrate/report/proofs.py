"""What a finding's proof is, in words; the same ones in all reports."""

from __future__ import annotations

from ov_migrate.report.records import Finding, Run, SiteRun

_PROOFS = {
    "fixture": "the rule's fixtures give the same results before and after",
    "none": "",
}
_RUNS = {
    "equal": "this site was run and was equal",
    "ran": "this site was run; it has no value to compare",
    "unstable": "this site was run; its value depends on time or chance",
    "not executed": "this site was not executed",
    "not probed": "no probe fits here",
    "differs": "this site was run and DIFFERS",
}


def said(finding: Finding) -> str:
    """What is known of the new code at a site; "" when nothing is."""
    if finding.run is None:
        return _PROOFS.get(finding.proof, finding.proof)
    run = finding.run
    times = f" ({run.times} times)" if run.times > 1 else ""
    text = _RUNS.get(run.status, run.status) + times
    return f"{text}: {run.difference}. Before: {run.old}. After: {run.new}" if run.status == "differs" else text


def overall(run: Run) -> str:
    """One line on what `verify` has executed and what came of it; "" for a run without it."""
    verdict = f"{run.verdict}. " if run.verdict else ""
    sites = [site for record in run.files for site in _runs(record.findings)]
    if not sites:
        return verdict.rstrip()
    executed = sum(site.times > 0 for site in sites)
    differing = sum(site.status == "differs" for site in sites)
    result = f"{differing} of them differ{'s' * (differing == 1)}" if differing else "none of them differs"
    return f"{verdict}{executed} of {len(sites)} sites were executed ({100 * executed // len(sites)} %); {result}."


def _runs(findings: list[Finding]) -> list[SiteRun]:
    return [finding.run for finding in findings if finding.run is not None]
