"""Runs one program after the other in one interpreter, since importing OpenVINO takes longer than a tiny program.

usage: serve_programs.py     (a line of JSON on stdin for each program, a line of JSON on stdout for each answer)

The interpreter need not have ov_migrate and may be as old as Python 3.8.
"""

# mypy: ignore-errors
import contextlib
import gc
import io
import json
import os
import runpy
import sys
import threading
import traceback
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "ov_migrate", "verify"))
from run_program import hold_core, hold_legacy_core

sys.path.pop(0)


def add_old_classes():
    """Gives the legacy package of 2021.4 what only releases of 2018 and 2019 had, made of what it has."""
    import openvino.inference_engine as module

    if not hasattr(module.ExecutableNetwork, "inputs"):
        return
    from ngraph import function_from_cnn

    class IEPlugin:
        def __init__(self, device, plugin_dirs=None):
            self.device, self.core = device, module.IECore()
            self.version = "2.1"

        def load(self, network, num_requests=1, config=None):
            return self.core.load_network(network, self.device, config, num_requests)

        def get_supported_layers(self, net):
            return set(self.core.query_network(net, self.device))

        def set_config(self, config):
            self.core.set_config(config, self.device)

    class Layer:
        def __init__(self, op):
            self.name = op.get_friendly_name()

    class IENetwork(module.IENetwork):
        @classmethod
        def from_ir(cls, model, weights):
            return cls(model=model, weights=weights)

        @property
        def layers(self):
            return {op.get_friendly_name(): Layer(op) for op in function_from_cnn(self).get_ordered_ops()}

    module.IEPlugin, module.IENetwork = IEPlugin, IENetwork


def where(error, folder):
    """The lines of the program that an error came through, as file:line."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if f.filename.startswith(folder)]
    return [f"{os.path.relpath(f.filename, folder)}:{f.lineno}" for f in own]


def run_one(task):
    """Runs a program in its folder; gives status, what it printed, and the error with its lines."""
    folder = os.path.realpath(task["folder"])
    os.chdir(folder)
    sys.path.insert(0, folder)
    sys.argv = [os.path.join(folder, "main.py"), *task.get("arguments", [])]
    out = io.StringIO()
    answer = {"status": "ok", "error": "", "lines": []}
    known, keep, threads = set(sys.modules), sys.stdout, set(threading.enumerate())
    sys.stdout = out
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except BaseException as error:
        if not (isinstance(error, SystemExit) and error.code in (None, 0)):
            text = str(error).strip().splitlines() or [""]
            # OpenVINO says at the end what is wrong, a wrong call at the beginning.
            told = text[0 if isinstance(error, TypeError) else -1][:300]
            answer.update(status="error", error=type(error).__name__ + ": " + told, lines=where(error, folder))
    finally:
        sys.stdout = keep
    # Threads of a pool that nobody shuts down end with the interpreter only.
    pooled = getattr(sys.modules.get("concurrent.futures.thread"), "_threads_queues", ())
    for thread in set(threading.enumerate()) - threads:
        if not thread.daemon:
            thread.join(0.2 if thread in pooled else 10)
    sys.path.remove(folder)
    for name in set(sys.modules) - known:
        path = getattr(sys.modules[name], "__file__", None) or ""
        if path.startswith(folder):
            del sys.modules[name]
    gc.collect()
    answer["output"] = out.getvalue()
    return answer


def main():
    warnings.simplefilter("ignore")
    answers = os.fdopen(os.dup(1), "w")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    sys.dont_write_bytecode = True
    hold_legacy_core()
    hold_core()
    with contextlib.suppress(ImportError):
        add_old_classes()
    gc.freeze()  # What is imported stays; collecting it after each program would cost more than the program.
    for line in sys.stdin:
        answers.write(json.dumps(run_one(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
