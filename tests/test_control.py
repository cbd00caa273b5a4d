"""What a user says which files and lines are to be migrated, and how: configuration, ignores, skip comments, TODOs."""

import json
import subprocess
from pathlib import Path

import pytest
from test_command import BY_HAND, LEGACY, NEW, run

from ov_migrate.migrate import migrate_bytes
from ov_migrate.settings import Settings
from ov_migrate.todo import cleared

RUNTIME = NEW.replace("from openvino import", "from openvino.runtime import")


def write(path: Path, text: str = LEGACY) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


class TestConfiguration:
    def test_the_nearest_file_counts(self, tmp_path: Path) -> None:
        write(tmp_path / "pyproject.toml", '[tool.ov-migrate]\ntarget = "2022.1"\n')
        write(tmp_path / "sub" / "pyproject.toml", "[tool.ov-migrate]\n")
        write(tmp_path / "other" / "pyproject.toml", "[project]\nname = 'x'\n")
        files = [write(tmp_path / name / "a.py") for name in (".", "sub", "other", "sub/more")]
        assert run(tmp_path).returncode == 0
        assert [file.read_text() for file in files] == [RUNTIME, NEW, RUNTIME, NEW]

    def test_the_command_line_counts_more(self, tmp_path: Path) -> None:
        write(tmp_path / "pyproject.toml", '[tool.ov-migrate]\ntarget = "2022.1"\n')
        file = write(tmp_path / "a.py")
        run("--target", "2023.1", tmp_path)
        assert file.read_text() == NEW

    def test_a_given_file_is_the_only_one(self, tmp_path: Path) -> None:
        write(tmp_path / "pyproject.toml", '[tool.ov-migrate]\ntarget = "2022.1"\n')
        config = write(tmp_path / "other.toml", "[tool.ov-migrate]\n")
        file = write(tmp_path / "a.py")
        run("--config", config, tmp_path)
        assert file.read_text() == NEW

    def test_extend_exclude(self, tmp_path: Path) -> None:
        write(tmp_path / "pyproject.toml", "[tool.ov-migrate]\nextend-exclude = ['old/', 'gen_*.py']\n")
        out = [write(tmp_path / "old" / "a.py"), write(tmp_path / "sub" / "gen_a.py")]
        file = write(tmp_path / "sub" / "a.py")
        assert run(tmp_path, out[1]).returncode == 0
        assert file.read_text() == NEW
        assert [path.read_text() for path in out] == [LEGACY, LEGACY]

    def test_an_excluded_file_that_is_named_is_told(self, tmp_path: Path) -> None:
        write(tmp_path / "pyproject.toml", "[tool.ov-migrate]\nextend-exclude = ['a.py']\n")
        assert b"extend-exclude" in run(write(tmp_path / "a.py")).stdout

    def test_per_file_ignores(self, tmp_path: Path) -> None:
        write(tmp_path / "pyproject.toml", "[tool.ov-migrate.per-file-ignores]\n'tests/*' = ['read']\n")
        file, other = write(tmp_path / "tests" / "a.py"), write(tmp_path / "a.py")
        run(tmp_path)
        assert file.read_text() == NEW.replace("read_model", "read_network")
        assert other.read_text() == NEW

    @pytest.mark.parametrize(
        "text",
        ["extend-exclude = 'x'", "per-file-ignores = ['a']", "per-file-ignores = {a = 'b'}", "extend-exlude = []"],
    )
    def test_broken(self, tmp_path: Path, text: str) -> None:
        write(tmp_path / "sub" / "pyproject.toml", f"[tool.ov-migrate]\n{text}\n")
        write(tmp_path / "sub" / "a.py")
        done = run(tmp_path)
        assert done.returncode == 2
        assert b"sub/pyproject.toml" in done.stderr
        assert b"Traceback" not in done.stderr


class TestGitIgnore:
    @pytest.fixture
    def repository(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
        subprocess.run(["git", "init", "-q", str(tmp_path / "repo")], check=True)
        return tmp_path / "repo"

    def untouched(self, root: Path, start: Path) -> set[str]:
        """The files that a run on `start` leaves, which have to be those that git ignores."""
        run(start, cwd=root)
        left = {str(p.relative_to(root)) for p in root.rglob("*.py") if p.read_text() == LEGACY}
        command = ["git", "ls-files", "-o", "-i", "--exclude-standard", "*.py"]
        ignored = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.split()
        assert {name for name in ignored if (root / name).is_relative_to(start)} == left
        return left

    def test_all_its_forms(self, repository: Path) -> None:
        write(repository / ".gitignore", "# some\n/root.py\nany.py\nbuild/\n*_gen.py\n!keep_gen.py\ndeep/**/x.py\n")
        write(repository / "sub" / ".gitignore", "!any.py\nlocal.py\n")
        write(repository / ".git" / "info" / "exclude", "excluded.py\n")
        write(repository.parent / "home" / "git" / "ignore", "mine.py\n")
        for name in (
            "root.py", "sub/root.py", "any.py", "sub/any.py", "build/a.py", "sub/build/a.py", "a_gen.py", "keep_gen.py",
            "deep/a/b/x.py", "sub/local.py", "local.py", "excluded.py", "sub/mine.py", "a.py",
        ):  # fmt: skip
            write(repository / name)
        assert len(self.untouched(repository, repository)) == 9

    def test_files_above_the_folder_count(self, repository: Path) -> None:
        write(repository / ".gitignore", "/sub/a.py\nb.py\n")
        for name in ("sub/a.py", "sub/b.py", "sub/c.py", "a.py"):
            write(repository / name)
        run(repository / "sub")
        texts = {name: (repository / "sub" / name).read_text() for name in ("a.py", "b.py", "c.py")}
        assert texts == {"a.py": LEGACY, "b.py": LEGACY, "c.py": NEW}

    def test_an_ignored_folder_that_is_named_is_wanted(self, repository: Path) -> None:
        write(repository / ".gitignore", "build/\n")
        file = write(repository / "build" / "a.py")
        run(repository)
        assert file.read_text() == LEGACY
        run(repository / "build")
        assert file.read_text() == NEW


def test_virtual_environments_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "any name" / "pyvenv.cfg", "")
    files = [write(tmp_path / name / "a.py") for name in ("any name/lib", "site-packages", ".venv", "node_modules")]
    run(tmp_path)
    assert {file.read_text() for file in files} == {LEGACY}


def migrated(text: str) -> tuple[str, list[str]]:
    result, data = migrate_bytes("a.py", text.encode(), Settings())
    return data.decode(), result.notes


class TestSkip:
    def test_a_line(self) -> None:
        text = LEGACY.replace('"a.xml")', '"a.xml")  # ov-migrate: skip')
        assert migrated(text) == (NEW.replace('read_model("a.xml")', 'read_network("a.xml")  # ov-migrate: skip'), [])

    def test_the_statement_below(self) -> None:
        text = BY_HAND.replace("layout", "# ov-migrate: skip: not used\nlayout", 1)
        assert migrated(text) == (NEW + "# ov-migrate: skip: not used\n" + BY_HAND.removeprefix(LEGACY), [])

    def test_a_block(self) -> None:
        block = "\n\ndef old():  # ov-migrate: skip\n    a = IECore()\n    return a.read_network('b')\n"
        new, notes = migrated(LEGACY + block + "\n\nb = IECore()\n")
        assert block in new
        assert new.endswith("b = Core()\n")
        assert "IECore" in new.splitlines()[0] + new.splitlines()[1]
        assert notes == []

    @pytest.mark.parametrize("place", [0, 1])
    def test_a_file(self, place: int) -> None:
        lines = LEGACY.splitlines(keepends=True)
        text = "".join((*lines[:place], "# ov-migrate: skip-file\n", *lines[place:]))
        assert migrated(text) == (text, [])

    def test_an_import_stands_for_the_file(self) -> None:
        text = LEGACY.replace("IECore\n", "IECore  # ov-migrate: skip\n", 1)
        assert migrated(text) == (text, [])

    def test_unused_ones_are_told(self) -> None:
        new, notes = migrated(LEGACY + "x = 1  # ov-migrate: skip\n")
        assert new.startswith(NEW)
        assert notes == ["a.py:5: this `# ov-migrate: skip` skips nothing; take it out"]

    @pytest.mark.parametrize("comment", ['text = "# ov-migrate: skip-file"', "# ov-migrate: skipping is not a word"])
    def test_what_is_no_such_comment(self, comment: str) -> None:
        assert migrated(LEGACY + comment + "\n")[0] == NEW + comment + "\n"


class TestTodo:
    def test_listed_and_taken_out(self, tmp_path: Path) -> None:
        file = write(tmp_path / "a.py", BY_HAND)
        run(file)
        annotated = file.read_text()
        done = run("--todo", tmp_path)
        assert done.returncode == 1
        assert f"{file}:5: OVM215: A port has no layout".encode() in done.stdout
        assert file.read_text() == annotated
        assert run("--clear-todo", tmp_path).returncode == 0
        write(tmp_path / "b.py", BY_HAND)
        run("--no-annotate", tmp_path / "b.py")
        assert file.read_text() == (tmp_path / "b.py").read_text()
        assert run("--todo", tmp_path).returncode == 0

    def test_in_notebooks(self, tmp_path: Path) -> None:
        file = tmp_path / "a.ipynb"
        cells = [{"cell_type": "markdown", "metadata": {}, "source": ["# TODO(ov-migrate OVM1): text"]}]
        cells += [{"cell_type": "code", "metadata": {}, "outputs": [], "source": ["!ls\n", *BY_HAND.splitlines(True)]}]
        file.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
        run("--no-annotate", file)
        without = file.read_text()
        file.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
        run(file)
        done = run("--todo", tmp_path)
        assert done.returncode == 1
        assert f"{file}:cell 2:6: OVM215: A port has no layout".encode() in done.stdout
        assert b"1 comment.\n" in done.stdout
        assert run("--clear-todo", tmp_path).stdout.endswith(b"\n1 comment taken out.\n")
        assert file.read_text() == without

    @pytest.mark.parametrize(
        "options",
        [["--todo", "--diff"], ["--clear-todo", "--check"], ["--todo", "--clear-todo"], ["--show-settings", "--tidy"]],
    )
    def test_what_does_nothing_else_stands_alone(self, tmp_path: Path, options: list[str]) -> None:
        file = write(tmp_path / "a.py", BY_HAND)
        run(file)
        annotated = file.read_text()
        done = run(*options, file)
        assert done.returncode == 2
        assert f"{options[0]} does nothing else, and does not go with {options[1]}".encode() in done.stderr
        assert file.read_text() == annotated

    def test_other_bytes_stay(self) -> None:
        data = (
            b"\xef\xbb\xbf# TODO(ov-migrate OVM215): x\r\nx = '''\r\n# TODO(ov-migrate OVM1): text\r\n'''\n"
            b"y = 1  # TODO(ov-migrate OVM2): y\r\n    # TODO(ov-migrate OVM3): z\r\x0c\nz = 2"
        )
        assert cleared(data) == (
            b"\xef\xbb\xbfx = '''\r\n# TODO(ov-migrate OVM1): text\r\n'''\ny = 1\r\n\x0c\nz = 2", 3,
        )  # fmt: skip
