"""Charts of a grid: what their titles conclude, what their notes admit, and what they look like."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from factories import HOSTILE, cell, failed, grid, reference_study, result, trial

from bench.analyse.axes import Grid, grids
from bench.core.score import ACCURACY
from bench.core.scores import SCORES
from bench.record.collect import trials_frame
from bench.render.charts.canvas import Chart, canvas
from bench.render.charts.critical_difference import critical_difference
from bench.render.charts.heat_maps import heat_maps, heat_of
from bench.render.charts.levels import name_levels, several
from bench.render.charts.main_effects import main_effects
from bench.render.charts.palette import COLOURS, HEATS, INKED
from bench.render.context import report_context

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.record.records import RunResult, TrialRecord

CHARTS = (main_effects, heat_maps)


def grids_of(run: RunResult) -> tuple[Grid, ...]:
    return grids({trial.cell.id: trial.cell for trial in run.trials}.values(), trials_frame(run), ACCURACY)


def point(accuracy: float | None, seed: int = 1, *, dataset: str = "mnist", **parameters: object) -> TrialRecord:
    of = cell("mlp", parameters=parameters, named=tuple(parameters), dataset=dataset, epochs=1)
    return failed(of, seed) if accuracy is None else trial(of, seed, accuracy=accuracy)


def plane(*seeds: int, dataset: str = "mnist", without: tuple[int, int] | None = None) -> list[TrialRecord]:
    """Nodes 8, 16, 32 x layers 1, 2, 3, 4: nodes matter by 4.8 points, layers by 0.3; `without` fails."""
    return [
        point(None if (nodes, layers) == without else 0.9 + nodes / 500 + layers / 1000 + seed / 1e4, seed,
              nodes=nodes, layers=layers, dataset=dataset)
        for nodes, layers, seed in product((8, 16, 32), (1, 2, 3, 4), seeds or (1, 2))
    ]  # fmt: skip


def drawn(draw: Callable[..., Chart | None], *trials: TrialRecord) -> Chart:
    chart = draw(grids_of(result(*trials)), ACCURACY)
    assert chart is not None
    return chart


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, WCAG 2.2, relative luminance."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_figures_can_be_read_on_every_field(theme: int) -> None:
    """The ink of each step has a contrast of 4.5 on it, and steps go one way, from the page to its opposite."""
    fields = [COLOURS[f"heat-{step}"][theme] for step in range(HEATS)]

    for step, field in enumerate(fields):
        assert contrast(COLOURS["ink" if step < INKED else "paper"][theme], field) >= 4.5, step
    from_page = [contrast(COLOURS["paper"][theme], field) for field in fields]
    assert from_page == sorted(from_page)


def test_heat_is_shared_out_evenly() -> None:
    """The worst score is step 0, the best the last, and each step starts where the one before ends."""
    mae = SCORES["mean_absolute_error"]
    for ends, score in (((0.9, 0.97), ACCURACY), ((0.1, 0.99), ACCURACY), ((40.0, 50.0), mae), ((1.0, 50.0), mae)):
        heat = heat_of(ends, score)
        worst, best = sorted(ends, key=score.gain)
        assert (0, HEATS - 1) == (heat.step(worst), heat.step(best))
        for step in range(1, HEATS):
            above, below = (heat.start(step) + sign * score.sign * 1e-9 for sign in (1, -1))
            assert step == heat.step(above) == heat.step(below) + 1
    assert HEATS - 1 == heat_of((0.9, 0.9), ACCURACY).step(0.9)


def test_titles_state_the_finding() -> None:
    """What matters most and by how much, which pair has the best mean: in the titles, by hand."""
    effects, heat = (drawn(draw, *plane(1, 2, 3, 4, 5)) for draw in CHARTS)

    most = "nodes moves accuracy most: 32 is 4.80 points above 8 on average; layers moves it by 0.30"
    assert most == effects.title
    # 0.9 + 0.064 + 0.004 and on average 0.0003 for the seed
    best = "nodes=32 with layers=4 has the highest mean accuracy, 96.83 %"
    assert f"{best}; nodes=32 has it at every value of layers" == heat.title


def test_equal_accuracies_are_no_finding() -> None:
    """Where no setting does anything no level is called the best, and pairs that tie are no error."""
    level = [point(0.95, seed, w=w, z=z) for seed in (1, 2) for w, z in product((1, 2), (1, 2, 3))]
    effects, heat = drawn(main_effects, *level), drawn(heat_maps, *level)
    assert effects.title.startswith("No setting makes a difference")
    assert ("w: all levels have the same mean.", "z: all levels have the same mean.") == effects.findings
    assert "All pairs of values have the same mean accuracy, 95.00 %" == heat.title
    tied = [point(0.9 if w == 1 else 0.95, seed, w=w, z=z) for seed in (1, 2) for w, z in product((1, 2), (1, 2, 3))]
    assert drawn(heat_maps, *tied).title.startswith("w=2 with z=1 has the highest mean accuracy, 95.00 %")


def over(datasets: int, names: str = "abcd") -> list[TrialRecord]:
    """The later the name the better, on every data set."""
    return [
        trial(cell(name, dataset=f"d{number}", epochs=1), seed, accuracy=0.9 + place / 100 + seed / 1e4)
        for number, (place, name), seed in product(range(datasets), enumerate(names), (1, 2))
    ]


def test_cells_rank_over_data_sets() -> None:
    """Over eight, d is ahead of a and b: a critical difference of 2.569 * sqrt(20 / 48) = 1.66 below rank 1."""
    chart = drawn(critical_difference, *over(8))

    assert "d ranks ahead of b and a over 8 data sets (Friedman p < 0.0001)" == chart.title
    assert ("d", "1.00", "1.66", "8 data sets") == chart.rows[0][:4]
    assert "cannot be separated" in chart.svg
    assert "Data sets are the blocks of the test" in chart.note


def test_nothing_ranks_ahead_over_seeds_or_combinations() -> None:
    """They are no independent blocks: the ranks of the leaderboard say what seeds show."""
    for trials in (plane(1, 2, 3, 4, 5), over(4), list(grid().trials)):
        assert critical_difference(grids_of(result(*trials)), ACCURACY) is None


def test_an_effect_that_depends_on_the_rest_says_so() -> None:
    """mlp-512 is the worst of the factory's architectures by its mean, and ahead nearly everywhere."""
    chart = drawn(main_effects, *grid(10).trials)

    assert "learning_rate moves accuracy most: 0.1 is" in chart.title
    (sentence,) = [text for text in chart.findings if text.startswith("architecture")]
    assert "; ahead in 3 of 15 combinations of the other settings, behind by more than chance in 12: " in sentence
    assert "its effect depends on them; with the settings of the best cell mlp-512 is ahead of mlp-128" in sentence
    assert "hidden changes with architecture and cannot be separated from it." in chart.note
    assert "The axis is logarithmic in the error" in chart.note


def test_effects_within_chance_are_no_effects() -> None:
    """Where seeds scatter more than levels differ, the title names no winner."""
    noise = (0.0, 0.03, -0.03)
    trials = [point(0.9 + nodes / 1e5 + noise[seed], seed, nodes=nodes) for nodes in (8, 16) for seed in range(3)]

    assert "No setting moves accuracy by more than seeds do; nodes has the largest effect, 0.01 points" == (
        drawn(main_effects, *trials).title
    )


def test_an_effect_is_most_only_where_the_seeds_show_it() -> None:
    """Two settings do the same, far more than seeds do: neither is said to do most. A third does nothing."""
    noise = np.random.default_rng(3).normal(0, 0.001, (2, 2, 2, 5))
    trials = [
        point(0.9 + 0.01 * a + 0.01 * b + noise[a, b, c, seed], seed, a=a, b=b, c=c)
        for a, b, c, seed in product((0, 1), (0, 1), (0, 1), range(5))
    ]
    chart = drawn(main_effects, *trials)

    assert re.fullmatch(
        r"[ab] moves accuracy: 1 is 1.0\d points above 0 on average; [ab] may move it as much", chart.title
    )
    assert any(text.startswith("c: ") and "which may be chance (interval -" in text for text in chart.findings)


def test_one_seed_per_cell_says_so_in_the_title() -> None:
    """Without two seeds of any cell there is no chance to compare with."""
    assert drawn(main_effects, *plane(1)).title == (
        "nodes: 32 is 4.80 points above 8 on average; with one seed per cell that may be chance"
    )


def test_unbalanced_grids_are_owned_up_to() -> None:
    """A failed cell is struck out of the heat map, and the comparison says how many combinations are left."""
    trials = plane(1, 2, without=(8, 4))
    effects, heat = drawn(main_effects, *trials), drawn(heat_maps, *trials)

    assert "The means of nodes are over 3 of 4 combinations: those that all its levels share." in effects.note
    assert "In a crossed-out square, no cell has a result." in heat.note
    assert {"-"} == {row[1] for row in heat.rows if {"nodes=8", "layers=4"} == set(row[0].split(", "))}
    assert 11 == len(re.findall(r">9\d\.\d\d?</text>", heat.svg))


def test_a_field_with_failed_cells_is_marked() -> None:
    """A mean of fewer cells than planned has a star, which the note explains."""
    trials = [
        point(None if (a, b, c) == (1, 1, 1) else 0.9 + a / 100 + b / 1000, 1, a=a, b=b, c=c)
        for a, b, c in product((1, 2), (1, 2), (1, 2, 3))
    ]
    chart = drawn(heat_maps, *trials)

    assert "* Some cells of the square have no result." in chart.note
    assert len(re.findall(r">9\d\.\d\d?\*</text>", chart.svg)) >= 1


def test_one_of_several_data_sets_is_drawn() -> None:
    """The first data set with a grid is drawn, the notes say so, and the table of effects holds both."""
    trials = [*plane(1, dataset="mnist"), *plane(1, dataset="digits")]
    effects, heat = drawn(main_effects, *trials), drawn(heat_maps, *trials)

    assert "The chart is of the data set mnist; the table holds all data sets." in effects.note
    assert {"nodes=8 on mnist", "nodes=8 on digits"} < {row[0] for row in effects.rows}
    assert "The chart is of the data set mnist, not of digits." in heat.note


def test_a_sweep_of_nine_levels_has_effects_alone() -> None:
    """One axis makes no plane."""
    trials = [point(0.9 + nodes / 1e4, seed, nodes=nodes) for nodes in range(1, 10) for seed in (1, 2)]

    found = grids_of(result(*trials))

    assert [9, None] == [chart and len(chart.rows) for chart in (draw(found, ACCURACY) for draw in CHARTS)]


@pytest.mark.parametrize("run", [result(), result(failed()), result(trial()), reference_study(5)])
def test_no_grid_no_chart(run: RunResult) -> None:
    """Nothing, a failure, a cell, two architectures: there is no grid to draw."""
    assert [None, None, None] == [draw(grids_of(run), ACCURACY) for draw in (*CHARTS, critical_difference)]


def test_names_stay_text() -> None:
    """Levels full of markup are text in titles, tables and drawings, and on one line."""
    trials = [
        point(0.9 + place / 100 + size / 1e4 + seed / 1e5, seed, kind=kind, size=size)
        for (place, kind), size, seed in product(enumerate((HOSTILE, "tanh", "relu" * 60)), (1, 2, 3, 4), (1, 2))
    ]
    hostile = [replace(one, cell=replace(one.cell, architecture=HOSTILE)) for one in over(5, "a")]
    for chart in (*(drawn(draw, *trials) for draw in CHARTS), drawn(critical_difference, *over(5), *hostile)):
        tree = ET.fromstring(chart.svg)  # noqa: S314  our own
        assert {node.tag for node in tree.iter()} <= {
            "svg", "title", "desc", "rect", "defs", "g", "path", "use", "text", "clipPath", "tspan", "style",
        }  # fmt: skip
        texts = [chart.title, chart.alt, chart.note, *chart.findings, *(value for row in chart.rows for value in row)]
        assert not [text for text in texts if "\n" in text or "\x1b" in text or "relu" * 30 in text]
        assert "<script>alert" in " ".join(texts)


def test_every_cell_has_a_dot() -> None:
    """Dots are lines of no length in one path: none of them may be simplified away."""
    trials = [point(0.9 + a / 1000 + b / 1e5, 1, a=a, b=b) for a, b in product((1, 2), range(1, 151))]
    chart = drawn(main_effects, *trials)

    paths = re.findall(r'd="([^"]*)"', chart.svg)
    lines = [len(re.findall(r"M \S+ \S+\s+L \S+ \S+", path)) for path in paths]
    assert 2 == sum(number == 150 for number in lines)


@pytest.mark.parametrize(
    ("levels", "width", "turned", "shown"),
    [
        (("1", "2", "3"), 200, False, 3),
        (("relu" * 4, "tanh" * 4), 100, True, 2),
        ([str(n) for n in range(1000, 1060)], 300, True, 20),
    ],
    ids=["room enough", "long names", "many names"],
)
def test_levels_do_not_run_into_each_other(levels: tuple[str, ...], width: float, *, turned: bool, shown: int) -> None:
    """Names too long for their place are turned, and of too many only some are set."""
    with canvas(300) as figure:
        axes = figure.add_subplot()
        name_levels(axes, levels, width)
        ticks = axes.get_xticklabels()

    assert turned is (ticks[0].get_rotation() != 0)
    assert shown == len(ticks)
    assert levels[0] == ticks[0].get_text()


def test_few_names_are_listed_and_many_counted() -> None:
    """A sentence names up to four."""
    assert ["a", "a and b", "a, b, c and d", "a, b, c and 2 others"] == [several("abcde"[:n]) for n in (1, 2, 4, 5)]


def test_the_charts_of_a_grid_are_small_and_in_the_report() -> None:
    """Sixty cells take less than 150 KB for both charts, which stand in the report one after the other."""
    charts = {chart.name: chart for chart in report_context(grid()).charts}
    names = ["main-effects", "heat-maps"]

    assert names == [name for name in charts if name in names]
    assert sum(len(charts[name].svg) for name in names) < 150_000
    for name in names:
        assert all(len(charts[name].columns) == len(row) for row in charts[name].rows)
        assert not re.search(r"\bnan\b", charts[name].svg + charts[name].alt + charts[name].note, re.IGNORECASE)
