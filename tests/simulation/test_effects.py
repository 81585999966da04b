"""What the titles of main effects claim, where settings act together: 4 x 3 x 2 cells of a grid."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from grids import significantly_above

from bench.analyse.axes import Axis, Grid, GridCell
from bench.analyse.effects import effects
from bench.analyse.intervals import sample
from bench.core.score import ACCURACY
from bench.render.charts.main_effects import _finding

LEVELS = {"a": 4, "b": 3, "c": 2}
PART = 5
"""One in so many of the grids is simulated: each takes some milliseconds."""


def grid_of(means, source, seeds, std=0.25):
    """A grid with these true means, (4, 3, 2), in points."""
    cells = []
    for place in product(*(range(number) for number in LEVELS.values())):
        values = list((means[place] + source.normal(0, std, seeds)) / 100)
        levels = {name: str(level) for name, level in zip(LEVELS, place, strict=True)}
        cells.append(
            GridCell(
                cell_id=str(place), treatment=str(place), label=str(place), levels=levels,
                scores=dict(enumerate(values)), score=sample(values, 1e-4),
            )
        )  # fmt: skip
    axes = [Axis(name=name, levels=tuple(map(str, range(n))), numeric=True) for name, n in LEVELS.items()]
    return Grid(dataset="d", axes=tuple(axes), cells=tuple(cells))


def interaction():
    """Means that differ by points from cell to cell, and of which no setting has an effect on average."""
    means = np.random.default_rng(0).normal(0, 3, tuple(LEVELS.values()))
    for _ in range(50):
        for axis in range(3):
            others = tuple(other for other in range(3) if other != axis)
            means = means - means.mean(axis=others, keepdims=True)
    return 90 + means


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("means", ["all equal", "an interaction"])
def test_no_effect_is_named_where_there_is_none(counted, means, seeds):
    """Cells are equal, or differ by points in such a way that no setting has an effect on average."""
    truth = np.full(tuple(LEVELS.values()), 90.0) if means == "all equal" else interaction()
    source, number = np.random.default_rng(seeds), counted.grids // PART
    count = sum(
        "by more than seeds do" not in _finding(effects(grid_of(truth, source, seeds), ACCURACY), ACCURACY)
        for _ in range(number)
    )
    counted(f"main effects, {means}, {seeds} seeds: an effect is named", count, 0.05, number)
    assert not significantly_above(count, number, 0.05)


def test_an_additive_effect_is_not_said_to_depend_on_the_others(counted):
    """Small effects: combinations turn round by chance, and none is claimed to."""
    a, b, c = (np.arange(number) * 0.1 for number in LEVELS.values())
    truth = 90 + a[:, None, None] + b[None, :, None] + c[None, None, :]
    source, number = np.random.default_rng(1), counted.grids // PART
    count = sum(any(one.reversed for one in effects(grid_of(truth, source, 5), ACCURACY)) for _ in range(number))
    counted("main effects, additive: said to depend on other settings", count, 0.05, number)
    assert not significantly_above(count, number, 0.05)


def test_of_two_settings_that_do_the_same_none_does_most(counted):
    """A and b move the score by a point each."""
    a, b = np.linspace(0, 1, 4), np.linspace(0, 1, 3)
    truth = 90 + a[:, None, None] + b[None, :, None] + np.zeros((1, 1, 2))
    source, number = np.random.default_rng(2), counted.grids // PART
    titles = [_finding(effects(grid_of(truth, source, 5), ACCURACY), ACCURACY) for _ in range(number)]
    count = sum(" most: " in title for title in titles)
    counted("main effects, two alike: one is said to do most", count, 0.05, number)
    assert not significantly_above(count, number, 0.05)
    assert all(" moves accuracy" in title for title in titles)


def test_an_effect_and_its_reversal_are_found(counted):
    """B moves the score by a point in five of eight combinations and back in three: said to depend on the others."""
    sign = np.where(np.arange(8) < 5, 1, -1).reshape(4, 1, 2)
    truth = 90 + sign * np.linspace(0, 3, 3)[None, :, None]
    source, number = np.random.default_rng(3), counted.grids // PART
    count = 0
    for _ in range(number):
        one = next(one for one in effects(grid_of(truth, source, 5), ACCURACY) if one.axis.name == "b")
        count += one.separate and one.reversed > 0
    counted("main effects, reversed by 3 points in 3 of 8 combinations: found", count, 0.9, number)
    assert count >= 0.9 * number
