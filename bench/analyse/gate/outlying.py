"""Seeds that ended far below every accepted one: a fault that hits few seeds moves no mean far enough to be seen. Pure.

A training that collapses now and then is no shift, and tests of means are blind to it: one bad seed of five raises the
deviation more than it lowers the mean. So a single seed can turn a check red, by a rule of its own with a rate of its
own. Where accepted seeds collapse as well, the rule asks whether more of them do now; and a cell whose seeds all
collapsed has dropped only if that is more than the usual rate explains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from bench.analyse.gate.samples import medians, moments
from bench.analyse.gate.spread import moderated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.analyse.gate.samples import Samples

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]

MARGINS = 4
DEVIATIONS = 20
"""Far is further than so many margins and so many deviations."""

TO_DEVIATION = 1.4826
"""The deviation of normal values over the median of their distances from the median (Huber, Robust Statistics, Wiley
1981, section 5.1)."""

SMALL_SAMPLES = {2: 1.42, 3: 1.87, 4: 1.49, 5: 1.34, 6: 1.26, 7: 1.21, 8: 1.18, 9: 1.15, 10: 1.14}
"""How much larger the deviation of few seeds is as a rule: over the median of what the line above makes of them."""


@dataclass(frozen=True, slots=True)
class Outlying:
    """What single seeds say of a check; arrays (..., cells).

    Attributes:
        red: bool, cells with a seed so far below every accepted one that it is no chance.
        suspect: bool, cells with a seed as far below every accepted one, whether that can be chance or not: they do not
            pass.
        p_drop: float64, how probable so many collapsed seeds are at the rate of the accepted ones; 0 where none is, or
            no accepted seed collapsed. A p-value of a drop is never smaller.
        p_gain: float64, the same of the collapsed accepted seeds of the cell: a cell whose accepted seeds collapsed
            gains by chance.
    """

    red: Flags
    suspect: Flags
    p_drop: Floats
    p_gain: Floats

    @classmethod
    def none(cls, shape: tuple[int, ...]) -> Outlying:
        """What is said of cells whose single seeds are not known."""
        none = np.zeros(shape, dtype=bool)
        return cls(none, none, np.zeros(shape), np.zeros(shape))


def outlying(samples: Samples, margin: Floats, level: float) -> Outlying:
    """What single seeds say of a check.

    A seed is far below where it is below the median of the accepted ones by more than four margins and more than twenty
    deviations. It is red where it is as far below the lowest accepted one, a t test of one further seed finds it
    improbable at `level` over all current seeds of the check (Bonferroni), and, if accepted seeds are far below as
    well, Fisher's exact test finds that more current ones are, at the same level.

    Sources: the test of one further value is that of the prediction interval, Hahn and Meeker, Statistical Intervals,
    Wiley 1991, chapter 4; Fisher, The Design of Experiments, 1935, chapter 2, section 21.1 of later editions.

    Args:
        samples: of a check.
        margin: (cells,) or (..., cells), in the unit of the gains.
        level: of false alarms by this rule, over the whole check.
    """
    base, current = samples.base, samples.current
    accepted = moments(base)
    enough = accepted.n > 1
    far, middle = _far(samples, margin, enough)
    collapsed = _below(base, middle - far)
    collapsed_now = _below(current, middle - far)
    k, all_accepted = (_total(flags) for flags in (collapsed, ~np.isnan(base)))
    m, all_current = (_total(flags) for flags in (collapsed_now, ~np.isnan(current)))
    more = k == 0
    some = ~more
    if some.any():
        from scipy import stats  # noqa: PLC0415  takes half a second to import, and most checks need none of it

        chance = stats.hypergeom.sf((m - 1)[some], (all_accepted + all_current)[some], (k + m)[some], all_current[some])
        more[some] = chance <= level
    variance = moderated(accepted.variance, np.maximum(accepted.n - 1, 0), samples.step**2 / 4)
    with np.errstate(invalid="ignore", divide="ignore"):
        worst = np.where(np.isnan(current), np.inf, current).min(axis=-1)
        error = np.sqrt(variance.value * (1 + 1 / accepted.n))
        chance = special.stdtr(np.maximum(variance.freedom, 1.0), (worst - accepted.mean) / error)
        lowest = np.where(np.isnan(base), np.inf, base).min(axis=-1)
        suspect = enough & (worst < lowest - far)
        red = suspect & more & (chance * all_current <= level)
        rate = k / np.maximum(all_accepted, 1)
    return Outlying(red, suspect, _by_rate(collapsed_now, current, rate), _by_rate(collapsed, base, rate))


def _far(samples: Samples, margin: Floats, enough: Flags) -> tuple[Floats, Floats]:
    """How far is far in each cell, and the median of its accepted seeds; NaN where there are fewer than two."""
    there = np.where(enough[..., None], samples.base, 0.0)
    middle = np.where(enough, medians(there), np.nan)
    distances = medians(np.abs(there - np.where(enough, middle, 0.0)[..., None]))
    n = (~np.isnan(samples.base)).sum(axis=-1)
    few = np.select([n == number for number in SMALL_SAMPLES], list(SMALL_SAMPLES.values()), 1 + 1.3 / np.maximum(n, 1))
    deviation = np.maximum(TO_DEVIATION * few * distances, samples.step / 2)
    usual = medians(np.where(enough, deviation, np.nan))[..., None]
    return np.maximum(MARGINS * margin, DEVIATIONS * np.maximum(deviation, usual)), middle


def _below(values: Floats, limit: Floats) -> Flags:
    """Which values are below the limit of their cell; NaN is not."""
    with np.errstate(invalid="ignore"):
        below: Flags = values < limit[..., None]
    return below


def _total(flags: Flags) -> NDArray[np.int64]:
    """How many over all cells and seeds of each check, (..., 1)."""
    total: NDArray[np.int64] = flags.sum(axis=(-2, -1))[..., None]
    return total


def _by_rate(collapsed: Flags, values: Floats, rate: Floats) -> Floats:
    """P(as many seeds of a cell collapse, or more, at this rate); 0 where none did or the rate is 0."""
    hits = collapsed.sum(axis=-1)
    n = (~np.isnan(values)).sum(axis=-1)
    some = (hits > 0) & (rate > 0)
    chance = np.zeros(hits.shape)
    if not some.any():
        return chance
    from scipy import stats  # noqa: PLC0415  takes half a second to import, and most checks need none of it

    chance[some] = stats.binom.sf(hits[some] - 1, n[some], np.broadcast_to(rate, hits.shape)[some])
    return chance
