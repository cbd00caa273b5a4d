"""The flows of a random program: where its objects live, and how they get from where they are made to where they are
used."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fuzzing.scope import Facts, Lines, Scope, block, indent

Segment = Callable[[Scope], Lines]
Modules = dict[str, str]
Flow = Callable[[Facts, Segment, Sequence[Segment]], Modules]


def places(f: Facts, prefix: str = "") -> dict[str, str]:
    """How each handle is written where all stand behind a prefix."""
    found = {handle: prefix + name for handle, name in f.handles.items()}
    return found | {"path": "model_xml", "device": "device"}


def kept(f: Facts) -> list[str]:
    """The handles that the parts which infer may use, in the order in which they were made."""
    used = {part for text in (*f.inputs_by, *f.outputs_by) for part in _handles_in(text)}
    extra = [handle for handle in ("request", "requests") if handle in f.handles]
    return ["exec", *sorted(used), *extra]


def _handles_in(text: str) -> list[str]:
    return [text[1 : text.index("}")]] if text.startswith("{") else []


def text(f: Facts, body: Sequence[str], more_imports: Sequence[str] = (), with_legacy: bool = True) -> str:
    """A module: imports, helpers, body."""
    lines = ["import json"]
    body_text = "\n".join(body)
    for module, names in sorted(f.imports.items()):
        if names == {""}:
            if f"{module.split()[-1]}." in body_text:
                lines.append(f"import {module}")
        else:
            lines.append(f"from {module} import {', '.join(sorted(names))}")
    lines += ["", "import numpy as np"]
    if with_legacy and f.legacy:
        lines += legacy_import(f)
    lines += more_imports
    for name, helper in f.helpers.items():
        if f"{name}(" in body_text:
            lines += ["", "", *helper.split("\n")]
    lines.append("")
    return (
        "\n".join([*lines, "", *body, ""])
        if body and body[0].startswith(("def", "class", "@"))
        else "\n".join([*lines, *body, ""])
    )


# Forms of the legacy import, by how often they are written; those with a prefix write it before each class.
IMPORT_FORMS = {
    "plain": 60, "as": 5, "dotted": 4, "from package": 4, "try": 9, "in function": 6, "if": 5, "renamed": 4,
}  # fmt: skip
PREFIXES = {"as": "ie.", "dotted": "openvino.inference_engine.", "from package": "inference_engine."}
_PREFIXED = {
    "as": ("import openvino.inference_engine as ie", "`import openvino.inference_engine as …`"),
    "dotted": ("import openvino.inference_engine", "`import openvino.inference_engine`"),
    "from package": ("from openvino import inference_engine", "`from openvino import inference_engine`"),
}


def legacy_import(f: Facts) -> Lines:
    """The import of what the text needs of the legacy package."""
    names = sorted(f.legacy)
    if f.prefix:
        line, idiom = _PREFIXED[f.import_form]
        f.count(idiom)
        return [line]
    f.count("`from openvino.inference_engine import …`")
    for name in names:
        f.count(f"… name `{name}`")
    line = f"from openvino.inference_engine import {', '.join(names)}"
    if f.import_form == "try":
        f.count("any legacy import inside try/except")
        handler = f.pick(
            ("raise SystemExit('OpenVINO is missing')", "print('OpenVINO is missing')\n    raise", "raise")
        )
        return [*block("try:", [line]), *block("except ImportError:", handler.split("\n    "))]
    if f.import_form == "renamed" and "IECore" in names:
        f.count("a name imported `as` another")
        return [line.replace("IECore", "IECore as Engine")]
    if f.import_form == "if":
        f.count("under `if`")
        return ["BACKEND = 'openvino'", *block("if BACKEND == 'openvino':", [line])]
    return [line]


def start(f: Facts) -> Lines:
    """Where the model is and what device: constants, or arguments of the command line."""
    if not f.has_arguments:
        return [f"model_xml = {f.model.file!r}", "device = 'CPU'"]
    f.use("argparse")
    return [
        "parser = argparse.ArgumentParser()",
        f"parser.add_argument('-m', '--model', default={f.model.file!r})",
        "parser.add_argument('-d', '--device', default='CPU', help='CPU or GPU')",
        "args = parser.parse_args()",
        "model_xml, device = args.model, args.device",
    ]


def script(f: Facts, load: Segment, runs: Sequence[Segment]) -> Modules:
    """All at module level."""
    s = Scope(f, places(f))
    body = start(f) + load(s)
    for run in runs:
        body += run(s)
    return {"main.py": text(f, body)}


def main_function(f: Facts, load: Segment, runs: Sequence[Segment]) -> Modules:
    """All in one function."""
    s = Scope(f, places(f))
    body = start(f) + load(s)
    for run in runs:
        body += run(s)
    lines = [*block("def main():", body), "", "", *block("if __name__ == '__main__':", ["main()"])]
    return {"main.py": text(f, lines)}


def functions(f: Facts, load: Segment, runs: Sequence[Segment]) -> Modules:
    """A function that loads gives a tuple, list, dict, named tuple or dataclass; others are given what is in it."""
    loading, target, places_there, arguments = _loader(f, load)
    lines = [*loading, "", ""]
    calls = []
    for index, run in enumerate(runs):
        annotated = list(arguments)
        if arguments[0] == f.handles["exec"] and f.chance(0.15) and f.import_form != "in function":
            f.count("IE class in a type annotation")
            annotated[0] += f": {f.ie('ExecutableNetwork')}"
        lines += [*block(f"def run_{index}({', '.join(annotated)}):", run(Scope(f, places_there))), "", ""]
        calls.append(f"run_{index}({', '.join(arguments)})")
    lines += [f"{target} = load({f.model.file!r}, 'CPU')", *calls]
    return {"main.py": text(f, lines)}


def _loader(f: Facts, load: Segment) -> tuple[Lines, str, Mapping[str, str], Lines]:
    """The function that loads, what its result is bound to, how its parts are written, and the names to hand on."""
    body = load(Scope(f, places(f)))
    handles = kept(f)
    names = [f.handles[handle] for handle in handles]
    form = f.source.choice(("tuple", "tuple", "dict", "namedtuple", "dataclass", "list", "simple"))
    if len(handles) == 1:
        form = "one"
    given = {handle: name for handle, name in zip(handles, names, strict=True)}
    before: Lines = []
    if form in ("tuple", "list"):
        joined = ", ".join(names)
        body.append(f"return [{joined}]" if form == "list" else f"return {joined}")
        target, arguments = joined, names
    elif form == "one":
        body.append(f"return {names[0]}")
        target, arguments = names[0], names
    else:
        target, arguments = "loaded", ["loaded"]
        field = {name: name for name in names}
        if form == "dict":
            body.append("return {" + ", ".join(f'"{name}": {name}' for name in names) + "}")
            given = {handle: f'loaded["{name}"]' for handle, name in given.items()}
        else:
            body.append(
                f"return Loaded({', '.join(names)})"
                if f.chance(0.5) and form != "simple"
                else f"return Loaded({', '.join(f'{name}={name}' for name in field)})"
            )
            given = {handle: f"loaded.{name}" for handle, name in given.items()}
            before = _holder(f, form, names)
    return [*before, *block("def load(model_xml, device):", body)], target, given, arguments


def _holder(f: Facts, form: str, names: Sequence[str]) -> Lines:
    """A class for what is loaded."""
    if form == "namedtuple":
        f.use("collections", "namedtuple")
        fields = repr(" ".join(names)) if f.chance(0.5) else repr(list(names))
        return [f"Loaded = namedtuple('Loaded', {fields})", "", ""]
    if form == "dataclass":
        f.use("dataclasses", "dataclass")
        return ["@dataclass", *block("class Loaded:", [f"{name}: object" for name in names]), "", ""]
    init = block(f"def __init__(self, {', '.join(names)}):", [f"self.{name} = {name}" for name in names])
    return [*block("class Loaded:", init), "", ""]


def class_lines(f: Facts, load: Segment, runs: Sequence[Segment]) -> tuple[Lines, Lines]:
    """A class with self attributes, and the calls of its methods."""
    own = places(f, "self.")
    form = f.source.choice(("init", "init", "load", "base", "locals"))
    body: Lines = []
    if form == "locals":
        body = load(Scope(f, places(f)))
        body += [f"self.{f.handles[handle]} = {f.handles[handle]}" for handle in kept(f)]
    else:
        body = load(Scope(f, own))
    methods: Lines = []
    calls: Lines = []
    for index, run in enumerate(runs):
        method = run(Scope(f, own))
        if f.chance(0.25):
            alias = f.pick(("exec_net", "executable"))
            method = [f"{alias} = {own['exec']}", *run(Scope(f, own | {"exec": alias}))]
        methods += ["", *block(f"def run_{index}(self):", method)]
        calls.append(f"detector.run_{index}()")
    init = block("def __init__(self, model_xml, device='CPU'):", body)
    if form == "load":
        init = block("def __init__(self):", [f"self.{f.handles['exec']} = None"])
        init += ["", *block("def load_model(self, model_xml, device='CPU'):", body)]
        made = ["detector = Detector()", f"detector.load_model({f.model.file!r})"]
    else:
        made = [f"detector = Detector({f.model.file!r})"]
    if form == "base":
        lines = [*block("class Base:", init), "", "", "class Detector(Base):", *indent(methods[1:])]
    else:
        lines = ["class Detector:", *indent([*init, *methods])]
    return lines, [*made, *calls]


def one_class(f: Facts, load: Segment, runs: Sequence[Segment]) -> Modules:
    lines, calls = class_lines(f, load, runs)
    return {"main.py": text(f, [*lines, "", "", *calls])}


def class_module(f: Facts, load: Segment, runs: Sequence[Segment]) -> Modules:
    """The class in a module of its own."""
    lines, calls = class_lines(f, load, runs)
    module = text(f, lines)
    return {"detector.py": module, "main.py": "\n".join(["from detector import Detector", "", *calls, ""])}


def function_module(f: Facts, load: Segment, runs: Sequence[Segment]) -> Modules:
    """The function that loads in a module of its own, in a package perhaps; those that infer in the main one."""
    loading, target, places_there, arguments = _loader(f, load)
    module = text(f, loading)
    legacy, f.legacy = f.legacy, set()
    f.imports = {name: used for name, used in f.imports.items() if name == "time"}
    calls: Lines = []
    lines: Lines = []
    for index, run in enumerate(runs):
        lines += [*block(f"def run_{index}({', '.join(arguments)}):", run(Scope(f, places_there))), "", ""]
        calls.append(f"run_{index}({', '.join(arguments)})")
    lines += [f"{target} = load({f.model.file!r}, 'CPU')", *calls]
    is_package = f.chance(0.3)
    form = f.pick(("from {m} import load", "from {m} import *", "import {m} as loading"))
    if "as loading" in form:
        lines = [line.replace("= load(", "= loading.load(") for line in lines]
    name = "utils.loader" if is_package else "loader"
    main = text(f, lines, [form.format(m=name)])
    f.legacy |= legacy
    files = {"main.py": main, name.replace(".", "/") + ".py": module}
    return files | ({"utils/__init__.py": ""} if is_package else {})


def closure(f: Facts, load: Segment, runs: Sequence[Segment]) -> Modules:
    """What is loaded is kept by functions inside the one that loads."""
    s = Scope(f, places(f))
    body = load(s)
    names = []
    for index, run in enumerate(runs):
        body += ["", *block(f"def run_{index}():", run(s))]
        names.append(f"run_{index}")
    body += ["", f"return {', '.join(names)}"]
    lines = [*block("def build(model_xml, device):", body), "", ""]
    if len(names) == 1:
        lines += [f"run = build({f.model.file!r}, 'CPU')", "run()"]
    else:
        lines += block(f"for run in build({f.model.file!r}, 'CPU'):", ["run()"])
    return {"main.py": text(f, lines)}


def context(f: Facts, load: Segment, runs: Sequence[Segment]) -> Modules:
    """A context manager gives what is loaded."""
    f.use("contextlib", "contextmanager")
    body = load(Scope(f, places(f)))
    names = [f.handles[handle] for handle in kept(f)]
    body.append(f"yield {', '.join(names)}")
    lines = ["@contextmanager", *block("def loaded(model_xml, device):", body), "", ""]
    inner: Lines = []
    for run in runs:
        inner += run(Scope(f, places(f)))
    target = names[0] if len(names) == 1 else f"({', '.join(names)})"
    lines += block(f"with loaded({f.model.file!r}, 'CPU') as {target}:", inner)
    return {"main.py": text(f, lines)}


def globals_set(f: Facts, load: Segment, runs: Sequence[Segment]) -> Modules:
    """Module-level names that a function sets."""
    s = Scope(f, places(f))
    body = load(s)
    names = list(dict.fromkeys(f.handles[handle] for handle in kept(f)))
    lines = [f"{name} = None" for name in names]
    lines += ["", "", *block("def init(model_xml, device):", [f"global {', '.join(names)}", *body]), "", ""]
    calls = [f"init({f.model.file!r}, 'CPU')"]
    for index, run in enumerate(runs):
        lines += [*block(f"def run_{index}():", run(s)), "", ""]
        calls.append(f"run_{index}()")
    return {"main.py": text(f, [*lines, *calls])}


def partials(f: Facts, load: Segment, runs: Sequence[Segment]) -> Modules:
    """Functions bound to what is loaded."""
    f.use("functools", "partial")
    loading, target, places_there, arguments = _loader(f, load)
    lines = [*loading, "", ""]
    calls: Lines = []
    for index, run in enumerate(runs):
        lines += [*block(f"def run_{index}({', '.join(arguments)}):", run(Scope(f, places_there))), "", ""]
        form = f.source.randrange(2)
        bound = ", ".join(arguments) if form else ", ".join(f"{name}={name}" for name in arguments)
        calls += [f"job_{index} = partial(run_{index}, {bound})", f"job_{index}()"]
    lines += [f"{target} = load({f.model.file!r}, 'CPU')", *calls]
    return {"main.py": text(f, lines)}


def several(f: Facts, load: Segment, runs: Sequence[Segment]) -> Modules:
    """The network loaded twice, kept in a dict or a list, and run in turn."""
    loading, _, places_there, arguments = _loader(f, load)
    lines = [*loading, "", "", *block(f"def run({', '.join(arguments)}):", runs[0](Scope(f, places_there))), "", ""]
    star = "*" if len(arguments) > 1 else ""
    call = f"load({f.model.file!r}, 'CPU')"
    form = f.source.randrange(4)
    if form == 0:
        lines += [f"loaded_all = {{'b': {call}, 'a': {call}}}"]
        lines += block("for name in sorted(loaded_all):", [f"run({star}loaded_all[name])"])
    elif form == 1:
        lines += [f"loaded_all = [{call} for _ in range(2)]", *block("for item in loaded_all:", [f"run({star}item)"])]
    elif form == 2:
        lines += [f"loaded_all = [{call}, {call}]", f"run({star}loaded_all[0])", f"run({star}loaded_all[1])"]
    else:
        lines += ["loaded_all = {}", *block("for name in ('x', 'y'):", [f"loaded_all[name] = {call}"])]
        lines += block("for name, item in loaded_all.items():", ["print(name)", f"run({star}item)"])
    return {"main.py": text(f, lines)}


FLOWS: dict[str, tuple[Flow, float]] = {
    "script": (script, 20), "function": (main_function, 12), "functions": (functions, 16), "class": (one_class, 20),
    "class in a module": (class_module, 8), "function in a module": (function_module, 8), "closure": (closure, 4),
    "dict of networks": (several, 5), "context manager": (context, 4),
    "globals": (globals_set, 4), "partial": (partials, 4),
}  # fmt: skip
