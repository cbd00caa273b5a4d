"""Whole trees of everything that a file system can put in the way: nothing hangs, nothing outside is written, and what
can be done is done."""

import ctypes
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hostile import LEGACY, NEW, NOTEBOOKS, PROGRAMS
from test_hostile import invoke, lines_about

# The kernel lets root read and write everything, unless it gives up these powers (PR_CAPBSET_DROP of
# CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH).
_DROP, _POWERS = 24, (1, 2)
_ODD_NAMES = [
    b"with space.py", b"two\nlines.py", b"\xff\xfe.py", "größe.py".encode(), b"-q.py", b"--diff.py", b"'\".py",
    b"a%b.py", b"$(x).py", b"*.py", b"\x1b[31m.py", b"," * 250 + b".py",
]  # fmt: skip


def _without_powers() -> None:
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for power in _POWERS:
            libc.prctl(_DROP, power, 0, 0, 0)


def run(*arguments: object, **options: object) -> subprocess.CompletedProcess[bytes]:
    """The command as a user without power over other users' files runs it; a run that hangs fails."""
    command = [sys.executable, "-m", "ov_migrate", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, preexec_fn=_without_powers, timeout=120, **options)  # type: ignore[call-overload, no-any-return]


def content(tree: Path) -> dict[str, tuple[int, bytes | str]]:
    """Every name in a tree with its kind, mode, and content or target."""
    found: dict[str, tuple[int, bytes | str]] = {}
    for folder, folders, files in os.walk(tree):
        for name in (*folders, *files):
            path = os.path.join(folder, name)
            mode = os.lstat(path).st_mode
            inside: bytes | str = os.readlink(path) if stat.S_ISLNK(mode) else ""
            if stat.S_ISREG(mode):
                with open(path, "rb") as file:
                    inside = file.read()
            found[os.path.relpath(path, tree)] = (mode, inside)
    return found


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "a.py").write_text(LEGACY)
    return folder


def outside(tree: Path) -> Path:
    path = tree.parent / "outside.py"
    path.write_text(LEGACY)
    return path


class TestLinks:
    def test_a_link_to_a_program_in_the_tree_is_the_program(self, tree: Path) -> None:
        (tree / "b.py").symlink_to("a.py")
        result = invoke("-v", tree)
        assert (result.exit_code, (tree / "a.py").read_text()) == (0, NEW)
        assert os.readlink(tree / "b.py") == "a.py"
        assert "1 of 1 file changed, 2 sites migrated" in result.output

    @pytest.mark.parametrize(
        "order", [("a.py", "b.py"), ("b.py", "a.py"), ("a.py", "a.py"), ("", "a.py"), ("b.py", "")]
    )
    def test_what_is_named_twice_is_done_once(self, tree: Path, order: tuple[str, str]) -> None:
        (tree / "b.py").symlink_to("a.py")
        result = invoke(*(tree / name for name in order))
        assert (result.exit_code, (tree / "a.py").read_text()) == (0, NEW)
        assert "1 of 1 file changed, 2 sites migrated" in result.output
        assert (tree / "b.py").is_symlink()

    def test_a_link_to_a_program_with_another_name(self, tree: Path) -> None:
        (tree / "tool").write_text(LEGACY)
        for name in ("tool.py", "too.py"):
            (tree / name).symlink_to("tool")
        assert "2 of 2 files changed" in invoke(tree).output
        assert ((tree / "tool").read_text(), os.readlink(tree / "tool.py")) == (NEW, "tool")

    def test_links_out_of_the_tree_are_not_followed(self, tree: Path) -> None:
        other = outside(tree)
        (tree / "out.py").symlink_to(other)
        (tree / "relative.py").symlink_to("../outside.py")
        (tree / "folder").symlink_to(tree.parent)
        (tree / "chain.py").symlink_to("out.py")
        result = invoke(tree)
        assert (result.exit_code, (tree / "a.py").read_text(), other.read_text()) == (0, NEW, LEGACY)
        (line,) = lines_about(result, "passed over")
        assert line.endswith("chain.py, out.py, relative.py")

    def test_a_link_that_is_given_is_followed_and_stays(self, tree: Path) -> None:
        other = outside(tree)
        (tree / "out.py").symlink_to(other)
        assert invoke(tree / "out.py").exit_code == 0
        assert (other.read_text(), os.readlink(tree / "out.py")) == (NEW, str(other))

    def test_a_folder_that_is_given_through_a_link(self, tree: Path) -> None:
        link = tree.parent / "link"
        link.symlink_to(tree)
        assert invoke(link).exit_code == 0
        assert (tree / "a.py").read_text() == NEW

    def test_loops_and_links_to_nothing(self, tree: Path) -> None:
        (tree / "nothing.py").symlink_to("no such file")
        (tree / "self.py").symlink_to("self.py")
        (tree / "one.py").symlink_to("two.py")
        (tree / "two.py").symlink_to("one.py")
        (tree / "sub").mkdir()
        (tree / "sub" / "up").symlink_to("..")
        (tree / "sub" / "up.py").symlink_to("..")
        before = content(tree)
        result = invoke(tree)
        assert result.exit_code == 0
        assert {name for name, state in content(tree).items() if state != before[name]} == {"a.py"}
        assert "nothing.py, one.py, self.py, two.py" in result.output

    @pytest.mark.parametrize(("target", "says"), [("nothing", "a link that leads nowhere"), ("x.py", "symbolic links")])
    def test_given_links_to_nothing(self, tree: Path, target: str, says: str) -> None:
        (tree / "x.py").symlink_to(target)
        result = invoke(tree / "x.py", tree / "a.py")
        assert (result.exit_code, (tree / "a.py").read_text()) == (2, NEW)
        assert says in lines_about(result, "x.py")[0]

    def test_hard_links_come_apart(self, tree: Path) -> None:
        other = outside(tree)
        for name in ("b.py", "c.py"):
            os.link(other, tree / name)
        assert invoke(tree).exit_code == 0
        assert [(tree / name).read_text() for name in ("a.py", "b.py", "c.py")] == [NEW, NEW, NEW]
        assert other.read_text() == LEGACY


class TestWhatIsNoFile:
    @pytest.fixture
    def special(self, tree: Path) -> Iterator[Path]:
        os.mkfifo(tree / "pipe.py")
        with socket.socket(socket.AF_UNIX) as server:
            folder = os.open(tree, os.O_RDONLY)
            # Addresses of sockets are short.
            server.bind(f"/proc/self/fd/{folder}/socket.py")
            os.close(folder)
            yield tree

    def test_in_a_tree(self, special: Path) -> None:
        done = run(special)
        assert (done.returncode, (special / "a.py").read_text()) == (0, NEW)
        assert b"pipe.py, socket.py\n" in done.stdout

    @pytest.mark.parametrize("name", ["pipe.py", "socket.py", "/dev/null", "/dev/zero"])
    def test_given(self, special: Path, name: str) -> None:
        done = run(special / name, special / "a.py")
        assert (done.returncode, (special / "a.py").read_text()) == (2, NEW)
        assert f"{special / name}: ".encode() in done.stdout
        assert b"Traceback" not in done.stderr

    def test_a_folder_with_the_name_of_a_program(self, tree: Path) -> None:
        (tree / "x.py").mkdir()
        (tree / "x.py" / "y.py").write_text(LEGACY)
        (tree / "x.ipynb").mkdir()
        assert invoke(tree).exit_code == 0
        assert (tree / "x.py" / "y.py").read_text() == NEW

    def test_a_file_larger_than_any_program(self, tree: Path) -> None:
        with open(tree / "big.py", "wb") as file:
            file.truncate(1 << 40)
        result = invoke(tree)
        assert (result.exit_code, (tree / "a.py").read_text()) == (2, NEW)
        assert "big.py: is larger than 256 MiB" in result.output


class TestWhatIsNotAllowed:
    def refused(self, tree: Path, says: str, *, reads: str = "") -> None:
        done = run(tree)
        text = (done.stdout + done.stderr).decode()
        assert (done.returncode, (tree / "a.py").read_text()) == (2, NEW)
        assert says in text
        assert "Traceback" not in text
        if reads:
            assert (tree / reads).read_text() == LEGACY

    def test_a_file_that_cannot_be_read(self, tree: Path) -> None:
        (tree / "x.py").write_text(LEGACY)
        (tree / "x.py").chmod(0)
        self.refused(tree, "x.py: cannot be read: Permission denied")

    def test_a_folder_that_cannot_be_read(self, tree: Path) -> None:
        (tree / "sub").mkdir(mode=0)
        self.refused(tree, "sub: cannot be read: Permission denied")

    def test_a_folder_that_cannot_be_entered(self, tree: Path) -> None:
        (tree / "sub").mkdir()
        (tree / "sub" / "x.py").write_text(LEGACY)
        (tree / "sub").chmod(0o600)
        self.refused(tree, "sub")
        (tree / "sub").chmod(0o700)
        assert (tree / "sub" / "x.py").read_text() == LEGACY

    def test_a_folder_that_cannot_be_written(self, tree: Path) -> None:
        (tree / "sub").mkdir()
        (tree / "sub" / "x.py").write_text(LEGACY)
        (tree / "sub").chmod(0o500)
        self.refused(tree, "x.py: cannot be written: Permission denied", reads="sub/x.py")

    def test_a_file_that_cannot_be_written(self, tree: Path) -> None:
        (tree / "x.py").write_text(LEGACY)
        (tree / "x.py").chmod(0o444)
        self.refused(tree, "x.py: cannot be written: it is read-only", reads="x.py")

    def test_what_is_given_cannot_be_reached(self, tree: Path) -> None:
        (tree / "sub").mkdir()
        (tree / "sub" / "x.py").write_text(LEGACY)
        (tree / "sub").chmod(0)
        done = run(tree / "sub" / "x.py", tree / ("n" * 300 + ".py"), tree / "a.py" / "b.py", tree / "a.py")
        assert (done.returncode, (tree / "a.py").read_text()) == (2, NEW)
        assert b"sub/x.py: cannot be read: Permission denied" in done.stdout
        assert b"n.py: cannot be read: File name too long" in done.stdout
        assert b"a.py/b.py: cannot be read: Not a directory" in done.stdout

    @pytest.mark.parametrize("name", ["pyproject.toml", ".gitignore"])
    def test_settings_that_cannot_be_read(self, tree: Path, name: str) -> None:
        (tree / ".git").mkdir()
        (tree / name).write_text("x")
        (tree / name).chmod(0)
        done = run(tree)
        assert b"Traceback" not in done.stderr
        assert done.returncode == (2 if name == "pyproject.toml" else 0)

    def test_a_failed_file_has_no_sites_in_the_report(self, tree: Path) -> None:
        (tree / "a.py").chmod(0o444)
        assert "0 sites migrated" in run(tree).stdout.decode()


class TestNames:
    def test_odd_names(self, tree: Path) -> None:
        for name in _ODD_NAMES:
            Path(os.fsdecode(os.fsencode(tree) + b"/" + name)).write_text(LEGACY)
        checked = run("--diff", "-v", tree, env={**os.environ, "PYTHONIOENCODING": "ascii"})
        assert (checked.returncode, b"Traceback" in checked.stderr) == (1, False)
        reports = [tree.parent / f"report.{suffix}" for suffix in ("json", "html", "md", "sarif")]
        done = run("-v", *(f"--report={report}" for report in reports), tree)
        assert (done.returncode, done.stderr) == (0, b"")
        assert {path.read_text() for path in tree.iterdir()} == {NEW}
        assert rb"/two\nlines.py:" in done.stdout
        assert rb"\udcff\udcfe.py:" in done.stdout
        assert b"\x1b[31m" not in done.stdout

    @pytest.mark.parametrize("name", _ODD_NAMES)
    def test_given(self, tree: Path, name: bytes) -> None:
        file = Path(os.fsdecode(os.fsencode(tree) + b"/" + name))
        file.write_text(LEGACY + "if\n")
        result = invoke("--", file)
        assert result.exit_code == 2
        assert len(lines_about(result, "does not parse: line 5")) == 1
        file.write_text(LEGACY)
        done = run("--", file.name, cwd=tree)
        assert (done.returncode, file.read_text()) == (0, NEW)

    def test_deep_folders_and_long_paths(self, tree: Path) -> None:
        here = os.getcwd()
        os.chdir(tree)
        try:
            # As deep as a path can be, and deeper.
            for _ in range(25):
                os.mkdir("d" * 200)
                os.chdir("d" * 200)
                Path("x.py").write_text(LEGACY)
        finally:
            os.chdir(here)
        result = invoke(tree)
        assert (result.exit_code, (tree / "a.py").read_text()) == (2, NEW)
        assert "File name too long" in result.output
        assert (tree / Path(*["d" * 200] * 18) / "x.py").read_text() == NEW


@pytest.mark.parametrize("jobs", [1, 2])
def test_everything_at_once(tree: Path, jobs: int) -> None:
    """Twice, and the same both times."""
    wanted = {}
    for number, (case, suffix) in enumerate([*((c, ".py") for c in PROGRAMS), *((c, ".ipynb") for c in NOTEBOOKS)]):
        file = tree / str(number % 7) / f"{case.name}{suffix}"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(case.data)
        wanted[file] = case
    other = outside(tree)
    (tree / "0" / "out.py").symlink_to(other)
    (tree / "0" / "loop").symlink_to("..")
    os.mkfifo(tree / "0" / "pipe.py")
    for _ in range(2):
        done = run("--jobs", jobs, tree)
        assert (done.returncode, done.stderr) == (2, b"")
        assert {file: file.read_bytes() for file in wanted} == {file: case.wanted for file, case in wanted.items()}
        lines = done.stdout.decode().splitlines()
        for file, case in wanted.items():
            about = [line for line in lines if line.startswith(f"{file}: ")]
            assert len(about) == bool(case.says)
            assert all(case.says in line for line in about)
        assert other.read_text() == LEGACY
    assert not [path for path in tree.rglob("*") if path.name.startswith(".ov-migrate")]
