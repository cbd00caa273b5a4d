"""Wrong variants of what each rule writes, run to see whether anything catches them (see docs/mutants.md).

usage: mutants.py [--rules OVM605,OVM7] [--json FILE] [--page FILE] [--no-sites]
       (with --rules the other rules of the run that is kept stay as they are)
       mutants.py --render FILE      write the page of a run that is kept, without running
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

from mutating.bench import Bench
from mutating.page import render
from mutating.results import Result, Results, try_rule
from mutating.sites import Site, sites_of

from ov_migrate.knowledge.catalogue import load_catalogue
from ov_migrate.knowledge.files import read_toml
from ov_migrate.verify.fixtures import find as find_fixtures
from ov_migrate.verify.runtimes import BOTH, NEWEST, OLD, find

_ROOT = Path(__file__).parent.parent
_KEPT = Path(__file__).with_name("mutants.json")
_KNOWN = Path(__file__).with_name("mutating") / "known.toml"
_NO_FIXTURE = "**no fixture that runs has a site of it**"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", default="", help="codes, or how they begin, with commas; all without it")
    parser.add_argument("--fixtures", default="", help="only fixtures whose name has this in it")
    parser.add_argument("--json", type=Path, default=_KEPT, help="where the run is kept")
    parser.add_argument("--page", type=Path, help="where the table is written")
    parser.add_argument("--render", type=Path, help="a run that is kept: write its page and do nothing else")
    parser.add_argument("--no-sites", action="store_true", help="do without the site probes of verify")
    options = parser.parse_args()
    if options.render:
        results = Results.read(options.render)
    else:
        wanted = tuple(filter(None, options.rules.split(",")))
        results = run(options, wanted)
        if wanted and options.json.exists():
            results = results.with_those_of(Results.read(options.json), lambda rule: rule.startswith(wanted))
        results.write(options.json)
    if options.page:
        options.page.write_text(render(results), encoding="utf-8")
    survivors = [result for result in results.mutants if result.survives]
    for result in survivors:
        print(
            f"SURVIVES {result.rule} {result.operator} in {', '.join(result.tried)}: {result.old!r} -> {result.new!r}"
        )
    print(f"{len(results.mutants)} mutants of {len({r.rule for r in results.mutants})} rules, {len(survivors)} survive")
    return 1 if survivors else 0


def run(options: argparse.Namespace, wanted: tuple[str, ...]) -> Results:
    """Makes and tries the mutants of the rules that are asked for, of all rules without any."""
    start = time.perf_counter()
    by_rule: dict[str, list[Site]] = defaultdict(list)
    for fixture in find_fixtures(_ROOT / "fixtures"):
        if fixture.after.exists() and options.fixtures in fixture.name:
            for site in sites_of(fixture):
                by_rule[site.rule].append(site)
    known = read_toml(_KNOWN)
    bench = Bench({release: runtime for release in (OLD, BOTH, NEWEST) if (runtime := find(release)) is not None})
    found: list[Result] = []
    rewriting = [rule.code for rule in load_catalogue().rules if rule.verdict != "manual"]
    without = {rule: _NO_FIXTURE for rule in rewriting if rule not in by_rule} | known["without"]
    try:
        for rule in sorted(by_rule):
            if rule in known["without"] or (wanted and not rule.startswith(wanted)):
                continue
            reasons = known["equal"].get(rule, {})
            some = try_rule(bench, by_rule[rule], reasons, with_sites=not options.no_sites)
            if not some:
                without[rule] = _NO_FIXTURE
            found += some
            for one in some:
                print(f"{time.perf_counter() - start:6.0f} {json.dumps(vars(one))[:260]}", flush=True)
    finally:
        bench.close()
    return Results(found, without)


if __name__ == "__main__":
    sys.exit(main())
