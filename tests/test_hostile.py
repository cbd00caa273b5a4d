"""No file comes to harm: each is either byte for byte what it was or the right new text, a line says what is the
matter, and the files beside it are done all the same."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hostile import LEGACY, NEW, NOTEBOOKS, PROGRAMS, Case

from ov_migrate.cli import main


def invoke(*arguments: object) -> Result:
    """The command in this process; what it does not catch is raised here."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def lines_about(result: Result, name: str) -> list[str]:
    return [line for line in result.output.splitlines() if name in line and ": OVM" not in line]


def named(cases: tuple[Case, ...], suffix: str) -> list[object]:
    return [pytest.param(case, suffix, id=case.name + suffix) for case in cases]


@pytest.mark.parametrize(("case", "suffix"), named(PROGRAMS, ".py") + named(NOTEBOOKS, ".ipynb"))
def test_each_alone(tmp_path: Path, case: Case, suffix: str) -> None:
    file = tmp_path / f"{case.name}{suffix}"
    file.write_bytes(case.data)
    file.chmod(0o754)
    for beside in ("a.py", "z.py"):
        (tmp_path / beside).write_text(LEGACY)
    checked = invoke("--check", tmp_path)
    assert file.read_bytes() == case.data
    result = invoke(tmp_path)
    assert file.read_bytes() == case.wanted
    assert file.stat().st_mode & 0o7777 == 0o754
    assert [(tmp_path / beside).read_text() for beside in ("a.py", "z.py")] == [NEW, NEW]
    assert (checked.exit_code, result.exit_code) == (case.code or 1, case.code)
    if case.says:
        (line,) = lines_about(result, file.name)
        assert line.startswith(f"{file}: ")
        assert case.says in line
    again = invoke(tmp_path)
    assert (file.read_bytes(), again.exit_code) == (case.wanted, case.code)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["a.py", "z.py", file.name])
