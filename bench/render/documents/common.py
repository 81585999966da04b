"""What several documents have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.core.score import Score
    from bench.record.records import RunRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreEntry:
    """By what cells are ranked and judged.

    Attributes:
        name: as a suite names it.
        low, high: its bounds; null where it has none.
        percent: whether people read it in percent. Every figure here is a fraction all the same.
    """

    name: str
    higher_is_better: bool
    low: float | None
    high: float | None
    percent: bool


def score_entry(score: Score) -> ScoreEntry:
    """A score as documents have it."""
    return ScoreEntry(
        name=score.name,
        higher_is_better=score.higher_is_better,
        low=score.low,
        high=score.high,
        percent=bool(score.unit),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEntry:
    """A run.

    Attributes:
        status: RUNNING, FINISHED or INTERRUPTED as the store has it; KILLED where its process is gone, `unknown` where
            that cannot be seen from this machine.
        started_at, finished_at: UTC, ISO 8601; null while it is not known.
        wall_time_s: seconds from start to the last record; null while it runs.
        planned: trials that the suite asked for.
        trials: that the store has.
        ok: of them, those with a result.
        jobs: trials at a time; 0 where an earlier version did not say.
        command: what to type to do it again.
        follows: the run for which this one brought more seeds; null for a run of its own.
        revision: Git revision in full; null where none was recorded.
        dirty: whether files differed from that revision; null where that is unknown.
        bench_version: of keras-bench that made it.
        notices: what a reader must know before any number, such as stand-in data.
    """

    run_id: str
    suite: str
    status: str
    started_at: str
    finished_at: str | None
    wall_time_s: float | None
    planned: int
    trials: int
    ok: int
    jobs: int
    score: ScoreEntry
    command: str
    follows: str | None
    revision: str | None
    dirty: bool | None
    bench_version: str
    notices: tuple[str, ...]


def run_entry(run: RunRecord, status: str, trials: int, ok: int) -> RunEntry:
    """A run as documents have it.

    Args:
        run: its record.
        status: as a reader sees it now.
        trials: that there are.
        ok: of them, those with a result.
    """
    environment = run.environment
    follows = run.asked.get("follows")
    return RunEntry(
        run_id=run.run_id,
        suite=run.suite_name,
        status=status,
        started_at=run.started_at,
        finished_at=run.finished_at,
        wall_time_s=run.wall_time_s,
        planned=len(run.planned),
        trials=trials,
        ok=ok,
        jobs=run.jobs,
        score=score_entry(run.score),
        command=run.command,
        follows=None if follows is None else str(follows),
        revision=(environment.git_revision or None) if environment else None,
        dirty=environment.git_dirty if environment else None,
        bench_version=run.bench_version,
        notices=run.notices,
    )
