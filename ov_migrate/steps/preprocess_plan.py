"""Where the PrePostProcessor of a network is made, and where it is built.

Setters changed the network and took effect at the next load. So one PrePostProcessor is made in front of the first
setter and built in front of the first load behind it; both stand in the innermost block that holds all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from ov_migrate.edits import Edit, Part
from ov_migrate.inference import Engine
from ov_migrate.inference.values import Legacy
from ov_migrate.steps.layout_plan import LayoutPlan, Origins, loaded_network
from ov_migrate.steps.places import Places
from ov_migrate.steps.preprocess_blocks import building_statement, common_block, statement_in
from ov_migrate.steps.preprocess_chain import Chain, chains
from ov_migrate.steps.preprocess_conflicts import Conflicts, network_origins
from ov_migrate.steps.preprocess_setters import MEAN, STEPS, Setter, Setters, port_key
from ov_migrate.steps.statements import insert_after, insert_before
from ov_migrate.syntax import Tree, dotted


@dataclass
class Pipeline:
    """The setters of one network in one scope, and the loads that they take effect at."""

    setters: list[Setter] = field(default_factory=list)
    chains: list[Chain] = field(default_factory=list)
    variable: str = "ppp"
    problem: str = ""
    making: tuple[cst.CSTNode, tuple[Part, ...]] | None = None
    building: tuple[cst.CSTNode, tuple[Part, ...]] | None = None
    is_behind: bool = False


class PreprocessPlan:
    """`setter(node)` is what an assignment target, or a call of `init`, sets; `pipeline(setter)` what it belongs to,
    and `chain(setter)` the steps that it is one of."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.places = Places(engine)
        self.pipelines: list[Pipeline] = []
        self._chains: dict[cst.CSTNode, Chain] = {}
        modules = [index for index, _ in engine.legacy_modules]
        found = [setter for index in modules for setter in Setters(self.places, index).all()]
        self.setters: dict[cst.CSTNode, Setter] = {setter.node: setter for setter in found}
        Conflicts(self.places, found).refuse()
        self.layouts = LayoutPlan(self.places)
        for index in modules:
            self._group(index)

    def setter(self, node: cst.CSTNode) -> Setter | None:
        """The setter with this assignment target or call."""
        return self.setters.get(node)

    def pipeline(self, setter: Setter) -> Pipeline | None:
        """The pipeline that takes the setter over."""
        return next((p for p in self.pipelines if setter in p.setters), None)

    def chain(self, setter: Setter) -> Chain | None:
        """The chain of steps that the setter is part of."""
        return self._chains.get(setter.node)

    def is_value(self, enum: cst.CSTNode) -> bool:
        """True for the `ColorFormat` of `ColorFormat.RGB` in a setter, which says itself what to do about it."""
        values = (setter.value for setter in self.setters.values())
        return any(isinstance(value, cst.Attribute) and value.value is enum for value in values)

    def takes(self, layout: str) -> bool:
        """True when some input of the program gets tensors of this layout."""
        is_described = any(chain.tensor_layout == layout for pipeline in self.pipelines for chain in pipeline.chains)
        return is_described or self.layouts.has(layout)

    def written_at(self, setter: Setter) -> cst.CSTNode:
        """Where the new statement of a setter comes to stand: with the last of its chain."""
        chain = self.chain(setter)
        return chain.last if chain is not None else setter.node

    def is_first(self, setter: Setter) -> bool:
        """True for the setter whose new statement comes first: the PrePostProcessor is made in front of it."""
        pipeline = self.pipeline(setter)
        spans = self.places.tree(setter.module).spans
        places = [self.written_at(other) for other in pipeline.setters] if pipeline is not None else []
        return min(places, key=lambda node: spans[node], default=None) is self.written_at(setter)

    def problem(self, setter: Setter) -> str:
        """Why the setter is left; "" when it is rewritten."""
        pipeline, chain = self.pipeline(setter), self.chain(setter)
        if setter.problem or setter.is_idle:
            return setter.problem
        if pipeline is None or (setter.member in STEPS and chain is None):
            return "the network is not seen"
        return pipeline.problem or (chain.problem if chain is not None else "")

    def _group(self, index: int) -> None:
        tree = self.places.tree(index)
        pipelines: dict[tuple[object, Origins], Pipeline] = {}
        for setter in self.setters.values():
            if setter.module == index and not setter.is_idle and not setter.problem:
                key = (tree.scope(setter.node), network_origins(self.engine, setter))
                pipelines.setdefault(key, Pipeline()).setters.append(setter)
        for number, pipeline in enumerate(pipelines.values()):
            pipeline.setters.sort(key=lambda setter: tree.spans[setter.node])
            pipeline.variable = self._free_variable(index, number)
            self._arrange(index, tree, pipeline)
            if pipeline.setters:
                self.pipelines.append(pipeline)

    def _arrange(self, index: int, tree: Tree, pipeline: Pipeline) -> None:
        """Finds chains and places; setters that cannot be rewritten leave the pipeline, and the rest is placed anew."""
        while pipeline.setters:
            pipeline.making = pipeline.building = None
            pipeline.is_behind, pipeline.problem = False, ""
            self._make_chains(tree, pipeline)
            refused = [s for chain in pipeline.chains if chain.problem for s in chain.setters]
            if not refused:
                self._place(index, tree, pipeline)
                refused = self._unfit_layouts(index, pipeline)
            if not refused:
                return
            pipeline.setters = [setter for setter in pipeline.setters if setter not in refused]

    def _make_chains(self, tree: Tree, pipeline: Pipeline) -> None:
        pipeline.chains = []
        ports: dict[str, list[Setter]] = {}
        for setter in pipeline.setters:
            ports.setdefault(port_key(self.places, setter.module, setter.port), []).append(setter)
        for setters in ports.values():
            steps = [setter for setter in setters if setter.member in STEPS]
            for chain in chains(tree, steps) if steps else ():
                self._fit(tree, chain, setters)
                pipeline.chains.append(chain)
                for setter in chain.setters:
                    self._chains[setter.node] = chain
                    setter.problem = chain.problem

    def _fit(self, tree: Tree, chain: Chain, setters: list[Setter]) -> None:
        """What the chain needs of the other setters of its port."""
        layouts = [setter for setter in setters if setter.member == "layout"]
        blocks = {tree.parents[tree.block_statement(setter.node)] for setter in layouts}
        chain.sets_model_layout = blocks.isdisjoint(tree.ancestors(chain.last))
        if not layouts and (chain.find("color_format") or chain.find("resize_algorithm")):
            chain.tensor_layout = self.layouts.described_layout() or "NCHW"
        types = {setter.chosen for setter in setters if setter.member == "precision"}
        has_mean = any(setter.member in MEAN for setter in setters)
        if has_mean and any(setter.member == "color_format" for setter in setters):
            chain.refuse("releases differ in what comes first", "color-and-mean")
        elif chain.has_mean and types - {"FP32"}:
            chain.refuse("releases differ in what mean values of integers give", "mean-of-integers")

    def _unfit_layouts(self, index: int, pipeline: Pipeline) -> list[Setter]:
        """Layouts that change what other statements of the program see, and cannot be told to them."""
        changed = [setter for setter in pipeline.setters if setter.member == "layout"]
        if not changed or pipeline.problem or pipeline.building is None:
            return []
        origins = frozenset(origin for setter in changed for origin in network_origins(self.engine, setter))
        problem = self.layouts.follow(index, changed, origins, pipeline.building[0], pipeline.is_behind)
        ports = {port_key(self.places, index, setter.port) for setter in changed}
        refused = [
            setter
            for setter in pipeline.setters
            if problem
            and setter.side == "input"
            and setter.member != "precision"
            and port_key(self.places, index, setter.port) in ports
        ]
        for setter in refused:
            setter.problem = problem
        return refused

    def _free_variable(self, index: int, number: int) -> str:
        scopes = self.engine.project.modules[index].names.scopes.values()
        candidates = [f"ppp{n or ''}" for n in range(number, 100)]
        return next(name for name in candidates if not any(name in scope.bound for scope in scopes))

    def _place(self, index: int, tree: Tree, pipeline: Pipeline) -> None:
        first = pipeline.setters[0]
        targets = sorted({self.written_at(setter) for setter in pipeline.setters}, key=lambda node: tree.spans[node])
        loads = self._loads(index, tree, first)
        behind = [load for load in loads if tree.spans[load][0] > tree.spans[targets[-1]][0]]
        if not behind:
            self._place_by_itself(tree, pipeline, targets)
            return
        if len(behind) < len(loads):
            pipeline.problem = "it is loaded before everything is set"
            return
        network = self._network_text(tree, pipeline, behind[0])
        if network is None:
            pipeline.problem = "the network has another name where it is loaded"
            return
        block = common_block(tree, [*targets, behind[0]])
        binding = self._binding(tree, network, first.node)
        if binding is not None and tree.spans[binding][0] >= tree.spans[statement_in(tree, block, targets[0])][0]:
            block = common_block(tree, [*targets, binding])
        start = statement_in(tree, block, targets[0])
        if self._is_repeated(tree, start, network):
            pipeline.problem = "it is set anew in each round of a loop"
            return
        end = building_statement(tree, behind, start)
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
        block = common_block(tree, targets)
        start, end = (statement_in(tree, block, target) for target in (targets[0], targets[-1]))
        binding = self._binding(tree, network, targets[0])
        if binding is not None and tree.spans[binding][0] >= tree.spans[start][0]:
            pipeline.problem = "the network is another one in each round"
            return
        while isinstance(tree.parents.get(block), (cst.For, cst.While)) and not self._is_bound_in(tree, block, network):
            start = end = tree.parents[block]
            block = tree.parents[start]
        pipeline.making, pipeline.building, pipeline.is_behind = (start, (network,)), (end, (network,)), True

    def _is_repeated(self, tree: Tree, start: cst.CSTNode, network: str) -> bool:
        """True in a loop that goes on with the same network."""
        inner: cst.CSTNode = start
        for parent in tree.ancestors(start):
            if isinstance(parent, (cst.FunctionDef, cst.Lambda)):
                return False
            if isinstance(parent, (cst.For, cst.While)) and not self._is_bound_in(tree, inner, network):
                return True
            inner = parent
        return False

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
        origins = network_origins(self.engine, setter)
        found = []
        for call in tree.all(cst.Call):
            if tree.scope(call) is tree.scope(setter.node):
                argument = loaded_network(self.engine, call)
                facts = self.engine.facts.get(argument, frozenset()) if argument is not None else frozenset()
                if any(isinstance(v, Legacy) and v.origin in origins for v in facts):
                    found.append(call)
        return sorted(found, key=lambda call: tree.spans[call])

    def _network_text(self, tree: Tree, pipeline: Pipeline, load: cst.Call) -> str | None:
        """The one name of the network at all its setters and at its load."""
        argument = loaded_network(self.engine, load)
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
