"""A run with a payload in every text, through every writer, beside the clean one."""

from __future__ import annotations

from functools import cache

from payloads.fields import Placed, clean_runs, poisoned_run
from payloads.readers import findings
from payloads.texts import PAYLOADS
from payloads.writers import Written, pages, written

PLAIN = tuple(f"word{number}x" for number in range(len(PAYLOADS)))


def attacked(name: str, first: int, *, charts: bool) -> tuple[int, list[str]]:
    """How many outputs were read back, and every finding in them.

    Args:
        name: of `clean_runs`.
        first: the payload that the first text of the run becomes; the next ones follow in turn.
        charts: whether pages and charts are written too.
    """
    clean, number, found = clean_outputs(name), 0, []
    for made in hostile(name, first, charts=charts):
        number += 1
        of_kind = [one for one in clean.values() if one.kind == made.kind]
        other = clean.get(made.name) or of_kind[0]  # a chart that the clean run does not need
        found += [f"{name} {first}, {made.name}: {kind}: {what}" for kind, what in findings(made, other)]
    return number, found


def shown(name: str, payloads: tuple[str, ...], first: int = 0) -> dict[str, Written]:
    """What a browser is shown of a run with one of these texts for each of its own, by name."""
    placed = Placed(payloads, first)
    return {made.name: made for made in pages(*(poisoned_run(run, placed) for run in clean_runs()[name]))}


def hostile(name: str, first: int, *, charts: bool) -> list[Written]:
    """What all writers make of a run with a payload for every text."""
    placed = Placed(PAYLOADS, first)
    before, after = (poisoned_run(run, placed) for run in clean_runs()[name])
    return list(written(before, after, charts=charts))


@cache
def clean_outputs(name: str) -> dict[str, Written]:
    """By name, what all writers make of the same run with a plain word for every text."""
    placed = Placed(PLAIN)
    before, after = (poisoned_run(run, placed) for run in clean_runs()[name])
    return {made.name: made for made in written(before, after)}
