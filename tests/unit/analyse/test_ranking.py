"""Ranks are shared by what the data cannot separate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from factories import cell, failed, result, trial

from bench.analyse.ranking import cell_sample, ranked
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
    known = frame[frame["rank"].notna()]
    return {cell_id.partition("@")[0]: int(rank) for cell_id, rank in zip(known["cell_id"], known["rank"], strict=True)}


def around(mean: float, spread: float = 0.0005) -> tuple[float, ...]:
    """Five seeds."""
    return tuple(mean + spread * step for step in (-1, -0.5, 0, 0.5, 1))


def test_a_rank_counts_the_cells_that_are_better() -> None:
    """Two pairs that overlap, far from each other: ranks 1, 1, 3, 3, whatever the order of the plan."""
    frame = summarised(d=around(0.9), a=around(0.981), b=around(0.9809), c=around(0.9001))
    assert {"a": 1, "b": 1, "c": 3, "d": 3} == ranks(frame)


def test_a_wide_cell_may_rank_before_a_better_mean() -> None:
    """No cell is better than the wide one by more than chance, and two are better than the one above it."""
    frame = summarised(a=around(0.98), b=around(0.9799), tight=around(0.97), wide=around(0.96, 0.03))
    assert {"a": 1, "b": 1, "tight": 3, "wide": 1} == ranks(frame)


def test_equal_cells_share_the_first_rank() -> None:
    """Also where all seeds of each are equal, and one image apart."""
    assert {"a": 1, "b": 1} == ranks(summarised(a=(0.98,) * 3, b=(0.98,) * 3))
    assert {"a": 1, "b": 1} == ranks(summarised(a=(0.98,) * 3, b=(0.9799,) * 3))


def test_one_seed_has_no_rank() -> None:
    """Nothing says how much another would differ; the others are ranked without it."""
    assert {} == ranks(summarised(a=(0.98,), b=(0.1,)))
    assert {"a": 1, "b": 2} == ranks(summarised(a=around(0.98), b=around(0.9), c=(0.99,)))


def test_each_data_set_has_ranks_of_its_own() -> None:
    """What is best on one says nothing of another."""
    trials = [
        trial(cell(name, dataset=dataset), seed, accuracy=value)
        for dataset, sign in (("mnist", 1), ("digits", -1))
        for name, mean in (("a", 0.9), ("b", 0.9 + sign / 50))
        for seed, value in enumerate(around(mean))
    ]
    frame = summary(trials_frame(result(*trials)), ACCURACY)
    assert {"a@mnist@cpu": 2, "b@mnist@cpu": 1, "a@digits@cpu": 1, "b@digits@cpu": 2} == dict(
        zip(frame["cell_id"], frame["rank"], strict=True)
    )


def test_a_cell_without_a_result_has_no_rank_and_stands_last() -> None:
    """A failure is no last place."""
    frame = summary(trials_frame(result(failed(cell("x")), *(trial(cell("a"), seed) for seed in (1, 2)))), ACCURACY)
    assert {"a": 1} == ranks(frame)
    assert ["a@mnist@cpu", "x@mnist@cpu"] == ranked(frame, ACCURACY)["cell_id"].tolist()


def test_the_sample_of_a_row_knows_its_test_set() -> None:
    """Ten thousand images make a step of 1 / 10,000; a seed at 100 % is at the bound."""
    (row,) = summarised(a=(0.98, 1.0)).to_dict("records")
    values = cell_sample(row, ACCURACY)
    assert (2, 1e-4, True) == (values.n, values.step, values.at_bound)
    assert 0.0 == cell_sample({**row, "test_images": float("nan"), "score_mean": 0.0}, ACCURACY).step
