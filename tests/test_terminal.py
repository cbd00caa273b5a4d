"""What a person at a terminal meets: colour, progress, summaries, statistics, completion, settings, suggestions."""

import io
import json
import os
import pty
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from test_command import BY_HAND, LEGACY, run

from ov_migrate import terminal
from ov_migrate.settings import config_keys
from ov_migrate.terminal import ProgressLine

ROOT = Path(__file__).parent.parent
PLAIN = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "TERM")}
TOOL = [sys.executable, "-m", "ov_migrate"]
# The command with a progress line that does not wait.
AT_ONCE = "from ov_migrate import terminal; terminal.DELAY = 0; from ov_migrate.cli import main; main()"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text(BY_HAND)
    return path


def at_terminal(command: list[str], **environment: str) -> tuple[str, str]:
    """What a command writes to standard output and to standard error, when both are terminals."""
    (out, out_end), (err, err_end) = pty.openpty(), pty.openpty()
    done = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=out_end, stderr=err_end, env=PLAIN | {"TERM": "xterm"} | environment
    )
    os.close(out_end)
    os.close(err_end)
    texts = tuple(drained(end) for end in (out, err))
    done.wait()
    return texts[0], texts[1]


def drained(end: int) -> str:
    data = b""
    try:
        while chunk := os.read(end, 65536):
            data += chunk
    except OSError:
        pass  # that is how Linux tells that the other end is closed
    os.close(end)
    return data.decode()


class TestColour:
    @pytest.mark.parametrize("options", [["--check"], ["--diff"], ["--check", "--verbose"]])
    def test_on_terminals_unless_told_otherwise(self, program: Path, options: list[str]) -> None:
        command = [*TOOL, *options, str(program)]
        assert "\x1b[" in at_terminal(command)[0]
        assert "\x1b[" not in at_terminal(command, NO_COLOR="1")[0]
        assert "\x1b[" not in at_terminal(command, NO_COLOR="1", FORCE_COLOR="1")[0]
        assert "\x1b[" not in at_terminal(command, TERM="dumb")[0]
        assert "\x1b[" not in at_terminal([*command, "--color", "never"])[0]
        assert "\x1b[" in at_terminal([*command, "--color", "always"], NO_COLOR="1")[0]

    @pytest.mark.parametrize("option", ["--check", "--diff"])
    def test_elsewhere_only_if_asked_for(self, program: Path, option: str) -> None:
        def written(*more: str, **environment: str) -> bytes:
            command = [*TOOL, option, str(program), *more]
            return subprocess.run(command, env=PLAIN | environment, capture_output=True).stdout

        assert b"\x1b[" not in written()
        assert b"\x1b[31m" in written(FORCE_COLOR="1")
        assert b"\x1b[31m" in written("--color", "always")
        assert b"\x1b[" not in written("--color", "never", FORCE_COLOR="1")

    def test_a_coloured_diff_is_the_same_text(self, program: Path) -> None:
        program.write_bytes(LEGACY.replace("\n", "\r\n").rstrip().encode())
        plain = run("--diff", program).stdout
        coloured = run("--diff", "--color", "always", program).stdout
        for code in (b"\x1b[0m", b"\x1b[1m", b"\x1b[31m", b"\x1b[32m", b"\x1b[36m"):
            coloured = coloured.replace(code, b"")
        assert coloured == plain


class TestProgress:
    def test_nothing_in_the_first_second(self) -> None:
        stream, now = io.StringIO(), [0.0]
        line = ProgressLine(stream, lambda: now[0])
        now[0] = terminal.DELAY / 2
        line("Reading", 5, 0)
        line.clear()
        assert stream.getvalue() == ""

    def test_one_line_that_goes_in_the_end(self) -> None:
        stream, now = io.StringIO(), [0.0]
        line = ProgressLine(stream, lambda: now[0])
        now[0] = terminal.DELAY
        line("Reading", 1234, 0)
        line("Reading", 1235, 0)  # too soon to be shown
        line("Rewriting", 0, 4)  # a new thing to do is shown at once
        now[0] += terminal.INTERVAL
        line("Rewriting", 2, 4)
        line.clear()
        shown = stream.getvalue().split("\r")
        assert shown == [
            "",
            "Reading: 1,234 files\x1b[K",
            f"Rewriting: [{'.' * 24}] 0 of 4 files\x1b[K",
            f"Rewriting: [{'#' * 12}{'.' * 12}] 2 of 4 files\x1b[K",
            "\x1b[K",
        ]

    def test_on_a_terminal(self, program: Path) -> None:
        out, err = at_terminal([sys.executable, "-c", AT_ONCE, "--check", str(program)])
        assert "Reading: 1 files" in err
        assert "Rewriting: [" in err
        assert err.endswith("\r\x1b[K")
        assert "Reading" not in out

    def test_not_if_quiet(self, program: Path) -> None:
        assert at_terminal([sys.executable, "-c", AT_ONCE, "--check", "--quiet", str(program)])[1] == ""

    def test_not_in_pipes(self, program: Path) -> None:
        command = [sys.executable, "-c", AT_ONCE, "--check", str(program)]
        assert subprocess.run(command, capture_output=True).stderr == b""


class TestSummary:
    def test_says_what_is_left_and_where_to_read_on(self, program: Path) -> None:
        lines = run("--check", program).stdout.decode().splitlines()
        counts = json.loads(run("--check", "--output-format", "json", program).stdout)["summary"]
        done, left = counts["migrated"] + counts["review"], counts["manual"]
        assert lines[-2].endswith(f"migrated, {counts['review']} to review, {left} left by hand.")
        assert lines[-1].startswith(f"{100 * done // (done + left)}% of {done + left} sites need no edit by hand; ")
        assert "1 OVM215 port-layout" in lines[-1]
        assert lines[-1].endswith("says what to do.")

    def test_nothing_is_left(self, program: Path) -> None:
        program.write_text(LEGACY)
        assert run("--check", program).stdout.decode().splitlines()[-1].endswith(" 0 left by hand.")

    def test_statistics_count_by_rule(self, program: Path) -> None:
        lines = run("--check", "--statistics", program).stdout.decode().splitlines()
        (file,) = json.loads(run("--check", "--output-format", "json", program).stdout)["files"]
        found = Counter((finding["rule"], finding["kind"]) for finding in file["findings"])
        shown: Counter[tuple[str, str]] = Counter()
        heads = lines[0].split()
        for line in lines[1:-1]:
            row = dict(zip(heads, line.split(), strict=False))
            shown += Counter({(row["rule"], kind): int(row[kind]) for kind in ("migrated", "review", "manual")})
        assert shown == found
        sites = [int(line.split()[0]) for line in lines[1:-1]]
        assert sites == sorted(sites, reverse=True)

    def test_statistics_as_json(self, program: Path) -> None:
        done = run("--check", "--statistics", "--output-format", "json", program)
        assert json.loads(done.stdout)[0] == {
            "rule": "OVM001", "slug": "legacy-import", "sites": 1, "migrated": 1, "review": 0, "manual": 0,
        }  # fmt: skip

    def test_statistics_name_failed_files(self, program: Path) -> None:
        program.write_text(LEGACY + "if\n")
        done = run("--check", "--statistics", program)
        assert done.returncode == 2
        assert b"program.py: does not parse" in done.stdout


@pytest.fixture
def shell_folder(tmp_path: Path) -> Path:
    """A folder with the command `ov-migrate` and a file that it might be given."""
    command = tmp_path / "ov-migrate"
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m ov_migrate "$@"\n')
    command.chmod(0o755)
    (tmp_path / "detector.py").write_text(LEGACY)
    return tmp_path


class TestCompletion:
    def complete(self, folder: Path, *words: str) -> list[str]:
        """What bash proposes for the last word, by the function that the tool's script defines."""
        line = " ".join(f"'{word}'" for word in ("ov-migrate", *words))
        script = (
            'eval "$(ov-migrate --completion bash)"\ncompopt() { :; }\n'
            f"COMP_WORDS=({line})\nCOMP_CWORD={len(words)}\n"
            '"$(complete -p ov-migrate | sed "s/.*-F \\([^ ]*\\).*/\\1/")" ov-migrate\n'
            'printf "%s\\n" "${COMPREPLY[@]}"\n'
        )
        done = subprocess.run(["bash", "-c", script], cwd=folder, env=self.path(folder), capture_output=True, text=True)
        assert done.stderr == ""
        return done.stdout.split()

    def path(self, folder: Path) -> dict[str, str]:
        return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}

    @pytest.mark.parametrize(
        ("words", "proposed"),
        [
            (["ver"], {"verify"}),
            (["--sta"], {"--statistics"}),
            (["--ver"], {"--verbose", "--version"}),
            (["detector.py", "--show"], {"--show-settings"}),
            (["explain", "OVM30"], {"OVM301"}),
            (["explain", "load-net"], {"load-network"}),
            (["--select", "comp"], {"compile", "completion-callback"}),
            (["a.py", "--ignore", "OVM301,load-netw"], {"OVM301,load-network"}),
            (["--output-format", "s"], {"sarif"}),
            (["migrate", "--clear"], {"--clear-todo"}),
        ],
    )
    def test_bash(self, shell_folder: Path, words: list[str], proposed: set[str]) -> None:
        assert proposed <= set(self.complete(shell_folder, *words))
        assert all(word.casefold().startswith(words[-1].casefold()) for word in self.complete(shell_folder, *words))

    def test_bash_proposes_files(self, shell_folder: Path) -> None:
        script = 'eval "$(ov-migrate --completion bash)"; compopt() { echo "$2"; }; COMP_WORDS=(ov-migrate {}); '
        script += 'COMP_CWORD={}; "$(complete -p ov-migrate | sed "s/.*-F \\([^ ]*\\).*/\\1/")" ov-migrate'
        for words, number in (("dete", 1), ("--diff dete", 2), ("--config dete", 2), ("--report dete", 2)):
            command = ["bash", "-c", script.replace("{}", words, 1).replace("{}", str(number), 1)]
            done = subprocess.run(command, env=self.path(shell_folder), capture_output=True, text=True)
            assert done.stdout == "default\n", words

    @pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
    def test_fish(self, shell_folder: Path) -> None:
        script = 'ov-migrate --completion fish | source; complete -C "ov-migrate explain load-net"'
        done = subprocess.run(["fish", "-c", script], env=self.path(shell_folder), capture_output=True, text=True)
        assert done.stdout.startswith("load-network")

    @pytest.mark.skipif(shutil.which("zsh") is None, reason="needs zsh")
    def test_zsh_reads_the_script(self, shell_folder: Path) -> None:
        script = (
            'autoload -Uz compinit && compinit -u -D; eval "$(ov-migrate --completion zsh)"; echo $_comps[ov-migrate]'
        )
        done = subprocess.run(["zsh", "-fc", script], env=self.path(shell_folder), capture_output=True, text=True)
        assert done.stdout == "_ov_migrate_completion\n"

    def test_the_command_line_is_not_run(self, shell_folder: Path) -> None:
        self.complete(shell_folder, "detector.py", "--qu")
        assert (shell_folder / "detector.py").read_text() == LEGACY


class TestShowSettings:
    def settings(self, *arguments: object, cwd: Path) -> list[dict[str, object]]:
        done = run("--show-settings", *arguments, cwd=cwd)
        assert done.returncode == 0, done.stderr
        found: list[dict[str, object]] = json.loads(done.stdout)
        return found

    def test_value_and_origin(self, tmp_path: Path, program: Path) -> None:
        config = tmp_path / "pyproject.toml"
        config.write_text(
            "[tool.ov-migrate]\ntarget = '2022.1'\nannotate = true\nignore = ['read']\n"
            "per-file-ignores = {'pro*.py' = ['OVM1']}\n"
        )
        (found,) = self.settings("program.py", "--ignore", "OVM3", "--pin-io-types", cwd=tmp_path)
        values = found["settings"]
        assert isinstance(values, dict)
        assert (found["path"], found["config"], found["excluded"]) == ("program.py", str(config), False)
        assert values["target"] == {"value": "2022.1", "from": "configuration file"}
        assert values["annotate"] == {"value": True, "from": "configuration file"}
        assert values["ignore"] == {"value": ["OVM3"], "from": "command line"}
        assert values["pin-io-types"] == {"value": True, "from": "command line"}
        assert values["per-file-ignores"] == {"value": {"pro*.py": ["OVM1"]}, "from": "configuration file"}
        assert values["select"] == {"value": [], "from": "default"}
        assert set(values) == set(config_keys())
        rules = found["rules"]
        assert isinstance(rules, list)
        assert {code[:4] for code in rules} >= {"OVM0", "OVM2"}
        assert not {code[:4] for code in rules} & {"OVM1", "OVM3"}
        assert program.read_text() == BY_HAND

    def test_each_path_has_its_own(self, tmp_path: Path) -> None:
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub" / "pyproject.toml").write_text("[tool.ov-migrate]\nextend-exclude = ['a.py']\n")
        (tmp_path / "sub" / "a.py").write_text(LEGACY)
        found = self.settings(".", "sub/a.py", cwd=tmp_path)
        assert [item["config"] for item in found] == [None, str(tmp_path / "sub" / "pyproject.toml")]
        assert [item["excluded"] for item in found] == [False, True]

    def test_a_given_file(self, tmp_path: Path, program: Path) -> None:
        (tmp_path / "other.toml").write_text("[tool.ov-migrate]\njobs = 3\n")
        (found,) = self.settings("program.py", "--config", "other.toml", cwd=tmp_path)
        values = found["settings"]
        assert isinstance(values, dict)
        assert found["config"] == "other.toml"
        assert values["jobs"] == {"value": 3, "from": "configuration file"}

    def test_a_missing_path_is_told(self, tmp_path: Path) -> None:
        done = run("--show-settings", "nothing", cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"nothing: no such file or folder" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--slect", "OVM1", "a.py"], "Did you mean '--select'?"),
        (["a.py", "--outputformat=json"], "--output-format"),
        (["--verison"], "Did you mean '--version'?"),
        (["--complete", "bash"], "--completion"),
        (["explian", "OVM301"], "did you mean `ov-migrate explain`?"),
        (["explain", "OVM3001"], "did you mean OVM301?"),
        (["explain", "load-netwrok"], "did you mean load-network?"),
        (["--ignore", "compil", "a.py"], "did you mean compile?"),
    ],
)
def test_misspelt_words_are_suggested(tmp_path: Path, arguments: list[str], says: str) -> None:
    (tmp_path / "a.py").write_text(LEGACY)
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert says.replace("'", "") in done.stderr.decode().replace("'", "")
    assert b"Traceback" not in done.stderr
    assert (tmp_path / "a.py").read_text() == LEGACY


def test_a_path_that_looks_like_a_command_is_a_path(tmp_path: Path) -> None:
    (tmp_path / "rule").mkdir()
    (tmp_path / "rule" / "a.py").write_text(LEGACY)
    assert run("rule", cwd=tmp_path).returncode == 0
    assert (tmp_path / "rule" / "a.py").read_text() != LEGACY


def test_help_shows_the_options_that_need_no_command() -> None:
    text = run("--help").stdout.decode()
    assert "--diff" in text
    assert "--completion" in text
    assert "explain" in text


def test_a_hook_run_imports_nothing_of_this(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import openvino as ov\n")
    code = (
        "import atexit, sys\natexit.register(lambda: print(*sorted(sys.modules)))\n"
        f"from ov_migrate.cli import main\nmain(args=[{str(tmp_path)!r}])\n"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split()
    late = {"ov_migrate.terminal", "ov_migrate.completion", "ov_migrate.effective", "click.shell_completion", "difflib"}
    assert "ov_migrate.migrate" in loaded
    assert late.isdisjoint(loaded)
