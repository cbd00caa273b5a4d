"""Carries companions along: wherever an object is put, what belongs to it is put beside it.

The companion of an executable network is its request, or the list of them; that of a plugin is its device. It is made
where the object is made, and handed on to every variable, attribute, parameter and container that the object goes to.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

import libcst as cst

from ov_migrate.edits import Edit, Part
from ov_migrate.steps import containers
from ov_migrate.steps.declarations import declaration_edits, slot_edits
from ov_migrate.steps.handed_on import only_handed_on, passed_through
from ov_migrate.steps.made_with import assigned_value
from ov_migrate.steps.places import Attribute, Items, Place, Places, Unsupported, Variable
from ov_migrate.steps.signatures import Signatures
from ov_migrate.steps.statements import insert_after, insert_before, separator


@dataclass
class Shared:
    """What the companions of one run have to know of each other: the names taken in each scope or class, and the
    parameters that have got a companion."""

    taken: set[tuple[object, str]] = field(default_factory=set)
    given: set[cst.Param] = field(default_factory=set)

    def copy(self) -> Shared:
        return Shared(set(self.taken), set(self.given))

    def update(self, other: Shared) -> None:
        self.taken |= other.taken
        self.given |= other.given


class Companions(ABC):
    """The companions of one group of objects: their names by place, and the edits that carry them along."""

    def __init__(self, places: Places, shared: Shared) -> None:
        self.places = places
        self.signatures = Signatures(places)
        self.shared = shared
        self.names: dict[Place, str] = {}
        self.edits: dict[tuple[int, cst.CSTNode], list[Edit]] = {}
        self._passed: set[cst.Arg] = set()

    @abstractmethod
    def holds(self, node: cst.CSTNode) -> bool:
        """True when `node` may hold one of the objects."""

    @abstractmethod
    def direct(self, module: int, node: cst.BaseExpression) -> tuple[Part, ...] | None:
        """The companion of the object at `node` where it needs no place; None when it has to be carried there."""

    @abstractmethod
    def choose_name(self, places: list[Place]) -> str:
        """A name for the companion that is free in each of `places`."""

    @abstractmethod
    def made(
        self, module: int, owner: tuple[Part, ...], value: cst.BaseExpression, index: int | None
    ) -> tuple[Part, ...]:
        """The new companion of the object that `value` makes (with `index`, that item of it) and `owner` now holds."""

    @abstractmethod
    def made_of_parameter(self, param: cst.Param, owner: tuple[Part, ...]) -> tuple[Part, ...] | None:
        """The new companion of a parameter, when all callers make the object right in the arguments."""

    @abstractmethod
    def made_of_items(self, module: int, owner: cst.BaseExpression, value: cst.BaseExpression) -> tuple[Part, ...]:
        """The companions of all items of the container that `value` makes and `owner` now holds."""

    def passed(self, module: int, node: cst.BaseExpression) -> tuple[Part, ...]:
        """The companion to pass beside the object at `node`, an argument of a call."""
        self.need(module, node)
        return self.text(module, node)

    def need(self, module: int, node: cst.BaseExpression) -> None:
        """Sees to it that the object at `node` has a companion."""
        if self.direct(module, node) is not None:
            return
        places = self.places.holders(module, node)
        if not places:
            raise Unsupported("it is not kept in a variable or attribute")
        for place in places:
            self._need_place(place)
        if len({self.names[place] for place in places}) > 1:
            raise Unsupported("it comes from attributes of different names")

    def text(self, module: int, node: cst.BaseExpression) -> tuple[Part, ...]:
        """What to write for the companion of the object at `node`."""
        direct = self.direct(module, node)
        if direct is not None:
            return direct
        places = self.places.holders(module, node)
        names = {self.names[place] for place in places if place in self.names}
        if len(names) != 1:
            raise Unsupported("it is not kept in a variable or attribute")
        return self._written(node, names.pop())

    def _written(self, node: cst.CSTNode, name: str) -> tuple[Part, ...]:
        if isinstance(node, cst.Subscript):
            index = node.slice[0].slice
            assert isinstance(index, cst.Index)
            return (*self._written(node.value, name), "[", index.value, "]")
        return (node.value, ".", name) if isinstance(node, cst.Attribute) else (name,)

    def _need_place(self, place: Place) -> None:
        if place in self.names:
            return
        linked = self._linked(place)
        name = self.choose_name(linked)
        self.names.update(dict.fromkeys(linked, name))
        if not any([self._bind_place(one) for one in linked]):
            raise Unsupported("it is not seen where it is put there")

    def _linked(self, place: Place) -> list[Place]:
        """The places that have to get a companion of the same name: parameters that stand for one another."""
        if isinstance(place, Variable):
            for _, target in self.places.bindings(place):
                if isinstance(target, cst.Param) and self.holds(target):
                    mates = self.signatures.mates(target, self.holds, self.shared.given)
                    return [place, *(self.places.parameter(mate) for mate in mates if mate is not target)]
        return [place]

    def _bind_place(self, place: Place) -> bool:
        if isinstance(place, Items):
            return self._bind_items(place)
        if isinstance(place, Attribute):
            for module, anchor, edit in slot_edits(self.places, place, self.names[place]):
                self._add(module, anchor, edit)
        bound = False
        for module, target in self.places.bindings(place):
            if isinstance(target, cst.Param):
                if self.holds(target) or len(self.places.bindings(place)) == 1:
                    self._bind_parameter(module, place, target)
                    bound = True
            elif self.holds(target):
                self._bind(module, place, target)
                bound = True
        return bound

    def _add(self, module: int, anchor: cst.CSTNode, edit: Edit) -> None:
        edits = self.edits.setdefault((module, anchor), [])
        if not any(known.span == edit.span and known.parts == edit.parts for known in edits):
            edits.append(edit)

    def _bind(self, module: int, place: Place, target: cst.CSTNode) -> None:
        if isinstance(target, cst.ImportAlias):
            raise Unsupported("it is bound by something else than an assignment")
        tree = self.places.tree(module)
        loop = containers.loop_of(tree, target)
        if loop is not None:
            self._bind_loop(module, place, target, loop)
            return
        value, index = assigned_value(tree, target)
        if value is None:
            raise Unsupported("it is bound by something else than an assignment")
        assert isinstance(target, (cst.Name, cst.Attribute))
        statement = tree.statement(target)
        companion = self._written(target, self.names[place])
        source = self._source(module, value, index, target)
        if source == companion:
            return
        remark = self.remark(module, statement, source)
        self._add(module, statement, insert_after(tree, statement, (*remark, *companion, " = ", *source)))
        for anchor, edit in declaration_edits(self.places, place, target, self.names[place], self.holds):
            self._add(module, anchor, edit)

    def _source(
        self, module: int, value: cst.BaseExpression, index: int | None, target: cst.BaseExpression
    ) -> tuple[Part, ...]:
        """The right-hand side that gives `target` its companion: made new, or taken from another place."""
        if index is None and self.places.holders(module, value):
            param = only_handed_on(self.places, module, value)
            made = self.made_of_parameter(param, (target,)) if param is not None else None
            if made is not None:
                return made
            self.need(module, value)
            return self.text(module, value)
        passed = passed_through(self.places, self.holds, value, index)
        if passed is not None:
            self.need(module, passed)
            return self.text(module, passed)
        return self.made(module, (target,), value, index)

    def _bind_parameter(self, module: int, place: Place, param: cst.Param) -> None:
        function = self.places.function_of(param)
        tree = self.places.tree(module)
        name = self.names[place]
        made = self.made_of_parameter(param, (param.name,))
        if made is not None:
            assert isinstance(function.body, cst.IndentedBlock)
            first = containers.first_statement(function.body)
            self._add(module, param, insert_before(tree, first, (name, " = ", *made)))
            return
        callers = self.places.callers(function)
        if isinstance(function, cst.Lambda) or (not callers and self.holds(param)):
            raise Unsupported("it is a parameter of a function that nobody is seen to call")
        text = separator(tree, param) + name + ("=None" if param.default is not None else "")
        end = tree.spans[param.default or (param.annotation.annotation if param.annotation else param.name)][1]
        self._add(module, param, Edit((end, end), (text,)))
        self.shared.given.add(param)
        for call in callers:
            self._bind_argument(call, param, name)

    def _bind_argument(self, call: cst.Call, param: cst.Param, name: str) -> None:
        module = self.places.module_of(call)
        arg = self.signatures.argument(call, param)
        if arg is None or arg in self._passed:
            return
        self._passed.add(arg)
        if not self.holds(arg.value):
            raise Unsupported("it is passed together with other objects")
        keyword = name + "=" if arg.keyword is not None else ""
        tree = self.places.tree(module)
        end = tree.spans[arg][1]
        self._add(module, arg, Edit((end, end), (separator(tree, arg), keyword, *self.passed(module, arg.value))))

    def _bind_items(self, place: Items) -> bool:
        """Puts a container of companions beside a container of objects, filled where that one is filled."""
        for module, target in self.places.bindings(place.of):
            self._bind_container(module, place, target)
        for write in containers.item_writes(self.places, place):
            tree = self.places.tree(write.module)
            name = self._container_name(write.module, write.container)
            companion = (*self._written(write.container, name), *write.slot)
            source = self._item_source(write)
            parts = (*companion, "(", *source, ")") if write.is_append else (*companion, " = ", *source)
            self._add(write.module, write.statement, insert_after(tree, write.statement, parts))
        return True

    def _container_name(self, module: int, container: cst.BaseExpression) -> str:
        """The name of what stands beside a container."""
        items = [Items(place) for place in self.places.of(module, container)]
        for place in items:
            self._need_place(place)
        names = {self.names[place] for place in items}
        if len(names) != 1:
            raise Unsupported("it is kept in a container that is not kept in a variable or attribute")
        return names.pop()

    def _item_source(self, write: containers.ItemWrite) -> tuple[Part, ...]:
        if self.places.holders(write.module, write.value):
            self.need(write.module, write.value)
            return self.text(write.module, write.value)
        return self.made(write.module, write.item, write.value, None)

    def _bind_container(self, module: int, place: Items, target: cst.CSTNode) -> None:
        tree = self.places.tree(module)
        value, index = assigned_value(tree, target)
        if value is None or index is not None or not isinstance(target, (cst.Name, cst.Attribute)):
            raise Unsupported("it is kept in a container that comes from elsewhere")
        statement = tree.statement(target)
        companion = self._written(target, self.names[place])
        if containers.is_empty(value):
            source: tuple[Part, ...] = (tree.source(value),)
        elif isinstance(value, (cst.Name, cst.Attribute)):
            source = self._written(value, self._container_name(module, value))
        else:
            source = self.made_of_items(module, target, value)
        self._add(module, statement, insert_after(tree, statement, (*companion, " = ", *source)))

    def _bind_loop(self, module: int, place: Place, target: cst.CSTNode, loop: containers.Loop) -> None:
        """`for exec_net in exec_nets`: the companions come out of the container beside it."""
        assert isinstance(target, cst.Name)
        tree = self.places.tree(module)
        container = self._written(loop.container, self._container_name(module, loop.container))
        if self.serves_only(module, place):
            self._add(module, loop.node, Edit(tree.spans[target], (self.names[place],)))
            self._add(module, loop.node, Edit(tree.spans[loop.container], container))
            return
        if loop.key is not None:
            first = loop.node.body.body[0]
            parts = (self.names[place], " = ", *container, "[", loop.key, "]")
            self._add(module, loop.node, insert_before(tree, first, parts))
            return
        end = tree.spans[target][1]
        self._add(module, loop.node, Edit((end, end), (f", {self.names[place]}",)))
        view = tree.text[tree.spans[loop.container][1] : tree.spans[loop.node.iter][1]]
        pair = ("zip(", loop.node.iter, ", ", *container, f"{view})")
        self._add(module, loop.node, Edit(tree.spans[loop.node.iter], pair))

    def remark(self, module: int, statement: cst.CSTNode, source: tuple[Part, ...]) -> tuple[Part, ...]:
        """Lines of comment in front of the new statement behind `statement` that makes a companion of `source`."""
        return ()

    def serves_only(self, module: int, place: Place) -> bool:
        """True for a variable that is there for the companion alone, which can take its place."""
        return False
