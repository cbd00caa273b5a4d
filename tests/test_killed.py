"""Runs that are killed, that disturb each other, that meet a full disk: every file is wholly old or wholly new, and the
next run finishes the work. Names of slow tests have `killed` in them."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hostile import LEGACY, NEW, notebook

from ov_migrate.migrate import migrate_paths
from ov_migrate.replacing import PREFIX, stage
from ov_migrate.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
KILLS = 50
# So many of the fixtures' programs.
_PROGRAMS = 4


def fill(tree: Path, together: bool = True) -> Path:
    """Makes the tree; `together` with two modules between which objects go."""
    tree.mkdir()
    names = sorted(path for path in (ROOT / "fixtures").iterdir() if (path / "after.py").is_file())
    for folder in names[:: len(names) // _PROGRAMS]:
        shutil.copy(folder / "before.py", tree / f"{folder.name}.py")
    if together:
        (tree / "main.py").write_text(LEGACY + "import helper\n\nhelper.show(net)\n")
        (tree / "helper.py").write_text("def show(net):\n    print(len(net.input_info), list(net.outputs))\n")
    (tree / "note.ipynb").write_bytes(notebook(LEGACY))
    return tree


def command(*paths: Path) -> list[str]:
    return [sys.executable, "-m", "ov_migrate", *map(str, paths)]


def contents(tree: Path) -> dict[str, bytes]:
    return {str(path.relative_to(tree)): path.read_bytes() for path in sorted(tree.rglob("*")) if path.is_file()}


def without_leftovers(found: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in found.items() if not Path(name).name.startswith(PREFIX)}


def finished(tree: Path) -> tuple[dict[str, bytes], float]:
    """The tree after a run that nobody disturbs, and how long that takes."""
    start = time.monotonic()
    done = subprocess.run(command(tree), capture_output=True)
    assert done.returncode in (0, 1), done.stderr
    return contents(tree), time.monotonic() - start


def test_killed_at_any_moment(tmp_path: Path) -> None:
    after, duration = finished(fill(tmp_path / "undisturbed", together=False))
    tree = fill(tmp_path / "tree", together=False)
    before, moments, killed = contents(tree), random.Random(5), 0
    for number in range(KILLS):
        jobs = ["--jobs", str(number % 2 + 1)]
        run = subprocess.Popen([*command(tree), *jobs], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            run.wait(moments.random() * duration)
        except subprocess.TimeoutExpired:
            run.kill()
        killed += run.wait() == -signal.SIGKILL
        now = without_leftovers(contents(tree))
        assert now.keys() == before.keys()
        assert all(data in (before[name], after[name]) for name, data in now.items())
        if now == after:
            # The next one starts anew.
            for name, data in before.items():
                (tree / name).write_bytes(data)
    assert killed
    assert finished(tree)[0] == after


@pytest.mark.parametrize("kept", [False, True])
def test_killed_while_files_are_put_in_place(tmp_path: Path, kept: bool) -> None:
    """The moment that the random ones seldom meet: after some files are in place."""
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in "abcd":
        (tree / f"{name}.py").write_text(LEGACY)
    code = (
        "import os, signal\nfrom ov_migrate import replacing\nfrom ov_migrate.migrate import migrate_paths\n"
        "from ov_migrate.settings import Settings\nput, done = replacing.Staged.put, []\n"
        "def killed(self):\n    if len(done) == 2:\n        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    put(self)\n    done.append(self)\nreplacing.Staged.put = killed\n"
        f"migrate_paths([{str(tree)!r}], Settings())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert done.returncode == -signal.SIGKILL
    found = contents(tree)
    assert len(found) == 6
    assert sorted(without_leftovers(found).values()) == sorted([LEGACY.encode()] * 2 + [NEW.encode()] * 2)
    if kept:
        # A folder in which nothing is left to do is looked at, too, when there is something to do elsewhere.
        (tree / "a.py").write_text(NEW)
    assert subprocess.run(command(tree), capture_output=True).returncode == 0
    assert contents(tree) == {f"{name}.py": NEW.encode() for name in "abcd"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_end_while_files_are_put_in_place(tmp_path: Path, number: signal.Signals) -> None:
    for name in "ab":
        (tmp_path / f"{name}.py").write_text(LEGACY)
    code = (
        "import os\nfrom ov_migrate import replacing\nfrom ov_migrate.migrate import migrate_paths\n"
        "from ov_migrate.settings import Settings\nput = replacing.Staged.put\n"
        f"def asked(self):\n    os.kill(os.getpid(), {int(number)})\n    put(self)\n"
        f"replacing.Staged.put = asked\nmigrate_paths([{str(tmp_path)!r}], Settings())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert done.returncode == -number
    assert contents(tmp_path) == {"a.py": NEW.encode(), "b.py": NEW.encode()}


def test_interrupted_before_files_are_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "ab":
        (tmp_path / f"{name}.py").write_text(LEGACY)

    def interrupted(path: Path, before: bytes, after: bytes) -> object:
        if path.name == "b.py":
            raise KeyboardInterrupt
        return stage(path, before, after)

    monkeypatch.setattr("ov_migrate.replacing.stage", interrupted)
    with pytest.raises(KeyboardInterrupt):
        migrate_paths([str(tmp_path)], Settings())
    assert contents(tmp_path) == {"a.py": LEGACY.encode(), "b.py": LEGACY.encode()}


@pytest.mark.parametrize("given", [("tree", "tree"), ("tree", "tree/sub"), ("tree/main.py tree/helper.py", "tree")])
def test_two_runs_at_once(tmp_path: Path, given: tuple[str, str]) -> None:
    after, _ = finished(fill(tmp_path / "undisturbed"))
    tree = fill(tmp_path / "tree")
    (tree / "sub").mkdir()
    (tree / "sub" / "x.py").write_text(LEGACY)
    paths = [[tmp_path / name for name in names.split()] for names in given]
    runs = [subprocess.Popen(command(*each), stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for each in paths]
    for run in runs:
        out, _ = run.communicate()
        assert run.returncode in (0, 1), out
    assert contents(tree) == {**after, "sub/x.py": NEW.encode()}


def test_a_file_that_somebody_saves_meanwhile_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text(LEGACY)
    (tmp_path / "b.py").write_text(LEGACY)

    def saved(path: Path, before: bytes, after: bytes) -> object:
        staged = stage(path, before, after)
        (tmp_path / "a.py").write_text(LEGACY + "x = 1\n")
        return staged

    monkeypatch.setattr("ov_migrate.replacing.stage", saved)
    run = migrate_paths([str(tmp_path)], Settings())
    assert [(record.status, record.error[:29]) for record in run.files] == [
        ("failed", "was changed by somebody else "), ("changed", "")
    ]  # fmt: skip
    assert contents(tmp_path) == {"a.py": LEGACY.encode() + b"x = 1\n", "b.py": NEW.encode()}


def test_a_full_disk(tmp_path: Path) -> None:
    long = LEGACY + "# a comment\n" * 1000
    (tmp_path / "long.py").write_text(long)
    (tmp_path / "short.py").write_text(LEGACY)
    done = subprocess.run(
        command(tmp_path),
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )
    assert done.returncode == 2
    assert b"long.py: cannot be written: File too large\n" in done.stdout
    assert contents(tmp_path) == {"long.py": long.encode(), "short.py": NEW.encode()}


def test_what_a_file_has_beside_its_content_stays(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text(LEGACY)
    file.chmod(0o6751)
    is_root = os.geteuid() == 0
    if is_root:
        os.chown(file, 65534, 65534)
        file.chmod(0o6751)
    try:
        os.setxattr(file, "user.note", b"kept")
        has_attributes = True
    except OSError:
        has_attributes = False
    migrate_paths([str(file)], Settings())
    status = file.stat()
    assert (file.read_text(), status.st_mode & 0o7777) == (NEW, 0o6751)
    assert not is_root or (status.st_uid, status.st_gid) == (65534, 65534)
    assert not has_attributes or os.getxattr(file, "user.note") == b"kept"


def test_nothing_is_written_outside_what_is_given(tmp_path: Path) -> None:
    tree = fill(tmp_path / "tree")
    before = contents(tree)
    run = subprocess.run(command(tree / "main.py"), capture_output=True)
    after = contents(tree)
    assert run.returncode in (0, 1)
    assert {name for name in after if after[name] != before[name]} == {"main.py"}
    assert after.keys() == before.keys()
