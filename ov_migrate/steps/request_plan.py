"""Decides, for each executable network, how many requests stand beside the compiled model and where they are kept.

An executable network owned its requests; a compiled model owns none. So every place that held an executable network
whose requests are used gets a *companion*: a variable, attribute or parameter that holds the request (or the list of
requests). Companions are made where the compiled model is made and handed on wherever the executable network went.
Where that cannot be done, `infer` alone is still served by calling the compiled model, which keeps one request of its
own; everything else is left and listed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import libcst as cst

from ov_migrate.edits import Edit, Imported, Part
from ov_migrate.inference import Engine
from ov_migrate.inference.values import Class, Constant, Function, Legacy
from ov_migrate.steps.companion_names import companion_name, owner_of
from ov_migrate.steps.context import bind, established
from ov_migrate.steps.places import Attribute, Place, Places, Variable
from ov_migrate.steps.queue_form import QueueForm, queue_form
from ov_migrate.steps.statements import insert_after
from ov_migrate.syntax import Tree

MEMBERS = ("infer", "start_async", "requests", "wait", "get_idle_request_id")
KIND = "executable_network"


class Unsupported(Exception):
    """The requests cannot be carried to some place; the text says why."""


@dataclass
class Use:
    """One use of the requests of an executable network: the attribute `node`, such as `exec_net.infer`."""

    module: int
    node: cst.Attribute
    origins: frozenset[cst.CSTNode | None]


@dataclass
class Group:
    """Executable networks that share a use, and so have to be treated alike."""

    uses: list[Use] = field(default_factory=list)
    origins: set[cst.CSTNode | None] = field(default_factory=set)
    single: bool = True
    queue: QueueForm | None = None
    problem: str = ""
    inline: cst.CSTNode | None = None
    names: dict[Place, str] = field(default_factory=dict)
    edits: dict[tuple[int, cst.CSTNode], list[Edit]] = field(default_factory=dict)

    @property
    def infer_only(self) -> bool:
        return all(use.node.attr.value == "infer" for use in self.uses)


class RequestPlan:
    """`companion(node)` is what to write for the requests of the executable network at `node`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.places = Places(engine)
        self.groups = self._group(self._uses())
        self._taken: set[tuple[object, str]] = set()
        self._owners = self._count_owners()
        for group in self.groups:
            group.queue = self._queue_form(group)
            group.single = group.queue is None and self._is_single(group)
            try:
                self._plan(group)
            except Unsupported as problem:
                group.problem = str(problem)
                group.edits.clear()
        self._by_use: dict[cst.CSTNode, Group] = {use.node: group for group in self.groups for use in group.uses}

    def group(self, use: cst.CSTNode) -> Group | None:
        """The group of a use such as `exec_net.infer`."""
        return self._by_use.get(use)

    def makes_requests(self, load: cst.CSTNode) -> bool:
        """True when the requests of the executable network made by `load` are used here and are carried along."""
        return any(load in group.origins and not group.problem for group in self.groups)

    def companion(self, group: Group, module: int, node: cst.BaseExpression) -> tuple[Part, ...]:
        """The text for the companion of the executable network that `node` gives."""
        if node in group.origins:
            return (node, ".create_infer_request()")
        places = self.places.of(module, node)
        names = {group.names[place] for place in places if place in group.names}
        if len(names) != 1 or len(places) == 0:
            raise Unsupported("it is not kept in a variable or attribute")
        name = names.pop()
        if isinstance(node, cst.Attribute):
            return (node.value, ".", name)
        return (name,)

    def edits(self, module: int) -> list[tuple[cst.CSTNode, list[Edit]]]:
        """The statements of one module that get companions beside them, with the edits that do it."""
        return [
            (node, edits)
            for group in self.groups
            if not group.problem
            for (index, node), edits in group.edits.items()
            if index == module
        ]

    def _count_owners(self) -> dict[object, int]:
        """How many places of each scope and class hold executable networks whose requests are used."""
        used = {
            place for group in self.groups for use in group.uses for place in self.places.of(use.module, use.node.value)
        }
        owners = [owner_of(place) for place in used]
        return {owner: owners.count(owner) for owner in owners}

    def _uses(self) -> list[Use]:
        uses = []
        for index, module in enumerate(self.engine.project.modules):
            for node in module.tree.all(cst.Attribute):
                if node.attr.value not in MEMBERS:
                    continue
                found = established(self.places.facts(node.value))
                if found is not None and found.kind == KIND:
                    uses.append(Use(index, node, found.origins))
        return uses

    def _group(self, uses: list[Use]) -> list[Group]:
        groups: list[Group] = []
        for use in uses:
            joined = Group([use], set(use.origins))
            for group in [g for g in groups if g.origins & use.origins]:
                joined.uses = group.uses + joined.uses
                joined.origins |= group.origins
                groups.remove(group)
            groups.append(joined)
        return groups

    def _queue_form(self, group: Group) -> QueueForm | None:
        modules = {use.module for use in group.uses}
        members = {use.node.attr.value for use in group.uses}
        if "get_idle_request_id" not in members or len(modules) > 1:
            return None
        return queue_form(self.places.tree(modules.pop()), [use.node for use in group.uses])

    def _is_single(self, group: Group) -> bool:
        return all(self._is_request_zero(use) for use in group.uses)

    def _is_request_zero(self, use: Use) -> bool:
        tree = self.places.tree(use.module)
        parent = tree.parents[use.node]
        member = use.node.attr.value
        if member == "infer":
            return True
        if member == "requests":
            return isinstance(parent, cst.Subscript) and _is_zero(parent.slice[0].slice)
        if member == "start_async" and isinstance(parent, cst.Call):
            arguments = bind(parent, ("request_id", "inputs")) or {}
            return "request_id" in arguments and _is_zero(arguments["request_id"].value)
        return False

    def _plan(self, group: Group) -> None:
        if None in group.origins:
            raise Unsupported("nobody is seen to pass it")
        if self._plan_inline(group):
            return
        for use in group.uses:
            self._need(group, use.module, use.node.value)

    def _plan_inline(self, group: Group) -> bool:
        """`request = exec_net.requests[0]` as the only use, beside the load: the request is made there."""
        if len(group.uses) != 1 or len(group.origins) != 1 or not group.single:
            return False
        use = group.uses[0]
        (origin,) = group.origins
        tree = self.places.tree(use.module)
        if use.node.attr.value != "requests" or origin not in tree.parents or use.node.value in group.origins:
            return False
        assert origin is not None
        same_block = tree.parents[tree.block_statement(origin)] is tree.parents[tree.block_statement(use.node)]
        if same_block and tree.spans[origin] < tree.spans[use.node]:
            group.inline = use.node
        return group.inline is not None

    def _need(self, group: Group, module: int, node: cst.BaseExpression) -> None:
        """Sees to it that the executable network at `node` has a companion."""
        if node in group.origins:
            if not group.single:
                raise Unsupported("several requests of an executable network without a name")
            return
        places = self.places.of(module, node)
        if not places:
            raise Unsupported("it is not kept in a variable or attribute")
        for place in places:
            self._need_place(group, place)
        if len({group.names[place] for place in places}) > 1:
            raise Unsupported("it comes from attributes of different names")

    def _need_place(self, group: Group, place: Place) -> None:
        if place in group.names:
            return
        is_alone = self._owners.get(owner_of(place), 0) <= 1
        plain = "infer_queue" if group.queue is not None else "infer_request" if group.single else "infer_requests"
        group.names[place] = companion_name(self.places, place, plain, is_alone, self._taken)
        bound = False
        for module, target in self.places.bindings(place):
            if self._holds_group(group, target):
                self._bind(group, module, place, target)
                bound = True
        if not bound:
            raise Unsupported("it is not seen where it is put there")

    def _holds_group(self, group: Group, target: cst.CSTNode) -> bool:
        if isinstance(target, cst.Param):
            module = self.places.module_of(target)
            function = self._function_of(module, target)
            kinds = self.engine.store.read(function, "param:" + target.name.value)
        elif isinstance(target, cst.ImportAlias):
            return True
        else:
            kinds = self.places.facts(target)
        return any(isinstance(v, Legacy) and v.kind == KIND and v.origin in group.origins for v in kinds)

    def _function_of(self, module: int, param: cst.Param) -> cst.FunctionDef | cst.Lambda:
        tree = self.places.tree(module)
        return next(n for n in tree.ancestors(param) if isinstance(n, (cst.FunctionDef, cst.Lambda)))

    def _bind(self, group: Group, module: int, place: Place, target: cst.CSTNode) -> None:
        if isinstance(target, cst.Param):
            self._bind_parameter(group, module, place, target)
            return
        tree = self.places.tree(module)
        value, index = _assigned_value(tree, target)
        if value is None:
            raise Unsupported("it is bound by something else than an assignment")
        assert isinstance(target, (cst.Name, cst.Attribute))
        statement = tree.statement(target)
        companion = self._target_text(group, tree, place, target)
        source = self._source(group, module, value, index, target)
        if source == companion:
            return
        edit = insert_after(tree, statement, (*companion, " = ", *source))
        group.edits.setdefault((module, statement), []).append(edit)
        self._declare_global(group, module, place, target)

    def _target_text(
        self, group: Group, tree: Tree, place: Place, target: cst.Name | cst.Attribute
    ) -> tuple[Part, ...]:
        name = group.names[place]
        return (target.value, ".", name) if isinstance(target, cst.Attribute) else (name,)

    def _source(
        self, group: Group, module: int, value: cst.BaseExpression, index: int | None, target: cst.CSTNode
    ) -> tuple[Part, ...]:
        """The right-hand side that gives `target` its companion: made new, or taken from another place."""
        if index is None and isinstance(value, (cst.Name, cst.Attribute)):
            self._need(group, module, value)
            return self.companion(group, module, value)
        passed = self._passed_through(group, module, value, index)
        if passed is not None:
            self._need(group, module, passed)
            return self.companion(group, module, passed)
        count = self._fresh_count(group, module, value, index)
        return self._creation(group, module, target, count)

    def _passed_through(
        self, group: Group, module: int, value: cst.BaseExpression, index: int | None
    ) -> cst.BaseExpression | None:
        """The argument of a call whose functions give back just the parameter that it is for."""
        callees = self.engine.callees.get(value, set()) if isinstance(value, cst.Call) else set()
        found: set[cst.BaseExpression | None] = set()
        for function in callees:
            returned = [r for r in self._returned(function, index) if self._holds_group(group, r)]
            names = {r.value if isinstance(r, cst.Name) else "" for r in returned}
            found.add(self._argument_for(value, function, names.pop()) if len(names) == 1 else None)
        return found.pop() if len(found) == 1 else None

    def _argument_for(self, call: cst.BaseExpression, function: Function, name: str) -> cst.BaseExpression | None:
        params = [p.name.value for p in (*function.node.params.posonly_params, *function.node.params.params)]
        names = self.engine.project.modules[self.engine.module_of[function.node]].names.scopes[function.node]
        if name not in params or len(names.bindings.get(name, ())) != 1 or not isinstance(call, cst.Call):
            return None
        arguments = bind(call, tuple(params[1:] if function.receiver is not None else params)) or {}
        return arguments[name].value if name in arguments else None

    def _returned(self, function: Function, index: int | None) -> list[cst.BaseExpression]:
        """What a function returns; with `index`, the items at that place of the tuples it returns."""
        tree = self.places.tree(self.engine.module_of[function.node])
        returns = [n for n in tree.all(cst.Return) if n.value is not None and tree.scope(n) is function.node]
        values = [n.value for n in returns if n.value is not None]
        if index is None:
            return values
        tuples = [v for v in values if isinstance(v, cst.Tuple) and index < len(v.elements)]
        return [v.elements[index].value for v in tuples] if len(tuples) == len(values) else []

    def _creation(
        self, group: Group, module: int, target: cst.CSTNode, count: cst.BaseExpression | None
    ) -> tuple[Part, ...]:
        if group.single:
            return (target, ".create_infer_request()")
        number: tuple[Part, ...] = ("1",)
        if count is not None:
            same_module = self.places.module_of(count) == module
            number = (count if same_module else self.places.tree(self.places.module_of(count)).source(count),)
        if group.queue is not None:
            return (Imported("AsyncInferQueue"), "(", target, ", ", *number, ")")
        value = 1 if count is None else self._literal(count)
        quote = self.places.tree(module).quote
        optimal = (target, f".get_property({quote}OPTIMAL_NUMBER_OF_INFER_REQUESTS{quote})")
        if value == 1:
            return ("[", target, ".create_infer_request()]")
        if value == 0:
            number = optimal
        elif value is None and count is not None and self._may_be_zero(group, count):
            number = (*number, " or ", *optimal)
        return ("[", target, ".create_infer_request() for _ in range(", *number, ")]")

    def _literal(self, count: cst.BaseExpression) -> int | None:
        return int(count.value, 0) if isinstance(count, cst.Integer) else None

    def _may_be_zero(self, group: Group, count: cst.BaseExpression) -> bool:
        """0 meant the optimal number. False where other numbers are seen, or where an empty list fails at once because
        the requests are taken from it one by one."""
        if not isinstance(count, (cst.Name, cst.Attribute, cst.Subscript)):
            return False
        numbers = [value.value for value in self.places.facts(count) if isinstance(value, Constant)]
        if numbers:
            return 0 in numbers
        return not all(self._is_taken_one_by_one(use) for use in group.uses)

    def _is_taken_one_by_one(self, use: Use) -> bool:
        parent = self.places.tree(use.module).parents[use.node]
        return use.node.attr.value != "requests" or (isinstance(parent, cst.Subscript) and parent.value is use.node)

    def _fresh_count(
        self, group: Group, module: int, value: cst.BaseExpression, index: int | None
    ) -> cst.BaseExpression | None:
        """The num_requests of the call that makes the executable network new at each run of `value`."""
        tree = self.places.tree(module)
        if index is not None and isinstance(value, (cst.Tuple, cst.List)):
            element = value.elements[index].value
            if isinstance(element, (cst.Name, cst.Attribute)):
                raise Unsupported("it is handed on inside a tuple")
            return self._fresh_count(group, module, element, None)
        if isinstance(value, cst.IfExp):
            counts = [self._fresh_count(group, module, part, None) for part in (value.body, value.orelse)]
            return self._same_count(module, counts)
        if not isinstance(value, cst.Call):
            raise Unsupported("it is taken out of a container or an expression")
        if value in group.origins:
            return self._num_requests(module, value)
        counts = [self._returned_count(group, function, index) for function in self.engine.callees.get(value, ())]
        if not counts or not isinstance(tree.parents.get(value), cst.CSTNode):
            raise Unsupported("it comes out of a call that cannot be followed")
        return self._same_count(module, counts, literal=True)

    def _returned_count(self, group: Group, function: Function, index: int | None) -> cst.BaseExpression | None:
        module = self.engine.module_of[function.node]
        values = [value for value in self._returned(function, index) if self._holds_group(group, value)]
        counts = [self._local_count(group, module, function, value) for value in values]
        if not counts:
            raise Unsupported("it comes out of a function that cannot be followed")
        return self._same_count(module, counts, literal=True)

    def _local_count(
        self, group: Group, module: int, function: Function, value: cst.BaseExpression
    ) -> cst.BaseExpression | None:
        if isinstance(value, cst.Call):
            return self._fresh_count(group, module, value, None)
        for place in self.places.of(module, value):
            if not isinstance(place, Variable) or place.scope is not function.node or place in group.names:
                break
            targets = [t for _, t in self.places.bindings(place) if self._holds_group(group, t)]
            tree = self.places.tree(module)
            values = [_assigned_value(tree, target) for target in targets]
            if any(v is None or i is not None for v, i in values):
                break
            return self._same_count(
                module, [self._fresh_count(group, module, v, i) for v, i in values if v], literal=True
            )
        raise Unsupported("a function gives away an executable network that it keeps")

    def _same_count(
        self, module: int, counts: list[cst.BaseExpression | None], literal: bool = False
    ) -> cst.BaseExpression | None:
        texts = {None if c is None else self.places.tree(self.places.module_of(c)).source(c) for c in counts}
        if len(texts) > 1:
            raise Unsupported("it is made with different numbers of requests")
        if literal and counts[0] is not None and not isinstance(counts[0], cst.Integer):
            raise Unsupported("its number of requests is known only where it is loaded")
        return counts[0]

    def _num_requests(self, module: int, call: cst.Call) -> cst.BaseExpression | None:
        for value in self.places.facts(call.func):
            kind = getattr(getattr(value, "receiver", None), "kind", "")
            member = self.engine.api.member(kind, getattr(value, "name", "")) if kind else None
            if member is not None:
                arguments = bind(call, member.parameters)
                if arguments is None:
                    raise Unsupported("it is loaded with star arguments")
                arg = arguments.get("num_requests")
                return arg.value if arg is not None else None
        return None

    def _bind_parameter(self, group: Group, module: int, place: Place, param: cst.Param) -> None:
        function = self._function_of(module, param)
        callers = self.engine.callers.get(function, set())
        if not callers or isinstance(function, cst.Lambda):
            raise Unsupported("it is a parameter of a function that nobody is seen to call")
        tree = self.places.tree(module)
        new = [", ", group.names[place]]
        if param.default is not None:
            new.append("=None")
        end = tree.spans[param.default or (param.annotation.annotation if param.annotation else param.name)][1]
        group.edits.setdefault((module, param), []).append(Edit((end, end), tuple(new)))
        for call in callers:
            self._bind_argument(group, call, function, param)

    def _bind_argument(self, group: Group, call: cst.Call, function: cst.FunctionDef, param: cst.Param) -> None:
        module = self.places.module_of(call)
        tree = self.places.tree(module)
        direct = {getattr(v, "node", None) for v in self.places.facts(call.func) if isinstance(v, (Function, Class))}
        inits = {n for n in direct if isinstance(n, cst.ClassDef)}
        if function not in direct and not inits:
            raise Unsupported("it is passed through a call that cannot be followed")
        names = [p.name.value for p in (*function.params.posonly_params, *function.params.params)]
        receiver = (
            any(isinstance(v, Function) and v.receiver is not None for v in self.places.facts(call.func)) or inits
        )
        parameters = tuple(names[1:] if receiver else names) + tuple(
            p.name.value for p in function.params.kwonly_params
        )
        arguments = bind(call, parameters)
        if arguments is None:
            raise Unsupported("it is passed by star arguments")
        arg = arguments.get(param.name.value)
        if arg is None:
            return
        if not self._holds_group(group, arg.value):
            raise Unsupported("it is passed together with other objects")
        self._need(group, module, arg.value)
        if arg.value in group.origins:
            raise Unsupported("it is loaded inside the arguments of a call")
        place = Variable(self.places.module_of(param), function, param.name.value)
        keyword = group.names[place] + "=" if arg.keyword is not None else ""
        end = tree.spans[arg][1]
        text = (", ", keyword, *self.companion(group, module, arg.value))
        group.edits.setdefault((module, arg), []).append(Edit((end, end), text))

    def _declare_global(self, group: Group, module: int, place: Place, target: cst.CSTNode) -> None:
        tree = self.places.tree(module)
        scope = tree.scope(target)
        if not isinstance(place, Variable) or scope is place.scope or not isinstance(target, cst.Name):
            return
        declarations: list[cst.Global | cst.Nonlocal] = [*tree.all(cst.Global), *tree.all(cst.Nonlocal)]
        for node in declarations:
            if tree.scope(node) is scope and any(item.name.value == place.name for item in node.names):
                end = tree.spans[node.names[-1].name][1]
                group.edits.setdefault((module, node), [Edit((end, end), (", ", group.names[place]))])


def _is_zero(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Index):
        node = node.value
    return isinstance(node, cst.Integer) and int(node.value, 0) == 0


def _assigned_value(tree: Tree, target: cst.CSTNode) -> tuple[cst.BaseExpression | None, int | None]:
    """What an assignment puts into `target`, and the place in it when the target is part of a tuple."""
    parent = tree.parents[target]
    if isinstance(parent, cst.AssignTarget):
        statement = tree.parents[parent]
        return (statement.value, None) if isinstance(statement, cst.Assign) else (None, None)
    if isinstance(parent, cst.AnnAssign) and parent.target is target:
        return parent.value, None
    if isinstance(parent, cst.Element):
        sequence = tree.parents[parent]
        holder = tree.parents[sequence]
        if isinstance(holder, cst.AssignTarget) and isinstance(sequence, (cst.Tuple, cst.List)):
            statement = tree.parents[holder]
            index = list(sequence.elements).index(parent)
            if isinstance(statement, cst.Assign) and not any(
                isinstance(e, cst.StarredElement) for e in sequence.elements
            ):
                return statement.value, index
    return None, None


__all__ = ["Attribute", "Group", "RequestPlan", "Unsupported", "Use"]
