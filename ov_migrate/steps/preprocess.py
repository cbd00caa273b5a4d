"""Step `preprocess`: precision, layout and preprocessing that are set on the network before it is loaded."""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from ov_migrate.edits import Change, Edit, Leftover, Part
from ov_migrate.steps.context import Result, Site
from ov_migrate.steps.preprocess_chain import Chain, line_of, step_parts
from ov_migrate.steps.preprocess_setters import Setter
from ov_migrate.steps.registry import handles
from ov_migrate.steps.statements import remove_statement, replace_by_lines
from ov_migrate.syntax import Tree

_UNLIKE_IN_NUMPY = frozenset({"BF16", "BOOL"})
_STEP_SLUGS = ("set-resize", "set-color-format", "set-mean")


@handles("set-precision")
def set_precision(site: Site) -> Result:
    """`net.inputs[name].precision = "U8"` → a statement of the network's PrePostProcessor."""
    setter = site.context.plans.preprocess.setter(site.node)
    table = site.context.catalogue.tables["element_types"]
    if setter is None or setter.value is None:
        yield site.leave()
        return
    value = site.context.constant(setter.value)
    is_unlike = setter.side == "output" and value in _UNLIKE_IN_NUMPY
    if is_unlike or (value is not None and value not in table):
        yield _left(site, setter, f"{value} cannot be had as numpy has it")
        return
    if _problem(site, setter):
        yield _left(site, setter)
        return
    element_type: tuple[Part, ...]
    if value is not None:
        element_type = (f"{site.context.names.get('Type', site.node)}.{table[str(value)]}",)
    else:
        element_type = (site.context.helpers.name("ie_element_type"), "(", setter.value, ")")
    truncates = setter.side == "output" and not str(value).startswith("FP")
    lines = [(*_port(site, setter), ".tensor().set_element_type(", *element_type, ")")]
    yield _written(site, setter, site.tree.statement(site.node), lines, "review" if truncates else "")


@handles("set-layout")
def set_layout(site: Site) -> Result:
    """Setting the layout a port has by its rank changes nothing and goes; another one is that of the tensor."""
    setter = site.context.plans.preprocess.setter(site.node)
    if setter is None or _problem(site, setter):
        yield _left(site, setter)
        return
    statement = site.tree.statement(site.node)
    if setter.is_idle:
        yield _removed(site, statement)
        return
    model = site.context.catalogue.tables["layout_orders"][setter.chosen]
    yield _written(
        site,
        setter,
        statement,
        [_layout(site, setter, "tensor", setter.chosen), _layout(site, setter, "model", model)],
        "review",
    )


@handles("set-resize")
def set_resize(site: Site) -> Result:
    yield _step(site)


@handles("set-color-format")
def set_color_format(site: Site) -> Result:
    yield _step(site)


@handles("set-mean")
def set_mean(site: Site) -> Result:
    yield _step(site)


def _step(site: Site) -> Change | Leftover:
    """One of the setters of a chain: the last one becomes the whole chain, the others go."""
    node = site.node.func if isinstance(site.node, cst.Call) and site.member != "init" else site.node
    setter = site.context.plans.preprocess.setter(node)
    if setter is None or _problem(site, setter):
        return _left(site, setter)
    if setter.is_idle:
        return _removed(site, site.tree.statement(site.node))
    chain = site.context.plans.preprocess.chain(setter)
    assert chain is not None
    line = line_of(site.tree, setter)
    statement = line if isinstance(line, cst.For) else site.tree.statement(site.node)
    if chain.lines[line] is not setter:
        return site.change(node=statement)
    if line is not chain.last:
        return _removed(site, statement)
    return _written(site, setter, statement, _chain_lines(site, setter, chain), _chain_verdict(chain))


def _chain_verdict(chain: Chain) -> str:
    """Releases differ in how they round what is resized, and in the mean values of an input in NHWC."""
    return "review" if chain.find("resize_algorithm") is not None or chain.has_mean else ""


def _chain_lines(site: Site, setter: Setter, chain: Chain) -> list[tuple[Part, ...]]:
    port, names = _port(site, setter), site.context.names
    lines: list[tuple[Part, ...]] = []
    color, color_setter, resize = "", chain.find("color_format"), ""
    if color_setter is not None:
        color = names.get("ColorFormat", site.node)
        lines.append((*port, f".tensor().set_color_format({color}.{color_setter.chosen})"))
    if chain.find("resize_algorithm") is not None:
        resize = names.get("ResizeAlgorithm", site.node)
        lines.append((*port, ".tensor().set_spatial_dynamic_shape()"))
    if chain.tensor_layout:
        lines.append(_layout(site, setter, "tensor", chain.tensor_layout))
    if chain.sets_model_layout:
        lines.append(_layout(site, setter, "model", "NCHW"))
    return [*lines, (*port, ".preprocess()", *step_parts(site.tree, chain, color, resize))]


def _layout(site: Site, setter: Setter, of: str, layout: str) -> tuple[Part, ...]:
    quote = site.tree.quote
    name = site.context.names.get("Layout", site.node)
    return (*_port(site, setter), f".{of}().set_layout({name}({quote}{layout}{quote}))")


def _port(site: Site, setter: Setter) -> tuple[Part, ...]:
    pipeline = site.context.plans.preprocess.pipeline(setter)
    assert pipeline is not None
    return (f"{pipeline.variable}.{setter.side}(", *setter.port, ")")


def _written(site: Site, setter: Setter, statement: cst.CSTNode, lines: list[tuple[Part, ...]], verdict: str) -> Change:
    """The change that puts `lines` in the place of a statement; the first one of a pipeline makes it, too."""
    plan = site.context.plans.preprocess
    change = site.change(verdict=verdict, node=statement)
    change.edits.append(_by_lines(site.tree, statement, lines))
    pipeline = plan.pipeline(setter)
    if pipeline is not None and plan.is_first(setter):
        name = site.context.names.get("PrePostProcessor", site.node)
        change.edits += plan.making_edits(pipeline, site.context.index, name)
    return change


def _by_lines(tree: Tree, statement: cst.CSTNode, lines: list[tuple[Part, ...]]) -> Edit:
    if not isinstance(statement, cst.For):
        return replace_by_lines(tree, statement, lines)
    between = tree.module.default_newline + tree.indent(statement)
    parts: list[Part] = []
    for text in lines:
        parts += [between, *text] if parts else text
    return Edit(tree.spans[statement], tuple(parts))


def _removed(site: Site, statement: cst.CSTNode) -> Change:
    change = site.change(verdict="migrated", node=statement)
    change.edits.append(remove_statement(site.tree, statement))
    return change


def _problem(site: Site, setter: Setter) -> str:
    return site.context.plans.preprocess.problem(setter)


def _left(site: Site, setter: Setter | None, problem: str = "") -> Leftover:
    """The setter stays, with what to do and why; a rule of its own tells more where there is one."""
    if setter is None:
        return site.leave()
    rule = site.context.rule(setter.advice) if setter.advice else site.rule
    problem = problem or _problem(site, setter)
    found = site.leave(f"{rule.advice} Not done here: {problem}." if problem else rule.advice)
    return replace(found, rule=rule)


@handles("preprocess-info")
def preprocess_info(site: Site) -> Result:
    """`info = net.input_info[name].preprocess_info`: goes where all that is set on it is rewritten."""
    parent, statement = site.parent, site.tree.statement(site.node)
    plan = site.context.plans.preprocess
    if isinstance(parent, cst.Assign) and len(parent.targets) == 1 and isinstance(parent.targets[0].target, cst.Name):
        target = parent.targets[0].target
        scope = site.tree.scope(target)
        uses = [n for n in site.tree.references(target.value) if n is not target and site.tree.scope(n) is scope]
        if uses and all(_is_taken_over(site, use) for use in uses):
            yield _removed(site, statement)
            return
    if any(site.node in _around(site.tree, setter) and not plan.problem(setter) for setter in plan.setters.values()):
        return
    yield site.leave()


def _around(tree: Tree, setter: Setter) -> list[cst.CSTNode]:
    """The expressions that a setter's target is made of."""
    found: list[cst.CSTNode] = []
    node: cst.CSTNode = setter.receiver
    while isinstance(node, (cst.Attribute, cst.Subscript)):
        found.append(node)
        node = node.value
    return found if setter.node in tree.spans else []


def _is_taken_over(site: Site, use: cst.Name) -> bool:
    """True for a use of preprocessing that is the receiver of a setter that is rewritten."""
    plan = site.context.plans.preprocess
    for setter in plan.setters.values():
        if setter.node in site.tree.spans:
            start, end = site.tree.spans[setter.receiver]
            if start <= site.tree.spans[use][0] and site.tree.spans[use][1] <= end:
                return not plan.problem(setter)
    return False
