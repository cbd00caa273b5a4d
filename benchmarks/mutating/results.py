"""What came out for each mutant, and the file it is kept in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from mutating.bench import Bench, Catch
from mutating.choosing import mutants_of
from mutating.sites import Mutant, Site

OPERATORS_PER_RULE, MUTANTS_PER_OPERATOR = 6, 300
PROOFS_PER_OPERATOR, FRESH_PER_OPERATOR = 2, 4
_SHORT = 90


@dataclass(frozen=True)
class Result:
    """One operator at one rule: the text that the tool wrote, the wrong one, and what caught it in which fixture. `how`
    is "" for one that nothing caught; `reason` says why it is no mistake, where that is so."""

    rule: str
    operator: str
    old: str
    new: str
    tried: list[str] = field(default_factory=list)
    how: str = ""
    told: str = ""
    reason: str = ""

    @property
    def survives(self) -> bool:
        return not self.how and not self.reason


@dataclass(frozen=True)
class Results:
    """All that a run found; `without` are rules of which no mutant can be made, with why."""

    mutants: list[Result]
    without: dict[str, str]

    def write(self, path: Path) -> None:
        lines = ",\n".join(json.dumps(asdict(result)) for result in self.mutants)
        path.write_text(f'{{"mutants": [\n{lines}\n],\n"without": {json.dumps(self.without)}}}\n', encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Results:
        data = json.loads(path.read_text(encoding="utf-8"))
        return cls([Result(**result) for result in data["mutants"]], data["without"])

    def with_those_of(self, older: Results, is_new: Callable[[str], bool]) -> Results:
        """These, and of an older run the rules that `is_new` says no for."""
        mutants = [*self.mutants, *(result for result in older.mutants if not is_new(result.rule))]
        return Results(sorted(mutants, key=lambda result: result.rule), self.without)


def try_rule(bench: Bench, sites: list[Site], reasons: Mapping[str, str], with_sites: bool = True) -> list[Result]:
    """Tries mutants of one rule's sites; `reasons` says by operator why a mutant that lives on is no mistake."""
    usable = [site for site in sites if bench.expected(site.module.fixture) is not None]
    found = mutants_of(usable, OPERATORS_PER_RULE, MUTANTS_PER_OPERATOR, bench.is_run)
    return [_tried(bench, mutants, reasons.get(operator, ""), with_sites) for operator, mutants in found.items()]


def _tried(bench: Bench, mutants: list[Mutant], reason: str, with_sites: bool) -> Result:
    for mutant in mutants:
        caught = bench.catch(mutant)
        if caught is not None:
            return _result(mutant, [mutant.fixture.name], caught)
    for mutant in mutants[:PROOFS_PER_OPERATOR] if with_sites else []:
        caught = bench.catch_by_sites(mutant)
        if caught is not None:
            return _result(mutant, [mutant.fixture.name], caught)
    for mutant in mutants[:FRESH_PER_OPERATOR]:
        caught = bench.catch_fresh(mutant)
        if caught is not None:
            return _result(mutant, [mutant.fixture.name], caught)
    return _result(mutants[0], sorted({mutant.fixture.name for mutant in mutants}), None, reason)


def _result(mutant: Mutant, tried: list[str], caught: Catch | None, reason: str = "") -> Result:
    how, told = (caught.how, _short(_without_places(caught.told))) if caught is not None else ("", "")
    old, new = _shown(mutant.old, mutant.new)
    return Result(mutant.rule, mutant.operator, old, new, tried, how, told, reason)


def _shown(old: str, new: str) -> tuple[str, str]:
    """Two texts in one line each; of long ones that begin alike the part where they differ."""
    old, new = " ".join(old.split()), " ".join(new.split())
    alike = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), 0)
    if max(len(old), len(new)) > _SHORT and alike > _SHORT // 2:
        start = alike - _SHORT // 3
        old, new = f"...{old[start:]}", f"...{new[start:]}"
    return _short(old), _short(new)


def _without_places(text: str) -> str:
    """Without what differs from machine to machine: folders and addresses."""
    return re.sub(r"0x[0-9a-f]{6,}", "0x...", re.sub(r"(?<![\w.])/(?:[\w.+-]+/)+", "", text))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHORT else text[: _SHORT - 3] + "..."
