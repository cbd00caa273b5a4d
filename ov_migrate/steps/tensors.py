"""Step `tensors`: blobs that go in."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ov_migrate.edits import Change, Edit, Part
from ov_migrate.inference.values import LegacyName
from ov_migrate.steps.context import Context, Result, Site, bind
from ov_migrate.steps.layout_edits import data_edits, written_data
from ov_migrate.steps.layout_plan import order_of
from ov_migrate.steps.outputs import tensor_map
from ov_migrate.steps.places import Places
from ov_migrate.steps.registry import handles
from ov_migrate.steps.signatures import Signatures
from ov_migrate.steps.statements import insert_after, remove_statement
from ov_migrate.syntax import Tree, dotted

_DESCRIPTION = ("precision", "dims", "layout")


@handles("input-blobs")
def input_blobs(site: Site) -> Result:
    """`request.input_blobs[name]`, `request.inputs[name]` → tensors of the request."""
    for change in tensor_map(site, "input", ".data" if site.member == "inputs" else ""):
        if isinstance(change, Change):
            change.edits += _layout_edits(site)
        yield change


def _layout_edits(site: Site) -> list[Edit]:
    """What is written into the tensor of an input whose layout is changed, in the shape of the tensor."""
    assert isinstance(site.node, cst.Attribute)
    data, item = written_data(site.tree, site.node), site.parent
    if data is None or not isinstance(item, cst.Subscript) or not isinstance(item.slice[0].slice, cst.Index):
        return []
    key, plans = item.slice[0].slice.value, site.context.plans
    is_one = plans.ports.is_one(site.value.origins, "input", site.tree, site.node)
    order = plans.preprocess.layouts.order(site.value.origins, site.tree, key, is_one)
    shape = (site.receiver, ".get_tensor(", key, ").shape")
    return data_edits(site.tree, data, order, shape) if order is not None else []


@handles("blob")
def blob(site: Site) -> Result:
    """`Blob(TensorDesc(…), array)` → `Tensor(array, shared_memory=True)`."""
    assert isinstance(site.node, cst.Call)
    text = _tensor(site.context, site.node)
    yield site.replace(*text) if text is not None else site.leave()


@handles("tensor-desc")
def tensor_desc(site: Site) -> Result:
    """`desc = TensorDesc(…)` goes when only blobs that are rewritten take it."""
    statement = site.parent
    target = statement.targets[0].target if isinstance(statement, cst.Assign) else None
    if not isinstance(target, cst.Name) or len(statement.targets) != 1:  # type: ignore[attr-defined]
        if not _is_inside_blob(site):
            yield site.leave()
        return
    uses = [use for use in site.tree.references(target.value) if use is not target]
    if not uses or not all(_is_taken_by_blob(site, use) for use in uses):
        yield site.leave()
        return
    change = site.change(verdict="migrated", node=statement)
    change.edits.append(remove_statement(site.tree, statement))
    yield change


def _is_inside_blob(site: Site) -> bool:
    call = site.tree.parents[site.parent] if isinstance(site.parent, cst.Arg) else None
    return isinstance(call, cst.Call) and is_tensor(site.context, call)


def _is_taken_by_blob(site: Site, use: cst.Name) -> bool:
    arg = site.tree.parents[use]
    call = site.tree.parents[arg]
    return isinstance(arg, cst.Arg) and isinstance(call, cst.Call) and is_tensor(site.context, call)


def is_tensor(context: Context, call: cst.CSTNode) -> bool:
    """True for a `Blob(…)` that becomes a tensor."""
    is_blob = isinstance(call, cst.Call) and LegacyName("Blob") in context.facts(call.func)
    return is_blob and isinstance(call, cst.Call) and _tensor(context, call) is not None


def _tensor(context: Context, call: cst.Call) -> tuple[Part, ...] | None:
    arguments = bind(call, context.api.kinds["blob"].constructor) or {}
    if "tensor_desc" not in arguments:
        return None
    description = arguments["tensor_desc"].value
    array = arguments["array"].value if "array" in arguments else None
    if context.kind(description) == "tensor_desc" and isinstance(description, cst.Attribute) and array is not None:
        return _filled(context, call, array, (description, ".shape"))
    made = _description(context, description)
    parts = bind(made, _DESCRIPTION) if made is not None else None
    if parts is None or {"precision", "dims"} - set(parts):
        return None
    dims = _dims(context, parts["dims"].value, parts.get("layout"))
    if dims is None:
        return None
    if array is None:
        return _empty_tensor(context, call, parts["precision"].value, dims)
    return _filled(context, call, array, dims)


def _dims(context: Context, dims: cst.BaseExpression, layout: cst.Arg | None) -> tuple[Part, ...] | None:
    """The shape of the tensor: dims in the order of the layout, where an input of the program has it."""
    if _keeps_order(context, layout):
        return (dims,)
    name = str(context.constant(layout.value)) if layout is not None else ""
    order = order_of(name)
    if order is None or not context.plans.preprocess.takes(name):
        return None
    if isinstance(dims, (cst.List, cst.Tuple)) and len(dims.elements) == len(order):
        items = [part for number in order for part in (", ", dims.elements[number].value)]
        return ("[", *items[1:], "]")
    index = context.free("i", "index")
    return ("[", dims, f"[{index}] for {index} in {order}]") if isinstance(dims, (cst.Name, cst.Attribute)) else None


def _filled(context: Context, call: cst.Call, array: cst.BaseExpression, dims: tuple[Part, ...]) -> tuple[Part, ...]:
    """A tensor with the array's elements; over the array's own memory, as a blob was, where the array is written to."""
    tensor = context.names.get("Tensor", call)
    if _is_written(context, array):
        # With a shape it shares the memory, and refuses an array whose memory has gaps, of which a blob had a copy.
        shape = dims if context.has_form("tensor_of_list") else (context.names.get("Shape", call), "(", *dims, ")")
        return (f"{tensor}(", array, ", ", *shape, ")")
    is_plain = isinstance(array, (cst.Name, cst.Attribute, cst.Call, cst.Subscript))
    text: tuple[Part, ...] = (array,) if is_plain else ("(", array, ")")
    shaped = (*text, ".reshape(", *dims, ")")
    return (f"{tensor}(", *(text if _is_own_shape(array, dims) else shaped), ")")


def _is_own_shape(array: cst.BaseExpression, dims: tuple[Part, ...]) -> bool:
    """True for the shape that the array has anyway: `array.shape`."""
    shape = dims[0]
    is_shape = len(dims) == 1 and isinstance(shape, cst.Attribute) and shape.attr.value == "shape"
    return is_shape and dotted(array) is not None and dotted(shape.value) == dotted(array)  # type: ignore[union-attr]


def _is_written(context: Context, array: cst.BaseExpression) -> bool:
    """True when some statement of the module writes into the array under the name it has here, or a caller that passed
    it does so under its own."""
    root = _root(array)
    path = dotted(root)
    if path is None:
        return False
    return _writes(context.tree, path) or any(
        _writes(tree, dotted(_root(given)) or "") for tree, given in _given(context, context.tree.scope(array), path)
    )


def _given(context: Context, function: cst.CSTNode, name: str) -> Iterator[tuple[Tree, cst.BaseExpression]]:
    """What the callers of `function` give for its parameter `name`, each with the tree of its module."""
    places = Places(context.engine)
    for call in places.callers(function):
        for called in places.callees(call):
            arg = Signatures(places).arguments(call, called).get(name) if called.node is function else None
            if arg is not None:
                yield places.tree(places.module_of(call)), arg.value


def _writes(tree: Tree, path: str) -> bool:
    """True when a statement writes into the array called `path`."""
    stored = [target.target for target in tree.all(cst.AssignTarget) if isinstance(target.target, cst.Subscript)]
    if path and any(dotted(_root(t)) == path for t in (*stored, *(node.target for node in tree.all(cst.AugAssign)))):
        return True
    return any(dotted(call.func) in (f"{path}.fill", f"{path}.sort") for call in tree.all(cst.Call)) or any(
        dotted(arg.value) == path and _is_filled_by(tree.parents[arg], arg) for arg in tree.all(cst.Arg)
    )


def _root(node: cst.BaseExpression) -> cst.BaseExpression:
    while isinstance(node, cst.Subscript):
        node = node.value
    return node


def _is_filled_by(call: cst.CSTNode, arg: cst.Arg) -> bool:
    """True for `out=array`, `dst=array` and `np.copyto(array, …)`."""
    if arg.keyword is not None:
        return arg.keyword.value in ("out", "dst")
    name = (dotted(call.func) or "") if isinstance(call, cst.Call) else ""
    return name.endswith(".copyto") and isinstance(call, cst.Call) and call.args[0] is arg


def _description(context: Context, node: cst.BaseExpression) -> cst.Call | None:
    """The `TensorDesc(…)` call that `node` is, or that gave the variable `node` its only value."""
    if isinstance(node, cst.Call):
        return node if LegacyName("TensorDesc") in context.facts(node.func) else None
    found = context.established(node)
    calls = [call for call in found.origins if isinstance(call, cst.Call)] if found is not None else []
    if not isinstance(node, cst.Name) or len(calls) != 1 or calls[0] not in context.tree.parents:
        return None
    is_here = context.tree.scope(calls[0]) is context.tree.scope(node)
    return calls[0] if is_here and LegacyName("TensorDesc") in context.facts(calls[0].func) else None


def _empty_tensor(
    context: Context, call: cst.Call, precision: cst.BaseExpression, dims: tuple[Part, ...]
) -> tuple[Part, ...] | None:
    table = context.catalogue.tables["element_types"]
    if not isinstance(precision, cst.SimpleString) or precision.evaluated_value not in table:
        return None
    element_type = f"{context.names.get('Type', call)}.{table[str(precision.evaluated_value)]}"
    return (f"{context.names.get('Tensor', call)}({element_type}, ", *dims, ")")


def _keeps_order(context: Context, layout: cst.Arg | None) -> bool:
    """True for a layout that leaves the elements in the order of the dims."""
    if layout is None:
        return True
    return context.constant(layout.value) in context.catalogue.tables["default_layouts"]


def numpy_alias(context: Context, at: cst.CSTNode) -> str:
    """The name of numpy in this module, imported when it is not there."""
    for node in context.tree.all(cst.Import):
        for alias in node.names:
            if dotted(alias.name) == "numpy":
                bound = alias.asname.name if alias.asname is not None else alias.name
                return dotted(bound) or "numpy"
    return context.names.module("numpy", "np", at)


@handles("set-blob")
def set_blob(site: Site) -> Result:
    """`request.set_blob(name, blob)` → `request.set_tensor(name, tensor)`; a third argument was preprocessing."""
    name, value = site.argument("blob_name"), site.argument("blob")
    if name is None or value is None or ("preprocess_info" in site.arguments and _sets_preprocessing(site.context)):
        yield site.leave()
        return
    if not _becomes_tensor(site.context, value):
        yield site.leave("The second argument is not known to become an ov.Tensor, which set_tensor needs.")
        return
    change = site.replace(site.receiver, ".set_tensor(", name, ", ", value, ")")
    array = _shared_array(site, value)
    path = dotted(_root(array)) if array is not None else None
    if path is not None and isinstance(site.parent, cst.Expr):
        keeping = (site.receiver, f".shared_{path} = {path}  # set_tensor does not keep the memory")
        change.edits.append(insert_after(site.tree, site.parent, keeping))
    yield change


def _shared_array(site: Site, value: cst.BaseExpression) -> cst.BaseExpression | None:
    """The array whose memory the blob `value` shares, where it ends with the function that the site is in and the
    request may go on: nobody else keeps the memory, then."""
    context, scope = site.context, site.tree.scope(site.node)
    if scope is site.tree.module:
        return None
    found = context.established(value)
    origins = [value] if found is None else list(found.origins)
    for call in origins:
        if not isinstance(call, cst.Call) or call not in site.tree.parents or site.tree.scope(call) is not scope:
            continue
        arguments = bind(call, context.api.kinds["blob"].constructor) or {}
        array = arguments["array"].value if "array" in arguments else None
        if array is not None and isinstance(_root(array), cst.Name) and _is_written(context, array):
            return None if _ends_with(site, scope) else array
    return None


def _ends_with(site: Site, scope: cst.CSTNode) -> bool:
    """True when the request is made in the function `scope`, which hands nothing out."""
    made_here = all(o in site.tree.parents and site.tree.scope(o) is scope for o in site.value.origins if o is not None)
    given = [*(node for node in site.tree.all(cst.Return) if node.value is not None), *site.tree.all(cst.Yield)]
    hands_out = any(site.tree.scope(node) is scope for node in given)
    return made_here and not hands_out and isinstance(site.receiver, cst.Name)


def _sets_preprocessing(context: Context) -> bool:
    """True when some statement of the program uses the preprocessing of an input, which does nothing by itself."""
    modules = context.engine.project.modules
    return any(context.kind(node.value) == "preprocess_info" for m in modules for node in m.tree.all(cst.Attribute))


def _becomes_tensor(context: Context, node: cst.BaseExpression) -> bool:
    """True for a blob of a request, and for one that was made by a call that is rewritten."""
    found = context.established(node)
    if found is None:
        return isinstance(node, cst.Call) and is_tensor(context, node)
    if found.kind == "blob":
        return all(origin is not None and is_tensor(context, origin) for origin in found.origins)
    return found.kind in ("input_blob", "output_blob")


@handles("set-shape")
def set_shape(site: Site) -> Result:
    """`blob.set_shape(dims)` → `tensor.shape = dims`."""
    dims = site.argument("dims")
    if dims is None or not isinstance(site.parent, cst.Expr):
        yield site.leave("Assign the new shape: tensor.shape = dims.")
        return
    yield site.replace(site.receiver, ".shape = ", dims)
