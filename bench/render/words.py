"""Words that depend on the run: what an example is called, and a value of its score in a sentence."""

from __future__ import annotations

import math
from numbers import Integral
from typing import TYPE_CHECKING

from bench.core.formatting import MISSING, count

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from bench.core.score import Score
    from bench.record.records import DatasetRecord


CELL = "An architecture on a data set and a device with its settings."
NETWORK = "An architecture on a data set with its settings, wherever it is trained."
"""What a row of a leaderboard is."""
ONE_SEED = "one seed: no rank"
"""What a cell says that has a result and no rank."""


def ranking_note(summary: pd.DataFrame, each: str = "cell") -> str:
    """How the ranks of one data set are made and how often they err, where these ranks stand.

    Args:
        summary: the rows of the data set, of `bench.analyse.networks.Networks.rows`.
        each: what a row is.
    """
    ranked = int(summary["rank"].notna().sum())
    if not ranked:
        return "" if not int((summary["n"] > 0).sum()) else f"One seed per {each}: the data cannot rank the {each}s."
    text = f"Rank: 1 + the number of {each}s that are better by more than chance"
    if ranked > 1:
        pairs = math.comb(ranked, 2)
        text += f" (t tests of {pairs:,} pairs, error 5 % for all together)" if pairs > 1 else " (t test, error 5 %)"
    text += f". {each.capitalize()}s that the data cannot separate share a rank."
    return text + (f" A {each} with one seed has no rank." if bool((summary["n"] == 1).any()) else "")


def ranking_notes(summary: pd.DataFrame, each: str = "cell") -> tuple[str, ...]:
    """The same for all data sets of a run, each sentence once."""
    notes = (ranking_note(cells, each) for _, cells in summary.groupby("dataset", sort=False))
    return tuple(dict.fromkeys(note for note in notes if note))


def rank_text(rank: object) -> str:
    """A rank of the summary; `-` where a cell has none."""
    return count(int(rank)) if isinstance(rank, Integral) else MISSING


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
