"""The names of API 2.0 that new code uses, and the imports that bring them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ov_migrate.edits import Change, Edit, Leftover
from ov_migrate.inference.values import LegacyName
from ov_migrate.steps.import_sites import ImportSite, brings_package, import_sites
from ov_migrate.steps.statements import first_offset, insert_after, remove_statement, replace_by_lines
from ov_migrate.syntax import Scope, dotted

if TYPE_CHECKING:
    from ov_migrate.steps.context import Context

_ALIASES = ("ov", "openvino", "ov_api", "openvino_api")


class NewNames:
    """Gives the text for a name of API 2.0 and remembers that it must be imported."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.tree = context.tree
        self.homes = context.catalogue.tables["homes"]
        self.package = "openvino" if context.target >= (2023, 1) else "openvino.runtime"
        self.sites = import_sites(self.tree, context.api.packages)
        self._replaced = {site.statement for site in self.sites}
        self._top = self._new_site(self.tree.module)
        self._inner: dict[cst.CSTNode, tuple[cst.CSTNode, ImportSite]] = {}
        for site in self.sites:
            self._set_style(site)

    def get(self, name: str, at: cst.CSTNode) -> str:
        """The text that means `name` (such as `Core`) at the place `at`."""
        texts = [self._from_site(site, name, at) for site in self._serving(at)]
        return texts[0]

    @property
    def are_inside(self) -> bool:
        """True for a module that imports the package inside of functions only."""
        return bool(self.sites) and all(site.scope is not self.tree.module for site in self.sites)

    @property
    def kept(self) -> frozenset[str]:
        """The legacy names that are still used."""
        return frozenset(name for site in self.sites for name in site.kept)

    def line(self, name: str) -> str:
        """An import of one name."""
        return f"from {self.homes.get(name, self.package)} import {name}"

    def module(self, name: str, alias: str, at: cst.CSTNode) -> str:
        """The text that means another library's module, imported under its usual alias."""
        for site in self._serving(at):
            site.lines.add(f"import {name} as {alias}")
        return alias

    def keep(self, name: str, at: cst.CSTNode) -> None:
        """Notes that a legacy name is still used; every import statement that binds what stands at `at` keeps it."""
        root = _root_name(at)
        for site in [site for site in self.sites if site.binds(root)] or self._serving(at):
            site.kept.add(name)

    def changes(self) -> list[Change | Leftover]:
        """What becomes of the import statements."""
        result: list[Change | Leftover] = []
        served: list[ImportSite] = []
        for site in self.sites:
            if site.folded is not None and any(other.folded is site.folded for other in served):
                continue
            served.append(site)
            result += self._change(site, self._lines(site))
        if self._top.from_names or self._top.lines:
            result.append(self._insertion(self._lines(self._top)))
        result += [self._inner_import(first, self._lines(site)) for first, site in self._inner.values()]
        return result + self._handed_on()

    def _serving(self, at: cst.CSTNode) -> list[ImportSite]:
        """The statement whose names are seen at `at`; all of them where each stands under a condition."""
        scope, start = self.tree.scope(at), self.tree.spans[at][0]
        while True:
            sites = [site for site in self.sites if site.scope is scope]
            if scope is not self.tree.module:
                sites = [site for site in sites if self.tree.spans[site.statement][1] <= start]
            certain = [site for site in sites if not site.is_conditional]
            if sites:
                return certain[:1] or sites
            if scope is self.tree.module:
                return [self._beside(at) if self.sites else self._top]
            scope = self.tree.scope(scope)

    def _beside(self, at: cst.CSTNode) -> ImportSite:
        """An import in the block of `at`, in a module that imports the package inside of functions only: it is needed
        no sooner than it was."""
        statement = self.tree.block_statement(at)
        block = self.tree.parents[statement]
        first, site = self._inner.get(block) or (statement, self._new_site(self.tree.scope(at)))
        is_sooner = self.tree.spans[statement][0] < self.tree.spans[first][0]
        self._inner[block] = (statement if is_sooner else first, site)
        return site

    def _new_site(self, scope: Scope) -> ImportSite:
        return ImportSite(cst.Import([cst.ImportAlias(cst.Name("openvino"))]), scope)

    def _from_site(self, site: ImportSite, name: str, at: cst.CSTNode) -> str:
        if name in site.renamed:
            site.from_names[name] = site.renamed[name]
            return site.renamed[name]
        home = self.homes.get(name, self.package)
        is_inside = home == self.package or home.startswith(self.package + ".")
        alias = site.module_alias or (self._free_alias(at) if self._is_taken(name, at) else "")
        if alias and is_inside:
            site.lines.add("import openvino" if alias == self.package else f"import {self.package} as {alias}")
            return f"{alias}{home.removeprefix(self.package)}.{name}"
        site.from_names[name] = name
        return name

    def _set_style(self, site: ImportSite) -> None:
        node = site.statement
        if isinstance(node, cst.Import):
            alias = next(a for a in node.names if dotted(a.name) in self.context.api.packages)
            is_plain = alias.asname is None and self.package == "openvino"
            site.module_alias = "openvino" if is_plain else self._free_alias(node)
        elif brings_package(node, self.context.api.packages):
            site.module_alias = self._free_alias(node)
        elif not isinstance(node.names, cst.ImportStar):
            for alias in node.names:
                new = self.context.catalogue.classes.get(str(alias.name.value))
                if new and alias.asname is not None and isinstance(alias.asname.name, cst.Name):
                    site.renamed[new] = alias.asname.name.value

    def _free_alias(self, at: cst.CSTNode) -> str:
        return next(name for name in _ALIASES if not self._is_taken(name, at) or self._is_openvino(name))

    def _is_openvino(self, name: str) -> bool:
        bindings = self.context.module.names.scopes[self.tree.module].bindings.get(name, [])
        return bool(bindings) and all(
            isinstance(node, cst.ImportAlias) and dotted(node.name) == self.package for node in bindings
        )

    def _is_taken(self, name: str, at: cst.CSTNode) -> bool:
        """True when the module, or a function around `at`, binds `name` to something that stays."""
        scopes = self.context.module.names.scopes
        scope = self.tree.scope(at)
        while True:
            bindings = scopes[scope].bindings.get(name, ())
            if any(not self._is_from_here(binding, name) for binding in bindings):
                return True
            if scope is self.tree.module:
                return False
            scope = self.tree.scope(scope)

    def _is_from_here(self, binding: cst.CSTNode, name: str) -> bool:
        """True for a legacy import that goes, and for an import of just this name from where it would be imported."""
        statement = self.tree.parents.get(binding)
        if statement in self._replaced:
            return True
        home = self.homes.get(name, self.package)
        return isinstance(statement, cst.ImportFrom) and dotted(statement.module) == home and not statement.relative

    def _lines(self, site: ImportSite) -> list[str]:
        lines = sorted(site.lines)
        homes: dict[str, list[str]] = {}
        for name, bound in sorted(site.from_names.items()):
            home = self.homes.get(name, self.package)
            homes.setdefault(home, []).append(name if name == bound else f"{name} as {bound}")
        lines += [f"from {home} import {', '.join(names)}" for home, names in sorted(homes.items())]
        return lines or (self._test_of_presence(site) if site.is_tried else [])

    def _test_of_presence(self, site: ImportSite) -> list[str]:
        """An import under `try` that brings nothing that is used still tells whether OpenVINO is there."""
        names = site.statement.names
        if site.module_alias or isinstance(names, cst.ImportStar):
            alias = site.module_alias or "openvino"
            return ["import openvino" if alias == self.package else f"import {self.package} as {alias}"]
        mapped = {self.context.catalogue.classes.get(str(alias.name.value), "Core") for alias in names}
        return [f"from {self.package} import {', '.join(sorted(mapped))}"]

    def _change(self, site: ImportSite, lines: list[str]) -> list[Change | Leftover]:
        rule = self.context.rule("legacy-import")
        kept = self._kept_line(site)
        statement = site.folded or site.statement
        new = filter(None, (self._without_above(statement, line) for line in lines))
        # What is kept comes first, so that its finding is about the first line.
        everything = [*kept, *self._other_names(site), *new]
        unchanged = everything == [self.tree.source(statement)]
        change = Change(rule, statement, verdict="migrated", message=rule.why)
        change.edits.append(statement_edit(self.context, statement, everything))
        if not kept:
            return [change]
        names = ", ".join(sorted(site.kept))
        message = f"Still imported, because used below: {names}. openvino.inference_engine is gone in 2024.0."
        leftover = Leftover(self.context.rule("kept-import"), self.tree.spans[site.statement], message, annotate=False)
        return [leftover] if unchanged else [change, leftover]

    def _without_above(self, statement: cst.CSTNode, line: str) -> str:
        """The import line without what is imported in the same block in front of the statement, or right behind it; ""
        when that is all."""
        line_of = self.tree.block_statement(statement)
        body = list(getattr(self.tree.parents[line_of], "body", ()))
        near = body[: body.index(line_of) + 2]
        before = [self.tree.source(node).strip() for node in near if node is not line_of]
        head, has_names, names = line.partition(" import ")
        if not has_names:
            return "" if line in before else line
        above = {name for other in before if other.startswith(head + " import ") for name in _split(other)}
        left = [name for name in names.split(", ") if name not in above]
        return f"{head} import {', '.join(left)}" if left else ""

    def _other_names(self, site: ImportSite) -> list[str]:
        """What else the statement imports, which has nothing to do with the legacy package."""
        names = site.statement.names
        if isinstance(names, cst.ImportStar) or (isinstance(site.statement, cst.ImportFrom) and not site.module_alias):
            return []
        if isinstance(site.statement, cst.Import):
            rest = [alias for alias in names if dotted(alias.name) not in self.context.api.packages]
            return [f"import {', '.join(map(self._alias_text, rest))}"] if rest else []
        path, packages = dotted(site.statement.module), self.context.api.packages
        rest = [alias for alias in names if f"{path}.{alias.name.value}" not in packages]
        return [f"from {path} import {', '.join(map(self._alias_text, rest))}"] if rest and path not in packages else []

    def _alias_text(self, alias: cst.ImportAlias) -> str:
        start = self.tree.spans[alias.name][0]
        end = self.tree.spans[alias.asname.name if alias.asname else alias.name][1]
        return self.tree.text[start:end]

    def _kept_line(self, site: ImportSite) -> list[str]:
        names = site.statement.names
        if not site.kept:
            return []
        if site.module_alias or isinstance(names, cst.ImportStar):
            return [self.tree.source(site.statement)]
        assert isinstance(site.statement, cst.ImportFrom)
        kept = [self._alias_text(alias) for alias in names if alias.name.value in site.kept]
        return [f"from {dotted(site.statement.module)} import {', '.join(kept)}"] if kept else []

    def _insertion(self, lines: list[str]) -> Change:
        rule = self.context.rule("legacy-import")
        body = self.tree.module.body
        index = _after_preamble(body)
        anchor: cst.CSTNode = body[index] if index < len(body) else self.tree.module
        change = Change(rule, anchor, verdict="migrated", message=rule.why)
        last = body[index - 1] if index else None
        if isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[0], (cst.Import, cst.ImportFrom)):
            change.edits.append(insert_after(self.tree, last.body[-1], (self.context.newline.join(lines),)))
            return change
        start = self.tree.spans[anchor][0] if index < len(body) else len(self.tree.text)
        change.edits.append(Edit((start, start), (self.context.newline.join([*lines, ""]),)))
        return change

    def _inner_import(self, first: cst.CSTNode, lines: list[str]) -> Change:
        rule = self.context.rule("legacy-import")
        start, indent = self.tree.line_start(first_offset(self.tree, first)), self.tree.indent(first)
        text = "".join(indent + line + self.context.newline for line in lines)
        return Change(rule, first, [Edit((start, start), (text,), leads=True)], "migrated", rule.why)

    def _handed_on(self) -> list[Change | Leftover]:
        """Legacy classes taken from another module of the project, which will not have them any more: this module
        imports the new class itself."""
        rule = self.context.rule("legacy-import")
        changes: list[Change | Leftover] = []
        for node in self.tree.all(cst.ImportFrom):
            if node in self._replaced or isinstance(node.names, cst.ImportStar):
                continue
            gone = [alias for alias in node.names if self._is_legacy_class(node, alias)]
            if not gone:
                continue
            rest = [self._alias_text(alias) for alias in node.names if alias not in gone]
            change = Change(rule, node, verdict="migrated", message=rule.why)
            head = self.tree.text[self.tree.spans[node][0] : self.tree.spans[node.names[0].name][0]]
            lines = [f"{head.replace('(', ' ').rstrip()} {', '.join(rest)}"] if rest else []
            change.edits.append(statement_edit(self.context, node, lines))
            changes.append(change)
        return changes

    def _is_legacy_class(self, node: cst.ImportFrom, alias: cst.ImportAlias) -> bool:
        bound = alias.asname.name if alias.asname is not None else alias.name
        scope = self.tree.scope(node)
        if not isinstance(bound, cst.Name) or scope is not self.tree.module:
            return False
        kinds = self.context.engine.store.read(scope, bound.value)
        return any(isinstance(v, LegacyName) and v.name in self.context.catalogue.classes for v in kinds)


def _root_name(node: cst.CSTNode) -> str:
    """`ie` for `ie.IECore` and for `ie.IECore()`."""
    while isinstance(node, (cst.Attribute, cst.Call)):
        node = node.func if isinstance(node, cst.Call) else node.value
    return node.value if isinstance(node, cst.Name) else ""


def _split(line: str) -> list[str]:
    """The names of a `from … import` line."""
    return [name.strip() for name in line.partition(" import ")[2].strip("()").split(",")]


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


def statement_edit(context: Context, statement: cst.CSTNode, lines: list[str]) -> Edit:
    """The edit that puts `lines` in the place of a statement; without lines the statement goes."""
    tree = context.tree
    if isinstance(statement, cst.Try):
        between = context.newline + tree.indent(statement)
        return Edit(tree.spans[statement], (between.join(lines or ["pass"]),))
    if not lines:
        return remove_statement(tree, statement)
    return replace_by_lines(tree, statement, [(line,) for line in lines])


__all__ = ["NewNames", "statement_edit"]
