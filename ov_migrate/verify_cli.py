"""The command line of `ov-migrate verify`: options in, exit code out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ov_migrate.command_parts import Refused, report_path, write_report
from ov_migrate.report.formats import SUFFIXES, render
from ov_migrate.settings import Settings, UsageError, parse_target

if TYPE_CHECKING:
    from ov_migrate.verify.command import Verdict
    from ov_migrate.verify.prepare import Finished
    from ov_migrate.verify.workspace import Program

EQUAL, DIFFERS, NOT_RUN = 0, 1, 2
_ARGUMENTS = "ov_migrate.arguments"


class _BeforeDashes(click.Command):
    """A command whose own options and paths end at a `--`; what comes behind it belongs to the program."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        cut = args.index("--") if "--" in args else len(args)
        ctx.meta[_ARGUMENTS] = tuple(args[cut + 1 :])
        return super().parse_args(ctx, args[:cut])


@click.command("verify", cls=_BeforeDashes, options_metavar="[OPTIONS]")
@click.argument(
    "paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PROGRAM | OLD NEW | FOLDER] [-- ARGUMENTS...]"
)
@click.option("-m", "--module", metavar="MODULE", help="Run a module of the current folder instead of a program.")
@click.option(
    "--target", metavar="VERSION", default="2023.1", show_default=True, help="Oldest OpenVINO the result must run on."
)
@click.option("--model", multiple=True, metavar="FILE", help="A model the code uses; its names and shapes are facts.")
@click.option("--pin-io-types", is_flag=True, help="Keep the legacy element types of inputs and outputs.")
@click.option("--legacy-python", default="", metavar="PYTHON", help="The interpreter for the old program.")
@click.option("--python", default="", metavar="PYTHON", help="The interpreter for the migrated program.")
@click.option("--with", "packages", multiple=True, metavar="PACKAGE", help="What the program needs besides OpenVINO.")
@click.option("--requirements", default="", metavar="FILE", help="A requirements file with what the program needs.")
@click.option("--doctor", is_flag=True, help="Only say which environments there are and what is missing.")
@click.option("--stdin", default="", metavar="FILE", help="What the program reads on its standard input. [nothing]")
@click.option("--compare-stdout/--no-compare-stdout", default=True, help="Compare what the programs print. [on]")
@click.option("--compare-files", default="", metavar="FOLDER", help="Compare the files left in this folder.")
@click.option(
    "--tolerance",
    type=click.FloatRange(0),
    default=1e-4,
    show_default=True,
    metavar="R",
    help="Relative tolerance for floats.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(0, min_open=True),
    default=120.0,
    show_default=True,
    metavar="SECONDS",
    help="Stop a program after this time.",
)
@click.option(
    "--report", multiple=True, metavar="FILE", callback=report_path,
    help="Write a report with what came out at each site: .html, .md, .sarif or .json.",
)  # fmt: skip
@click.option("-j", "--jobs", default=2, show_default=True, help="Fixtures checked at the same time.")
@click.option("-v", "--verbose", is_flag=True, help="List every site, and print the output of both sides whole.")
@click.pass_context
def verify(ctx: click.Context, /, paths: tuple[Path, ...], **options: Any) -> None:
    """Run old and new code and compare, site by site.

    PROGRAM is migrated in a copy; the old one runs on the legacy API, the new one on API 2.0, with ARGUMENTS. OLD NEW
    compares with a migration that somebody has finished by hand. `-- -m MODULE ARGUMENTS`, such as
    `-- -m pytest tests/`, runs a module in the current folder, or in FOLDER. A FOLDER of fixtures is checked as such.
    The files given are never changed. Exit code: 0 equal, 1 something differs, 2 could not be run.
    """
    from ov_migrate.verify.runtimes import NoRuntime
    from ov_migrate.verify.workspace import BadProgram

    try:
        sys.exit(_verify(paths, ctx.meta[_ARGUMENTS], options))
    except (UsageError, NoRuntime, BadProgram) as error:
        raise Refused(str(error)) from error


def _verify(paths: tuple[Path, ...], arguments: tuple[str, ...], options: dict[str, Any]) -> int:
    if options["doctor"]:
        return _examine(options)
    missing = next((path for path in paths if not path.exists()), None)
    if missing is not None:
        raise UsageError(f"{missing}: no such file or folder")
    if len(paths) == 1 and paths[0].is_dir() and not arguments and not options["module"]:
        return _verify_fixtures(paths[0], options["jobs"])
    program, finished = _program(paths, arguments, options["module"])
    return _prove(program, finished, options)


def _program(
    paths: tuple[Path, ...], arguments: tuple[str, ...], module: str | None
) -> tuple[Program, Finished | None]:
    """What is to be run, and the finished migration that takes the place of the tool's own."""
    from ov_migrate.verify import workspace
    from ov_migrate.verify.prepare import Finished

    if module is not None:
        arguments = ("-m", module, *arguments)
    if not paths or paths[0].is_dir():
        if len(paths) > 1:
            raise UsageError("a folder stands alone: what is to be run in it comes behind --")
        return workspace.command(paths[0] if paths else Path.cwd(), arguments), None
    if module is not None or len(paths) > 2 or (len(paths) == 2 and paths[1].is_dir()):
        raise UsageError("give one program, or an old and a new one; the program's own arguments come behind --")
    program = workspace.script(paths[0], arguments)
    if len(paths) == 1:
        return program, None
    return program, Finished(program.file, paths[1].absolute())


def _wanted(options: dict[str, Any]) -> Any:
    from ov_migrate.verify.runtimes import Wanted

    requirements = options["requirements"]
    if requirements and not Path(requirements).is_file():
        raise UsageError(f"--requirements {requirements}: no such file")
    return Wanted(options["legacy_python"], options["python"], options["packages"], requirements)


def _folder(path: str) -> str:
    if Path(path).is_absolute() or ".." in Path(path).parts:
        raise UsageError(f"--compare-files {path}: programs run in a copy; give a folder below the one they run in")
    return path


def _stdin(path: str) -> Path | None:
    if path and not Path(path).is_file():
        raise UsageError(f"--stdin {path}: no such file")
    return Path(path) if path else None


def _examine(options: dict[str, Any]) -> int:
    from ov_migrate.verify.doctor import examine

    diagnosis = examine(_wanted(options))
    for line in diagnosis.lines:
        click.echo(line)
    return EQUAL if diagnosis.is_well else NOT_RUN


def _prove(program: Program, finished: Finished | None, options: dict[str, Any]) -> int:
    from ov_migrate.verify import proof_text
    from ov_migrate.verify.prove import prove
    from ov_migrate.verify.runtimes import legacy_runtime, newest_runtime, older_runtime
    from ov_migrate.verify.sides import Options

    def tell(text: str) -> None:
        click.echo(text, err=True)

    settings = Settings(
        target=parse_target(options["target"]), pin_io_types=options["pin_io_types"], models=options["model"]
    )
    wanted = _wanted(options)
    runtimes = legacy_runtime(wanted, tell), newest_runtime(wanted, tell)
    proof = prove(
        program,
        settings,
        Options(
            *runtimes,
            options["time_limit"],
            options["compare_stdout"],
            _folder(options["compare_files"]),
            options["tolerance"],
            lambda: older_runtime(wanted, tell),
            finished,
            stdin=_stdin(options["stdin"]),
        ),
    )
    for line in proof_text.lines(proof, options["verbose"]):
        click.echo(line)
    for path in options["report"]:
        write_report(path, render(proof.report, SUFFIXES[Path(path).suffix]))
    if not proof.could_run:
        return NOT_RUN
    return EQUAL if proof.is_equal else DIFFERS


def _verify_fixtures(path: Path, jobs: int) -> int:
    from ov_migrate.verify.command import verify_fixtures

    verdicts = list(_told(verify_fixtures(path, jobs)))
    if not verdicts:
        raise UsageError(f"{path}: no fixture.toml here; what is to be run in a folder comes behind --")
    wrong = [verdict for verdict in verdicts if verdict.problems]
    not_run = sum(bool(verdict.not_run) for verdict in verdicts if not verdict.problems)
    rest = f", {not_run} not run before" if not_run else ""
    click.echo(f"{len(verdicts) - len(wrong) - not_run} of {len(verdicts)} fixtures equal{rest}.")
    return DIFFERS if wrong else EQUAL


def _told(verdicts: Iterator[Verdict]) -> Iterator[Verdict]:
    for verdict in verdicts:
        click.echo(f"{verdict.name}: {'; '.join(verdict.problems) or verdict.not_run or 'equal'}")
        yield verdict
