"""What is very long, very large or very deep is migrated or refused in words; nothing takes the interpreter down."""

import subprocess
import sys
from pathlib import Path

import pytest
from hostile import LEGACY, NEW, notebook

from ov_migrate.limits import LEVELS

# Statements by how they are made deep or long: the text for a size. All hold a legacy object.
SHAPES = {
    "terms": lambda n: "x = " + " + ".join(["ie"] * n),
    "lines_of_terms": lambda n: "x = (" + "\n + ".join(["ie"] * n) + ")",
    "and": lambda n: "x = " + " and ".join(["ie"] * n),
    "compared": lambda n: "x = " + " < ".join(["ie"] * n),
    "power": lambda n: "x = " + " ** ".join(["ie"] * n),
    "strings": lambda n: "x = " + " ".join(["'a'"] * n),
    "formatted": lambda n: "x = " + " + ".join(["f'{ie}'"] * n),
    "attributes": lambda n: "x = ie" + ".a" * n,
    "calls": lambda n: "x = ie" + ".f()" * n,
    "subscripts": lambda n: "x = ie" + "[0]" * n,
    "signs": lambda n: "x = " + "-" * n + "ie",
    "not": lambda n: "x = " + "not " * n + "ie",
    "choices": lambda n: "x = " + "1 if ie else " * n + "0",
    "lambdas": lambda n: "x = " + "lambda: " * n + "ie",
    "elif": lambda n: "if x: ie\n" + "elif x: ie\n" * n,
    "import": lambda n: "import " + ".".join(["a"] * n),
    "import_from": lambda n: "from " + ".".join(["a"] * n) + " import b",
    "union": lambda n: "x: " + " | ".join(["IECore"] * n) + " = 1",
    "loops": lambda n: "x = [ie" + " for a in b" * n + "]",
    "assigned": lambda n: "x = " * n + "ie",
    "decorated": lambda n: "@ie\n" * n + "def f(): pass",
    "statements": lambda n: "ie; " * n,
    "alternatives": lambda n: "match ie:\n    case " + " | ".join(["1"] * n) + ": pass",
    "list": lambda n: "x = [" + "ie, " * n + "]",
    "name": lambda n: "x = " + "ie" * n,
    "string": lambda n: "x = '" + "ie" * n + "'",
    "comment": lambda n: "x = ie  # " + "ie" * n,
    "parentheses": lambda n: "x = " + "(" * n + "ie" + ")" * n,
    "arguments": lambda n: "x = " + "f(" * n + "ie" + ")" * n,
    "lists": lambda n: "x = " + "[" * n + "ie" + "]" * n,
    "dicts": lambda n: "x = " + "{1: " * n + "ie" + "}" * n,
    "comprehensions": lambda n: "x = " + "[" * n + "ie" + " for a in b]" * n,
    "walrus": lambda n: "x = " + "(y := " * n + "ie" + ")" * n,
    "slices": lambda n: "x = " + "a[b:" * n + "ie" + "]" * n,
    "patterns": lambda n: "match ie:\n    case " + "[" * n + "a" + "]" * n + ": pass",
    "blocks": lambda n: "".join(" " * i + "if x:\n" for i in range(n)) + " " * n + "ie",
    "functions": lambda n: "".join(" " * i + "def f():\n" for i in range(n)) + " " * n + "ie",
    "never_closed": lambda n: "x = " + "(" * n,
}  # fmt: skip
_BRACKETS = ("parentheses", "arguments", "lists", "dicts", "comprehensions", "walrus", "slices", "patterns")
# As many brackets or blocks as Python takes.
AT_MOST = {
    **dict.fromkeys(_BRACKETS, 190),
    "patterns": 12,
    "blocks": 95,
    "functions": 95,
    "calls": 450,
    "never_closed": 0,
}
MANY = 200


def run(path: Path) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-m", "ov_migrate", path], capture_output=True, text=True, timeout=600)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


def check(folder: Path, texts: dict[str, str]) -> set[str]:
    """Migrates a program for each text, all in one run: each is whole, and what is refused is named. Gives the names of
    those."""
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(LEGACY + text + "\n")
    status, out = run(folder)
    refused = set()
    for name, text in texts.items():
        after = (folder / f"{name}.py").read_text()
        if after == LEGACY + text + "\n":
            assert f"{name}.py: " in out
            refused.add(name)
        else:
            assert after.startswith(NEW)
    assert status == (2 if refused else 0)
    return refused


def test_what_is_as_deep_as_programs_are(tmp_path: Path) -> None:
    assert check(tmp_path, {name: shape(min(MANY, AT_MOST.get(name, MANY))) for name, shape in SHAPES.items()}) == {
        "never_closed"
    }


def test_as_deep_as_is_migrated_a_thousand_levels(tmp_path: Path) -> None:
    shapes = {name: shape(min(LEVELS - 60, AT_MOST.get(name, LEVELS))) for name, shape in SHAPES.items()}
    assert check(tmp_path, shapes) == {"never_closed"}


@pytest.mark.parametrize("number", [3_000, 100_000])
@pytest.mark.parametrize("head", ["", "print 'Python 2'\n"])
def test_deeper_some_thousand_levels(tmp_path: Path, number: int, head: str) -> None:
    refused = check(tmp_path, {name: head + shape(number) for name, shape in SHAPES.items() if name not in
                               ("blocks", "functions")})  # fmt: skip
    flat = {"compared", "assigned", "decorated", "statements", "alternatives", "list", "name", "string", "comment"}
    assert (refused & flat == set()) or head
    assert {"terms", "attributes", "parentheses", "elif", "and", "import"} <= refused


def test_a_deep_program_does_not_keep_others_from_being_seen_together(tmp_path: Path) -> None:
    (tmp_path / "deep.py").write_text(LEGACY + SHAPES["terms"](3000) + "\n")
    (tmp_path / "main.py").write_text(LEGACY + "import helper\nhelper.show(net)\n")
    (tmp_path / "helper.py").write_text("def show(net):\n    print(len(net.input_info))\n")
    status, out = run(tmp_path)
    assert status == 2
    assert "deep.py: is nested too deeply" in out or "deep.py: line 5: is nested too deeply" in out
    assert "net.inputs" in (tmp_path / "helper.py").read_text()


def test_a_line_of_a_megabyte_thousands_of_kinds(tmp_path: Path) -> None:
    texts = {name: SHAPES[name](1_000_000 // 4) for name in ("list", "name", "string", "comment")}
    assert check(tmp_path, texts) == set()


@pytest.mark.parametrize("line", ["ie.get_versions('CPU')\n", "x = f(1)\n", "# a\n", "\n"])
def test_fifty_thousand_lines(tmp_path: Path, line: str) -> None:
    assert check(tmp_path, {"long": line * 50_000}) == set()
    assert (tmp_path / "long.py").read_text().count("\n") == LEGACY.count("\n") + 50_001


def test_a_notebook_of_thousand_cells(tmp_path: Path) -> None:
    file = tmp_path / "a.ipynb"
    file.write_bytes(notebook(LEGACY, *(f"%time x{n} = ie\n!ls\nx{n}?" for n in range(1000))))
    assert run(file)[0] == 0
    assert file.read_bytes() == notebook(NEW, *(f"%time x{n} = ie\n!ls\nx{n}?" for n in range(1000)))
