"""Objects that take over all local variables of a function: `self.__dict__.update(locals())`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ov_migrate.inference.members import write_attribute
from ov_migrate.inference.values import Instance, Kinds
from ov_migrate.syntax import dotted

if TYPE_CHECKING:
    from ov_migrate.inference.frame import Frame


def taking_locals(node: cst.Call) -> cst.BaseExpression | None:
    """`x` in `x.__dict__.update(locals())` and `vars(x).update(locals())`: the object that gets all local variables."""
    func = node.func
    if not isinstance(func, cst.Attribute) or func.attr.value != "update":
        return None
    if [dotted(arg.value.func) for arg in node.args if isinstance(arg.value, cst.Call)] != ["locals"]:
        return None
    if isinstance(func.value, cst.Attribute) and func.value.attr.value == "__dict__":
        return func.value.value
    is_vars = isinstance(func.value, cst.Call) and dotted(func.value.func) == "vars" and len(func.value.args) == 1
    return func.value.args[0].value if is_vars else None  # type: ignore[attr-defined]


def keep_locals(frame: Frame, holders: Kinds) -> None:
    """Each local variable becomes an attribute of the same name; what binds the one binds the other."""
    bindings = frame.module.names.scopes[frame.scope].bindings  # type: ignore[index]
    for holder in holders:
        for name, kinds in frame.env.names.items() if frame.env is not None else ():
            write_attribute(frame.engine, holder, name, kinds)
            if isinstance(holder, Instance):
                writes = frame.engine.attribute_writes.setdefault((holder.cls.node, name), set())
                writes.update(bindings.get(name, ()))
