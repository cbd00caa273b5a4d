"""The command line: options in, exit code out."""

from __future__ import annotations

import errno
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ov_migrate import __version__
from ov_migrate.command_parts import (
    FAILED,
    Refused,
    complete_files,
    complete_rules,
    counted,
    print_bytes,
    report_path,
    unwritten_output,
    wants_colour,
    write_report,
)
from ov_migrate.configs import Configs
from ov_migrate.other_commands import explain, merged_report, rules
from ov_migrate.report.formats import OUTPUT_FORMATS, SUFFIXES, render
from ov_migrate.report.records import Run
from ov_migrate.settings import (
    Settings,
    UsageError,
    apply_config,
    close_matches,
    overridden,
    selected_codes,
)
from ov_migrate.verify_cli import verify

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Options = dict[str, Any]
OK, LEFT = 0, 1


class _PathsFirst(click.Group):
    """A group whose first argument may be a path, or an option of `migrate`: then that is the command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0].partition("=")[0] not in self._own_options(ctx):
            if not ctx.resilient_parsing:
                self._refuse_misspelt(ctx, args[0])
            args = ["migrate", *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OSError as error:
            # Other files are looked after where they are written.
            if error.errno != errno.ENOSPC or error.filename is not None:
                raise
            raise unwritten_output(error) from error

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Shows the options of `migrate`, too, since they need no command."""
        params = [*self.commands["migrate"].params, *self.get_params(ctx)]
        params = [param for param in params if isinstance(param, click.Option)]
        with formatter.section("Options"):
            formatter.write_dl([record for param in params if (record := param.get_help_record(ctx))])
        self.format_commands(ctx, formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from ov_migrate.completion import first_word

        return list(first_word(self, ctx, self.commands["migrate"], incomplete))

    def _own_options(self, ctx: click.Context) -> list[str]:
        return [name for param in self.get_params(ctx) for name in param.opts]

    def _refuse_misspelt(self, ctx: click.Context, word: str) -> None:
        """Suggests the option, or the command, that a first word which is neither nor a path was meant to be."""
        name = word.partition("=")[0]
        if name.startswith("--") and name != "--":
            migrate = self.commands["migrate"]
            known = [option for param in migrate.get_params(ctx) for option in (*param.opts, *param.secondary_opts)]
            if name not in known:
                close = close_matches(name, [*known, *self._own_options(ctx)])
                raise click.NoSuchOption(name, possibilities=close, ctx=ctx)
        elif word.isalpha() and not Path(word).exists():
            close = close_matches(word, list(self.commands))
            if close:
                raise Refused(f"no command or path is called {word!r}; did you mean `ov-migrate {close[0]}`?")


def _print_completion(ctx: click.Context, param: click.Parameter, shell: str | None) -> None:
    if shell is None or ctx.resilient_parsing:
        return
    from ov_migrate.completion import script

    click.echo(script(ctx.command, shell), nl=False)
    ctx.exit()


@click.group(
    cls=_PathsFirst,
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
)
@click.version_option(__version__, prog_name="ov-migrate")
@click.option(
    "--completion",
    type=click.Choice(("bash", "zsh", "fish")),
    is_eager=True,
    expose_value=False,
    callback=_print_completion,
    help='Print what the shell needs for completion: eval "$(ov-migrate --completion bash)" in ~/.bashrc.',
)
def main() -> None:
    """Rewrites OpenVINO Inference Engine programs (2018 to 2023) to API 2.0, and proves the result by running both.

    \b
    ov-migrate PATH...        rewrite files and folders in place (- for standard input)
    ov-migrate --diff PATH    show what would change
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Names and messages are shown as far as the terminal's encoding goes.
            stream.reconfigure(errors="backslashreplace")


_ALONE = ("todo", "clear_todo", "show_settings")
_RUNS = ("diff", "check", "report", "statistics", "tidy", "rename_variables")


def _refuse_mixtures(options: Options) -> None:
    """Options that do something else than migrate say what is left undone when others stand beside them."""
    alone = [name for name in _ALONE if options[name]]
    others = [name for name in _RUNS if options[name]] + ["output_format"] * (options["output_format"] != "text")
    if alone and (others or len(alone) > 1):
        one, other = ("--" + name.replace("_", "-") for name in (alone + others)[:2])
        raise Refused(f"{one} does nothing else, and does not go with {other}")


def _todo(paths: tuple[str, ...], clear: bool) -> int:
    """Lists the tool's comments, or takes them out; gives the exit code."""
    from ov_migrate.todo import Todo, clear_todos, find_todos

    status, count = OK, 0
    if clear:
        for path, number, problem in clear_todos(paths):
            taken = counted(number, "comment") + " taken out"
            click.echo(f"{path}: {problem or taken}", err=bool(problem))
            status, count = (FAILED if problem else status), count + number
        click.echo(f"{counted(count, 'comment')} taken out.")
        return status
    for todo in find_todos(paths):
        if not isinstance(todo, Todo):
            click.echo(": ".join(todo), err=True)
            status = FAILED
            continue
        click.echo(f"{todo.place}: {todo.rule}: {todo.text}")
        status, count = max(status, LEFT), count + 1
    click.echo(f"{counted(count, 'comment')}.")
    return status


@main.command("migrate")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", shell_complete=complete_files)
@click.option("--diff", is_flag=True, help="Print a unified diff, write nothing; exit 1 if anything would change.")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if anything would change.")
@click.option("--target", metavar="VERSION", help="Oldest OpenVINO the result must run on, 2022.1 to 2026.4. [2023.1]")
@click.option(
    "--select",
    multiple=True,
    metavar="RULES",
    shell_complete=complete_rules,
    help="Only these rules: codes, prefixes, slugs or steps.",
)
@click.option("--ignore", multiple=True, metavar="RULES", shell_complete=complete_rules, help="All but these rules.")
@click.option(
    "--model",
    multiple=True,
    metavar="FILE",
    shell_complete=complete_files,
    help="A model the code uses; its names and shapes are facts.",
)
@click.option("--pin-io-types", is_flag=True, help="Keep the legacy element types of inputs and outputs.")
@click.option("--tidy", is_flag=True, help="Drop weights beside the model, and imports that became unused.")
@click.option("--rename-variables", is_flag=True, help="Give variables the names of API 2.0: core, model, ….")
@click.option(
    "--report",
    multiple=True,
    metavar="FILE",
    callback=report_path,
    shell_complete=complete_files,
    help="Write a report; the suffix tells the format: .html, .md, .sarif or .json.",
)
@click.option(
    "--output-format", type=click.Choice(OUTPUT_FORMATS), default="text", help="What goes to standard output."
)
@click.option("--no-annotate", is_flag=True, help="Put no TODO comments above what is left.")
@click.option("--todo", is_flag=True, help="Only list the comments that earlier runs have left.")
@click.option("--clear-todo", is_flag=True, help="Only take these comments out.")
@click.option("--statistics", is_flag=True, help="Count the sites of each rule instead of listing them.")
@click.option("--show-settings", is_flag=True, help="Only say, as JSON, what holds for each PATH and where it is set.")
@click.option("--config", metavar="FILE", shell_complete=complete_files, help="Take [tool.ov-migrate] from this file.")
@click.option(
    "--color",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    help="Colour; auto: on terminals, unless NO_COLOR is set, and anywhere if FORCE_COLOR is.",
)
@click.option("-j", "--jobs", type=click.IntRange(0), help="Number of processes, 1 by default; 0: one for each core.")
@click.option("-q", "--quiet", is_flag=True, help="Only errors.")
@click.option("-v", "--verbose", is_flag=True, help="List every site.")
def migrate(paths: tuple[str, ...], **options: Any) -> None:
    """Rewrite PATH... in place. PATH is a file, a folder, or - for standard input."""
    click.get_current_context().color = wants_colour(options["color"])
    if options["output_format"] != "text" and (options["diff"] or ("-" in paths and not options["check"])):
        taken = "the diff" if options["diff"] else "the new program"
        raise Refused(
            f"--output-format: standard output is for {taken} here; --report FILE writes the report to a file"
        )
    if options["statistics"] and options["output_format"] not in ("text", "json"):
        raise Refused("--statistics goes with --output-format text or json")
    _refuse_mixtures(options)
    if options["todo"] or options["clear_todo"]:
        sys.exit(_todo(paths, bool(options["clear_todo"])))
    try:
        configs = _configs(options)
        if options["show_settings"]:
            sys.exit(_show_settings(paths, configs))
        settings = configs.of(Path(paths[0] if paths[0] != "-" else "."))
        if settings.select or settings.ignore:
            selected_codes(settings)
        run = _migrated(paths, settings, configs, options)
    except UsageError as error:
        raise Refused(str(error)) from error
    _report(run, options, to_stdout=not options["diff"] and (options["check"] or "-" not in paths))
    sys.exit(_exit_code(run, bool(options["diff"] or options["check"])))


def _migrated(paths: tuple[str, ...], settings: Settings, configs: Configs, options: Options) -> Run:
    if "-" in paths:
        if len(paths) > 1:
            raise Refused("- stands alone: standard input is one program")
        return _migrate_stdin(settings, options["diff"], options["check"])
    from ov_migrate.migrate import migrate_paths

    if options["quiet"] or not sys.stderr.isatty():
        run = migrate_paths(paths, settings, configs)
    else:
        from ov_migrate.terminal import ProgressLine

        line = ProgressLine(sys.stderr)
        try:
            run = migrate_paths(paths, settings, configs, line)
        finally:
            line.clear()
    if options["diff"]:
        _print_diffs(run)
    return run


def _show_settings(paths: tuple[str, ...], configs: Configs) -> int:
    from ov_migrate.effective import render

    click.echo(render(paths, configs), nl=False)
    return OK


def _configs(options: Options) -> Configs:
    """The settings of each file: the configuration files with the options on top."""

    def given(settings: Settings) -> Settings:
        return overridden(
            settings,
            options["target"],
            select=_listed(options["select"]),
            ignore=_listed(options["ignore"]),
            annotate=False if options["no_annotate"] else None,
            jobs=options["jobs"],
            models=options["model"] or None,
            pin_io_types=options["pin_io_types"] or None,
            tidy=options["tidy"] or None,
            rename_variables=options["rename_variables"] or None,
            write=not (options["diff"] or options["check"]),
            # It is in all reports, and in the text for those who ask for more.
            hand_over=bool(options["report"] or options["output_format"] != "text" or options["verbose"]),
        )

    if options["config"]:
        return Configs(given, given(apply_config(Settings(), Path(options["config"]))))
    return Configs(given)


def _listed(values: tuple[str, ...]) -> tuple[str, ...] | None:
    return tuple(part for value in values for part in value.split(",") if part) or None


def _migrate_stdin(settings: Settings, diff: bool, check: bool) -> Run:
    from ov_migrate.migrate import STDIN, migrate_bytes

    data = sys.stdin.buffer.read()
    run, result = migrate_bytes(STDIN, data, settings)
    if diff:
        _print_diffs(run)
    elif not check:
        print_bytes(result)
    return run


def _print_diffs(run: Run) -> None:
    from ov_migrate.report.text_report import diff

    wanted = click.get_current_context().color
    coloured = sys.stdout.isatty() if wanted is None else wanted
    changed = [record for record in run.files if record.status == "changed"]
    print_bytes("".join(diff(record, coloured) for record in changed).encode("utf-8", "surrogateescape"))


def _report(run: Run, options: Options, to_stdout: bool) -> None:
    for path in options["report"]:
        write_report(path, render(run, SUFFIXES[Path(path).suffix]))
    if options["output_format"] != "text" and to_stdout:
        text = render(run, "statistics" if options["statistics"] else options["output_format"])
        print_bytes(text.encode("utf-8", "backslashreplace"))
        return
    from ov_migrate.report import text_report

    written = not (options["diff"] or options["check"])
    lines = text_report.statistics if options["statistics"] else text_report.lines
    for line in lines(run, bool(options["verbose"]), bool(options["quiet"]), written):
        click.echo(line, err=not to_stdout)


def _exit_code(run: Run, dry: bool) -> int:
    if run.has_failed:
        return FAILED
    if run.count("manual") or (dry and run.status("changed")):
        return LEFT
    return OK


for command in (explain, merged_report, rules, verify):
    main.add_command(command)
