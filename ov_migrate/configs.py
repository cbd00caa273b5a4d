"""The settings of each file: the nearest pyproject.toml's, with what the command line gives on top."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ov_migrate.settings import Settings, apply_config, find_config, selected_codes


@dataclass(frozen=True)
class FileOptions:
    """What one file is migrated with."""

    target: tuple[int, int]
    codes: frozenset[str]
    annotate: bool
    pin_io_types: bool
    places: bool = False
    tidy: bool = False
    rename_variables: bool = False
    hand_over: bool = True


@dataclass
class Configs:
    """Settings by file. `given` is put over what a configuration file says; with `fixed` no other file is looked at."""

    given: Callable[[Settings], Settings] = lambda settings: settings
    fixed: Settings | None = None
    _folders: dict[Path, Settings] = field(default_factory=dict)
    _options: dict[tuple[Settings, frozenset[str]], FileOptions] = field(default_factory=dict)

    def of(self, path: Path) -> Settings:
        """The settings of a file, or of a folder's files; raises UsageError for a broken configuration file."""
        if self.fixed is not None:
            return self.fixed
        path = path.absolute()
        folder = path if os.path.isdir(path) else path.parent
        if folder not in self._folders:
            self._folders[folder] = self._read(folder)
        return self._folders[folder]

    def _read(self, folder: Path) -> Settings:
        if not os.path.isfile(folder / "pyproject.toml") and folder.parent in self._folders:
            return self._folders[folder.parent]
        config = find_config(folder)
        return self.given(apply_config(Settings(), config) if config is not None else Settings())

    def excludes(self, path: Path, is_folder: bool) -> bool:
        """True for what `extend-exclude` names."""
        settings = self.of(path if not is_folder else path.parent)
        return bool(settings.extend_exclude) and _matches(settings, settings.extend_exclude, path, is_folder)

    def options(self, path: Path) -> FileOptions:
        """What a file is migrated with, its per-file ignores taken off."""
        settings = self.of(path)
        ignored = frozenset(
            selector
            for pattern, selectors in settings.per_file_ignores
            if _matches(settings, (pattern,), path, False)
            for selector in selectors
        )
        key = (settings, ignored)
        if key not in self._options:
            codes = selected_codes(settings, tuple(sorted(ignored)))
            self._options[key] = FileOptions(
                settings.target,
                codes,
                settings.annotate,
                settings.pin_io_types,
                settings.places,
                settings.tidy,
                settings.rename_variables,
                settings.hand_over,
            )
        return self._options[key]


def _matches(settings: Settings, patterns: Sequence[str], path: Path, is_folder: bool) -> bool:
    """Patterns are written as in .gitignore and meant from the folder of the configuration file."""
    try:
        relative = path.absolute().relative_to(Path(settings.folder)).as_posix() + "/" * is_folder
    except ValueError:
        return False
    return bool(_spec(tuple(patterns)).match_file(relative))


_specs: dict[tuple[str, ...], Any] = {}


def _spec(patterns: tuple[str, ...]) -> Any:
    if patterns not in _specs:
        from pathspec import GitIgnoreSpec

        _specs[patterns] = GitIgnoreSpec.from_lines(patterns)
    return _specs[patterns]
