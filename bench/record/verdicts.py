"""The result of a check: what the gate says of each cell, and why; the content of `verdict.json`."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic.dataclasses import dataclass

from bench.core.errors import ExitCode

# pydantic reads these annotations when it makes an adapter, so they are imported for real
from bench.core.score import ACCURACY, Score
from bench.record.evidence import (
    VALUE,
    Change,
    Difference,
    Drift,
    Flips,
    Obstacle,
    Pace,
    Seeds,
    TimeVerdict,
)

VERDICT_VERSION = 1


class Verdict(StrEnum):
    """What the gate says of a cell."""

    PASS = "PASS"  # noqa: S105  a verdict, not a password
    IMPROVED = "IMPROVED"
    REGRESSED = "REGRESSED"
    INCONCLUSIVE = "INCONCLUSIVE"
    MISSING = "MISSING"
    INVALID = "INVALID"


WORST_FIRST = (
    Verdict.REGRESSED, Verdict.INVALID, Verdict.MISSING, Verdict.INCONCLUSIVE, Verdict.IMPROVED, Verdict.PASS,
)  # fmt: skip
"""The order in which every table and sentence lists verdicts."""


class Cause(StrEnum):
    """What a verdict stands on."""

    SEEDS = "seeds"  # they were compared; the figures are in `difference`
    ABSENT = "absent"  # the run does not hold the cell
    OTHER_SCORE = "other score"
    OTHER_CELL = "other cell"  # other settings or data
    NO_SCORE = "no score"
    FEW_SEEDS = "few seeds"
    ONE_ACCEPTED_SEED = "one accepted seed"  # how far its seeds lie apart is not known
    SAME_WEIGHTS = "same weights"
    SAME_PREDICTIONS = "same predictions"  # of every seed that both sides trained
    OUTLYING_SEED = "outlying seed"  # one seed is far below every accepted one
    DOUBTFUL_SEEDS = "doubtful seeds"  # the seeds would pass, but for some that are far below the accepted ones


class Topic(StrEnum):
    """What a remark is about."""

    NOTICE = "notice"  # of the run
    RULES = "rules"
    PART = "part"
    ITSELF = "itself"
    ERRORS_NOT_KEPT = "errors not kept"
    SEEDS = "seeds"  # that were never accepted
    UNTIMED = "untimed"  # cells whose time was to be judged and could not be compared


@dataclass(frozen=True, slots=True, kw_only=True, config=VALUE)
class Grounds:
    """What a verdict stands on; a sentence is made of it.

    Attributes:
        trials: those without a score, or the seeds that came.
        statuses: of the trials without a score, and how many have each.
        needed: the seeds that were to come.
        planned: whether they were planned; else the gate asks for them.
        differing: settings and data that are not those accepted, or the score.
        detail: what a trial recorded of its failure.
        seed: the worst one.
        reached: its score.
        accepted_worst: the worst score of an accepted seed.
    """

    cause: Cause
    trials: int = 0
    statuses: tuple[tuple[str, int], ...] = ()
    needed: int = 0
    planned: bool = False
    differing: tuple[Change, ...] = ()
    detail: str = ""
    seed: int | None = None
    reached: float | None = None
    accepted_worst: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, config=VALUE)
class Remark:
    """What else the reader should know of a check.

    Attributes:
        text: a notice of the run, or the expression that chose its cells.
        differing: the rules of the suite that are not those accepted.
        number: a limit, or how many cells.
        seeds: of the run, with which some cell was never accepted.
        cells: of how many.
        obstacles: why their times are not comparable, and for how many each.
    """

    topic: Topic
    text: str = ""
    differing: tuple[Change, ...] = ()
    number: int = 0
    seeds: tuple[int, ...] = ()
    cells: int = 0
    obstacles: tuple[tuple[Obstacle, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, config=VALUE)
class Reach:
    """What a check with so many seeds can pass, if nothing changed; a check is green where all its cells pass.

    Attributes:
        margin: the narrowest margin at which 90 % of checks are green, the same for all cells, in the score's unit;
            None where there is none.
        green: the share of checks that are green at the margins in force, a fraction.
        seeds: current seeds of each cell.
        accepted: accepted seeds of each cell.
    """

    margin: float | None
    green: float
    seeds: int
    accepted: int


@dataclass(frozen=True, slots=True, kw_only=True, config=VALUE)
class Remedy:
    """How many seeds would make 90 % of checks green, if nothing changed, at the margins in force.

    Attributes:
        accepted: accepted seeds of each cell, with as many current ones as there are; None where no number is enough.
        seeds: current seeds of each cell, with as many accepted ones as there are; None where no number is enough.
    """

    accepted: int | None
    seeds: int | None


@dataclass(frozen=True, slots=True, kw_only=True, config=VALUE)
class CellVerdict:
    """What the gate says of one cell, and why.

    Attributes:
        reason: a sentence with the figures it stands on; empty until it is worded.
        margin: the largest accepted loss of this cell, in the score's unit.
        changed: the same as `differing`, in words.
        grounds: what the reason is made of; None in files of earlier versions.
        differing: what else differs from the baseline and is there to be judged: code, versions, engine.
    """

    cell_id: str
    verdict: Verdict
    reason: str = ""
    margin: float
    baseline: Seeds
    current: Seeds | None = None
    difference: Difference | None = None
    drift: Drift | None = None
    flips: Flips | None = None
    time: TimeVerdict | None = None
    changed: tuple[str, ...] = ()
    grounds: Grounds | None = None
    differing: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, config=VALUE)
class Judgement:
    """A check of one run.

    Attributes:
        runs: ids: the run that is judged, then those that brought more seeds.
        baseline: hash of the acceptance in force.
        accepted_at: when, UTC.
        gate: the rules it was judged by.
        looks: how often the seeds were looked at.
        cells: in the order of the baseline.
        unjudged: cells of the run that the baseline does not know.
        left_out: cells of the baseline that a partial check does not ask for.
        notes: what else the reader should know, in words.
        remarks: what the notes are made of.
        score: what was judged.
        reach: what these seeds can pass; None where it was not computed.
        remedy: how many seeds would settle inconclusive cells; None where it was not computed.
    """

    schema_version: int = VERDICT_VERSION
    suite: str
    runs: tuple[str, ...]
    baseline: str
    accepted_at: str
    gate: dict[str, Any]
    looks: int
    cells: tuple[CellVerdict, ...]
    unjudged: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    score: Score = ACCURACY
    reach: Reach | None = None
    remedy: Remedy | None = None

    def having(self, *verdicts: Verdict) -> tuple[CellVerdict, ...]:
        """The cells with any of these verdicts."""
        return tuple(cell for cell in self.cells if cell.verdict in verdicts)

    @property
    def slower(self) -> tuple[CellVerdict, ...]:
        """The cells whose training takes longer than the margin of time allows."""
        return tuple(cell for cell in self.cells if cell.time and cell.time.pace is Pace.SLOWER)

    @property
    def untimed(self) -> tuple[CellVerdict, ...]:
        """The cells whose time was to be judged, and could not be compared, or not decided by these trials."""
        return tuple(cell for cell in self.cells if cell.time and cell.time.pace in {Pace.NOT_COMPARABLE, Pace.UNCLEAR})

    @property
    def lacks_time(self) -> bool:
        """Whether the gate asks for the time of every cell, and does not have it."""
        return bool(self.gate.get("require_time")) and bool(self.untimed)

    @property
    def exit_code(self) -> ExitCode:
        """1 where something got worse, 4 where something could not be judged, else 0."""
        if self.having(Verdict.REGRESSED) or self.slower:
            return ExitCode.REGRESSED
        if not self.cells or self.having(Verdict.MISSING, Verdict.INVALID) or self.lacks_time:
            return ExitCode.NOT_JUDGED
        if not self.having(Verdict.INCONCLUSIVE):
            return ExitCode.OK
        rule = str(self.gate.get("on_inconclusive"))
        return {"fail": ExitCode.REGRESSED, "pass": ExitCode.OK}.get(rule, ExitCode.NOT_JUDGED)
