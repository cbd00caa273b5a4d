"""Fixtures: programs before and after, with what they need to run."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from ov_migrate.knowledge.files import read_toml
from ov_migrate.verify.runtimes import BOTH, NEWEST


@dataclass(frozen=True)
class Fixture:
    """One folder under fixtures/: a program as before.py and after.py, or one of several modules as the folders before/
    and after/ with a main.py to start it by. What comes after is missing for a program that must stay as it is.

    `findings` are the expected findings as "CODE kind", in a program of several modules as "module.py CODE kind";
    `before_on` and `after_on` the releases of either side.
    `legacy_side` names another fixture whose program before runs in the place of this one's: for programs of 2018 and
    2019, whose IEPlugin no installable release has, the same program written for IECore.
    `given_models` are those the tool is given with --model; `pin_io_types`, `tidy` and `rename_variables` are those
    options. `differs` are rules whose sites may give other values, for the reason that the fixture is there to show.
    """

    folder: Path
    models: tuple[str, ...]
    target: str
    findings: tuple[str, ...]
    before_on: tuple[str, ...]
    after_on: tuple[str, ...]
    arguments: tuple[str, ...]
    legacy_side: str
    given_models: tuple[str, ...]
    pin_io_types: bool
    tidy: bool
    rename_variables: bool
    differs: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def before(self) -> Path:
        """before.py, or the folder before/."""
        return _before(self.folder)

    @property
    def after(self) -> Path:
        """What the tool makes of `before`; not there in a `skip` fixture."""
        return self.before.with_name(self.before.name.replace("before", "after"))

    @property
    def expected(self) -> Path:
        """`after`, or `before` for a program that stays as it is."""
        return self.after if self.after.exists() else self.before

    @property
    def legacy_program(self) -> Path:
        """The file to run on the legacy API."""
        return _program(_before(self.folder.parent / self.legacy_side) if self.legacy_side else self.before)

    @property
    def new_program(self) -> Path:
        """The file to run on API 2.0."""
        return _program(self.expected)


def _before(folder: Path) -> Path:
    path = folder / "before"
    return path if path.is_dir() else path.with_suffix(".py")


def _program(side: Path) -> Path:
    return side / "main.py" if side.is_dir() else side


def modules(side: Path) -> dict[str, bytes]:
    """The modules of one side of a fixture by their path; that of a single file is main.py."""
    if not side.is_dir():
        return {"main.py": side.read_bytes()}
    return {path.relative_to(side).as_posix(): path.read_bytes() for path in sorted(side.rglob("*.py"))}


def load(folder: Path) -> Fixture:
    """Reads fixture.toml; raises `KeyError` or `TOMLDecodeError` for a malformed one."""
    data: dict[str, Any] = read_toml(folder / "fixture.toml")
    return Fixture(
        folder,
        tuple(data.get("models", ())),
        data.get("target", "2023.1"),
        tuple(data.get("findings", ())),
        tuple(data.get("before_on", (BOTH,))),
        tuple(data.get("after_on", (BOTH, NEWEST))),
        tuple(data.get("arguments", ())),
        data.get("legacy_side", ""),
        tuple(data.get("given_models", ())),
        data.get("pin_io_types", False),
        data.get("tidy", False),
        data.get("rename_variables", False),
        tuple(data.get("differs", ())),
    )


def find(root: Path) -> Iterator[Fixture]:
    """All fixtures at or under `root`, by name."""
    for path in sorted(root.rglob("fixture.toml")):
        yield load(path.parent)


@cache
def _models(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("ov_migrate_fixture_models", root / "models.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def models_root(fixture: Fixture) -> Path:
    """The nearest folder above a fixture that has a models.py."""
    return next(folder for folder in fixture.folder.parents if (folder / "models.py").exists())


@cache
def _model_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="ov-migrate-models-"))


def model_files(fixture: Fixture) -> dict[str, Path]:
    """The files of the fixture's models by name, made on first use."""
    files: dict[str, Path] = {}
    for name in fixture.models:
        for path in _models(models_root(fixture)).make(name, _model_folder()):
            files[path.name] = path
    return files


def lay_out(texts: Mapping[str, bytes], folder: Path, models: Mapping[str, Path] | None = None) -> None:
    """Writes the modules of a program into `folder`, which is made, and puts its models beside them."""
    for name, data in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    for name, file in (models or {}).items():
        shutil.copy(file, folder / name)


def given_models(fixture: Fixture) -> list[Path]:
    """The files that the tool is given with --model."""
    return [model_file(models_root(fixture), name) for name in fixture.given_models]


def model_file(root: Path, name: str) -> Path:
    """The file of one of the models that `root`/models.py makes."""
    path: Path = _models(root).make(name, _model_folder())[0]
    return path
