"""Runs programs again that differ: what chance decides says nothing of the migration."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ov_migrate.verify.compare import first_difference
from ov_migrate.verify.program import Outcome
from ov_migrate.verify.proof import OUTPUT, Proof
from ov_migrate.verify.sides import Sides

# How often programs run again where sides differ, and where all that differs is an order: chance may repeat itself
# once, threads may be done in the same order more often.
_ATTEMPTS, _ATTEMPTS_AT_ORDER = 2, 6
_ALL_LEFT_OUT = "the output was not compared: a program's own differs from run to run"
_WORDS_LEFT_OUT = "what differs from run to run of a program was left out of its output"
_NEITHER = {"status": "not executed"}


def leave_out_chance(proof: Proof, sides: Sides, probes: dict[str, Any]) -> None:
    """While values or output differ, runs the old program again: sites at which its own runs differ become unstable,
    words of the output that do are left out, and all of it where sites or the number of its lines do. Where the same
    values or lines come in another order, the new program runs again too: the sites are unstable as soon as the old one
    has a new order, or the new one the order of the old one."""
    printed: list[str] = []
    is_random = False
    for attempt in range(_ATTEMPTS_AT_ORDER):
        differing = [number for number, probe in probes.items() if probe["status"] == "differs"]
        if not differing and proof.is_without_output_difference:
            return
        is_order = _is_order(proof, [probes[number] for number in differing], sides.options.relative)
        if attempt >= _ATTEMPTS and not is_order:
            return
        changed, text = _run_again(proof, sides, differing, str(attempt), is_order, printed)
        for number in differing if is_order and (changed or text) else changed:
            probes[number]["status"] = "unstable"
        is_random |= bool(changed)
        if text and (is_order or is_random):
            _leave_out_output(proof, text)
        elif text:
            _leave_out_words(proof, sides, text, printed)


def _is_order(proof: Proof, differing: list[dict[str, Any]], relative: float) -> bool:
    """True when all that differs is the order of what is the same: the values of sites, the lines of the output."""
    if not all(probe["is_order"] for probe in differing):
        return False
    before, after = ("\n".join(sorted(side.output.splitlines())) for side in (proof.before, proof.after))
    return proof.is_without_output_difference or not first_difference(before, after, relative)


def _run_again(
    proof: Proof, sides: Sides, differing: list[str], attempt: str, is_order: bool, printed: list[str]
) -> tuple[list[str], str]:
    """Runs the old program once more, and the new one where that may tell something. Gives the probes of `differing`
    and the line of the output that chance has changed; adds what the old program has printed to `printed`."""
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(sides.run, side == "old", side + attempt) for side in ("old", "new")[: 1 + is_order]]
        again = [run.result() for run in runs]
    printed.append(again[0].output)
    own = sides.compared(sides.records, "old" + attempt, proof.before, again[0])
    changed = [number for number in differing if own.get(number, _NEITHER)["status"] == "differs"]
    text = _difference(proof.before, again[0], sides)
    if is_order and not changed and not text:
        other = sides.compared(sides.records, "new" + attempt, proof.before, again[1])
        changed = [number for number in differing if other.get(number, _NEITHER)["status"] in ("equal", "ran")]
        if not _difference(proof.before, again[1], sides):
            text = _difference(proof.after, again[1], sides)
    return changed, text


def _difference(one: Outcome, other: Outcome, sides: Sides) -> str:
    has_ended = one.has_ended and other.has_ended
    return first_difference(one.output, other.output, sides.options.relative) if has_ended else ""


def _leave_out_words(proof: Proof, sides: Sides, text: str, printed: list[str]) -> None:
    """Compares the output again without what differs between the runs of the old program."""
    if proof.is_without_output_difference:
        return
    if len({len(output.splitlines()) for output in (proof.before.output, *printed)}) > 1:
        _leave_out_output(proof, text)
        return
    left = first_difference(proof.before.output, proof.after.output, sides.options.relative, printed)
    _leave_out_output(proof, text, _WORDS_LEFT_OUT)
    if left:
        proof.differences.append(OUTPUT + left)


def _leave_out_output(proof: Proof, text: str, said: str = _ALL_LEFT_OUT) -> None:
    if not proof.is_without_output_difference:
        proof.differences = [line for line in proof.differences if not line.startswith(OUTPUT)]
        notes = [note for note in proof.notes if not note.startswith((_ALL_LEFT_OUT, _WORDS_LEFT_OUT))]
        proof.notes = [*notes, f"{said}, {text}"]
