"""Step `core`: the core, plugins, device questions."""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Change, Edit, Part
from ov_migrate.steps.comparisons import compared
from ov_migrate.steps.config_keys import gone
from ov_migrate.steps.context import Result, Site
from ov_migrate.steps.data_rules import drop_arguments
from ov_migrate.steps.registry import handles


@handles("ie-core")
def ie_core(site: Site) -> Result:
    """`IECore(…)`: another class, the same argument."""
    assert isinstance(site.node, cst.Call)
    change = site.change()
    change.edits.append(Edit(site.tree.spans[site.node.func], (site.context.names.get("Core", site.node),)))
    yield change


@handles("ie-plugin")
def ie_plugin(site: Site) -> Result:
    """`IEPlugin(device, plugin_dirs)`: a core; the device goes to where the plugin is used."""
    assert isinstance(site.node, cst.Call)
    folders, device_name = site.argument("plugin_dirs"), site.argument("device")
    if isinstance(site.parent, cst.Expr) and device_name is not None:
        # Made only to see whether it fails: a core always works, asking for the device's version fails as it did.
        core = site.context.names.get("Core", site.node)
        yield site.replace(core, "().get_versions(", device_name, ")")
        return
    nothing = folders is None or (isinstance(folders, cst.Name) and folders.value == "None")
    change = site.change(verdict="migrated" if nothing else "review")
    change.edits.append(Edit(site.tree.spans[site.node.func], (site.context.names.get("Core", site.node),)))
    change.edits += drop_arguments(site.tree, site.node, list(site.arguments.values()))
    yield change


def device(site: Site) -> tuple | None:  # type: ignore[type-arg]
    """The device of the plugin that the site's receiver is."""
    return site.context.plans.devices.text(site.context.index, site.receiver)


@handles("plugin-device")
def plugin_device(site: Site) -> Result:
    """`plugin.device`: the device expression itself."""
    text = device(site)
    yield site.replace(*text) if text is not None else site.leave(_unknown_device(site))


@handles("plugin-version")
def plugin_version(site: Site) -> Result:
    text = device(site)
    if text is None:
        yield site.leave(_unknown_device(site))
        return
    yield site.replace(site.receiver, ".get_versions(", *text, ")[", *text, "].build_number")


@handles("plugin-set-config")
def plugin_set_config(site: Site) -> Result:
    text, config = device(site), site.argument("config")
    if text is None or config is None:
        yield site.leave(_unknown_device(site))
        return
    yield site.replace(site.receiver, ".set_property(", *text, ", ", config, ")")


def _unknown_device(site: Site) -> str:
    return f"The device of `{site.tree.source(site.receiver)}` does not reach this place: hand it over and use it here."


@handles("get-metric")
def get_metric(site: Site) -> Result:
    """`get_metric(device, name)`: a property, with the names that have changed translated."""
    yield from _get_property(site, "metric_name", ("device_name",))


@handles("get-config")
def get_config(site: Site) -> Result:
    yield from _get_property(site, "metric_name", ("device_name",))


@handles("compiled-metric")
def compiled_metric(site: Site) -> Result:
    name = "metric_name" if "metric_name" in site.arguments else "config_name"
    yield from _get_property(site, name, ())


def _get_property(site: Site, parameter: str, before: tuple[str, ...]) -> Result:
    name = site.argument(parameter)
    if name is None or any(site.argument(p) is None for p in before):
        yield site.leave()
        return
    parts = [part for p in before for part in (site.arguments[p].value, ", ")]
    tables = site.context.catalogue.tables
    if isinstance(name, cst.SimpleString):
        old = str(name.evaluated_value)
        new = tables["properties"].get(old) or tables["pair_keys"].get(old, old)
        if new == old and (advice := gone(site.context, old)):
            yield site.leave(f"{old}: {advice}")
            return
        text = site.tree.source(name).replace(old, new)
        yield _asked(site, (site.receiver, ".get_property(", *parts, text, ")"))
        return
    yield site.replace(site.receiver, ".get_property(", *parts, name, ")", verdict="review")


# What a property gives for the texts that stood for truth values: from release to release a truth value, or the text.
_TRUTH = {"YES": "True", "NO": "False"}


def _asked(site: Site, question: tuple[Part, ...]) -> Change:
    """The property in the place of a configuration value; where that is compared with a text, so that the comparison
    comes out as before, since values that were text are truth values and numbers now."""
    found = compared(site)
    is_config = site.member == "get_config"
    other = found.other if found is not None and found.is_equality and is_config else None
    plain = site.replace(*question, verdict="review" if is_config else "")
    if found is None or not isinstance(other, cst.SimpleString):
        return plain
    text = str(other.evaluated_value)
    if text in _TRUTH:
        contains = "in" if isinstance(found.operator, cst.Equal) else "not in"
        return site.replace(
            *question, f" {contains} ({_TRUTH[text]}, ", other, ")", node=found.node, verdict="migrated"
        )
    return site.replace("str(", *question, ")", verdict="migrated") if text.isdecimal() else plain


@handles("version-number")
def version_number(site: Site) -> Result:
    """Nothing to rewrite; the numbers mean something else."""
    yield site.change()


@handles("core-unchanged")
def core_unchanged(site: Site) -> Result:
    yield from ()
