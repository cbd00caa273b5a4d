"""The command line: what it writes, what it says, and its exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LEGACY = 'from openvino.inference_engine import IECore\n\nie = IECore()\nnet = ie.read_network("a.xml")\n'
NEW = 'from openvino import Core\n\nie = Core()\nnet = ie.read_model("a.xml")\n'
BY_HAND = LEGACY + "layout = net.input_info['x'].layout\n"


def run(*arguments: object, cwd: Path | None = None, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "ov_migrate", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, input=stdin, capture_output=True)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text(LEGACY)
    return path


def test_rewrites_in_place(program: Path) -> None:
    done = run(program)
    assert (done.returncode, program.read_text()) == (0, NEW)
    assert b"1 of 1 file changed, 2 sites migrated, 1 to review, 0 left by hand." in done.stdout


def test_rewrites_a_folder_and_only_python_files(tmp_path: Path, program: Path) -> None:
    (tmp_path / "notes.txt").write_text(LEGACY)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "more.py").write_text(LEGACY)
    assert run(tmp_path).returncode == 0
    assert (tmp_path / "sub" / "more.py").read_text() == NEW
    assert (tmp_path / "notes.txt").read_text() == LEGACY


def test_diff_prints_and_writes_nothing(program: Path) -> None:
    done = run("--diff", program)
    assert done.returncode == 1
    assert b"\n-ie = IECore()\n" in done.stdout
    assert program.read_text() == LEGACY


def test_check_writes_nothing(program: Path) -> None:
    assert run("--check", program).returncode == 1
    assert program.read_text() == LEGACY
    program.write_text(NEW)
    assert run("--check", program).returncode == 0


def test_standard_input_to_standard_output() -> None:
    done = run("-", stdin=LEGACY.encode())
    assert (done.returncode, done.stdout) == (0, NEW.encode())
    assert run("-", stdin=b"print(1)\n").stdout == b"print(1)\n"


def test_something_left_gives_exit_code_1_and_a_comment(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(BY_HAND)
    done = run(path)
    assert done.returncode == 1
    assert "# TODO(ov-migrate OVM215): A port has no layout" in path.read_text()
    assert b"OVM215 manual" in done.stdout


def test_no_annotate_puts_no_comment(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(BY_HAND)
    assert run("--no-annotate", path).returncode == 1
    assert "TODO" not in path.read_text()


def test_report_follows_the_schema(program: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    assert run(program, "--report", report).returncode == 0
    data = json.loads(report.read_text())
    assert data["version"] == 1
    assert data["tool"].startswith("ov-migrate ")
    assert data["target"] == "2023.1"
    assert data["summary"] == {"files": 1, "changed": 1, "failed": 0, "migrated": 2, "review": 1, "manual": 0}
    (file,) = data["files"]
    assert (file["path"], file["status"]) == (str(program), "changed")
    expected = {
        "rule": "OVM201", "slug": "read-network", "step": "read", "kind": "review", "line": 4, "column": 6,
        "end_line": 4, "new_line": 4, "before": 'ie.read_network("a.xml")', "after": 'ie.read_model("a.xml")',
        "message": file["findings"][2]["message"], "proof": "fixture",
    }  # fmt: skip
    found = file["findings"][2]
    assert {key: found[key] for key in expected} == expected
    assert set(found) - set(expected) == {"object", "chain", "legacy_did", "forms"}


def test_json_on_standard_output(program: Path) -> None:
    assert json.loads(run("--output-format", "json", program).stdout)["summary"]["changed"] == 1


def test_select_and_ignore(program: Path) -> None:
    run("--select", "read", program)
    assert program.read_text() == LEGACY.replace("read_network", "read_model")
    program.write_text(LEGACY)
    run("--ignore", "OVM2", program)
    assert program.read_text() == NEW.replace("read_model", "read_network")


def test_target_chooses_the_imports(program: Path) -> None:
    run("--target", "2022.1", program)
    assert program.read_text() == NEW.replace("from openvino import", "from openvino.runtime import")


def test_configuration_in_pyproject(program: Path, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.ov-migrate]\ntarget = "2022.3"\n')
    run(program)
    assert "from openvino.runtime import Core" in program.read_text()


def test_explain_and_rules() -> None:
    page = run("explain", "OVM301").stdout.decode()
    assert "# OVM301 load-network" in page
    assert "infer_request = exec_net.create_infer_request()" in page
    assert run("explain", "load-network").stdout.decode() == page
    assert b"OVM301" in run("rules").stdout


def test_clean_file_does_not_import_libcst(tmp_path: Path) -> None:
    path = tmp_path / "clean.py"
    path.write_text("import openvino as ov\n\ncore = ov.Core()\n")
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom ov_migrate.cli import main\n"
        f"result = CliRunner().invoke(main, ['--check', {str(path)!r}])\n"
        "assert result.exit_code == 0, result.output\nassert 'libcst' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


class TestBadInput:
    """One clear line each, the right exit code, no traceback, and the other files are done."""

    def check(self, *arguments: object, says: str, code: int = 2, cwd: Path | None = None) -> None:
        done = run(*arguments, cwd=cwd)
        text = (done.stdout + done.stderr).decode()
        assert done.returncode == code
        assert says in text
        assert "Traceback" not in text

    def test_missing_path(self, program: Path, tmp_path: Path) -> None:
        self.check(tmp_path / "nothing", program, says="nothing: no such file or folder")
        assert program.read_text() == NEW

    def test_one_thing_goes_to_standard_output(self, program: Path) -> None:
        for arguments in (["--diff", program], ["-"]):
            self.check("--output-format", "json", *arguments, says="standard output is for the ")
        assert program.read_text() != NEW

    def test_a_class_whose_rule_is_left_out(self, program: Path) -> None:
        self.check("--check", "--ignore", "ie-core", program, says="IECore stays, since OVM101 (ie-core)", code=1)

    def test_folder_without_python_files(self, tmp_path: Path) -> None:
        self.check(tmp_path, says=f"{tmp_path}: no Python files here", code=0)

    def test_syntax_error(self, tmp_path: Path, program: Path) -> None:
        (tmp_path / "bad.py").write_text("from openvino.inference_engine import IECore\nif\n")
        self.check(tmp_path, says="bad.py: does not parse: line 2, column")
        assert program.read_text() == NEW

    def test_undecodable_file(self, tmp_path: Path, program: Path) -> None:
        (tmp_path / "bad.py").write_bytes(b"# \xff\nfrom openvino.inference_engine import IECore\n")
        self.check(tmp_path, says="bad.py: cannot be decoded")
        assert program.read_text() == NEW

    def test_unknown_encoding(self, tmp_path: Path) -> None:
        (tmp_path / "bad.py").write_bytes(b"# -*- coding: klingon -*-\nfrom openvino.inference_engine import IECore\n")
        self.check(tmp_path, says="bad.py: cannot be decoded: unknown encoding")

    def test_read_only_file(self, tmp_path: Path, program: Path) -> None:
        locked = tmp_path / "locked.py"
        locked.write_text(LEGACY)
        locked.chmod(0o444)
        self.check(tmp_path, says="locked.py: cannot be written: it is read-only")
        assert (locked.read_text(), program.read_text()) == (LEGACY, NEW)

    def test_nul_byte(self, tmp_path: Path) -> None:
        (tmp_path / "bad.py").write_bytes(LEGACY.encode() + b"x = '\0'\n")
        self.check(tmp_path, says="bad.py: ")
        assert (tmp_path / "bad.py").read_bytes() == LEGACY.encode() + b"x = '\0'\n"

    @pytest.mark.parametrize(
        ("selector", "hint"),
        [("OVM3O1", "did you mean OVM3"), ("load-netwrok", "load-network"), ("zzz", "ov-migrate rules")],
    )
    def test_unknown_rule(self, program: Path, selector: str, hint: str) -> None:
        self.check("--select", selector, program, says=hint)
        assert program.read_text() == LEGACY

    @pytest.mark.parametrize("target", ["2021.4", "2030.1", "new", "2023"])
    def test_bad_target(self, program: Path, target: str) -> None:
        self.check("--target", target, program, says="is no OpenVINO release from 2022.1 to 2026.4")

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("[tool.ov-migrate]\ntarget = 3\n", "target in [tool.ov-migrate] must be a string"),
            (
                "[tool.ov-migrate]\ntraget = '2023.1'\n",
                "unknown key 'traget' in [tool.ov-migrate]; did you mean 'target'?",
            ),
            ("[tool.ov-migrate]\njobs = -1\n", "jobs in [tool.ov-migrate] must be 0, for one process a core, or more"),
            ("[tool.ov_migrate]\njobs = 2\n", "unknown table [tool.ov_migrate]; did you mean [tool.ov-migrate]?"),
            ("[tool.ov-migrate]\ntarget = '1.0'\n", "is no OpenVINO release"),
            ("[tool.ov-migrate\n", "not valid TOML"),
            ("[tool]\nov-migrate = 3 # tool.ov-migrate\n", "must be a table"),
            ("tool = 3 # tool.ov-migrate\n", "must be a table"),
            ("[tool]\nov-migrate.target = 3\n", "target in [tool.ov-migrate] must be a string"),
            ("[tool.ov-migrate]\nselect = ['imprts']\n", "pyproject.toml: no rule or step is called 'imprts'; did you"),
            ("[tool.ov-migrate.per-file-ignores]\n'*' = ['imprts']\n", "pyproject.toml: no rule or step is called"),
        ],
    )
    def test_broken_configuration(self, tmp_path: Path, program: Path, text: str, says: str) -> None:
        (tmp_path / "pyproject.toml").write_text(text)
        self.check(program, says=says)
        assert program.read_text() == LEGACY

    def test_a_selector_of_the_command_line_is_not_blamed_on_a_file(self, tmp_path: Path, program: Path) -> None:
        (tmp_path / "pyproject.toml").write_text("[tool.ov-migrate]\nselect = ['imports']\n")
        self.check("--ignore", "zzz", program, says="Error: no rule or step is called 'zzz'")

    def test_unknown_report_format(self, program: Path) -> None:
        self.check("--report", "report.xyz", program, says="the suffix tells the format")

    def test_unknown_rule_to_explain(self) -> None:
        self.check("explain", "OVM999", says="no rule is called 'OVM999'")


class TestNothingIsLost:
    """What a file is stays: line ends, encoding, mode, links."""

    def migrated(self, path: Path, data: bytes) -> bytes:
        path.write_bytes(data)
        assert run(path).returncode == 0
        return path.read_bytes()

    @pytest.mark.parametrize("newline", ["\r\n", "\r"])
    def test_line_ends(self, tmp_path: Path, newline: str) -> None:
        text = self.migrated(tmp_path / "a.py", LEGACY.replace("\n", newline).encode())
        assert text == NEW.replace("\n", newline).encode()

    def test_byte_order_mark(self, tmp_path: Path) -> None:
        assert self.migrated(tmp_path / "a.py", b"\xef\xbb\xbf" + LEGACY.encode()) == b"\xef\xbb\xbf" + NEW.encode()

    def test_declared_encoding(self, tmp_path: Path) -> None:
        head = "# -*- coding: latin-1 -*-\nname = 'caf\xe9'\n"
        assert self.migrated(tmp_path / "a.py", (head + LEGACY).encode("latin-1")) == (head + NEW).encode("latin-1")

    def test_form_feed_and_trailing_blank_lines(self, tmp_path: Path) -> None:
        data = self.migrated(tmp_path / "a.py", b"\x0c" + LEGACY.encode() + b"\n    \n\n")
        assert data == b"\x0c" + NEW.encode() + b"\n    \n\n"

    def test_no_newline_at_the_end(self, tmp_path: Path) -> None:
        assert self.migrated(tmp_path / "a.py", LEGACY.rstrip().encode()) == NEW.rstrip().encode()

    def test_mode(self, program: Path) -> None:
        program.chmod(0o751)
        run(program)
        assert program.stat().st_mode & 0o7777 == 0o751

    def test_link_stays_a_link(self, tmp_path: Path, program: Path) -> None:
        link = tmp_path / "link.py"
        os.symlink(program, link)
        run(link)
        assert link.is_symlink()
        assert program.read_text() == NEW

    def test_no_temporary_file_is_left(self, tmp_path: Path, program: Path) -> None:
        run(program)
        assert [path.name for path in tmp_path.iterdir()] == ["program.py"]
