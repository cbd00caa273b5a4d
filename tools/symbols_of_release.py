"""Prints what the OpenVINO of the running interpreter offers, as JSON. Needs nothing but that, on Python 3.6 and later.

usage: symbols_of_release.py [PATH...]     (with paths such as openvino.Core.compile_model: those that do not exist)
"""

# mypy: ignore-errors
import importlib
import inspect
import json
import sys
import warnings

warnings.simplefilter("ignore")


def legacy():
    """Classes with their members, functions, enumerations, other names, keys and metrics of the legacy API."""
    module = importlib.import_module("openvino.inference_engine")
    found = {"classes": {}, "enums": {}, "functions": [], "others": []}
    for name in dir(module):
        value = getattr(module, name)
        if name.startswith("_") or inspect.ismodule(value):
            continue
        home = getattr(value, "__module__", "") or ""
        if not inspect.isclass(value):
            key = "functions" if callable(value) and home.startswith("openvino") else "others"
            found[key].append(name)
        elif issubclass(value, int) or hasattr(value, "__members__"):
            found["enums"][name] = {n: int(getattr(v, "value", v)) for n, v in value.__members__.items()}
        elif home.startswith("openvino"):
            found["classes"][name] = [m for m in dir(value) if not m.startswith("_")]
    core = module.IECore()
    for key in ("SUPPORTED_CONFIG_KEYS", "SUPPORTED_METRICS"):
        found[key] = list(core.get_metric("CPU", key))
    network = importlib.import_module("ngraph")
    found["ngraph"] = [n for n in dir(network) if not n.startswith("_")]
    return found


def properties():
    """The names of all properties that the CPU plugin, a compiled model and openvino.properties know."""
    import openvino

    core = openvino.Core()
    names = set(core.get_property("CPU", "SUPPORTED_PROPERTIES"))
    ops = importlib.import_module("openvino.opset7" if exists("openvino.opset7") else "openvino.runtime.opset7")
    parameter = ops.parameter([1], name="data")
    compiled = core.compile_model(openvino.Model([ops.relu(parameter)], [parameter], "model"), "CPU")
    names |= set(compiled.get_property("SUPPORTED_PROPERTIES"))
    private = importlib.import_module("openvino._pyopenvino").properties
    for module in (private, *(getattr(private, name) for name in dir(private) if not name.startswith("_"))):
        for name in dir(module) if inspect.ismodule(module) else ():
            if callable(getattr(module, name)) and not inspect.isclass(getattr(module, name)):
                names |= called(getattr(module, name))
    return sorted(names)


def called(function):
    """What a function without parameters gives, as a set; empty for one that wants some."""
    try:
        return {str(function())}
    except TypeError:
        return set()


def exists(path):
    """True when a dotted path can be imported or had by attributes."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for name in parts[length:]:
            if not hasattr(value, name):
                return False
            value = getattr(value, name)
        return True
    return False


if __name__ == "__main__":
    if len(sys.argv) > 1:
        result = {"missing": [p for p in sys.argv[1:] if not exists(p)], "properties": properties()}
    else:
        result = legacy()
    print(json.dumps(result))
