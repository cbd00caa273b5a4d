"""Random legacy programs: the same for the same seed, and the same before and after their migration."""

import ast
from pathlib import Path

import pytest
from fuzzing.programs import random_program
from fuzzing.trials import GOOD, Bench

COUNT = 40


def test_a_seed_gives_one_program() -> None:
    programs = [random_program(f"ci.{number}") for number in range(COUNT)]
    assert programs == [random_program(f"ci.{number}") for number in range(COUNT)]
    assert len({str(program.modules) for program in programs}) == COUNT
    for program in programs:
        for text in program.modules.values():
            ast.parse(text)


@pytest.fixture
def bench(tmp_path: Path, runtimes):
    bench = Bench(tmp_path, runtimes)
    yield bench
    bench.close()


def test_random_programs_runs_the_same(bench: Bench) -> None:
    programs = [random_program(f"ci.{number}") for number in range(COUNT)]
    trials = {p.seed: bench.try_program(p) for p in programs if p.release in bench.workers}
    assert {seed: (t.verdict, t.detail) for seed, t in trials.items() if t.verdict not in GOOD} == {}
    assert sum(trial.verdict == "equal" for trial in trials.values()) > len(trials) / 2
