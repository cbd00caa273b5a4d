"""The environments that the proof runs in. Installing them is the one thing that needs a network."""

import pytest

from ov_migrate.verify.command import runtimes_for_fixtures
from ov_migrate.verify.runtimes import BOTH, FIRST, NEWEST, OLD, Runtime, find


def pytest_configure(config: pytest.Config) -> None:
    """Makes missing environments once, before the tests are handed to several processes."""
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        runtimes_for_fixtures()


@pytest.fixture(scope="session")
def runtimes() -> dict[str, Runtime]:
    """Release → environment: 2023.3.0, the newest, and 2021.4.2 and 2022.1.0 where a Python 3.8 or 3.9 is."""
    found = {release: find(release) for release in (BOTH, NEWEST, OLD, FIRST)}
    return {release: runtime for release, runtime in found.items() if runtime is not None}
