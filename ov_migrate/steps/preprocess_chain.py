"""Resizing, colour and mean values of one input, which together become one chain of steps.

The legacy API converted colours, resized, and then took mean and scale, in whatever order they were set. A
PrePostProcessor does its steps in the order in which they are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from ov_migrate.edits import Part
from ov_migrate.steps.preprocess_setters import MEAN, Setter
from ov_migrate.syntax import Tree, dotted

_ITERABLES = frozenset({"range", "enumerate", "zip"})


@dataclass
class Chain:
    """The steps of one input in one block, written where the last of `setters` stands. `layout` and `tensor_layout` are
    set beside them where nothing else does."""

    setters: list[Setter]
    lines: dict[cst.CSTNode, Setter] = field(default_factory=dict)
    tensor_layout: str = ""
    sets_model_layout: bool = True
    has_mean: bool = False
    problem: str = ""

    def __post_init__(self) -> None:
        self.has_mean = any(setter.member in MEAN for setter in self.setters)

    def refuse(self, problem: str, advice: str) -> None:
        """Leaves the chain for a reason that has a rule of its own."""
        self.problem = self.problem or problem
        for setter in self.setters:
            setter.advice = setter.advice or advice

    @property
    def last(self) -> cst.CSTNode:
        """The statement that the chain is written at."""
        return list(self.lines)[-1]

    def find(self, member: str) -> Setter | None:
        """The setter of `member` that is not without effect."""
        return next((s for s in self.setters if s.member == member and not s.is_idle), None)


def chains(tree: Tree, setters: list[Setter]) -> Iterator[Chain]:
    """The chains of one input, whose setters are given in the order of the source: one for each block."""
    blocks: dict[cst.CSTNode, list[Setter]] = {}
    for setter in setters:
        blocks.setdefault(tree.parents[line_of(tree, setter)], []).append(setter)
    is_behind_mean = False
    for members in blocks.values():
        chain = Chain(members)
        for setter in members:
            chain.lines.setdefault(line_of(tree, setter), setter)
        if is_behind_mean and any(setter.member not in MEAN for setter in members):
            chain.problem = "steps are set in different blocks, and not in the order in which they are done"
        is_behind_mean = is_behind_mean or chain.has_mean
        chain.problem = chain.problem or _doubled(members) or _mean_problem(tree, chain)
        yield chain


def line_of(tree: Tree, setter: Setter) -> cst.CSTNode:
    """The statement of a setter in its block; for mean values of a channel that a loop goes through, the loop."""
    statement = tree.block_statement(setter.node)
    loop = _channel_loop(tree, setter)
    return loop if loop is not None else statement


def _channel_loop(tree: Tree, setter: Setter) -> cst.For | None:
    """The loop around `info[i].mean_value = …` whose variable is `i`."""
    if not isinstance(setter.channel, cst.Name):
        return None
    for parent in tree.ancestors(setter.node):
        if isinstance(parent, cst.For):
            names = {n.value for n in _names(parent.target)}
            return parent if setter.channel.value in names else None
    return None


def _names(node: cst.BaseExpression) -> list[cst.Name]:
    if isinstance(node, (cst.Tuple, cst.List)):
        return [name for element in node.elements for name in _names(element.value)]
    return [node] if isinstance(node, cst.Name) else []


def _doubled(setters: list[Setter]) -> str:
    single = [s.member for s in setters if s.channel is None]
    return "a step is set twice" if len(single) != len(set(single)) else ""


def _mean_problem(tree: Tree, chain: Chain) -> str:
    """Why the mean values cannot be written as two lists; "" when they can."""
    if not chain.has_mean:
        return ""
    variant, count = chain.find("mean_variant"), chain.find("init")
    if variant is None or count is None:
        return "init and mean_variant are not set beside the values"
    if variant.chosen != "MEAN_VALUE":
        return "only MeanVariant.MEAN_VALUE has an equal"
    values = [s for s in chain.setters if s.member in ("mean_value", "std_scale")]
    if not values:
        return "no values are set"
    loops = [line for line in chain.lines if isinstance(line, cst.For)]
    for loop in loops:
        inside = {tree.block_statement(s.node) for s in values if line_of(tree, s) is loop}
        if set(loop.body.body) != inside or loop.orelse is not None or not _can_repeat(loop.iter):
            return "the loop over the channels does more than to set values"
    is_loop = {member: [isinstance(line_of(tree, s), cst.For) for s in values if s.member == member] for member in MEAN}
    if any(any(found) and len(found) > 1 for found in is_loop.values()):
        return "a value is set more than once for a channel"
    if any(not isinstance(line_of(tree, s), cst.For) and _index(s, count) is None for s in values):
        return "the numbers of the channels are not seen here"
    return "a value changes between the statements" if _is_changed(tree, chain, values) else ""


def _can_repeat(node: cst.BaseExpression) -> bool:
    """True for what can be gone through once more: a call of `range` and the like, a list."""
    if isinstance(node, cst.Call):
        return dotted(node.func) in _ITERABLES and all(_can_repeat(arg.value) for arg in node.args)
    return isinstance(node, (cst.Name, cst.Attribute, cst.Integer, cst.List, cst.Tuple))


def _index(setter: Setter, count: Setter) -> int | None:
    number = setter.channel
    if not isinstance(number, cst.Integer) or not count.chosen.isdigit() or setter.value is None:
        return None
    return int(number.value) if int(number.value) < int(count.chosen) else None


def _is_changed(tree: Tree, chain: Chain, values: list[Setter]) -> bool:
    """True when a variable that a value is made of is assigned to between the first statement and the last."""
    first, last = tree.spans[next(iter(chain.lines))][0], tree.spans[chain.last][1]
    used = {n.value for n in tree.all(cst.Name) if any(_holds(tree, s.value, n) for s in values)}
    targets = [t.target for t in tree.all(cst.AssignTarget) if first <= tree.spans[t][0] < last]
    calls = any(_holds(tree, s.value, call) for s in values for call in tree.all(cst.Call))
    return calls or any((dotted(target) or "").split(".")[0] in used for target in targets)


def _holds(tree: Tree, node: cst.BaseExpression | None, inner: cst.CSTNode) -> bool:
    if node is None:
        return False
    (start, end), (first, last) = tree.spans[node], tree.spans[inner]
    return start <= first and last <= end


def step_parts(tree: Tree, chain: Chain, color: str, resize: str) -> tuple[Part, ...]:
    """`.convert_color(…).resize(…).mean(…).scale(…)` as far as they are set; `color` and `resize` are the texts of the
    two enumerations."""
    parts: list[Part] = []
    if chain.find("color_format") is not None:
        parts.append(f".convert_color({color}.BGR)")
    if chain.find("resize_algorithm") is not None:
        parts.append(f".resize({resize}.RESIZE_LINEAR)")
    for member, step, default in (("mean_value", ".mean(", "0"), ("std_scale", ".scale(", "1")):
        values = [setter for setter in chain.setters if setter.member == member]
        if values:
            parts += [step, *_list_of(tree, chain, values, default), ")"]
    return tuple(parts)


def _list_of(tree: Tree, chain: Chain, values: list[Setter], default: str) -> tuple[Part, ...]:
    """`[v for i in range(3)]` for values that a loop sets, else `[v0, v1, v2]`."""
    loop = line_of(tree, values[0])
    if isinstance(loop, cst.For):
        assert values[0].value is not None
        return ("[", values[0].value, " for ", loop.target, " in ", loop.iter, "]")
    count = chain.find("init")
    assert count is not None
    items: list[Part] = [default] * int(count.chosen)
    for setter in values:
        index = _index(setter, count)
        if index is not None and setter.value is not None:
            items[index] = setter.value
    parts = [part for item in items for part in (", ", item)]
    return ("[", *parts[1:], "]")
