"""The programs that cells of a notebook write into files (`%%writefile detect.py`): migrated as the files that they
become, each beside the notebook, so that they may import one another."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from ov_migrate.discovery import is_relevant
from ov_migrate.knowledge.files import load_drift, load_triggers
from ov_migrate.notebooks import Notebook
from ov_migrate.report.records import FileRecord, Finding, Waypoint, Written, shown
from ov_migrate.sources import RawFile

_WRITES = re.compile(
    r"%%(?:writefile|file)[ \t]+(?P<more>(?:-a|--append)[ \t]+)?"
    r"(?P<quote>[\"']?)(?P<name>[^\"'\n]+\.py)(?P=quote)[ \t]*\n"
)


@dataclass(frozen=True)
class Program:
    """What one cell writes: `magic` is its first line, `body` the rest, `path` the file. `index` and `cell` say which
    cell it is, among the notebook's Python cells from 0 and among all from 1."""

    index: int
    cell: int
    magic: str
    body: str
    path: str


def migrate_written(
    notebook: Notebook, run: Callable[[list[RawFile]], tuple[list[FileRecord], list[str]]], notes: list[str]
) -> Written:
    """What becomes of the programs in the cells of a notebook. `run` migrates files that belong together."""
    written = Written()
    for group in _groups(notebook):
        files = [RawFile(program.path, program.body.encode(), _is_legacy(program)) for program in group.values()]
        if not any(file.is_legacy for file in files):
            continue
        records, said = run(files)
        notes += said
        for record in records:
            program = group[record.path]
            if record.status == "failed":
                name = os.path.basename(program.path)
                notes.append(f"{shown(notebook.path)}: cell {program.cell}, which writes {shown(name)}: {record.error}")
                continue
            if record.status == "changed":
                written.sources[program.index] = program.magic + record.data.decode()
            written.cells.add(program.cell)
            written.findings += [_in_cell(finding, program, notebook.path, group) for finding in record.findings]
    return written


def _groups(notebook: Notebook) -> list[dict[str, Program]]:
    """The programs by their files. What writes a file again belongs to another group: both are not there at once."""
    groups: list[dict[str, Program]] = []
    for program in _programs(notebook):
        free = next((group for group in groups if program.path not in group), None)
        if free is None:
            groups.append(free := {})
        free[program.path] = program
    return groups


def _programs(notebook: Notebook) -> list[Program]:
    """The cells that write a whole program. One that is written in parts is none of them."""
    found, in_parts = [], set()
    for program, is_part in _writers(notebook):
        found.append(program)
        if is_part:
            in_parts.add(program.path)
    return [program for program in found if program.path not in in_parts]


def _writers(notebook: Notebook) -> Iterator[tuple[Program, bool]]:
    for number in notebook.cells.not_python:
        source = notebook.sources[number - 1]
        match = _WRITES.match(source)
        if match is not None:
            path = os.path.join(os.path.dirname(notebook.path), match["name"])
            body = source[match.end() :]
            yield Program(number - 1, notebook.numbers[number - 1], match[0], body, path), match["more"] is not None


def _is_legacy(program: Program) -> bool:
    return is_relevant(program.body.encode(), load_triggers(), *load_drift())


def _in_cell(finding: Finding, program: Program, notebook: str, group: dict[str, Program]) -> Finding:
    """A finding in a program, at its place in the notebook: the magic is the first line of a cell."""
    hand_over = finding.hand_over
    if hand_over is not None:
        trails = [
            replace(trail, places=tuple(_placed(place, notebook, group) for place in trail.places))
            for trail in hand_over.trails
        ]
        hand_over = replace(hand_over, trails=tuple(trails))
    line, end_line, new_line = finding.line + 1, finding.end_line + 1, finding.new_line + 1
    return replace(finding, cell=program.cell, line=line, end_line=end_line, new_line=new_line, hand_over=hand_over)


def _placed(place: Waypoint, notebook: str, group: dict[str, Program]) -> Waypoint:
    return replace(place, path=notebook, cell=group[place.path].cell, line=place.line + 1)
