"""Where a published figure falls among our own seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analyse.intervals import Interval, mean_interval, prediction_interval, sample
from bench.analyse.stats import by_cell, ok_trials

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from bench.record.records import Published


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedComparison:
    """A cell of ours beside the figure published for its architecture. Accuracies are fractions in [0, 1].

    A published figure is one run of unknown seed, so the question is whether it could be one more seed of ours.

    Attributes:
        accuracies: of our OK trials, in the order of the plan.
        interval: 95 % t interval of our mean; unknown for fewer than two trials.
        prediction: 95 % interval for a single further seed; unknown for fewer than two trials.
        at_or_above: how many of our seeds reach the published figure.
    """

    architecture: str
    cell_id: str
    dataset: str
    published: float
    source: str
    accuracies: tuple[float, ...]
    mean: float
    interval: Interval
    prediction: Interval
    at_or_above: int

    @property
    def n(self) -> int:
        """How many of our trials the figure is compared with."""
        return len(self.accuracies)

    @property
    def within_range(self) -> bool:
        """Whether the published figure lies between our lowest and our highest seed."""
        return min(self.accuracies) <= self.published <= max(self.accuracies)

    @property
    def within_prediction(self) -> bool | None:
        """Whether one further seed of ours could plausibly give the figure; None for fewer than two trials."""
        return self.prediction.holds(self.published) if self.prediction.known else None


def published_comparison(trials: pd.DataFrame, published: Mapping[str, Published]) -> tuple[PublishedComparison, ...]:
    """Each cell with an OK trial whose architecture has a figure for the cell's data set, in the order of the plan.

    Cells are compared one by one: picking an architecture's best cell by its test accuracy, or pooling cells of other
    settings, would flatter us.

    Args:
        trials: the frame of `bench.record.collect.trials_frame`.
        published: figures by name of architecture, each with the data set it was published for.
    """
    found = []
    for cell_id, cell_trials in by_cell(ok_trials(trials)):
        architecture, dataset = (str(cell_trials[column].iloc[0]) for column in ("architecture", "dataset"))
        figure = published.get(architecture)
        if figure is None or figure.dataset != dataset:
            continue
        accuracies = tuple(float(value) for value in cell_trials["score"])
        values = sample(list(accuracies))
        found.append(
            PublishedComparison(
                architecture=architecture,
                cell_id=cell_id,
                dataset=dataset,
                published=figure.accuracy,
                source=figure.source,
                accuracies=accuracies,
                mean=values.mean,
                interval=mean_interval(values).clipped(0.0, 1.0),
                prediction=prediction_interval(values).clipped(0.0, 1.0),
                at_or_above=sum(accuracy >= figure.accuracy for accuracy in accuracies),
            )
        )
    return tuple(found)
