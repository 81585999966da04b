"""Training time beside the baseline's: a ratio of times with its interval. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scipy import special

from bench.analyse.gate.side import uncontended_epoch_s
from bench.analyse.intervals import CONFIDENCE, Interval, Sample, sample, weighted_interval
from bench.record.baseline import digest
from bench.record.evidence import Obstacle, Pace, TimeVerdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.record.records import TrialRecord

FEWEST = 3
"""Timed trials on either side without which a deviation of times is hardly known."""

ROUNDING_S = 1e-6
"""Baselines keep times in whole microseconds: finer differences of times are not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A ratio of times with its 95 % interval."""

    value: float
    low: float
    high: float


def compare_times(before: Sequence[float], now: Sequence[float], margin: float) -> TimeVerdict:
    """Whether training got slower: the interval of `ratio_of_times` against the margin.

    Args:
        before: seconds per epoch of the accepted trials that ran alone.
        now: seconds per epoch of the current ones.
        margin: the largest ratio that is accepted.
    """
    few = {Obstacle.FEW_ACCEPTED: before, Obstacle.FEW_CURRENT: now}
    for obstacle, times in few.items():
        if len(times) < FEWEST:
            return not_comparable(obstacle, accepted=str(len(before)), current=str(len(now)))
    ratio = ratio_of_times([(before, now)])
    pace = Pace.SLOWER if ratio.low > margin else Pace.KEPT if ratio.high <= margin else Pace.UNCLEAR
    return TimeVerdict(pace=pace, ratio=ratio.value, low=ratio.low, high=ratio.high, margin=margin)


def ratio_of_times(pairs: Sequence[tuple[Sequence[float], Sequence[float]]]) -> Ratio:
    """The geometric mean time now over that before, with its 95 % interval; of several cells their geometric mean.

    Ratios are averaged by their logarithms, so that half as long and twice as long are even (Fleming and Wallace,
    Communications of the ACM 29 (1986), pages 218 to 221). The interval is the t interval of a difference of mean
    logarithms (log-normal times; Crow and Shimizu, Lognormal Distributions, 1988, chapter 2). It is asked twice and the
    wider answer counts: of Welch with the degrees of freedom of Satterthwaite, which allows for unequal deviations, and
    of Student with one deviation for all sides, which holds where Welch's has few degrees of freedom by chance.

    Args:
        pairs: per cell the seconds before and the seconds now; at least one cell, two times on either side, no time 0.
    """
    share = 1 / len(pairs)
    parts = [
        (weight, _logarithms(times)) for before, now in pairs for weight, times in ((-share, before), (share, now))
    ]
    value = math.fsum(weight * sample.mean for weight, sample in parts)
    reach = max((interval.high - interval.low) / 2 for interval in (weighted_interval(parts), _pooled(parts)))
    return Ratio(value=math.exp(value), low=math.exp(value - reach), high=math.exp(value + reach))


def not_comparable(obstacle: Obstacle, *, accepted: str = "", current: str = "") -> TimeVerdict:
    """The verdict where times of two environments or engines would be compared, or there are too few."""
    return TimeVerdict(pace=Pace.NOT_COMPARABLE, obstacle=obstacle, accepted=accepted, current=current)


def machines_of(trials: Iterable[TrialRecord]) -> set[str]:
    """The machines that gave the times that count, as hashes; an empty one where it was not recorded.

    Of a GPU's times the GPU is part of the machine.
    """
    return {_machine(trial) for trial in trials if uncontended_epoch_s(trial) is not None}


def machine_of(trials: Iterable[TrialRecord]) -> str:
    """The one machine that gave them; empty where there is none, or several."""
    machines = machines_of(trials)
    return machines.pop() if len(machines) == 1 else ""


def machine_obstacle(accepted: str, current: set[str]) -> Obstacle | None:
    """Why times of these machines cannot be compared; None where they can.

    Args:
        accepted: of the accepted times.
        current: of the current ones.
    """
    if not accepted:
        return Obstacle.NO_ACCEPTED_MACHINE
    if "" in current:
        return Obstacle.NO_CURRENT_MACHINE
    return None if current == {accepted} else Obstacle.MACHINE


def _machine(trial: TrialRecord) -> str:
    device = trial.outcome.device
    if not trial.machine or device is None or device.name == "cpu":
        return trial.machine
    return digest([trial.machine, device.description, device.memory_bytes, device.driver])


def _logarithms(times: Sequence[float]) -> Sample:
    """The sample of the logarithms, whose deviation is at least what rounding alone makes (a uniform error)."""
    logarithms = sample([math.log(time) for time in times])
    return replace(logarithms, std=max(logarithms.std, ROUNDING_S / min(times) / math.sqrt(12)))


def _pooled(parts: Sequence[tuple[float, Sample]]) -> Interval:
    """Student's interval of a weighted sum of means, one deviation for all samples.

    Source: Snedecor and Cochran, Statistical Methods, 8th edition, section 6.4.
    """
    freedom = sum(sample.n - 1 for _, sample in parts)
    variance = math.fsum((sample.n - 1) * sample.std**2 for _, sample in parts) / freedom
    value = math.fsum(weight * sample.mean for weight, sample in parts)
    error = math.sqrt(variance * math.fsum(weight**2 / sample.n for weight, sample in parts))
    reach = float(special.stdtrit(freedom, (1 + CONFIDENCE) / 2)) * error
    return Interval(value - reach, value + reach)
