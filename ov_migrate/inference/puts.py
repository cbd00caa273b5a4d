"""What is put into containers, and the steps that the way of a value is told in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import libcst as cst

from ov_migrate.inference.engine import Engine
from ov_migrate.inference.values import Container


@dataclass(frozen=True)
class Step:
    """One place on the way of a value: the node that is shown of it, and what happens there, in words; `{value}` in
    them stands for what the value is. `bound` is the variable or attribute that has it from there on."""

    module: int
    node: cst.CSTNode
    what: str
    bound: cst.CSTNode | None = None


@dataclass(frozen=True)
class Origin:
    """One way on which a value may have come: the expression that it came from, and the steps from there. Without an
    expression it is where the way begins, or where it is lost: then `lost` says why."""

    module: int
    value: cst.CSTNode | None
    steps: tuple[Step, ...] = ()
    lost: str = ""


def puts(engine: Engine) -> dict[cst.CSTNode, list[Origin]]:
    """What methods such as `append` and assignments to items put into each container of the program."""
    found: dict[cst.CSTNode, list[Origin]] = {}

    def note(holder: cst.CSTNode, module: int, statement: cst.CSTNode, values: Iterable[cst.CSTNode]) -> None:
        for container in engine.facts.get(holder, ()):
            if isinstance(container, Container):
                step = Step(module, statement, "{value}, put in here")
                found.setdefault(container.node, []).extend(Origin(module, value, (step,)) for value in values)

    for index, module in enumerate(engine.project.modules):
        tree = module.tree
        for call in tree.all(cst.Call):
            if isinstance(call.func, cst.Attribute):
                note(call.func.value, index, call, [arg.value for arg in call.args])
        for target in tree.all(cst.AssignTarget):
            statement = tree.parents[target]
            if isinstance(target.target, cst.Subscript) and isinstance(statement, cst.Assign):
                note(target.target.value, index, statement, [statement.value])
    return found
