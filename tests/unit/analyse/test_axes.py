"""The axes of a grid: their levels in order, what cannot be told apart, one data set at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from factories import cell, failed, grid, result, trial

from bench.analyse.axes import Grid, grids, own
from bench.core.score import ACCURACY
from bench.record.collect import trials_frame

if TYPE_CHECKING:
    from bench.record.records import RunResult, TrialRecord


def grids_of(run: RunResult) -> tuple[Grid, ...]:
    return grids({trial.cell.id: trial.cell for trial in run.trials}.values(), trials_frame(run), ACCURACY)


def mlp(**parameters: object) -> TrialRecord:
    return trial(cell("mlp", parameters=parameters, named=tuple(parameters)))


@pytest.mark.parametrize(
    ("values", "levels", "numeric"),
    [
        ((512, 32, 128), ("32", "128", "512"), True),
        ((0.5, 1e-05, 0.01), ("1e-05", "0.01", "0.5"), True),
        (([128], [64, 64], [8]), ("128", "64-64", "8"), False),
        (("tanh", "relu"), ("tanh", "relu"), False),
        (("nan", "1", "inf"), ("nan", "1", "inf"), False),
    ],
    ids=["whole numbers", "small numbers", "lists", "words", "words that look like numbers"],
)
def test_numbers_are_sorted_and_words_keep_the_plans_order(
    values: tuple[object, ...], levels: tuple[str, ...], *, numeric: bool
) -> None:
    """Only what is a finite number throughout is ordered by its size."""
    (axis,) = grids_of(result(*(mlp(width=value) for value in values)))[0].axes

    assert (levels, numeric) == (axis.levels, axis.numeric)


def test_an_architecture_stands_for_the_parameter_that_makes_it() -> None:
    """Of two settings that say the same of every cell one is an axis and the other its companion."""
    axes = {axis.name: axis for axis in grids_of(grid(1))[0].axes}

    assert {"architecture", "batch_size", "learning_rate"} == set(axes)
    assert ("hidden",) == axes["architecture"].companions


def test_cells_without_a_parameter_are_not_on_its_axis() -> None:
    """Softmax has no nodes: it has no level there, and `nodes` is the networks' own."""
    softmax = trial(cell("softmax", builder="softmax", parameters={}))
    found = grids_of(result(softmax, mlp(nodes=32), mlp(nodes=64)))[0]

    assert ({}, {"nodes": "32"}) == tuple({k: v for k, v in c.levels.items() if k == "nodes"} for c in found.cells[:2])
    assert own("architecture", "nodes", found.cells)
    assert not own("nodes", "architecture", found.cells)


def test_limits_and_data_sets_are_no_axes() -> None:
    """What changes no accuracy is not looked at, and a data set has a grid of its own."""
    run = result(
        trial(cell(dataset="mnist", learning_rate=0.1, timeout_s=60.0, named=("learning_rate",))),
        trial(cell(dataset="mnist", learning_rate=0.2, timeout_s=90.0, named=("learning_rate",))),
        trial(cell(dataset="digits")),
    )

    found = grids_of(run)

    assert ["mnist", "digits"] == [one.dataset for one in found]
    assert [["learning_rate"], []] == [[axis.name for axis in one.axes] for one in found]
    assert found[0].cells[0].label == "model-2[lr=0.1]"


def test_only_ok_trials_have_scores() -> None:
    """A failed seed is absent, a failed cell is there with none."""
    first, second = cell("a"), cell("b")
    found = grids_of(result(trial(first, 1, accuracy=0.9), failed(first, 2), failed(second, 1)))[0]

    assert [{1: 0.9}, {}] == [dict(one.scores) for one in found.cells]
    assert [1, 0] == [one.score.n for one in found.cells]
