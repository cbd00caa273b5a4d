"""Records what each inference got and gave, on either API, without probes in the program.

An inference is recorded when the program learns that it is done, and at the end of the program for the rest. Its place
in the order is that of its start.
"""

# mypy: ignore-errors
import atexit
import contextlib
import ctypes
import functools
import gc
import itertools

# The number under which records of inferences stand among those of probes.
NUMBER = 0


class Inferences:
    """Remembers started inferences until their results can be read."""

    def __init__(self, recorder, read):
        self.recorder, self.read = recorder, read
        self.started = {}
        self.count = itertools.count()
        atexit.register(self.finish_all)

    def start(self, key, request):
        """Notes that a request starts; what it did before is recorded first."""
        self.finish(key)
        self.started[key] = (next(self.count), request)

    def finish(self, key):
        """Records what the request with this key got and gave, once."""
        found = self.started.pop(key, None)
        if found is None:
            return
        with contextlib.suppress(Exception):
            place, request = found
            self.recorder.inference(NUMBER, place, *self.read(request))

    def finish_all(self):
        """Records what is left, in the order of starts."""
        for key in sorted(self.started, key=lambda key: self.started[key][0]):
            self.finish(key)


def install(recorder):
    """Puts itself around the requests of the APIs that are there."""
    with contextlib.suppress(ImportError):
        import openvino.inference_engine.ie_api as legacy

        _around_legacy(legacy.InferRequest, Inferences(recorder, _legacy_tensors))
    with contextlib.suppress(ImportError, AttributeError):
        try:
            from openvino import AsyncInferQueue, InferRequest
        except ImportError:
            from openvino.runtime import AsyncInferQueue, InferRequest
        inferences = Inferences(recorder, _tensors)
        _around(InferRequest, inferences)
        _around_queue(AsyncInferQueue, inferences)


def _around(cls, inferences):
    methods = {name: getattr(cls, name) for name in ("infer", "start_async", "wait", "wait_for")}
    around = {
        "infer": _running(methods["infer"], inferences),
        "start_async": _starting(methods["start_async"], inferences),
        "wait": _waiting(methods["wait"], inferences, lambda result: True),
        "wait_for": _waiting(methods["wait_for"], inferences, bool),
    }
    for name, function in around.items():
        setattr(cls, name, functools.wraps(methods[name])(function))


def _running(method, inferences):
    def run(self, *args, **kwargs):
        inferences.start(id(self), self)
        result = method(self, *args, **kwargs)
        inferences.finish(id(self))
        return result

    return run


def _starting(method, inferences):
    def start(self, *args, **kwargs):
        inferences.start(id(self), self)
        return method(self, *args, **kwargs)

    return start


def _waiting(method, inferences, is_done):
    def wait(self, *args, **kwargs):
        result = method(self, *args, **kwargs)
        if is_done(result):
            inferences.finish(id(self))
        return result

    return wait


def _around_queue(cls, inferences):
    start_async, wait_all = cls.start_async, cls.wait_all

    def start(self, *args, **kwargs):
        index = self.get_idle_request_id()
        inferences.start((id(self), index), self[index])
        return start_async(self, *args, **kwargs)

    def wait(self):
        wait_all(self)
        mine = [key for key in inferences.started if isinstance(key, tuple) and key[0] == id(self)]
        for key in sorted(mine, key=lambda key: inferences.started[key][0]):
            inferences.finish(key)

    cls.start_async = functools.wraps(start_async)(start)
    cls.wait_all = wait


def _around_legacy(cls, inferences):
    """The legacy classes are compiled and take no attributes; the table of their methods does."""
    table = gc.get_referents(vars(cls))[0]
    table.update(
        infer=_running(table["infer"], inferences),
        async_infer=_starting(table["async_infer"], inferences),
        wait=_waiting(table["wait"], inferences, lambda status: status == 0),
    )
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))


def _legacy_tensors(request):
    sides = request.input_blobs, request.output_blobs
    return tuple([([name], blob.buffer) for name, blob in side.items()] for side in sides)


def _tensors(request):
    sides = request.model_inputs, request.model_outputs
    return tuple([(port, request.get_tensor(port).data) for port in side] for side in sides)
