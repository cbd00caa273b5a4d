"""Comparisons that a site is one side of."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from ov_migrate.steps.context import Site

_EQUALITY = (cst.Equal, cst.NotEqual)


@dataclass(frozen=True)
class Compared:
    """The comparison `node` of a site with `other`."""

    node: cst.Comparison
    operator: cst.BaseCompOp
    other: cst.BaseExpression

    @property
    def is_equality(self) -> bool:
        """True for `==` and `!=`."""
        return isinstance(self.operator, _EQUALITY)

    @property
    def items(self) -> list[cst.BaseExpression]:
        """What the site is compared with: the items of a tuple, list or set, else the one other side."""
        if isinstance(self.other, (cst.Tuple, cst.List, cst.Set)):
            return [element.value for element in self.other.elements]
        return [self.other]


def compared(site: Site) -> Compared | None:
    """The comparison with one operator that the site stands in, on either side; None for other places."""
    parent = site.parent
    node = site.tree.parents[parent] if isinstance(parent, cst.ComparisonTarget) else parent
    if not isinstance(node, cst.Comparison) or len(node.comparisons) != 1:
        return None
    target = node.comparisons[0]
    return Compared(node, target.operator, target.comparator if node.left is site.node else node.left)
