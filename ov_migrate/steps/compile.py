"""Step `compile`: loading onto a device, querying, importing and exporting."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Change, Edit, Part
from ov_migrate.steps.context import Result, Site
from ov_migrate.steps.core import device
from ov_migrate.steps.data_rules import argument_edits
from ov_migrate.steps.registry import handles
from ov_migrate.steps.statements import replace_by_lines

_LOAD = {"network": "model", "device_name": "device_name", "config": "config", "num_requests": ""}


@handles("load-network")
def load_network(site: Site) -> Result:
    """`core.load_network(network, device, config, num_requests)` → `core.compile_model(model, device, config)`."""
    assert isinstance(site.node, cst.Call)
    assert isinstance(site.node.func, cst.Attribute)
    change = _loading_change(site)
    change.edits.append(Edit(site.tree.spans[site.node.func.attr], ("compile_model",)))
    change.edits += argument_edits(site, _LOAD)
    yield change


def _loading_change(site: Site) -> Change:
    """Requests that nobody here is seen to use may be used elsewhere: then the number has to be carried there."""
    count = site.argument("num_requests")
    plan = site.context.plans.requests
    if count is None or site.tree.source(count) == "1" or plan.makes_requests(site.node):
        return site.change()
    message = f"num_requests={site.tree.source(count)} is dropped: make as many requests where this is used."
    return site.change(verdict="review", message=message)


@handles("plugin-load")
def plugin_load(site: Site) -> Result:
    """`plugin.load(network, num_requests, config)` → `core.compile_model(model, device, config)`."""
    text, network = device(site), site.argument("network")
    assert isinstance(site.node, cst.Call)
    assert isinstance(site.node.func, cst.Attribute)
    if text is None or network is None:
        made_for = [f"`{one}`" for one in site.context.plans.devices.sources(site.value.origins)]
        yield site.leave(" ".join([site.rule.advice, f"It was {' or '.join(made_for)}." if made_for else ""]).strip())
        return
    change = _loading_change(site)
    change.edits.append(Edit(site.tree.spans[site.node.func.attr], ("compile_model",)))
    by_keyword = site.arguments["network"].keyword is not None
    parts: list[Part] = ["model=" if by_keyword else "", network, ", ", "device_name=" if by_keyword else "", *text]
    config = site.argument("config")
    if config is not None:
        parts += [", ", "config=" if by_keyword else "", config]
    first, last = site.node.args[0], site.node.args[-1]
    change.edits.append(Edit((site.tree.spans[first][0], site.tree.spans[last][1]), tuple(p for p in parts if p != "")))
    yield change


@handles("supported-layers")
def supported_layers(site: Site) -> Result:
    """`plugin.get_supported_layers(net)`: the keys of query_model."""
    text, network = device(site), site.argument("net")
    if text is None or network is None:
        yield site.leave(
            "The device of this plugin does not reach this place: use set(core.query_model(model, device))."
        )
        return
    query = (site.receiver, ".query_model(", network, ", ", *text, ")")
    yield site.replace(*query) if _only_tested(site) else site.replace("set(", *query, ")")


def _only_tested(site: Site) -> bool:
    """True when the value is kept in one variable that is only asked with `in`, for which the dict does as well."""
    statement = site.parent
    if not isinstance(statement, cst.Assign) or not isinstance(statement.targets[0].target, cst.Name):
        return False
    tree = site.tree
    uses = [n for n in tree.all(cst.Name) if site.context.kind(n) == "supported_layers"]
    return (
        all(isinstance(tree.parents[use], (cst.ComparisonTarget, cst.AssignTarget)) for use in uses) and len(uses) > 1
    )


@handles("import-network")
def import_network(site: Site) -> Result:
    """`core.import_network(path, device, config)`: the content of the file."""
    path = site.argument("model_file")
    if path is None:
        yield site.leave()
        return
    parts: list[Part] = [
        site.receiver,
        ".import_model(open(",
        path,
        f", {site.context.tree.quote}rb{site.context.tree.quote}).read()",
    ]
    for name in ("device_name", "config"):
        value = site.argument(name)
        parts += [", ", value] if value is not None else []
    yield site.replace(*parts, ")")


@handles("export")
def export(site: Site) -> Result:
    """`exec_net.export(path)`: written to the file here; 2025 and later give a stream instead of bytes."""
    path = site.argument("model_file")
    statement = site.tree.statement(site.node)
    if path is None or not (isinstance(statement, cst.Expr) and statement.value is site.node):
        yield site.leave("Write the content that export_model() gives to the file.")
        return
    quote = site.context.tree.quote
    inner = site.context.newline + site.tree.indent(statement) + site.tree.module.default_indent
    blob, file = site.context.free("blob", "model_blob"), site.context.free("file", "blob_file")
    lines: list[tuple[Part, ...]] = [
        (f"{blob} = ", site.context.names.get("BytesIO", site.node), "()"),
        (site.receiver, f".export_model({blob})"),
        ("with open(", path, f", {quote}wb{quote}) as {file}:{inner}{file}.write({blob}.getvalue())"),
    ]
    change = site.change(node=statement)
    change.edits.append(replace_by_lines(site.tree, statement, lines))
    yield change
