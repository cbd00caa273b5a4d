"""Records what probes see. Runs beside the user's program, on Python 3.6 and later, with nothing but numpy.

A record is one line of JSON: the number of the probe, the thread, and the value in a form that both APIs share.
Arrays go to a second file as raw bytes. Each process writes files of its own, record by record, so that what was seen
before a crash is there.
"""

# mypy: ignore-errors
import builtins
import contextlib
import itertools
import json
import os
import sys
import threading
import zlib

# More values than this at one place are counted, not kept; larger arrays are thinned to so many elements.
MOST_VALUES, MOST_ITEMS, MOST_ELEMENTS, DEEPEST = 500, 200, 1 << 20, 6


class Recorder:
    """Writes records into a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.process = None
        self.lock = threading.RLock()
        self.own = threading.local()

    def _open(self):
        """New files for a new process, which a fork of the old one is as well."""
        if self.process == os.getpid():
            return
        self.process = os.getpid()
        name = os.path.join(self.folder, "{}-{}".format(self.process, "main" if _is_first() else "child"))
        # Closed by the end of the process: nobody tells a recorder that its program is done.
        self.lines = open(name + ".jsonl", "a", encoding="utf-8")  # noqa: SIM115
        self.arrays = open(name + ".bin", "ab")  # noqa: SIM115
        self.counts = {}
        self.threads = {threading.main_thread().ident: "main"}

    def ran(self, number, value=None):
        """Notes that a place was reached; gives the value back."""
        self._write(number, None)
        return value

    def value(self, number, value):
        """Notes a value and gives it back."""
        self._write(number, (value,))
        return value

    def inference(self, number, place, got, gave):
        """Notes an inference: its place in the order, what its inputs held and what its outputs hold."""
        with self._recording(number) as is_mine:
            if is_mine:
                sides = [[[self._name(name), self.describe(data, 0)] for name, data in side] for side in (got, gave)]
                maps = [["map", side, len(side)] for side in sides]
                self._line([number, self._thread(), ["inference", place, *maps]])

    def _name(self, name):
        return ["port", name, None] if isinstance(name, list) else self._port(name, 0)

    def _write(self, number, found):
        with self._recording(number) as is_mine:
            if is_mine:
                self._record(number, found)

    @contextlib.contextmanager
    def _recording(self, number):
        """Gives True to the one who may write; False while this thread writes already, since describing a value may
        run code with probes in it. What goes wrong is noted: a probe must never stop the program."""
        if getattr(self.own, "busy", False):
            yield False
            return
        self.own.busy = True
        try:
            with self.lock:
                self._open()
                yield True
        except Exception as error:
            with contextlib.suppress(Exception):
                self._line([number, "main", ["unknown", type(error).__name__]])
        finally:
            self.own.busy = False

    def _record(self, number, found):
        count = self.counts.get(number, 0) + 1
        self.counts[number] = count
        is_kept = found is not None and count <= MOST_VALUES
        described = self.describe(found[0], 0) if is_kept else None
        self._line([number, self._thread(), described])

    def _line(self, record):
        self.lines.write(json.dumps(record) + "\n")
        self.lines.flush()

    def _thread(self):
        thread = threading.current_thread()
        known = self.threads.get(thread.ident)
        if known is None or (known != "main" and known != thread.name):
            # Threads that are not Python's own, such as those that call callbacks, have no name that means anything.
            known = "foreign" if isinstance(thread, threading._DummyThread) else thread.name
            self.threads[thread.ident] = known
        return known

    def describe(self, value, depth):
        """The value as JSON: [kind, ...]. What is no data is ["object", its class]."""
        plain = _plain(value)
        if plain is not None:
            return plain
        numpy = sys.modules.get("numpy")
        if numpy is not None:
            if isinstance(value, numpy.ndarray):
                return self._array(numpy, value)
            if isinstance(value, numpy.generic):
                return _plain(value.item()) or ["object", type(value).__name__]
        if depth >= DEEPEST:
            return ["object", type(value).__name__]
        if type(value).__module__.split(".")[0] in ("openvino", "_pyngraph", "ngraph"):
            return self._of_openvino(value, depth)
        return self._container(value, depth)

    def _container(self, value, depth):
        if isinstance(value, dict):
            return self._map(value.items(), depth)
        if isinstance(value, (set, frozenset)):
            return _list(sorted((self.describe(item, depth + 1) for item in value), key=str))
        if isinstance(value, (list, tuple)) or type(value).__name__ in ("dict_keys", "dict_items", "dict_values"):
            return _list([self.describe(item, depth + 1) for item in itertools.islice(value, MOST_ITEMS)], len(value))
        return ["object", type(value).__name__]

    def _map(self, items, depth):
        pairs = [
            [self.describe(key, depth + 1), self.describe(item, depth + 1)]
            for key, item in itertools.islice(items, MOST_ITEMS)
        ]
        return ["map", pairs, len(items)]

    def _array(self, numpy, value):
        shape, dtype = list(value.shape), str(value.dtype)
        if value.dtype.hasobject:
            return ["array", dtype, shape]
        kept = value
        if value.size > MOST_ELEMENTS:
            kept = value.reshape(-1)[:: value.size // MOST_ELEMENTS + 1]
        data = numpy.ascontiguousarray(kept).tobytes()
        offset = self.arrays.tell()
        self.arrays.write(data)
        self.arrays.flush()
        return ["array", dtype, shape, offset, len(data)]

    def _of_openvino(self, value, depth):
        for describe in (_shape, _element_type, self._tensor, self._port, self._model, self._mapping):
            with contextlib.suppress(Exception):
                found = describe(value, depth)
                if found is not None:
                    return found
        if isinstance(value, (list, tuple)):
            return self._container(value, depth)
        return ["object", type(value).__name__]

    def _tensor(self, value, depth):
        """A legacy blob or a tensor: its data."""
        if hasattr(value, "tensor_desc") and hasattr(value, "buffer"):
            return self.describe(value.buffer, depth)
        if hasattr(value, "get_byte_size") and hasattr(value, "data"):
            return self.describe(value.data, depth)
        return None

    def _port(self, value, depth):
        """A port, or a legacy input, input description or output: all its names, its shape."""
        if hasattr(value, "get_any_name") and hasattr(value, "get_partial_shape"):
            names = [*sorted(value.get_names())]
            with contextlib.suppress(Exception):
                names.append(value.get_any_name())
            with contextlib.suppress(Exception):
                node = value.get_node()
                names.append(node.get_friendly_name())
                if node.get_type_name() == "Result":
                    source = node.input_value(0)
                    name = source.get_node().get_friendly_name()
                    names.append(name if len(source.get_node().outputs()) == 1 else f"{name}.{source.get_index()}")
            return ["port", names, _shape(value.get_partial_shape())]
        data = getattr(value, "input_data", value)
        if hasattr(data, "name") and hasattr(data, "shape") and hasattr(data, "precision"):
            return ["port", [data.name], _numbers(data.shape)]
        return None

    def _model(self, value, depth):
        """A model or a compiled model of either API: its inputs and outputs."""
        if hasattr(value, "async_infer") or hasattr(value, "get_tensor"):
            return None
        if hasattr(value, "input_info") and hasattr(value, "outputs"):
            sides = value.input_info.values(), value.outputs.values()
        elif hasattr(value, "inputs") and hasattr(value, "outputs"):
            sides = value.inputs, value.outputs
        else:
            return None
        return ["model", *([self.describe(port, depth + 1) for port in side] for side in sides)]

    def _mapping(self, value, depth):
        if hasattr(value, "items") and hasattr(value, "keys"):
            return self._map(value.items(), depth)
        return None


def _list(items, length=None):
    return ["list", items, len(items) if length is None else length]


def _numbers(values):
    return _list([["int", int(value)] for value in values])


def _plain(value):
    if value is None:
        return ["none"]
    if isinstance(value, bool):
        return ["bool", value]
    if isinstance(value, int):
        return ["int", int(value)]
    if isinstance(value, float):
        return ["float", repr(float(value))]
    if isinstance(value, str):
        return ["str", str(value)[:10000]]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return ["bytes", len(value), zlib.crc32(value)]
    return None


def _shape(value, depth=0):
    """A shape; a side that is not known is a text such as "?" or "1..8"."""
    name = type(value).__name__
    if name == "PartialShape":
        if value.rank.is_dynamic:
            return ["str", "..."]
        return _list([_side(side) for side in value])
    if name == "Dimension":
        return _side(value)
    if name in ("Shape", "Strides", "AxisSet", "AxisVector", "Coordinate", "CoordinateDiff"):
        return _numbers(value)
    if name == "Layout":
        return ["str", value.to_string().strip("[]").replace(",", "")]
    return None


def _side(side):
    return ["int", side.get_length()] if side.is_static else ["str", str(side)]


def _element_type(value, depth=0):
    if type(value).__name__ == "Type" and hasattr(value, "get_type_name"):
        return ["type", value.get_type_name()]
    return None


def _is_first():
    """True in the process that was started to run the program."""
    return os.environ.get("OV_MIGRATE_FIRST") == str(os.getpid())


def install(folder):
    """Puts the probes among the builtins."""
    os.environ.setdefault("OV_MIGRATE_FIRST", str(os.getpid()))
    recorder = Recorder(folder)
    builtins.__ovm_value__ = recorder.value
    builtins.__ovm_ran__ = recorder.ran
    return recorder
