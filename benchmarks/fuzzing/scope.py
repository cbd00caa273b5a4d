"""What the parts of a random program are written with: its facts, its names, and where each name lives."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fuzzing.random_models import DTYPES, PRECISIONS, Model, Shape

GENERATIONS = ("2018", "2020", "2021", "2022")
# Programs of these ask `net.inputs` and `request.outputs`, which only 2021.4.2 still has.
OLD_ONES = ("2018", "2020")
Lines = list[str]


@dataclass
class Facts:
    """All that is decided once for a program. `shapes` are those of the inputs as they are by now, `outputs` the legacy
    names of what comes out; `inputs_by` and `outputs_by` say how each is named in the text, with {handles} in it."""

    source: random.Random
    generation: str
    model: Model
    counts: Counter[str]
    release: str
    requests: int = 1
    is_given: bool = False
    pins_types: bool = False
    shapes: list[Shape] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    import_form: str = "plain"
    has_arguments: bool = False
    outputs: list[str] = field(default_factory=list)
    inputs_by: list[str] = field(default_factory=list)
    outputs_by: list[str] = field(default_factory=list)
    handles: dict[str, str] = field(default_factory=dict)
    imports: dict[str, set[str]] = field(default_factory=dict)
    legacy: set[str] = field(default_factory=set)
    helpers: dict[str, str] = field(default_factory=dict)
    numbers: int = 0
    prefix: str = ""

    @property
    def is_old(self) -> bool:
        return self.generation in OLD_ONES

    @property
    def shows_types(self) -> bool:
        """True when the text may print element types of results."""
        return self.model.keeps_types or self.pins_types

    @property
    def shows_names(self) -> bool:
        """True when the text may print names of inputs and outputs."""
        return self.model.keeps_names

    def count(self, idiom: str) -> None:
        self.counts[idiom] += 1

    def chance(self, probability: float) -> bool:
        return self.source.random() < probability

    def pick(self, choices: Sequence[str]) -> str:
        return self.source.choice(choices)

    def use(self, module: str, name: str = "") -> None:
        """Notes an import that the text needs."""
        self.imports.setdefault(module, set()).add(name)

    def ie(self, name: str) -> str:
        """Notes a legacy class that the text needs, and gives how to write it."""
        self.legacy.add(name)
        if name == "IECore" and self.import_form == "renamed":
            return "Engine"
        return f"{self.prefix}{name}"

    def helper(self, name: str, text: str) -> str:
        self.helpers[name] = text
        return name

    def fresh(self, base: str) -> str:
        self.numbers += 1
        return f"{base}{self.numbers}" if self.chance(0.5) or self.numbers > 1 else base


@dataclass
class Scope:
    """One place in the program: `places` says how each handle is written there."""

    facts: Facts
    places: Mapping[str, str]

    def __getitem__(self, handle: str) -> str:
        return self.places[handle]

    def has(self, handle: str) -> bool:
        return handle in self.places

    def fill(self, text: str) -> str:
        return text.format(**self.places) if "{" in text else text

    @property
    def inputs(self) -> list[str]:
        return [self.fill(text) for text in self.facts.inputs_by]

    @property
    def outputs(self) -> list[str]:
        return [self.fill(text) for text in self.facts.outputs_by]

    def any_output(self) -> str:
        return self.facts.source.choice(self.outputs)

    def request(self, index: int | str = 0) -> str:
        """An expression for one of the requests."""
        f = self.facts
        if index == 0 and self.has("request") and f.chance(0.8):
            return self["request"]
        if self.has("requests") and f.chance(0.8):
            return f"{self['requests']}[{index}]"
        f.count("`exec_net.requests`")
        return f"{self['exec']}.requests[{index}]"

    def array(self, index: int, value: int) -> str:
        """An array for an input; equal values give equal arrays."""
        f, shape = self.facts, self.facts.shapes[index]
        element_type = f.types[index]
        size = 1
        for d in shape:
            size *= d
        if element_type in ("f32", "f16"):
            forms = [
                f"np.full({shape}, {value})",
                f"np.full({shape}, {value}, dtype=np.float32)",
                f"(np.arange({size}).reshape({shape}) % 7 - {value}) / 4",
                f"np.linspace(-{value}, 2, {size}).reshape({shape}).astype(np.float32)",
                f"np.ones({shape}, np.float32) * {value}",
                f"np.random.RandomState({value}).rand(*{shape})",
                f"np.float32(np.arange({size}) % 5).reshape({list(shape)}) - {value}",
            ]
        else:
            forms = [
                f"np.full({shape}, {value})",
                f"np.arange({size}).reshape({shape}) % {value + 2}",
                f"np.full({shape}, {value}, dtype=np.{DTYPES[element_type]})",
            ]
        return f.pick(forms)

    def feed(self, value: int, only: Sequence[int] | None = None) -> str:
        """A dict display with an array for each input, or for `only` some."""
        chosen = range(len(self.inputs)) if only is None else only
        items = [f"{self.inputs[i]}: {self.array(i, value + i)}" for i in chosen]
        if len(items) > 1 and self.facts.chance(0.4):
            items.reverse()
        return "{" + ", ".join(items) + "}"

    def out(self, request: str, output: str) -> str:
        """An expression for what a request gave."""
        f = self.facts
        if f.is_old:
            f.count("`request.outputs` (2018 to 2020)")
            return f"{request}.outputs[{output}]"
        f.count("`request.output_blobs`")
        f.count("`.buffer`")
        return f"{request}.output_blobs[{output}].buffer"

    def show(self, label: str, array: str) -> str:
        """A statement that prints an array."""
        f = self.facts
        forms = [
            f"print(json.dumps([{label!r}, {array}.tolist()]))",
            f"print(json.dumps([{label!r}, list({array}.shape), round(float({array}.sum()), 2)]))",
            f"print(json.dumps({{{label!r}: np.squeeze({array}).tolist()}}))",
            f"print(json.dumps([{label!r}, float({array}.max()), {array}.ravel()[:4].tolist()]))",
        ]
        if f.shows_types:
            forms += [f"print(json.dumps([{label!r}, str({array}.dtype), {array}.ravel()[:3].tolist()]))"] * 2
            # Values of floats divided so would tell how a release rounds.
            forms.append(f"print(json.dumps([{label!r}, str(({array} // 2).dtype), list(({array} // 2).shape)]))")
        if f.chance(0.25):
            text = "def show(label, array):\n    print(json.dumps([label, array.shape, array.ravel()[:5].tolist()]))"
            return f"{f.helper('show', text)}({label!r}, {array})"
        return f.pick(forms)

    def precision(self, index: int) -> str:
        return PRECISIONS[self.facts.types[index]]


def indent(lines: Sequence[str], levels: int = 1) -> Lines:
    return [("    " * levels + line) if line else line for line in lines]


def block(header: str, lines: Sequence[str]) -> Lines:
    return [header, *indent(lines or ["pass"])]
