"""Fixtures of pytest: a test's parameter is what the nearest fixture of its name gives."""

from pathlib import Path

import pytest

from ov_migrate.migrate import migrate_paths
from ov_migrate.report.records import FileRecord
from ov_migrate.settings import Settings

CONFTEST = """import pytest
from openvino.inference_engine import IECore


@pytest.fixture(scope="session")
def ie():
    return IECore()


@pytest.fixture(name="net")
def read(ie):
    net = ie.read_network("a.xml")
    yield net


@pytest.fixture
def loaded(ie, net):
    loaded = ie.load_network(net, "CPU", num_requests=2)
    return loaded
"""
FAKE = """from pytest import fixture


class Fake:
    input_info = {"data": 1}


@fixture
def net():
    return Fake()
"""


def migrated(root: Path, **files: str) -> dict[str, FileRecord]:
    """The records of files by name; `__` in a keyword stands for a slash."""
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    run = migrate_paths([str(root)], Settings(write=False))
    return {Path(record.path).relative_to(root).with_suffix("").as_posix(): record for record in run.files}


@pytest.mark.parametrize(
    ("test", "becomes"),
    [
        ("def test_a(net):\n    name = next(iter(net.input_info))\n", "net.input().any_name"),
        ("class TestA:\n    def test_a(self, ie):\n        net = ie.read_network('b.xml')\n", "ie.read_model('b.xml')"),
        ("def test_a(loaded):\n    loaded.requests[1].infer({'data': 1})\n", "loaded.infer_requests[1].infer("),
        (
            "import pytest\n\n\n@pytest.mark.parametrize('n', [1])\ndef test_a(net, n):\n    net.batch_size = n\n",
            "net.reshape({port: [n, *list(port.shape)[1:]] for port in net.inputs})",
        ),
        (
            "import pytest\n\n\n@pytest.fixture\ndef net(net):\n    net.batch_size = 2\n    return net\n\n\n"
            "def test_a(net):\n    assert 'data' in net.input_info\n",
            "assert 'data' in [port.node.friendly_name for port in net.inputs]",
        ),
    ],
)  # fmt: skip
def test_a_parameter_is_what_the_fixture_gives(tmp_path: Path, test: str, becomes: str) -> None:
    found = migrated(tmp_path, tests__conftest=CONFTEST, tests__test_a=test)
    assert becomes in found["tests/test_a"].after
    assert [f.message for f in found["tests/test_a"].findings if f.kind == "manual"] == []


def test_the_requests_of_a_fixture_are_kept_on_it(tmp_path: Path) -> None:
    found = migrated(tmp_path, conftest=CONFTEST, test_a="def test_a(loaded):\n    loaded.requests[0].infer()\n")
    made = "    loaded.infer_request = loaded.create_infer_request()\n"
    assert made in found["conftest"].after
    assert "    loaded.infer_request.infer()\n" in found["test_a"].after


@pytest.mark.parametrize(
    "test",
    [
        "import pytest\n\n\n@pytest.mark.parametrize('net', [{}])\ndef test_a(net):\n    net.input_info\n",
        "import pytest\n\n\n@pytest.mark.parametrize(NAMES, [{}])\ndef test_a(net):\n    net.input_info\n",
        "from other import given\n\n\n@given(1)\ndef test_a(net):\n    net.input_info\n",
        "def test_a(net=None):\n    net.input_info\n",
        "class TestA(Base):\n    def test_a(self, net):\n        net.input_info\n",
        "def helper(net):\n    net.input_info\n",
    ],
)
def test_what_others_may_hand_over_is_left_and_listed(tmp_path: Path, test: str) -> None:
    record = migrated(tmp_path, conftest=CONFTEST, test_a=test)["test_a"]
    assert [(f.rule, f.kind) for f in record.findings] == [("OVM007", "manual")]


def test_the_nearest_conftest_counts(tmp_path: Path) -> None:
    test = "def test_a(net):\n    assert list(net.input_info) == ['data']\n"
    found = migrated(tmp_path, conftest=CONFTEST, sub__conftest=FAKE, sub__test_a=test, other__test_a=test)
    assert "sub/test_a" not in found
    assert "net.input_info" not in found["other/test_a"].after


def test_a_conftest_that_was_not_given_counts_too(tmp_path: Path) -> None:
    test = "def test_a(net):\n    assert list(net.input_info) == ['data']\n"
    migrated(tmp_path, conftest=CONFTEST, sub__conftest=FAKE, sub__test_a=test)
    run = migrate_paths([str(tmp_path / "conftest.py"), str(tmp_path / "sub" / "test_a.py")], Settings(write=False))
    assert [f.rule for record in run.files if record.path.endswith("test_a.py") for f in record.findings] == ["OVM007"]


def test_a_fixture_may_get_what_a_test_module_puts_in_the_place_of_another(tmp_path: Path) -> None:
    shared = CONFTEST + "\n\n@pytest.fixture\ndef names(net):\n    return list(net.input_info)\n"
    test = FAKE + "\n\ndef test_a(names):\n    assert names == ['data']\n"
    found = migrated(tmp_path, conftest=shared, test_a=test)
    assert "return list(net.input_info)" in found["conftest"].after
    assert ("OVM008", "manual") in {(f.rule, f.kind) for f in found["conftest"].findings}
