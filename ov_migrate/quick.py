"""What a hook meets nearly always: a few files without a legacy word. They are told apart here, before the options are
read, so that most commits wait for less than the import of the command line's library."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ov_migrate.discovery import SUFFIXES, is_relevant
from ov_migrate.knowledge.files import load_drift, load_triggers

_CHECK = "--check"
_LARGEST = 1 << 20


def main() -> None:
    """The `ov-migrate` command."""
    summary = clean_summary(sys.argv[1:])
    if summary:
        try:
            print(summary, flush=True)
            return
        except OSError:
            pass  # The whole command says why.
    from ov_migrate.cli import main as command
    from ov_migrate.garbage import never_collect

    never_collect()
    command(prog_name="ov-migrate")


def clean_summary(arguments: list[str]) -> str:
    """What a run says that finds nothing, when `arguments` are files (and perhaps `--check`) none of which can have
    legacy code, and no configuration has a say. In all other cases "": the whole command is needed to tell."""
    paths = [argument for argument in arguments if argument != _CHECK]
    if not paths or not all(_is_clean(path) for path in paths) or _is_configured(paths):
        return ""
    count = len({os.path.realpath(path) for path in paths})  # what is named twice counts once
    verb = "would change" if _CHECK in arguments else "changed"
    return f"0 of {count} file{'s' * (count != 1)} {verb}, 0 sites migrated, 0 to review, 0 left by hand."


def _is_clean(path: str) -> bool:
    """True for a Python file or notebook that lacks the words of legacy programs."""
    if path.startswith("-") or not path.endswith(SUFFIXES):
        return False
    try:
        # One would wait for a pipe; what is larger than any program is refused later, without being read.
        if not os.path.isfile(path) or os.path.getsize(path) > _LARGEST:
            return False
        with open(path, "rb") as file:
            return not is_relevant(file.read(), load_triggers(), *load_drift())
    except OSError:
        return False


def _is_configured(paths: list[str]) -> bool:
    """True when a pyproject.toml at or above one of the files may have settings."""
    folders = {folder for path in paths for folder in Path(path).absolute().parents}
    return any(_has_settings(folder / "pyproject.toml") for folder in folders)


def _has_settings(path: Path) -> bool:
    try:
        if not os.path.isfile(path):
            return False
        data = path.read_bytes()
    except OSError:
        return True
    # However TOML writes the name of the table, and as it is misspelt, which is told.
    return b"ov-migrate" in data or b"ov_migrate" in data
