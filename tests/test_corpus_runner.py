"""The figures on trees of real code: what the independent scan sees, and what the script says of a small tree."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from legacy_scan import generation, scan
from type_errors import CheckerError, new_errors

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
LEGACY = 'from openvino.inference_engine import IECore\n\nie = IECore()\nnet = ie.read_network("a.xml")\n'
BY_HAND = LEGACY + "layout = net.input_info['x'].layout\n"
# Stands for pyright: finds a fault on line 2 wherever it is asked, and one more on line 3 of what was migrated.
CHECKER = """#!{python}
import json, pathlib, sys
folder = pathlib.Path(sys.argv[2])
def error(line, message):
    return {{"severity": "error", "rule": "r", "message": message, "file": str(folder / "tree" / "a.py"),
             "range": {{"start": {{"line": line - 1}}}}}}
errors = [error(2, "old")] + [error(3, '"None" is not assignable to "Model"')] * (folder.name == "after")
print(json.dumps({{"generalDiagnostics": errors}}))
"""


def names(text: str, in_code: bool = True) -> list[tuple[int, str]]:
    return [(mention.line, mention.name) for mention in scan(text) if mention.in_code == in_code]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, BENCHMARKS / "corpus.py", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import openvino.inference_engine as ie", [(1, "inference_engine")]),
        ("from openvino import inference_engine", [(1, "inference_engine")]),
        ("from my.inference_engine import load", []),
        ("import ngraph as ng", [(1, "ngraph")]),
        ("a = 1\nb = net.input_info", [(2, "input_info")]),
        ("(net\n .input_info)", [(2, "input_info")]),
        ("getattr(net, 'input_info')", [(1, "input_info")]),
        ("print(f'{net.input_info}')", [(1, "input_info")]),
        ("input_info = model.inputs[0].shape", []),
        ("queue.infer(); model.outputs; request.wait()", []),
        ("print 'IECore'", [(1, "IECore")]),
    ],
)
def test_legacy_words_in_code(text: str, found: list[tuple[int, str]]) -> None:
    assert names(text) == found


def test_legacy_words_in_comments_and_strings_are_told_apart() -> None:
    text = "# IECore\nnote = '''\nread_network'''\n# TODO(ov-migrate OVM006): IEPlugin\n"
    assert (names(text), names(text, in_code=False)) == ([], [(1, "IECore"), (3, "read_network")])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import ngraph\nIEPlugin('CPU')", "ngraph"),
        ("IENetwork(model=a, weights=b); IECore()", "plugin"),
        ("IECore(); net.input_info", "input_info"),
        ("IECore(); net.inputs", "iecore"),
        ("IECore()", "other"),
    ],
)
def test_generation(text: str, expected: str) -> None:
    assert generation(text) == expected


def test_figures_of_a_small_tree(tmp_path: Path) -> None:
    tree, data = tmp_path / "tree", tmp_path / "figures.json"
    tree.mkdir()
    plain = "class Mine:\n    def async_infer(self): ...\n\n\nMine().async_infer()\n"
    for name, text in {"done.py": LEGACY, "left.py": BY_HAND, "plain.py": plain}.items():
        (tree / name).write_text(text)
    done = run("--list", "--json", data, tree)
    assert done.returncode == 0, done.stderr
    assert "Type errors were not looked for: no --python was given." in done.stderr
    figures = json.loads(data.read_text())["figures"]["all"]
    assert [figures[name] for name in list(figures)[:4]] == [2, 1, 1, 0]
    assert figures["lines"] == 11
    assert (tree / "done.py").read_text() == LEGACY


def test_a_file_that_cannot_be_read_is_counted(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text("from openvino.inference_engine import IECore\nprint 'old'\n")
    done = run("--list", tmp_path)
    assert "old.py: could not be handled: does not parse" in done.stdout


def test_a_folder_in_the_way_is_told_in_one_line(tmp_path: Path) -> None:
    done = run("--keep", tmp_path, tmp_path)
    assert (done.returncode, done.stderr) == (1, f"Error: {tmp_path}: cannot be made: File exists\n")


def test_only_new_type_errors_count(tmp_path: Path) -> None:
    for side, text in (("before", "a\nold\n"), ("after", "a\nold\nnew\n")):
        (tmp_path / side / "tree").mkdir(parents=True)
        (tmp_path / side / "tree" / "a.py").write_text(text)
    checker = tmp_path / "checker"
    checker.write_text(CHECKER.format(python=sys.executable))
    checker.chmod(0o755)
    folders = (tmp_path / "before", tmp_path / "after")
    [problem] = new_errors(*folders, ["tree/a.py"], str(checker), Path(sys.executable))
    assert (problem.path, problem.line, problem.may_be_none) == ("tree/a.py", 3, True)
    with pytest.raises(CheckerError, match="gave no result"):
        new_errors(*folders, ["tree/a.py"], "true", Path(sys.executable))


def test_cost_is_told_as_a_multiple_of_the_bare_parse(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text(LEGACY)
    command = [sys.executable, BENCHMARKS / "speed.py", "--rounds", "1", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    files, parsed, _, _, ratio, tree = done.stdout.splitlines()[1].split()
    assert (files, parsed, tree) == ("1", "1", str(tmp_path))
    assert float(ratio) > 1
    assert (tmp_path / "old.py").read_text() == LEGACY
