"""Why one side of a program could not be run, with what to do about it; and its last words, without what comes of the
tool."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ov_migrate.verify.instrument import RAN, VALUE
from ov_migrate.verify.program import Outcome

_MISSING = re.compile(r"(?:ModuleNotFoundError|ImportError): No module named '?(?P<module>[\w.]+)")
_GONE = re.compile(r"ImportError: cannot import name '(?P<name>\w+)' from '(?:openvino|ngraph)")
_FRAME = re.compile(r'\s*File "(?P<file>[^"]*)", line ')
_RUNNER = re.compile(r"run_program\.py$|^<frozen ")
_PROBE = re.compile(rf"{VALUE}\(\d+,\(|{RAN}\(\d+(?:,\(|\);)")
_FATAL = "Fatal Python error:"


def obstacle(side: str, outcome: Outcome, time_limit: float) -> str:
    """One line that says why a side, `before` or `after`, could not be run to its end; "" when it was."""
    if outcome.status is None:
        return f"{side}: did not end within {time_limit:g} seconds{outcome.place}; --time-limit SECONDS gives it more"
    if outcome.status < 0:
        return f"{side}: {outcome.failure}"
    missing = missing_module(outcome)
    if missing:
        return (
            f"{side}: there is no module `{missing}` beside OpenVINO {outcome.release}: give the package that has it "
            "with --with PACKAGE or --requirements FILE"
        )
    gone = _MISSING.search(outcome.failure) or _GONE.search(outcome.failure) if side == "before" else None
    if gone is not None:
        return (
            f"{side}: OpenVINO {outcome.release} has no `{gone[1]}`, so that there is nothing to compare with; "
            "--legacy-python PYTHON names an interpreter whose OpenVINO has it"
        )
    return ""


def missing_module(outcome: Outcome) -> str:
    """The module, other than OpenVINO's, for lack of which a program ended; "" for one that ended otherwise."""
    match = _MISSING.search(outcome.failure) if outcome.status else None
    is_own = match is not None and match["module"].split(".")[0] in ("openvino", "ngraph")
    return match["module"] if match is not None and not is_own else ""


def last_words(errors: str) -> Iterator[str]:
    """The lines of what a program wrote on standard error, without probes, the frames of what has started it, and the
    state of the interpreter that was stopped."""
    is_hidden = False
    for line in errors.split(_FATAL)[0].strip().splitlines():
        frame = _FRAME.match(line)
        if frame is not None:
            is_hidden = _RUNNER.search(frame["file"]) is not None
        elif not line.startswith("    "):
            is_hidden = False
        text = without_probes(line)
        if not is_hidden and not (line.strip() and set(line.strip()) <= set("^~")):
            yield text


def without_probes(line: str) -> str:
    """A line of the text with probes as it is without them."""
    while (match := _PROBE.search(line)) is not None:
        end = _closing(line, match.end()) if match[0].endswith("(") else match.end()
        line = line[: match.start()] + line[match.end() : end] + line[end + 2 * match[0].endswith("(") :]
    return line


def _closing(line: str, start: int) -> int:
    """Where the two brackets that close a probe stand; the end when they are on another line."""
    depth = 0
    for index in range(start, len(line)):
        depth += (line[index] in "([{") - (line[index] in ")]}")
        if depth < 0:
            return index
    return len(line)
