"""The parts of a random program that come before inference: core, read, ask, change, compile."""

from __future__ import annotations

from fuzzing.random_models import LAYOUTS, Model
from fuzzing.scope import Facts, Lines, Scope, block


def core(s: Scope) -> Lines:
    """Makes the core, or the plugin of 2018."""
    f = s.facts
    if f.generation == "2018":
        form = f.pick(("device={device}", "device={device}, plugin_dirs=None", "{device}"))
        f.count("`IEPlugin(…)`")
        names = {"device={device}": "device=", "{device}": "positional"}
        f.count("… `" + names[form] + "`" if form in names else "… `device=, plugin_dirs=`")
        lines = [f"{s['core']} = {f.ie('IEPlugin')}({s.fill(form)})"]
    else:
        f.count("`IECore()`")
        lines = [f"{s['core']} = {f.ie('IECore')}()"]
    return lines + core_extras(s)


def core_extras(s: Scope) -> Lines:
    f, lines = s.facts, list[str]()
    is_plugin = f.generation == "2018"
    if f.chance(0.15):
        name = "add_cpu_extension" if is_plugin else "add_extension"
        f.count("`plugin.add_cpu_extension(…)`" if is_plugin else "`add_extension(…)`")
        f.count("`'CPU' in device` string tests")
        variable = f.fresh("cpu_extension")
        call = f"{s['core']}.{name}({variable})" if is_plugin else f"{s['core']}.{name}({variable}, {s['device']})"
        lines += [f"{variable} = None", *block(f"if {variable} and 'CPU' in {s['device']}:", [call])]
    if f.chance(0.12):
        f.count("`set_config` on core or plugin")
        setting = f.pick(('{"CPU_BIND_THREAD": "NO"}', '{"PERF_COUNT": "YES"}', '{"CPU_THREADS_NUM": "1"}'))
        f.count("key " + setting.split('"')[1])
        if is_plugin:
            lines.append(f"{s['core']}.set_config({setting})")
        else:
            lines.append(
                s.fill(
                    f.pick(
                        ("{core}.set_config(%s, {device})", "{core}.set_config(config=%s, device_name={device})")
                    ).replace("%s", setting.replace("{", "{{").replace("}", "}}"))
                )
            )
    if is_plugin:
        if f.chance(0.1):
            f.count("`plugin.device`")
            lines.append(f"print(json.dumps({s['core']}.device))")
        return lines
    if f.chance(0.04):
        f.count("`get_versions`")
        variable = f.fresh("versions")
        lines += [
            f"{variable} = {s['core']}.get_versions({s['device']})[{s['device']}]",
            f"print(json.dumps(len({variable}.build_number) > 0))",
        ]
    if f.chance(0.04):
        f.count("`available_devices`")
        lines.append(
            f.pick(
                (
                    f"print(json.dumps('CPU' in {s['core']}.available_devices))",
                    f"assert {s['device']} in {s['core']}.available_devices",
                )
            )
        )
    if f.chance(0.04):
        f.count("`get_metric`")
        metric = f.pick(("FULL_DEVICE_NAME", "OPTIMIZATION_CAPABILITIES"))
        lines.append(f"print(json.dumps(len({s['core']}.get_metric({s['device']}, '{metric}')) > 0))")
    return lines


def read(s: Scope) -> Lines:
    """Reads the network."""
    f = s.facts
    model, lines = f.model, list[str]()
    path = s["path"]
    if model.form == "onnx":
        f.count("`read_network(…)`")
        form = f.pick((f"model={path}", path))
        f.count("… `model=` only" if "=" in form else "… one positional")
        return [f"{s['net']} = {s['core']}.read_network({form})"]
    weights = f.pick(("os", "literal", "replace", "none" if not f.is_old and f.generation != "2018" else "os"))
    if weights == "none" and f.generation in ("2021", "2022"):
        f.count("`read_network(…)`")
        form = f.pick((f"model={path}", path))
        f.count("… `model=` only" if "=" in form else "… one positional")
        return [f"{s['net']} = {s['core']}.read_network({form})"]
    variable = f.pick(("model_bin", "weights", "bin_path"))
    if weights == "os":
        f.use("os")
        lines.append(f'{variable} = os.path.splitext({path})[0] + ".bin"')
    elif weights == "literal":
        variable = repr(f"{model.stem}.bin")
    else:
        lines.append(f"{variable} = {path}.replace('.xml', '.bin')")
    return [*lines, f"{s['net']} = {_read_call(s, path, variable)}"]


def _read_call(s: Scope, path: str, weights: str) -> str:
    f = s.facts
    keywords, positional = f"model={path}, weights={weights}", f"{path}, {weights}"
    form = f.pick((keywords, positional))
    shape = "… `model=, weights=`" if form == keywords else "… two positional"
    if f.generation == "2018" or (f.generation == "2020" and f.chance(0.5)):
        if f.chance(0.2) and f.generation == "2018":
            f.count("`IENetwork.from_ir(…)`")
            return f"{f.ie('IENetwork')}.from_ir({keywords})"
        f.count("`IENetwork(…)` constructor")
        f.count("IENetwork " + shape)
        return f"{f.ie('IENetwork')}({form})"
    f.count("`read_network(…)`")
    if f.chance(0.08):
        f.count("… `init_from_buffer=`")
        opened = f"open({path}, 'rb').read(), open({weights}, 'rb').read()"
        if f.chance(0.5):
            opened = f"model=open({path}, 'rb').read(), weights=open({weights}, 'rb').read()"
        return f"{s['core']}.read_network({opened}, init_from_buffer=True)"
    f.count("read_network " + shape)
    return f"{s['core']}.read_network({form})"


def members(f: Facts) -> str:
    """How inputs of a network are asked for."""
    if f.is_old:
        f.count("`net.inputs`")
        return "inputs"
    f.count("`net.input_info`")
    return "input_info"


def name_inputs(s: Scope) -> Lines:
    """Fixes how the inputs are named, with what the text needs for it."""
    f = s.facts
    names = [port.name for port in f.model.inputs]
    order = sorted(names)
    style = f.pick(("literal", "first", "first", "first") if len(names) == 1 else ("literal", "list", "unpack", "loop"))
    net = f"{s['net']}.{members(f)}"
    if style == "literal":
        f.count("index inputs by a literal")
        f.inputs_by = [repr(name) for name in names]
        return []
    f.count("index inputs by a variable")
    if style == "first":
        f.inputs_by = ["{input}"]
        f.count("`next(iter(net.inputs/outputs/input_info))`")
        return [
            f"{s['input']} = "
            + f.pick(
                (f"next(iter({net}))",) * 3 + (f"list({net})[0]", f"list({net}.keys())[0]", f"next(iter({net}.keys()))")
            )
        ]
    if style == "list":
        f.inputs_by = [f"{{input}}[{order.index(name)}]" for name in names]
        f.count("`list(…)` of them")
        forms = (f"list({net})", f"list({net}.keys())", f"[name for name in {net}]", f"sorted({net})")
        return [f"{s['input']} = {f.pick(forms)}"]
    if style == "unpack":
        f.inputs_by = [f"{{input{order.index(name)}}}" for name in names]
        target = ", ".join(s[f"input{index}"] for index in range(len(names)))
        f.count("`.keys()` on inputs")
        return [f"{target} = " + f.pick((net, f"{net}.keys()", f"list({net})", f"sorted({net})"))]
    f.inputs_by = [f"{{input}}[{order.index(name)}]" for name in names]
    key = f.fresh("key")
    f.count("`.items()` on inputs")
    if f.chance(0.5):
        return [f"{s['input']} = []", *block(f"for {key}, _ in {net}.items():", [f"{s['input']}.append({key})"])]
    return [f"{s['input']} = []", *block(f"for {key} in {net}:", [f"{s['input']}.append({key})"])]


def name_outputs(s: Scope) -> Lines:
    f = s.facts
    names = list(f.outputs)
    order = sorted(names)
    style = f.pick(
        ("literal", "first", "first", "first") if len(names) == 1 else ("literal", "list", "unpack", "items")
    )
    net = f"{s['net']}.outputs"
    f.count("`net.outputs`")
    if style == "literal":
        f.count("index outputs by a literal")
        f.outputs_by = [repr(name) for name in names]
        return []
    if style == "first":
        f.outputs_by = ["{output}"]
        f.count("`next(iter(net.inputs/outputs/input_info))`")
        return [
            f"{s['output']} = " + f.pick((f"next(iter({net}))",) * 3 + (f"list({net})[0]", f"list({net}.keys())[0]"))
        ]
    f.outputs_by = [f"{{output}}[{order.index(name)}]" for name in names]
    if style == "list":
        f.count("`list(…)` of them")
        return [
            f"{s['output']} = " + f.pick((f"list({net})", f"list({net}.keys())", f"sorted({net})", f"tuple({net})"))
        ]
    if style == "unpack":
        f.outputs_by = [f"{{output{order.index(name)}}}" for name in names]
        f.count("`.keys()` on outputs")
        target = ", ".join(s[f"output{index}"] for index in range(len(names)))
        return [f"{target} = " + f.pick((net, f"{net}.keys()", f"list({net})"))]
    f.count("`.items()` on outputs")
    return [f"{s['output']} = [name for name, _ in {net}.items()]"]


def data_of(s: Scope, index: int) -> str:
    """The data of an input of the network."""
    f = s.facts
    if f.is_old:
        f.count("`net.inputs`")
        return f"{s['net']}.inputs[{s.inputs[index]}]"
    f.count("`net.input_info`")
    f.count("`input_info[x].input_data`")
    return f"{s['net']}.input_info[{s.inputs[index]}].input_data"


def ask(s: Scope) -> Lines:
    """Some questions to the network."""
    f, lines = s.facts, list[str]()
    for question in f.source.sample(QUESTIONS, f.source.choice((0, 1, 1, 2, 3))):
        lines += question(s)
    return lines


def ask_shape(s: Scope) -> Lines:
    f = s.facts
    index = f.source.randrange(len(f.shapes))
    shape, expression = f.shapes[index], f"{data_of(s, index)}.shape"
    f.count("`inputs[x].shape` (input data)")
    if not f.is_old and f.chance(0.2):
        f.count("`.tensor_desc`")
        expression = f"{s['net']}.input_info[{s.inputs[index]}].tensor_desc.dims"
    if f.chance(0.5):
        f.count("unpack four names from that shape")
        names = ", ".join(f.fresh(letter) for letter in "nchwd"[: len(shape)])
        return [f"{names} = {expression}", f"print(json.dumps([{names}]))"]
    return _ask_list(s, expression, list(shape))


def _ask_list(s: Scope, expression: str, shape: list[int]) -> Lines:
    f = s.facts
    variable = f.fresh("shape")
    uses = (
        f"print(json.dumps({variable}))",
        f"print(json.dumps({variable} == {shape}))",
        f"print(json.dumps({variable} in ({shape}, [7])))",
        f"print(json.dumps([{variable}[-1], {variable}[1:], len({variable})]))",
        f"print(json.dumps({variable} + [1]))",
        f"print(json.dumps(int(np.prod({variable}))))",
        f"print(json.dumps([np.zeros({variable}).size, tuple({variable})]))",
        f"print('%s' % ({variable},))",
        f"print(f'shape {{{variable}}}')",
        f"print('x'.join(str(d) for d in {variable}[::-1]))",
        f"a, *rest = {variable}\nprint(json.dumps([a, rest]))",
        f"{variable}[0] = 5\nprint(json.dumps({variable}))",
        f"print(json.dumps([{variable}.index({shape[-1]}), {variable}.count(1)]))",
    )
    return [f"{variable} = {expression}", *f.pick(uses).split("\n")]


def ask_output_shape(s: Scope) -> Lines:
    f = s.facts
    f.count("`outputs[x].shape` / `input_data.shape`")
    f.count("index outputs by a variable")
    index = f.source.randrange(len(f.model.outputs))
    if f.outputs[index] != f.model.outputs[index].name:
        return []
    shape = list(f.model.outputs[index].shape)
    return _ask_list(s, f"{s['net']}.outputs[{s.outputs[index]}].shape", shape)


def ask_numbers(s: Scope) -> Lines:
    f = s.facts
    f.count("`len(inputs/outputs)`")
    net, n, m = f"{s['net']}.{members(f)}", len(f.model.inputs), len(f.outputs)
    return f.pick(
        (
            f"assert len({net}) == {n}, 'inputs'",
            f"print(json.dumps([len({net}.keys()), len({s['net']}.outputs)]))",
            f"assert len({s['net']}.outputs) == {m}",
            f"if len({net}) > 3:\n    raise ValueError('too many inputs')",
            f"print('inputs: {{}}'.format(len({net})))",
        )
    ).split("\n")


def ask_names(s: Scope) -> Lines:
    f = s.facts
    net = f"{s['net']}.{members(f)}"
    outs = f"{s['net']}.outputs"
    forms = [f"print(json.dumps({f.model.inputs[0].name!r} in {net}))"]
    if f.shows_names:
        data = "" if f.is_old else ".input_data"
        forms += [
            f"print(json.dumps(list({net})))",
            f"print(json.dumps(sorted({outs})))",
            f"for key, item in {outs}.items():\n    print(json.dumps([key, item.shape]))",
            f"for key in {net}:\n    print(json.dumps([key, {net}[key]{data}.shape]))",
            f"for index, key in enumerate({outs}):\n    print(json.dumps([index, key]))",
            f"print(json.dumps({{key: len(item{data}.shape) for key, item in {net}.items()}}))",
            f"print(json.dumps([item.name for item in {outs}.values()]))",
            f"print(', '.join({outs}.keys()))",
            f"print(json.dumps(list(zip({net}, {outs}))))",
        ]
        forms += [f"print(json.dumps({s['net']}.name))"] if f.model.form != "onnx" else []
        f.count("`.items()` on outputs")
    return f.pick(forms).split("\n")


def ask_precision(s: Scope) -> Lines:
    f = s.facts
    index = f.source.randrange(len(f.shapes))
    info = f"{s['net']}.{members(f)}[{s.inputs[index]}]"
    f.count("read input `.precision`")
    value = "FP32" if s.precision(index) == "FP16" else s.precision(index)
    if not f.shows_types:
        return []
    return f.pick(
        (
            f"print(json.dumps({info}.precision == '{value}'))",
            f"print(json.dumps('{value}' == {info}.precision))",
            f"is_float = {info}.precision == 'FP32'\nprint(json.dumps(is_float))",
            f"assert {info}.precision in ('{value}', 'BIN')",
            f"if {info}.precision != 'FP32':\n    print('not a float')",
            *([f"print(json.dumps({info}.precision))"] if f.chance(0.1) else []),
        )
    ).split("\n")


def ask_layout(s: Scope) -> Lines:
    f = s.facts
    index = f.source.randrange(len(f.shapes))
    info = f"{s['net']}.{members(f)}[{s.inputs[index]}]"
    f.count("read input `.layout`")
    layout = LAYOUTS[len(f.shapes[index])]
    return f.pick(
        (
            f"print(json.dumps({info}.layout == '{layout}'))",
            f"print(json.dumps(len({info}.layout)))",
            f"if {info}.layout == 'NCHW':\n    print('image')\nelse:\n    print('other')",
        )
    ).split("\n")


def ask_support(s: Scope) -> Lines:
    f = s.facts
    variable = f.fresh("supported")
    if f.generation == "2018":
        f.count("`plugin.get_supported_layers(…)`")
        lines = [f"{variable} = {s['core']}.get_supported_layers({s['net']})"]
        f.count("`net.layers` (nearly always the not-supported-layers filter)")
        lost = f"[l for l in {s['net']}.layers.keys() if l not in {variable}]"
        return [
            *lines,
            *block(f"if {s['core']}.device == 'CPU':", [f"missing = {lost}", "print(json.dumps(len(missing)))"]),
        ]
    f.count("`query_network(…)`")
    form = f.pick(
        (f"{s['net']}, {s['device']}", f"network={s['net']}, device_name={s['device']}", f"{s['net']}, 'CPU'")
    )
    lines = [f"{variable} = {s['core']}.query_network({form})"]
    if f.generation == "2020" and "IENetwork" in f.legacy and f.chance(0.6) and s.places.get("net_is_own"):
        f.count("`net.layers` (nearly always the not-supported-layers filter)")
        return [
            *lines,
            f"missing = [l for l in {s['net']}.layers.keys() if l not in {variable}]",
            "print(json.dumps(len(missing) == 0))",
        ]
    return [*lines, f"print(json.dumps(all(device == 'CPU' for device in {variable}.values())))"]


def ask_batch(s: Scope) -> Lines:
    f = s.facts
    # With other shapes the rule asks to check which input has the batch.
    if any(len(shape) not in (2, 4, 5) for shape in f.shapes) or len({shape[0] for shape in f.shapes}) > 1:
        return []
    f.count("read `net.batch_size`")
    if len(f.shapes) > 1:
        f.count("read `net.batch_size` of several inputs")
    return f.pick(
        (
            f"print(json.dumps({s['net']}.batch_size))",
            f"print('batch size is {{}}'.format({s['net']}.batch_size))",
            f"assert {s['net']}.batch_size == {f.shapes[0][0]}",
        )
    ).split("\n")


QUESTIONS = [
    ask_shape, ask_shape, ask_output_shape, ask_numbers, ask_names, ask_names, ask_precision, ask_layout, ask_support,
    ask_batch,
]  # fmt: skip


def change(s: Scope) -> Lines:
    """Batch or shapes changed, in some programs."""
    f = s.facts
    roll = f.source.random()
    if roll < 0.12:
        return set_batch(s)
    if roll < 0.22:
        return reshape(s)
    return []


def set_batch(s: Scope) -> Lines:
    """The batch of all inputs, whatever it was; the legacy API refuses other ranks."""
    f = s.facts
    if any(len(shape) not in (2, 4, 5) for shape in f.shapes):
        return []
    n = f.source.choice((1, 2, 3))
    f.count("set `net.batch_size`")
    if len(f.shapes) > 1:
        f.count("set `net.batch_size` of several inputs")
    # The legacy API sets the batch of the first input by name, and changes those of the others in proportion.
    first = min(range(len(f.shapes)), key=lambda index: f.model.inputs[index].name)
    batch = f.shapes[first][0]
    f.shapes = [(-(-n * shape[0] // batch), *shape[1:]) for shape in f.shapes]
    lines = [f"{s['net']}.batch_size = {n}"]
    return lines + ask_batch(s) if f.chance(0.3) else lines


def reshape(s: Scope) -> Lines:
    f = s.facts
    if len(f.shapes) > 1:
        return []
    shape = f.shapes[0]
    new = (
        (f.source.choice((1, 2)), *shape[1:-1], shape[-1] + f.source.choice((0, 2)))
        if len(shape) > 2
        else (3, shape[1])
    )
    f.shapes = [new]
    name = s.inputs[0]
    roll = f.source.random()
    if roll < 0.5:
        f.count("`net.reshape({…})`")
        return [f"{s['net']}.reshape({{{name}: {f.pick((str(new), str(list(new))))}}})"]
    f.count("`net.reshape(expr)`")
    variable = f.fresh("new_shape")
    if roll < 0.75:
        return [f"{variable} = {{{name}: {list(new)}}}", f"{s['net']}.reshape({variable})"]
    return [f"{variable} = np.zeros({new}).shape", f"{s['net']}.reshape({{{name}: {variable}}})"]


def compiled(s: Scope) -> Lines:
    """Loads the network."""
    f = s.facts
    net, device = s["net"], s["device"]
    number = f.requests
    config = f.chance(0.1)
    setting = f.pick(('{"PERF_COUNT": "YES"}', '{"CPU_THROUGHPUT_STREAMS": "1"}', '{"CPU_BIND_THREAD": "NO"}'))
    if f.generation == "2018":
        f.count("`plugin.load(…)`")
        options = [f"network={net}"]
        if number > 1 or f.chance(0.5):
            options.append(f"num_requests={number}")
            f.count("… `network=, num_requests=`")
        else:
            f.count("… `network=` (plugin)")
        return [f"{s['exec']} = {s['core']}.load({', '.join(options)})"]
    f.count("`load_network(…)`")
    if f.chance(0.5):
        options = [f"network={net}", f"device_name={device}"]
        for idiom in ("… `network=`", "… `device_name=`", "… `network=, device_name=`"):
            f.count(idiom)
    else:
        options = [net, device]
        f.count("… two positional (load)")
    if config:
        f.count("… `config=`")
        f.count("key " + setting.split('"')[1])
        options.append(f"config={setting}")
    if number > 1 or f.chance(0.4):
        f.count("… `num_requests=`")
        options.append(f"num_requests={number}")
        if options[0] == net:
            f.count("… two positional + `num_requests=`")
    return [f"{s['exec']} = {s['core']}.load_network({', '.join(options)})"]


def after_compile(s: Scope) -> Lines:
    """Requests kept as variables, the network deleted, questions to the executable network."""
    f, lines = s.facts, list[str]()
    if s.has("requests"):
        f.count("`exec_net.requests`")
        lines.append(f"{s['requests']} = {s['exec']}.requests")
    if s.has("request"):
        f.count("`exec_net.requests`")
        lines.append(f"{s['request']} = {s['exec']}.requests[0]")
    if f.chance(0.08):
        f.count("`exec_net.outputs`")
        lines.append(
            f.pick(
                (
                    f"print(json.dumps(len({s['exec']}.outputs)))",
                    f"print(json.dumps({s['exec']}.outputs[{s.outputs[0]}].shape))",
                )
            )
        )
    if f.chance(0.08):
        f.count("`exec_net.input_info` / `exec_net.inputs`")
        ask_for = "inputs" if f.is_old else "input_info"
        data = "" if f.is_old else ".input_data"
        lines.append(f"print(json.dumps({s['exec']}.{ask_for}[{s.inputs[0]}]{data}.shape))")
    if f.chance(0.05):
        lines.append(f"print(json.dumps(len({s['exec']}.requests)))")
    return lines


def model_path(model: Model) -> str:
    return repr(model.file)
