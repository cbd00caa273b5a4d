"""The blocks that pages show of the code: between `<!-- shown: KIND WHAT -->` and `<!-- end -->`.

diff NAME       the difference between the programs of a fixture
example NAME    what changes in a program of examples/
text PATH       a file of the repository
row CODE        a rule's row in rules/
action          what the GitHub Action takes
verdicts        what each verdict means
options         the options of every command
keys            the keys of [tool.ov-migrate]
session         commands, one a line, with what they print, run in a folder with a copy of examples/
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import click
import yaml
from click.testing import CliRunner
from docs_rules import cell, table

from ov_migrate.cli import main
from ov_migrate.migrate import migrate_bytes
from ov_migrate.report.rule_page import VERDICTS, code
from ov_migrate.settings import Settings, config_keys
from ov_migrate.verify.fixtures import Fixture, load, modules

ROOT = Path(__file__).parent.parent
_BLOCK = re.compile(r"(<!-- shown: (\w+)(.*?)-->\n).*?(<!-- end -->)", re.DOTALL)


def with_blocks(text: str) -> str:
    """A page with all its blocks as they have to be now; raises KeyError for a kind of block that is unknown."""
    return _BLOCK.sub(lambda match: f"{match[1]}\n{BLOCKS[match[2]](match[3].strip())}\n\n{match[4]}", text)


def _diff(name: str) -> str:
    fixture = load(ROOT / "fixtures" / name)
    return f"From `fixtures/{name}`:\n\n" + code("\n".join(_difference(fixture)), "diff")


def _difference(fixture: Fixture) -> Iterator[str]:
    before, after = modules(fixture.before), modules(fixture.expected)
    for name, data in before.items():
        changes = list(_changes(data, after[name]))
        if len(before) > 1 and changes:
            yield f"# {name}"
        yield from changes


def _changes(old: bytes, new: bytes) -> Iterator[str]:
    """The changed lines of a module with one line around each; a mark where lines are left out."""
    lines = difflib.unified_diff(old.decode().splitlines(), new.decode().splitlines(), lineterm="", n=1)
    for line in list(lines)[2:]:
        yield "@@" if line.startswith("@@") else line


def _example(name: str) -> str:
    data = (ROOT / "examples" / name).read_bytes()
    _, result = migrate_bytes(name, data, Settings())
    return code("\n".join(_changes(data, result)), "diff")


_LANGUAGES = {".py": "python", ".yml": "yaml", ".sh": "sh"}


def _text(path: str) -> str:
    return code((ROOT / path).read_text(encoding="utf-8").strip("\n"), _LANGUAGES[Path(path).suffix])


def _row(rule_code: str) -> str:
    for path in sorted((ROOT / "rules").glob("*.toml")):
        rows = re.split(r"(?m)^(?=\[\[rule\]\]$)", path.read_text(encoding="utf-8"))
        for row in rows[1:]:
            if f'code = "{rule_code}"' in row:
                return code(row.strip("\n"), "toml")
    raise KeyError(rule_code)


def _action(_: str) -> str:
    inputs = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"]
    rows = [f"| `{name}` | {cell(f['description'])} | {_value(f['default'])} |" for name, f in inputs.items()]
    return table(("input", "meaning", "without it"), rows)


def _value(text: str) -> str:
    return f"`{text}`" if text else ""


def _verdicts(_: str) -> str:
    return table(("verdict", "meaning"), [f"| `{name}` | {meaning} |" for name, meaning in VERDICTS.items()])


def _options(_: str) -> str:
    """Every command with its help and its options, as `--help` has them."""
    parts = []
    for name, command in {"": main, **main.commands}.items():
        context = click.Context(command, info_name=f"ov-migrate {name}".strip().removesuffix(" migrate"))
        usage = " ".join((context.info_name or "", *command.collect_usage_pieces(context)))
        rows = [_option(parameter, context) for parameter in command.params if isinstance(parameter, click.Option)]
        parts += [f"### ov-migrate {name}".rstrip(), f"`{usage}`", command.get_short_help_str(200)]
        parts += [table(("option", "meaning"), rows)] if rows else []
    return "\n\n".join(parts)


def _option(option: click.Option, context: click.Context) -> str:
    names, text = option.get_help_record(context) or ("", "")
    return f"| `{cell(names)}` | {cell(text)} |"


def _keys(_: str) -> str:
    options = {option for parameter in main.commands["migrate"].params for option in parameter.opts}
    rows = []
    for key, kind in config_keys().items():
        option = next((f"`{name}`" for name in (f"--{key}", f"--no-{key}") if name in options), "")
        rows.append(f"| `{key}` | {kind} | {_default(key)} | {option} |")
    return table(("key", "value", "without it", "option"), rows)


def _default(key: str) -> str:
    settings = Settings()
    if key == "target":
        return f'`"{settings.target_text}"`'
    name = key.replace("-", "_")
    value = getattr(settings, name if hasattr(settings, name) else f"{name}s")
    return "none" if value == () else f"`{json.dumps(value)}`"


@cache
def _session(commands: str) -> str:
    lines = []
    with _copy_of_examples():
        status = 0
        for command in commands.splitlines():
            lines.append(f"$ {command}")
            program, *arguments = shlex.split(command)
            if command == "echo $?":
                lines.append(str(status))
            elif program == "cat":
                lines += Path(arguments[0]).read_text(encoding="utf-8").splitlines()
            else:
                assert program == "ov-migrate", command
                status, output = _run(arguments)
                lines += output.splitlines()
    return code("\n".join(lines), "console")


@contextmanager
def _copy_of_examples() -> Iterator[None]:
    """Works in a folder that holds a copy of examples/ and nothing else."""
    folder = Path.cwd()
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(ROOT / "examples", Path(name) / "examples")
        os.chdir(name)
        try:
            yield
        finally:
            os.chdir(folder)


def _run(arguments: list[str]) -> tuple[int, str]:
    result = CliRunner(env={"NO_COLOR": "1", "FORCE_COLOR": None}).invoke(main, arguments, prog_name="ov-migrate")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


BLOCKS: dict[str, Callable[[str], str]] = {
    "diff": _diff, "example": _example, "text": _text, "row": _row, "action": _action, "verdicts": _verdicts,
    "options": _options, "keys": _keys, "session": _session,
}  # fmt: skip
