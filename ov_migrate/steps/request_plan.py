"""Decides, for each executable network, how many requests stand beside the compiled model and where they are kept.

An executable network owned its requests; a compiled model owns none. So every place that held an executable network
whose requests are used gets a *companion*: a variable, attribute or parameter that holds the request (or the list of
requests). Companions are made where the compiled model is made and handed on wherever the executable network went.
Where that cannot be done, `infer` alone is still served by calling the compiled model, which keeps one request of its
own; everything else is left and listed.
"""

from __future__ import annotations

import libcst as cst

from ov_migrate.edits import Edit, Imported, Part
from ov_migrate.inference import Engine
from ov_migrate.inference.values import Class, Function
from ov_migrate.steps.companion_names import companion_name, owner_of
from ov_migrate.steps.context import bind
from ov_migrate.steps.places import Place, Places, Variable
from ov_migrate.steps.request_counts import RequestCounts, assigned_value, returned
from ov_migrate.steps.request_groups import Group, Unsupported, holds_group, request_groups
from ov_migrate.steps.statements import insert_after
from ov_migrate.syntax import Tree


class RequestPlan:
    """`companion(node)` is what to write for the requests of the executable network at `node`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.places = Places(engine)
        self.counts = RequestCounts(self.places)
        self.groups = request_groups(self.places)
        self._taken: set[tuple[object, str]] = set()
        self._owners = self._count_owners()
        for group in self.groups:
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
            if holds_group(self.places, group, target):
                self._bind(group, module, place, target)
                bound = True
        if not bound:
            raise Unsupported("it is not seen where it is put there")

    def _bind(self, group: Group, module: int, place: Place, target: cst.CSTNode) -> None:
        if isinstance(target, cst.Param):
            self._bind_parameter(group, module, place, target)
            return
        tree = self.places.tree(module)
        value, index = assigned_value(tree, target)
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
        count = self.counts.of(group, module, value, index)
        return self._creation(group, module, target, count)

    def _passed_through(
        self, group: Group, module: int, value: cst.BaseExpression, index: int | None
    ) -> cst.BaseExpression | None:
        """The argument of a call whose functions give back just the parameter that it is for."""
        callees = self.engine.callees.get(value, set()) if isinstance(value, cst.Call) else set()
        found: set[cst.BaseExpression | None] = set()
        for function in callees:
            values = [v for v in returned(self.places, function, index) if holds_group(self.places, group, v)]
            names = {v.value if isinstance(v, cst.Name) else "" for v in values}
            found.add(self._argument_for(value, function, names.pop()) if len(names) == 1 else None)
        return found.pop() if len(found) == 1 else None

    def _argument_for(self, call: cst.BaseExpression, function: Function, name: str) -> cst.BaseExpression | None:
        params = [p.name.value for p in (*function.node.params.posonly_params, *function.node.params.params)]
        names = self.engine.project.modules[self.engine.module_of[function.node]].names.scopes[function.node]
        if name not in params or len(names.bindings.get(name, ())) != 1 or not isinstance(call, cst.Call):
            return None
        arguments = bind(call, tuple(params[1:] if function.receiver is not None else params)) or {}
        return arguments[name].value if name in arguments else None

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
        value = 1 if count is None else self.counts.literal(count)
        quote = self.places.tree(module).quote
        optimal = (target, f".get_property({quote}OPTIMAL_NUMBER_OF_INFER_REQUESTS{quote})")
        if value == 1:
            return ("[", target, ".create_infer_request()]")
        if value == 0:
            number = optimal
        elif value is None and count is not None and self.counts.may_be_zero(group, count):
            number = (*number, " or ", *optimal)
        return ("[", target, ".create_infer_request() for _ in range(", *number, ")]")

    def _bind_parameter(self, group: Group, module: int, place: Place, param: cst.Param) -> None:
        function = self.places.function_of(param)
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
        if not holds_group(self.places, group, arg.value):
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
