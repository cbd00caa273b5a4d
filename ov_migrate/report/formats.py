"""Which module makes which format; a module is imported only when its format is asked for."""

from __future__ import annotations

from importlib import import_module

from ov_migrate.report.records import Run

# Suffix of a report file → format; each format is a module `<format>_report` with `render(run) -> str`.
SUFFIXES = {".json": "json", ".sarif": "sarif", ".md": "markdown", ".html": "html"}

# What may go to standard output instead of the text summary.
OUTPUT_FORMATS = ("text", "json", "github", "gitlab", "sarif")


def render(run: Run, name: str) -> str:
    """The run in the format called `name`."""
    text: str = import_module(f"ov_migrate.report.{name}_report").render(run)
    return text
