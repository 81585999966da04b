"""The result of a check, as `verdict.json` holds it. The JSON Schema of that file is made from these values."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import AliasChoices, ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

from bench.core.documents import read_json
from bench.core.errors import ExitCode
from bench.core.files import write_text

# pydantic reads these annotations when it makes an adapter, so they are imported for real
from bench.core.score import ACCURACY, Score
from bench.core.target import Task
from bench.declare.schema import GateKeys

if TYPE_CHECKING:
    from pathlib import Path

VERDICT_FILE, VERDICT_VERSION = "verdict.json", 1
VALUE = ConfigDict(extra="forbid", allow_inf_nan=False)


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


_JUDGEMENT = TypeAdapter(Judgement)


def write_verdict(judgement: Judgement, folder: Path) -> Path:
    """Write `verdict.json`; equal judgements give equal bytes."""
    content = {**_JUDGEMENT.dump_python(judgement, mode="json"), "exit_code": int(judgement.exit_code)}
    return write_text(folder / VERDICT_FILE, json.dumps(content, indent=1, allow_nan=False) + "\n")


def read_verdict(folder: Path) -> Judgement | None:
    """The judgement of a run folder; None where it was not judged, or by another version."""
    try:
        content = read_json(folder / VERDICT_FILE)
        if not isinstance(content, dict):
            return None
        content.pop("exit_code", None)
        # rules that an earlier version did not have are the usual ones
        content["gate"] = GateKeys.model_validate(content.get("gate")).model_dump(mode="json")
        return _JUDGEMENT.validate_json(json.dumps(content))
    except (OSError, ValueError):
        return None


def verdict_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `verdict.json`."""
    schema = _JUDGEMENT.json_schema(mode="serialization")
    schema["properties"]["exit_code"] = {"enum": [0, 1, 4], "description": "what `bench check` exits with"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "keras-bench verdict",
        "required": [*schema["required"], "exit_code"],
    }
