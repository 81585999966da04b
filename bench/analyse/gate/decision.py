"""From seeds to verdicts: who passed, who regressed, with the error rates of a whole grid. Pure.

Verdicts of many cells at once are arrays of `Call`; the gate of one run is the same code with one row. `decided` is the
only loop over looks: `judge`, `power` and the simulations all go through it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np

from bench.analyse.gate.evidence import Estimate, Evidence, contradicted, estimate, evidence
from bench.analyse.gate.outlying import Outlying, outlying

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from bench.analyse.gate.samples import Samples

    Calls = NDArray[np.int8]
    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]


class Call(IntEnum):
    """What statistics say of a cell."""

    INCONCLUSIVE = 0
    PASS = 1
    IMPROVED = 2
    REGRESSED = 3


FOR_SINGLE_SEEDS = 0.1
"""The part of alpha that the rule for single outlying seeds may spend."""


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
        """What one look may spend on false alarms about means."""
        return (1 - FOR_SINGLE_SEEDS) * self.alpha / self.looks

    @property
    def alpha_for_single_seeds(self) -> float:
        """What one look may spend on false alarms about single seeds."""
        return FOR_SINGLE_SEEDS * self.alpha / self.looks

    @property
    def missed_per_look(self) -> float:
        """What one look may spend on drops that pass."""
        return self.missed / self.looks


Arrays = TypeVar("Arrays", Evidence, Estimate)

Rule = Literal["difference", "margin"]
"""What REGRESSED means: `difference`, a drop of any size that is significant in a cell that does not pass; `margin`,
a drop that is significantly larger than the margin."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a check comes to; arrays (..., cells).

    Attributes:
        calls: int8, values of `Call`.
        outlying: bool, cells that are REGRESSED because of a single seed, and not by their means.
        barred: bool, cells whose seeds would pass if it were not for some that contradict them.
        look: int64, the look at which each cell was decided; the last one where it was not.
        stands: the evidence that each call stands on.
        of: the differences, by the look that each call stands on.
    """

    calls: Calls
    outlying: Flags
    barred: Flags
    look: NDArray[np.int64]
    stands: Evidence
    of: Estimate


def decided(samples: Samples, margin: Floats, rates: Rates, *, rule: Rule = "difference", looks: int = 1) -> Decision:
    """The calls of a check after so many looks.

    Decided cells keep their call and the evidence it was made on; that evidence still takes part in Holm's procedure.
    A false alarm at any look needs a p-value of an unchanged cell, valid at that look, of at most alpha_per_look over
    the number of unchanged cells; so the rates of the looks add up to at most alpha.

    Args:
        samples: of all looks.
        margin: (cells,), the largest drop that is accepted.
        rates: of the check.
        rule: what REGRESSED means.
        looks: how often the seeds were looked at so far.
    """
    looks_seen = (_shown(samples.at(number), margin, rates) for number in range(1, looks + 1))
    return _over_looks(looks_seen, margin, rates, rule)


def decided_on(looks: Sequence[Estimate], margin: Floats, rates: Rates, rule: Rule) -> Calls:
    """The calls of a check whose differences are known look by look, and whose single seeds are not.

    Args:
        looks: at least one.
        margin: (..., cells).
        rates: of the check.
        rule: what REGRESSED means.
    """
    return _over_looks(((of, Outlying.none(of.difference.shape)) for of in looks), margin, rates, rule).calls


def _shown(samples: Samples, margin: Floats, rates: Rates) -> tuple[Estimate, Outlying]:
    """What one look shows; seeds that contradict the pairs bar a cell from passing as a single one far below does."""
    of, single = estimate(samples), outlying(samples, margin, rates.alpha_for_single_seeds)
    return of, replace(single, suspect=single.suspect | contradicted(samples, of, rates.alpha_per_look))


def _over_looks(looks: Iterable[tuple[Estimate, Outlying]], margin: Floats, rates: Rates, rule: Rule) -> Decision:
    before: Decision | None = None
    for number, (of, single) in enumerate(looks, start=1):
        seen = evidence(of, margin, margin if rule == "margin" else 0.0)
        seen = replace(
            seen, p_drop=np.maximum(seen.p_drop, single.p_drop), p_gain=np.maximum(seen.p_gain, single.p_gain)
        )
        before = _look(before or _undecided(of, seen), number, of, seen, single, rates)
    assert before is not None  # noqa: S101  there is at least one look
    return before


def _undecided(of: Estimate, seen: Evidence) -> Decision:
    shape = of.difference.shape
    inconclusive, first = np.full(shape, Call.INCONCLUSIVE, dtype=np.int8), np.ones(shape, dtype=np.int64)
    none = np.zeros(shape, dtype=bool)
    return Decision(inconclusive, none, none, first, seen, of)


def _look(before: Decision, number: int, of: Estimate, seen: Evidence, single: Outlying, rates: Rates) -> Decision:  # noqa: PLR0917  all of them differ
    """The decision after one more look."""
    undecided = before.calls == Call.INCONCLUSIVE
    stands = _mixed(undecided, seen, before.stands)
    by_means = decide(stands, rates, single.suspect)
    outlies = undecided & single.red & (by_means != Call.REGRESSED)
    return Decision(
        np.where(undecided, np.where(outlies, Call.REGRESSED, by_means), before.calls).astype(np.int8),
        before.outlying | outlies,
        undecided & single.suspect & (stands.p_inferior <= rates.missed_per_look),
        np.where(undecided, number, before.look),
        stands,
        _mixed(undecided, of, before.of),
    )


def _mixed(chosen: Flags, first: Arrays, second: Arrays) -> Arrays:
    """The first where chosen, else the second; the fields' last axis is that of the cells."""
    names = [field.name for field in fields(first)]
    return type(first)(*(np.where(chosen, getattr(first, name), getattr(second, name)) for name in names))


def decide(seen: Evidence, rates: Rates, barred: Flags | bool = False) -> Calls:  # noqa: FBT001, FBT002  an array
    """A call for every cell.

    A cell passes where it is significantly better than a drop by its margin (a non-inferiority test; Walker and
    Nowacki, Journal of General Internal Medicine 26 (2011), pages 192 to 196), and has improved where it also gained
    significantly. It regressed where it does not pass and dropped significantly. Passing is a claim about that cell and
    has its own rate; the other two are alarms, and are corrected for the number of cells by Holm's procedure.

    Args:
        seen: arrays (..., cells); the last axis is one grid.
        rates: of the check.
        barred: cells that do not pass whatever their means say.

    Returns:
        (..., cells) int8, values of `Call`.
    """
    passed = (seen.p_inferior <= rates.missed_per_look) & ~np.asarray(barred)
    calls = np.full(passed.shape, Call.INCONCLUSIVE, dtype=np.int8)
    calls[~passed & holm(seen.p_drop, rates.alpha_per_look)] = Call.REGRESSED
    calls[passed] = Call.PASS
    calls[passed & holm(seen.p_gain, rates.alpha_per_look)] = Call.IMPROVED
    return calls


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
