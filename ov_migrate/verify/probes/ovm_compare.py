"""Compares what probes recorded on two sides. Run by an interpreter that has numpy, not imported by the tool.

usage: ovm_compare.py OLD NEW FACTS

OLD and NEW are folders of records; FACTS is a JSON file: {"element_types": {legacy precision: element type},
"values": {probe: what its value may be held to}, "relative": r, "absolute": a, "ended": [old, new]}, the last of which
says which sides ended well. Prints {probe: {"status", "times", "new_times", "difference", "old", "new"}} as JSON.
"""

# mypy: ignore-errors
import json
import os
import sys
from collections import defaultdict

from ovm_values import OBJECTS, Values, shown

INFERENCES = 0


class Records:
    """The records of one side: probe -> thread -> values in order; a value is None where only the fact was noted."""

    def __init__(self, folder):
        self.found = defaultdict(lambda: defaultdict(list))
        self.order = []
        names = sorted(name for name in os.listdir(folder) if name.endswith(".jsonl"))
        for name in names:
            self._read(os.path.join(folder, name), "" if "-main" in name else name.split("-")[0] + ":")
        if INFERENCES in self.found:
            self.found[INFERENCES]["main"].sort(key=lambda record: record[0][1])

    def _read(self, path, process):
        arrays = path[: -len("jsonl")] + "bin"
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                if not line.endswith("\n"):
                    return  # The process was stopped while it wrote this one.
                number, thread, value = json.loads(line)
                thread = thread if thread == "main" and not process else process + thread
                # Inferences go by the order of their starts, whichever thread saw their end.
                thread = "main" if value and value[0] == "inference" else thread
                self.found[number][thread].append((value, arrays))
                if thread == "main":
                    self.order.append(number)

    def count(self, number):
        """How often a probe was reached."""
        return sum(map(len, self.found[number].values())) if number in self.found else 0


class Comparison(Values):
    """How the records of two sides are held against each other."""

    def __init__(self, facts, first_missing):
        super().__init__(facts)
        self.values = facts["values"]
        self.old_ended, self.new_ended = facts["ended"]
        self.first_missing = first_missing

    def probe(self, number, old, new):
        """What came out for one probe; `old` and `new` are thread -> values."""
        self.value = self.values.get(str(number), "same")
        times, new_times = (sum(map(len, side.values())) for side in (old, new))
        result = {"status": "ran", "times": times, "new_times": new_times}
        if not times and not new_times:
            return dict(result, status="not executed")
        compared, difference = self._threads(old, new)
        if difference is not None:
            return dict(result, status="unstable" if self.value == "time" else "differs", **difference)
        if times != new_times and not self._is_cut_short(number, times, new_times):
            text = f"reached {_times(times)} before and {_times(new_times)} after"
            status = {"time": "unstable", "other": "ran"}.get(self.value, "differs")
            told = [f"a value {_times(number)}" for number in (times, new_times)]
            return dict(result, status=status, difference=text, old=told[0], new=told[1])
        if not times or not new_times:
            return dict(result, status="not executed")
        return dict(result, status="equal" if compared else "ran")

    def _is_cut_short(self, number, times, new_times):
        """True when one side came here less often only since it had ended before, at another place."""
        if number == self.first_missing:
            return False
        return (new_times < times and not self.new_ended) or (times < new_times and not self.old_ended)

    def same_in_any_order(self, number, old, new):
        """True when a probe saw the same values on both sides, but for their order or their number."""
        self.value = self.values.get(str(number), "same")
        sides = [_values(side) for side in (old, new)]
        return len(sides[0]) != len(sides[1]) or self._unordered(False, *sides)[1] is None

    def is_shared_out_otherwise(self, pairs):
        """True when `pairs`, what some probes saw on each side, are the same values of both sides all in all."""
        self.value = "same"
        sides = [[value for pair in pairs for value in _values(pair[side])] for side in (0, 1)]
        if len(sides[0]) != len(sides[1]):
            return False
        known = [[value for value in side if value[0] is not None] for side in sides]
        return len(known[0]) == len(known[1]) and self._unordered(False, *known)[1] is None

    def _threads(self, old, new):
        """Main threads in order; others in order thread by thread, or, where the work was shared out otherwise, each
        value against one of the other side's that nobody has matched yet."""
        compared, difference = self._sequence(old.get("main", []), new.get("main", []))
        others = [[values for thread, values in sorted(side.items()) if thread != "main"] for side in (old, new)]
        if difference is not None or not any(others):
            return compared, difference
        if len(others[0]) == len(others[1]):
            pairs = [self._sequence(a, b) for a, b in zip(*others)]
            if all(found is None for _, found in pairs):
                return compared or any(is_compared for is_compared, _ in pairs), None
        flat = [[value for values in side for value in values] for side in others]
        return self._unordered(compared, *flat)

    def _unordered(self, compared, old, new):
        left = list(new)
        first = None
        for one in old:
            match = next((index for index, two in enumerate(left) if self._pair(one, two)[1] is None), None)
            if match is None:
                first = first or self._against(one, left[0] if left else None)
            else:
                compared = compared or self._pair(one, left[match])[0]
                del left[match]
        return compared, first

    def _against(self, one, two):
        if two is None:
            return None
        return self._pair(one, two)[1]

    def _sequence(self, old, new):
        compared = False
        for index, (one, two) in enumerate(zip(old, new)):
            is_compared, difference = self._pair(one, two)
            compared = compared or is_compared
            if difference is not None:
                if len(old) > 1:
                    difference["difference"] = "time {}: {}".format(index + 1, difference["difference"])
                return compared, difference
        return compared, None

    def _pair(self, one, two):
        """Whether two records can be compared, and how they differ."""
        (old, old_arrays), (new, new_arrays) = one, two
        if old is None or new is None or old[0] in OBJECTS or new[0] in OBJECTS or self.value == "other":
            return False, None
        text = self.difference(old, old_arrays, new, new_arrays)
        if not text:
            return True, None
        return True, {"difference": text, "old": shown(old, old_arrays), "new": shown(new, new_arrays)}


def _values(side):
    return [value for values in side.values() for value in values]


def _times(number):
    return "once" if number == 1 else f"{number} times"


def first_missing(old, new):
    """The first probe that the old program reached once more than the new one did; None when there is none."""
    seen = defaultdict(int)
    for number in old.order:
        seen[number] += 1
        if seen[number] > new.count(number):
            return number
    return None


def main():
    old, new = Records(sys.argv[1]), Records(sys.argv[2])
    with open(sys.argv[3], encoding="utf-8") as file:
        comparison = Comparison(json.load(file), first_missing(old, new))
    numbers = sorted(set(old.found) | set(new.found))
    comparison.learn_names(old.found, new.found)
    found = {number: comparison.probe(number, old.found[number], new.found[number]) for number in numbers}
    if any(probe["status"] == "unstable" for probe in found.values()):
        # Where answers depend on time, what is done next, and how often, does so as well.
        for number, probe in found.items():
            if probe["status"] == "differs" and comparison.same_in_any_order(
                number, old.found[number], new.found[number]
            ):
                probe["status"] = "unstable"
    differing = [number for number, probe in found.items() if probe["status"] == "differs"]
    is_order = comparison.is_shared_out_otherwise([(old.found[number], new.found[number]) for number in differing])
    for number in differing:
        found[number]["is_order"] = is_order
    print(json.dumps(found))


if __name__ == "__main__":
    main()
