"""The page on performance is what was measured, and the trees of the benchmark are what the page says."""

import ast
import json
from collections.abc import Callable
from pathlib import Path

import performance_page
import pytest
import trees

from ov_migrate.discovery import is_relevant
from ov_migrate.knowledge.files import load_triggers


def test_page_is_up_to_date() -> None:
    found = json.loads(performance_page.RESULTS.read_text())
    assert performance_page.page(found) == performance_page.PAGE.read_text(), "run benchmarks/performance_page.py"


def test_page_shows_the_measured_ratios() -> None:
    found = json.loads(performance_page.RESULTS.read_text())
    found["start"]["click"]["cpu"], found["start"]["hook"]["cpu"] = 0.5, 1.5
    found["sparse"]["run"]["peak"] = 1234.0
    text = performance_page.page(found)
    assert "as the hook runs it | 3.00 |" in text
    assert "| peak | 1234 MiB | 40 MiB |" in text


def test_sparse_tree(tmp_path: Path) -> None:
    trees.sparse_tree(tmp_path, 250, 3)
    files = list(tmp_path.rglob("*.py"))
    assert len(files) == 250
    assert sum(is_relevant(path.read_bytes(), load_triggers()) for path in files) == 3
    assert {path.parent.name for path in files} == {"part0000", "part0001", "part0002"}


@pytest.mark.parametrize("make", [trees.old_models, trees.old_style, trees.lint, trees.codemods])
def test_files_for_other_tools_are_python(make: Callable[[Path, int], None], tmp_path: Path) -> None:
    make(tmp_path / "made", 2)
    texts = [path.read_text() for path in sorted((tmp_path / "made").iterdir())]
    assert len(set(texts)) == 2
    assert all(len(ast.parse(text).body) > 12 and "NUMBER" not in text for text in texts)
    assert trees.lines(tmp_path) == sum(text.count("\n") for text in texts)
