"""The table of real programs and the page on them agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ov_migrate.knowledge.files import read_toml

ROOT = Path(__file__).parent.parent
TABLE = read_toml(ROOT / "benchmarks" / "programs.toml")
PAGE = (ROOT / "docs" / "proved.md").read_text(encoding="utf-8")
KEYS = {
    "name", "source", "commit", "path", "year", "arguments", "start", "copied", "folders", "texts", "models",
    "pictures", "videos", "sounds", "arrays", "camera", "files", "unordered",
    "reason", "official",
}  # fmt: skip


@pytest.mark.parametrize("program", TABLE["program"], ids=lambda program: program["name"])
def test_a_program_is_told_whole(program: dict[str, object]) -> None:
    assert program.keys() <= KEYS
    assert re.fullmatch(r"[0-9a-f]{40}", str(program["commit"]))
    assert set(program.get("models", {}).values()) <= TABLE["model"].keys()  # type: ignore[attr-defined]
    assert f"| `{program['path']}` | {str(program['source']).replace('+', '/')} | {program['year']} |" in PAGE


def test_single_files_bring_nothing_else_of_their_repository() -> None:
    alone = {
        (program["path"], program["source"].replace("+", "/"))
        for program in TABLE["program"]
        if not {"copied", "start"} & program.keys()
    }
    rows = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
    told = {(cells[0][3:-1], cells[1]) for cells in rows if cells[3] == "yes"}
    assert told == alone
    assert sum("official" in program for program in TABLE["program"]) == 8


def test_names_are_used_once() -> None:
    names = [program["name"] for program in TABLE["program"]]
    assert len(set(names)) == len(names)
    used = {model for program in TABLE["program"] for model in program.get("models", {}).values()}
    assert used == TABLE["model"].keys()


def test_what_differs_has_a_reason() -> None:
    differing = [line for line in PAGE.splitlines() if line.startswith("| `") and not line.endswith("| equal |")]
    assert len(differing) == sum("reason" in program for program in TABLE["program"])
