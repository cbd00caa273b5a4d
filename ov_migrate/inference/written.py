"""What is written out in code: the items of a literal, the names in a target, the arguments for a parameter."""

from __future__ import annotations

import libcst as cst

from ov_migrate.syntax import below

COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.GeneratorExp, cst.DictComp)


def items(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The items that stand in a literal, a comprehension, a sum of lists or a call that makes a container."""
    if isinstance(node, (cst.Tuple, cst.List, cst.Set)):
        return [element.value for element in node.elements]
    if isinstance(node, cst.Dict):
        keys = [element.key for element in node.elements if isinstance(element, cst.DictElement)]
        return [*(element.value for element in node.elements), *keys]
    if isinstance(node, cst.DictComp):
        return [node.value, node.key]
    if isinstance(node, (cst.ListComp, cst.SetComp, cst.GeneratorExp)):
        return [node.elt]
    if isinstance(node, cst.BinaryOperation):
        return [node.left, node.right]
    return [arg.value for arg in node.args] if isinstance(node, cst.Call) else []


def binds(target: cst.CSTNode, name: str) -> bool:
    """True when `name` is among the variables of an assignment target."""
    return any(isinstance(node, cst.Name) and node.value == name for node in (target, *below(target)))


def unpacked(value: cst.CSTNode, path: list[int]) -> list[cst.CSTNode]:
    """The part of a written-out tuple that goes to one place of an unpacking; else the whole value."""
    for index in path:
        if not isinstance(value, (cst.Tuple, cst.List)) or any(
            isinstance(e, cst.StarredElement) for e in value.elements[: index + 1]
        ):
            return [value]
        if index >= len(value.elements):
            return [value]
        value = value.elements[index].value
    return [value]


def parameters(function: cst.FunctionDef | cst.Lambda) -> list[cst.Param]:
    """The parameters of a function but for those with stars, in order."""
    params = function.params
    return [*params.posonly_params, *params.params, *params.kwonly_params]


def arguments_for(
    call: cst.Call, function: cst.FunctionDef | cst.Lambda, name: str, is_method: bool
) -> list[cst.CSTNode]:
    """What `call` may hand over as the parameter `name`, the likeliest first: what stands under its name, what stands
    in its place, everything for a call that goes through something else, such as a thread."""
    named = [arg.value for arg in call.args if arg.keyword is not None and arg.keyword.value == name]
    if named:
        return list(named)
    names = [param.name.value for param in parameters(function)]
    place = names.index(name) if name in names else len(names)
    positional = [arg.value for arg in call.args if arg.keyword is None]
    places = (place - 1, place) if is_method else (place,)
    likely = [positional[i] for i in places if 0 <= i < len(positional)]
    return [*likely, *(arg.value for arg in call.args if arg.value not in likely)]
