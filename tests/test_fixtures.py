"""Every fixture: expected text, stable, complete report, and the same results before and after."""

from pathlib import Path

import pytest

from ov_migrate.verify.check import run_problems, text_problems
from ov_migrate.verify.check_sites import can_have_probes, site_problems
from ov_migrate.verify.fixtures import Fixture, find
from ov_migrate.verify.runtimes import NoRuntime

FIXTURES = list(find(Path(__file__).parent.parent / "fixtures"))


@pytest.fixture(params=FIXTURES, ids=lambda fixture: fixture.name)
def fixture(request: pytest.FixtureRequest) -> Fixture:
    return request.param


def test_text(fixture: Fixture) -> None:
    assert text_problems(fixture) == []


def test_runs_the_same(fixture: Fixture, runtimes) -> None:
    """Skipped only for the legacy side on 2021.4.2, whose wheels end at Python 3.9, where no such Python is present;
    the migrated side has run by then."""
    try:
        problems = run_problems(fixture, runtimes)
    except NoRuntime as reason:
        pytest.skip(f"{reason}; it takes a Python 3.8 or 3.9")
    assert problems == []


def test_runs_the_same_with_probes(fixture: Fixture, runtimes) -> None:
    """What `verify` puts into programs changes nothing that they do, and finds each site equal."""
    if can_have_probes(fixture):
        assert site_problems(fixture, runtimes) == []


def test_skip_fixtures_have_no_after() -> None:
    skips = [fixture for fixture in FIXTURES if fixture.name.startswith("skip_")]
    assert [fixture.name for fixture in skips if fixture.after.exists()] == []
    assert len(FIXTURES) >= 60
    assert len(skips) >= 20
