"""Ranks are shared by what cannot be told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factories import cell, failed, result, trial

from bench.analyse.ranking import ranked, shared_ranks
from bench.analyse.stats import summary
from bench.core.score import ACCURACY
from bench.record.collect import trials_frame

if TYPE_CHECKING:
    import pandas as pd


def summarised(**accuracies: tuple[float, ...]) -> pd.DataFrame:
    trials = [
        trial(cell(name), seed, accuracy=accuracy)
        for name, values in accuracies.items()
        for seed, accuracy in enumerate(values)
    ]
    return summary(trials_frame(result(*trials)), ACCURACY)


def ranks(frame: pd.DataFrame) -> dict[str, int]:
    return {cell_id.partition("@")[0]: rank for cell_id, rank in shared_ranks(frame, ACCURACY).items()}


def test_groups_share_the_rank_of_their_first() -> None:
    """Two pairs that overlap, far from each other: ranks 1, 1, 3, 3, whatever the order of the plan."""
    frame = summarised(d=(0.900, 0.904), a=(0.980, 0.984), b=(0.979, 0.984), c=(0.901, 0.904))
    assert {"a": 1, "b": 1, "c": 3, "d": 3} == ranks(frame)


def test_a_group_ends_at_the_first_cell_that_can_be_told_from_its_first() -> None:
    """Each neighbour overlaps, and still the third is apart from the first: it opens a group of its own."""
    frame = summarised(
        a=(0.9800, 0.9801, 0.9802), b=(0.9780, 0.9795, 0.9810), c=(0.9770, 0.9771, 0.9772), d=(0.9765, 0.9770, 0.9775)
    )
    assert {"a": 1, "b": 1, "c": 3, "d": 3} == ranks(frame)


def test_one_seed_shares_no_rank() -> None:
    """Without an interval nothing is claimed about a group; the badge of the report says the rest."""
    assert {"a": 1, "b": 2} == ranks(summarised(a=(0.98,), b=(0.98,)))


def test_a_cell_without_a_result_has_no_rank_and_stands_last() -> None:
    """A failure is no last place."""
    frame = summary(trials_frame(result(failed(cell("x")), trial(cell("a")))), ACCURACY)
    assert {"a": 1} == ranks(frame)
    assert ["a@mnist@cpu", "x@mnist@cpu"] == ranked(frame, ACCURACY)["cell_id"].tolist()
