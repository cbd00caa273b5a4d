"""Which names a scope binds, and which of them inner scopes read: the static half of name resolution."""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from ov_migrate.syntax import OWN_NAMES, Scope, Tree, dotted

_INSIDE_TARGETS = frozenset({cst.Tuple, cst.List, cst.Element, cst.StarredElement})
_TARGET_HOLDERS = frozenset({cst.AssignTarget, cst.For, cst.AnnAssign, cst.AugAssign, cst.NamedExpr})


@dataclass
class Names:
    """`bound`: names this scope binds itself. `shared`: bound here and read or rebound by an inner scope.
    `rebound`: those an inner scope declares global or nonlocal.
    `outer`: names declared global or nonlocal, with the scope they belong to. `owners`: answers given before."""

    bound: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    rebound: set[str] = field(default_factory=set)
    outer: dict[str, Scope] = field(default_factory=dict)
    owners: dict[str, Scope | None] = field(default_factory=dict)
    bindings: dict[str, list[cst.CSTNode]] = field(default_factory=dict)

    def bind(self, name: str, node: cst.CSTNode) -> None:
        self.bound.add(name)
        self.bindings.setdefault(name, []).append(node)


class NameTable:
    """Answers, for each scope of one tree, which scope a name belongs to."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.scopes: dict[Scope, Names] = {tree.module: Names()}
        self._declared: list[tuple[Scope, str, bool]] = []
        self._seen: list[tuple[str, Scope]] = []
        self._collect()
        self._resolve_declarations()
        self._mark_shared()

    def owner(self, scope: Scope, name: str) -> Scope | None:
        """The scope that `name`, read in `scope`, belongs to; None for a built-in or undefined name."""
        owners = self.scopes[scope].owners
        if name not in owners:
            owners[name] = self._owner(scope, name)
        return owners[name]

    def _owner(self, scope: Scope, name: str) -> Scope | None:
        names = self.scopes[scope]
        if name in names.outer:
            return names.outer[name]
        if name in names.bound:
            return scope
        current: Scope = scope
        while current is not self.tree.module:
            current = self.tree.scope(current)
            if not isinstance(current, cst.ClassDef) and name in self.scopes[current].bound:
                return current
        return None

    def _names(self, scope: Scope) -> Names:
        return self.scopes.setdefault(scope, Names())

    def _collect(self) -> None:
        for node, scope in reversed(self.tree.named):
            if type(node) in OWN_NAMES:
                self._names(node)  # type: ignore[arg-type]
            self._bind(node, scope)

    def _bind(self, node: cst.CSTNode, scope: Scope) -> None:
        kind = type(node)
        if kind is cst.Name:
            assert isinstance(node, cst.Name)
            self._seen.append((node.value, scope))
            if self._is_target(node):
                self._names(scope).bind(node.value, node)
        elif kind in (cst.FunctionDef, cst.ClassDef, cst.Param):
            self._names(scope).bind(node.name.value, node)  # type: ignore[attr-defined]
        elif kind is cst.ImportAlias:
            self._bind_import(node, self._names(scope))  # type: ignore[arg-type]
        elif kind in (cst.Global, cst.Nonlocal):
            for item in node.names:  # type: ignore[attr-defined]
                self._declared.append((scope, item.name.value, kind is cst.Global))

    def _bind_import(self, node: cst.ImportAlias, names: Names) -> None:
        if node.asname is not None:
            if isinstance(node.asname.name, cst.Name):
                names.bind(node.asname.name.value, node)
            return
        path = dotted(node.name) or ""
        names.bind(path.split(".")[0], node)

    def _is_target(self, node: cst.Name) -> bool:
        child: cst.CSTNode = node
        parent = self.tree.parents[node]
        while type(parent) in _INSIDE_TARGETS:
            child, parent = parent, self.tree.parents[parent]
        kind = type(parent)
        if kind in _TARGET_HOLDERS:
            return child is parent.target  # type: ignore[attr-defined]
        if kind is cst.AsName:
            return not isinstance(self.tree.parents[parent], cst.ImportAlias)
        return kind in (cst.MatchAs, cst.MatchStar)

    def _resolve_declarations(self) -> None:
        for scope, name, is_global in self._declared:
            names = self.scopes[scope]
            names.bound.discard(name)
            owner: Scope | None = self.tree.module
            if not is_global:
                owner = self._owner(self.tree.scope(scope), name) if scope is not self.tree.module else None
            if owner is None or owner is scope:
                continue
            names.outer[name] = owner
            self.scopes[owner].bound.add(name)
            self.scopes[owner].bindings.setdefault(name, []).extend(names.bindings.get(name, ()))
            self.scopes[owner].shared.add(name)
            self.scopes[owner].rebound.add(name)

    def _mark_shared(self) -> None:
        for name, scope in self._seen:
            owner = self.owner(scope, name)
            if owner is not None and owner is not scope:
                self.scopes[owner].shared.add(name)
