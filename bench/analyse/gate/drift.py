"""Drift: small drops that were accepted one by one, and add up to more than the margin. Pure.

A cell is compared with every earlier acceptance, and Holm's correction counts all of these comparisons, of all cells.
Without it a chain of acceptances would cause false reports: the best of several acceptances of an unchanged cell is
above its true mean, because it was chosen for its value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.gate.decision import Call, decide
from bench.analyse.gate.evidence import bounds, evidence, unpaired
from bench.analyse.gate.samples import Moments
from bench.analyse.gate.side import outward
from bench.analyse.gate.spread import own
from bench.analyse.intervals import sample
from bench.core.score import ACCURACY
from bench.record.evidence import Drift, Origin, Seeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analyse.gate.decision import Rates
    from bench.core.score import Score
    from bench.record.baseline import Acceptance, PastCell


@dataclass(frozen=True, slots=True)
class Descendant:
    """A cell as it is now.

    Attributes:
        content: hash of its declared settings and data, as acceptances keep it.
        values: the score of each seed.
        margin: in the score's unit.
        step: the finest difference that the test set can show.
    """

    cell_id: str
    content: str
    values: Sequence[float]
    margin: float
    step: float = 0.0


@dataclass(frozen=True, slots=True)
class Earlier:
    """A cell and an earlier acceptance of it.

    Attributes:
        index: of the cell, among those that are compared.
        accepted_at: when that acceptance was made, UTC.
        accepted: what it says of the cell.
        origin: which acceptance it is: the first, the best (the acceptance in force included) or neither.
    """

    index: int
    accepted_at: str
    accepted: PastCell
    origin: Origin


def find_drifts(
    cells: Sequence[Descendant], chain: Sequence[Acceptance], rates: Rates, score: Score = ACCURACY
) -> dict[str, Drift]:
    """The cells that regressed since an earlier acceptance, by the rule `difference`.

    Each cell is compared with every acceptance that holds it with the same settings, data and score, but for the last
    one, which the gate itself compares with. Of the acceptances that show a drop the best one is reported.

    Args:
        cells: as they are now.
        chain: the acceptances, the oldest first.
        rates: of the check: where no cell dropped since any acceptance, a drift is reported in at most `alpha` of
            checks, over all cells and acceptances.
        score: what their values are.
    """
    compared = [pair for index, cell in enumerate(cells) for pair in _comparisons(index, cell, chain, score)]
    if not compared:
        return {}
    index = np.array([comparison.index for comparison in compared])
    base, now = _accepted_moments(compared, score), _moments(cells, score)
    current = Moments(now.n[index], now.mean[index], now.variance[index])
    least = np.array([cell.step for cell in cells]) ** 2 / 4
    # acceptances of one cell are no independent cells, whose deviations could be shared
    of = unpaired(base, current, least[index], own)
    calls = decide(evidence(of, np.array([cell.margin for cell in cells])[index]), rates)
    low, high = bounds(of, rates.missed_per_look)
    best: dict[str, int] = {}
    for place in np.flatnonzero(calls == Call.REGRESSED).tolist():
        cell_id = cells[compared[place].index].cell_id
        if cell_id not in best or base.mean[place] > base.mean[best[cell_id]]:
            best[cell_id] = place
    return {
        cell_id: _drift(compared[place], score, float(of.difference[place]), float(low[place]), float(high[place]))
        for cell_id, place in best.items()
    }


def _comparisons(index: int, cell: Descendant, chain: Sequence[Acceptance], score: Score) -> list[Earlier]:
    """The earlier acceptances of a cell that it can be compared with, each set of figures once, the oldest first."""
    alike = [
        (acceptance, past)
        for acceptance in chain
        if (past := acceptance.cells.get(cell.cell_id)) and past.content == cell.content
    ]
    if not alike:
        return []
    best = max(score.gain(past.mean) for _, past in alike)
    # a run that is accepted again, say with another margin, is the same evidence: the gate compares with the last one
    known = {chain[-1].cells.get(cell.cell_id)}
    compared: list[Earlier] = []
    for acceptance, past in alike:
        if past not in known:
            known.add(past)
            origin = Origin.BEST if score.gain(past.mean) == best else Origin.EARLIER
            compared.append(
                Earlier(index, acceptance.accepted_at, past, Origin.FIRST if acceptance is alike[0][0] else origin)
            )
    return compared


def _moments(cells: Sequence[Descendant], score: Score) -> Moments:
    samples = [sample(list(cell.values)) for cell in cells]
    n, mean, std = np.array([(values.n, values.mean, values.std) for values in samples], dtype=float).T
    return Moments(n, score.sign * mean, std**2)


def _accepted_moments(compared: Sequence[Earlier], score: Score) -> Moments:
    past = [comparison.accepted for comparison in compared]
    return Moments(
        np.array([cell.n for cell in past], dtype=float),
        score.sign * np.array([cell.mean for cell in past], dtype=float),
        np.array([np.nan if cell.std is None else cell.std**2 for cell in past], dtype=float),
    )


def _drift(comparison: Earlier, score: Score, value: float, low: float, high: float) -> Drift:
    """A difference of gains and its bounds as a drift."""
    change, past = outward(score, value, low, high), comparison.accepted
    return Drift(
        since=comparison.accepted_at,
        accepted=Seeds(n=past.n, mean=past.mean, std=past.std),
        value=change.value,
        low=change.low,
        high=change.high,
        origin=comparison.origin,
    )
