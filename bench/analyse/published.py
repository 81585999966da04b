"""Where a published figure falls among our own seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analyse.intervals import CONFIDENCE, Interval, mean_interval, prediction_interval, score_sample
from bench.analyse.stats import by_cell, ok_trials
from bench.core.score import ACCURACY

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from bench.core.score import Score
    from bench.record.records import Published


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedComparison:
    """A cell of ours and the figure published for its architecture.

    A published figure is one run of unknown seed, so the question is whether it could be one more seed of ours.

    Attributes:
        score: what both are.
        scores: of our OK trials, in the order of the plan.
        interval: 95 % t interval of our mean; unknown for fewer than two trials.
        prediction: interval for a single further seed, 95 % for all cells together whose figures are judged
            (Bonferroni); unknown for fewer than two trials.
        reached: how many of our seeds are as good as the published figure or better.
    """

    architecture: str
    cell_id: str
    dataset: str
    score: Score
    published: float
    source: str
    scores: tuple[float, ...]
    mean: float
    interval: Interval
    prediction: Interval
    reached: int

    @property
    def n(self) -> int:
        """How many of our trials the figure is compared with."""
        return len(self.scores)

    @property
    def within_range(self) -> bool:
        """Whether the published figure lies between our lowest and our highest seed."""
        return min(self.scores) <= self.published <= max(self.scores)

    @property
    def within_prediction(self) -> bool | None:
        """Whether one further seed of ours could plausibly give the figure; None for fewer than two trials."""
        return self.prediction.holds(self.published) if self.prediction.known else None


def published_value(figure: Published, score: Score) -> float | None:
    """The published figure by a score; None where it is published by another one."""
    return figure.accuracy if score.name == ACCURACY.name and figure.value is None else figure.value


def published_comparison(
    trials: pd.DataFrame, published: Mapping[str, Published], score: Score
) -> tuple[PublishedComparison, ...]:
    """Each cell with an OK trial whose architecture has a figure for the cell's data set, in the order of the plan.

    Cells are compared one by one: picking an architecture's best cell by its test score, or pooling cells of other
    settings, would flatter us.

    Args:
        trials: the frame of `bench.record.collect.trials_frame`.
        published: figures by name of architecture, each with the data set it was published for.
        score: of the run; figures of another one are not compared.
    """
    compared = []
    for _, cell_trials in by_cell(ok_trials(trials)):
        architecture, dataset = (str(cell_trials[column].iloc[0]) for column in ("architecture", "dataset"))
        figure = published.get(architecture)
        value = published_value(figure, score) if figure and figure.dataset == dataset else None
        if figure is not None and value is not None:
            compared.append((cell_trials, figure, value))
    judged = sum(len(cell_trials) > 1 for cell_trials, _, _ in compared)
    confidence = 1 - (1 - CONFIDENCE) / max(judged, 1)
    return tuple(_comparison(*figures, score, confidence) for figures in compared)


def _comparison(
    trials: pd.DataFrame, figure: Published, value: float, score: Score, confidence: float
) -> PublishedComparison:
    scores, images = tuple(float(reached) for reached in trials["score"]), trials["test_images"].max()
    # NaN, which is not itself, where that was not recorded
    values = score_sample(scores, score, int(images) if images == images else 0)  # noqa: PLR0124
    prediction = prediction_interval(values, confidence)
    return PublishedComparison(
        architecture=str(trials["architecture"].iloc[0]),
        cell_id=str(trials["cell_id"].iloc[0]),
        dataset=str(trials["dataset"].iloc[0]),
        score=score,
        published=value,
        source=figure.source,
        scores=scores,
        mean=values.mean,
        interval=mean_interval(values).clipped(score.floor, score.ceiling),
        prediction=prediction.clipped(score.floor, score.ceiling),
        reached=sum(not score.better(value, ours) for ours in scores),
    )
