"""Clean files are told from others before the command line and LibCST are imported, and in the same words."""

import subprocess
import sys
from pathlib import Path

import pytest

CLEAN = "import openvino as ov\n\ncore = ov.Core()\n"
LEGACY = "from openvino.inference_engine import IECore\n\nie = IECore()\n"
# What a run over clean files has no use for, dearest first.
NOT_NEEDED = ("libcst", "click", "inspect", "dataclasses", "difflib", "pathspec", "ov_migrate.cli")
QUICK = [sys.executable, "-m", "ov_migrate"]
WHOLE = [sys.executable, "-c", "from ov_migrate.cli import main; main(prog_name='ov-migrate')"]


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    path = tmp_path / "clean.py"
    path.write_text(CLEAN)
    return path


def both(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """What the command does, which has to be what the command line does when it is not spared."""
    quick, whole = (
        subprocess.run([*command, *arguments], capture_output=True, text=True, cwd=cwd, check=False)
        for command in (QUICK, WHOLE)
    )
    assert (quick.returncode, quick.stdout, quick.stderr) == (whole.returncode, whole.stdout, whole.stderr)
    return quick


def imported(*arguments: str, cwd: Path) -> set[str]:
    """The modules that a run imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ov_migrate", *arguments], capture_output=True, text=True, cwd=cwd
    )
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}


@pytest.mark.parametrize("options", [(), ("--check",)])
def test_clean_files_import_next_to_nothing(clean: Path, options: tuple[str, ...]) -> None:
    (clean.parent / "book.ipynb").write_text("{}")
    modules = imported(*options, "clean.py", "book.ipynb", str(clean), cwd=clean.parent)
    assert "ov_migrate.quick" in modules
    assert [name for name in NOT_NEEDED if name in modules] == []


def test_legacy_file_beside_clean_ones(clean: Path) -> None:
    (clean.parent / "legacy.py").write_text(LEGACY)
    assert "libcst" in imported("--check", "clean.py", "legacy.py", cwd=clean.parent)


@pytest.mark.parametrize(
    "arguments",
    [
        ("clean.py",),
        ("--check", "clean.py"),
        ("clean.py", "clean.py"),
        ("--diff", "clean.py"),
        ("-q", "clean.py"),
        ("--output-format", "json", "clean.py"),
        ("clean.py", "absent.py"),
        ("--check",),
        ("--chek", "clean.py"),
        ("report", "clean.py"),
        ("folder.py",),
        (".",),
    ],
)
def test_same_words_as_the_whole_command(clean: Path, arguments: tuple[str, ...]) -> None:
    (clean.parent / "folder.py").mkdir()
    both(*arguments, cwd=clean.parent)


def test_configuration_has_its_say(clean: Path) -> None:
    settings = clean.parent / "pyproject.toml"
    settings.write_text("[tool.other]\n")
    assert "0 of 1 file changed" in both("clean.py", cwd=clean.parent).stdout
    settings.write_text('[tool.ov-migrate]\nextend-exclude = ["clean.py"]\n')
    assert "passed over" in both("clean.py", cwd=clean.parent).stdout
    settings.write_text('[tool]\nov-migrate.extend-exclude = ["clean.py"]\n')
    assert "passed over" in both("clean.py", cwd=clean.parent).stdout
    settings.write_text("[tool.ov_migrate]\njobs = 2\n")
    assert "did you mean [tool.ov-migrate]?" in both("clean.py", cwd=clean.parent).stderr
    settings.write_text('[tool.ov-migrate]\ntarget = "1999.1"\n')
    assert both("clean.py", cwd=clean.parent).returncode == 2
