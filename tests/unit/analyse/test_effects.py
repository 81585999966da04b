"""Main effects, by hand: balanced grids, unbalanced ones, failed cells, parameters that some levels do not have."""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from factories import cell, failed, grid, result, trial
from scipy import stats

from bench.analyse.axes import Grid, grids
from bench.analyse.effects import Effect, effects
from bench.analyse.intervals import Sample, mean_interval, sample, weighted_interval
from bench.core.score import ACCURACY
from bench.core.scores import SCORES
from bench.record.collect import trials_frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.record.records import RunResult, TrialRecord


def grids_of(run: RunResult) -> tuple[Grid, ...]:
    return grids({trial.cell.id: trial.cell for trial in run.trials}.values(), trials_frame(run), ACCURACY)


def point(accuracy: float | None, seed: int = 1, *, dataset: str = "mnist", **parameters: object) -> TrialRecord:
    """A trial of an mlp with these parameters; None fails."""
    of = cell("mlp", parameters=parameters, named=tuple(parameters), dataset=dataset, epochs=1)
    return failed(of, seed) if accuracy is None else trial(of, seed, accuracy=accuracy)


def found(*trials: TrialRecord) -> dict[str, Effect]:
    return {one.axis.name: one for one in effects(grids_of(result(*trials))[0], ACCURACY)}


def plane(accuracies: Mapping[tuple[int, int], float | None]) -> dict[str, Effect]:
    """Effects of a grid nodes x layers with a seed each."""
    return found(*(point(accuracy, nodes=nodes, layers=layers) for (nodes, layers), accuracy in accuracies.items()))


def test_a_balanced_grid_by_hand() -> None:
    """2 x 2 cells: nodes raise 0.90 and 0.92 to 0.94 and 0.98, layers 0.90 and 0.94 to 0.92 and 0.98."""
    one = plane({(32, 1): 0.90, (32, 2): 0.92, (128, 1): 0.94, (128, 2): 0.98})

    assert ["nodes", "layers"] == list(one)
    assert [("32", 0.91), ("128", 0.96)] == [(level.name, pytest.approx(level.mean)) for level in one["nodes"].levels]
    assert (0.05, 0.03) == (pytest.approx(one["nodes"].size), pytest.approx(one["layers"].size))
    assert ("128", "32") == (one["nodes"].best.name, one["nodes"].worst.name)
    assert (2, 2, 2) == (one["nodes"].combinations, one["nodes"].possible, one["nodes"].ahead)
    assert not one["nodes"].interval.known


def test_an_unbalanced_level_is_not_favoured() -> None:
    """128 nodes were tried with the good depth alone: like with like they are 0.01 worse, by raw means 0.01 better."""
    one = plane({(32, 1): 0.90, (32, 2): 0.94, (128, 2): 0.93})["nodes"]

    assert (1, 2) == (one.combinations, one.possible)
    assert [0.94, 0.93] == pytest.approx([level.mean for level in one.levels])
    assert ("32", 0.01) == (one.best.name, pytest.approx(one.size))


def test_a_failed_cell_takes_its_combination_along() -> None:
    """Where one level has no result, the others' results of that combination do not count either."""
    one = plane({(32, 1): 0.90, (32, 2): 0.95, (64, 1): None, (64, 2): 0.96, (128, 1): 0.70, (128, 2): 0.97})["nodes"]

    assert (1, 2, ()) == (one.combinations, one.possible, one.left_out)
    assert [0.95, 0.96, 0.97] == pytest.approx([level.mean for level in one.levels])


def test_a_level_with_few_results_is_left_out() -> None:
    """A level with one combination of four does not press the comparison of the others into that one."""
    accuracies: dict[tuple[int, int], float | None] = {
        (nodes, layers): 0.9 + nodes / 1e4 + layers / 1e3 for nodes, layers in product((32, 64), (1, 2, 3, 4))
    }
    one = plane({**accuracies, (512, 4): 0.99})["nodes"]

    assert (("512",), 4) == (one.left_out, one.combinations)
    assert ["32", "64"] == [level.name for level in one.levels]


def test_levels_that_share_nothing_are_not_compared() -> None:
    """Level by level, the last with the fewest goes, until the rest share a combination; one level is no comparison."""
    some = plane({(32, 1): 0.9, (64, 1): 0.92, (128, 2): 0.99, (64, 3): 0.93, (32, 3): 0.91})

    assert ("128",) == some["nodes"].left_out
    assert 2 == some["nodes"].combinations
    assert {} == plane({(32, 1): None, (32, 2): 0.9, (64, 1): None, (64, 2): None})


def test_without_results_there_is_no_effect() -> None:
    """A run of failures has no level to compare."""
    assert {} == plane({(32, 1): None, (64, 1): None})


def test_nine_levels() -> None:
    """Nine numbers are in order, their effect is between the best and the worst, wherever these are."""
    heights = {1: 0.90, 2: 0.93, 4: 0.95, 8: 0.97, 16: 0.98, 32: 0.96, 64: 0.94, 128: 0.92, 256: 0.85}
    one = found(*(point(heights[nodes], nodes=nodes) for nodes in sorted(heights, reverse=True)))["nodes"]

    assert [str(nodes) for nodes in heights] == [level.name for level in one.levels]
    assert ("16", "256", 0.13) == (one.best.name, one.worst.name, pytest.approx(one.size))


def test_a_parameter_of_some_levels_is_averaged_over() -> None:
    """An mlp is the mean over its own nodes, and softmax has no place on their axis."""
    rates = {0.1: (0.90, 0.93, 0.95), 0.5: (0.91, 0.95, 0.99)}
    trials = []
    for rate, (softmax, small, large) in rates.items():
        shared = {"learning_rate": rate, "epochs": 1}
        trials += [
            trial(
                cell("softmax", builder="softmax", parameters={}, named=("learning_rate",), **shared), accuracy=softmax
            ),
            trial(cell("mlp", parameters={"nodes": 32}, named=("nodes", "learning_rate"), **shared), accuracy=small),
            trial(cell("mlp", parameters={"nodes": 64}, named=("nodes", "learning_rate"), **shared), accuracy=large),
        ]
    one = found(*trials)

    assert {"softmax": 0.905, "mlp": 0.955} == {
        level.name: pytest.approx(level.mean) for level in one["architecture"].levels
    }
    assert (("nodes",), 2) == (one["architecture"].averaged, one["architecture"].combinations)
    assert [0.94, 0.97] == pytest.approx([level.mean for level in one["nodes"].levels])
    assert (3, (0.90 + 0.93 + 0.95) / 3) == (
        one["learning_rate"].combinations,
        pytest.approx(one["learning_rate"].levels[0].mean),
    )


def test_settings_that_no_two_levels_share_are_averaged_over() -> None:
    """Each optimizer has rates of its own: it stands for their mean, and a rate tells its optimizer changes too."""
    one = found(
        *(
            trial(cell("mlp", optimizer=optimizer, learning_rate=rate, epochs=1, named=("optimizer", "learning_rate")),
                  accuracy=accuracy)
            for optimizer, rate, accuracy in (
                ("sgd", 0.1, 0.90), ("sgd", 0.5, 0.94), ("adam", 0.001, 0.95), ("adam", 0.01, 0.99),
            )
        )
    )  # fmt: skip

    assert [("sgd", 0.92), ("adam", 0.97)] == [
        (level.name, pytest.approx(level.mean)) for level in one["optimizer"].levels
    ]
    assert (("learning_rate",), ("optimizer",)) == (one["optimizer"].averaged, one["learning_rate"].axis.companions)


def test_an_average_that_hides_an_interaction_tells_how_often_it_holds() -> None:
    """In the factory's grid one hopeless rate drags mlp-512 below the others, which it is above everywhere else."""
    one = {e.axis.name: e for e in effects(grids_of(grid(10))[0], ACCURACY)}["architecture"]

    assert ("mlp-512", 3, 15) == (one.worst.name, one.ahead, one.combinations)
    assert (True, 12) == (one.separate, one.reversed)


def test_what_holds_everywhere_is_nowhere_reversed() -> None:
    """Additive effects with noise: the worst level is behind in some combinations by chance, and in none beyond it."""
    noise = np.random.default_rng(0).normal(0, 0.01, (2, 12, 5))
    trials = [
        point(0.9 + 0.002 * nodes + noise[nodes, layers, seed], seed, nodes=nodes, layers=layers)
        for nodes, layers, seed in product((0, 1), range(12), range(5))
    ]
    one = found(*trials)["nodes"]

    assert one.ahead < one.combinations
    assert 0 == one.reversed


def test_each_data_set_has_effects_of_its_own() -> None:
    """Nodes help on one data set and hurt on the other, and neither knows of the other."""
    run = result(*(point(0.9 + sign * nodes / 1e3, nodes=nodes, dataset=dataset)
                   for dataset, sign in (("mnist", 1), ("digits", -1)) for nodes in (32, 64)))  # fmt: skip

    assert [("mnist", "64"), ("digits", "32")] == [
        (one.dataset, effects(one, ACCURACY)[0].best.name) for one in grids_of(run)
    ]


def test_the_interval_of_a_level_is_over_seeds() -> None:
    """Cells far apart whose seeds hardly differ have a short interval: s is 0.001 in each of two cells of three seeds.

    The variance of the mean of two means of three is (s^2 / 3 + s^2 / 3) / 4 = s^2 / 6, and t(2 + 2) is 2.776445.
    """
    trials = [
        point(base + 0.001 * step, seed, nodes=nodes, layers=layers)
        for nodes, layers, base in ((32, 1, 0.5), (32, 2, 0.9), (64, 1, 0.6), (64, 2, 0.95))
        for seed, step in enumerate((-1, 0, 1))
    ]
    one = found(*trials)["nodes"]

    reach = 2.776445 * 0.001 / math.sqrt(6)
    assert (0.7 - reach, 0.7 + reach) == pytest.approx((one.levels[0].interval.low, one.levels[0].interval.high))
    # the difference has 8 degrees of freedom and twice the variance; nodes and layers have a pair of levels each
    wide = stats.t.ppf(1 - 0.05 / 2 / 2, 8) * 0.001 / math.sqrt(3)
    assert (0.075 - wide, 0.075 + wide) == pytest.approx((one.interval.low, one.interval.high))


def test_the_more_levels_the_wider_the_interval_of_their_largest_difference() -> None:
    """Of three levels, a cell each, the best and worst are one of three pairs of cells, as in their ranks: t(3)."""
    trials = [
        point(base + 0.001 * step, seed, nodes=nodes)
        for nodes, base in ((32, 0.90), (64, 0.93), (128, 0.95))
        for seed, step in enumerate((-1, 0, 1))
    ]
    one = found(*trials)["nodes"]

    # Satterthwaite's 4 degrees of freedom and the 2 of either cell make 3
    reach = stats.t.ppf(1 - 0.05 / 3 / 2, 3) * 0.001 * math.sqrt(2 / 3)
    assert 0.05 + reach == pytest.approx(one.interval.high, abs=1e-6)


def test_a_weighted_interval_is_welchs_and_students() -> None:
    """With weights 1 and -1 it is Welch's interval, with one sample and weight 1 Student's."""
    first, second = sample([0.9, 0.92, 0.95]), sample([0.8, 0.81])

    expected = stats.ttest_ind([0.9, 0.92, 0.95], [0.8, 0.81], equal_var=False).confidence_interval(0.95)
    welch = weighted_interval([(1.0, first), (-1.0, second)])
    assert (expected.low, expected.high) == pytest.approx((welch.low, welch.high))
    student, ours = mean_interval(first), weighted_interval([(1.0, first)])
    assert (student.low, student.high) == pytest.approx((ours.low, ours.high))


def test_a_single_seed_borrows_the_deviation_of_the_others() -> None:
    """One value deviates as the pooled rest does; where none has two, nothing is known."""
    pair, one = Sample(2, 0.5, 0.01), Sample(1, 0.7, math.nan)

    interval = weighted_interval([(0.5, pair), (0.5, one)])

    assert 0.6 + 12.706205 * math.sqrt(0.25 * 0.01**2 / 2 + 0.25 * 0.01**2) == pytest.approx(interval.high)
    assert not weighted_interval([(1.0, one)]).known


def test_where_less_is_better_the_best_level_is_the_lowest() -> None:
    """The same values as an error: 32 nodes are the best, by a gain of 0.05, in both combinations."""
    values = {(32, 1): 0.90, (32, 2): 0.92, (128, 1): 0.94, (128, 2): 0.98}
    trials = [point(value, nodes=nodes, layers=layers) for (nodes, layers), value in values.items()]
    by_name = {one.axis.name: one for one in effects(grids_of(result(*trials))[0], SCORES["mean_absolute_error"])}

    assert ("32", "128", 2) == (by_name["nodes"].best.name, by_name["nodes"].worst.name, by_name["nodes"].ahead)
    assert (0.05, 0.03) == (pytest.approx(by_name["nodes"].size), pytest.approx(by_name["layers"].size))


def test_intervals_end_at_the_bounds_of_the_score() -> None:
    """An error is not negative, and has no upper end."""
    trials = [point(value, seed, nodes=nodes) for nodes in (32, 64) for seed, value in enumerate((0.1, 9.0, 2.0))]
    (one,) = effects(grids_of(result(*trials))[0], SCORES["mean_absolute_error"])

    assert 0.0 == one.levels[0].interval.low
    assert one.levels[0].interval.high > 9.0
