"""Random legacy programs, run before and after their migration: finds what the tool does wrong.

usage: fuzz.py [--seed TEXT] [--count N] [--keep FOLDER] [--show SEED]     (see docs/fuzz.md)
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from fuzzing.idioms import FREQUENT
from fuzzing.programs import Program, random_program
from fuzzing.shrink import shrunken
from fuzzing.trials import GOOD, Bench, Trial

from ov_migrate.verify.runtimes import BOTH, FIRST, NEWEST, OLD, find


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", default="1", help="programs are SEED.0, SEED.1 and so on")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--keep", type=Path, help="folder for the programs that fail")
    parser.add_argument("--show", help="print the program of this seed and what becomes of it")
    parser.add_argument("--counts", type=Path, help="print the table of idioms of the runs kept in this folder")
    parser.add_argument("--repeat", type=int, default=0, help="run those with callbacks so often again on the newest")
    parser.add_argument("--shrink", action="store_true", help="make failing programs small")
    options = parser.parse_args()
    if options.counts:
        return table(options.counts)
    releases = (OLD, FIRST, BOTH, NEWEST)
    runtimes = {release: runtime for release in releases if (runtime := find(release)) is not None}
    with tempfile.TemporaryDirectory(prefix="ov-fuzz-") as name:
        bench = Bench(Path(name), runtimes, options.repeat)
        try:
            if options.show:
                return show(bench, options.show)
            return run(bench, options)
        finally:
            bench.close()


def show(bench: Bench, seed: str) -> int:
    program = random_program(seed)
    trial = bench.try_program(program)
    for title, modules in (("BEFORE", program.modules), ("AFTER", trial.after)):
        for path, text in modules.items():
            print(f"=== {title} {path}\n{text}")
    print(program.models[0], program.release, f"given={program.is_given} pins={program.pins_types}", end=" ")
    print(f"tidy={program.is_tidied} renames={program.has_variables_renamed} target={program.target}")
    print(trial.verdict, trial.detail)
    print(*[f for f in trial.findings if not f.endswith("migrated")], sep="\n")
    return 0


def table(folder: Path) -> int:
    """Prints how often each idiom was in programs that ran; 1 when a frequent one was in fewer than 50."""
    verdicts: Counter[str] = Counter()
    counts: Counter[str] = Counter(dict.fromkeys(FREQUENT, 0))
    for path in sorted(folder.glob("counts-*.json")):
        some_verdicts, some_counts = json.loads(path.read_text(encoding="utf-8"))
        verdicts.update(some_verdicts)
        counts.update(some_counts)
    print(f"{sum(verdicts.values())} programs: " + ", ".join(f"{n} {v}" for v, n in verdicts.most_common()))
    print("\n| idiom | times |\n|---|---|")
    for idiom, number in counts.most_common():
        print(f"| {idiom} | {number} |")
    return 1 if min(counts[idiom] for idiom in FREQUENT) < 50 else 0


def run(bench: Bench, options: argparse.Namespace) -> int:
    verdicts: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    start = time.perf_counter()
    for number in range(options.first, options.first + options.count):
        program = random_program(f"{options.seed}.{number}")
        trial = bench.try_program(program)
        verdicts[trial.verdict] += 1
        if trial.verdict != "discarded":
            counts += program.counts
        if trial.verdict not in GOOD:
            print(f"{program.seed} {trial.verdict}: {trial.detail}", flush=True)
            if options.keep:
                keep(options.keep, program, trial, bench if options.shrink else None)
        elif trial.verdict != "equal" and options.count <= 500:
            print(f"  {program.seed} {trial.verdict}: {trial.detail}", flush=True)
    seconds = time.perf_counter() - start
    print(json.dumps(dict(verdicts)), f"{options.count / seconds:.1f} programs per second")
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
        (options.keep / f"counts-{options.seed}-{options.first}.json").write_text(json.dumps([verdicts, counts]))
    return 1 if any(verdict not in GOOD for verdict in verdicts) else 0


def keep(folder: Path, program: Program, trial: Trial, bench: Bench | None) -> None:
    """Writes a failing program, and what became of it, into a folder of its own."""
    place = folder / f"{trial.verdict}-{program.seed}"
    modules = dict(program.modules)
    if bench is not None:

        def still_fails(texts: Mapping[str, str]) -> bool:
            found = bench.try_program(program, texts)
            return found.verdict == trial.verdict and _kind(found.detail) == _kind(trial.detail)

        modules = shrunken(modules, still_fails)
        trial = bench.try_program(program, modules)
    for side, texts in (("before", modules), ("after", trial.after)):
        for path, text in texts.items():
            (place / side / path).parent.mkdir(parents=True, exist_ok=True)
            (place / side / path).write_text(text)
    (place / "verdict.txt").write_text(f"{trial.detail}\n{program.models[0]}\n{program.release}\n")


def _kind(detail: str) -> str:
    """What an error says, without its places; a difference without its values."""
    return re.sub(r"line \d+.*|[\d.]+|\S+\.py\b", "", detail)


if __name__ == "__main__":
    sys.exit(main())
