"""Charts follow the score: its direction, its unit, and axes that suit it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import pytest
from factories import cell, result, run_record, trial

from bench.analyse.axes import grids
from bench.core.score import ACCURACY
from bench.core.scores import SCORES, own_score
from bench.record.collect import trials_frame
from bench.record.history import PastTrial
from bench.render.charts.axes import Spacing, position, score_axis, spacing, tick_text, value_at
from bench.render.charts.bars import scale
from bench.render.charts.canvas import canvas
from bench.render.charts.heat_maps import heat_maps
from bench.render.charts.history import history
from bench.render.charts.main_effects import main_effects
from bench.render.charts.palette import Style

if TYPE_CHECKING:
    from bench.analyse.axes import Grid
    from bench.core.score import Score
    from bench.record.records import TrialRecord

MAE, AUC, R2, F1 = (SCORES[name] for name in ("mean_absolute_error", "auc", "r2_score", "f1_score"))
PROFIT = own_score("mine:profit", higher_is_better=True)


def scored(value: float, seed: int, score: Score, **parameters: object) -> TrialRecord:
    made = trial(cell("mlp", parameters=parameters, named=tuple(parameters), epochs=1), seed)
    return replace(made, outcome=replace(made.outcome, metrics={score.name: value}))


def plane(score: Score) -> tuple[Grid, ...]:
    """Nodes 8, 16, 32 x layers 1, 2, 3, 4: 32 nodes have 48 less than 8, 4 layers 3 more than 1."""
    trials = [
        scored(100 - 2 * nodes + layers + seed / 10, seed, score, nodes=nodes, layers=layers)
        for nodes, layers, seed in product((8, 16, 32), (1, 2, 3, 4), (1, 2, 3, 4, 5))
    ]
    run = result(*trials, score=score)
    return grids({one.cell.id: one.cell for one in trials}.values(), trials_frame(run), score)


def test_titles_follow_a_score_of_which_less_is_better() -> None:
    """32 nodes and one layer are the best."""
    found = plane(MAE)
    effects, heat = main_effects(found, MAE), heat_maps(found, MAE)

    assert "nodes moves MAE most: 32 is 48 better than 8 on average; layers moves it by 3" == effects.title
    # 100 - 64 + 1 and on average 0.3 for the seed
    best = "nodes=32 with layers=1 has the lowest mean MAE, 37.30"
    assert f"{best}; nodes=32 has it at every value of layers" == heat.title
    assert "Stronger colour: lower MAE, which is better." in heat.note
    assert "test MAE (lower is better)" in effects.svg


def test_titles_follow_a_score_of_which_more_is_better() -> None:
    """The very same values, the other way round."""
    found = plane(PROFIT)
    effects, heat = main_effects(found, PROFIT), heat_maps(found, PROFIT)

    assert "nodes moves profit most: 8 is 48 better than 32 on average; layers moves it by 3" == effects.title
    assert heat.title.startswith("nodes=8 with layers=4 has the highest mean profit, 88.3")


@pytest.mark.parametrize(
    ("values", "score", "by"),
    [
        ((0.11, 0.98), ACCURACY, Spacing.ERRORS),
        ((0.11, 0.98), AUC, Spacing.ERRORS),
        ((0.92, 0.98), AUC, Spacing.EVEN),
        ((0.11, 0.999), R2, Spacing.EVEN),
        ((1.0, 50.0), MAE, Spacing.POWERS),
        ((40.0, 50.0), MAE, Spacing.EVEN),
        ((0.0, 50.0), MAE, Spacing.EVEN),
        ((-3.0, 50.0), own_score("mine:cost", higher_is_better=False), Spacing.EVEN),
        ((1.0, 50.0), PROFIT, Spacing.EVEN),
        ((), MAE, Spacing.EVEN),
    ],
)
def test_logarithms_suit_fractions_and_errors_only(values: tuple[float, ...], score: Score, by: Spacing) -> None:
    """A fraction is spread by what it lacks to 1, an error by itself, anything else evenly."""
    assert by is spacing(values, score)


@pytest.mark.parametrize("by", list(Spacing))
def test_a_place_stands_for_one_value(by: Spacing) -> None:
    """There and back."""
    for value in (0.02, 0.5, 0.97):
        assert value == pytest.approx(value_at(position(value, by), by))


@pytest.mark.parametrize(
    ("values", "score"),
    [
        ((41_230.0, 41_260.0), MAE), ((1.0, 900.0), MAE), ((0.0, 0.0), MAE), ((1e-9, 3e-9), MAE), ((1e9, 3e9), MAE),
        ((0.5, 0.995), AUC), ((0.91, 0.93), AUC), ((-4.0, 0.9), R2), ((0.2, 0.9), F1), ((5.0, 5.0), PROFIT),
    ],
)  # fmt: skip
def test_ticks_are_few_different_and_within_bounds(values: tuple[float, float], score: Score) -> None:
    """Any score has an axis that can be read."""
    with canvas(300) as figure:
        axis = figure.add_subplot().yaxis
        score_axis(axis, values, score, spacing(values, score))
        figure.draw_without_rendering()
        low, high = sorted(axis.get_view_interval())
        ticks = zip(axis.get_ticklabels(), axis.get_ticklocs(), strict=True)
        texts = [tick.get_text() for tick, place in ticks if low <= place <= high]

    assert 2 <= len(texts) == len(set(texts)) <= 14
    assert not [text for text in texts if len(text) > 9]


def test_a_tick_has_the_unit_of_its_score() -> None:
    """Percent without its sign, a fraction as it is."""
    assert ("92", "0.92", "41,230") == (
        tick_text(0.92, 0.1, ACCURACY), tick_text(0.92, 0.1, AUC), tick_text(41_230, 60, MAE)
    )  # fmt: skip


def test_bars_say_what_their_ends_are() -> None:
    """In the form of the score."""
    assert ("40.00 to 50.00", "0.9000 to 0.9500") == (scale([40.0, 50.0], MAE).text, scale([0.9, 0.95], AUC).text)


def past(run_id: str, *values: float) -> list[PastTrial]:
    run = run_record(run_id=run_id, started_at=f"2025-11-{run_id}T10:00:00Z")
    return [
        PastTrial(run=run, cell_id="a", seed=seed, score=value, train_time_s=None) for seed, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("last", "word"), [(30.0, "fell by 10, which is better"), (50.0, "rose by 10, which is worse")]
)
def test_a_change_says_whether_it_is_for_the_better(last: float, word: str) -> None:
    """A lower error is better."""
    before, after = past("01", 40.0, 40.1, 39.9), past("02", last, last + 0.1, last - 0.1)
    chart = history([*before, *after], ["a"], {"a": "a"}, {"a": Style("series-0", "o")}, MAE)

    assert f"a: MAE {word}, since its last run" == chart.title
    assert "MAE: lower is better." in chart.note


def test_one_seed_in_a_run_says_that_it_cannot_say() -> None:
    """90 and then 50 with a seed each is neither a change nor none; a cell that can be compared is counted."""
    looks = {"a": Style("series-0", "o"), "b": Style("series-1", "o")}
    single = [*past("01", 90.0), *past("02", 50.0)]
    other = [replace(one, cell_id="b") for one in (*past("01", 40.0, 40.1, 39.9), *past("02", 40.0, 40.2, 39.9))]

    alone = history(single, ["a"], {"a": "a"}, looks, MAE)
    both = history([*single, *other], ["a", "b"], {"a": "a", "b": "b"}, looks, MAE)
    assert "One seed per run: the data cannot say whether the MAE of 1 cell has changed" == alone.title
    assert both.title == (
        "No change of MAE beyond chance: 1 cell compared with the previous run; 1 cell with one seed cannot be compared"
    )
