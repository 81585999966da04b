"""Drift: small drops that were accepted one by one, and add up to more than the margin. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.gate.decision import Call, decide
from bench.analyse.gate.evidence import Moments, bounds, evidence, moments
from bench.record.verdicts import Drift, Seeds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analyse.gate.decision import Rates
    from bench.record.baseline import Acceptance, PastCell


@dataclass(frozen=True, slots=True)
class Descendant:
    """A cell as it is now.

    Attributes:
        content: hash of its declared settings and data, as acceptances keep it.
        accuracies: a fraction per seed.
        margin: a fraction.
    """

    cell_id: str
    content: str
    accuracies: Sequence[float]
    margin: float


def find_drifts(cells: Sequence[Descendant], chain: Sequence[Acceptance], rates: Rates) -> dict[str, Drift]:
    """The cells that regressed since they were first accepted, by the rule `difference`.

    Each cell is compared with the first acceptance that holds it with the same settings and data, where that is not
    the last one, which the gate itself compares with.

    Args:
        cells: as they are now.
        chain: the acceptances, the oldest first.
        rates: of the check; drift is looked for once, over all cells.
    """
    pairs = [(cell, since) for cell in cells if (since := _first(cell, chain[:-1])) is not None]
    if not pairs:
        return {}
    base = Moments(*(np.array(column, dtype=float) for column in zip(*map(_moments, pairs), strict=True)))
    current = moments([cell.accuracies for cell, _ in pairs])
    calls = decide(evidence(base, current, np.array([cell.margin for cell, _ in pairs])), rates)
    low, high = bounds(base, current, rates.missed_per_look)
    return {
        cell.cell_id: Drift(
            since=since.accepted_at,
            first=Seeds(n=past.n, mean=past.mean, std=past.std),
            value=float(current.mean[index]) - past.mean,
            low=float(low[index]),
            high=float(high[index]),
        )
        for index, (cell, since) in enumerate(pairs)
        if calls[index] == Call.REGRESSED and (past := since.cells[cell.cell_id])
    }


def _first(cell: Descendant, chain: Sequence[Acceptance]) -> Acceptance | None:
    return next((a for a in chain if (past := a.cells.get(cell.cell_id)) and past.content == cell.content), None)


def _moments(pair: tuple[Descendant, Acceptance]) -> tuple[float, float, float]:
    past: PastCell = pair[1].cells[pair[0].cell_id]
    return past.n, past.mean, float("nan") if past.std is None else past.std**2
