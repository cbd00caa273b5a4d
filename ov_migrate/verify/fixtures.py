"""Fixtures: programs before and after, with what they need to run."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from ov_migrate.knowledge.files import read_toml
from ov_migrate.verify.runtimes import BOTH, NEWEST


@dataclass(frozen=True)
class Fixture:
    """One folder under fixtures/. `after` is missing for a program that must stay as it is.

    `findings` are the expected findings as "CODE kind"; `before_on` and `after_on` the releases of either side.
    `legacy_side` names another fixture whose before.py runs in the place of this one's: for programs of 2018 and 2019,
    whose IEPlugin no installable release has, the same program written for IECore.
    """

    folder: Path
    models: tuple[str, ...]
    target: str
    findings: tuple[str, ...]
    before_on: tuple[str, ...]
    after_on: tuple[str, ...]
    arguments: tuple[str, ...]
    legacy_side: str

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def before(self) -> Path:
        return self.folder / "before.py"

    @property
    def legacy_program(self) -> Path:
        """The program that runs on the legacy API."""
        return self.folder.parent / self.legacy_side / "before.py" if self.legacy_side else self.before

    @property
    def after(self) -> Path:
        """The expected program; a `skip` fixture has none and stays as it is."""
        path = self.folder / "after.py"
        return path if path.exists() else self.before


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
