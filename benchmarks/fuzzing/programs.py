"""A random program: its facts, its parts, and the flow that objects take from one part to the other."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fuzzing import loading
from fuzzing.flows import FLOWS
from fuzzing.random_models import Model, random_model
from fuzzing.running import RUNS
from fuzzing.scope import GENERATIONS, Facts, Lines, Scope

Segment = Callable[[Scope], Lines]
_NAMES = {
    "core": ("ie", "ie", "core", "iecore", "ie_core", "plugin"),
    "net": ("net", "net", "network", "model", "net_det"),
    "exec": ("exec_net", "exec_net", "exec_network", "compiled", "executable_network", "net"),
    "input": ("input_blob", "input_blob", "input_name", "inp"),
    "output": ("out_blob", "out_blob", "output_name", "out"),
    "request": ("infer_request", "request", "req"),
    "requests": ("requests", "infer_requests"),
}


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


def random_program(seed: str) -> Program:
    """The program of a seed, always the same."""
    source = random.Random(f"program {seed}")
    model = random_model(random.Random(f"model {source.randrange(400)}"), "model")
    generation = source.choices(GENERATIONS, (16, 34, 30, 20))[0]
    while model.form not in _FORMS.get(generation, (model.form,)):
        model = random_model(random.Random(f"model {source.randrange(400)}"), "model")
    counts: Counter[str] = Counter()
    requests = source.choices((1, 2, 3, 4), (50, 28, 12, 10))[0]
    facts = Facts(source, generation, model, counts, requests)
    facts.is_given = source.random() < {"v10": 0.1, "same": 0.2, "onnx": 0.2}.get(model.form, 0.75)
    facts.pins_types = not model.keeps_types and source.random() < 0.6
    facts.shapes = [port.shape for port in model.inputs]
    facts.outputs = [port.name for port in model.outputs]
    facts.handles = _handles(facts)
    flow = source.choices(list(FLOWS), [weight for _, weight in FLOWS.values()])[0]
    modules = FLOWS[flow][0](facts, load_part, run_part(facts))
    release = (
        "2021.4.2"
        if facts.is_old or (generation == "2021" and source.random() < 0.3 and model.form in ("v10", "onnx"))
        else "2023.3.0"
    )
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
    for index in range(4):
        handles[f"input{index}"] = f"{handles['input']}_{'abcd'[index]}"
        handles[f"output{index}"] = f"{handles['output']}_{'abcd'[index]}"
    if handles["requests"] == handles["request"] or source.random() < 0.75:
        del handles["requests"]
    if source.random() < 0.7:
        del handles["request"]
    return handles


def load_part(s: Scope) -> Lines:
    """From the core to the executable network."""
    f = s.facts
    lines = loading.core(s) + loading.read(s)
    lines += loading.name_inputs(s)
    early = f.chance(0.8)
    if early:
        lines += loading.name_outputs(s)
        lines += loading.ask(s)
    lines += loading.change(s)
    if not early:
        lines += loading.name_outputs(s)
    lines += loading.compiled(s)
    return lines + loading.after_compile(s)


def run_part(facts: Facts) -> list[Segment]:
    """The parts that infer."""
    number = facts.source.choices((1, 2, 3), (50, 35, 15))[0]
    return facts.source.choices([run for run, _ in RUNS], [weight for _, weight in RUNS], k=number)
