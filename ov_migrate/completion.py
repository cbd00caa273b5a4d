"""Completion in bash, zsh and fish: click's scripts, and what the tool itself knows to propose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click
from click.shell_completion import CompletionItem, get_completion_class

from ov_migrate.knowledge.catalogue import load_catalogue

PROGRAM, VARIABLE = "ov-migrate", "_OV_MIGRATE_COMPLETE"


def script(group: click.Command, shell: str) -> str:
    """The script that a shell has to read for completion."""
    found = get_completion_class(shell)
    assert found is not None
    return found(group, {}, PROGRAM, VARIABLE).source()


def rules(incomplete: str) -> list[CompletionItem]:
    """Codes and slugs of rules."""
    names = [pair for rule in load_catalogue().rules for pair in ((rule.code, rule.why), (rule.slug, rule.why))]
    return _items(names, incomplete)


def selectors(incomplete: str) -> list[CompletionItem]:
    """What --select and --ignore take: codes, slugs and steps; of a list with commas the last one."""
    done, comma, last = incomplete.rpartition(",")
    steps = sorted({rule.step for rule in load_catalogue().rules})
    found = [*_items(((step, "a step") for step in steps), last), *rules(last)]
    return [CompletionItem(done + comma + item.value, help=item.help) for item in found]


def first_word(
    group: click.Group, ctx: click.Context, default: click.Command, incomplete: str
) -> Iterator[CompletionItem]:
    """What may stand right behind `ov-migrate`: a path, a command, an option of the group or of its default command."""
    if incomplete.startswith("-"):
        yield from click.Command.shell_complete(group, ctx, incomplete)
        with default.make_context(default.name, [], parent=ctx, resilient_parsing=True) as inner:
            own = {name for param in group.get_params(ctx) for name in param.opts}
            yield from (item for item in default.shell_complete(inner, incomplete) if item.value not in own)
        return
    # In bash the commands take the place of the paths if one fits, so paths come first.
    yield CompletionItem(incomplete, type="file")
    commands = ((name, group.commands[name].get_short_help_str()) for name in group.list_commands(ctx))
    yield from _items(commands, incomplete)


def _items(names: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    wanted = incomplete.casefold()
    return [CompletionItem(name, help=text) for name, text in names if name.casefold().startswith(wanted)]
