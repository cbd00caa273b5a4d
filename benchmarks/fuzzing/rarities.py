"""Less frequent idioms of loading: element types and layouts that are set, preprocessing, nGraph, export, and code that
only looks like the legacy API."""

from __future__ import annotations

from fuzzing.loading import members
from fuzzing.scope import Facts, Lines, Scope, block


def set_precision(s: Scope) -> Lines:
    """Element types of inputs or outputs set to other ones."""
    f = s.facts
    if f.release == "2021.4.2" or f.generation == "2018":
        return []
    if f.chance(0.4):
        f.count("set output `.precision`")
        return [f"{s['net']}.outputs[{s.outputs[0]}].precision = 'FP32'"]
    index = f.source.randrange(len(f.types))
    if f.types[index] != "f32":
        return []
    f.count("set input `.precision`")
    f.types[index] = f.source.choice(("u8", "f32", "i32"))
    info = f"{s['net']}.{members(f)}[{s.inputs[index]}]"
    return [f"{info}.precision = '{s.precision(index)}'"]


def set_layout(s: Scope) -> Lines:
    """A layout: the one that the input has already, or NHWC."""
    f = s.facts
    if len(f.shapes) > 1 or len(f.shapes[0]) != 4 or f.release == "2021.4.2":
        return []
    layout = f.pick(("NCHW", "NHWC"))
    return [f"{s['net']}.{members(f)}[{s.inputs[0]}].layout = '{layout}'"]


def preprocess(s: Scope) -> Lines:
    """Mean and scale of channels."""
    f = s.facts
    if len(f.shapes) > 1 or len(f.shapes[0]) != 4 or f.types[0] != "f32" or f.release == "2021.4.2":
        return []
    f.count("`.preprocess_info`")
    pp, channels = f.fresh("pp"), f.shapes[0][1]
    lines = [f"{pp} = {s['net']}.input_info[{s.inputs[0]}].preprocess_info", f"{pp}.init({channels})"]
    for channel in range(channels):
        lines += [f"{pp}[{channel}].mean_value = {channel + 1}.0", f"{pp}[{channel}].std_scale = 2.0"]
    return [*lines, f"{pp}.mean_variant = {f.prefix}{f.ie('MeanVariant').rpartition('.')[2]}.MEAN_VALUE"]


def add_outputs(s: Scope) -> Lines:
    """A layer between made an output."""
    f = s.facts
    if f.model.form in ("capsule", "onnx") or "pre_0" in f.outputs or f.model.inputs[0].element_type != "f32":
        return []
    f.count("`net.add_outputs`")
    form = f.pick(("'pre_0'", "['pre_0']", "[('pre_0', 0)]"))
    f.outputs.append("pre_0")
    return [f"{s['net']}.add_outputs({form})"]


def count_operations(s: Scope) -> Lines:
    """The nGraph function of the network."""
    f = s.facts
    f.count("`import ngraph as …`")
    f.use("ngraph as ng")
    function = f.fresh("func")
    kind = f.pick(("'Parameter'", "'Result'"))
    return [
        f"{function} = ng.function_from_cnn({s['net']})",
        f"print(json.dumps([op.get_type_name() for op in {function}.get_ordered_ops()].count({kind})))",
    ]


def read_capsule(s: Scope) -> Lines:
    """A network that is built in code."""
    f = s.facts
    f.count("`import ngraph as …`")
    f.count("IENetwork … one positional (an ngraph capsule, mostly)")
    f.count("`IENetwork(…)` constructor")
    f.use("ngraph as ng")
    port, output = f.model.inputs[0], f.model.outputs[0]
    lines = [
        f"data = ng.parameter({list(port.shape)}, np.float32, name={port.name!r})",
        "scaled = ng.multiply(data, ng.constant(np.array([2.0], np.float32)))",
        f"node = ng.relu(scaled, name={output.name!r})",
    ]
    if f.chance(0.5):
        lines.append("function = ng.Function([node], [data], 'built')")
        return [*lines, f"{s['net']} = {f.ie('IENetwork')}(ng.Function.to_capsule(function))"]
    f.use("ngraph.impl", "Function")
    lines.append(
        "function = Function(node, [data], 'built')"
        if f.chance(0.3)
        else "function = Function([node], [data], 'built')"
    )
    return [*lines, f"{s['net']} = {f.ie('IENetwork')}(Function.to_capsule(function))"]


def read_either(s: Scope) -> Lines:
    """One generation of the API tried, and another when that fails."""
    f = s.facts
    f.count("try one IE call, except → another")
    path, weights = s["path"], f"{s['path']}.replace('.xml', '.bin')"
    first = [f"{s['net']} = {s['core']}.read_network({path}, {weights})"]
    second = [f"{s['net']} = {f.ie('IENetwork')}(model={path}, weights={weights})"]
    return [*block("try:", first), *block(f"except {f.pick(('AttributeError', 'Exception'))}:", second)]


def feature_test(s: Scope) -> Lines:
    """Code for two generations, told apart by what the network has."""
    f = s.facts
    f.count("`hasattr()` on an IE object")
    f.count('`hasattr(x, "input_info")` feature test')
    inputs, net = f.fresh("inputs"), s["net"]
    form = f.source.randrange(2)
    if form == 0:
        lines = [f"{inputs} = {net}.input_info if hasattr({net}, 'input_info') else {net}.inputs"]
    else:
        lines = [
            *block(f"if hasattr({net}, 'input_info'):", [f"{inputs} = {net}.input_info"]),
            *block("else:", [f"{inputs} = {net}.inputs"]),
        ]
    return [*lines, f"print(json.dumps(len({inputs})))"]


def through_file(s: Scope) -> Lines:
    """The executable network exported and imported again."""
    f = s.facts
    if f.release == "2021.4.2":
        return []
    f.count("`import_network`")
    return [
        f"{s['exec']}.export('exported.blob')",
        f"{s['exec']} = {s['core']}.import_network('exported.blob', {s['device']}, num_requests={f.requests})"
        if f.requests > 1
        else f"{s['exec']} = {s['core']}.import_network('exported.blob', {s['device']})",
    ]


def more_core(s: Scope) -> Lines:
    f, lines = s.facts, list[str]()
    if f.chance(0.05):
        f.count("… name `get_version`")
        lines.append(f"print(json.dumps(len({f.ie('get_version')}()) > 0))")
    if f.generation == "2018":
        if f.chance(0.15):
            f.count("`set_initial_affinity`")
            f.count("`plugin.device`")
            lines += block(f"if 'HETERO' in {s['core']}.device:", [f"{s['core']}.set_initial_affinity({s['net']})"])
        return lines
    if f.chance(0.04):
        f.count("`get_config`")
        lines.append(f"print(json.dumps({s['core']}.get_config({s['device']}, 'PERF_COUNT') == 'YES'))")
    return lines


_DECOY = '''
class Recorder:
    """Has members of the same names, and nothing to do with the API."""

    def __init__(self):
        self.requests = [self]
        self.outputs = {"b": 2, "a": 1}
        self.inputs = {"y": [1, 2], "x": [3]}
        self.buffer = [1, 2, 3]

    def infer(self, inputs):
        return {name: sum(values) for name, values in inputs.items()}

    def wait(self, timeout=-1):
        return 0

    def start_async(self, request_id=0, inputs=None):
        return self.requests[request_id]

    def read_network(self, model, weights=None):
        return self

    def load_network(self, network, device_name):
        return self


recorder = Recorder()
recorder = recorder.load_network(recorder.read_network("a", "b"), "CPU")
if recorder.start_async(request_id=0, inputs=recorder.inputs).wait(-1) == 0:
    print(next(iter(recorder.outputs)), list(recorder.inputs), recorder.infer(inputs=recorder.inputs))
    print(len(recorder.requests), recorder.requests[0].outputs["a"], recorder.buffer[0])
'''


def decoys(f: Facts, modules: dict[str, str]) -> dict[str, str]:
    """Adds code that only looks like the legacy API: in the program, or in a module with the name of the package."""
    if f.chance(0.06):
        f.count("`from X.inference_engine import` where X is *not* openvino")
        modules = {**modules, "engines/__init__.py": "", "engines/inference_engine.py": _DECOY.lstrip("\n")}
        name = "from engines.inference_engine import Recorder\n\nprint(Recorder().infer(inputs={'a': [1, 2]}))\n"
        modules["main.py"] += name
    elif f.chance(0.04):
        f.count("(other objects with the same members)")
        modules = {**modules, "main.py": modules["main.py"] + "\n" + _DECOY}
    return modules
