"""Runs one program as __main__ with CPU inference held to float32. Started by an interpreter that need not have
ov_migrate, and may be as old as Python 3.6.

usage: run_program.py PROGRAM [ARGUMENTS...]
       run_program.py -m MODULE [ARGUMENTS...]

CPUs with bfloat16 round differently from release to release; without this the two sides could not be compared.
"""

# mypy: ignore-errors
import contextlib
import faulthandler
import os
import random
import runpy
import sys
import warnings


def hold_legacy_core():
    """Makes each IECore refuse bfloat16."""
    try:
        import openvino.inference_engine as module
    except ImportError:
        return

    class IECore(module.IECore):
        def __init__(self, *args, **kwargs):
            super().__init__()
            with contextlib.suppress(Exception):
                self.set_config({"ENFORCE_BF16": "NO"}, "CPU")

    # Programs look for members in the dict of the class.
    for name, member in vars(module.IECore).items():
        if not name.startswith("__"):
            setattr(IECore, name, member)
    module.IECore = IECore


def hold_core():
    """Makes each Core of API 2.0 infer in float32."""
    try:
        import openvino as module

        if not hasattr(module, "Core"):
            raise ImportError
    except ImportError:
        try:
            import openvino.runtime as module
        except ImportError:
            return

    class Core(module.Core):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            with contextlib.suppress(Exception):
                self.set_property("CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    module.Core = Core
    runtime = sys.modules.get("openvino.runtime")
    if runtime is not None:
        runtime.Core = Core


def hold_random_numbers():
    """Seeds the generators that a program shares with all others: one that seeds none has to do with any numbers."""
    random.seed(0)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(0)


def record_inferences():
    """Records what each inference got and gave, where that was asked for."""
    if os.environ.get("OV_MIGRATE_INFERENCES"):
        import ovm_inferences

        ovm_inferences.install(sys.modules["sitecustomize"].recorder)


def main():
    warnings.simplefilter("ignore")
    faulthandler.enable()
    hold_legacy_core()
    hold_core()
    record_inferences()
    hold_random_numbers()
    del sys.argv[0]
    if sys.argv[0] == "-m":
        del sys.argv[0]
        sys.path[0] = os.getcwd()
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        return
    program = os.path.abspath(sys.argv[0])
    sys.path[0] = os.path.dirname(program)
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main()
