"""The companions of executable networks: one request, a list of requests, or an asynchronous queue."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from ov_migrate.edits import Imported, Part
from ov_migrate.inference.values import Constant
from ov_migrate.knowledge.catalogue import load_catalogue
from ov_migrate.steps.companion_names import companion_name
from ov_migrate.steps.companions import Companions, Shared
from ov_migrate.steps.containers import filling
from ov_migrate.steps.context import bind
from ov_migrate.steps.made_with import MadeWith
from ov_migrate.steps.places import Items, Place, Places, Unsupported, Variable
from ov_migrate.steps.reaching import means_the_same
from ov_migrate.steps.request_groups import Group, Use, holds_group
from ov_migrate.steps.statements import has_own_line

_UNCAPTURED = "[compiled_model.create_infer_request() for compiled_model in ["
_PLAIN = (cst.Name, cst.Attribute, cst.Call, cst.Subscript)
_NUMBER, _NUMBERS = "number of requests", "numbers of requests"


class RequestCompanions(Companions):
    """The requests of the executable networks of one group, made beside the compiled models and handed on."""

    def __init__(self, places: Places, shared: Shared, group: Group, is_alone: Callable[[Place], bool]) -> None:
        super().__init__(places, shared)
        self.group = group
        self._is_alone = is_alone
        self._made_with = MadeWith(places, self.holds, self.names.__contains__, self._number, _NUMBER, _NUMBERS)

    def check(self) -> None:
        """Raises `Unsupported` where requests are made anew for an object that has some where it was made."""
        if any(place in self.names for place in self._made_with.passed_over):
            raise Unsupported("a function gives it away and keeps it")

    def holds(self, node: cst.CSTNode) -> bool:
        return holds_group(self.places, self.group, node)

    def direct(self, module: int, node: cst.BaseExpression) -> tuple[Part, ...] | None:
        if node not in self.group.origins:
            return None
        if not self.group.single:
            raise Unsupported("several requests of an executable network without a name")
        return (node, ".create_infer_request()")

    def passed(self, module: int, node: cst.BaseExpression) -> tuple[Part, ...]:
        if node in self.group.origins:
            raise Unsupported("it is loaded inside the arguments of a call")
        return super().passed(module, node)

    def choose_name(self, places: list[Place]) -> str:
        group, place = self.group, places[0]
        is_one = group.single and not isinstance(place, Items)
        plain = "infer_queue" if group.queue is not None else "infer_request" if is_one else "infer_requests"
        return companion_name(self.places, places, plain, self._is_alone(place), self.shared.taken)

    def made(
        self, module: int, owner: tuple[Part, ...], value: cst.BaseExpression, index: int | None
    ) -> tuple[Part, ...]:
        return self._creation(module, owner, self._made_with.of(module, value, index, self.group.origins))

    def made_of_parameter(self, param: cst.Param, owner: tuple[Part, ...]) -> tuple[Part, ...] | None:
        function = self.places.function_of(param)
        args = [self.signatures.argument(call, param) for call in self.places.callers(function)]
        values = [arg.value for arg in args if arg is not None and arg.value in self.group.origins]
        if not args or len(values) < len(args) or not isinstance(function.body, cst.IndentedBlock):
            return None
        number = self._made_with.same([self._number(value) for value in values if isinstance(value, cst.Call)])
        if number is not None and not isinstance(number, cst.Integer):
            raise Unsupported(f"its {_NUMBER} is known only where it is made")
        return self._creation(self.places.module_of(param), owner, number)

    def starts_with(self, module: int, node: cst.BaseExpression) -> bool:
        """True when `node`, in a statement of a function's own body, is a parameter whose object is always new."""
        place = self.places.variable(module, node) if isinstance(node, cst.Name) else None
        found = [target for _, target in self.places.bindings(place)] if place is not None else []
        tree = self.places.tree(module)
        if place is None or len(found) != 1 or not isinstance(found[0], cst.Param):
            return False
        is_own = tree.parents[tree.block_statement(node)] is getattr(place.scope, "body", None)
        return is_own and self.made_of_parameter(found[0], (node,)) is not None

    def made_of_items(self, module: int, owner: cst.BaseExpression, value: cst.BaseExpression) -> tuple[Part, ...]:
        filled = filling(value)
        if filled is None or self.group.queue is not None:
            raise Unsupported("it is kept in a container that comes from elsewhere")
        values, names = filled
        number = self._made_with.same([self._made_with.of(module, one, None, self.group.origins) for one in values])
        if number is not None and any(name in self._text(number) for name in names):
            raise Unsupported(f"its {_NUMBER} is known only where it is made")
        creation = self._creation(module, ("compiled_model",), number)
        if isinstance(value, (cst.Dict, cst.DictComp)):
            return ("{key: ", *creation, " for key, compiled_model in ", owner, ".items()}")
        return ("[", *creation, " for compiled_model in ", owner, "]")

    def made_at(self, use: Use) -> tuple[Part, ...] | None:
        """New requests where a use takes all of them; None where their number cannot be written there."""
        (call,) = self.group.origins
        assert isinstance(call, cst.Call)
        number = self._number(call)
        is_literal = number is None or isinstance(number, cst.Integer)
        if not is_literal and not means_the_same(self.places, use.module, number, number, use.node):  # type: ignore[arg-type]
            return None
        return self._creation(use.module, (use.node.value,), number)

    def given(self, call: cst.CSTNode) -> cst.BaseExpression | None:
        """The `num_requests` that a call which makes an executable network is given, as far as that is written out."""
        for value in self.places.facts(call.func) if isinstance(call, cst.Call) else ():
            kind = getattr(getattr(value, "receiver", None), "kind", "")
            member = self.places.engine.api.member(kind, getattr(value, "name", "")) if kind else None
            if member is not None and isinstance(call, cst.Call):
                arg = (bind(call, member.parameters) or {}).get("num_requests")
                return arg.value if arg is not None else None
        return None

    def _number(self, call: cst.Call) -> cst.BaseExpression | None:
        """What matters of it: nothing, when one request serves."""
        if self.group.single:
            return None
        if any(arg.star for arg in call.args):
            raise Unsupported("it is loaded with star arguments")
        return self.given(call)

    def _text(self, node: cst.BaseExpression) -> str:
        return self.places.tree(self.places.module_of(node)).source(node)

    def _creation(self, module: int, owner: tuple[Part, ...], count: cst.BaseExpression | None) -> tuple[Part, ...]:
        if self.group.single:
            return (*owner, ".create_infer_request()")
        number: tuple[Part, ...] = ("1",)
        if count is not None:
            number = (count if self.places.module_of(count) == module else self._text(count),)
        if self.group.queue is not None:
            return (Imported("AsyncInferQueue"), "(", *owner, ", ", *number, ")")
        value = 1 if count is None else int(count.value, 0) if isinstance(count, cst.Integer) else None
        quote = self.places.tree(module).quote
        optimal = (*owner, f".get_property({quote}OPTIMAL_NUMBER_OF_INFER_REQUESTS{quote})")
        if value == 1:
            return ("[", *owner, ".create_infer_request()]")
        if value == 0:
            number = optimal
        elif value is None and count is not None and self._may_be_zero(count):
            is_choice = isinstance(count, cst.IfExp)
            number = (*(("(", *number, ")") if is_choice else number), " or ", *optimal)
        if self.captures(module, owner):
            is_plain = value is not None or (isinstance(count, _PLAIN) and len(number) == 1)
            return (_UNCAPTURED, *owner, "] * ", *(number if is_plain else ("(", *number, ")")), "]")
        return ("[", *owner, ".create_infer_request() for _ in range(", *number, ")]")

    def captures(self, module: int, owner: tuple[Part, ...]) -> bool:
        """True for a compiled model in a local variable, with requests that have callbacks. Up to Python 3.11 what a
        comprehension captures is destroyed last when the function ends. A compiled model destroyed after its requests
        joins the threads of its device while it holds the interpreter's lock, which a thread that ends a callback
        waits for (2026.4; not 2023.3 and 2024.6)."""
        if not self.group.has_callbacks or len(owner) != 1 or not isinstance(owner[0], cst.Name):
            return False
        place = self.places.variable(module, owner[0])
        return place is not None and isinstance(place.scope, cst.FunctionDef)

    def remark(self, module: int, statement: cst.CSTNode, source: tuple[Part, ...]) -> tuple[Part, ...]:
        tree = self.places.tree(module)
        if source[:1] != (_UNCAPTURED,) or not has_own_line(tree, statement):
            return ()
        text = load_catalogue().tables["remarks"]["uncaptured"]
        return (f"# {text}{tree.module.default_newline}{tree.indent(statement)}",)

    def _may_be_zero(self, count: cst.BaseExpression) -> bool:
        """0 meant the optimal number. False where other numbers are seen, or where an empty list fails at once because
        the requests are taken from it one by one."""
        if isinstance(count, cst.Integer):
            return int(count.value, 0) == 0
        if isinstance(count, cst.IfExp):
            return self._may_be_zero(count.body) or self._may_be_zero(count.orelse)
        if isinstance(count, cst.BooleanOperation):
            return self._may_be_zero(count.right) or (
                isinstance(count.operator, cst.And) and self._may_be_zero(count.left)
            )
        if not isinstance(count, (cst.Name, cst.Attribute, cst.Subscript)):
            return False
        numbers = [value.value for value in self.places.facts(count) if isinstance(value, Constant)]
        if numbers:
            return 0 in numbers
        return not all(self._is_taken_one_by_one(use) for use in self.group.uses)

    def _is_taken_one_by_one(self, use: Use) -> bool:
        parent = self.places.tree(use.module).parents[use.node]
        return use.node.attr.value != "requests" or (isinstance(parent, cst.Subscript) and parent.value is use.node)

    def _bind_items(self, place: Items) -> bool:
        if self.group.infer_only:
            raise Unsupported("it is kept in a container")
        return super()._bind_items(place)

    def serves_only(self, module: int, place: Place) -> bool:
        if not isinstance(place, Variable) or len(self.places.bindings(place)) != 1:
            return False
        tree = self.places.tree(module)
        (_, target) = self.places.bindings(place)[0]
        served = {target, *(use.node.value for use in self.group.uses)}
        return all(use in served for use in tree.references(place.name) if tree.scope(use) is place.scope)
