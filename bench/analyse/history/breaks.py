"""Breaks of a series of runs that are more than chance, with their size and where they may lie. Pure.

Each break of the best division (`division.py`) is tested twice, and the more cautious answer counts, as in the gate:

- runs against runs. The difference of the two levels by their weights, against how far runs scatter about their levels
  in the whole series. A segment that scatters more than chance explains is held to its own scatter, with the degrees
  of freedom of Satterthwaite. This allows for what differs from run to run.
- seeds against seeds (`seeds.py`). This allows for seeds that repeat their results run after run: when a change of
  code only draws all of them anew, many runs know no more than one.

A p-value is multiplied by the number of places that a break could have. Breaks that fail are taken out, the weakest
first. How often all this is wrong is counted in tests/simulation/test_history.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from bench.analyse.history.division import SHORTEST, Division
from bench.analyse.history.points import levels
from bench.analyse.history.seeds import by_seeds
from bench.analyse.intervals import CONFIDENCE, Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analyse.history.points import Levels, Point

FEWEST = 2 * SHORTEST
"""Runs of a series in which a change can be seen at all."""
ERROR = 0.01
"""How often a series without a change may show one."""
WILD = 0.05
"""How often the runs of a segment are taken to scatter more than all others although they do not. For times that is
1: what machines do from run to run has outliers, and a segment of a few runs is held to its own scatter wherever it is
the larger one."""
LIKELY = 6.0
"""Where a break may lie: places whose likelihood is at least a twentieth of the best place's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A change of level.

    Attributes:
        at: place of the first run of the new level, among the points of the series.
        earliest, latest: where that place may be as well.
        before, after: the two levels: weighted means over the runs of the segments beside the break.
        interval: 95 % for after - before.
        p: corrected for the places that the break could have.
    """

    at: int
    earliest: int
    latest: int
    before: float
    after: float
    interval: Interval
    p: float


@dataclass(frozen=True, slots=True)
class _Noise:
    """How far runs scatter about their levels, as a multiple of what weights say, and its degrees of freedom."""

    scale: float
    freedom: int
    wild: float


def breaks(series: Sequence[Point], error: float = ERROR, wild: float = WILD) -> tuple[Break, ...]:
    """The changes of level that are more than chance, the oldest first.

    Args:
        series: the oldest run first; nothing is found in fewer than four runs.
        error: how often a series without a change may show any.
        wild: see `WILD`.
    """
    if len(series) < FEWEST:
        return ()
    flat = levels(series)
    division = Division(flat)
    places = division.chosen(error)
    while places:
        tested = _tested(series, flat, division, places, wild)
        worst = max(tested, key=lambda candidate: candidate.p)
        if worst.p <= error:
            return tuple(tested)
        places = tuple(place for place in places if place != worst.at)
    return ()


def _tested(
    series: Sequence[Point], flat: Levels, division: Division, places: tuple[int, ...], wild: float
) -> list[Break]:
    ends = (0, *places, len(series))
    rest = sum(division.within(start, end) for start, end in pairwise(ends))
    noise = _Noise(division.scale(rest, len(places)), len(series) - 1 - len(places), wild)
    return [_break(series, flat, division, around, noise) for around in zip(ends, ends[1:], ends[2:], strict=False)]


def _break(
    series: Sequence[Point], flat: Levels, division: Division, around: tuple[int, int, int], noise: _Noise
) -> Break:
    start, at, end = around
    sides = [slice(start, at), slice(at, end)]
    before, after = (float(np.average(flat.mean[side], weights=flat.weight[side])) for side in sides)
    parts, freedoms = [], []
    for side in sides:
        runs = side.stop - side.start
        own = division.within(side.start, side.stop) / (runs - 1)
        alone = own > noise.scale and float(special.fdtrc(runs - 1, noise.freedom, own / noise.scale)) < noise.wild
        parts.append((own if alone else noise.scale) / float(flat.weight[side].sum()))
        freedoms.append(runs - 1 if alone else noise.freedom)
    variance = sum(parts)
    welch = variance**2 / sum(part**2 / of for part, of in zip(parts, freedoms, strict=True))
    by_runs = min(welch, noise.freedom)
    error = variance**0.5
    p_runs = 2 * float(special.stdtr(by_runs, -abs(after - before) / error))
    reach = float(special.stdtrit(by_runs, (1 + CONFIDENCE) / 2)) * error
    seeds = by_seeds(series, around)
    reach = max(reach, seeds.reach)
    positions = len(series) - FEWEST + 1
    earliest, latest = _range(division, around, noise.scale)
    return Break(
        at=at,
        earliest=earliest,
        latest=latest,
        before=before,
        after=after,
        interval=Interval(after - before - reach, after - before + reach),
        p=min(1.0, max(p_runs, seeds.p) * positions),
    )


def _range(division: Division, around: tuple[int, int, int], scale: float) -> tuple[int, int]:
    """The first and the last place that fits nearly as well."""
    start, at, end = around
    most = division.within(start, at) + division.within(at, end) + LIKELY * scale
    likely = [
        place for place in range(start + 1, end) if _sum(division, start, place) + _sum(division, place, end) <= most
    ]
    return min(likely, default=at), max(likely, default=at)


def _sum(division: Division, start: int, end: int) -> float:
    return division.within(start, end) if end - start >= SHORTEST else 0.0
