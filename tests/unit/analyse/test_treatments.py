"""What of a run is ranked: cells over data sets or seeds, levels over combinations."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from factories import cell, failed, grid, result, trial

from bench.analyse.axes import grids
from bench.analyse.effects import effects
from bench.analyse.treatments import Blocks, Ranked, rankings
from bench.core.score import ACCURACY, SCORES
from bench.record.collect import trials_frame

if TYPE_CHECKING:
    from bench.core.score import Score
    from bench.record.records import TrialRecord

NAMES = ("a", "b", "c", "d")


def ranked(*trials: TrialRecord, score: Score = ACCURACY) -> tuple[Ranked, ...]:
    found = grids({trial.cell.id: trial.cell for trial in trials}.values(), trials_frame(result(*trials)))
    return rankings(found, effects(found[0], score), score)


def study(datasets: tuple[str, ...], seeds: int, names: tuple[str, ...] = NAMES) -> list[TrialRecord]:
    """The later the name the better, on every data set and with every seed."""
    return [
        trial(cell(name, dataset=dataset, epochs=1), seed, accuracy=0.9 + place / 100 - seed / 1000)
        for dataset, (place, name), seed in product(datasets, enumerate(names), range(1, seeds + 1))
    ]


def test_five_data_sets_are_the_blocks() -> None:
    """With five data sets each is a block, whatever the number of seeds; names do without the data set."""
    (one,) = ranked(*study(("d1", "d2", "d3", "d4", "d5"), 2))

    assert (Blocks.DATASETS, 5, 5) == (one.blocks, one.of.blocks, one.datasets)
    assert (("d", "c", "b", "a"), (1, 2, 3, 4)) == (one.of.treatments, one.of.ranks)


def test_few_data_sets_have_their_seeds_for_blocks() -> None:
    """Two data sets and three seeds are six blocks, which is said to be what it is."""
    (one,) = ranked(*study(("d1", "d2"), 3))

    assert (Blocks.REPETITIONS, 6, 2) == (one.blocks, one.of.blocks, one.datasets)


def test_a_cell_that_is_missing_on_one_data_set_is_not_ranked() -> None:
    """Ranks compare what was trained everywhere."""
    trials = [one for one in study(("d1", "d2"), 3) if (one.cell.architecture, one.cell.dataset) != ("d", "d2")]

    (one,) = ranked(*trials)

    assert (("c", "b", "a"), 1) == (one.of.treatments, one.left_out)


def test_the_cells_of_one_data_set_are_ranked_over_the_seeds_they_share() -> None:
    """A seed that failed for one cell is no block, a cell without any result no treatment."""
    trials = study(("d1",), 5)
    trials[2] = failed(trials[2].cell, trials[2].seed)
    lost = cell("lost", dataset="d1", epochs=1)

    (one,) = ranked(*trials, failed(lost, 1))

    assert (Blocks.SEEDS, 4, 1) == (one.blocks, one.of.blocks, one.left_out)
    assert ("d", "c", "b", "a") == one.of.treatments


@pytest.mark.parametrize(("names", "seeds"), [(NAMES[:2], 9), (NAMES, 2), (NAMES, 1)])
def test_too_little_is_not_ranked(names: tuple[str, ...], seeds: int) -> None:
    """Two cells, or two seeds, have no ranking, and a lone axis no other settings to be ranked over."""
    assert () == ranked(*study(("d1",), seeds, names))


def test_a_grid_of_many_cells_ranks_the_levels_of_its_axes() -> None:
    """Sixty cells are too many to be told apart: rates over 12 combinations, architectures over 15, batches over 20."""
    found = ranked(*grid().trials)

    assert [("learning_rate", 12), ("architecture", 15), ("batch_size", 20)] == [
        (one.axis, one.of.blocks) for one in found
    ]
    assert {Blocks.COMBINATIONS} == {one.blocks for one in found}
    assert "0.1" == found[0].of.treatments[0]


def test_cells_with_too_few_seeds_rank_their_levels() -> None:
    """Twelve cells of a seed each cannot be ranked over seeds, but three rates can over four sizes."""
    trials = [
        trial(cell("mlp", parameters={"nodes": nodes}, learning_rate=rate, named=("nodes", "learning_rate"), epochs=1),
              accuracy=0.9 + nodes / 1e4 + rate / 10)
        for nodes in (8, 16, 32, 64) for rate in (0.1, 0.2, 0.3)
    ]  # fmt: skip

    found = ranked(*trials)

    assert {("learning_rate", 4), ("nodes", 3)} == {(one.axis, one.of.blocks) for one in found}


def test_one_seed_on_two_data_sets_has_two_blocks_and_no_ranking() -> None:
    """Where repetitions are too few the levels of the first data set are asked, and a lone axis has no ranking."""
    assert () == ranked(*study(("d1", "d2"), 1))


def test_cells_rank_by_the_direction_of_the_score() -> None:
    """Of an error the lowest comes first."""
    (one,) = ranked(*study(("d1", "d2", "d3", "d4", "d5"), 2), score=SCORES["mean_absolute_error"])

    assert ("a", "b", "c", "d") == one.of.treatments
