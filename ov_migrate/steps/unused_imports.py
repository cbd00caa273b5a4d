"""`--tidy`: imports whose last use an edit of this run took away go as well."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator

import libcst as cst

from ov_migrate.edits import Change, Edit, Renderer
from ov_migrate.knowledge.files import load_packages
from ov_migrate.steps.context import Context
from ov_migrate.steps.statements import line_end, remove_paragraph
from ov_migrate.syntax import dotted

# Modules of the standard library that do something when they are imported, and what is there for its effect.
_EFFECTS = frozenset({"__future__", "antigravity", "cgitb", "readline", "rlcompleter", "this", "site", "tkinter"})
_OTHERS = frozenset({"numpy"})
_KEEPING = re.compile(r"#.*\b(noqa|nopycln|unused|isort|type:)")
# Code that reads variables by names that nobody sees.
_BY_NAME = frozenset({"locals", "globals", "vars", "eval", "exec", "compile"})
_WORD = re.compile(r"[^\W\d]\w*")


def unused_imports(context: Context, renderer: Renderer) -> Iterator[Change]:
    """A change for each import statement of which `renderer` has taken the last uses."""
    tree = context.tree
    path = context.module.path
    is_notebook = path.suffixes[-2:] == [".ipynb", ".py"]
    if path.name == "__init__.py" or is_notebook or renderer.is_empty:
        return
    statements: list[cst.Import | cst.ImportFrom] = [*tree.all(cst.Import), *tree.all(cst.ImportFrom)]
    candidates = {node: [alias for alias in _aliases(node) if _may_go(context, node, alias)] for node in statements}
    words = _words(renderer.text()) if any(candidates.values()) else set()
    for node, aliases in candidates.items():
        gone = [alias for alias in aliases if _bound(alias) not in words]
        if gone and renderer.survives(tree.spans[node]):
            rule = context.rule("unused-import")
            yield Change(rule, node, [_without(context, node, gone)], rule.verdict, rule.why)


def _aliases(node: cst.Import | cst.ImportFrom) -> list[cst.ImportAlias]:
    return [] if isinstance(node.names, cst.ImportStar) else list(node.names)


def _bound(alias: cst.ImportAlias) -> str:
    if alias.asname is not None:
        return dotted(alias.asname.name) or ""
    return (dotted(alias.name) or "").split(".")[0]


def _may_go(context: Context, node: cst.Import | cst.ImportFrom, alias: cst.ImportAlias) -> bool:
    """True for an import without effect that stands in a plain block, whose name means nothing else, that had uses."""
    tree, name = context.tree, _bound(alias)
    if not _is_without_effect(context, node, alias) or not tree.in_block(tree.parents[node]):
        return False
    block = tree.parents[tree.parents[node]]
    is_plain = block is tree.module or isinstance(tree.parents[block], cst.FunctionDef)
    bindings = [b for scope in context.module.names.scopes.values() for b in scope.bindings.get(name, ())]
    uses = [use for use in tree.references(name) if not _is_imported(context, use)]
    if not is_plain or len(bindings) != 1 or not uses or _is_marked(context, node):
        return False
    return not _is_handed_on(context, name)


def _is_imported(context: Context, use: cst.CSTNode) -> bool:
    """True for a word of an import statement."""
    return isinstance(context.tree.statement(use), (cst.Import, cst.ImportFrom))


def _is_without_effect(context: Context, node: cst.Import | cst.ImportFrom, alias: cst.ImportAlias) -> bool:
    path = dotted(node.module) if isinstance(node, cst.ImportFrom) else dotted(alias.name)
    if not path or (isinstance(node, cst.ImportFrom) and node.relative) or path in load_packages():
        return False
    top = path.split(".")[0]
    if context.engine.project.find(top, 0, context.index) is not None:
        return False
    return top in _OTHERS or (top in sys.stdlib_module_names and top not in _EFFECTS)


def _is_marked(context: Context, node: cst.CSTNode) -> bool:
    """True when a comment on the lines of the statement says that the import is to stay."""
    start, end = context.tree.spans[node]
    lines = context.tree.text[context.tree.line_start(start) : line_end(context.tree, end)]
    return _KEEPING.search(lines) is not None


def _is_handed_on(context: Context, name: str) -> bool:
    """True when another module may take the name out of this one."""
    project = context.engine.project
    word = re.compile(rf"\b(import\b.*[*\s(,]{name}\b|import\s+\*|\w+\.{name}\b)|^\s*{name}\s*,?\s*$", re.MULTILINE)
    stem = context.module.path.stem
    others = (other.tree.given for index, other in enumerate(project.modules) if index != context.index)
    return any(re.search(rf"\b{re.escape(stem)}\b", text) and word.search(text) for text in others)


def _words(text: str) -> set[str]:
    """All names that a program uses other than by importing them, those in its strings and type comments included."""
    tree = ast.parse(text)
    found = set(_WORD.findall(" ".join(re.findall(r"#\s*type:(.*)", text))))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 200:
            found.update(_WORD.findall(node.value))
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            found.update(node.names)
    return found


def _without(context: Context, node: cst.Import | cst.ImportFrom, gone: list[cst.ImportAlias]) -> Edit:
    """Takes names out of the statement, or all of it."""
    tree, aliases = context.tree, _aliases(node)
    if len(gone) == len(aliases):
        return remove_paragraph(tree, node)
    kept = [alias for alias in aliases if alias not in gone]
    start, end = tree.spans[aliases[0]][0], _end(context, aliases[-1])
    parts = [text for alias in kept for text in (", ", tree.text[tree.spans[alias][0] : _end(context, alias)])]
    return Edit((start, end), tuple(parts[1:]))


def _end(context: Context, alias: cst.ImportAlias) -> int:
    return context.tree.spans[alias.asname.name if alias.asname is not None else alias.name][1]
