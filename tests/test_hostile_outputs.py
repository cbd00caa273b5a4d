"""What goes in by other ways than files, and what goes out: refused in words, and before any program is changed."""

import subprocess
import sys
from pathlib import Path

import pytest
from hostile import LEGACY, PROGRAMS, Case
from test_hostile import invoke

FULL = Path("/dev/full")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "a.py"
    path.write_text(LEGACY)
    return path


@pytest.mark.parametrize("kind", ["missing", "folder", "file as a folder"])
def test_a_report_that_cannot_be_written_is_told_first(tmp_path: Path, program: Path, kind: str) -> None:
    (tmp_path / "folder.md").mkdir()
    report = {"missing": "no/x.json", "folder": "folder.md", "file as a folder": "a.py/x.sarif"}[kind]
    result = invoke("--report", tmp_path / report, program)
    assert result.exit_code == 2
    assert f"{tmp_path / report}: cannot be written: " in result.output
    assert program.read_text() == LEGACY


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize(
    "arguments",
    [["--diff"], ["--check", "--output-format", "json"], ["-"], [], ["--todo"], ["rules"], ["explain", "OVM301"]],
)
def test_an_output_that_is_full(program: Path, arguments: list[str]) -> None:
    paths = [str(program)] if not arguments or arguments[0].startswith("--") else []
    with FULL.open("wb") as full, program.open("rb") as stdin:
        command = [sys.executable, "-m", "ov_migrate", *arguments, *paths]
        done = subprocess.run(command, stdin=stdin, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == b"Error: standard output cannot be written: No space left on device"
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
def test_an_output_that_is_full_after_a_clean_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    with FULL.open("wb") as full:
        command = [sys.executable, "-m", "ov_migrate", str(tmp_path / "a.py")]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("case", PROGRAMS, ids=[case.name for case in PROGRAMS])
def test_standard_input(case: Case) -> None:
    from click.testing import CliRunner

    from ov_migrate.cli import main

    result = CliRunner().invoke(main, ["-"], input=case.data)
    assert (result.exit_code, result.stdout_bytes) == (case.code, case.wanted)
    assert case.says in result.stderr


def test_a_broken_configuration_below_stops_the_run_before_it_writes(tmp_path: Path, program: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.py").write_text(LEGACY)
    (tmp_path / "sub" / "pyproject.toml").write_text("[tool.ov-migrate\n")
    result = invoke(tmp_path)
    assert result.exit_code == 2
    assert f"{tmp_path / 'sub' / 'pyproject.toml'}: not valid TOML: " in result.output
    assert program.read_text() == LEGACY


@pytest.mark.parametrize("content", ["<net", "", None])
def test_a_broken_model_stops_the_run_before_it_writes(tmp_path: Path, program: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "m.xml").write_text(content)
    result = invoke("--model", tmp_path / "m.xml", program)
    assert result.exit_code == 2
    assert f"{tmp_path / 'm.xml'}: " in result.output
    assert program.read_text() == LEGACY
