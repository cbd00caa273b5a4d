"""Notebooks: the Python cells are migrated as one program, and all other bytes of the file stay."""

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from test_command import run

from ov_migrate.cells import join, restored, split
from ov_migrate.migrate import migrate_bytes
from ov_migrate.notebooks import parse_notebook
from ov_migrate.settings import Settings

CELLS = [
    "%matplotlib inline\n!pip install \\\n    openvino\nfrom openvino.inference_engine import IECore\nie = IECore()",
    'net = ie.read_network("a.xml")\nfiles = !ls *.xml\nnet?',
    "%%writefile old.py\nfrom openvino.inference_engine import IECore\nprint(IECore().available_devices)\n",
    "%%time\nexec_net = ie.load_network(net, 'CPU')\nif files:\n    %cd /tmp\nname = 'größe'",
    "%%bash\necho $IECore\n",
    "print(net)\n",
]
NEW = [
    "%matplotlib inline\n!pip install \\\n    openvino\nfrom openvino import Core\nie = Core()",
    'net = ie.read_model("a.xml")\nfiles = !ls *.xml\nnet?',
    "%%writefile old.py\nfrom openvino import Core\nprint(Core().available_devices)\n",
    "%%time\nexec_net = ie.compile_model(net, 'CPU')\nif files:\n    %cd /tmp\nname = 'größe'",
    *CELLS[4:],
]


def notebook(cells: list[str], as_list: bool = True) -> dict[str, Any]:
    """A notebook with a text cell in front and outputs, keys in the order that Jupyter writes."""

    def source(text: str) -> Any:
        return text.splitlines(keepends=True) if as_list else text

    text = {"cell_type": "markdown", "id": "t", "metadata": {}, "source": source("# IECore\n\nread_network")}
    code = [
        {
            "cell_type": "code", "execution_count": n, "id": f"c{n}", "metadata": {"tags": ["x"]},
            "outputs": [{"name": "stdout", "output_type": "stream", "text": ["from openvino.inference_engine\n"]}],
            "source": source(cell),
        }
        for n, cell in enumerate(cells, 1)
    ]  # fmt: skip
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": [text, *code], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def dumped(cells: list[str], indent: int | None = 1, ascii: bool = False, as_list: bool = True) -> bytes:
    return (json.dumps(notebook(cells, as_list), indent=indent, ensure_ascii=ascii) + "\n").encode()


@pytest.mark.parametrize("indent", [1, 4, None])
@pytest.mark.parametrize("ascii", [True, False])
@pytest.mark.parametrize("as_list", [True, False])
def test_only_the_cells_change(indent: int | None, ascii: bool, as_list: bool) -> None:
    # Writing the whole notebook again would give the same bytes, since it was written by the same library.
    _, data = migrate_bytes("a.ipynb", dumped(CELLS, indent, ascii, as_list), Settings())
    assert data == dumped(NEW, indent, ascii, as_list)
    nbformat.validate(nbformat.reads(data.decode(), as_version=4))
    assert migrate_bytes("a.ipynb", data, Settings())[1] == data


def test_odd_layout_stays() -> None:
    data = dumped(CELLS).replace(b'"nbformat": 4,', b'"nbformat"  :4 ,\r\n\t').replace(b"c3", b"c\\u0033")
    new = dumped(NEW).replace(b'"nbformat": 4,', b'"nbformat"  :4 ,\r\n\t').replace(b"c3", b"c\\u0033")
    assert migrate_bytes("a.ipynb", data, Settings())[1] == new


def test_lines_that_stay_keep_their_escapes() -> None:
    data = dumped(CELLS).replace(b"%matplotlib", b"\\u0025matplotlib")
    assert migrate_bytes("a.ipynb", data, Settings())[1] == dumped(NEW).replace(b"%matplotlib", b"\\u0025matplotlib")


def test_places_are_those_of_cells() -> None:
    found, _ = migrate_bytes("a.ipynb", dumped(CELLS), Settings())
    (record,) = found.files
    assert [(f.slug, f.cell, f.line, f.new_line) for f in record.findings] == [
        ("legacy-import", 2, 4, 4), ("ie-core", 2, 5, 5), ("read-network", 3, 1, 1), ("legacy-import", 4, 2, 2),
        ("ie-core", 4, 3, 3), ("load-network", 5, 2, 2)
    ]  # fmt: skip
    assert not found.notes


def test_on_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_bytes(dumped(CELLS))
    done = run("--diff", tmp_path)
    assert done.returncode == 1
    assert b"+ie = Core()\n" in done.stdout
    # The diff and the list of sites count cells alike.
    assert b' # %% cell 3\n-net = ie.read_network("a.xml")\n' in done.stdout
    assert b"a.ipynb:cell 3:1:7: OVM201" in done.stderr
    assert b" %matplotlib inline\n" in done.stdout
    assert path.read_bytes() == dumped(CELLS)
    assert run(tmp_path).returncode == 0
    assert path.read_bytes() == dumped(NEW)


@pytest.mark.parametrize("suffix", [".html", ".md", ".sarif", ".json"])
def test_in_reports(tmp_path: Path, suffix: str) -> None:
    (tmp_path / "a.ipynb").write_bytes(dumped(CELLS))
    report = tmp_path / f"report{suffix}"
    run("--check", tmp_path, "--report", report)
    assert ('"cell": 2' if suffix == ".json" else "cell 2, line 4") in report.read_text()


@pytest.mark.parametrize("change", ["r", "julia"])
def test_other_languages_are_kept(change: str) -> None:
    content = notebook(CELLS)
    content["metadata"]["kernelspec"]["language"] = change
    data = json.dumps(content).encode()
    assert migrate_bytes("a.ipynb", data, Settings())[1] == data


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"IECore inference_engine", "is no JSON"),
        (b'{"cells": [inference_engine IECore', "is no JSON"),
        (b'["inference_engine IECore"]', "is no notebook of format 4"),
        (b'{"worksheets": [], "x": "inference_engine IECore"}', "is no notebook of format 4"),
        (b'"inference_engine IECore\xff"', "cannot be decoded"),
        (b'{"cells": [{"cell_type": "code", "source": "import inference_engine\\r\\n"}]}', "carriage returns"),
        (b"[" * 100_000 + b"inference_engine IECore", "nested too deeply"),
    ],
)
def test_broken_notebooks_are_refused_in_words(data: bytes, says: str) -> None:
    found, after = migrate_bytes("a.ipynb", data, Settings())
    assert after == data
    assert says in found.files[0].error


@pytest.mark.parametrize("cells", [[], [""], ["x = 1"], [None, 3], [{"cell_type": "code"}]])
def test_odd_cells_do_no_harm(cells: list[Any]) -> None:
    content = {"cells": cells, "metadata": 3, "nbformat": 4, "x": "openvino.inference_engine IECore"}
    data = json.dumps(content).encode()
    found, after = migrate_bytes("a.ipynb", data, Settings())
    assert (after, found.has_failed) == (data, False)


@pytest.mark.parametrize(
    "cells",
    [
        ["a = 1\n\n", "", "\n", "b"],
        ["%magic", "x = (1\n     % 2)", "if a:\n    !ls\n    %%x\n", "text = '''\n%not a magic\n'''"],
        [
            "%time a = 1  # why",
            "if a:\n    %timeit -n 2 -r3 -q f(a)\n%time",
            "%timeit -s 3 a\n%time not python\n%time f(\\\n1)",
        ],
        ["not python at all", "a?", "?a", "a.b??", "x, y = %time 3", "!a \\\n  b \\\n  c", "await f()"],
        ["# %% cell 1\n# %% cell 3"],
    ],
)
def test_cells_come_back(cells: list[str]) -> None:
    joined = join(cells)
    assert split(joined.text, joined) == cells


def test_what_is_python_is_not_hidden() -> None:
    joined = join(["x = (1\n     % 2)", "%cd a\nb = 2", "text = '''\n%not a magic\n'''"])
    assert joined.kept == ["%cd a"]
    assert "b = 2" in restored(joined.text, joined)


def test_statements_behind_magics_are_migrated() -> None:
    cells = [
        "from openvino.inference_engine import IECore\nie = IECore()\nnet = ie.read_network('a.xml')",
        "%time exec_net = ie.load_network(net, 'CPU')  # slow",
        "for _ in range(2):\n    %timeit -n 2 exec_net.infer({'data': 1})",
    ]
    found, after = migrate_bytes("a.ipynb", dumped(cells), Settings())
    sources = ["".join(cell["source"]) for cell in json.loads(after)["cells"][2:]]
    assert sources == [
        "%time exec_net = ie.compile_model(net, 'CPU')  # slow\ninfer_request = exec_net.create_infer_request()",
        "for _ in range(2):\n    %timeit -n 2 infer_request.infer({'data': 1})",
    ]
    assert [(f.slug, f.cell, f.line, f.column) for f in found.files[0].findings if f.cell == 4] == [("infer", 4, 2, 17)]


def test_a_statement_behind_a_magic_stays_one_line() -> None:
    cells = [
        "from openvino.inference_engine import IECore\nie = IECore()\nexec_net = ie.load_network('a.xml', 'CPU')",
        "exec_net.infer()\n%time counts = exec_net.requests[0].get_perf_counts()\n"
        "for name, stats in counts.items():\n    print(name, stats['layer_type'])",
    ]
    found, after = migrate_bytes("a.ipynb", dumped(cells), Settings())
    assert after == dumped(cells)
    assert "the statement behind %time would no longer be one line" in found.files[0].error


def test_legacy_words_in_lines_that_are_no_python_are_told() -> None:
    cells = [*CELLS[:2], "%prun -s time net.input_info\n!python -c 'import ngraph'", "print 'py2'\nx = net.input_info"]
    found, _ = migrate_bytes("a.ipynb", dumped(cells), Settings())
    told = [
        note.split(": ")[1].removesuffix(" has legacy code, but is no Python; it was kept as it is")
        for note in found.notes
    ]
    assert told == ["cell 5", "cell 4, line 1", "cell 4, line 2"]


def test_programs_that_cells_write_may_import_one_another() -> None:
    # The notebook's own `net` is not theirs.
    cells = [
        "net = []",
        "%%writefile detector.py\nfrom openvino.inference_engine import IECore\n\n"
        "def load(path):\n    ie = IECore()\n    return ie.load_network(ie.read_network(path), 'CPU')\n",
        "%%file 'main.py'\nimport detector\nprint(detector.load('a.xml').infer({})['b'], net.inputs)",
    ]
    found, after = migrate_bytes("a/b.ipynb", dumped(cells), Settings())
    new = parse_notebook("b.ipynb", after).sources
    assert new[0] == cells[0]
    assert new[1].startswith("%%writefile detector.py\nfrom openvino import Core\n")
    call = "detector.load('a.xml')({}, share_inputs=False)['b']"
    assert new[2] == f"%%file 'main.py'\nimport detector\nprint({call}, net.inputs)"
    assert {(f.cell, f.line, f.slug) for f in found.files[0].findings} >= {(3, 2, "legacy-import"), (4, 3, "infer")}
    assert migrate_bytes("a/b.ipynb", after, Settings())[1] == after


@pytest.mark.parametrize(
    "cell",
    [
        "%%writefile -a old.py\nfrom openvino.inference_engine import IECore\nIECore()\n",
        "%%writefile notes.txt\nfrom openvino.inference_engine import IECore\nIECore()\n",
        "%%writefile old.py\nfrom openvino.inference_engine import IECore\nprint IECore()\n",
    ],
)
def test_what_a_cell_writes_is_kept_when_it_is_no_whole_program(cell: str) -> None:
    cells = ["from openvino.inference_engine import IECore\nie = IECore()", cell]
    found, after = migrate_bytes("a.ipynb", dumped(cells), Settings())
    assert parse_notebook("a.ipynb", after).sources == ["from openvino import Core\nie = Core()", cell]
    assert "a.ipynb: cell 3 has legacy code, but is no Python; it was kept as it is" in found.notes


def test_a_file_that_is_written_twice_is_two_programs() -> None:
    cell = "%%writefile old.py\nfrom openvino.inference_engine import IECore\nie = IECore()\n"
    _, after = migrate_bytes("a.ipynb", dumped([cell, cell]), Settings())
    new = "%%writefile old.py\nfrom openvino import Core\nie = Core()\n"
    assert parse_notebook("a.ipynb", after).sources == [new, new]


def test_sources_are_read_as_nbformat_reads_them() -> None:
    data = dumped(CELLS)
    cells = nbformat.reads(data.decode(), as_version=4).cells
    assert parse_notebook("a.ipynb", data).sources == [c.source for c in cells if c.cell_type == "code"]
