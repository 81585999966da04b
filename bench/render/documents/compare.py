"""`bench compare --json`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

# pydantic reads these annotations when it makes a schema, so they are imported for real
from bench.analyse.compare.changes import Change  # noqa: TC001
from bench.analyse.compare.comparison import Call  # noqa: TC001
from bench.analyse.compare.obstacles import Obstacle  # noqa: TC001
from bench.analyse.gate.pace import Ratio  # noqa: TC001
from bench.record.evidence import Flips  # noqa: TC001
from bench.render.documents.common import ScoreEntry, score_entry
from bench.render.documents.document import VERSION, number

if TYPE_CHECKING:
    from bench.analyse.compare.comparison import CellComparison, Comparison
    from bench.analyse.compare.party import CellSide, Party
    from bench.analyse.intervals import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class SideEntry:
    """A or B: a run or a baseline.

    Attributes:
        kind: `run` or `baseline`.
        run_id: the run that it is, or that was accepted.
        at: when the run started or was accepted; UTC, ISO 8601.
        trials: that there are.
        failures: of them, those without a score.
    """

    kind: str
    suite: str
    run_id: str
    at: str
    trials: int
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleEntry:
    """A cell on one side.

    Attributes:
        n: seeds with a score.
        mean, std: of their scores; null where there are too few.
        failures: trials without a score.
    """

    n: int
    mean: float | None
    std: float | None
    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CellEntry:
    """A cell that both sides have.

    Attributes:
        call: what the data say of its score, from A to B.
        difference: mean of B less mean of A, in the unit of the score.
        low, high: 95 % interval of the difference, for all cells of the comparison together.
        same_seeds: seeds with the same weights on both sides.
        time_ratio: training time of B over that of A; null where times cannot be compared, and `not_timed` says why.
        flips: test examples that most seeds judge differently; null where that is not known, and `not_flipped` says
            why.
        changes: what was declared or trained differently.
    """

    cell_id: str
    call: Call
    before: SampleEntry
    after: SampleEntry
    difference: float | None
    low: float | None
    high: float | None
    same_seeds: int
    time_ratio: Ratio | None
    not_timed: Obstacle | None
    flips: Flips | None
    not_flipped: Obstacle | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareDocument:
    """B compared with A.

    Attributes:
        before, after: A and B.
        equal: whether nothing differs at all.
        judged: how many cells have an interval.
        time_ratio: geometric mean over the cells whose times can be compared; null for none.
        shared_changes: what differs in the same way in all cells.
        environment: what differs between hosts, versions and checkouts.
        cells: that both sides have, in the order of A.
        only_before, only_after: ids of the cells that one side has.
    """

    before: SideEntry
    after: SideEntry
    score: ScoreEntry
    equal: bool
    judged: int
    time_ratio: Ratio | None
    shared_changes: tuple[Change, ...]
    environment: tuple[Change, ...]
    cells: tuple[CellEntry, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    version: int = VERSION


def compare_document(comparison: Comparison) -> CompareDocument:
    """A comparison as a document."""
    before, after = comparison.before, comparison.after
    return CompareDocument(
        before=_side(before),
        after=_side(after),
        score=score_entry(comparison.score),
        equal=comparison.equal,
        judged=comparison.judged,
        time_ratio=comparison.ratio,
        shared_changes=comparison.shared,
        environment=comparison.environment,
        cells=tuple(_cell(cell) for cell in comparison.cells),
        only_before=tuple(cell_id for cell_id in before.cells if cell_id not in after.cells),
        only_after=tuple(cell_id for cell_id in after.cells if cell_id not in before.cells),
    )


def _side(party: Party) -> SideEntry:
    accepted_at = party.acceptance.accepted_at if party.acceptance else ""
    return SideEntry(
        kind="run" if party.run else "baseline",
        suite=party.suite,
        run_id=party.run_id,
        at=party.run.started_at if party.run else accepted_at,
        trials=party.trials,
        failures=party.failures,
    )


def _cell(cell: CellComparison) -> CellEntry:
    return CellEntry(
        cell_id=cell.cell_id,
        call=cell.call,
        before=_sample(cell.before, cell.means[0]),
        after=_sample(cell.after, cell.means[1]),
        difference=number(cell.difference),
        low=number(cell.interval.low),
        high=number(cell.interval.high),
        same_seeds=cell.same,
        time_ratio=cell.ratio,
        not_timed=cell.untimed,
        flips=cell.flips,
        not_flipped=cell.unflipped,
        changes=cell.changes,
    )


def _sample(side: CellSide, sample: Sample) -> SampleEntry:
    return SampleEntry(
        n=sample.n,
        mean=number(sample.mean),
        std=number(sample.std),
        failures=side.failure.trials if side.failure else 0,
    )
