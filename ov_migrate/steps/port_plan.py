"""What the code shows about how many inputs and outputs a network has."""

from __future__ import annotations

import libcst as cst

from ov_migrate.inference import Engine
from ov_migrate.inference.store import ANY_ITEM
from ov_migrate.inference.values import Constant, Container, Kinds, Legacy
from ov_migrate.knowledge.model_facts import ModelFacts, PortFacts
from ov_migrate.steps.context import Established, established
from ov_migrate.steps.model_plan import ModelPlan, literal
from ov_migrate.syntax import Tree

# Mappings by name of inputs or outputs, of networks, requests and results alike.
SIDES = {
    "inputs": "input",
    "input_info_map": "input",
    "input_blobs": "input",
    "input_arrays": "input",
    "outputs": "output",
    "output_blobs": "output",
    "output_arrays": "output",
    "results": "output",
}
NAMES = {"input_name": "input", "output_name": "output"}
Key = tuple[cst.CSTNode | None, str]
Origins = frozenset[cst.CSTNode | None]


class PortPlan:
    """`is_many(origins, side)` and `is_one(origins, side)`: evidence about the ports of a network."""

    def __init__(self, engine: Engine, models: ModelPlan) -> None:
        self.engine = engine
        self._models = models
        self._many: set[Key] = set()
        self._one: dict[Key, list[tuple[Tree, cst.CSTNode]]] = {}
        self._names: dict[Key, set[str]] = {}
        self._compared: set[Key] = set()
        self._networks = self._loaded_networks()
        for _, module in engine.legacy_modules:
            for kind in (cst.Attribute, cst.Name):
                for node in module.tree.all(kind):
                    found = established(engine.facts.get(node, frozenset()))
                    if found is not None and found.kind in SIDES:
                        self._look(module.tree, node, self._keys(found, SIDES[found.kind]))
            for call in module.tree.all(cst.Call):
                self._look_at_inputs(module.tree, call)
            self._look_at_names(module.tree)
        self._many |= {key for key, names in self._names.items() if len(names) > 1}

    def is_many(self, origins: Origins, side: str) -> bool:
        """The code loops over these ports, or uses more than one of them; or the model has several."""
        count = self.count(origins, side)
        if count is not None:
            return count > 1
        return any(key in self._many for origin in origins for key in self._same(origin, side))

    def is_one(self, origins: Origins, side: str, tree: Tree, node: cst.BaseExpression) -> bool:
        """The code makes sure that there is one port only where it uses those of the network `node`, or the model has
        one."""
        return self.count(origins, side) == 1 or all(
            any(
                self._is_about(seen, asked, tree, node)
                for key in self._same(origin, side)
                for seen, asked in self._one.get(key, ())
            )
            for origin in origins
        )

    def _is_about(self, seen: Tree, asked: cst.CSTNode, tree: Tree, node: cst.BaseExpression) -> bool:
        """True when the question at `asked` tells of `node`: not in another class, whose networks may have the same
        origin, and not of another network of the same function."""
        cls = _class_around(seen, asked)
        if cls is not None:
            return cls is _class_around(tree, node)
        found = [established(self._facts(expression)) for expression in (asked, node)]
        are_networks = all(each is not None and each.kind == "network" for each in found)
        is_same_place = seen is tree and tree.scope(asked) is tree.scope(node)
        return not (are_networks and is_same_place) or tree.source(asked) == tree.source(node)

    def names_are_compared(self, origins: Origins, side: str) -> bool:
        """The code looks at what the names of these ports are: compares them, or takes them apart."""
        return any(key in self._compared for origin in origins for key in self._same(origin, side))

    @property
    def has_models(self) -> bool:
        """True when the user gave models."""
        return bool(self._models.models)

    def sources(self, origins: Origins) -> Origins:
        """Where the networks were read that these objects belong to."""
        return frozenset(s for origin in origins for s, _ in self._same(origin, "") if not self._networks.get(s))

    def models(self, origins: Origins) -> tuple[ModelFacts, ...]:
        """The given models that these networks may be; none when one of the networks may be another."""
        found = [self._models.of(source) for source in self.sources(origins)]
        return tuple(dict.fromkeys(model for models in found for model in models)) if all(found) else ()

    def knows_layer(self, origins: Origins, sides: tuple[str, ...], layer: str) -> bool:
        """Some given model has such a port, or a layer that the program may have made one."""
        return any(
            layer in model.layers or any(layer in (port.layer, *port.names) for port in model.ports(side))
            for model in self.models(origins)
            for side in sides
        )

    def count(self, origins: Origins, side: str) -> int | None:
        """How many ports there are, when the given models tell."""
        if side == "output" and self.has_more_outputs(origins):
            return None
        layers = [[port.layer for port in model.ports(side)] for model in self.models(origins)]
        counts = {len(names) if len(set(names)) == len(names) else None for names in layers}
        return counts.pop() if len(counts) == 1 else None

    def has_more_outputs(self, origins: Origins) -> bool:
        """The program adds outputs to these networks."""
        return any(self._models.has_more(source) for source in self.sources(origins))

    def first(self, origins: Origins, side: str) -> PortFacts | None:
        """The port that the legacy API gave first, when the given models tell."""
        if self.count(origins, side) is None:
            return None
        found = {model.in_legacy_order(side)[0] for model in self.models(origins)}
        return found.pop() if len(found) == 1 else None

    def address(self, origins: Origins, side: str, quote: str) -> str:
        """What `model.input(…)` and `model.output(…)` take for the port that came first: nothing for the only one."""
        port = self.first(origins, side)
        if port is None or not self.is_many(origins, side):
            return ""
        return literal(quote, port.name) if port.name else str(port.index)

    def _look_at_names(self, tree: Tree) -> None:
        for kind in (cst.Name, cst.Attribute, cst.Subscript, cst.Call):
            for node in tree.all(kind):
                found = established(self._facts(node))
                if found is not None and found.kind in NAMES and _is_looked_at(tree, node):
                    self._compared |= self._keys(found, NAMES[found.kind])

    def _same(self, origin: cst.CSTNode | None, side: str) -> set[Key]:
        """The network itself; for an executable network what it was loaded from, for results what gave them."""
        found = {origin}
        for _ in range(2):
            found |= {source for one in found for source in self._networks.get(one, ())}
        return {(one, side) for one in found}

    def _keys(self, found: Established, side: str) -> set[Key]:
        return {key for origin in found.origins for key in self._same(origin, side)}

    def _loaded_networks(self) -> dict[cst.CSTNode | None, set[cst.CSTNode | None]]:
        """Executable network → the networks it may have been loaded from, results → the executable network that gave
        them; all by their origins."""
        networks: dict[cst.CSTNode | None, set[cst.CSTNode | None]] = {}
        for _, module in self.engine.legacy_modules:
            for call in module.tree.all(cst.Call):
                made = {v.kind for v in self._facts(call) if isinstance(v, Legacy) and v.origin is call}
                if "executable_network" in made:
                    values = {v for arg in call.args for v in self._facts(arg.value)}
                    networks[call] = {v.origin for v in values if isinstance(v, Legacy) and v.kind == "network"}
                    if isinstance(call.func, cst.Attribute) and call.func.attr.value == "import_network":
                        networks[call] |= self._exported()
                elif "results" in made and isinstance(call.func, cst.Attribute):
                    networks[call] = {v.origin for v in self._facts(call.func.value) if isinstance(v, Legacy)}
        return networks

    def _exported(self) -> set[cst.CSTNode | None]:
        """The executable networks that the program exports, one of which it may import again."""
        calls = [call for _, module in self.engine.legacy_modules for call in module.tree.all(cst.Call)]
        owners = [c.func.value for c in calls if isinstance(c.func, cst.Attribute) and c.func.attr.value == "export"]
        values = [value for owner in owners for value in self._facts(owner)]
        return {v.origin for v in values if isinstance(v, Legacy) and v.kind == "executable_network"}

    def _facts(self, node: cst.CSTNode) -> Kinds:
        return self.engine.facts.get(node, frozenset())

    def _look(self, tree: Tree, node: cst.CSTNode, keys: set[Key]) -> None:
        view = view_of(tree, node)
        parent = tree.parents[view]
        if isinstance(parent, (cst.For, cst.CompFor)) and parent.iter is view:
            self._many |= keys
        elif isinstance(parent, cst.Subscript) and parent.value is view:
            self._note_name(parent.slice[0].slice, keys)
        elif isinstance(parent, cst.ComparisonTarget):
            self._note_name(tree.parents[parent], keys)
        elif isinstance(parent, cst.Arg):
            call = tree.parents[parent]
            if isinstance(call, cst.Call) and isinstance(call.func, cst.Name):
                self._look_at_call(tree, call, call.func.value, keys, node)

    def _note_name(self, node: cst.CSTNode, keys: set[Key]) -> None:
        value = node.value if isinstance(node, cst.Index) else node.left if isinstance(node, cst.Comparison) else None
        name = self._text(value) if value is not None else ""
        if name:
            for key in keys:
                self._names.setdefault(key, set()).add(name)

    def _text(self, node: cst.CSTNode) -> str:
        """The text that a literal is, or the one that a variable holds; "" when there may be others."""
        if isinstance(node, cst.SimpleString):
            return str(node.evaluated_value)
        held = [v.value for v in self._facts(node) if isinstance(v, Constant)]
        return held[0] if len(self._facts(node)) == len(held) == 1 and isinstance(held[0], str) else ""

    def _look_at_call(self, tree: Tree, call: cst.Call, name: str, keys: set[Key], node: cst.CSTNode) -> None:
        parent = tree.parents[call]
        if name == "len" and isinstance(parent, cst.Comparison):
            if _compares_with_one(tree, parent):
                for key in keys:
                    self._one.setdefault(key, []).append(
                        (tree, node.value if isinstance(node, cst.Attribute) else node)
                    )
            elif not _mentions_one(parent):
                self._many |= keys
        elif name in ("enumerate", "zip", "sorted", "map"):
            self._many |= keys
        elif name in ("list", "tuple") and isinstance(parent, cst.Subscript):
            index = parent.slice[0].slice
            text = tree.source(index.value) if isinstance(index, cst.Index) else ":"
            if text != "0":
                self._many |= keys

    def _look_at_inputs(self, tree: Tree, call: cst.Call) -> None:
        """`exec_net.infer({"a": x, "b": y})`: a network with several inputs; results of several names likewise."""
        if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in _RUNS:
            return
        found = established(self.engine.facts.get(call.func.value, frozenset()))
        if found is None or found.kind not in ("executable_network", "request"):
            return
        if any(self._has_several_keys(arg.value) for arg in call.args):
            self._many |= self._keys(found, "input")

    def _has_several_keys(self, inputs: cst.BaseExpression) -> bool:
        """True for a dictionary of several inputs, written here, made elsewhere or filled later."""
        dicts = {v.node for v in self._facts(inputs) if isinstance(v, Container) and isinstance(v.node, cst.Dict)}
        slots = [{slot for slot in self.engine.store.items(node) if slot != ANY_ITEM} for node in dicts]
        displays = [inputs, *dicts]
        is_written = any(isinstance(node, cst.Dict) and len(node.elements) > 1 for node in displays)
        return is_written or any(len(keys) > 1 for keys in slots)


_RUNS = frozenset({"infer", "start_async", "async_infer"})


def view_of(tree: Tree, node: cst.CSTNode) -> cst.CSTNode:
    """`x.keys()`, `x.values()` or `x.items()` around `x`, else `x` itself."""
    parent = tree.parents[node]
    if isinstance(parent, cst.Attribute) and parent.value is node and parent.attr.value in ("keys", "values", "items"):
        call = tree.parents[parent]
        if isinstance(call, cst.Call) and call.func is parent and not call.args:
            return call
    return node


def _class_around(tree: Tree, node: cst.CSTNode) -> cst.ClassDef | None:
    return next((parent for parent in tree.ancestors(node) if isinstance(parent, cst.ClassDef)), None)


def _compares_with_one(tree: Tree, node: cst.Comparison) -> bool:
    """`len(x) == 1` in an assert, or `len(x) != 1` in an `if` that leaves."""
    target = node.comparisons[0]
    if not (isinstance(target.comparator, cst.Integer) and target.comparator.value == "1"):
        return False
    parent = tree.parents[node]
    if isinstance(parent, cst.Assert):
        return isinstance(target.operator, cst.Equal)
    if isinstance(parent, cst.If) and isinstance(target.operator, (cst.NotEqual, cst.GreaterThan)):
        return _leaves(parent.body)
    return False


def _is_looked_at(tree: Tree, node: cst.CSTNode) -> bool:
    """True for a name of a port in a comparison with another text, or with a method of text called on it."""
    parent = tree.parents[node]
    if isinstance(parent, cst.Attribute) and parent.value is node:
        return isinstance(tree.parents[parent], cst.Call)
    comparison = tree.parents[parent] if isinstance(parent, cst.ComparisonTarget) else parent
    if not isinstance(comparison, cst.Comparison) or len(comparison.comparisons) != 1:
        return False
    target = comparison.comparisons[0]
    if isinstance(target.operator, (cst.Is, cst.IsNot)):
        return False
    if isinstance(target.operator, (cst.In, cst.NotIn)):
        return (
            isinstance(target.comparator, (cst.List, cst.Tuple, cst.Set, cst.SimpleString)) or target.comparator is node
        )
    return True


def _mentions_one(node: cst.Comparison) -> bool:
    """True when some side of the comparison is the number 1, so that one port is among what the code expects."""
    parts = [node.left, *(target.comparator for target in node.comparisons)]
    return any(isinstance(part, cst.Integer) and part.value in ("0", "1") for part in parts)


def _leaves(body: cst.BaseSuite) -> bool:
    last = body.body[-1] if body.body else None
    statement = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last
    if isinstance(statement, cst.Expr) and isinstance(statement.value, cst.Call):
        func = statement.value.func
        return isinstance(func, (cst.Name, cst.Attribute)) and (
            func.value if isinstance(func, cst.Name) else func.attr.value
        ) in ("exit", "quit", "_exit")
    return isinstance(statement, (cst.Return, cst.Raise))


def called_name(tree: Tree, arg: cst.CSTNode) -> str:
    """The name of the function or method that `arg` is a plain argument of, else ""."""
    call = tree.parents[arg]
    if not isinstance(arg, cst.Arg) or not isinstance(call, cst.Call) or arg.star or arg.keyword is not None:
        return ""
    if isinstance(call.func, cst.Name):
        return call.func.value
    return call.func.attr.value if isinstance(call.func, cst.Attribute) else ""


def _only_argument_of(tree: Tree, node: cst.CSTNode, name: str) -> cst.Call | None:
    parent = tree.parents[node]
    if isinstance(parent, cst.Arg) and called_name(tree, parent) == name:
        call = tree.parents[parent]
        if isinstance(call, cst.Call) and len(call.args) == 1:
            return call
    return None


def first_item(tree: Tree, view: cst.CSTNode) -> cst.BaseExpression | None:
    """The expression around `view` that takes its first item."""
    iterator = _only_argument_of(tree, view, "iter")
    if iterator is not None:
        return _only_argument_of(tree, iterator, "next")
    for name in ("list", "tuple", "sorted"):
        call = _only_argument_of(tree, view, name)
        if call is not None:
            parent = tree.parents[call]
            if (
                isinstance(parent, cst.Subscript)
                and parent.value is call
                and tree.source(parent.slice[0]).strip() == "0"
            ):
                return parent
    parent = tree.parents[view]
    if isinstance(parent, cst.Subscript) and parent.value is view and tree.source(parent.slice[0]).strip() == "0":
        return parent if isinstance(view, cst.Call) else None
    return None
