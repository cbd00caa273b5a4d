"""Which settings hold for a path, and where each comes from, for `--show-settings`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ov_migrate.configs import Configs
from ov_migrate.knowledge.files import read_toml
from ov_migrate.migrate import STDIN
from ov_migrate.settings import Settings, UsageError, apply_config, config_keys, find_config


def render(paths: Sequence[str], configs: Configs, config: str | None) -> str:
    """A JSON list with an object for each path; `config` is the file given with --config. Raises UsageError for a
    broken configuration file, for selectors that mean no rule and for a path that does not exist."""
    for path in paths:
        if not Path(path).exists() and path != STDIN:
            raise UsageError(f"{path}: no such file or folder")
    return json.dumps([_of(Path(path), path, configs, config) for path in paths], indent=1, ensure_ascii=False) + "\n"


def _of(path: Path, name: str, configs: Configs, config: str | None) -> dict[str, Any]:
    # Standard input has the settings of the folder that the command is started in.
    path = Path() if name == STDIN else path
    folder = path.absolute() if path.is_dir() else path.absolute().parent
    file = Path(config) if config else find_config(folder)
    settings = configs.of(path)
    return {
        "path": name,
        "config": str(file) if file is not None else None,
        "settings": _values(settings, file),
        "excluded": configs.excludes(path, path.is_dir()),
        "rules": sorted(configs.options(path).codes),
    }


def _values(settings: Settings, file: Path | None) -> dict[str, Any]:
    """Key → its value, and whether that is the default, from the configuration file or from the command line."""
    default = Settings()
    configured = apply_config(default, file) if file is not None else default
    written = read_toml(file).get("tool", {}).get("ov-migrate", {}) if file is not None else {}
    values = {}
    for key in config_keys():
        name = "models" if key == "model" else key.replace("-", "_")
        value = getattr(settings, name)
        source = "configuration file" if key in written else "default"
        if value != getattr(configured, name):
            source = "command line"
        values[key] = {"value": _as_written(settings, key, value), "from": source}
    return values


def _as_written(settings: Settings, key: str, value: Any) -> Any:
    """A value as a configuration file has it."""
    if key == "target":
        return settings.target_text
    if key == "per-file-ignores":
        return {pattern: list(selectors) for pattern, selectors in value}
    return list(value) if isinstance(value, tuple) else value
