"""docs/add-a-rule.md, followed word for word in a copy of the repository."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "add-a-rule.md").read_text()
# A block, and what is to be done with it: written to a file, put at a file's end, or run.
STEP = re.compile(
    r"(?:(?P<place>As|At the end of)\s`(?P<path>[^`\n]+)`:\n\n(?:<!-- .*? -->\n\n)?)?"
    r"^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
ROW = re.compile(r'\[\[rule\]\]\ncode = "OVM111"\n.*?(?=\n\[\[rule\]\]\n)', re.DOTALL)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The repository without the row of the rule."""
    copy = tmp_path / "copy"
    ignored = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist")
    shutil.copytree(ROOT, copy, ignore=ignored, symlinks=True)
    rules = copy / "rules" / "core.toml"
    text, count = ROW.subn("", rules.read_text())
    assert count == 1
    rules.write_text(text)
    return copy


def run(copy: Path, lines: str) -> list[subprocess.CompletedProcess[str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    # The environment of the tests stands for that of the README.
    tools = {".venv/bin/pytest": f"{sys.executable} -m pytest", ".venv/bin/python": sys.executable}
    done = []
    for line in lines.splitlines():
        name, _, words = line.partition(" ")
        command = f"{tools.get(name, name)} {words}"
        done.append(subprocess.run(command, shell=True, cwd=copy, env=environment, capture_output=True, text=True))
    return done


def perform(copy: Path, step: re.Match[str]) -> list[subprocess.CompletedProcess[str]]:
    if not step["path"]:
        assert step["language"] == "sh", step["text"]
        return run(copy, step["text"])
    path = copy / step["path"]
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a" if step["place"] == "At the end of" else "w") as file:
        file.write("\n" + step["text"] if step["place"] == "At the end of" else step["text"])
    return []


def test_the_five_steps(copy: Path) -> None:
    done = [one for step in STEP.finditer(PAGE) for one in perform(copy, step)]
    removed, missing, *rest = done
    assert (removed.returncode, missing.returncode) == (0, 1), missing.stdout
    assert "core.unregister_plugin" in missing.stdout
    for one in rest:
        assert one.returncode == 0, one.stdout + one.stderr
    for name in ("core_unregister_plugin/after.py", "core_unregister_plugin/fixture.toml"):
        assert (copy / "fixtures" / name).read_bytes() == (ROOT / "fixtures" / name).read_bytes()
    assert not (copy / "fixtures" / "skip_unregister_plugin" / "after.py").exists()
    page = "docs/rules/OVM111.md"
    assert (copy / page).read_bytes() == (ROOT / page).read_bytes()
