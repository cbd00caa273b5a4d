"""Reads one model file and prints what there is to know of it as one line of JSON. Started by an interpreter that has
OpenVINO (2022.1 or later) and need not have ov_migrate.

usage: read_model.py FILE

Ports come in the order of the model, with the name of their layer as the legacy API had it.
"""

# mypy: ignore-errors
import json
import os
import re
import sys


def input_facts(port):
    return port_facts(port, port.get_node().get_friendly_name())


def output_facts(port):
    source = port.get_node().input_value(0)
    name = source.get_node().get_friendly_name()
    several = len(source.get_node().outputs()) > 1
    return port_facts(port, f"{name}.{source.get_index()}" if several else name)


def port_facts(port, layer):
    shape = port.get_partial_shape()
    ranked = shape.rank.is_static
    return {
        "layer": layer,
        "names": sorted(port.get_names()),
        "element_type": port.get_element_type().get_type_name(),
        "shape": [d.get_length() if d.is_static else None for d in shape] if ranked else None,
    }


def model_format(path):
    """ "IR v10", "IR v11", or the suffix of the file in capitals, such as "ONNX"."""
    suffix = os.path.splitext(path)[1]
    if suffix != ".xml":
        return suffix[1:].upper()
    with open(path, "rb") as file:
        head = file.read(65536)
    version = re.search(rb"<net\b[^>]*\bversion=\"(\d+)\"", head)
    return f"IR v{int(version[1])}" if version else "IR"


def main():
    del sys.path[0]
    try:
        from openvino import Core
    except ImportError:
        from openvino.runtime import Core
    path = sys.argv[1]
    model = Core().read_model(path)
    facts = {
        "format": model_format(path),
        "inputs": [input_facts(port) for port in model.inputs],
        "outputs": [output_facts(port) for port in model.outputs],
        "layers": {
            op.get_friendly_name(): [port.get_element_type().get_type_name() for port in op.outputs()]
            for op in model.get_ops()
        },
    }
    print(json.dumps(facts))


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        sys.exit(lines[-1] if lines else type(error).__name__)
