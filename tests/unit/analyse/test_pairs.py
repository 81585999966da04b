"""Accuracy over two axes, by hand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from factories import cell, failed, grid, result, trial

from bench.analyse.axes import Grid, grids
from bench.analyse.effects import effects
from bench.analyse.pairs import PANELS, Pair, pairs
from bench.core.score import ACCURACY
from bench.record.collect import trials_frame

if TYPE_CHECKING:
    from bench.record.records import RunResult, TrialRecord


def grid_of(run: RunResult) -> Grid:
    return grids({trial.cell.id: trial.cell for trial in run.trials}.values(), trials_frame(run), ACCURACY)[0]


def found(*trials: TrialRecord) -> tuple[Pair, ...]:
    of = grid_of(result(*trials))
    return pairs(of, effects(of, ACCURACY))


def point(accuracy: float | None, seed: int = 1, **parameters: object) -> TrialRecord:
    of = cell("mlp", parameters=parameters, named=tuple(parameters), epochs=1)
    return failed(of, seed) if accuracy is None else trial(of, seed, accuracy=accuracy)


def test_a_field_is_the_mean_of_its_cells_over_seeds_and_other_settings() -> None:
    """Two batch sizes and two seeds per field; cells count alike, whatever their number of seeds."""
    trials = [
        point(0.8 + nodes / 1000 + layers / 100 + batch / 1000 + seed / 1e4, seed, nodes=nodes, layers=layers, b=batch)
        for nodes in (10, 20)
        for layers in (1, 2)
        for batch in (2, 4)
        for seed in ((1, 2) if batch == 2 else (3,))
    ]
    plane = next(one for one in found(*trials) if ("nodes", "layers") == (one.first.name, one.second.name))

    # nodes 20, layers 1: the cells are 0.8 + 0.02 + 0.01 + (0.002 + 0.00015, 0.004 + 0.0003)
    field = plane.fields[plane.rows.index("20")][plane.columns.index("1")]
    assert 0.83 + (0.00215 + 0.0043) / 2 == pytest.approx(field.mean)
    assert (2, 2) == (field.cells, field.planned)


def test_fields_know_what_failed_and_what_was_never_planned() -> None:
    """A failed cell leaves a planned field without a mean; a combination the grid leaves out has no cell."""
    values = {(1, 1): 0.9, (1, 2): None, (2, 1): 0.8, (2, 2): 0.85, (3, 1): 0.7}
    (plane,) = found(*(point(accuracy, nodes=nodes, layers=layers) for (nodes, layers), accuracy in values.items()))
    turned = plane.first.name == "layers"
    rows = tuple(zip(*plane.fields, strict=True)) if turned else plane.fields

    assert [[(1, 1), (0, 1)], [(1, 1), (1, 1)], [(1, 1), (0, 0)]] == [
        [(f.cells, f.planned) for f in row] for row in rows
    ]
    assert math.isnan(rows[0][1].mean)
    assert math.isnan(rows[2][1].mean)


def test_the_strongest_axes_are_paired_first_and_six_at_most() -> None:
    """Of five axes ten pairs could be drawn: the six with the largest effects are."""
    names = ("a", "b", "c", "d", "e")
    trials = []
    for code in range(32):
        levels = {name: code >> place & 1 for place, name in enumerate(names)}
        trials.append(point(0.5 + sum(levels[name] * 0.01 * 2**place for place, name in enumerate(names)), **levels))

    planes = found(*trials)

    assert PANELS == len(planes) == 6
    assert ["e d", "e c", "e b", "e a", "d c", "d b"] == [f"{one.first.name} {one.second.name}" for one in planes]


def test_an_axis_of_one_architecture_makes_no_plane_with_it() -> None:
    """Only mlp has nodes: a plane of architecture and nodes would be a single row."""
    softmax = [trial(cell("softmax", builder="softmax", parameters={}, learning_rate=rate, named=("learning_rate",)))
               for rate in (0.1, 0.2)]  # fmt: skip
    mlp = [trial(cell("mlp", parameters={"nodes": nodes}, learning_rate=rate, named=("nodes", "learning_rate")))
           for rate in (0.1, 0.2) for nodes in (8, 16)]  # fmt: skip
    names = {frozenset((one.first.name, one.second.name)) for one in found(*softmax, *mlp)}

    assert {frozenset(two) for two in (("architecture", "learning_rate"), ("nodes", "learning_rate"))} == names


def test_one_axis_makes_no_plane() -> None:
    """A sweep has nothing to be paired with; the factory's grid of three axes has three pairs."""
    assert () == found(point(0.9, nodes=1), point(0.8, nodes=2))
    assert 3 == len(found(*grid(1).trials))
