"""Variables that only stand for a mapping of ports or blobs: `blobs = request.input_blobs`, then `blobs["data"]`."""

from __future__ import annotations

import libcst as cst

from ov_migrate.steps.context import Site
from ov_migrate.syntax import dotted


def indexed_uses(site: Site) -> list[cst.Subscript] | None:
    """The uses of the variable that the site is assigned to, when it is bound once, only ever indexed, and what it was
    taken from keeps its meaning; None when the mapping itself has to be kept."""
    tree = site.tree
    statement = site.parent
    if not isinstance(statement, cst.Assign) or len(statement.targets) != 1:
        return None
    target = statement.targets[0].target
    if not isinstance(target, cst.Name) or not _is_stable(site):
        return None
    scope = tree.scope(target)
    names = site.context.module.names
    if len(names.scopes[scope].bindings.get(target.value, ())) != 1 or target.value in names.scopes[scope].shared:
        return None
    uses = [n for n in tree.references(target.value) if n is not target and tree.scope(n) is scope]
    found = [_index_of(site, use) for use in uses]
    return [use for use in found if use is not None] if uses and all(found) else None


def _is_stable(site: Site) -> bool:
    """True when the receiver's text means the same at every later place of the scope."""
    path = dotted(site.receiver)
    if path is None:
        return False
    tree, root = site.tree, path.split(".")[0]
    names = site.context.module.names
    owner = names.owner(tree.scope(site.node), root)
    return owner is not None and len(names.scopes[owner].bindings.get(root, ())) == 1 and "." not in path


def _index_of(site: Site, use: cst.Name) -> cst.Subscript | None:
    """`blobs[name]` around a use that reads one item."""
    tree = site.tree
    parent = tree.parents[use]
    if not isinstance(parent, cst.Subscript) or parent.value is not use or len(parent.slice) != 1:
        return None
    is_read = not isinstance(tree.parents[parent], (cst.AssignTarget, cst.AugAssign, cst.Del))
    is_behind = tree.spans[use] > tree.spans[site.node]
    return parent if is_read and is_behind and isinstance(parent.slice[0].slice, cst.Index) else None
