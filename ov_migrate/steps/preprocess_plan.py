"""Where the PrePostProcessor of a network is made, and where it is built.

Setters changed the network and took effect at the next load. So one PrePostProcessor is made in front of the first
setter and built in front of the first load behind it; both stand in the innermost block that holds all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from ov_migrate.edits import Edit, Part
from ov_migrate.inference import Engine
from ov_migrate.inference.values import Legacy, Method
from ov_migrate.steps.context import bind, established
from ov_migrate.steps.network_of import network_of
from ov_migrate.steps.places import Places
from ov_migrate.steps.statements import insert_after, insert_before
from ov_migrate.syntax import Tree, dotted

_SETTER_KINDS = frozenset({"input_info", "input_data", "output_data"})
_LOADS = (("core", "load_network"), ("plugin", "load"))


@dataclass
class Setter:
    """One assignment such as `net.inputs[name].precision = "U8"`."""

    module: int
    target: cst.Attribute
    network: cst.BaseExpression | None
    port: tuple[Part, ...]
    side: str


@dataclass
class Pipeline:
    """The setters of one network in one scope, and the loads that they take effect at."""

    setters: list[Setter] = field(default_factory=list)
    variable: str = "ppp"
    problem: str = ""
    making: tuple[cst.CSTNode, tuple[Part, ...]] | None = None
    building: tuple[cst.CSTNode, tuple[Part, ...]] | None = None
    is_behind: bool = False


class PreprocessPlan:
    """`pipeline(target)` is what a setter belongs to; `setter(target)` how its port is addressed."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.places = Places(engine)
        self.setters: dict[cst.CSTNode, Setter] = {}
        self.pipelines: list[Pipeline] = []
        for index, module in enumerate(engine.project.modules):
            for node in module.tree.all(cst.AssignTarget):
                self._collect(index, module.tree, node)
        for index in range(len(engine.project.modules)):
            self._group(index)

    def pipeline(self, target: cst.CSTNode) -> Pipeline | None:
        """The pipeline of the setter with this assignment target."""
        return next((p for p in self.pipelines if any(s.target is target for s in p.setters)), None)

    def _collect(self, index: int, tree: Tree, node: cst.AssignTarget) -> None:
        target = node.target
        if not isinstance(target, cst.Attribute) or target.attr.value != "precision":
            return
        found = established(self.engine.facts.get(target.value, frozenset()))
        if found is None or found.kind not in _SETTER_KINDS:
            return
        side = "output" if found.kind == "output_data" else "input"
        network, port = self._address(index, target.value)
        self.setters[target] = Setter(index, target, network, port, side)

    def _address(self, index: int, node: cst.BaseExpression) -> tuple[cst.BaseExpression | None, tuple[Part, ...]]:
        """The network and the name of the port: `net` and `name` for `net.inputs[name]`; for a variable that holds a
        port, its name."""
        if isinstance(node, cst.Attribute) and node.attr.value == "input_data":
            return self._address(index, node.value)
        network = network_of(self.places, index, node)
        if isinstance(node, cst.Subscript) and isinstance(node.slice[0].slice, cst.Index):
            return network, (node.slice[0].slice.value,)
        return network, (node, ".any_name")

    def _group(self, index: int) -> None:
        tree = self.places.tree(index)
        pipelines: dict[tuple[object, frozenset[object]], Pipeline] = {}
        for target, setter in self.setters.items():
            if setter.module == index:
                key = (tree.scope(target), self._network_origins(setter))
                pipelines.setdefault(key, Pipeline()).setters.append(setter)
        for number, pipeline in enumerate(pipelines.values()):
            pipeline.setters.sort(key=lambda setter: tree.spans[setter.target])
            pipeline.variable = self._free_variable(index, number)
            self._place(index, tree, pipeline)
            self.pipelines.append(pipeline)

    def _network_origins(self, setter: Setter) -> frozenset[object]:
        found = established(self.engine.facts.get(setter.target.value, frozenset()))
        return found.origins if found is not None else frozenset()

    def _free_variable(self, index: int, number: int) -> str:
        scopes = self.engine.project.modules[index].names.scopes.values()
        candidates = [f"ppp{n or ''}" for n in range(number, 100)]
        return next(name for name in candidates if not any(name in scope.bound for scope in scopes))

    def _place(self, index: int, tree: Tree, pipeline: Pipeline) -> None:
        first = pipeline.setters[0]
        targets: list[cst.CSTNode] = [setter.target for setter in pipeline.setters]
        loads = self._loads(index, tree, first)
        behind = [load for load in loads if tree.spans[load][0] > tree.spans[targets[-1]][0]]
        if not behind:
            self._place_by_itself(tree, pipeline, targets)
            return
        network = self._network_text(tree, pipeline, behind[0])
        if network is None:
            pipeline.problem = "the network has another name where it is loaded"
            return
        block = _common_block(tree, [*targets, behind[0]])
        binding = self._binding(tree, network, first.target)
        if binding is not None and tree.spans[binding][0] >= tree.spans[_statement_in(tree, block, first.target)][0]:
            block = _common_block(tree, [*targets, binding])
        start = _statement_in(tree, block, first.target)
        end = _building_statement(tree, behind, start)
        if start is end or any(tree.spans[load][0] < tree.spans[start][0] for load in loads):
            pipeline.problem = "it stands between two loads of the same network"
            return
        pipeline.making = (start, (network,))
        pipeline.building = (end, (network,))

    def _place_by_itself(self, tree: Tree, pipeline: Pipeline, targets: list[cst.CSTNode]) -> None:
        """The setters of a network that is loaded elsewhere: it is built right behind them, which changes it in place.
        Shapes stay as they are, since only element types are set."""
        names = {dotted(setter.network) for setter in pipeline.setters}
        network = names.pop() if len(names) == 1 else None
        if network is None:
            pipeline.problem = "the network has no name here"
            return
        block = _common_block(tree, targets)
        start, end = (_statement_in(tree, block, target) for target in (targets[0], targets[-1]))
        binding = self._binding(tree, network, targets[0])
        if binding is not None and tree.spans[binding][0] >= tree.spans[start][0]:
            pipeline.problem = "the network is another one in each round"
            return
        while isinstance(tree.parents[block], (cst.For, cst.While)) and not self._is_bound_in(tree, block, network):
            start = end = tree.parents[block]
            block = tree.parents[start]
        pipeline.making, pipeline.building, pipeline.is_behind = (start, (network,)), (end, (network,)), True

    def _is_bound_in(self, tree: Tree, block: cst.CSTNode, network: str) -> bool:
        """True when the network's name, or its root, gets a value inside the loop with this block."""
        loop = tree.parents[block]
        roots = (network, network.split(".")[0])
        names = [dotted(node.target) for node in tree.all(cst.AssignTarget) if loop in tree.ancestors(node)]
        target = dotted(loop.target) if isinstance(loop, cst.For) else None
        return any(name in roots for name in [*names, target])

    def _binding(self, tree: Tree, network: str, setter: cst.CSTNode) -> cst.CSTNode | None:
        """The last assignment to the network's name in front of the setter, in the same scope."""
        found = [
            holder.target
            for holder in tree.all(cst.AssignTarget)
            if isinstance(holder, cst.AssignTarget)
            and dotted(holder.target) == network
            and tree.scope(holder) is tree.scope(setter)
            and tree.spans[holder][0] < tree.spans[setter][0]
        ]
        return max(found, key=lambda target: tree.spans[target]) if found else None

    def _loads(self, index: int, tree: Tree, setter: Setter) -> list[cst.Call]:
        origins = self._network_origins(setter)
        found = []
        for call in tree.all(cst.Call):
            if tree.scope(call) is tree.scope(setter.target):
                argument = self._loaded_network(call)
                facts = self.engine.facts.get(argument, frozenset()) if argument is not None else frozenset()
                if any(isinstance(v, Legacy) and v.origin in origins for v in facts):
                    found.append(call)
        return sorted(found, key=lambda call: tree.spans[call])

    def _loaded_network(self, call: cst.Call) -> cst.BaseExpression | None:
        for value in self.engine.facts.get(call.func, ()):
            if isinstance(value, Method) and (value.receiver.kind, value.name) in _LOADS:
                member = self.engine.api.member(value.receiver.kind, value.name)
                arg = (bind(call, member.parameters) or {}).get("network") if member else None
                return arg.value if arg is not None else None
        return None

    def _network_text(self, tree: Tree, pipeline: Pipeline, load: cst.Call) -> str | None:
        """The one name of the network at all its setters and at its load."""
        argument = self._loaded_network(load)
        path = dotted(argument)
        names = {dotted(s.network) for s in pipeline.setters if s.network is not None}
        return path if path is not None and names <= {path} else None

    def making_edits(self, pipeline: Pipeline, index: int, name: str) -> list[Edit]:
        """The statements that make and build the PrePostProcessor; `name` is the class as it is imported here."""
        tree = self.places.tree(index)
        assert pipeline.making is not None
        assert pipeline.building is not None
        start, network = pipeline.making
        end, _ = pipeline.building
        made = insert_before(tree, start, (f"{pipeline.variable} = {name}(", *network, ")"))
        insert = insert_after if pipeline.is_behind else insert_before
        built = insert(tree, end, (*network, f" = {pipeline.variable}.build()"))
        return [made, built]


def _common_block(tree: Tree, nodes: list[cst.CSTNode]) -> cst.CSTNode:
    """The innermost block that holds all `nodes` in more than one of its statements, or at least all of them."""
    chains = [[n for n in tree.ancestors(node) if isinstance(n, (cst.IndentedBlock, cst.Module))] for node in nodes]
    return next(block for block in chains[0] if all(block in chain for chain in chains[1:]))


def _statement_in(tree: Tree, block: cst.CSTNode, node: cst.CSTNode) -> cst.CSTNode:
    """The statement of `block` that holds `node`."""
    found = node
    while tree.parents[found] is not block:
        found = tree.parents[found]
    return found


def _building_statement(tree: Tree, loads: list[cst.Call], start: cst.CSTNode) -> cst.CSTNode:
    """The statement in front of which the model is built: that of the load, or the loop around it; with several loads,
    the one of their common block."""
    statement = tree.block_statement(loads[0])
    if len(loads) > 1:
        statement = _statement_in(tree, _common_block(tree, list(loads)), loads[0])
    around = set(tree.ancestors(start))
    for parent in tree.ancestors(statement):
        if isinstance(parent, (cst.For, cst.While)) and parent not in around:
            statement = parent
        if isinstance(parent, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            break
    return statement
