"""Ranks that say no more than the seeds do: the one rule behind every table, title and sentence that ranks cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.analyse.differences import FEWEST
from bench.analyse.intervals import Sample
from bench.analyse.separation import separation

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import pandas as pd

    from bench.core.score import Score


def ranked(summary: pd.DataFrame, score: Score) -> pd.DataFrame:
    """The rows of one data set, the best mean score first, those without a result last, the plan's order kept."""
    return summary.sort_values("score_mean", ascending=not score.higher_is_better, kind="stable", na_position="last")


def cell_sample(row: Mapping[Hashable, Any] | pd.Series[Any], score: Score) -> Sample:
    """What statistics need to know of a cell.

    Args:
        row: of `bench.analyse.stats.summary`, with at least one OK trial.
        score: of the run.
    """
    mean, images = float(row["score_mean"]), row["test_images"]
    return Sample(
        n=int(row["n"]),
        mean=mean,
        std=float(row["score_std"]),
        step=score.step(int(images) if images == images else 0, mean),  # noqa: PLR0124  NaN where not recorded
        at_bound=row["score_min"] <= score.floor or row["score_max"] >= score.ceiling,
    )


def ranks(summary: pd.DataFrame, score: Score) -> dict[str, int]:
    """The rank of each cell by id: one more than the number of cells that are better by more than chance.

    That is the lower end of a confidence interval of the true rank; together, these ends hold at the error rate of the
    comparisons of all pairs (`bench.analyse.separation`): of data sets whose cells are all equal, at most 5 % show a
    rank other than 1. Source: Al Mohamad, Goeman and van Zwet, Simultaneous confidence intervals for ranks with
    application to ranking institutions, Biometrics 78 (2022), pages 238 to 247.

    A cell with one seed has no rank, since nothing says how much another seed would differ; nor has one without a
    result. Neither takes part in the others' ranks.

    Args:
        summary: the rows of one data set; cell_id, n, test_images and the columns of the score are read.
        score: of the run.
    """
    judged = summary[summary["n"] >= FEWEST]
    ids = [str(cell_id) for cell_id in judged["cell_id"]]
    ahead = separation([cell_sample(row, score) for row in judged.to_dict("records")]).ahead(score.sign)
    return {cell_id: int(better) + 1 for cell_id, better in zip(ids, ahead, strict=True)}
