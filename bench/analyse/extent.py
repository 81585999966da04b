"""How much of a large run a report shows: the best cells of each data set, and those on its Pareto fronts.

Statistics, ranks, headlines and the charts of whole axes use all cells; lists and charts of single cells use these.
Pure.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.analyse.pareto import pareto_front
from bench.analyse.ranking import ranked
from bench.record.records import Status

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd

    from bench.core.score import Score
    from bench.record.records import RunResult

MOST_CELLS = 1_000
"""The most cells that a report lists and draws, without those on Pareto fronts: a larger page opens slowly."""


def shown_cells(cells: pd.DataFrame, score: Score, most: int | None = None, *, places: int = 1) -> frozenset[str]:
    """The ids of the cells that a report shows: all of them, or the best of each data set and its Pareto fronts.

    Args:
        cells: of `bench.analyse.stats.summary`.
        score: of the run.
        most: how many cells are shown at most, without the fronts; data sets get equal parts. None for `MOST_CELLS`.
        places: how often a page draws each cell.
    """
    most = (most or MOST_CELLS) // places
    if len(cells) <= most:
        return frozenset(map(str, cells["cell_id"]))
    groups = list(cells.groupby("dataset", sort=False))
    kept = {
        str(cell_id) for _, group in groups for cell_id in ranked(group, score)["cell_id"].head(most // len(groups))
    }
    timed = cells[(cells["timed"] > 0) & cells["train_time_median_s"].notna()]
    for _, group in timed.groupby(["dataset", "device"], sort=False):
        kept.update(pareto_front(group, score)[:most])
    return frozenset(kept)


def only(result: RunResult, cells: Collection[str]) -> RunResult:
    """The run with the trials of some of its cells; the same object if these are all of its cells."""
    trials = tuple(trial for trial in result.trials if trial.cell.id in cells)
    return result if len(trials) == len(result.trials) else replace(result, trials=trials)


def best_part(result: RunResult, most: int | None = None) -> RunResult:
    """The run with the trials of its best cells by the mean of their seeds; the very same run where it has no more.

    Args:
        result: the run.
        most: cells; None for `MOST_CELLS`.
    """
    most = most or MOST_CELLS
    score, values = result.run.score, dict[str, list[float]]()
    for trial in result.trials:
        values.setdefault(trial.cell.id, [])
        value = trial.outcome.value(score) if trial.status is Status.OK else None
        if value is not None:
            values[trial.cell.id].append(value)
    if len(values) <= most:
        return result
    means = {cell_id: score.sign * math.fsum(of) / len(of) for cell_id, of in values.items() if of}
    return only(result, set(sorted(means, key=lambda cell_id: -means[cell_id])[:most]))
