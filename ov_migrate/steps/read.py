"""Step `read`: reading networks, batch, reshape, outputs, layers."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Change, Edit, Part
from ov_migrate.inference.values import Constant, Container, Legacy, Plain
from ov_migrate.steps.context import Result, Site
from ov_migrate.steps.data_rules import argument_edits
from ov_migrate.steps.graph import is_capsule
from ov_migrate.steps.model_verdicts import added_verdict, batch_verdict, read_verdict
from ov_migrate.steps.registry import handles
from ov_migrate.steps.same_weights import same_weights
from ov_migrate.steps.statements import insert_before, remove_statement, replace_by_lines

_NAMES = {"model": "model", "weights": "weights", "init_from_buffer": ""}


@handles("read-network")
def read_network(site: Site) -> Result:
    """`core.read_network(model, weights, init_from_buffer)`."""
    assert isinstance(site.node, cst.Call)
    assert isinstance(site.node.func, cst.Attribute)
    if _unknown_flag(site):
        yield site.leave(
            "read_model tells bytes from paths by itself: drop init_from_buffer, whose value is not known here."
        )
        return
    change = site.change(*read_verdict(site))
    change.edits.append(Edit(site.tree.spans[site.node.func.attr], ("read_model",)))
    yield from _with_arguments(site, change)


def _with_arguments(site: Site, change: Change) -> Result:
    """The change with the arguments of `read_model`, and with --tidy the finding that it does without its weights."""
    weights = site.argument("weights")
    names, tidied = dict(_NAMES), same_weights(site)
    if tidied is not None or (isinstance(weights, cst.Name) and weights.value == "None"):
        names["weights"] = ""
    change.edits += argument_edits(site, names)
    yield change
    if tidied is not None:
        yield tidied


def _unknown_flag(site: Site) -> bool:
    flag = site.argument("init_from_buffer")
    return flag is not None and site.context.constant(flag) is None and site.tree.source(flag) not in ("True", "False")


@handles("ie-network")
def ie_network(site: Site) -> Result:
    """`IENetwork(model, weights)` and `IENetwork.from_ir(…)`: read by a core that is there, or by a new one."""
    assert isinstance(site.node, cst.Call)
    model = site.argument("model")
    if model is not None and len(site.arguments) == 1 and is_capsule(site.context, model):
        yield site.replace(site.context.helpers.name("ie_named_ports"), "(", model, ")")
        return
    if model is None or (len(site.arguments) == 1 and not _is_path(site, model)) or _unknown_flag(site):
        yield site.leave()
        return
    change = site.change(*read_verdict(site))
    core = site.context.plans.cores.core_at(site.context.index, site.node)
    if core is None:
        core = _core_moved_here(site, change)
    reader = core if core is not None else site.context.names.get("Core", site.node) + "()"
    change.edits.append(Edit(site.tree.spans[site.node.func], (f"{reader}.read_model",)))
    yield from _with_arguments(site, change)


def _core_moved_here(site: Site, change: Change) -> str | None:
    """The core that is made further down in the block, made here instead: networks were read without one."""
    plans = site.context.plans
    found = plans.cores.core_behind(site.context.index, site.node, plans.devices.anchors)
    if found is None:
        return None
    name, assignment, is_moved_now = found
    if is_moved_now:
        made = (f"{name} = {site.context.names.get('Core', site.node)}()",)
        change.edits.append(insert_before(site.tree, site.tree.block_statement(site.node), made))
        change.edits.append(remove_statement(site.tree, assignment))
    return name


def _is_path(site: Site, node: cst.BaseExpression) -> bool:
    """False for an nGraph capsule, the one thing IENetwork took alone."""
    if any(isinstance(value, Legacy) for value in site.context.facts(node)):
        return False
    return (
        not (isinstance(node, cst.Call) and "capsule" in site.tree.source(node))
        and site.arguments["model"].keyword is not None
    )


@handles("set-batch-size")
def set_batch_size(site: Site) -> Result:
    """`net.batch_size = n`: all inputs get n as their first dimension, where those of several are the same."""
    statement = site.tree.statement(site.node)
    if not isinstance(statement, cst.Assign) or len(statement.targets) != 1:
        yield site.leave("Write this as model.reshape with the new batch in the first dimension of every input.")
        return
    if _may_differ_in_batch(site):
        helper = site.context.helpers.name("ie_set_batch_size")
        yield site.replace(helper, "(", site.receiver, ", ", statement.value, ")", node=statement)
        return
    port = site.context.port
    parts: list[Part] = [site.receiver, f".reshape({{{port}: [", statement.value]
    parts += [f", *list({port}.shape)[1:]] for {port} in ", site.receiver, ".inputs})"]
    yield site.replace(*parts, node=statement)


def _may_differ_in_batch(site: Site) -> bool:
    """True for a network of several inputs, unless the given models show that they have the same first dimension."""
    ports = site.context.plans.ports
    if not ports.is_many(site.value.origins, "input"):
        return False
    shapes = [[port.shape for port in model.ports("input")] for model in ports.models(site.value.origins)]
    return not shapes or any(not all(model) or len({s[0] for s in model if s}) > 1 for model in shapes)


@handles("batch-size")
def batch_size(site: Site) -> Result:
    """`net.batch_size`: the first dimension of the input that the legacy API took it from."""
    verdict, message, port = batch_verdict(site)
    yield site.replace(site.receiver, f".input({port}).shape[0]", verdict=verdict, message=message)


@handles("network-reshape")
def network_reshape(site: Site) -> Result:
    """`net.reshape({name: shape})`: shapes become plain ints where they may be something else."""
    shapes = site.argument("input_shapes")
    if shapes is None:
        yield site.leave()
        return
    change = site.change()
    arg = site.arguments["input_shapes"]
    if arg.keyword is not None:
        change.edits.append(Edit((site.tree.spans[arg][0], site.tree.spans[shapes][0]), ()))
    for element in shapes.elements if isinstance(shapes, cst.Dict) else ():
        if isinstance(element, cst.DictElement) and not _is_plain_shape(site, element.value):
            change.edits.append(Edit(site.tree.spans[element.value], ("[int(d) for d in ", element.value, "]")))
    yield change


def _is_plain_shape(site: Site, node: cst.BaseExpression) -> bool:
    """A list or tuple of things that look like ints; a shape of the model; a container made of such."""
    if isinstance(node, (cst.List, cst.Tuple)):
        return True
    facts = site.context.facts(node)
    return bool(facts) and all(
        isinstance(value, (Container, Plain, Constant)) or (isinstance(value, Legacy) and value.kind == "shape")
        for value in facts
    )


@handles("add-outputs")
def add_outputs(site: Site) -> Result:
    """`net.add_outputs(…)`: layers are given as (name, port) pairs, and the new outputs get the layers' names."""
    outputs = site.argument("outputs")
    statement = site.tree.statement(site.node)
    if outputs is None or not (isinstance(statement, cst.Expr) and statement.value is site.node):
        yield site.leave()
        return
    verdict, message = added_verdict(site, _added_layers(site, outputs))
    if isinstance(outputs, cst.Tuple) and len(outputs.elements) == 2:
        name, port = (element.value for element in outputs.elements)
        yield site.replace(*_named_output(site, name, (name, ", ", port)))
    elif isinstance(outputs, (cst.List, cst.Tuple)) and (each := _each_output(site, outputs)):
        change = site.change(verdict, message, statement)
        change.edits.append(replace_by_lines(site.tree, statement, each))
        yield change
    elif _is_text(site, outputs):
        parts = _named_output(site, outputs, (outputs, ", 0"))
        yield site.replace(*parts, verdict=verdict, message=message)
    elif _all_items(site, outputs, _is_text_value):
        layer = site.context.free("name", "layer_name")
        yield _loop(site, layer, outputs, _named_output(site, layer, (f"{layer}, 0",)))
    elif _all_items(site, outputs, _is_pair):
        layer, index = site.context.free("name", "layer_name"), site.context.free("index", "port_index")
        yield _loop(site, f"{layer}, {index}", outputs, _named_output(site, layer, (f"{layer}, {index}",)))
    else:
        yield site.leave()


def _added_layers(site: Site, outputs: cst.BaseExpression) -> list[str | int | bool | None]:
    """The names of the layers; None for one that is not known."""
    nodes = [e.value for e in outputs.elements] if isinstance(outputs, (cst.List, cst.Tuple)) else [outputs]
    return [site.context.constant(node) for node in nodes]


def _each_output(site: Site, outputs: cst.List | cst.Tuple) -> list[tuple[Part, ...]]:
    """One statement for each item of a literal list; none when some item is neither a name nor a pair."""
    lines: list[tuple[Part, ...]] = []
    for element in outputs.elements:
        item = element.value
        if isinstance(item, cst.Tuple) and len(item.elements) == 2:
            name, port = (part.value for part in item.elements)
            lines.append(_named_output(site, name, (name, ", ", port)))
        elif _is_text(site, item):
            lines.append(_named_output(site, item, (item, ", 0")))
        else:
            return []
    return lines


def _named_output(site: Site, name: Part, pair: tuple[Part, ...]) -> tuple[Part, ...]:
    return (site.receiver, ".add_outputs((", *pair, "))[0].get_tensor().set_names({", name, "})")


def _loop(site: Site, target: str, items: cst.BaseExpression, body: tuple[Part, ...]):  # type: ignore[no-untyped-def]
    statement = site.tree.statement(site.node)
    indent = site.tree.indent(statement)
    unit = site.tree.module.default_indent
    change = site.change(node=statement)
    lines: list[tuple[Part, ...]] = [(f"for {target} in ", items, ":", site.context.newline, indent + unit, *body)]
    change.edits.append(replace_by_lines(site.tree, statement, lines))
    return change


def _is_text(site: Site, node: cst.BaseExpression) -> bool:
    facts = site.context.facts(node)
    return isinstance(node, cst.SimpleString) or (bool(facts) and all(_is_text_value(site, v) for v in facts))


def _is_text_value(site: Site, value: object) -> bool:
    if isinstance(value, Constant):
        return isinstance(value.value, str)
    return isinstance(value, Legacy) and value.kind.endswith("_name")


def _is_pair(site: Site, value: object) -> bool:
    return isinstance(value, Container) and isinstance(value.node, cst.Tuple) and len(value.node.elements) == 2


def _all_items(site: Site, node: cst.BaseExpression, test) -> bool:  # type: ignore[no-untyped-def]
    if isinstance(node, (cst.List, cst.Tuple)):
        containers = [Container(node)]
    else:
        containers = [v for v in site.context.facts(node) if isinstance(v, Container)]
        if not containers or len(containers) != len(site.context.facts(node)):
            return False
    items = [v for c in containers for kinds in site.context.engine.store.items(c.node).values() for v in kinds]
    return bool(items) and all(test(site, value) for value in items)
