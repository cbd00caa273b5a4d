"""`ov-migrate verify` on programs of a user's own: both sides run, and each site says what came of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ov_migrate.report.formats import render
from ov_migrate.report.records import Place
from ov_migrate.settings import Settings
from ov_migrate.syntax import Tree
from ov_migrate.verify.compare import first_difference
from ov_migrate.verify.fixtures import model_file
from ov_migrate.verify.moved import moved_places
from ov_migrate.verify.prepare import Edit, Finished
from ov_migrate.verify.proof import Proof
from ov_migrate.verify.prove import prove
from ov_migrate.verify.reachable import reachable
from ov_migrate.verify.runtimes import BOTH, NEWEST
from ov_migrate.verify.sides import Options
from ov_migrate.verify.workspace import Program, command, script

ROOT = Path(__file__).parent.parent
PROGRAM = """\
import sys

import numpy as np
from openvino.inference_engine import IECore


def load(path):
    ie = IECore()
    net = ie.read_network(path)
    return net, ie.load_network(net, "CPU")


def main():
    net, exec_net = load("classify.xml")
    name = next(iter(net.input_info))
    out = next(iter(net.outputs))
    result = exec_net.infer({name: np.full((1, 3, 8, 8), len(sys.argv))})
    print(result[out].argmax(), "%.4f" % result[out].max())
    if len(sys.argv) > 5:
        print(net.batch_size)


if __name__ == "__main__":
    main()
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a program and its model, in which the test stands."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "app.py").write_text(PROGRAM)
    model = model_file(ROOT / "fixtures", "classify")
    for path in (model, model.with_suffix(".bin")):
        shutil.copy(path, folder)
    monkeypatch.chdir(folder)
    return folder


def proof_of(runtimes, *arguments: str, program: str = "app.py", edit: Edit | None = None, **more) -> Proof:
    options = Options(runtimes[BOTH], runtimes[NEWEST], edit=edit, **more)
    return prove(script(Path(program), arguments), Settings(), options)


def replaced(old: str, new: str, path: str = "app.py") -> Edit:
    """An edit of the migrated copy that breaks it."""

    def edit(folder: Path) -> None:
        text = (folder / path).read_text()
        assert old in text
        (folder / path).write_text(text.replace(old, new))

    return edit


def statuses(proof: Proof, path: str = "app.py") -> dict[tuple[int, str], str]:
    record = next(record for record in proof.run.files if record.path == path)
    return {(finding.line, finding.rule): finding.run.status for finding in record.findings if finding.run}


def cli(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ov_migrate", "verify", *map(str, words)],
        capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
    )  # fmt: skip


class TestSites:
    def test_each_site_says_what_came_of_it(self, project: Path, runtimes) -> None:
        proof = proof_of(runtimes)
        found = statuses(proof)
        assert proof.is_equal
        assert found[(9, "OVM201")] == found[(15, "OVM210")] == found[(17, "OVM601")] == "equal"
        assert found[(4, "OVM001")] == "ran"
        assert found[(20, "OVM219")] == "not executed"
        assert proof.count("differs") == 0

    def test_what_was_equal_is_proved_by_running(self, project: Path, runtimes) -> None:
        proofs = {f.rule: f.proof for record in proof_of(runtimes).run.files for f in record.findings}
        assert proofs["OVM601"] == "run"
        assert proofs["OVM219"] == "fixture"

    @pytest.mark.parametrize(
        ("old", "new", "line", "before", "after"),
        [
            (".infer({name: np.full((1, 3, 8, 8), len(sys.argv))}", ".infer({name: np.full((1, 3, 8, 8), -3)}", 17,
             "float32 array of shape [1, 5]", "float32 array of shape [1, 5]"),
            ("net.input().any_name", "'data' + str(net.input().any_name.index('d'))", 15, "'data'", "'data0'"),
        ],
    )  # fmt: skip
    def test_a_broken_migration_is_told_at_its_site_with_both_values(
        self, project: Path, runtimes, old: str, new: str, line: int, before: str, after: str
    ) -> None:
        proof = proof_of(runtimes, edit=replaced(old, new))
        findings = [f for record in proof.run.files for f in record.findings if f.run and f.run.status == "differs"]
        assert not proof.is_equal
        assert findings[0].line == line
        assert before in findings[0].run.old
        assert after in findings[0].run.new

    def test_a_program_that_prints_its_folder_prints_the_users(self, project: Path, runtimes) -> None:
        (project / "app.py").write_text(
            PROGRAM + "    import os\n\n    print('saved to', os.path.abspath('out.png'))\n"
        )
        proof = proof_of(runtimes)
        assert proof.is_equal
        assert proof.notes == []
        assert f"saved to {project.resolve() / 'out.png'}\n" in proof.before.output
        assert proof.before.output == proof.after.output

    def test_where_a_migration_stops_is_told_at_its_site(self, project: Path, runtimes) -> None:
        proof = proof_of(runtimes, edit=replaced("net.output().any_name", "net.output(5).any_name"))
        found = statuses(proof)
        assert [line for (line, _), status in found.items() if status == "differs"] == [16]
        told = next(f.run for record in proof.run.files for f in record.findings if f.run and f.run.status == "differs")
        assert (told.old, told.new) == ("a value once", "a value 0 times")
        assert found[(15, "OVM210")] == "equal"
        assert found[(17, "OVM601")] == "not executed"
        assert "end: ended well before, exit status 1: IndexError" in proof.differences[0]

    def test_sites_in_threads_and_processes(self, project: Path, runtimes) -> None:
        (project / "work.py").write_text(PROGRAM.replace("main()\n", "pass\n").replace("def pass", "def main"))
        (project / "app.py").write_text(
            "import multiprocessing\nimport threading\n\nimport numpy as np\n\nfrom work import load\n\n\n"
            "def infer(value):\n"
            "    net, exec_net = load('classify.xml')\n"
            "    return float(exec_net.infer({'data': np.full((1, 3, 8, 8), value)})['prob'].max())\n\n\n"
            "if __name__ == '__main__':\n"
            "    threads = [threading.Thread(target=infer, args=(i,)) for i in range(3)]\n"
            "    for thread in threads:\n        thread.start()\n"
            "    for thread in threads:\n        thread.join()\n"
            "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
            "        print(pool.map(infer, [4, 5]))\n"
        )
        proof = proof_of(runtimes)
        assert proof.is_equal
        record = next(record for record in proof.run.files if record.path == "app.py")
        infer = next(finding.run for finding in record.findings if finding.rule == "OVM601")
        assert infer is not None
        assert (infer.status, infer.times) == ("equal", 5)


class TestWhatIsCompared:
    def test_exit_status(self, project: Path, runtimes) -> None:
        proof = proof_of(runtimes, edit=replaced("    main()\n", "    main()\n    sys.exit(3)\n"))
        assert proof.differences == ["end: ended well before, exit status 3: no message after"]

    def test_both_sides_end_badly(self, project: Path, runtimes) -> None:
        program = project / "app.py"
        program.write_text(PROGRAM.replace("    main()\n", "    main()\n    sys.exit('no camera')\n"))
        proof = proof_of(runtimes)
        assert proof.is_equal
        assert proof.notes == ["Both sides ended with exit status 1: no camera; what comes behind that is not proved."]

    def test_output(self, project: Path, runtimes) -> None:
        broken = replaced("print(result", "print('top', result")
        assert "output, line 1" in proof_of(runtimes, edit=broken).differences[0]
        assert proof_of(runtimes, edit=broken, compare_output=False).differences == []

    def test_files(self, project: Path, runtimes) -> None:
        program = project / "app.py"
        written = "    open('out/a.txt', 'w').write('x 0.5')\n    if 0:"
        program.write_text(PROGRAM.replace("    if len(sys.argv) > 5:", written))
        (project / "out").mkdir()
        assert proof_of(runtimes, files="out").differences == []
        broken = replaced("'x 0.5'", "'x 0.7'")
        assert proof_of(runtimes, files="out", edit=broken).differences == [
            "file a.txt, line 1: 'x 0.5' became 'x 0.7'"
        ]

    def test_a_folder_without_files_is_no_proof(self, project: Path, runtimes) -> None:
        done = cli("app.py", "--compare-files", "misspelt")
        assert done.returncode == 2
        assert "--- --compare-files misspelt: neither side has left a file in this folder" in done.stdout

    def test_the_folder_of_the_program_itself(self, project: Path, runtimes) -> None:
        assert proof_of(runtimes, files=".").differences == []

    @pytest.mark.parametrize(
        ("old", "new", "is_equal"),
        [
            ("[0.9055233  0.2935767 , 1]", "[0.9055233  0.29357672, 1]", True),
            ("  9.9999 ms", " 10.0001 ms", True),
            ("[0.9055233 0.2]", "[0.9055233  0.5]", False),
            ("0.5 a b", "0.5 ab", False),
            ("[[0.9055233  0.2935767]]\nend", "[[0.9055233\n  0.29357672]]\nend", True),
            ("[[0.9055233  0.2935767]]\nend", "[[0.9055233\n  0.29357672] ]\n", False),
            ("[ INFO ] a\nb", "[ INFO ] a b", False),
        ],
    )
    def test_numbers_of_other_widths_are_set_out_otherwise(self, old: str, new: str, is_equal: bool) -> None:
        assert (first_difference(old, new) == "") is is_equal

    def test_a_line_that_differs_by_chance_hides_no_other(self, project: Path, runtimes) -> None:
        program = project / "app.py"
        program.write_text(
            PROGRAM.replace("print(result", "print('took', __import__('time').time_ns())\n    print(result")
        )
        proof = proof_of(runtimes)
        assert proof.is_equal
        assert proof.notes[0].startswith("what differs from run to run of a program was left out of its output, line 1")
        broken = proof_of(runtimes, edit=replaced("print(result", "print('top', result"))
        assert broken.differences[0].startswith("output, line 2: ")
        assert not proof_of(runtimes, edit=replaced("print('took'", "print('needed'")).is_equal

    @pytest.mark.parametrize(
        ("new", "is_equal"),
        [
            ("took 3.5 ms, class 4", True),
            ("took 9.5 s, class 4", False),
            ("took 9.5 ms, class 5", False),
            ("took 9.5 ms, class 4, 1", False),
        ],
    )
    def test_words_that_last(self, new: str, is_equal: bool) -> None:
        found = first_difference("took 1.5 ms, class 4", new, others=["took 2.5 ms, class 4", "took 7.25 ms, class 4"])
        assert (found == "") is is_equal

    def test_chance_is_no_difference(self, project: Path, runtimes) -> None:
        program = project / "app.py"
        program.write_text(PROGRAM.replace("print(result", "print(__import__('time').time_ns(), result"))
        proof = proof_of(runtimes)
        assert proof.is_equal
        assert "differs from run to run" in proof.notes[0]


# Looks at two outputs in an order that each run may have otherwise: one letter of ORDERS for each run.
BY_CHANCE = """\
import os
import numpy as np
from openvino.inference_engine import IECore
with open("runs", "a") as file:
    file.write(".")
orders = open("orders").read()
number = os.path.getsize("runs") - 1
exec_net = IECore().load_network(IECore().read_network("classify.xml"), "CPU", num_requests=2)
for index, request in enumerate(exec_net.requests):
    request.infer({"data": np.full((1, 3, 8, 8), index)})
for index in (0, 1) if orders[number] == "a" else (1, 0):
    print("found", sorted(exec_net.requests[index].output_blobs)[0])
    seen = exec_net.requests[index].output_blobs["prob"].buffer
"""


class TestRunsAgain:
    @staticmethod
    def statuses_of_outputs(project: Path, runtimes, old: str, new: str) -> set[str]:
        """What came out at the outputs when the runs of each side have these orders."""
        (project / "app.py").write_text(BY_CHANCE)
        (project / "orders").write_text(old)
        proof = proof_of(runtimes, edit=replaced(old, new, "orders"))
        return {status for (_, rule), status in statuses(proof).items() if rule == "OVM704"}

    def test_an_order_that_the_old_program_has_only_sometimes(self, project: Path, runtimes) -> None:
        assert self.statuses_of_outputs(project, runtimes, "aaaab__", "bbbbbbb") == {"unstable"}

    def test_an_order_that_the_new_program_has_only_sometimes(self, project: Path, runtimes) -> None:
        assert self.statuses_of_outputs(project, runtimes, "aaaaaaa", "bbba___") == {"unstable"}

    def test_an_order_that_is_always_another_one(self, project: Path, runtimes) -> None:
        assert self.statuses_of_outputs(project, runtimes, "aaaaaaa", "bbbbbbb") == {"differs"}

    @pytest.mark.parametrize(("runs", "is_equal"), [("bbba___", True), ("bbbbbbb", False)])
    def test_lines_in_another_order(self, project: Path, runtimes, runs: str, is_equal: bool) -> None:
        printing = BY_CHANCE.replace('print("found", sorted(exec_net.requests[index].output_blobs)[0])', "print(index)")
        (project / "app.py").write_text(printing)
        (project / "orders").write_text("aaaaaaa")
        assert proof_of(runtimes, edit=replaced("aaaaaaa", runs, "orders")).is_equal is is_equal

    def test_values_that_only_the_new_program_changes_from_run_to_run(self, project: Path, runtimes) -> None:
        program = BY_CHANCE.replace('if orders[number] == "a" else (1, 0)', 'if orders[number] == "a" else (0, 0)')
        (project / "app.py").write_text(program)
        (project / "orders").write_text("aaa")
        found = statuses(proof_of(runtimes, edit=replaced("aaa", "baa", "orders")))
        assert {status for (_, rule), status in found.items() if rule == "OVM704"} == {"differs"}


class TestEnds:
    def test_a_hang_is_told_and_the_other_side_kept(self, project: Path, runtimes) -> None:
        endless = replaced("    main()\n", "    main()\n    while True: pass\n")
        proof = proof_of(runtimes, edit=endless, time_limit=15.0)
        assert "did not end in time (app.py:" in proof.after.failure
        assert proof.before.status == 0
        assert proof.before.output == proof.after.output

    def test_a_crash_is_told_and_the_other_side_kept(self, project: Path, runtimes) -> None:
        proof = proof_of(runtimes, edit=replaced("    main()\n", "    main()\n    __import__('os').abort()\n"))
        assert "was ended by SIGABRT" in proof.after.failure
        assert proof.count("equal") > 0

    def test_a_program_that_stops_before_anything_is_compared_is_no_proof(self, project: Path, runtimes) -> None:
        program = project / "app.py"
        program.write_text(PROGRAM.replace("    main()\n", "    raise SystemExit('no model')\n"))
        done = cli("app.py")
        assert done.returncode == 2
        assert "no model; what comes behind that is not proved" in done.stdout
        assert "--- nothing was compared before the program ended" in done.stdout

    def test_a_program_that_hangs_on_both_sides_says_so(self, project: Path, runtimes) -> None:
        (project / "app.py").write_text(PROGRAM.replace("    main()\n", "    main()\n    while True: pass\n"))
        done = cli("app.py", "--time-limit", "8")
        assert done.returncode == 2
        assert "--- before: did not end within 8 seconds (app.py:" in done.stdout
        assert "--- after: did not end within 8 seconds (app.py:" in done.stdout
        assert "run_program" not in done.stdout

    def test_a_legacy_api_that_no_release_has_is_no_difference(self, project: Path, runtimes) -> None:
        (project / "app.py").write_text("from openvino.inference_engine import IEPlugin\n" + PROGRAM)
        done = cli("app.py")
        assert done.returncode == 2
        assert "has no `IEPlugin`, so that there is nothing to compare with" in done.stdout

    def test_tracebacks_show_the_users_lines(self, project: Path, runtimes) -> None:
        (project / "app.py").write_text(PROGRAM.replace("    main()\n", "    load('none.xml')\n"))
        done = cli("app.py")
        assert "__ovm" not in done.stdout
        assert '  File "app.py", line ' in done.stdout
        assert "run_program" not in done.stdout

    def test_what_a_program_reads(self, project: Path, runtimes) -> None:
        (project / "app.py").write_text(PROGRAM.replace("    main()\n", "    main()\n    print(input())\n"))
        (project / "in.txt").write_text("some words\n")
        done = cli("app.py", "--stdin", "in.txt")
        assert done.returncode == 0
        assert done.stdout.count("some words\n") == 2

    def test_a_program_that_never_ran_is_no_proof(self, project: Path, runtimes) -> None:
        (project / "app.py").write_text("import nothing_of_this_name\n" + PROGRAM)
        done = cli("app.py")
        assert done.returncode == 2
        assert "No module named 'nothing_of_this_name'" in done.stdout
        assert "--- before: there is no module `nothing_of_this_name` beside OpenVINO" in done.stdout
        assert "--with PACKAGE" in done.stdout


class TestFinishedByHand:
    def test_equal(self, project: Path, runtimes) -> None:
        shutil.copy(project / "app.py", project / "new.py")
        subprocess.run(
            [sys.executable, "-m", "ov_migrate", "new.py"], check=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
        )
        text = (
            (project / "new.py").read_text().replace("def load(path):\n", "def load(path):\n    # finished by hand\n")
        )
        (project / "new.py").write_text(text)
        finished = Finished("app.py", project / "new.py")
        proof = proof_of(runtimes, finished=finished)
        assert "# finished by hand" in render(proof.report, "html")
        assert proof.left == 0
        assert proof.is_equal
        assert proof.count("equal") >= 5

    @pytest.mark.parametrize(
        ("run", "says"),
        [
            ("compiled({0: np.full((1, 3, 8, 8), len(sys.argv), np.float32)})[0]", ""),
            ("compiled(np.full((1, 3, 8, 8), len(sys.argv)))[0]", ""),
            ("queued(compiled, np.full((1, 3, 8, 8), len(sys.argv)))", ""),
            (
                "compiled({0: np.full((1, 3, 8, 8), -2.0)})[0]",
                "inferences, got [port 'data']: 192 of 192 values differ",
            ),
        ],
    )
    def test_another_ones_migration_is_held_to_what_inferences_got_and_gave(
        self, project: Path, runtimes, run: str, says: str
    ) -> None:
        (project / "new.py").write_text(
            "import sys\nimport numpy as np\nimport openvino as ov\n\n"
            "def queued(compiled, data):\n    queue, results = ov.AsyncInferQueue(compiled, 2), []\n"
            "    queue.set_callback(lambda request, _: results.append(request.get_output_tensor().data.copy()))\n"
            "    queue.start_async({'data': data})\n    queue.wait_all()\n    return results[0]\n\n"
            "compiled = ov.compile_model('classify.xml', 'CPU', {'INFERENCE_PRECISION_HINT': 'f32'})\n"
            f"result = {run}\nprint(result.argmax(), '%.4f' % result.max())\n"
        )
        proof = proof_of(runtimes, finished=Finished("app.py", project / "new.py"))
        if says:
            assert any(says in line for line in proof.differences), proof.differences
        else:
            assert proof.differences == []
            assert "Inferences: 1 got and gave the same on both sides." in proof.notes

    def test_different(self, project: Path) -> None:
        text = "import sys\nprint(len(sys.argv))\n"
        (project / "new.py").write_text(text)
        done = cli("app.py", "new.py")
        assert done.returncode == 1
        assert (project / "new.py").read_text() == text
        assert "--- differs: output, line 1" in done.stdout


class TestPrograms:
    def test_arguments_of_the_program(self, project: Path, runtimes) -> None:
        done = cli("app.py", "--", "-m", "--doctor")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "--- equal" in done.stdout

    def test_module(self, project: Path, runtimes) -> None:
        package = project / "package"
        package.mkdir()
        shutil.move(project / "app.py", package / "__main__.py")
        (package / "__init__.py").touch()
        done = cli("-m", "package")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "--- equal" in done.stdout

    def test_run_of_tests(self, project: Path, runtimes) -> None:
        (project / "tests.py").write_text(
            "import unittest\nfrom app import load\n\n\nclass TestLoad(unittest.TestCase):\n"
            "    def test_outputs(self):\n        self.assertEqual(list(load('classify.xml')[0].outputs), ['prob'])\n"
        )
        done = cli("-v", "--", "-m", "unittest", "tests")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "OVM201 read-network: equal" in done.stdout
        assert done.stdout.endswith("--- equal\n")

    def test_nothing_of_the_user_is_changed(self, project: Path, runtimes) -> None:
        before = {path: path.read_bytes() for path in project.rglob("*")}
        proof_of(runtimes)
        assert {path: path.read_bytes() for path in project.rglob("*")} == before

    def test_a_program_of_a_repository_finds_its_modules(self, project: Path, runtimes, monkeypatch) -> None:
        """The whole repository is copied, and the program runs where the user stands."""
        (project / ".git").mkdir()
        demo = project / "demos" / "one"
        demo.mkdir(parents=True)
        shutil.move(project / "app.py", project / "common.py")
        (demo / "demo.py").write_text(
            "import sys\nfrom pathlib import Path\n"
            "sys.path.append(str(Path(__file__).resolve().parents[2]))\n"
            "from common import load\n\nprint(list(load('../../classify.xml')[1].outputs))\n"
        )
        monkeypatch.chdir(demo)
        proof = proof_of(runtimes, program="demo.py")
        assert proof.is_equal, proof.after.errors
        assert {record.path for record in proof.reached} == {"demo.py", "../../common.py"}

    def test_a_folder_to_run_in(self, project: Path, runtimes) -> None:
        program = command(project, ("app.py", "x"))
        assert prove(program, Settings(), Options(runtimes[BOTH], runtimes[NEWEST])).is_equal


class TestReachable:
    FILES = {
        "app.py": "from lib.net import load\nimport importlib\nimportlib.import_module('plugins.one')\n",
        "src/lib/__init__.py": "",
        "src/lib/net.py": "from . import sibling\n",
        "src/lib/sibling.py": "import subprocess\nsubprocess.run(['python', 'tools/job.py'])\n",
        "src/plugins/one.py": "",
        "tools/job.py": "import no_such_module\nx = (\n",
        "src/other.py": "from lib.net import load\n",
        "tests/test_a.py": "import app\n",
    }

    @pytest.mark.parametrize(
        ("command", "missing"),
        [
            (("app.py",), {"src/other.py", "tests/test_a.py"}),
            (("-m", "src.lib.net"), {"app.py", "src/other.py", "src/plugins/one.py", "tests/test_a.py"}),
            (("-m", "pytest"), set()),
        ],
    )
    def test_what_a_program_may_load(self, tmp_path: Path, command: tuple[str, ...], missing: set[str]) -> None:
        for path, text in self.FILES.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        found = {path.relative_to(tmp_path).as_posix() for path in reachable(tmp_path, Program(tmp_path, command))}
        assert set(self.FILES) - found == missing


class TestMovedPlaces:
    @pytest.mark.parametrize(
        ("before", "after", "site", "new"),
        [
            ("from openvino import Core\n", "from openvino import Core, Type\n", "Core", "Core"),
            ("from openvino import (Core)\n", "from openvino import (Core, Type)\n", "Core", "Core"),
            ("class A(Core):\n    x = 1\n", "class A(Type):\n    x = 1\n", "Core", "Type"),
            ("class A:\n    x = 1\n", "class B:\n    x = 1\n", "A", "B"),
            ("with open(Core) as f:\n    pass\n", "with open(Type) as f:\n    pass\n", "Core", "Type"),
            ("x = (Core)\n", "x = (Type)\n", "(Core)", "(Type)"),
        ],
    )
    def test_a_site_on_a_changed_line_goes_to_the_same_position(
        self, before: str, after: str, site: str, new: str
    ) -> None:
        start = before.index(site)
        (place,) = moved_places([Place((0, 1), (start, start + len(site)))], Tree.parse(before), Tree.parse(after))
        assert place is not None
        assert place.new is not None
        assert after[slice(*place.new)] == new


class TestRefusals:
    @pytest.mark.parametrize(
        ("words", "says"),
        [
            (["nothing.py"], "nothing.py: no such file"),
            (["app.py", "app.py", "app.py"], "arguments come behind --"),
            (["--"], "nothing to run"),
            (["app.py", "--requirements", "none.txt"], "none.txt: no such file"),
            (["app.py", "--stdin", "none.txt"], "none.txt: no such file"),
            (["app.py", "--compare-files", "/tmp"], "--compare-files /tmp: programs run in a copy"),
            (["app.py", "--time-limit", "-1"], "-1.0 is not in the range x>0"),
            (["app.py", "--legacy-python", "no-such-python"], "no-such-python: no such program"),
            (["app.py", "--target", "1.0"], "is no OpenVINO release"),
            (["app.py", "--report", "a.xyz"], "the suffix tells the format"),
        ],
    )
    def test_one_clear_line(self, project: Path, words: list[str], says: str) -> None:
        done = cli(*words)
        assert done.returncode == 2
        assert says in done.stderr
        assert "Traceback" not in done.stderr + done.stdout

    def test_a_release_without_the_legacy_api(self, project: Path, runtimes) -> None:
        done = cli("app.py", "--legacy-python", runtimes[NEWEST].python)
        assert done.returncode == 2
        assert "which has no legacy API any more" in done.stderr


class TestReports:
    def test_json_and_html(self, project: Path, runtimes, tmp_path: Path) -> None:
        done = cli("app.py", "--report", tmp_path / "r.json", "--report", tmp_path / "r.html")
        assert done.returncode == 0, done.stderr
        data = json.loads((tmp_path / "r.json").read_text())
        (record,) = data["files"]
        infer = next(finding for finding in record["findings"] if finding["rule"] == "OVM601")
        assert record["path"] == "app.py"
        assert (infer["proof"], infer["run"]) == ("run", {"status": "equal", "times": 1})
        assert data["verify"] == {"verdict": "equal", "reasons": []}
        page = (tmp_path / "r.html").read_text()
        assert "this site was run and was equal" in page
        assert '<p class="">Proof: equal. ' in page
        # The places of a hand-over are in the user's folder, not in the copy that was run.
        assert {place["path"] for f in record["findings"] for place in f.get("chain", ())} == {"app.py"}

    def test_the_verdict_and_its_reasons_are_in_every_report(self, project: Path, runtimes) -> None:
        proof = proof_of(runtimes, edit=replaced("print(result", "print('<b>', result"))
        pages = {name: render(proof.report, name) for name in ("html", "markdown", "json")}
        assert '<p class="failed">Proof: differs. ' in pages["html"]
        assert "<li>output, line 1: " in pages["html"]
        assert "&#x27;&lt;b&gt;" in pages["html"]
        assert "Proof: differs. " in pages["markdown"]
        assert "\n- output, line 1: " in pages["markdown"]
        assert json.loads(pages["json"])["verify"]["verdict"] == "differs"

    def test_a_report_on_a_run_without_an_end_says_so(self, project: Path, runtimes) -> None:
        proof = proof_of(runtimes, edit=replaced("    main()\n", "    main()\n    while True: pass\n"), time_limit=8.0)
        page = render(proof.report, "html")
        assert '<p class="failed">Proof: could not be run. ' in page
        assert "<li>after: did not end within 8 seconds" in page

    def test_a_difference_is_in_every_report(self, project: Path, runtimes) -> None:
        proof = proof_of(runtimes, edit=replaced("np.full((1, 3, 8, 8), len", "np.full((1, 3, 8, 8), -2 * len"))
        pages = {name: render(proof.report, name) for name in ("html", "markdown", "json")}
        assert "this site was run and DIFFERS: [" in pages["html"]
        assert "DIFFERS" in pages["markdown"]
        assert '"status": "differs"' in pages["json"]
        assert "1 of them differs" in pages["html"]


class TestDoctor:
    def test_all_is_there(self, runtimes) -> None:
        done = cli("--doctor")
        assert done.returncode == 0
        assert f"OpenVINO {NEWEST}" in done.stdout

    def test_what_is_missing_is_said(self, tmp_path: Path) -> None:
        empty = {"PATH": str(tmp_path), "OV_MIGRATE_RUNTIMES": str(tmp_path), "PYENV_ROOT": str(tmp_path)}
        done = cli("--doctor", "--with", "no-such-package", **empty)
        assert "environments: " in done.stdout
        assert "no environment with openvino" in done.stdout or "needs a Python" in done.stdout
