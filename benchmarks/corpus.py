"""Migrates copies of trees of real code and prints how far it came, per generation of the legacy API and in total.

usage: corpus.py [OPTIONS] ROOT...

Every ROOT is one tree. Nothing in it is changed. Legacy use, and what is left of it, is told by legacy_scan.py, which
knows nothing of the tool. The time of a tree is that of the whole command, shared out over its files with legacy use
by their lines. Exit code 1 when a figure that must be 0 is not.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click
from legacy_scan import GENERATIONS
from tree_run import FileResult, ToolError, run_tree
from type_errors import CheckerError, TypeProblem, new_errors

Figure = Callable[[Sequence[FileResult]], float]


def _count(test: Callable[[FileResult], object]) -> Figure:
    return lambda files: sum(bool(test(file)) for file in files)


def _total(amount: Callable[[FileResult], float]) -> Figure:
    return lambda files: sum(amount(file) for file in files)


def _speed(files: Sequence[FileResult]) -> float:
    return sum(file.lines for file in files) / (sum(file.seconds for file in files) or 1)


_FIGURES: dict[str, Figure] = {
    "files with legacy use": len,
    "files with nothing left": _count(lambda file: file.is_done),
    "files with all that is left reported": _count(lambda file: file.is_reported),
    "files that could not be handled": _count(lambda file: file.failure),
    "sites migrated": _total(lambda file: file.sites["migrated"]),
    "sites to review": _total(lambda file: file.sites["review"]),
    "sites left by hand": _total(lambda file: file.sites["manual"]),
    "legacy names left": _total(lambda file: len(file.left)),
    "legacy names left and not reported": _total(lambda file: len(file.unreported)),
    "  in comments and strings": _total(lambda file: len(file.prose)),
    "files that no longer parse": _count(lambda file: file.broken),
    "second-run changes": _count(lambda file: file.changed_again),
    "forbidden asynchronous shapes": _total(lambda file: len(file.shapes)),
    "lines": _total(lambda file: file.lines),
    "seconds": _total(lambda file: file.seconds),
    "lines per second": _speed,
}
_MUST_BE_ZERO = (
    "legacy names left and not reported",
    "files that no longer parse",
    "second-run changes",
    "forbidden asynchronous shapes",
)
# A type problem is one of a site that the report leaves to a person, one of a variable that starts as None, or open.
_PROBLEMS = {
    "type errors": "",
    "  on reported lines": "reported",
    "  on variables that may be None": "none",
    "  elsewhere": "open",
}


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("roots", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--python", type=click.Path(exists=True, path_type=Path), help="Interpreter with the newest OpenVINO.")
@click.option("--pyright", default="pyright", show_default=True, help="The type checker's command.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), metavar="FILE", help="Write the raw figures.")
@click.option("--list", "listed", is_flag=True, help="Print each offending file and line.")
@click.option("--keep", type=click.Path(path_type=Path), metavar="FOLDER", help="Leave the copies in this new folder.")
def main(
    roots: tuple[Path, ...], python: Path | None, pyright: str, json_file: Path | None, listed: bool, keep: Path | None
) -> None:
    """Migrate a copy of each tree ROOT and print how far it came."""
    with _folder(keep) as folder:
        files = _run_all(roots, folder)
        problems = _type_problems(folder, files, pyright, python)
    table = _table(files, problems)
    for row in _rows(table):
        click.echo(row)
    if listed:
        for text in _offences(files, problems or ()):
            click.echo(text)
    if json_file is not None:
        data = {"figures": table, "files": [_plain(file) for file in files], "type_errors": problems}
        json_file.write_text(json.dumps(data, indent=1), encoding="utf-8")
    sys.exit(any(table["all"][name] for name in _MUST_BE_ZERO))


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory() as name:
            yield Path(name).resolve()
        return
    try:
        keep.mkdir(parents=True)
    except OSError as error:
        raise click.ClickException(f"{keep}: cannot be made: {error.strerror}") from error
    yield keep.resolve()


def _run_all(roots: Iterable[Path], folder: Path) -> list[FileResult]:
    files = []
    for number, root in enumerate(roots):
        tree = f"{number:03}-{root.resolve().name}"
        try:
            results = run_tree(root, folder / "before" / tree, folder / "after" / tree)
        except (ToolError, OSError, shutil.Error) as error:
            raise click.ClickException(f"{root}: {error}") from error
        for result in results:
            result.path = f"{tree}/{result.path}"
        files += results
    return files


def _type_problems(
    folder: Path, files: Sequence[FileResult], pyright: str, python: Path | None
) -> list[TypeProblem] | None:
    """Errors of the type checker, or None, with one line that says why, when there is none to ask."""
    command = shutil.which(pyright)
    if python is None or command is None:
        missing = "no --python was given" if python is None else f"{pyright} was not found"
        click.echo(f"Type errors were not looked for: {missing}.", err=True)
        return None
    paths = [file.path for file in files if not file.failure]
    try:
        return new_errors(folder / "before", folder / "after", paths, command, python.absolute()) if paths else []
    except CheckerError as error:
        raise click.ClickException(str(error)) from error


def _table(files: Sequence[FileResult], problems: Sequence[TypeProblem] | None) -> dict[str, dict[str, float]]:
    """Column → figure → number; the last column is of all files."""
    table = {}
    for column in (*GENERATIONS, "all"):
        chosen = [file for file in files if column in (file.generation, "all")]
        table[column] = {name: figure(chosen) for name, figure in _FIGURES.items()}
        if problems is not None:
            kinds = [kind for file in chosen for kind, _ in _problems_of(file, problems)]
            table[column] |= {
                name: sum(not wanted or kind == wanted for kind in kinds) for name, wanted in _PROBLEMS.items()
            }
    return table


def _problems_of(file: FileResult, problems: Iterable[TypeProblem]) -> Iterator[tuple[str, TypeProblem]]:
    for problem in problems:
        if problem.path == file.path:
            yield (
                "none" if problem.may_be_none else "reported" if problem.line in file.reported_lines else "open",
                problem,
            )


def _rows(table: dict[str, dict[str, float]]) -> Iterator[str]:
    names = list(table["all"])
    width = max(map(len, names))
    yield " " * width + "".join(f"{column:>12}" for column in table)
    for name in names:
        digits = 1 if name == "seconds" else 0
        yield f"{name:<{width}}" + "".join(f"{figures[name]:>12.{digits}f}" for figures in table.values())


def _offences(files: Iterable[FileResult], problems: Sequence[TypeProblem]) -> Iterator[str]:
    for file in files:
        if file.failure:
            yield f"{file.path}: could not be handled: {file.failure}"
        if file.broken:
            yield f"{file.path}: no longer parses"
        if file.changed_again:
            yield f"{file.path}: a second run changes it"
        for line, text in file.shapes:
            yield f"{file.path}:{line}: {text}"
        for mention in file.unreported:
            yield f"{file.path}:{mention.line}: {mention.name} is left and not reported"
        for mention in file.prose:
            yield f"{file.path}:{mention.line}: {mention.name} is left in a comment or string and not reported"
        for kind, problem in _problems_of(file, problems):
            yield f"{file.path}:{problem.line}: type error ({kind}): {problem.message}"


def _plain(file: FileResult) -> dict[str, object]:
    return asdict(file) | {"reported_lines": sorted(file.reported_lines)}


if __name__ == "__main__":
    main()
