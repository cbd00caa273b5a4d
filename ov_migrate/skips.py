"""`# ov-migrate: skip` comments: which lines of a file are to be left as they are.

Behind code the comment stands for that statement, with its block if it has one; on a line of its own for the statement
below it; `# ov-migrate: skip-file` for the file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ov_migrate.syntax import Tree

# The beginning of a comment above a site that is left to a person.
TODO = "TODO(ov-migrate"
MARK = b"ov-migrate: skip"
_COMMENT = re.compile(r"#\s*ov-migrate:\s*skip(-file)?\s*(?:$|[#:;,(].*)")


@dataclass(frozen=True)
class Skip:
    """One comment: the line it is on, and the lines (from 1, both included) that it keeps as they are."""

    line: int
    first: int
    last: int


@dataclass
class Skips:
    """The comments of one file."""

    found: list[Skip] = field(default_factory=list)
    used: set[Skip] = field(default_factory=set)
    whole_file: bool = False

    def keeps(self, line: int) -> bool:
        """True when the line is to stay as it is; the comments that say so count as used."""
        saying = [skip for skip in self.found if skip.first <= line <= skip.last]
        self.used.update(saying)
        return bool(saying)

    @property
    def unused(self) -> list[int]:
        """Lines of the comments without which nothing would be different."""
        return [skip.line for skip in self.found if skip not in self.used]


def comments(text: str) -> list[tuple[int, str]]:
    """The comments of a Python text with their lines from 1; none for a text that Python cannot split into tokens."""
    import io
    import tokenize

    text = re.sub(r"\r\n|\r", "\n", text)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return []
    return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]


def skips(tree: Tree) -> Skips:
    """The skip comments of a file. A comment on the import of a legacy package stands for the whole file, since all
    that is legacy comes from there."""
    if MARK.decode() not in tree.given:
        return Skips()
    found = Skips()
    for line, comment in comments(tree.given):
        match = _COMMENT.match(comment)
        if match and match[1]:
            found.whole_file = True
        elif match:
            found.found.append(_skip(tree, line))
    found.whole_file = found.whole_file or any(_has_legacy_import(tree, skip) for skip in found.found)
    return found


def _skip(tree: Tree, line: int) -> Skip:
    statements = _statements(tree)
    on_line = [place for place in statements if place[0] <= line <= place[2]]
    below = [place for place in statements if place[0] > line]
    if on_line:
        first, last, _ = max(on_line)
    elif below:
        start = min(below)[0]
        first, last = start, max(last for first, last, _ in below if first == start)
    else:
        first = last = line
    return Skip(line, first, last)


def _statements(tree: Tree) -> list[tuple[int, int, int]]:
    """First line, last line and last line of the header of every statement."""
    import libcst as cst

    found = []
    kinds = (cst.SimpleStatementLine, cst.If, cst.For, cst.While, cst.With, cst.Try, cst.FunctionDef, cst.ClassDef)
    for kind in kinds:
        for node in tree.all(kind):
            start, end = tree.spans[node]
            body = getattr(node, "body", None)
            first, last = tree.position(start)[0], tree.position(max(start, end - 1))[0]
            head_end = last
            if isinstance(body, cst.IndentedBlock) and body.body:
                head_end = max(first, tree.position(tree.spans[body.body[0]][0])[0] - 1)
            found.append((first, last, head_end))
    return found


def _has_legacy_import(tree: Tree, skip: Skip) -> bool:
    import libcst as cst

    from ov_migrate.knowledge.files import load_packages

    imports: list[cst.Import | cst.ImportFrom] = [*tree.all(cst.Import), *tree.all(cst.ImportFrom)]
    return any(
        skip.first <= tree.position(tree.spans[node][0])[0] <= skip.last
        and any(package in tree.source(node) for package in load_packages())
        for node in imports
    )
