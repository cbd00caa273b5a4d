"""The hooks, run by the real pre-commit in git repositories that the tests make, as local hooks of the interpreter
that runs the tests, so that nothing is installed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
LEGACY = 'from openvino.inference_engine import IECore\n\nie = IECore()\nnet = ie.read_network("a.xml")\n'
NEW = 'from openvino import Core\n\nie = Core()\nnet = ie.read_model("a.xml")\n'
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
    "PYTHONPATH": str(ROOT),
}  # fmt: skip


class Repository:
    """A git repository in which one of the hooks is installed."""

    def __init__(self, folder: Path, hook: str) -> None:
        self.folder = folder
        self.git("init", "-q")
        (folder / ".pre-commit-config.yaml").write_text(configuration(hook))
        self.pre_commit("install")
        self.git("add", ".pre-commit-config.yaml")

    def git(self, *arguments: str, code: int = 0) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def pre_commit(self, *arguments: str, code: int = 0) -> str:
        command = [sys.executable, "-m", "pre_commit", *arguments]
        done = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @property
    def environment(self) -> dict[str, str]:
        return {**ENVIRONMENT, "PRE_COMMIT_HOME": str(self.folder.parent / "home")}

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def read(self, name: str) -> str:
        return (self.folder / name).read_text()

    def staged(self, name: str) -> str:
        return self.git("show", f":{name}")


def hooks() -> dict[str, dict[str, str]]:
    return {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}


def configuration(name: str) -> str:
    """The hook as a local one of this interpreter, so that no test installs anything."""
    hook = dict(hooks()[name])
    command, *rest = str(hook["entry"]).split()
    assert command == "ov-migrate"
    hook |= {"language": "system", "entry": " ".join([sys.executable, "-m", "ov_migrate", *rest])}
    return yaml.safe_dump({"repos": [{"repo": "local", "hooks": [hook]}]})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "repository"
    path.mkdir()
    return path


def test_the_hooks_file_is_valid() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")]
    assert subprocess.run(command, capture_output=True).returncode == 0
    assert set(hooks()) == {"ov-migrate", "ov-migrate-check"}


def test_a_legacy_file_stops_the_commit_and_is_rewritten(folder: Path) -> None:
    repository = Repository(folder, "ov-migrate")
    repository.write("a.py", LEGACY)
    repository.write("clean.py", "print(1)\n")
    repository.git("add", "-A")
    assert "files were modified by this hook" in repository.git("commit", "-m", "x", code=1)
    assert repository.read("a.py") == NEW
    repository.git("add", "-A")
    repository.git("commit", "-m", "x")
    assert repository.git("show", "HEAD:a.py") == NEW


def test_check_stops_the_commit_and_writes_nothing(folder: Path) -> None:
    repository = Repository(folder, "ov-migrate-check")
    repository.write("a.py", LEGACY)
    repository.git("add", "-A")
    assert "1 file would change" in repository.git("commit", "-m", "x", code=1)
    assert repository.read("a.py") == LEGACY
    repository.write("a.py", NEW)
    repository.git("add", "-A")
    repository.git("commit", "-m", "x")


def test_changes_that_are_not_staged_come_back(folder: Path) -> None:
    repository = Repository(folder, "ov-migrate-check")
    repository.write("a.py", NEW)
    repository.write("b.py", "print(1)\n")
    repository.git("add", "-A")
    repository.write("b.py", LEGACY)
    repository.git("commit", "-m", "x")
    assert repository.read("b.py") == LEGACY
    assert repository.staged("b.py") == "print(1)\n"


def test_a_partly_staged_file_keeps_both_sides(folder: Path) -> None:
    repository = Repository(folder, "ov-migrate")
    tail = "".join(f"line{n} = {n}\n" for n in range(12))
    repository.write("a.py", LEGACY + tail)
    repository.git("add", "-A")
    repository.write("a.py", LEGACY + tail + "more = 1\n")
    repository.git("commit", "-m", "x", code=1)
    assert repository.staged("a.py") == LEGACY + tail
    assert repository.read("a.py") == NEW + tail + "more = 1\n"


def test_a_renamed_file_is_looked_at(folder: Path) -> None:
    repository = Repository(folder, "ov-migrate")
    repository.write("notes.txt", LEGACY)
    repository.git("add", "-A")
    repository.git("commit", "-m", "x")
    repository.git("mv", "notes.txt", "a name.py")
    repository.git("commit", "-m", "y", code=1)
    assert repository.read("a name.py") == NEW


def test_only_python_files_are_given(folder: Path) -> None:
    repository = Repository(folder, "ov-migrate")
    repository.write("notes.txt", LEGACY)
    repository.git("add", "-A")
    repository.git("commit", "-m", "x")
    assert repository.read("notes.txt") == LEGACY
