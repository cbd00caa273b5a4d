"""How values of the two APIs are held against each other. Used beside ovm_compare.py."""

# mypy: ignore-errors
import math

import numpy

# Kinds that tell of an object that is no data, or of nothing.
OBJECTS = ("object", "none", "unknown")


class Values:
    """Compares two described values. `value` is what the new one may be held to; see `Rule` in the catalogue."""

    def __init__(self, facts):
        self.element_types = facts["element_types"]
        self.relative, self.absolute = facts["relative"], facts["absolute"]
        self.value = "same"
        self.aliases = {}

    def learn_names(self, old, new):
        """Names that mean the same input or output: those of one port, and the one that is left over on either side
        when two models are held against each other."""
        for number, threads in new.items():
            values = [value for thread in threads.values() for value, _ in thread if value is not None]
            for port in _ports_in(values):
                self._alias(port[1])
            olds = [value for thread in old.get(number, {}).values() for value, _ in thread if value is not None]
            for one, two in zip(olds, values):
                if one[0] == two[0] == "model":
                    self._learn_from_models(one, two)

    def _learn_from_models(self, one, two):
        for before, after in zip(one[1:], two[1:]):
            left = [port for port in before if not any(self._same_port(port, other) for other in after)]
            right = [port for port in after if not any(self._same_port(other, port) for other in before)]
            if len(left) == len(right) == 1:
                self._alias([*left[0][1], *right[0][1]])

    def _alias(self, names):
        group = set(names).union(*(self.aliases.get(name, ()) for name in names))
        for name in group:
            self.aliases[name] = group

    def _same_name(self, one, two):
        return one == two or two in self.aliases.get(one, ())

    def _same_port(self, one, two):
        return any(self._same_name(a, b) for a in one[1] for b in two[1])

    def difference(self, old, old_arrays, new, new_arrays):
        """A line that says where two values differ first; "" when they are equal."""
        kinds = old[0], new[0]
        if old[0] in OBJECTS or new[0] in OBJECTS:
            return ""
        if kinds == ("array", "array"):
            return self._arrays(old, old_arrays, new, new_arrays)
        if kinds == ("inference", "inference"):
            return self._inferences(old, old_arrays, new, new_arrays)
        if kinds == ("float", "float"):
            return "" if self._close(float(old[1]), float(new[1])) else f"{old[1]} became {new[1]}"
        if kinds == ("str", "type"):
            return "" if self.element_types.get(old[1], old[1]) == new[1] else _became(old, new)
        if kinds == ("str", "str"):
            return "" if self._same_name(old[1], new[1]) else _became(old, new)
        if kinds == ("str", "port"):
            return "" if any(self._same_name(old[1], name) for name in new[1]) else _became(old, new)
        if kinds == ("port", "port"):
            return self._ports(old, new)
        if kinds == ("model", "model"):
            sides = zip(("inputs", "outputs"), old[1:], new[1:])
            return next((name + text for name, a, b in sides if (text := self._port_lists(a, b))), "")
        if old[0] in ("list", "map") and new[0] in ("list", "map"):
            return self._containers(old, old_arrays, new, new_arrays)
        return "" if old == new else _became(old, new)

    def _inferences(self, old, old_arrays, new, new_arrays):
        self.value = "cast"
        got = self._maps(old[2][1], old_arrays, new[2][1], new_arrays)
        self.value = "same"
        gave = self._maps(old[3][1], old_arrays, new[3][1], new_arrays)
        return "got " + got if got else "gave " + gave if gave else ""

    def _containers(self, old, old_arrays, new, new_arrays):
        if old[2] != new[2]:
            return f"{old[2]} entries became {new[2]}"
        if old[0] == new[0] == "map":
            return self._maps(old[1], old_arrays, new[1], new_arrays)
        # What is a dictionary in one API may be a list in the other: of its names, of its values, or of both.
        if old[0] == "map" and all(item[0] == "port" for item in new[1]):
            return self._maps(old[1], old_arrays, [[item, item] for item in new[1]], new_arrays)
        keys = old[1] if old[0] == "list" else [key for key, _ in old[1]]
        others = new[1] if new[0] == "list" else [key for key, _ in new[1]]
        for index, (a, b) in enumerate(zip(keys, others)):
            text = self.difference(a, old_arrays, b, new_arrays)
            if text:
                return f"[{index}]: {text}"
        return ""

    def _maps(self, old, old_arrays, new, new_arrays):
        left = list(new)
        for key, value in old:
            at = next((i for i, (other, _) in enumerate(left) if not self.difference(key, "", other, "")), None)
            if at is None:
                return "no {} any more, but {}".format(shown(key), ", ".join(shown(other) for other, _ in left))
            text = self.difference(value, old_arrays, left[at][1], new_arrays)
            if text:
                return f"[{shown(key)}]: {text}"
            del left[at]
        return ""

    def _port_lists(self, old, new):
        if len(old) != len(new):
            return f": {len(old)} became {len(new)}"
        text = self._maps([[port, port] for port in old], "", [[port, port] for port in new], "")
        return ": " + text if text else ""

    def _ports(self, old, new):
        return "" if self._same_port(old, new) else _became(old, new)

    def _arrays(self, old, old_path, new, new_path):
        if old[1] != new[1] and self.value != "cast":
            return f"dtype {old[1]} became {new[1]}"
        if self.value == "form" and _size(old) == _size(new):
            return ""
        if old[2] != new[2] and not (self.value == "data" and _size(old) == _size(new)):
            return f"shape {old[2]} became {new[2]}"
        a, b = load(old, old_path), load(new, new_path)
        if a is None or b is None or a.tobytes() == b.tobytes():
            return ""
        if a.dtype.kind not in "fc":
            wrong = a != b
        else:
            with numpy.errstate(all="ignore"):
                scale = float(numpy.nanmax(numpy.abs(a), initial=0, where=numpy.isfinite(a))) or 1.0
                relative = max(self.relative, 2e-3 if a.dtype.itemsize == 2 else 0)
                limit = self.absolute * max(1.0, scale)
                wrong = ~numpy.isclose(a, b, rtol=relative, atol=limit, equal_nan=True)
        if not wrong.any():
            return ""
        first = int(numpy.argmax(wrong))
        whole = int(numpy.prod(old[2])) == a.size
        at = list(map(int, numpy.unravel_index(first, old[2]))) if whole and old[2] else first
        return f"{int(wrong.sum())} of {a.size} values differ, first at {at}: {a[first]} became {b[first]}"

    def _close(self, a, b):
        return math.isclose(a, b, rel_tol=self.relative, abs_tol=self.absolute) or (math.isnan(a) and math.isnan(b))


def load(value, path):
    """The array of a description, flat; None when it was not kept."""
    if len(value) < 5:
        return None
    with open(path, "rb") as file:
        file.seek(value[3])
        return numpy.frombuffer(file.read(value[4]), dtype=numpy.dtype(value[1]))


def shown(value, path=""):
    """A value as a person would write it, short."""
    kind = value[0]
    if kind == "array":
        data = load(value, path) if path else None
        head = "" if data is None else ": " + numpy.array2string(data[:6], separator=", ", threshold=6)
        return f"{value[1]} array of shape {value[2]}{head}"
    if kind == "port":
        return "port {!r}".format(value[1][0] if value[1] else "")
    if kind == "list":
        return "[" + ", ".join(shown(item, path) for item in value[1][:8]) + (", ...]" if value[2] > 8 else "]")
    if kind == "map":
        pairs = (f"{shown(key, path)}: {shown(item, path)}" for key, item in value[1][:8])
        return "{" + ", ".join(pairs) + (", ...}" if value[2] > 8 else "}")
    if kind == "model":
        return "inputs {}, outputs {}".format(*(", ".join(shown(port) for port in side) for side in value[1:]))
    if kind == "none":
        return "None"
    if kind == "str":
        return repr(value[1])
    return str(value[1])


def _became(old, new):
    return f"{shown(old)} became {shown(new)}"


def _size(array):
    return int(numpy.prod(array[2]))


def _ports_in(value):
    """All descriptions of ports inside others."""
    if isinstance(value, list):
        if len(value) == 3 and value[0] == "port":
            yield value
        for item in value:
            yield from _ports_in(item)
