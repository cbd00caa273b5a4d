"""Runs the forms of rules/handover in the releases of OpenVINO that are there.

usage: run_forms.py [RELEASE...]     (2023.3.0 and the newest, as far as they are there)

Each form is run by itself, behind SETUP, which makes what the names in it stand for: a core, a small model, a compiled
model, requests and so on. A form runs on every release from that on which it says it has been there. Exit code 1 when
one raises.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ov_migrate.knowledge.catalogue import load_catalogue
from ov_migrate.knowledge.handover import Form, every_form
from ov_migrate.verify.fixtures import model_file
from ov_migrate.verify.runtimes import BOTH, NEWEST, Runtime, find

_FIXTURES = Path(__file__).parent.parent / "fixtures"

# What the names in the forms mean. `cv2` and `nncf`, which are not OpenVINO's, are stand-ins.
SETUP = """
import importlib
from io import BytesIO
from unittest.mock import MagicMock
import numpy as np
import openvino as ov
from openvino.preprocess import ColorFormat, PrePostProcessor, ResizeAlgorithm
try:
    from openvino import opset8
except ImportError:
    from openvino.runtime import opset8
cv2 = nncf = MagicMock()
device, devices, name, output_name, layer, layers = "CPU", "HETERO:CPU", "data", "prob", "relu1", ["relu1"]
core, config, milliseconds, userdata, status = ov.Core(), {}, 1000, 0, 0
library, folder, xml, weights = "libown.so", ".", "model.xml", "model.bin"
xml_out, bin_out, source, own_device = "out.xml", "out.bin", "model.onnx", "OWN"
xml_bytes, bin_bytes = open(xml, "rb").read(), open(weights, "rb").read()
image, h, w, images = np.ones((1, 3, 8, 8), np.float32), 8, 8, []
frame, mean_image, shape, busy = image[0], image, np.array([1, 3, 8, 8]), set()
frames = image.transpose((0, 2, 3, 1))
callback, value = (lambda status, data: None), core
data = opset8.parameter([1, 3, 8, 8], name="data")
constant = opset8.constant(np.ones((1, 3, 1, 1), np.float32))
op = opset8.add(data, constant)
relu = opset8.relu(op, name="relu1")
model = ov.Model([opset8.sigmoid(relu, name="prob")], [data], "small")
model.input(0).get_tensor().set_names({"data"})
model.output(0).get_tensor().set_names({"prob"})
port = model.input(0)
compiled_model = core.compile_model(model.clone(), device)
infer_request = compiled_model.create_infer_request()
infer_requests = [compiled_model.create_infer_request() for _ in range(2)]
infer_queue = ov.AsyncInferQueue(compiled_model, 2)
results = infer_request.infer({name: image})
tensor = infer_request.get_tensor(name)
blob = None
"""
# What only a few forms need, and takes more time.
_MORE = {
    "state": """
memory = core.compile_model("memory.xml", device).create_infer_request()
state = memory.query_state()[0]
values = state.state.data.copy()
""",
    "blob": """
stream = BytesIO()
compiled_model.export_model(stream)
blob = stream.getvalue()
""",
    "plugins_xml": 'plugins_xml = "plugins.xml"\nopen(plugins_xml, "w").write("<ie><plugins></plugins></ie>")\n',
    "attribute": 'op, attribute, value = relu.input_value(0).get_node(), "auto_broadcast", "numpy"\n',
}
_RUNNER = """
import json, sys, traceback
setup, forms = json.load(sys.stdin)
for more, code in forms:
    # A form may bring the process down: the last line names it.
    print(code.replace("\\n", "; "), file=sys.stderr, flush=True)
    try:
        names = {}
        exec(setup + more, names)
        exec(code, names)
    except Exception as error:
        # There is no library of somebody's own to load; that the member is there is what this shows.
        if "libown.so" not in str(error):
            print(json.dumps([code, f"{type(error).__name__}: {error}"]))
"""


def extra(form: Form) -> str:
    """What the setup of one form needs beside SETUP."""
    return "".join(code for name, code in _MORE.items() if name in form.code)


def problems(release: str, runtime: Runtime) -> Iterator[str]:
    """The forms that raise in an environment, with the error."""
    year, minor = release.split(".")[:2]
    forms = [form for form in every_form(load_catalogue().rules) if _release(form.since) <= (int(year), int(minor))]
    with tempfile.TemporaryDirectory() as folder:
        for name, stem in (("classify", "model"), ("memory", "memory"), ("pair_onnx", "model")):
            made = model_file(_FIXTURES, name)
            for path in made.parent.glob(f"{made.stem}.*"):
                shutil.copy(path, Path(folder, stem + path.suffix))
        done = subprocess.run(
            [runtime.python, "-c", _RUNNER],
            input=json.dumps([SETUP, [(extra(form), form.code) for form in forms]]),
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
        )
    if done.returncode:
        yield f"the runner ended with {done.returncode}: {done.stderr.splitlines()[-1:]}"
    for line in done.stdout.splitlines():
        if line.startswith('["'):
            code, error = json.loads(line)
            yield f"{code!r}: {error}"


def _release(text: str) -> tuple[int, int]:
    year, minor = text.split(".")
    return int(year), int(minor)


def main(releases: list[str]) -> int:
    """Prints what is wrong; gives the exit code."""
    count = 0
    for release in releases or (BOTH, NEWEST):
        runtime = find(release)
        if runtime is None:
            print(f"{release}: no environment, not checked")
            continue
        found = list(problems(release, runtime))
        count += len(found)
        print(f"{release}: {len(found)} forms do not run", *found, sep="\n")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
