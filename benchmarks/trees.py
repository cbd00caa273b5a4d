"""The trees that are measured: installed packages, and the fixtures' programs as the files with legacy code."""

from __future__ import annotations

import shutil
import sysconfig
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import libcst as cst

from ov_migrate.discovery import is_relevant
from ov_migrate.imported import loads_by_name
from ov_migrate.knowledge.files import load_drift, load_triggers

_FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
_FILES_IN_FOLDER = 100


def legacy_programs() -> list[Path]:
    """The fixtures' programs of one file, as they were before; without those that LibCST's bare parse refuses, and
    those that load modules by name, which would make one program of all files below."""
    found = sorted(path for path in _FIXTURES.glob("*/before.py") if is_relevant(path.read_bytes(), load_triggers()))
    return [path for path in found if _is_parsed(path) and not loads_by_name(path.read_text(encoding="utf-8"))]


def _is_parsed(path: Path) -> bool:
    try:
        cst.parse_module(path.read_bytes())
    except cst.ParserSyntaxError:
        return False
    return True


def installed_files() -> list[Path]:
    """Python files of the packages beside the interpreter in use, without those that name the legacy API."""
    found = sorted(Path(sysconfig.get_path("purelib")).rglob("*.py"))
    return [path for path in found if not is_relevant(path.read_bytes(), load_triggers(), *load_drift())]


def sparse_tree(root: Path, files: int, legacy: int) -> None:
    """A tree of so many files, `legacy` of them with legacy code, both kinds repeated as often as is needed."""
    fill(root, [*islice(cycle(installed_files()), files - legacy), *islice(cycle(legacy_programs()), legacy)])


def fill(root: Path, files: list[Path]) -> None:
    """Copies files into folders of a hundred."""
    for number, path in enumerate(files):
        folder = root / f"part{number // _FILES_IN_FOLDER:04}"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / f"{path.stem}_{number}.py")


def lines(root: Path) -> int:
    """Lines of all Python files."""
    return sum(path.read_bytes().count(b"\n") for path in root.rglob("*.py"))


def old_models(root: Path, files: int) -> None:
    """Files with models of pydantic 1, for bump-pydantic."""
    _write(root, files, _MODELS)


def old_style(root: Path, files: int) -> None:
    """Files in the style of Python 2 and early 3, for pyupgrade."""
    _write(root, files, _OLD_STYLE)


def lint(root: Path, files: int) -> None:
    """Files with what fixit's own rules mend."""
    _write(root, files, _LINT)


def codemods(root: Path, files: int) -> None:
    """Files with what codemodder's own codemods mend."""
    _write(root, files, _CODEMODS)


def _write(root: Path, files: int, text: str) -> None:
    root.mkdir(parents=True)
    for number in range(files):
        (root / f"module_{number}.py").write_text("".join(_blocks(text, number)), encoding="utf-8")


def _blocks(text: str, number: int) -> Iterator[str]:
    """A head, then the same block often enough for a file of the length that programs have."""
    head, block = text.split("# ---\n")
    yield head
    for index in range(12):
        yield block.replace("NUMBER", f"{number}_{index}")


_MODELS = """\
from typing import List, Optional

from pydantic import BaseModel, Field, validator
# ---


class Order_NUMBER(BaseModel):
    name: str
    price: Optional[float]
    tags: List[str] = Field([], min_items=1)

    class Config:
        orm_mode = True
        allow_population_by_field_name = True

    @validator("name")
    def name_is_given(cls, value):
        if not value:
            raise ValueError("a name is needed")
        return value
"""
_OLD_STYLE = """\
# -*- coding: utf-8 -*-
from __future__ import print_function

import io
# ---


class Reader_NUMBER(object):
    def __init__(self, path):
        super(Reader_NUMBER, self).__init__()
        self.path = path
        self.kinds = set(["a", "b"])

    def text(self):
        with io.open(self.path, "r") as file:
            return u"{0}: {1}".format(self.path, "%s %s" % (file.read(), self.kinds))
"""
_LINT = """\
import os
# ---


def choose_NUMBER(value, items, known):
    names = list([item for item in items])
    if value == None or value == True:
        return dict([(item, 1) for item in items])
    if not value in known:
        print(f"nothing")
    return set([item for item in names if os.path.exists(item)])
"""
_CODEMODS = """\
import os
# ---


def collect_NUMBER(items, found=[]):
    known = set([1, 2, 3])
    if items == []:
        return None
    if all([item in known for item in items]) and any([os.path.exists(item) for item in found]):
        return sum([item for item in items])
    return known
"""
