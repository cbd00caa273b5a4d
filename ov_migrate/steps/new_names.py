"""The names of API 2.0 that new code uses, and the imports that bring them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import libcst as cst

from ov_migrate.edits import Change, Edit, Leftover
from ov_migrate.inference.imports import is_guarded
from ov_migrate.inference.values import LegacyName
from ov_migrate.syntax import Scope, Tree, dotted

if TYPE_CHECKING:
    from ov_migrate.steps.context import Context

_ALIASES = ("ov", "openvino", "ov_api", "openvino_api")


@dataclass
class ImportSite:
    """One import statement of the legacy package, and what the code it serves needs instead."""

    statement: cst.Import | cst.ImportFrom
    scope: Scope
    module_alias: str = ""
    renamed: dict[str, str] = field(default_factory=dict)
    wanted: set[str] = field(default_factory=set)
    from_names: dict[str, str] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    folded: cst.Try | None = None


class NewNames:
    """Gives the text for a name of API 2.0 and remembers that it must be imported."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.tree = context.tree
        self.homes = context.catalogue.tables["homes"]
        self.package = "openvino" if context.target >= (2023, 1) else "openvino.runtime"
        self.sites: list[ImportSite] = []
        self._statements = [node for node in legacy_imports(context) if not is_guarded(self.tree, node)]
        self._top = ImportSite(cst.Import([cst.ImportAlias(cst.Name("openvino"))]), self.tree.module)
        self._plain_alias = ""
        self.sites = [self._site(node) for node in self._statements]

    def get(self, name: str, at: cst.CSTNode) -> str:
        """The text that means `name` (such as `Core`) at the place `at`."""
        site = self._serving(at)
        if name in site.renamed:
            site.from_names[name] = site.renamed[name]
            return site.renamed[name]
        home = self.homes.get(name, self.package)
        if site.module_alias and self._is_inside_package(home):
            return self._through_module(site, site.module_alias, home, name)
        if self._is_taken(name) and self._is_inside_package(home):
            return self._through_module(site, self._free_alias(), home, name)
        site.from_names[name] = name
        return name

    def module(self, name: str, alias: str, at: cst.CSTNode) -> str:
        """The text that means another library's module, imported under its usual alias."""
        self._serving(at).wanted.add(f"import {name} as {alias}")
        return alias

    def _is_inside_package(self, home: str) -> bool:
        return home == self.package or home.startswith(self.package + ".")

    def _through_module(self, site: ImportSite, alias: str, home: str, name: str) -> str:
        site.wanted.add("import openvino" if alias == self.package else f"import {self.package} as {alias}")
        return f"{alias}{home.removeprefix(self.package)}.{name}"

    def keep(self, name: str, at: cst.CSTNode) -> None:
        """Notes that a legacy name is still used; every import statement that brings it keeps it."""
        bringing = [site for site in self.sites if self._brings(site, name)]
        for site in bringing or [self._serving(at)]:
            site.kept.add(name)

    def _brings(self, site: ImportSite, name: str) -> bool:
        names = site.statement.names
        return isinstance(site.statement, cst.ImportFrom) and any(
            alias.name.value == name for alias in (() if isinstance(names, cst.ImportStar) else names)
        )

    def changes(self) -> list[Change | Leftover]:
        """What becomes of the legacy import statements."""
        result: list[Change | Leftover] = []
        done: list[ImportSite] = []
        for site in self.sites:
            first = next((s for s in done if s.scope is site.scope and not s.module_alias), None)
            if site.folded is not None and any(s.folded is site.folded for s in done):
                continue
            if first is not None and not site.module_alias:
                lines: list[str] = []
            else:
                lines = self._lines(site)
                done.append(site)
            result += self._change(site, lines)
        if self._top.from_names or self._top.wanted:
            result.append(self._insertion(self._lines(self._top)))
        return result

    def _serving(self, at: cst.CSTNode) -> ImportSite:
        scope = self.tree.scope(at)
        while True:
            for site in self.sites:
                if site.scope is scope:
                    return site
            if scope is self.tree.module:
                return self._top
            scope = self.tree.scope(scope)

    def _site(self, node: cst.Import | cst.ImportFrom) -> ImportSite:
        site = ImportSite(node, self.tree.scope(node), folded=self._folded(node))
        if isinstance(node, cst.Import):
            alias = next(a for a in node.names if dotted(a.name) in self.context.api.packages)
            site.module_alias = self._alias_for(alias)
        elif dotted(node.module) not in self.context.api.packages:
            site.module_alias = self._free_alias()
        elif not isinstance(node.names, cst.ImportStar):
            for alias in node.names:
                new = self.context.catalogue.classes.get(str(alias.name.value))
                if new and alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                    site.renamed[new] = alias.asname.name.value
        return site

    def _folded(self, node: cst.CSTNode) -> cst.Try | None:
        """The `try` around the import when all its arms are imports of the legacy package: one import is enough now."""
        holder = next((n for n in self.tree.ancestors(node) if isinstance(n, cst.BaseCompoundStatement)), None)
        if not isinstance(holder, cst.Try) or holder.orelse is not None or holder.finalbody is not None:
            return None
        lines = [line for arm in (holder.body, *(h.body for h in holder.handlers)) for line in arm.body]
        if len(lines) < 2 or not all(
            isinstance(line, (cst.SimpleStatementLine, cst.BaseSmallStatement)) for line in lines
        ):
            return None
        statements = [s for line in lines for s in (line.body if isinstance(line, cst.SimpleStatementLine) else [line])]
        return holder if all(s in self._statements or isinstance(s, cst.Pass) for s in statements) else None

    def _alias_for(self, alias: cst.ImportAlias) -> str:
        return "openvino" if alias.asname is None and self.package == "openvino" else self._free_alias()

    def _free_alias(self) -> str:
        if not self._plain_alias:
            self._plain_alias = next(name for name in _ALIASES if not self._is_taken(name) or self._is_openvino(name))
        return self._plain_alias

    def _is_openvino(self, name: str) -> bool:
        bindings = self.context.module.names.scopes[self.tree.module].bindings.get(name, [])
        return bool(bindings) and all(
            isinstance(node, cst.ImportAlias) and dotted(node.name) == self.package for node in bindings
        )

    def _is_taken(self, name: str) -> bool:
        """True when the module binds `name` to something that stays."""
        for names in self.context.module.names.scopes.values():
            for binding in names.bindings.get(name, ()):
                if not self._is_replaced(binding):
                    return True
        return False

    def _is_replaced(self, binding: cst.CSTNode) -> bool:
        return self.tree.parents.get(binding) in self._statements

    def _lines(self, site: ImportSite) -> list[str]:
        lines = sorted(site.wanted)
        homes: dict[str, list[str]] = {}
        for name, bound in sorted(site.from_names.items()):
            home = self.homes.get(name, self.package)
            homes.setdefault(home, []).append(name if name == bound else f"{name} as {bound}")
        return lines + [f"from {home} import {', '.join(names)}" for home, names in sorted(homes.items())]

    def _change(self, site: ImportSite, lines: list[str]) -> list[Change | Leftover]:
        rule = self.context.rule("legacy-import")
        others = self._other_aliases(site)
        kept = self._kept_line(site)
        statement = site.folded or site.statement
        everything = [*others, *lines, *kept]
        unchanged = everything == [self.tree.source(statement)]
        change = Change(rule, statement, verdict="migrated", message=rule.why)
        change.edits.append(statement_edit(self.context, statement, everything))
        if not kept:
            return [change]
        names = ", ".join(sorted(site.kept))
        message = f"Still imported, because used below: {names}. openvino.inference_engine is gone in 2024.0."
        leftover = Leftover(self.context.rule("kept-import"), self.tree.spans[site.statement], message, annotate=False)
        return [leftover] if unchanged else [change, leftover]

    def _other_aliases(self, site: ImportSite) -> list[str]:
        if not isinstance(site.statement, cst.Import):
            return self._other_openvino_names(site)
        rest = [a for a in site.statement.names if dotted(a.name) not in self.context.api.packages]
        return [f"import {', '.join(self.tree.text[slice(*self._alias_span(a))] for a in rest)}"] if rest else []

    def _other_openvino_names(self, site: ImportSite) -> list[str]:
        if not site.module_alias or isinstance(site.statement.names, cst.ImportStar):
            return []
        rest = [a for a in site.statement.names if a.name.value != "inference_engine"]
        text = ", ".join(self.tree.text[slice(*self._alias_span(a))] for a in rest)
        return [f"from openvino import {text}"] if rest else []

    def _alias_span(self, alias: cst.ImportAlias) -> tuple[int, int]:
        start = self.tree.spans[alias.name][0]
        end = self.tree.spans[alias.asname.name if alias.asname else alias.name][1]
        return start, end

    def _kept_line(self, site: ImportSite) -> list[str]:
        if not site.kept:
            return []
        if site.module_alias or isinstance(site.statement.names, cst.ImportStar):
            return [self.tree.source(site.statement)]
        assert isinstance(site.statement, cst.ImportFrom)
        kept = [
            self.tree.text[slice(*self._alias_span(alias))]
            for alias in site.statement.names
            if isinstance(alias, cst.ImportAlias) and alias.name.value in site.kept
        ]
        return [f"from {dotted(site.statement.module)} import {', '.join(kept)}"] if kept else []

    def _insertion(self, lines: list[str]) -> Change:
        rule = self.context.rule("legacy-import")
        body = self.tree.module.body
        index = _after_preamble(body)
        anchor: cst.CSTNode = body[index] if index < len(body) else self.tree.module
        change = Change(rule, anchor, verdict="migrated", message=rule.why)
        start = self.tree.spans[anchor][0] if index < len(body) else len(self.tree.text)
        change.edits.append(Edit((start, start), (self.context.newline.join([*lines, ""]),)))
        return change


def _after_preamble(body: object) -> int:
    """Index of the first statement behind the docstring, the `__future__` imports and the first run of imports."""
    index = 0
    for position, line in enumerate(body):  # type: ignore[var-annotated,arg-type]
        statements = line.body if isinstance(line, cst.SimpleStatementLine) else ()
        first = statements[0] if statements else None
        is_docstring = position == 0 and isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString)
        if not is_docstring and not isinstance(first, (cst.Import, cst.ImportFrom)):
            return index
        index = position + 1
    return index


def legacy_imports(context: Context) -> list[cst.Import | cst.ImportFrom]:
    """The statements of the module that import from the legacy package, in source order."""
    packages = context.api.packages
    imports = context.tree.all(cst.Import)
    plain = [node for node in imports if any(dotted(alias.name) in packages for alias in node.names)]
    found: list[cst.Import | cst.ImportFrom] = [*plain]
    found += [node for node in context.tree.all(cst.ImportFrom) if _is_from_package(node, packages)]
    return sorted(found, key=lambda node: context.tree.spans[node][0])


def _is_from_package(node: cst.ImportFrom, packages: tuple[str, ...]) -> bool:
    path = dotted(node.module)
    if node.relative or path in packages or isinstance(node.names, cst.ImportStar):
        return not node.relative and path in packages
    return any(f"{path}.{alias.name.value}" in packages for alias in node.names)


def statement_edit(context: Context, statement: cst.CSTNode, lines: list[str]) -> Edit:
    """The edit that puts `lines` in the place of a small statement; without lines the statement goes."""
    tree = context.tree
    if isinstance(statement, cst.Try):
        lines = lines or ["pass"]
        return Edit(tree.spans[statement], ((context.newline + tree.indent(statement)).join(lines),))
    line = tree.parents[statement]
    alone = isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
    if not alone:
        return Edit(tree.spans[statement], ("; ".join(lines) or "pass",))
    indent = tree.indent(statement)
    if lines:
        return Edit(tree.spans[statement], ((context.newline + indent).join(lines),))
    if len(tree.parents[line].body) == 1:  # type: ignore[attr-defined]
        return Edit(tree.spans[statement], ("pass",))
    return Edit(whole_lines(tree, statement), ())


def whole_lines(tree: Tree, node: cst.CSTNode) -> tuple[int, int]:
    """The lines of a statement from their beginning to behind the last line break."""
    start, end = tree.spans[node]
    newline = tree.text.find("\n", end)
    return tree.line_start(start), len(tree.text) if newline < 0 else newline + 1


__all__ = ["ImportSite", "LegacyName", "NewNames", "legacy_imports", "statement_edit", "whole_lines"]
