"""Hand-overs in words, for the reports that a person reads."""

from __future__ import annotations

from collections.abc import Iterator

from ov_migrate.report.records import HandOver, Waypoint

# What is said of the place that a finding is about.
SITE = "the site"

# What proves a site that a person has finished.
FINISHED = "When it is done, `ov-migrate verify OLD.py NEW.py -- ARGUMENTS` runs both and compares what they do."


def lines(hand_over: HandOver) -> Iterator[str]:
    """All of a hand-over, for a terminal."""
    if hand_over.object:
        yield f"object: {hand_over.object}"
    for trail in hand_over.trails:
        if len(hand_over.trails) > 1:
            yield f"one way, as this: {trail.object}"
        width = max(len(str(place)) for place in trail.places)
        for place in trail.places:
            yield f"  {place!s:<{width}}  {place.code}  ({place.what})"
        if trail.lost:
            yield f"  no further: {trail.lost}"
    yield f"legacy: {hand_over.legacy_did}"
    for form in hand_over.forms:
        first, *others = form.code.split("\n")
        yield f"API 2.0: {first}"
        yield from (f"         {line}" for line in others)
        yield f"         {form.changes} (from {form.since} on)"


def where(place: Waypoint, path: str) -> str:
    """Where a place is, without its path when that is `path`."""
    if place.path != path:
        return str(place)
    return f"cell {place.cell}, line {place.line}" if place.cell else f"line {place.line}"
