"""The environments that the proof runs in. Installing them is the one thing that needs a network."""

from contextlib import suppress

import pytest

from ov_migrate.verify.runtimes import BOTH, NEWEST, OLD, NoRuntime, Runtime, find, find_or_make


def pytest_configure(config: pytest.Config) -> None:
    """Makes missing environments once, before the tests are handed to several processes."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    for release in (BOTH, NEWEST):
        find_or_make(release)
    with suppress(NoRuntime):
        find_or_make(OLD)


@pytest.fixture(scope="session")
def runtimes() -> dict[str, Runtime]:
    """Release → environment: 2023.3.0, the newest, and 2021.4.2 where a Python 3.8 or 3.9 is."""
    found = {release: find(release) for release in (BOTH, NEWEST, OLD)}
    return {release: runtime for release, runtime in found.items() if runtime is not None}
