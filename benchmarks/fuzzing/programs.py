"""A random program: its facts, its parts, and the flow that objects take from one part to the other."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fuzzing import loading, rarities
from fuzzing.concurrency import MORE_RUNS
from fuzzing.flows import FLOWS, IMPORT_FORMS, PREFIXES, legacy_import
from fuzzing.random_models import Model, Port, random_model
from fuzzing.running import RUNS
from fuzzing.scope import GENERATIONS, OLD_ONES, Facts, Lines, Scope
from ov_migrate.verify.runtimes import BOTH, OLD

Segment = Callable[[Scope], Lines]
_NAMES = {
    "core": ("ie", "ie", "core", "iecore", "ie_core", "plugin"),
    "net": ("net", "net", "network", "model", "net_det"),
    "exec": ("exec_net", "exec_net", "exec_network", "compiled", "executable_network", "net"),
    "input": ("input_blob", "input_blob", "input_name", "inp"),
    "output": ("out_blob", "out_blob", "output_name", "out"),
    "request": ("infer_request", "current_request", "req"),  # Loops over requests call each `request`.
    "requests": ("requests", "infer_requests"),
}


_BEFORE_LOAD = (
    (0.08, rarities.set_precision), (0.04, rarities.set_layout), (0.12, rarities.preprocess),
    (0.05, rarities.count_operations), (0.04, rarities.feature_test),
)  # fmt: skip
_CAPSULE = Model(
    "built", "capsule", (Port("data", (1, 3, 4, 6), "f32"),), (Port("out", (1, 3, 4, 6), "f32"),), (("relu", 0, 0),)
)
_ALL_RUNS = [*RUNS, *MORE_RUNS]
_FORMS = {"2018": ("v10",), "2020": ("v10", "onnx")}  # The files that a release of the time could read.


@dataclass(frozen=True)
class Program:
    """The modules of a program by their paths, what it needs to run, and how the tool is to be called."""

    seed: str
    modules: Mapping[str, str]
    models: tuple[Model, ...]
    release: str
    is_given: bool
    pins_types: bool
    flow: str
    counts: Counter[str]

    @property
    def is_tidied(self) -> bool:
        """Whether the tool drops what became of no use; for a quarter of the programs."""
        return random.Random(f"tidy {self.seed}").random() < 0.25

    @property
    def has_variables_renamed(self) -> bool:
        """Whether the tool gives variables the names of API 2.0; for a quarter of the programs."""
        return random.Random(f"rename {self.seed}").random() < 0.25

    @property
    def target(self) -> str:
        """The oldest release that the result has to run on; the first with API 2.0 for a sixth of the programs."""
        return "2022.1" if random.Random(f"target {self.seed}").random() < 1 / 6 else "2023.1"

    @property
    def has_callbacks(self) -> bool:
        return self.counts["`set_completion_callback`"] > 0


def random_program(seed: str) -> Program:
    """The program of a seed, always the same."""
    source = random.Random(f"program {seed}")
    model = random_model(random.Random(f"model {source.randrange(400)}"), "model")
    generation = source.choices(GENERATIONS, (16, 34, 30, 20))[0]
    while model.form not in _FORMS.get(generation, (model.form,)):
        model = random_model(random.Random(f"model {source.randrange(400)}"), "model")
    if generation in ("2021", "2022") and source.random() < 0.08:
        model = _CAPSULE
    counts: Counter[str] = Counter()
    requests = source.choices((1, 2, 3, 4), (50, 28, 12, 10))[0]
    is_older = generation in OLD_ONES or (
        generation == "2021" and source.random() < 0.3 and model.form in ("v10", "onnx")
    )
    release = OLD if is_older else BOTH
    facts = Facts(source, generation, model, counts, release, requests)
    facts.is_given = model.form != "capsule" and source.random() < {"v10": 0.1, "same": 0.2, "onnx": 0.2}.get(
        model.form, 0.75
    )
    facts.pins_types = not model.keeps_types
    facts.types = [port.element_type for port in model.inputs]
    facts.shapes = [port.shape for port in model.inputs]
    facts.outputs = [port.name for port in model.outputs]
    facts.import_form = source.choices(list(IMPORT_FORMS), list(IMPORT_FORMS.values()))[0]
    facts.prefix = PREFIXES.get(facts.import_form, "")
    facts.has_arguments = source.random() < 0.3
    facts.handles = _handles(facts)
    flow = source.choices(list(FLOWS), [weight for _, weight in FLOWS.values()])[0]
    modules = rarities.decoys(facts, FLOWS[flow][0](facts, load_part, run_part(facts)))
    counts["flow " + flow] += 1
    counts["generation " + generation] += 1
    counts["model " + model.form] += 1
    return Program(seed, modules, (model,), release, facts.is_given, facts.pins_types, flow, counts)


def _handles(facts: Facts) -> dict[str, str]:
    """How each handle is called in this program."""
    source = facts.source
    handles = {handle: source.choice(names) for handle, names in _NAMES.items()}
    if facts.generation == "2018":
        handles["core"] = "plugin"
    for index in range(8):
        handles[f"input{index}"] = f"{handles['input']}_{'abcdefgh'[index]}"
        handles[f"output{index}"] = f"{handles['output']}_{'abcdefgh'[index]}"
    if facts.prefix == "ie." and handles["core"] == "ie":
        handles["core"] = "core"
    if handles["requests"] == handles["request"] or source.random() < 0.75:
        del handles["requests"]
    if source.random() < 0.7:
        del handles["request"]
    return handles


def load_part(s: Scope) -> Lines:
    """From the core to the executable network."""
    f = s.facts
    lines = loading.core(s) + read(s) + rarities.more_core(s)
    lines += loading.name_inputs(s)
    early = f.chance(0.8)
    if early:
        lines += loading.name_outputs(s)
        lines += loading.ask(s)
    lines += loading.change(s)
    if f.chance(0.05):
        lines += rarities.add_outputs(s)
    if not early:
        lines += loading.name_outputs(s)
    for probability, part in _BEFORE_LOAD:
        lines += part(s) if f.chance(probability) else []
    lines += loading.compiled(s)
    lines += rarities.through_file(s) if f.chance(0.03) else []
    lines += loading.after_compile(s)
    if f.handles["net"] != f.handles["exec"] and f.chance(0.15):
        f.count("`del net` and the like")
        lines.append(f"del {s['net']}")
    if f.import_form == "in function":
        f.count("inside a function")
        lines = [*legacy_import(f), *lines]
        f.legacy.clear()
    return lines


def read(s: Scope) -> Lines:
    f = s.facts
    if f.model.form == "capsule":
        return rarities.read_capsule(s)
    if f.generation in ("2020", "2021") and f.model.form != "onnx" and f.chance(0.05):
        return rarities.read_either(s)
    return loading.read(s)


def run_part(facts: Facts) -> list[Segment]:
    """The parts that infer."""
    number = facts.source.choices((1, 2, 3), (50, 35, 15))[0]
    return facts.source.choices([run for run, _ in _ALL_RUNS], [weight for _, weight in _ALL_RUNS], k=number)
