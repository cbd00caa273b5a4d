"""Which mutants of a rule are tried, and in which order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial

from mutating.operators import OPERATORS
from mutating.sites import DROPPED, KEPT, NEAR, RENAMED, Mutant, Site

Mutants = Mapping[str, list[Mutant]]
_LAST = "nothing"
_BESIDE = ("one request", DROPPED)


def mutants_of(sites: list[Site], at_most: int, tried: int, is_run: Callable[[Mutant], bool]) -> Mutants:
    """Up to `at_most` operators that fit sites of one rule, and two that fit the lines beside them, with up to `tried`
    mutants each: those first that change what is run, and of all fixtures one before any gets a second."""
    names = [one.name for one in OPERATORS if one.name != _LAST]
    beside = [NEAR + name for name in (names if _all_stand(sites) else _BESIDE)]
    fitting = partial(_fitting, sites, tried=tried, is_run=is_run)
    for is_own in (True, False):
        own = [] if _all_stand(sites) else fitting([RENAMED, *names, KEPT], at_most=at_most, is_own=is_own)
        near = fitting(beside, at_most=at_most if _all_stand(sites) else 2, is_own=is_own)
        found = [*own, *near] or fitting([_LAST], at_most=1, is_own=is_own)
        if found:
            return dict(found)
    return {}


def _all_stand(sites: list[Site]) -> bool:
    """True for a rule that writes beside its sites and leaves them as they are."""
    return all(site.new == site.old for site in sites)


def _fitting(
    sites: list[Site], operators: list[str], at_most: int, tried: int, is_own: bool, is_run: Callable[[Mutant], bool]
) -> list[tuple[str, list[Mutant]]]:
    found: list[tuple[str, list[Mutant]]] = []
    for operator in operators:
        if len(found) == at_most:
            break
        by_fixture: dict[str, list[Mutant]] = defaultdict(list)
        for site in sites:
            by_fixture[site.module.fixture.name] += site.mutants(operator, is_own)
        ranked = []
        for name, ones in by_fixture.items():
            ones.sort(key=lambda one: not is_run(one))
            ranked += [(not is_run(one), turn, name) for turn, one in enumerate(ones)]
        if ranked:
            found.append((operator, [by_fixture[name][turn] for _, turn, name in sorted(ranked)[:tried]]))
    return found
