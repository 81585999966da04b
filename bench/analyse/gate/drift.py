"""Drift: small drops that were accepted one by one, and add up to more than the margin. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.gate.decision import Call, decide
from bench.analyse.gate.evidence import bounds, evidence, unpaired
from bench.analyse.gate.samples import Moments
from bench.analyse.gate.side import outward
from bench.analyse.intervals import Sample, sample
from bench.core.score import ACCURACY
from bench.record.verdicts import Drift, Seeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analyse.gate.decision import Rates
    from bench.core.score import Score
    from bench.record.baseline import Acceptance


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


def find_drifts(
    cells: Sequence[Descendant], chain: Sequence[Acceptance], rates: Rates, score: Score = ACCURACY
) -> dict[str, Drift]:
    """The cells that regressed since they were first accepted, by the rule `difference`.

    Each cell is compared with the first acceptance that holds it with the same settings, data and score, where that is
    not the last one, which the gate itself compares with.

    Args:
        cells: as they are now.
        chain: the acceptances, the oldest first.
        rates: of the check; drift is looked for once, over all cells.
        score: what their values are.
    """
    pairs = [(cell, since) for cell in cells if (since := _first(cell, chain[:-1])) is not None]
    if not pairs:
        return {}
    base = _moments([_past(cell, since) for cell, since in pairs], score)
    current = _moments([sample(list(cell.values)) for cell, _ in pairs], score)
    of = unpaired(base, current, np.array([cell.step for cell, _ in pairs]) ** 2 / 4)
    calls = decide(evidence(of, np.array([cell.margin for cell, _ in pairs])), rates)
    low, high = bounds(of, rates.missed_per_look)
    drifts = {}
    for index, (cell, since) in enumerate(pairs):
        if calls[index] == Call.REGRESSED:
            past = since.cells[cell.cell_id]
            change = outward(score, float(of.difference[index]), float(low[index]), float(high[index]))
            drifts[cell.cell_id] = Drift(
                since=since.accepted_at,
                first=Seeds(n=past.n, mean=past.mean, std=past.std),
                value=change.value,
                low=change.low,
                high=change.high,
            )
    return drifts


def _first(cell: Descendant, chain: Sequence[Acceptance]) -> Acceptance | None:
    return next((a for a in chain if (past := a.cells.get(cell.cell_id)) and past.content == cell.content), None)


def _past(cell: Descendant, since: Acceptance) -> Sample:
    past = since.cells[cell.cell_id]
    return Sample(past.n, past.mean, math.nan if past.std is None else past.std)


def _moments(cells: Sequence[Sample], score: Score) -> Moments:
    n, mean, std = (
        np.array(column, dtype=float) for column in zip(*((s.n, s.mean, s.std) for s in cells), strict=True)
    )
    return Moments(n, score.sign * mean, std**2)
