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

    def infer(self, *args, **kwargs):
        inferences.start(id(self), self)
        result = methods["infer"](self, *args, **kwargs)
        inferences.finish(id(self))
        return result

    def start_async(self, *args, **kwargs):
        inferences.start(id(self), self)
        return methods["start_async"](self, *args, **kwargs)

    def wait(self, *args, **kwargs):
        result = methods["wait"](self, *args, **kwargs)
        inferences.finish(id(self))
        return result

    def wait_for(self, *args, **kwargs):
        result = methods["wait_for"](self, *args, **kwargs)
        if result:
            inferences.finish(id(self))
        return result

    for function in (infer, start_async, wait, wait_for):
        name = function.__name__
        setattr(cls, name, functools.wraps(methods[name])(function))


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
    methods = {name: table[name] for name in ("infer", "async_infer", "wait")}

    def infer(self, *args, **kwargs):
        inferences.start(id(self), self)
        result = methods["infer"](self, *args, **kwargs)
        inferences.finish(id(self))
        return result

    def async_infer(self, *args, **kwargs):
        inferences.start(id(self), self)
        return methods["async_infer"](self, *args, **kwargs)

    def wait(self, *args, **kwargs):
        status = methods["wait"](self, *args, **kwargs)
        if status == 0:
            inferences.finish(id(self))
        return status

    table.update(infer=infer, async_infer=async_infer, wait=wait)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))


def _legacy_tensors(request):
    sides = request.input_blobs, request.output_blobs
    return tuple([([name], blob.buffer) for name, blob in side.items()] for side in sides)


def _tensors(request):
    sides = request.model_inputs, request.model_outputs
    return tuple([(port, request.get_tensor(port).data) for port in side] for side in sides)
