"""What goes together in a run, and that nothing depends on what does not, nor on the number of processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path, PurePath

import pytest

from ov_migrate.group_run import GroupWork
from ov_migrate.groups import connected
from ov_migrate.imported import imported_names, program_text
from ov_migrate.inference.paths import ModulePaths
from ov_migrate.migrate import migrate_paths
from ov_migrate.settings import Settings
from ov_migrate.sources import RawFile
from ov_migrate.variables.beside import beside

FIXTURES = Path(__file__).parent.parent / "fixtures"
LEGACY = "from openvino.inference_engine import IECore\n\nie = IECore()\nnet = ie.read_network('a.xml')\n"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import a.b as c, d", {("a", 0), ("a.b", 0), ("d", 0)}),
        ("from a.b import c, d as e", {("a.b", 0), ("a.b.c", 0), ("a.b.d", 0)}),
        ("from . import a", {("", 1), ("a", 1)}),
        ("from ..a import *", {("a", 2)}),
        ("from a import (  # all (of them)\n    b,  # first\n    c,\n)", {("a", 0), ("a.b", 0), ("a.c", 0)}),
        ("from a import b, \\\n    c", {("a", 0), ("a.b", 0), ("a.c", 0)}),
        ("try: import a\nexcept ImportError: import b; import c", {("a", 0), ("b", 0), ("c", 0)}),
        ("    import a  # as b, c", {("a", 0)}),
        ("important = frommage", set()),
    ],
)
def test_imported_names(text: str, names: set[tuple[str, int]]) -> None:
    assert set(imported_names(text)) == names


@pytest.mark.parametrize(
    "data", [b"\xef\xbb\xbfimport a\n", b"x = 1\r\nimport a\r\n", b"x = 1\rimport a\r", b"\xe9\nimport a"]
)
def test_imported_names_of_any_bytes(data: bytes) -> None:
    assert set(imported_names(program_text("x.py", data))) == {("a", 0)}


def test_a_notebook_beside_a_run_uses_what_it_imports(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": ["from app import (\n", "    net,\n", ")\n", "from other import *"]}
    (tmp_path / "book.ipynb").write_text(json.dumps({"cells": [cell]}))
    assert beside([str(tmp_path)], []).imported >= {"app", "net", "other", "*"}


def groups(files: dict[str, str]) -> list[set[str]]:
    raw = [RawFile(name, text.encode()) for name, text in files.items()]
    found = connected(raw, ModulePaths(file.module for file in raw))
    return [{file.path for file in group} for group in found]


class TestConnected:
    def test_files_that_import_one_another(self) -> None:
        files = {"p/a.py": "import b", "p/b.py": "", "p/c.py": "from p import b", "p/d.py": "import os", "q/b.py": ""}
        assert groups(files) == [{"p/a.py", "p/b.py", "p/c.py"}, {"p/d.py"}, {"q/b.py"}]

    def test_notebooks_import_and_are_not_imported(self) -> None:
        cells = [
            {"cell_type": "code", "source": ["x = 1\n", "import b\n"]},
            {"cell_type": "markdown", "source": "import c"},
        ]
        files = {"a.ipynb": json.dumps({"cells": cells}), "b.py": "import a", "c.py": ""}
        assert groups(files) == [{"a.ipynb", "b.py"}, {"c.py"}]

    @pytest.mark.parametrize("load", ["importlib.import_module(name)", "__import__(name)", "exec(text)", "%run b.py"])
    def test_what_is_loaded_by_name_may_be_anything_below(self, load: str) -> None:
        files = {"p/a.py": load, "p/b.py": "", "p/sub/c.py": "", "d.py": ""}
        assert groups(files) == [{"p/a.py", "p/b.py", "p/sub/c.py"}, {"d.py"}]

    def test_a_package_that_loads_by_name_may_load_what_lies_beside_it(self, tmp_path: Path) -> None:
        (tmp_path / "p").mkdir()
        (tmp_path / "p" / "__init__.py").touch()
        inside, beside = (str(tmp_path / name) for name in ("p/a.py", "b.py"))
        assert groups({inside: "importlib.import_module(name)", beside: ""}) == [{inside, beside}]

    def test_tests_and_their_conftest(self) -> None:
        files = {"tests/sub/test_a.py": "", "tests/conftest.py": "", "a.py": ""}
        assert groups(files) == [{"tests/sub/test_a.py", "tests/conftest.py"}, {"a.py"}]

    def test_words_that_are_no_imports(self) -> None:
        assert groups({"a.py": "important = 'b'", "b.py": "exec_net.requests"}) == [{"a.py"}, {"b.py"}]


def test_an_ambiguous_import_stays_so_in_a_group(tmp_path: Path) -> None:
    """Of two modules of a name below `sys.path` additions that are not written out, none is meant, also where only one
    of them is in the group."""
    paths = [PurePath(name) for name in ("app/main.py", "one/util.py", "two/util.py")]
    assert ModulePaths(paths).find("util", 0, paths[0], ((),)) is None


def copied(tmp_path: Path) -> Path:
    """A tree of programs of their own, one with helpers, a notebook, and files that cannot be handled."""
    tree = tmp_path / "tree"
    for name in ("modules_dispatch", "blob_untouched_preprocess", "layout_by_rank", "class_network", "lambda_infer"):
        shutil.copytree(FIXTURES / name, tree / name, ignore=shutil.ignore_patterns("after*", "*.toml"))
    (tree / "broken.py").write_text("from openvino.inference_engine import (")
    cell = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": LEGACY.splitlines(True),
    }
    (tree / "book.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return tree


def run(tree: Path, *arguments: str) -> tuple[int, str, dict[str, bytes]]:
    command = [sys.executable, "-m", "ov_migrate", *arguments, "--output-format", "json", "tree"]
    done = subprocess.run(command, cwd=tree.parent, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, {str(p): p.read_bytes() for p in sorted(tree.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("options", [(), ("--rename-variables", "--tidy")])
@pytest.mark.parametrize("jobs", ["0", "2", "5"])
def test_any_number_of_processes_gives_the_same(tmp_path: Path, jobs: str, options: tuple[str, ...]) -> None:
    tree = copied(tmp_path)
    backup = shutil.copytree(tree, tmp_path / "backup")
    one = run(tree, "--jobs", "1", *options)
    shutil.rmtree(tree)
    shutil.copytree(backup, tree)
    assert run(tree, "--jobs", jobs, *options) == one
    assert one[0] == 2
    assert json.loads(one[1])["summary"]["changed"] >= 5


def test_neighbours_change_nothing(tmp_path: Path) -> None:
    tree = copied(tmp_path)
    whole = {record.path: record for record in migrate_paths([str(tree)], Settings(write=False)).files}
    for part in sorted(tree.iterdir()):
        for record in migrate_paths([str(part)], Settings(write=False)).files:
            assert (record.after, record.findings) == (whole[record.path].after, whole[record.path].findings)


@pytest.mark.skipif(sys.platform != "linux", reason="only a fork takes over what the test has changed")
def test_a_process_that_dies_costs_its_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "dies"):
        (tmp_path / f"{name}.py").write_text(LEGACY)
    migrated = GroupWork.__call__

    def killed(self: GroupWork, files: list[RawFile], *rest: object) -> object:
        if files[0].path.endswith("dies.py"):
            os.kill(os.getpid(), signal.SIGKILL)
        return migrated(self, files, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(GroupWork, "__call__", killed)
    found = migrate_paths([str(tmp_path)], Settings(jobs=2))
    statuses = {Path(record.path).name: record.status for record in found.files}
    assert statuses == {"a.py": "changed", "b.py": "changed", "dies.py": "failed"}
    (lost,) = (record for record in found.files if record.status == "failed")
    assert lost.error == "the process that migrated it ended unexpectedly; try --jobs 1"
    assert (tmp_path / "dies.py").read_text() == LEGACY


@pytest.mark.skipif(sys.platform != "linux", reason="only a fork takes over what the test has changed")
def test_all_processes_die(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        (tmp_path / f"a{number}.py").write_text(LEGACY)
    monkeypatch.setattr(GroupWork, "__call__", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    found = migrate_paths([str(tmp_path)], Settings(jobs=2))
    assert [record.status for record in found.files] == ["failed"] * 5
