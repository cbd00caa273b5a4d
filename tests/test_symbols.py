"""The rules against the symbol tables of the releases that are there: see tools/check_symbols.py."""

import check_symbols
import pytest

from ov_migrate.verify.runtimes import BOTH, NEWEST, OLD


@pytest.mark.parametrize("release", [OLD, BOTH, NEWEST])
def test_nothing_is_missing(runtimes, release: str) -> None:
    if release not in runtimes:
        pytest.skip(f"no environment with openvino {release}; it takes a Python 3.8 or 3.9")
    assert check_symbols.problems(release, runtimes[release]) == []


def test_what_the_rules_do_not_know_is_found() -> None:
    found = {
        "classes": {"IECore": ["load_network", "load_twice"], "IEGadget": []},
        "enums": {"StatusCode": {"OK": 1}, "Colour": {"RED": 0}},
        "functions": ["read_network", "write_network"],
        "others": ["np"],
        "SUPPORTED_CONFIG_KEYS": ["CPU_THREADS_NUM", "CPU_MAGIC"],
        "SUPPORTED_METRICS": [],
        "ngraph": ["parameter"],
    }
    assert list(check_symbols.legacy_problems(found)) == [
        "IECore.load_twice is not known",
        "class IEGadget is not known",
        "the values of StatusCode are not known",
        "the values of Colour are not known",
        "write_network is not known",
        "the key CPU_MAGIC is not known",
    ]
