"""Charts of a grid: what their titles conclude, what their notes admit, and what they look like."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import product
from typing import TYPE_CHECKING

import pytest
from factories import HOSTILE, cell, failed, grid, reference_study, result, trial

from bench.analyse.axes import Grid, grids
from bench.core.score import ACCURACY, SCORES
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

CHARTS = (main_effects, heat_maps, critical_difference)


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
    """What matters most and by how much, which pair is the best, who ranks ahead: in the titles, by hand."""
    effects, heat, ranks = (drawn(draw, *plane(1, 2, 3, 4, 5)) for draw in CHARTS)

    assert "nodes moves accuracy most: 32 is 4.80 points above 8; layers moves it by 0.30" == effects.title
    # 0.9 + 0.064 + 0.004 and on average 0.0003 for the seed
    best = "nodes=32 with layers=4 is the best pair, 96.83 %"
    assert f"{best}; nodes=32 is the best at every value of layers" == heat.title
    assert ranks.title.startswith("mlp[nodes=32,layers=4] ranks ahead of ")
    assert ranks.title.endswith(" over 5 seeds (Friedman p < 0.0001)")


def test_equal_accuracies_are_no_finding() -> None:
    """Where no setting does anything no level is called the best, and pairs that tie are no error."""
    level = [point(0.95, seed, w=w, z=z) for seed in (1, 2) for w, z in product((1, 2), (1, 2, 3))]
    effects, heat = drawn(main_effects, *level), drawn(heat_maps, *level)
    assert effects.title.startswith("No setting makes a difference")
    assert ("w: no level is better than another.", "z: no level is better than another.") == effects.findings
    assert "All pairs of values are equally good, 95.00 %" == heat.title
    tied = [point(0.9 if w == 1 else 0.95, seed, w=w, z=z) for seed in (1, 2) for w, z in product((1, 2), (1, 2, 3))]
    assert drawn(heat_maps, *tied).title.startswith("w=2 with z=1 is the best pair, 95.00 %")


def test_levels_rank_over_combinations() -> None:
    """Two seeds rank no cells; over the four depths 32 nodes are ahead of 8."""
    chart = drawn(critical_difference, *plane(1, 2))

    assert "nodes=32 ranks ahead of 8 over 4 combinations of the other settings (Friedman p = 0.018)" == chart.title
    assert ("nodes=32", "1.00", "1.66") == chart.rows[0][:3]
    assert {"nodes=32", "nodes=16", "nodes=8", "layers=4", "layers=3", "layers=2", "layers=1"} == {
        row[0] for row in chart.rows
    }
    assert "cannot be separated" in chart.svg


def test_an_effect_that_depends_on_the_rest_says_so() -> None:
    """mlp-512 is the worst of the factory's architectures by its mean, and ahead nearly everywhere."""
    chart = drawn(main_effects, *grid().trials)

    assert "learning_rate moves accuracy most: 0.1 is" in chart.title
    (sentence,) = [text for text in chart.findings if text.startswith("architecture")]
    assert "in 3 of 15 combinations of the other settings; what it does depends on these." in sentence
    assert "hidden changes with architecture and cannot be separated from it." in chart.note
    assert "The axis is logarithmic in the error" in chart.note


def test_effects_within_chance_are_no_effects() -> None:
    """Where seeds scatter more than levels differ, the title names no winner."""
    noise = (0.0, 0.03, -0.03)
    trials = [point(0.9 + nodes / 1e5 + noise[seed], seed, nodes=nodes) for nodes in (8, 16) for seed in range(3)]

    assert "No setting moves accuracy by more than seeds do; nodes does the most, by 0.01 points" == (
        drawn(main_effects, *trials).title
    )


def test_unbalanced_grids_are_owned_up_to() -> None:
    """A failed cell is struck out of the heat map, and the comparison says how many combinations are left."""
    trials = plane(1, 2, without=(8, 4))
    effects, heat = drawn(main_effects, *trials), drawn(heat_maps, *trials)

    assert "For nodes 3 of 4 combinations count, those that all its levels share." in effects.note
    assert "A struck field has cells, but none with a result." in heat.note
    assert {"-"} == {row[1] for row in heat.rows if {"nodes=8", "layers=4"} == set(row[0].split(", "))}
    assert 11 == len(re.findall(r">9\d\.\d\d?</text>", heat.svg))


def test_a_field_with_failed_cells_is_marked() -> None:
    """A mean of fewer cells than planned has a star, which the note explains."""
    trials = [
        point(None if (a, b, c) == (1, 1, 1) else 0.9 + a / 100 + b / 1000, 1, a=a, b=b, c=c)
        for a, b, c in product((1, 2), (1, 2), (1, 2, 3))
    ]
    chart = drawn(heat_maps, *trials)

    assert "* Some cells of the field have no result." in chart.note
    assert len(re.findall(r">9\d\.\d\d?\*</text>", chart.svg)) >= 1


def test_one_of_several_data_sets_is_drawn() -> None:
    """The first data set with a grid is drawn, the notes say so, and the table of effects holds both."""
    trials = [*plane(1, dataset="mnist"), *plane(1, dataset="digits")]
    effects, heat = drawn(main_effects, *trials), drawn(heat_maps, *trials)

    assert "Drawn on mnist; the table holds all data sets." in effects.note
    assert {"nodes=8 on mnist", "nodes=8 on digits"} < {row[0] for row in effects.rows}
    assert "Of 2 data sets mnist is drawn, not digits." in heat.note


def test_seeds_on_data_sets_are_called_repetitions() -> None:
    """Ranks over seeds of two data sets claim nothing about a third."""
    trials = [
        trial(cell(name, dataset=dataset, epochs=1), seed, accuracy=0.9 + place / 100)
        for dataset, (place, name), seed in product(("mnist", "digits"), enumerate("abc"), range(1, 6))
    ]
    chart = drawn(critical_difference, *trials)

    # b is one rank behind, and the critical difference is 2.344 * sqrt(12 / 60) = 1.05
    assert "c ranks ahead of a over 10 seeds on 2 data sets (Friedman p < 0.0001)" == chart.title
    assert "this says nothing about other data sets" in chart.note


def test_a_sweep_of_nine_levels_has_effects_alone() -> None:
    """One axis makes no plane; with two seeds it has no ranks either."""
    trials = [point(0.9 + nodes / 1e4, seed, nodes=nodes) for nodes in range(1, 10) for seed in (1, 2)]

    found = grids_of(result(*trials))

    assert [9, None, None] == [chart and len(chart.rows) for chart in (draw(found, ACCURACY) for draw in CHARTS)]


@pytest.mark.parametrize("run", [result(), result(failed()), result(trial()), reference_study(5)])
def test_no_grid_no_chart(run: RunResult) -> None:
    """Nothing, a failure, a cell, two architectures: there is no grid to draw."""
    assert [None, None, None] == [draw(grids_of(run), ACCURACY) for draw in CHARTS]


def test_names_stay_text() -> None:
    """Levels full of markup are text in titles, tables and drawings, and on one line."""
    trials = [
        point(0.9 + place / 100 + size / 1e4 + seed / 1e5, seed, kind=kind, size=size)
        for (place, kind), size, seed in product(enumerate((HOSTILE, "tanh", "relu" * 60)), (1, 2, 3, 4), (1, 2))
    ]
    for chart in (drawn(draw, *trials) for draw in CHARTS):
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
    """Sixty cells take less than 150 KB for the three charts, which stand in the report one after the other."""
    charts = {chart.name: chart for chart in report_context(grid()).charts}
    names = ["main-effects", "heat-maps", "critical-difference"]

    assert names == [name for name in charts if name in names]
    assert sum(len(charts[name].svg) for name in names) < 150_000
    for name in names:
        assert all(len(charts[name].columns) == len(row) for row in charts[name].rows)
        assert not re.search(r"\bnan\b", charts[name].svg + charts[name].alt + charts[name].note, re.IGNORECASE)
