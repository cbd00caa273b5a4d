"""Which of the given models a network is read from, and what they say of it.

A model that is given stands for every network of the program, unless the program names several files: then each network
goes by the name of its file. Where several models are left for a network, only what they agree on is established.
"""

from __future__ import annotations

import libcst as cst

from ov_migrate.inference import Engine
from ov_migrate.inference.values import Constant, LegacyName, Method
from ov_migrate.knowledge.model_facts import ModelFacts, PortFacts
from ov_migrate.steps.context import argument
from ov_migrate.syntax import children

# Parameters that take the file of a network.
_FILES = frozenset({"model", "network", "model_file"})
_SUFFIXES = (".xml", ".onnx", ".pdmodel", ".pb", ".tflite")
_ADDS = "add_outputs"


class ModelPlan:
    """`of(origin)` gives the models that the network made there may be; `has_more(origin)` is true when the program
    gives it outputs that the file has not."""

    def __init__(self, engine: Engine, models: tuple[ModelFacts, ...]) -> None:
        self.engine = engine
        self.models = models
        self._files: dict[cst.CSTNode, frozenset[str]] = {}
        self._defaults: dict[cst.CSTNode, frozenset[str]] = {}
        self._extended: set[cst.CSTNode | None] = set()
        for module in engine.project.modules if models else ():
            for call in module.tree.all(cst.Call):
                if isinstance(call, cst.Call):
                    self._look(call)
        self._names_several = len(frozenset().union(*self._files.values())) > 1 if self._files else False

    def of(self, origin: cst.CSTNode | None) -> tuple[ModelFacts, ...]:
        """The models that the network with this origin may be; none when it is not known to be read from a file."""
        if origin is None:
            return self.models
        if origin not in self._files:
            return ()
        names = self._files[origin]
        matching = tuple(model for model in self.models if model.file_name in names | self._defaults[origin])
        if matching:
            return matching
        return () if names and self._names_several else self.models

    def has_more(self, origin: cst.CSTNode | None) -> bool:
        """True for a network to which outputs are added."""
        return bool(self._extended) and (origin is None or origin in self._extended or None in self._extended)

    def _look(self, call: cst.Call) -> None:
        for value in self.engine.facts.get(call.func, ()):
            parameters: tuple[str, ...] = ()
            if isinstance(value, Method):
                member = self.engine.api.member(value.receiver.kind, value.name)
                parameters = member.parameters if member is not None else ()
                if value.name == _ADDS:
                    self._extended.add(value.receiver.origin)
            elif isinstance(value, LegacyName):
                parameters = self.engine.api.parameters_of(value.name)
            path = next((argument(call, parameters, name) for name in parameters if name in _FILES), None)
            if path is not None:
                self._files[call] = frozenset(self._literals(path))
                self._defaults[call] = frozenset(self._option_defaults(path))

    def _literals(self, node: cst.CSTNode) -> set[str]:
        """The names of model files that stand in an expression, or in the one value it is known to have."""
        facts = self.engine.facts.get(node, frozenset())
        texts = [str(value.value) for value in facts if isinstance(value, Constant)]
        if isinstance(node, cst.SimpleString):
            texts.append(str(node.evaluated_value))
        if isinstance(node, cst.FormattedStringText):
            texts.append(node.value)
        found = {_base(text) for text in texts if text.endswith(_SUFFIXES)}
        return found.union(*(self._literals(child) for child in children(node)))

    def _option_defaults(self, node: cst.CSTNode) -> set[str]:
        """For `args.model` the default of a command-line option of that name."""
        found = set()
        if isinstance(node, cst.Attribute):
            for module in self.engine.project.modules:
                for call in module.tree.all(cst.Call):
                    if isinstance(call, cst.Call) and _is_option(call, node.attr.value):
                        found |= {_base(_text(arg.value)) for arg in call.args if _keyword(arg) == "default"}
        return found.union(*(self._option_defaults(child) for child in children(node)))


def by(text: str, models: tuple[ModelFacts, ...]) -> str:
    """`text` with the files that establish it."""
    return f"{text.rstrip('.')} (by {', '.join(model.file_name for model in models)})."


def unnamed(side: str, port: PortFacts, models: tuple[ModelFacts, ...]) -> str:
    """What to do about a port that the code asks by name and that has none."""
    named = f"model.{side}({port.index}).get_tensor().set_names({{'{port.layer}'}})"
    return by(
        f"The {side} '{port.layer}' has no tensor name: give it one before the model is compiled, {named}", models
    )


def literal(quote: str, text: str) -> str:
    """`text` as a string literal, in these quotes where that is simple."""
    return f"{quote}{text}{quote}" if text.isprintable() and not {quote, "\\"} & set(text) else repr(text)


def _is_option(call: cst.Call, name: str) -> bool:
    """True for the `add_argument` that makes the option `name`."""
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "add_argument":
        return False
    texts = [_text(arg.value) for arg in call.args if _keyword(arg) in ("", "dest")]
    return name in {text.lstrip("-").replace("-", "_") for text in texts}


def _keyword(arg: cst.Arg) -> str:
    return arg.keyword.value if arg.keyword is not None else ""


def _text(node: cst.BaseExpression) -> str:
    return str(node.evaluated_value) if isinstance(node, cst.SimpleString) else ""


def _base(text: str) -> str:
    return text.replace("\\", "/").rsplit("/", 1)[-1]
