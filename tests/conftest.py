"""The environments that the proof runs in. Installing them is the one thing that needs a network."""

from contextlib import suppress

import pytest

from ov_migrate.verify.runtimes import BOTH, NEWEST, OLD, NoRuntime, Runtime, find_or_make


@pytest.fixture(scope="session")
def runtimes() -> dict[str, Runtime]:
    """Release → environment. 2023.3.0 and the newest must be there; 2021.4.2 is used where Python 3.8 or 3.9 is."""
    found = {release: find_or_make(release) for release in (BOTH, NEWEST)}
    with suppress(NoRuntime):
        found[OLD] = find_or_make(OLD)
    return found
