"""Which module makes which format; a module is imported only when its format is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ov_migrate.report.records import Run

if TYPE_CHECKING:
    from ov_migrate.report.fleet import Fleet

# Suffix of a report file → format; each format is a module `<format>_report` with `render(run) -> str`.
SUFFIXES = {".json": "json", ".sarif": "sarif", ".md": "markdown", ".html": "html"}

# The same for the report of many repositories: a module and the function in it that takes the fleet.
FLEET_SUFFIXES = {".html": "fleet_html.render", ".md": "fleet_text.markdown", ".json": "fleet_text.as_json"}

# What may go to standard output instead of the text summary.
OUTPUT_FORMATS = ("text", "json", "github", "gitlab", "sarif")


def render(run: Run, name: str) -> str:
    """The run in the format called `name`."""
    text: str = import_module(f"ov_migrate.report.{name}_report").render(run)
    return text


def render_fleet(fleet: Fleet, name: str) -> str:
    """The fleet by the function that FLEET_SUFFIXES names."""
    module, function = name.split(".")
    text: str = getattr(import_module(f"ov_migrate.report.{module}"), function)(fleet)
    return text
