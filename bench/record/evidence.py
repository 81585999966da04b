"""What a comparison with the baseline measured of one cell: scores, single examples, times, and what else differs."""

from __future__ import annotations

from enum import StrEnum

from pydantic import AliasChoices, ConfigDict, Field
from pydantic.dataclasses import dataclass

# pydantic reads these annotations when it makes an adapter, so they are imported for real
from bench.core.target import Task

VALUE = ConfigDict(extra="forbid", allow_inf_nan=False)


class Pace(StrEnum):
    """What the gate says of a cell's training time."""

    KEPT = "KEPT"
    SLOWER = "SLOWER"
    UNCLEAR = "UNCLEAR"
    NOT_COMPARABLE = "NOT COMPARABLE"


class Obstacle(StrEnum):
    """Why two training times cannot be compared."""

    ENVIRONMENT = "environment"
    NO_ACCEPTED_MACHINE = "no accepted machine"  # an earlier version did not record it, or there were several
    NO_CURRENT_MACHINE = "no current machine"
    MACHINE = "machine"
    ENGINE = "engine"
    FEW_ACCEPTED = "few accepted"
    FEW_CURRENT = "few current"


class Origin(StrEnum):
    """Which acceptance of the chain a drift is measured from."""

    FIRST = "first"
    BEST = "best"
    EARLIER = "earlier"  # neither: the seeds of the first and of the best cannot show the drop


@dataclass(frozen=True, slots=True, kw_only=True, config=VALUE)
class Seeds:
    """One side of a comparison.

    Attributes:
        n: how many seeds.
        mean: of their scores.
        std: n - 1 in the denominator; None for a single seed.
    """

    n: int
    mean: float
    std: float | None


@dataclass(frozen=True, slots=True, kw_only=True, config=VALUE)
class Difference:
    """The current mean less another, in the score's unit and sign, and what the seeds say about it.

    A drop is a change for the worse, a gain one for the better, whichever direction the score has.

    Attributes:
        value: a fraction for fractions; below 0 for a drop of a score of which higher is better.
        low: one-sided lower bound; it and `high` are each wrong with probability `level`.
        high: one-sided upper bound.
        level: the error rate of either bound.
        p_inferior: of a difference as good as this, if there were a drop by the margin.
        p_drop: of a difference as bad as this, if there were no drop (rule `margin`: none beyond the margin).
        p_drop_adjusted: the same after Holm's correction for all cells; REGRESSED needs it at most at the level of a
            look.
        p_gain_adjusted: of a difference as good as this, if nothing had changed, after the same correction.
        look: the look at which the cell was decided, 1 for the first.
        pairs: how many seeds of both sides were compared in pairs; 0 where the sides were compared as a whole.
    """

    value: float
    low: float
    high: float
    level: float
    p_inferior: float
    p_drop: float
    p_drop_adjusted: float
    p_gain_adjusted: float
    look: int
    pairs: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, config=VALUE)
class Drift:
    """A drop since an earlier acceptance of the chain: every step was accepted, and the steps add up.

    Attributes:
        since: when that acceptance was made, UTC.
        accepted: its seeds; `first` in files of earlier versions.
        value: the current mean less the accepted one, in the score's unit and sign.
        low: one-sided lower bound of `value`; it and `high` are each wrong with a probability of at most 5 %.
        high: one-sided upper bound.
        origin: which acceptance it is; earlier versions knew the first only.
    """

    since: str
    accepted: Seeds = Field(validation_alias=AliasChoices("accepted", "first"))
    value: float
    low: float
    high: float
    origin: Origin = Origin.FIRST


@dataclass(frozen=True, slots=True, kw_only=True, config=VALUE)
class Flips:
    """Test examples that most seeds judge differently than before.

    Attributes:
        lost: right before, wrong now; of values, further off now.
        gained: wrong before, right now; of values, nearer now.
        p: exact McNemar test that as many are lost as gained; of values, exact sign test.
        classes: the classes or labels that lost most, by name, with how many examples each lost on balance.
        swapped: pairs of classes whose labels seem to have been exchanged.
        task: what is predicted.
        ties: of values, examples that are as far off as before.
    """

    lost: int
    gained: int
    p: float
    classes: tuple[tuple[str, int], ...]
    swapped: tuple[tuple[str, str], ...]
    task: Task = Task.CLASSES
    ties: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, config=VALUE)
class TimeVerdict:
    """Training time compared with the baseline's.

    Attributes:
        reason: a sentence; empty until it is worded.
        ratio: time of an epoch now over the baseline's, of the geometric means over seeds; of the medians in files of
            earlier versions.
        low: lower end of its 95 % interval.
        high: upper end.
        margin: the largest ratio that is accepted.
        obstacle: why the times are not comparable; None where they are.
        accepted: the accepted engine, or how many accepted trials ran alone.
        current: the engines of the run, or how many of its trials ran alone.
    """

    pace: Pace
    reason: str = ""
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    margin: float | None = None
    obstacle: Obstacle | None = None
    accepted: str = ""
    current: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=VALUE)
class Change:
    """Something that differs from the baseline.

    Attributes:
        key: of a setting, or `data`, `code`, `environment`, `engine`.
        before: as accepted; None where it was not there.
        after: as it is; None where it is not there.
    """

    key: str
    before: str | None = None
    after: str | None = None
