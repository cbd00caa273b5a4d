"""Which settings hold for a path, and where each comes from, for `--show-settings`."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ov_migrate.configs import Configs
from ov_migrate.migrate import STDIN
from ov_migrate.settings import Settings, UsageError, apply_config, config_keys, config_table


def render(paths: Sequence[str], configs: Configs) -> str:
    """A JSON list with an object for each path. Raises UsageError for a broken configuration file, for selectors that
    mean no rule and for a path that does not exist."""
    for path in paths:
        if not os.path.exists(path) and path != STDIN:
            raise UsageError(f"{path}: no such file or folder")
    return json.dumps([_of(path, configs) for path in paths], indent=1, ensure_ascii=False) + "\n"


def _of(name: str, configs: Configs) -> dict[str, Any]:
    # Standard input has the settings of the folder that the command is started in.
    path = Path() if name == STDIN else Path(name)
    settings = configs.of(path)
    return {
        "path": name,
        "config": settings.file or None,
        "settings": _values(settings),
        "excluded": configs.excludes(path, os.path.isdir(path)),
        "rules": sorted(configs.options(path).codes),
    }


def _values(settings: Settings) -> dict[str, Any]:
    """Key → its value, and whether that is the default, from the configuration file or from the command line."""
    file = Path(settings.file) if settings.file else None
    written = config_table(file) if file is not None else {}
    configured = apply_config(Settings(), file) if file is not None else Settings()
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
