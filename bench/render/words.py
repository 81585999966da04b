"""Words that depend on the run: what an example is called, and a value of its score in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.core.score import Score
    from bench.record.records import DatasetRecord


def example_word(datasets: Iterable[DatasetRecord], name: str | None = None) -> str:
    """`image` where all data are pictures, else `example`.

    Args:
        datasets: of a run.
        name: of the only data set that is meant; None for all of them.
    """
    meant = [data for data in datasets if name is None or data.name == name]
    return "image" if meant and all(data.picture for data in meant) else "example"


def with_direction(score: Score, value: float | None) -> str:
    """A value for a reader who may not know that lower is better: `MAE 41.23 (lower is better)`."""
    return score.labelled(value) if score.higher_is_better else f"{score.labelled(value)} ({score.direction})"


def with_unit(score: Score, text: str) -> str:
    """A printed difference or interval of differences with its unit: `0.52 points`, `1.3`."""
    return f"{text} {score.unit}".rstrip()
