"""What is ranked over data sets: cells that all of them have, and nothing else."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from factories import cell, failed, grid, result, trial

from bench.analyse.axes import grids
from bench.analyse.treatments import Ranked, over_datasets
from bench.core.score import ACCURACY
from bench.core.scores import SCORES
from bench.record.collect import trials_frame

if TYPE_CHECKING:
    from bench.core.score import Score
    from bench.record.records import TrialRecord

NAMES = ("a", "b", "c", "d")
FIVE = ("d1", "d2", "d3", "d4", "d5")


def ranked(*trials: TrialRecord, score: Score = ACCURACY) -> Ranked | None:
    of = grids({trial.cell.id: trial.cell for trial in trials}.values(), trials_frame(result(*trials)), score)
    return over_datasets(of, score)


def study(datasets: tuple[str, ...], seeds: int, names: tuple[str, ...] = NAMES) -> list[TrialRecord]:
    """The later the name the better, on every data set and with every seed."""
    return [
        trial(cell(name, dataset=dataset, epochs=1), seed, accuracy=0.9 + place / 100 - seed / 1000)
        for dataset, (place, name), seed in product(datasets, enumerate(names), range(1, seeds + 1))
    ]


def test_five_data_sets_are_the_blocks() -> None:
    """With five data sets each is a block, whatever the number of seeds; names do without the data set."""
    one = ranked(*study(FIVE, 2))

    assert 5 == one.of.blocks
    assert (("d", "c", "b", "a"), (1, 2, 3, 4)) == (one.of.treatments, one.of.ranks)


def test_a_cell_that_is_missing_on_one_data_set_is_not_ranked() -> None:
    """Ranks compare what was trained everywhere, and a failure is no result."""
    trials = [one for one in study(FIVE, 2) if (one.cell.architecture, one.cell.dataset) != ("d", "d2")]
    lost = failed(cell("d", dataset="d2", epochs=1), 1)

    one = ranked(*trials, lost)

    assert (("c", "b", "a"), 1) == (one.of.treatments, one.left_out)


@pytest.mark.parametrize(
    "trials",
    [study(("d1",), 9), study(FIVE[:4], 9), study(FIVE, 9, NAMES[:2]), list(grid().trials), []],
    ids=["seeds of one data set", "seeds of four data sets", "two cells", "combinations of settings", "nothing"],
)
def test_what_is_not_independent_is_no_block(trials: list[TrialRecord]) -> None:
    """Seeds and combinations share a data set and how settings act together on it, so nothing is ranked over them."""
    assert ranked(*trials) is None


def test_cells_rank_by_the_direction_of_the_score() -> None:
    """Of an error the lowest comes first."""
    one = ranked(*study(FIVE, 2), score=SCORES["mean_absolute_error"])

    assert ("a", "b", "c", "d") == one.of.treatments
