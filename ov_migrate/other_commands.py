"""The smaller commands: explain, rules, report."""

from __future__ import annotations

from pathlib import Path

import click

from ov_migrate.command_parts import Refused, complete_files, complete_rules, wants_colour, write_report
from ov_migrate.report.formats import FLEET_SUFFIXES, render_fleet
from ov_migrate.settings import UsageError, close_matches


@click.command()
@click.argument("rule", metavar="RULE", shell_complete=complete_rules)
def explain(rule: str) -> None:
    """A rule's page: what, why, before, after, when it is not applied."""
    from ov_migrate.knowledge.catalogue import load_catalogue
    from ov_migrate.report import rule_page

    catalogue = load_catalogue()
    found = catalogue.find(rule)
    if found is None:
        close = close_matches(rule.upper(), [known.code for known in catalogue.rules])
        close = close or close_matches(rule.lower(), list(catalogue.by_slug))
        hint = f"did you mean {close[0]}?" if close else "`ov-migrate rules` lists them"
        raise Refused(f"no rule is called {rule!r}; {hint}")
    click.echo(rule_page.render(found), nl=False)


def _fleet_path(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if Path(value).suffix not in FLEET_SUFFIXES:
            raise click.BadParameter(f"{value!r}: the suffix tells the format; known are {', '.join(FLEET_SUFFIXES)}")
    return values


@click.command("report")
@click.argument("files", nargs=-1, required=True, metavar="FILE.json...", shell_complete=complete_files)
@click.option(
    "--report",
    multiple=True,
    metavar="FILE",
    callback=_fleet_path,
    shell_complete=complete_files,
    help="Write the merged report; the suffix tells the format: .html, .md or .json.",
)
def merged_report(files: tuple[str, ...], report: tuple[str, ...]) -> None:
    """Merge the JSON reports of many repositories.

    FILE.json is what `ov-migrate PATH --report FILE.json` has written for a repository, which is named after the file;
    or a folder of such files. Without --report a table is printed.
    """
    from ov_migrate.report.fleet import read_fleet
    from ov_migrate.report.fleet_text import lines

    try:
        fleet = read_fleet(files)
    except UsageError as error:
        raise Refused(str(error)) from error
    for path in report:
        write_report(path, render_fleet(fleet, FLEET_SUFFIXES[Path(path).suffix]))
    click.get_current_context().color = wants_colour("auto")
    for line in lines(fleet):
        click.echo(line)


@click.command()
def rules() -> None:
    """All rules, one line each."""
    from ov_migrate.knowledge.catalogue import load_catalogue

    for rule in load_catalogue().rules:
        click.echo(f"{rule.code}  {rule.step:<10}  {rule.verdict:<8}  {rule.slug:<22}  {rule.why}")
