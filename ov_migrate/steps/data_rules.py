"""Carries out the rules that are data only: renames, argument maps and templates."""

from __future__ import annotations

import re

import libcst as cst

from ov_migrate.edits import Edit, Part
from ov_migrate.steps.context import Result, Site
from ov_migrate.syntax import Tree

# {receiver}, {parameter}; {,parameter} and {parameter,} bring their comma, or nothing when it was not given;
# {@Name} is a name of API 2.0 to import.
_FIELD = re.compile(r"\{([,@]?)(\w+)(,?)\}")


def apply(site: Site) -> Result:
    """Applies `replace`, `arguments` or `template` of the site's rule."""
    if site.rule.template:
        yield site.replace(*template_parts(site, site.rule.template))
        return
    change = site.change()
    anchor = site.node.func if isinstance(site.node, cst.Call) else site.node
    if site.rule.replace and isinstance(anchor, cst.Attribute):
        change.edits.append(Edit(site.tree.spans[anchor.attr], (site.rule.replace,)))
    if isinstance(site.node, cst.Call) and site.rule.arguments is not None:
        change.edits += argument_edits(site, site.rule.arguments)
    yield change


def template_parts(site: Site, template: str) -> tuple[Part, ...]:
    """The pieces of a template, with the site's receiver and arguments in their places."""
    parts: list[Part] = []
    position = 0
    for match in _FIELD.finditer(template):
        parts.append(template[position : match.start()])
        parts += _field(site, match[1] + match[3], match[2], bool(match[3]))
        position = match.end()
    parts.append(template[position:])
    return tuple(part for part in parts if part != "")


def _field(site: Site, sign: str, name: str, comma_behind: bool) -> list[Part]:
    if sign == "@":
        return [site.context.names.get(name, site.node)]
    if name == "receiver":
        return [site.receiver]
    argument = site.argument(name)
    if argument is None:
        return []
    if not sign:
        return [argument]
    return [argument, ", "] if comma_behind else [", ", argument]


def argument_edits(
    site: Site, mapping: dict[str, str], changed: dict[str, tuple[Part, ...]] | None = None
) -> list[Edit]:
    """Edits that give the call its new arguments: keywords renamed, arguments dropped, order kept or remade.

    `changed` replaces the value of some legacy parameters.
    """
    assert isinstance(site.node, cst.Call)
    changed = changed or {}
    order = [name for name, new in mapping.items() if new]
    given = [name for name in site.arguments if mapping.get(name, name)]
    positional = [name for name in given if site.arguments[name].keyword is None]
    if positional != order[: len(positional)]:
        return [_rewrite_arguments(site, mapping, order, given, changed)]
    edits = drop_arguments(site.tree, site.node, [site.arguments[n] for n in site.arguments if not mapping.get(n, n)])
    for name in given:
        arg = site.arguments[name]
        if arg.keyword is not None and mapping.get(name, name) != name:
            edits.append(Edit(site.tree.spans[arg.keyword], (mapping[name],)))
        if name in changed:
            edits.append(Edit(site.tree.spans[arg.value], changed[name]))
    return edits


def _rewrite_arguments(
    site: Site, mapping: dict[str, str], order: list[str], given: list[str], changed: dict[str, tuple[Part, ...]]
) -> Edit:
    parts: list[Part] = []
    gap = False
    for name in order:
        if name not in given:
            gap = True
            continue
        parts += [", "] if parts else []
        parts += [f"{mapping[name]}="] if gap else []
        parts += changed.get(name, (site.arguments[name].value,))
    assert isinstance(site.node, cst.Call)
    start = site.tree.spans[site.node.args[0]][0]
    return Edit((start, site.tree.spans[site.node.args[-1]][1]), tuple(parts))


def drop_arguments(tree: Tree, call: cst.Call, dropped: list[cst.Arg]) -> list[Edit]:
    """Edits that take arguments out of a call together with the commas that held them."""
    args = list(call.args)
    if dropped and len(dropped) == len(args):
        return [Edit((tree.spans[args[0]][0], tree.spans[args[-1]][1]), ())]
    edits = []
    for index, arg in enumerate(args):
        if arg not in dropped:
            continue
        if any(earlier not in dropped for earlier in args[:index]):
            edits.append(Edit((tree.spans[args[index - 1]][1], tree.spans[arg][1]), ()))
        else:
            edits.append(Edit((tree.spans[arg][0], tree.spans[args[index + 1]][0]), ()))
    return edits
