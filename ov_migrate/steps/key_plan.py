"""The names by which the program looks ports up: those that are layer names written in it, and whether it has others.

API 2.0 knows ports by the names of tensors. With the model at hand a layer name in a literal becomes the tensor's.
"""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from ov_migrate.inference import Engine
from ov_migrate.inference.store import KEYS
from ov_migrate.inference.values import Class, Constant, Container, Function, Kinds, Method, Plain
from ov_migrate.knowledge.model_facts import PortFacts
from ov_migrate.steps.context import argument, established
from ov_migrate.steps.places import Attribute, Named, Places
from ov_migrate.steps.port_plan import NAMES, SIDES, Origins, PortPlan, called_name
from ov_migrate.syntax import Tree

# Mappings of networks; names in comparisons with those are the layers'.
_OF_NETWORKS = frozenset({"inputs", "input_info_map", "outputs"})
# Methods that take a name, or a dict by names, in this parameter.
_TAKING = {
    "infer": "inputs", "async_infer": "inputs", "start_async": "inputs", "reshape": "input_shapes",
    "set_blob": "blob_name",
}  # fmt: skip
# What looks-ups in these give is found by the number of the port as well.
_INDEXED = frozenset({"inputs", "input_info_map", "outputs", "results"})
_PASSING = frozenset({"len", "zip", "enumerate", "iter", "next", "sorted", "list", "tuple", "set", "reversed"})


@dataclass(frozen=True)
class Key:
    """One expression that a port is looked up by. `call` is the run that takes the dict it is a key of; `by_index` is
    true where the number of the port would do as well."""

    node: cst.BaseExpression
    origins: Origins
    sides: tuple[str, ...]
    by_index: bool
    call: cst.CSTNode | None = None


class KeyPlan:
    """`literals` are the string literals that are used as keys, each with its uses; `is_open(origins)` is true for a
    network whose ports are also known by other names than those in literals, or whose names are shown."""

    def __init__(self, engine: Engine, ports: PortPlan) -> None:
        self.engine = engine
        self.ports = ports
        self.places = Places(engine)
        self.literals: dict[cst.SimpleString, list[Key]] = {}
        self._open: set[cst.CSTNode | None] = set()
        self._keys: dict[cst.CSTNode, Key] = {}
        modules = engine.project.modules if ports.has_models else []
        for module in modules:
            self._collect(module.tree)
        for index, module in enumerate(modules):
            for key in self._keys.values():
                if key.node in module.tree.parents:
                    self._resolve(index, key)
            self._look_at_names(module.tree)

    def is_open(self, origins: Origins) -> bool:
        """Names of these networks come from outside the program, or get out of it."""
        return bool(self._open & self.ports.sources(origins))

    def meant(self, literal: cst.SimpleString) -> list[PortFacts]:
        """The ports of all models and uses that a literal means by the name of their layer."""
        layer = str(literal.evaluated_value)
        found = [self._ports(key, layer) for key in self.literals[literal]]
        return list(dict.fromkeys(port for ports in found for port in ports))

    def strangers(self, origins: Origins) -> list[str]:
        """The literals used as keys that no layer of these networks is called by."""
        sources = self.ports.sources(origins)
        found = []
        for literal, keys in self.literals.items():
            layer = str(literal.evaluated_value)
            for key in keys:
                is_theirs = bool(self.ports.sources(key.origins) & sources)
                if is_theirs and not self.ports.knows_layer(key.origins, key.sides, layer):
                    found.append(layer)
        return list(dict.fromkeys(found))

    def _ports(self, key: Key, layer: str) -> list[PortFacts]:
        for side in key.sides:
            found = [model.port(side, layer) for model in self.ports.models(key.origins)]
            if any(found):
                return [port for port in found if port is not None]
        return []

    def _collect(self, tree: Tree) -> None:
        for subscript in tree.all(cst.Subscript):
            if isinstance(subscript, cst.Subscript) and len(subscript.slice) == 1:
                element = subscript.slice[0].slice
                if isinstance(element, cst.Index):
                    self._add(subscript.value, element.value, is_indexed=True)
        for comparison in tree.all(cst.Comparison):
            if isinstance(comparison, cst.Comparison) and len(comparison.comparisons) == 1:
                target = comparison.comparisons[0]
                if isinstance(target.operator, (cst.In, cst.NotIn)):
                    self._add(target.comparator, comparison.left, is_indexed=False)
        for call in tree.all(cst.Call):
            if isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute):
                self._look_at_call(call, call.func)

    def _add(self, mapping: cst.BaseExpression, key: cst.BaseExpression, is_indexed: bool) -> None:
        """Notes a look-up in a mapping of ports, blobs or results."""
        found = established(self._facts(mapping))
        if found is not None and found.kind in SIDES and (is_indexed or found.kind not in _OF_NETWORKS):
            by_index = is_indexed and found.kind in _INDEXED
            self._keys[key] = Key(key, found.origins, (SIDES[found.kind],), by_index)

    def _look_at_call(self, call: cst.Call, func: cst.Attribute) -> None:
        if func.attr.value == "get" and call.args:
            self._add(func.value, call.args[0].value, is_indexed=False)
        for method in self._facts(func):
            if not isinstance(method, Method) or method.name not in _TAKING:
                continue
            member = self.engine.api.member(method.receiver.kind, method.name)
            parameters = member.parameters if member is not None else ()
            taken = argument(call, parameters, _TAKING[method.name])
            origins: Origins = frozenset({method.receiver.origin})
            if taken is not None and method.name == "set_blob":
                self._keys[taken] = Key(taken, origins, ("input", "output"), False, call)
            elif taken is not None:
                for key in self._keys_of(taken):
                    self._keys[key] = Key(key, origins, ("input",), True, call)
                if not self._is_dict_seen(taken):
                    self._open |= self.ports.sources(origins)

    def _keys_of(self, node: cst.BaseExpression) -> list[cst.BaseExpression]:
        """The keys that a dict is made with or given later."""
        made = [node, *(value.node for value in self._facts(node) if isinstance(value, Container))]
        displays = [display for display in dict.fromkeys(made) if isinstance(display, cst.Dict)]
        keys = [e.key for display in displays for e in display.elements if isinstance(e, cst.DictElement)]
        for module in self.engine.project.modules:
            for target in module.tree.all(cst.AssignTarget):
                item = target.target if isinstance(target, cst.AssignTarget) else None
                if isinstance(item, cst.Subscript) and isinstance(item.slice[0].slice, cst.Index):
                    given = {v.node for v in self._facts(item.value) if isinstance(v, Container)}
                    keys += [item.slice[0].slice.value] if given & set(displays) else []
        return keys

    def _is_dict_seen(self, node: cst.BaseExpression) -> bool:
        """True for a dict whose keys stand in the program, or are all names that the API gave."""
        is_display = isinstance(node, (cst.Dict, cst.DictComp))
        facts: Kinds = frozenset({Container(node)}) if is_display else self._facts(node)
        for value in facts:
            if not isinstance(value, (Container, Plain)):
                return False
            if isinstance(value, Container) and not isinstance(value.node, cst.Dict):
                found = established(self.engine.store.read(value.node, KEYS))
                if found is None or found.kind not in NAMES or not found.sure:
                    return False
        return bool(facts)

    def _resolve(self, index: int, key: Key) -> None:
        """Files a key under the literal that it is or holds; else its network is open, but for a name of the API."""
        literal = key.node if isinstance(key.node, cst.SimpleString) else self._definition(index, key.node)
        if literal is not None:
            self.literals.setdefault(literal, []).append(key)
            return
        found = established(self._facts(key.node))
        if found is None or found.kind not in NAMES or not found.sure:
            self._open |= self.ports.sources(key.origins)

    def _definition(self, index: int, node: cst.BaseExpression) -> cst.SimpleString | None:
        """The literal that the variable or attribute `node` is bound to, once and for look-ups only."""
        facts = self._facts(node)
        places = self.places.of(index, node)
        if len(places) != 1 or len(facts) != 1 or not all(isinstance(value, Constant) for value in facts):
            return None
        bindings = self._bindings(places[0])
        if len(bindings) != 1:
            return None
        tree, target = self.places.tree(bindings[0][0]), bindings[0][1]
        statement = tree.parents[tree.parents[target]]
        value = statement.value if isinstance(statement, cst.Assign) and len(statement.targets) == 1 else None
        if not isinstance(value, cst.SimpleString) or self._is_used_otherwise(facts):
            return None
        return value

    def _bindings(self, place: Named) -> list[tuple[int, cst.CSTNode]]:
        """The targets that bind a place; for an attribute also those in the bodies of its classes."""
        found = self.places.bindings(place)
        for cls in self.places.family(place.cls) if isinstance(place, Attribute) else ():
            index = self.places.module_of(cls)
            scope = self.engine.project.modules[index].names.scopes.get(cls)  # type: ignore[call-overload]
            found += [(index, node) for node in (scope.bindings.get(place.name, ()) if scope is not None else ())]
        return found

    def _is_used_otherwise(self, facts: Kinds) -> bool:
        """True when the text is seen in a variable or attribute that is used as something else than a key."""
        for module in self.engine.project.modules:
            for kind in (cst.Name, cst.Attribute):
                for node in module.tree.all(kind):
                    is_bound = isinstance(module.tree.parents.get(node), cst.AssignTarget)
                    if facts <= self._facts(node) and node not in self._keys and not is_bound:
                        return True
        return False

    def _look_at_names(self, tree: Tree) -> None:
        for kind in (cst.Name, cst.Attribute, cst.Subscript, cst.Call):
            for node in tree.all(kind):
                origins = self._named(node)
                if origins and node not in self._keys and not self._is_passed_on(tree, node):
                    self._open |= self.ports.sources(origins)

    def _named(self, node: cst.CSTNode) -> Origins:
        """The networks of the names that a node holds, itself or in a list."""
        facts = self._facts(node)
        items = {v for c in facts if isinstance(c, Container) for v in self._items(c)}
        found = [established(facts), established(frozenset(items))]
        return frozenset(origin for each in found if each is not None and each.kind in NAMES for origin in each.origins)

    def _items(self, container: Container) -> Kinds:
        return frozenset(value for kinds in self.engine.store.items(container.node).values() for value in kinds)

    def _is_passed_on(self, tree: Tree, node: cst.CSTNode) -> bool:
        """True where a name, or a list of names, only goes on to where the analysis sees it again."""
        parent = tree.parents[node]
        if isinstance(parent, cst.Arg):
            call = tree.parents[parent]
            if called_name(tree, parent) in _PASSING or not isinstance(call, cst.Call):
                return True
            callees = self._facts(call.func)
            return bool(callees) and all(isinstance(value, (Function, Class)) for value in callees)
        if isinstance(parent, cst.Attribute):
            return parent.value is not node
        return isinstance(
            parent,
            (
                cst.Assign, cst.AssignTarget, cst.AnnAssign, cst.NamedExpr, cst.For, cst.CompFor, cst.Element,
                cst.StarredElement, cst.Subscript, cst.Index, cst.DictElement, cst.ListComp, cst.GeneratorExp,
                cst.DictComp, cst.SetComp, cst.Expr, cst.Param, cst.Return,
            ),
        )  # fmt: skip

    def _facts(self, node: cst.CSTNode) -> Kinds:
        return self.engine.facts.get(node, frozenset())
