"""A run as the index lists it."""

from __future__ import annotations

import math
from collections import Counter
from statistics import fmean
from typing import TYPE_CHECKING

from bench.analyse.networks import networks_of
from bench.record.index import BestCell, RunEntry
from bench.record.records import Status
from bench.record.verdicts import WORST_FIRST

if TYPE_CHECKING:
    from bench.core.score import Score
    from bench.record.records import RunResult, TrialRecord
    from bench.record.verdicts import Judgement


def run_entry(result: RunResult, judgement: Judgement | None) -> RunEntry:
    """What the index says of a run.

    Args:
        result: the run.
        judgement: of its last check; None where it was not checked.
    """
    run, environment = result.run, result.run.environment
    counts = Counter() if judgement is None else Counter(cell.verdict for cell in judgement.cells)
    return RunEntry(
        run_id=run.run_id,
        suite=run.suite_name,
        started_at=run.started_at,
        status=run.status,
        score=run.score,
        wall_time_s=run.wall_time_s,
        follows=str(run.asked.get("follows") or ""),
        revision=(environment.git_revision or "") if environment else "",
        dirty=bool(environment and environment.git_dirty),
        cells=len({trial.cell.id for trial in result.trials}),
        planned=len(run.planned),
        ok=sum(trial.status is Status.OK for trial in result.trials),
        best=best_cell(networks_of(result).references(result).trials, run.score),
        verdicts=tuple((verdict, counts[verdict]) for verdict in WORST_FIRST if counts[verdict]),
        exit_code=None if judgement is None else int(judgement.exit_code),
        notices=len(run.notices),
    )


def best_cell(trials: tuple[TrialRecord, ...], score: Score) -> BestCell | None:
    """The cell with the best mean over its OK trials, the first of equals; None where no trial has a score."""
    values: dict[str, list[float]] = {}
    times: dict[str, list[float]] = {}
    for trial in trials:
        value = trial.outcome.value(score) if trial.status is Status.OK else None
        if value is None or not math.isfinite(value):
            continue
        values.setdefault(trial.cell.id, []).append(value)
        if not trial.contention and trial.outcome.phases.train_time_s is not None:
            times.setdefault(trial.cell.id, []).append(trial.outcome.phases.train_time_s)
    if not values:
        return None
    means = {cell_id: fmean(reached) for cell_id, reached in values.items()}
    best = max(means, key=lambda cell_id: score.gain(means[cell_id]))
    return BestCell(
        cell_id=best,
        mean=means[best],
        seeds=len(values[best]),
        train_time_s=fmean(times[best]) if best in times else None,
    )
