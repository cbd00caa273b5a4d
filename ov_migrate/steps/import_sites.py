"""The import statements of the legacy package, and what each has to bring in future."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from ov_migrate.inference.imports import is_guarded
from ov_migrate.syntax import Scope, Tree, dotted

_CONDITIONS = (cst.If, cst.Try, cst.For, cst.While, cst.With)


@dataclass
class ImportSite:
    """One import statement. `from_names` are new names with what they are bound to, `lines` whole import lines,
    `kept` legacy names that are still used. `folded` is the `try` that holds nothing but legacy imports."""

    statement: cst.Import | cst.ImportFrom
    scope: Scope
    is_conditional: bool = False
    is_tried: bool = False
    module_alias: str = ""
    renamed: dict[str, str] = field(default_factory=dict)
    from_names: dict[str, str] = field(default_factory=dict)
    lines: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    folded: cst.Try | None = None

    def binds(self, name: str) -> bool:
        """True when the statement binds the variable `name`."""
        if isinstance(self.statement.names, cst.ImportStar):
            return False
        bound = (alias.asname.name if alias.asname is not None else alias.name for alias in self.statement.names)
        return any((dotted(node) or "").split(".")[0] == name for node in bound)

    def brings(self, name: str) -> bool:
        """True for a `from … import` of exactly this name."""
        names = self.statement.names
        if not isinstance(self.statement, cst.ImportFrom) or isinstance(names, cst.ImportStar):
            return False
        return any(alias.name.value == name for alias in names)


def legacy_imports(tree: Tree, packages: tuple[str, ...]) -> list[cst.Import | cst.ImportFrom]:
    """The statements that import from the legacy package, in source order."""
    plain = [node for node in tree.all(cst.Import) if any(dotted(alias.name) in packages for alias in node.names)]
    found: list[cst.Import | cst.ImportFrom] = [*plain]
    found += [node for node in tree.all(cst.ImportFrom) if _is_from_package(node, packages)]
    return sorted(found, key=lambda node: tree.spans[node][0])


def _is_from_package(node: cst.ImportFrom, packages: tuple[str, ...]) -> bool:
    path = dotted(node.module)
    return not node.relative and (path in packages or brings_package(node, packages))


def brings_package(node: cst.ImportFrom, packages: tuple[str, ...]) -> bool:
    """True for `from openvino import inference_engine` and its like, which bring a module and no class."""
    path = dotted(node.module)
    if isinstance(node.names, cst.ImportStar):
        return False
    return any(f"{path}.{alias.name.value}" in packages for alias in node.names)


def import_sites(tree: Tree, packages: tuple[str, ...]) -> list[ImportSite]:
    """All legacy imports but those that are one arm of a choice."""
    statements = [node for node in legacy_imports(tree, packages) if not is_guarded(tree, node)]
    return [_site(tree, node, statements) for node in statements]


def _site(tree: Tree, node: cst.Import | cst.ImportFrom, statements: list[cst.Import | cst.ImportFrom]) -> ImportSite:
    scope = tree.scope(node)
    around = []
    for parent in tree.ancestors(node):
        if parent is scope:
            break
        around.append(parent)
    folded = _folded(tree, node, statements)
    conditions = [parent for parent in around if isinstance(parent, _CONDITIONS) and parent is not folded]
    is_tried = any(isinstance(parent, cst.Try) for parent in conditions)
    return ImportSite(node, scope, bool(conditions), is_tried, folded=folded)


def _folded(tree: Tree, node: cst.CSTNode, statements: list[cst.Import | cst.ImportFrom]) -> cst.Try | None:
    """The `try` around the import when all its arms are imports of the legacy package: one import is enough now."""
    holder = next((n for n in tree.ancestors(node) if isinstance(n, cst.BaseCompoundStatement)), None)
    if not isinstance(holder, cst.Try) or holder.orelse is not None or holder.finalbody is not None:
        return None
    arms = [_small_statements(arm) for arm in (holder.body, *(handler.body for handler in holder.handlers))]
    return holder if all(arm and all(s in statements for s in arm) for arm in arms) else None


def _small_statements(suite: cst.BaseSuite) -> list[cst.CSTNode]:
    """The statements of a block; none when one of them has a block of its own."""
    lines = list(suite.body)
    if any(isinstance(line, cst.BaseCompoundStatement) for line in lines):
        return []
    return [s for line in lines for s in (line.body if isinstance(line, cst.SimpleStatementLine) else [line])]
