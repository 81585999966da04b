"""From evidence to verdicts: who passed, who regressed, with the error rates of a whole grid. Pure.

Verdicts of many cells at once are arrays of `Call`; the gate of one run is the same code with one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Literal

import numpy as np

from bench.analyse.gate.evidence import Evidence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Calls = NDArray[np.int8]
    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]


class Call(IntEnum):
    """What statistics say of a cell."""

    INCONCLUSIVE = 0
    PASS = 1
    IMPROVED = 2
    REGRESSED = 3


@dataclass(frozen=True, slots=True)
class Rates:
    """The error rates of one check, over all its cells and looks.

    Attributes:
        alpha: probability that any cell of the grid is called REGRESSED without cause.
        missed: probability that a cell passes which truly dropped by its margin.
        looks: how often the seeds may be looked at; each look spends an equal part of either rate, so that their sum
            bounds the whole whatever the looks have in common (Bonferroni's inequality).
    """

    alpha: float
    missed: float = 0.05
    looks: int = 1

    @property
    def alpha_per_look(self) -> float:
        """What one look may spend on false alarms."""
        return self.alpha / self.looks

    @property
    def missed_per_look(self) -> float:
        """What one look may spend on drops that pass."""
        return self.missed / self.looks


Rule = Literal["difference", "margin"]
"""What REGRESSED means: `difference`, a drop of any size that is significant in a cell that does not pass; `margin`,
a drop that is significantly larger than the margin."""


def decide(evidence: Evidence, rates: Rates) -> Calls:
    """A call for every cell.

    A cell passes where it is significantly better than a drop by its margin (a non-inferiority test; Walker and
    Nowacki, Journal of General Internal Medicine 26 (2011), pages 192 to 196), and has improved where it also gained
    significantly. It regressed where it does not pass and dropped significantly. Passing is a claim about that cell and
    has its own rate; the other two are alarms, and are corrected for the number of cells by Holm's procedure.

    Args:
        evidence: arrays (..., cells); the last axis is one grid.
        rates: of the check.

    Returns:
        (..., cells) int8, values of `Call`.
    """
    passed = evidence.p_inferior <= rates.missed_per_look
    calls = np.full(passed.shape, Call.INCONCLUSIVE, dtype=np.int8)
    calls[~passed & holm(evidence.p_drop, rates.alpha_per_look)] = Call.REGRESSED
    calls[passed] = Call.PASS
    calls[passed & holm(evidence.p_gain, rates.alpha_per_look)] = Call.IMPROVED
    return calls


def look_again(calls: Calls, before: Evidence, now: Evidence, rates: Rates) -> tuple[Calls, Evidence]:
    """The calls after more seeds of the cells that were inconclusive.

    Decided cells keep their call and the evidence it was made on; that evidence still takes part in Holm's procedure.
    A false alarm at any look needs a p-value of an unchanged cell, valid at that look, of at most alpha_per_look over
    the number of unchanged cells; so the rates of the looks add up to at most alpha.

    Returns:
        The calls, and the evidence they stand on.
    """
    undecided = calls == Call.INCONCLUSIVE
    mixed = Evidence(
        *(
            np.where(undecided, getattr(now, name), getattr(before, name))
            for name in ("difference", "p_inferior", "p_drop", "p_gain")
        )
    )
    return np.where(undecided, decide(mixed, rates), calls).astype(np.int8), mixed


def holm(p: Floats, level: float) -> Flags:
    """Which hypotheses Holm's step-down procedure rejects, at a family-wise error rate of `level` along the last axis.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979), pages 65 to 70.
    """
    return adjusted(p) <= level


def adjusted(p: Floats) -> Floats:
    """Holm's adjusted p-values along the last axis: the smallest level at which each would be rejected.

    Source: Wright, Biometrics 48 (1992), pages 1005 to 1013, section 3.
    """
    order = np.argsort(p, axis=-1, kind="stable")
    cells = p.shape[-1]
    steps = np.take_along_axis(p, order, axis=-1) * np.arange(cells, 0, -1)
    climbing = np.minimum(np.maximum.accumulate(steps, axis=-1), 1.0)
    result = np.empty_like(climbing)
    np.put_along_axis(result, order, climbing, axis=-1)
    return result
