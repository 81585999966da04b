"""Charts: axes that suit their numbers, labels that do not cover each other, one style per architecture."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from factories import cell, failed, grid, reference_study, result, trial

from bench.analyse.labels import cell_labels
from bench.analyse.stats import summary
from bench.core.score import ACCURACY
from bench.record.collect import epochs_frame, trials_frame
from bench.render.charts.axes import Spacing, epoch_axis, loss_axis, position, score_axis, spacing, time_axis
from bench.render.charts.bars import interval_bar, scale
from bench.render.charts.canvas import canvas
from bench.render.charts.labels import place_labels
from bench.render.charts.learning_curves import learning_curves
from bench.render.charts.palette import COLOURS, css, styles
from bench.render.charts.phases import time_by_phase
from bench.render.charts.score_time import score_against_time

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axis import Axis

    from bench.record.records import RunResult
    from bench.render.charts.palette import Style

RATES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, WCAG 2.2, relative luminance."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_stand_out_from_their_page(theme: int) -> None:
    """Text has a contrast of 4.5 and marks of 3 on either page (WCAG 2.2, 1.4.3 and 1.4.11)."""
    paper = COLOURS["paper"][theme]

    for name, values in COLOURS.items():
        if name in {"ink", "muted", "accent"}:
            assert contrast(values[theme], paper) >= 4.5, name
        if name.startswith("series"):
            assert contrast(values[theme], paper) >= 3, name
    assert f"--ink:{COLOURS['ink'][theme]};" in css(theme)


def test_one_style_per_architecture() -> None:
    """An architecture keeps its style; eleven differ in colour or shape."""
    looks = styles([f"a{number % 11}" for number in range(30)])

    assert 11 == len(looks) == len(set(looks.values()))


@pytest.mark.parametrize(("accuracies", "spread"), [((0.92, 0.98), False), ((0.11, 0.98), True), ((1.0, 1.0), False)])
def test_wide_errors_are_spread(accuracies: tuple[float, ...], *, spread: bool) -> None:
    """Errors that differ more than tenfold are drawn by their logarithm."""
    assert (Spacing.ERRORS if spread else Spacing.EVEN) is spacing(accuracies, ACCURACY)


def test_positions_rise_with_accuracy() -> None:
    """Better is higher on both kinds of axis, up to a perfect score."""
    for by in (Spacing.EVEN, Spacing.ERRORS):
        places = [position(accuracy, by) for accuracy in (0.0, 0.5, 0.9, 0.99, 1.0)]
        assert places == sorted(places)


def ticks(axis: Axis) -> list[str]:
    axis.axes.figure.draw_without_rendering()
    low, high = sorted(axis.get_view_interval())
    return [t.get_text() for t, x in zip(axis.get_ticklabels(), axis.get_ticklocs(), strict=True) if low <= x <= high]


@pytest.mark.parametrize("accuracies", [(0.925, 0.982), (0.1, 0.982), (0.98, 0.98), (1.0, 1.0), (0.0, 0.0)])
def test_accuracy_ticks_are_few_and_different(accuracies: tuple[float, ...]) -> None:
    """An axis of accuracy has at least two ticks, none twice, none above 100 %."""
    with canvas(300) as figure:
        axis = figure.add_subplot().yaxis
        score_axis(axis, accuracies, ACCURACY, spacing(accuracies, ACCURACY))
        texts = ticks(axis)

    assert 2 <= len(texts) == len(set(texts)) <= 14
    assert max(float(text) for text in texts) <= 100.05


@pytest.mark.parametrize(
    ("times", "some"),
    [((5, 40), "20 s"), ((2, 200), "1 min"), ((60, 9000), "1 h"), ((0.01, 0.5), "0.1 s"), ((0, 0), "0 s")],
)
def test_time_ticks_carry_their_unit(times: tuple[float, float], some: str) -> None:
    """An axis of time reads in seconds, minutes and hours, logarithmic over a wide range."""
    with canvas(300) as figure:
        axis = figure.add_subplot().xaxis
        time_axis(axis, times)
        texts = ticks(axis)

    assert any(text.endswith(some.split()[1]) for text in texts)
    assert 2 <= len(texts) == len(set(texts)) <= 10


@pytest.mark.parametrize("times", [(31, 70), (100, 190), (3600, 12_000), (0.004, 0.03)])
def test_a_linear_time_axis_has_one_unit(times: tuple[float, float]) -> None:
    """Nobody has to compare 90 s with 1 min, and no far-off 0 presses the dots together."""
    with canvas(300) as figure:
        axis = figure.add_subplot().xaxis
        time_axis(axis, times)
        texts = ticks(axis)

    assert 1 == len({text.split()[1] for text in texts})
    assert len(texts) >= 2
    assert axis.get_view_interval()[0] >= times[0] - (times[1] - times[0]) / 4


@pytest.mark.parametrize("losses", [(0.014, 0.4), (0.006, 0.8), (0.09, 0.95), (1e-6, 2.0)])
def test_a_logarithmic_axis_of_loss_has_ticks_enough(losses: tuple[float, float]) -> None:
    """One tick would say where the axis is, not what it says."""
    with canvas(300) as figure:
        axis = figure.add_subplot().yaxis
        loss_axis(axis, losses)
        texts = ticks(axis)

    assert 3 <= len(texts) == len(set(texts)) <= 9


@pytest.mark.parametrize(("last", "expected"), [(1, "1"), (3, "1 2 3"), (20, "1 5 10 15 20"), (23, "1 5 10 15 20 23")])
def test_an_axis_of_epochs_ends_at_the_first_and_the_last(last: int, expected: str) -> None:
    """Both ends of the training are on the axis, with round epochs between them."""
    with canvas(300) as figure:
        axis = figure.add_subplot().xaxis
        epoch_axis(axis, last)

        assert expected.split() == ticks(axis)


def test_many_cells_of_one_architecture_have_a_colour_each() -> None:
    """Curves that share a colour and a dash could not be told apart."""
    run = result(*(trial(cell(learning_rate=rate, named=("learning_rate",)), validation=True) for rate in RATES))
    trials, cells, labels, looks = drawn(run)

    chart = learning_curves(trials, epochs_frame(run), cells, labels, looks, score=ACCURACY)

    assert {f"var(--series-{number}," for number in range(6)} <= set(re.findall(r"var\(--series-\d,", chart.svg))
    assert "drawn for model-2[lr=" in chart.note
    assert "Every epoch of every trial is in run.json" in chart.table_note


def test_long_names_give_way_to_letters() -> None:
    """Where names are too long to stand beside their marks, letters do, on the front alone and explained below."""
    short = result(trial(cell("a")))
    worse = trial(cell("c" * 40), accuracy=0.9, epoch_seconds=3.0)
    long = result(trial(cell("a" * 40)), trial(cell("b" * 40), accuracy=0.99, epoch_seconds=2.0), worse)

    assert () == score_against_time(*drawn(short), ACCURACY).findings
    chart = score_against_time(*drawn(long), ACCURACY)
    assert [f"A: {'a' * 40}, 98.00 % after", f"B: {'b' * 40}, 99.00 % after"] == [
        finding[: finding.index("after") + 5] for finding in chart.findings
    ]
    assert all(f">{letter}<" in chart.svg for letter in "AB")
    assert ">C<" not in chart.svg


def test_names_do_not_cover_each_other() -> None:
    """Of names whose points coincide only those are set that find a place of their own."""
    with canvas(300) as figure:
        axes = figure.add_subplot()
        figure.draw_without_rendering()
        place_labels(axes, [(0.5, 0.5, f"name number {i}") for i in range(30)], [(0.5, 0.5)])
        boxes = [text.get_window_extent() for text in axes.texts]

    assert 2 <= len(boxes) < 30
    assert not [1 for i, a in enumerate(boxes) for b in boxes[:i] if a.shrunk(0.9, 0.8).overlaps(b.shrunk(0.9, 0.8))]


@pytest.mark.parametrize("number", range(6))
def test_a_letter_that_is_nearer_to_another_mark_has_a_line_to_its_own(number: int) -> None:
    """Among sixty marks at random: the nearest mark is its own, or a line leads there."""
    noise = np.random.default_rng(number)
    marks = [(float(x), float(y)) for x, y in noise.random((60, 2))]
    with canvas(300) as figure:
        axes = figure.add_subplot(xlim=(0, 1), ylim=(0, 1))
        figure.draw_without_rendering()
        place_labels(axes, [(*mark, letter) for mark, letter in zip(marks, "ABCDEFGH", strict=False)], marks, marks)
        pixels = axes.transData.transform(marks)
        own = dict(zip("ABCDEFGH", pixels, strict=False))
        lines = [axes.transData.transform(line.get_xydata())[0] for line in axes.lines]
        texts = [(text.get_text(), axes.transData.transform(text.get_position()), text.get_ha()) for text in axes.texts]

    assert len(texts) >= 6
    for letter, (x, y), align in texts:
        middle = np.array([x + {"left": 3.45, "right": -3.45, "center": 0.0}[align], y])
        nearest = float(np.hypot(*(pixels - middle).T).min())
        linked = any(np.allclose(start, own[letter], atol=0.1) for start in lines)
        assert linked or np.hypot(*(own[letter] - middle)) <= nearest + 1


def test_a_mark_says_which_cell_it_is() -> None:
    """A reader who points at it reads the name, the score and the time; names are text."""
    long = result(*(trial(cell(name * 40), seed) for name in "ab<" for seed in (1, 2)))
    chart = score_against_time(*drawn(long), ACCURACY)
    told = re.findall(r"<g>\s*<title>([^<]+)</title>", chart.svg)
    assert [f"{row[0]}: {row[1]}, {row[3]}" for row in chart.rows] == [html.unescape(text) for text in told]


def drawn(run: RunResult) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, str], dict[str, Style]]:
    trials = trials_frame(run)
    cells = summary(trials, ACCURACY)
    return trials, cells, cell_labels(cells), styles(trials["architecture"])


def test_the_title_states_the_trade() -> None:
    """The first chart's title weighs the most accurate against the quickest cell, in the table's own digits."""
    chart = score_against_time(*drawn(reference_study()), ACCURACY)

    assert re.fullmatch(
        r"model-2 reaches \d\d\.\d\d % after [\d.]+ s of training; "
        r"model-1 trains \d\.\d times as fast and gives up \d\.\d\d points",
        chart.title,
    )
    assert chart.rows[1][1] in chart.title


def test_a_cell_that_is_best_and_quickest_has_no_trade() -> None:
    """Where nothing is given up the title says so."""
    run = result(trial(cell("a"), accuracy=0.98, epoch_seconds=1), trial(cell("b"), accuracy=0.97, epoch_seconds=2))

    assert "the best and the quickest" in score_against_time(*drawn(run), ACCURACY).title


def test_a_chart_without_data_is_left_out() -> None:
    """No timed trial, no chart of time."""
    trials, cells, labels, looks = drawn(result(failed(), trial(seed=2, contention="2 at once")))

    assert score_against_time(trials, cells, labels, looks, ACCURACY) is None
    assert time_by_phase(trials, cells, labels, ACCURACY) is None


def test_many_cells_draw_the_best_and_list_all() -> None:
    """A chart of bars draws the most accurate cells and keeps all in its table."""
    trials, cells, labels, _ = drawn(grid(1))

    chart = time_by_phase(trials, cells, labels, ACCURACY)

    assert len(chart.rows) == 59
    assert "The 14 best of 59 cells" in chart.note


def test_bars_share_a_scale() -> None:
    """The ends of the scale are the ends of the bar, and the mean lies between those of the interval."""
    on = scale([0.92, 0.98, 0.95], ACCURACY)
    bar = interval_bar(on, 0.95, (0.94, 0.96), [0.95], "series-0")

    assert (5.0, 80.0, 155.0) == (on.x(0.92), on.x(0.95), on.x(0.98))
    assert "92.00 to 98.00 %" == on.text
    assert '<path d="M80,1V17" class="mean"/>' in bar
    assert '<rect x="55" y="4" width="50"' in bar
    assert scale([0.98], ACCURACY).x(0.98) == 80.0
    assert scale([0.98], ACCURACY).text == ""
