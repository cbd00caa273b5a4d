"""What a step's transforms see of one module: its tree, what its expressions hold, and the names to write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from ov_migrate.edits import Change, Edit, Leftover, Part
from ov_migrate.inference import Engine, Module
from ov_migrate.inference.paths import module_stem
from ov_migrate.inference.values import (
    Builtin,
    Class,
    Constant,
    EnumMember,
    Kinds,
    Legacy,
    LegacyName,
    Plain,
    Suspect,
    Unknown,
)
from ov_migrate.knowledge.catalogue import Catalogue, Rule
from ov_migrate.knowledge.legacy_api import LegacyApi, Member
from ov_migrate.steps.helpers import Helpers
from ov_migrate.steps.import_sites import legacy_imports
from ov_migrate.syntax import Tree

if TYPE_CHECKING:
    from ov_migrate.steps.new_names import NewNames
    from ov_migrate.steps.plans import Plans

Result = Iterator[Change | Leftover]


@dataclass(frozen=True)
class Established:
    """What an expression is: one legacy kind. `sure` is False when a value nobody could follow may reach it too."""

    kind: str
    values: frozenset[Legacy]
    sure: bool = True

    @property
    def origins(self) -> frozenset[cst.CSTNode | None]:
        return frozenset(value.origin for value in self.values)


@dataclass
class Context:
    """One module under migration. `plans` knows what concerns several sites at once, over all modules; `pins` says that
    element types of inputs and outputs are pinned, `tidy` holds the codes of wanted tidy-ups."""

    index: int
    module: Module
    engine: Engine
    api: LegacyApi
    catalogue: Catalogue
    target: tuple[int, int]
    plans: Plans
    names: NewNames = field(init=False)
    helpers: Helpers = field(init=False)
    wrapped: set[cst.CSTNode] = field(default_factory=set)
    pins: bool = False
    tidy: frozenset[str] = frozenset()
    survives: Callable[[tuple[int, int]], bool] = lambda span: True

    def __post_init__(self) -> None:
        from ov_migrate.steps.new_names import NewNames

        self.names = NewNames(self)
        self.helpers = Helpers(self)

    @property
    def tree(self) -> Tree:
        return self.module.tree

    def facts(self, node: cst.CSTNode) -> Kinds:
        """All that `node` was seen to hold."""
        return self.engine.facts.get(node, frozenset())

    def established(self, node: cst.CSTNode) -> Established | None:
        """The one legacy kind of `node`; None when it has none, or may be something of another library as well."""
        return established(self.facts(node))

    def kind(self, node: cst.CSTNode) -> str:
        """The legacy kind of `node`, "" when there is none."""
        found = self.established(node)
        return found.kind if found is not None else ""

    def constant(self, node: cst.CSTNode | None) -> str | int | bool | None:
        """The literal a node is or the one constant it is known to hold."""
        if node is None:
            return None
        if isinstance(node, cst.SimpleString):
            text = node.evaluated_value
            return text if isinstance(text, str) else None
        if isinstance(node, cst.Integer):
            return int(node.value, 0)
        if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
            inner = self.constant(node.expression)
            return -inner if isinstance(inner, int) else None
        facts = self.facts(node)
        if len(facts) == 1 and not self._is_parameter(node):
            (value,) = facts
            return value.value if isinstance(value, Constant) else None
        return None

    def _is_parameter(self, node: cst.CSTNode) -> bool:
        """True for a parameter: a caller that is not seen may pass something else."""
        if not isinstance(node, cst.Name):
            return False
        owner = self.module.names.owner(self.tree.scope(node), node.value)
        bindings = self.module.names.scopes[owner].bindings.get(node.value, ()) if owner is not None else ()
        return any(isinstance(binding, cst.Param) for binding in bindings)

    def bound_once(self, node: cst.BaseExpression) -> cst.BaseExpression:
        """What a variable is bound to by the one assignment that binds it; `node` itself for anything else."""
        if not isinstance(node, cst.Name):
            return node
        owner = self.module.names.owner(self.tree.scope(node), node.value)
        bindings = self.module.names.scopes[owner].bindings.get(node.value, []) if owner is not None else []
        holder = self.tree.parents.get(bindings[0]) if len(bindings) == 1 else None
        statement = self.tree.parents.get(holder) if isinstance(holder, cst.AssignTarget) else None
        return statement.value if isinstance(statement, cst.Assign) else node

    def rule(self, slug: str) -> Rule:
        return self.catalogue.by_slug[slug]

    def is_reached(self, release: str) -> bool:
        """True when the target has what came with `release`, written like "2023.0"."""
        return tuple(map(int, release.split("."))) <= self.target

    def has_form(self, form: str) -> bool:
        """True when the target has a form that new code may take, named as in the rules."""
        return self.is_reached(self.catalogue.tables["forms_since"][form])

    def tidies(self, slug: str) -> bool:
        """True when the tidy-up of this slug is wanted."""
        return self.rule(slug).code in self.tidy

    def free(self, *names: str) -> str:
        """The first of `names` (or the last with a number) that the module binds nowhere: a name for new code."""
        scopes = self.module.names.scopes.values()
        candidates = (*names, *(f"{names[-1]}_{n}" for n in range(2, 100)))
        return next(name for name in candidates if not any(name in scope.bound for scope in scopes))

    @cached_property
    def has_own_ngraph(self) -> bool:
        """True when `ngraph` is a module of the project, such as a copy of nGraph that came with it."""
        is_itself = module_stem(self.module.path) == "ngraph"
        return is_itself or self.engine.project.find("ngraph", 0, self.index) is not None

    @cached_property
    def port(self) -> str:
        """The loop variable for ports in new comprehensions."""
        return self.free("port", "model_port")

    @cached_property
    def is_legacy_module(self) -> bool:
        """True for a module that imports the legacy package, or that legacy objects reach."""
        if legacy_imports(self.tree, self.api.packages):
            return True
        kinds: tuple[type[cst.CSTNode], ...] = (cst.Name, cst.Attribute, cst.Call)
        nodes = (node for kind in kinds for node in self.tree.all(kind))
        return any(type(value) is Legacy for node in nodes for value in self.facts(node))

    @property
    def newline(self) -> str:
        return self.module.tree.module.default_newline


def established(kinds: Kinds) -> Established | None:
    """The one legacy kind in `kinds`; None when there is none or several, or something of another library as well."""
    legacy = frozenset(value for value in kinds if isinstance(value, Legacy))
    if not legacy or len({value.kind for value in legacy}) > 1:
        return None
    others = [value for value in kinds if not isinstance(value, (Legacy, Plain, Constant))]
    if any(not isinstance(value, (Unknown, Suspect)) for value in others):
        return None
    return Established(next(iter(legacy)).kind, legacy, not others)


def established_with(kinds: Kinds, member: str, api: LegacyApi) -> Established | None:
    """The one legacy kind in `kinds` that has `member`: an object of another legacy kind raised an error there."""
    having = frozenset(v for v in kinds if not isinstance(v, Legacy) or api.member(v.kind, member) is not None)
    return established(kinds) or established(having)


@dataclass
class Site:
    """One place where a rule applies. `node` is what the rule is about: the whole call for a method, the attribute for
    a value. `arguments` are the call's, by the names of the legacy parameters."""

    context: Context
    rule: Rule
    node: cst.BaseExpression
    receiver: cst.BaseExpression
    value: Established
    member: str
    arguments: dict[str, cst.Arg] = field(default_factory=dict)

    @property
    def tree(self) -> Tree:
        return self.context.tree

    @property
    def parent(self) -> cst.CSTNode:
        return self.context.tree.parents[self.node]

    def argument(self, name: str) -> cst.BaseExpression | None:
        """The expression given for a legacy parameter."""
        arg = self.arguments.get(name)
        return arg.value if arg is not None else None

    def replace(self, *parts: Part, node: cst.CSTNode | None = None, verdict: str = "", message: str = "") -> Change:
        """The change that puts `parts` in the place of the site (or of `node` around it)."""
        anchor = node or self.node
        change = self.change(verdict=verdict, message=message, node=anchor)
        change.edits.append(Edit(self.tree.spans[anchor], parts))
        return change

    def change(self, verdict: str = "", message: str = "", node: cst.CSTNode | None = None) -> Change:
        """A change without edits, to be filled; its verdict is the rule's unless the site is less certain."""
        verdict = verdict or self.rule.verdict
        message = message or (self.rule.check if verdict == "review" else "")
        if not self.value.sure and verdict == "migrated":
            verdict = "review"
            message = f"Check that this is always of the kind {self.title}: `{self.tree.source(self.receiver)}`."
        return Change(self.rule, node or self.node, verdict=verdict, message=message or self.rule.why)

    @property
    def title(self) -> str:
        return self.context.api.kinds[self.value.kind].title

    def leave(self, message: str = "") -> Leftover:
        """The site stays as it is and is listed."""
        return Leftover(self.rule, self.tree.spans[self.node], message or self.rule.advice or self.rule.why)


def bind(call: cst.Call, parameters: tuple[str, ...]) -> dict[str, cst.Arg] | None:
    """The arguments of `call` by parameter name; None when a star argument, one too many, or one of a name that is no
    parameter makes that impossible."""
    bound: dict[str, cst.Arg] = {}
    for index, arg in enumerate(call.args):
        if arg.star:
            return None
        name = arg.keyword.value if arg.keyword is not None else parameters[index] if index < len(parameters) else ""
        if name not in parameters or name in bound:
            return None
        bound[name] = arg
    return bound


def argument(call: cst.Call, parameters: tuple[str, ...], name: str) -> cst.BaseExpression | None:
    """What `call` gives for the parameter `name`, whatever its other arguments are; None where it is not written."""
    for index, arg in enumerate(call.args):
        is_it = arg.keyword.value == name if arg.keyword is not None else parameters[index : index + 1] == (name,)
        if is_it and not arg.star:
            return arg.value
    return None


__all__ = [
    "Builtin",
    "Class",
    "Context",
    "EnumMember",
    "Established",
    "LegacyName",
    "Member",
    "Result",
    "Site",
    "argument",
    "bind",
    "established",
    "established_with",
]
