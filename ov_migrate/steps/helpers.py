"""Functions that new code of a module calls, written once into it. Their text is in the rules."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import libcst as cst

from ov_migrate.edits import Change, Edit
from ov_migrate.steps.statements import first_offset

if TYPE_CHECKING:
    from ov_migrate.steps.context import Context


_NAME = re.compile(r"<@(\w+)>")
_TABLE = re.compile(r"^( *)<(\w+)(?::(\w+))?>$", re.MULTILINE)


class Helpers:
    """Gives the name under which a helper is called, and the changes that write those that are called."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._names: dict[str, str] = {}

    def name(self, helper: str) -> str:
        """The name of `helper` in this module: its own, unless the module uses that for something else."""
        if helper not in self._names:
            own = self.is_written(helper)
            self._names[helper] = helper if own else self.context.free(helper, f"{helper}_of")
            if not own and not self.context.names.are_inside:
                self._import_needs(helper)
        return self._names[helper]

    def _import_needs(self, helper: str) -> None:
        """Imports what the helper's text names where the helper will stand, whatever the imports at its calls are."""
        text = self.context.catalogue.tables["helpers"][helper]
        for name in sorted({*_NAME.findall(text), *(cls for _, _, cls in _TABLE.findall(text) if cls)}):
            self.context.names.get(name, self.context.tree.module.body[0])

    def changes(self, changes: Iterable[Change]) -> list[Change]:
        """The functions that the text of `changes` calls, each in front of the first statement that may need it."""
        text = [(part, change) for change in changes for edit in change.edits for part in edit.parts]
        found = []
        starts: set[int] = set()
        for helper, name in self._names.items():
            users = [change for part, change in text if isinstance(part, str) and name in part]
            if users and not self.is_written(helper):
                start, change = self._written(helper, name, users, starts)
                starts.add(start)
                found.append(change)
        return found

    def is_written(self, helper: str) -> bool:
        """True for a helper that an earlier run has written into the module."""
        known = helper in self.context.catalogue.tables["helpers"]
        body = self.context.tree.module.body if known else ()
        return any(isinstance(node, cst.FunctionDef) and node.name.value == helper for node in body)

    def _written(self, helper: str, name: str, users: list[Change], starts: set[int]) -> tuple[int, Change]:
        """Where the helper comes to stand, and the change that writes it; at one of `starts` another one stands, which
        has left blank lines behind it."""
        context = self.context
        rule = context.rule("helper-function")
        anchor = self._anchor(users)
        start = _above_comments(context.tree.text, context.tree.line_start(first_offset(context.tree, anchor)))
        indent = context.tree.module.default_indent
        lines = self._text(helper).replace(helper, name).replace("    ", indent).splitlines()
        blank = 2 if start in starts else _blank_lines(context.tree.text[:start])
        text = context.newline.join([*[""] * (2 - blank), *lines, "", "", ""])
        return start, Change(rule, anchor, [Edit((start, start), (text,))], rule.verdict, rule.why)

    def _text(self, helper: str) -> str:
        """The function as the rules have it; a line `<table>` stands for that table as entries of a dict, and
        `<table:Class>` for one whose values are members of a class of API 2.0; `<@Name>` is a name of API 2.0. Where
        the module imports inside of functions only, so does the function."""
        tables, names = self.context.catalogue.tables, self.context.names
        inside: set[str] = set()

        def current(name: str) -> str:
            if not names.are_inside:
                return names.get(name, self.context.tree.module.body[0])
            inside.add(names.line(name))
            return name

        def entries(match: re.Match[str]) -> str:
            front = current(match[3]) + "." if match[3] else ""
            return "\n".join(f'{match[1]}"{key}": {front}{value},' for key, value in tables[match[2]].items())

        text = _NAME.sub(lambda match: current(match[1]), tables["helpers"][helper])
        head, docstring, *body = _TABLE.sub(entries, text).splitlines()
        return "\n".join([head, docstring, *(f"    {line}" for line in sorted(inside)), *body])

    def _anchor(self, users: list[Change]) -> cst.CSTNode:
        """The statement behind the imports that come before all functions, classes and users."""
        tree = self.context.tree
        first = min(tree.spans[change.node][0] for change in users)
        anchor: cst.CSTNode = tree.module.body[0]
        is_behind_import = True
        for node in tree.module.body:
            if is_behind_import:
                anchor = node
            if isinstance(node, (cst.FunctionDef, cst.ClassDef)) or tree.spans[node][1] > first:
                break
            is_behind_import = _imports(node)
        return anchor


def _imports(node: cst.CSTNode) -> bool:
    """True for an import, also under a condition."""
    if isinstance(node, cst.SimpleStatementLine):
        return any(isinstance(part, (cst.Import, cst.ImportFrom)) for part in node.body)
    return isinstance(node, (cst.Try, cst.If)) and any(_imports(inner) for inner in node.body.body)


def _above_comments(text: str, start: int) -> int:
    """The beginning of the comment lines right above `start`."""
    while start > 0:
        previous = text.rfind("\n", 0, start - 1) + 1
        if not text[previous:start].lstrip().startswith("#"):
            break
        start = previous
    return start


def _blank_lines(text: str) -> int:
    """How many blank lines, two at most, `text` ends with; a text without anything else counts as two."""
    lines = text.split("\n")[:-1]
    if not any(line.strip() for line in lines):
        return 2
    return next((n for n, line in enumerate(reversed(lines)) if line.strip() or n == 2), 2)
