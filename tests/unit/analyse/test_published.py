"""Published figures beside our seeds."""

from __future__ import annotations

import pytest
from factories import cell, failed, result, trial

from bench.analyse.intervals import Interval
from bench.analyse.published import PublishedComparison, published_comparison
from bench.core.score import ACCURACY
from bench.core.scores import SCORES
from bench.record.collect import trials_frame
from bench.record.records import Published
from bench.render.charts.published import published_sentence


def compared(figure: float, *accuracies: float) -> PublishedComparison:
    trials = [trial(cell("a"), seed, accuracy=value) for seed, value in enumerate(accuracies, start=1)]
    (one,) = published_comparison(
        trials_frame(result(*trials)), {"a": Published(accuracy=figure, source="paper", dataset="mnist")}, ACCURACY
    )
    return one


def test_a_figure_above_all_seeds_but_plausible() -> None:
    """0.9805 is above every seed, yet within the 95 % prediction interval 0.979 +/- 2.776 * 0.000791 * 1.095."""
    one = compared(0.981, 0.978, 0.9785, 0.979, 0.9795, 0.98)

    assert (5, 0, False, True) == (one.n, one.reached, one.within_range, one.within_prediction)
    assert (0.976596, 0.981404) == pytest.approx((one.prediction.low, one.prediction.high), abs=1e-6)
    assert "is above all 5 of our seeds and could be one more seed" in published_sentence(one, "a")


def test_equal_seeds_leave_room_for_one_image() -> None:
    """Three times 97.90 % of 10,000 images: another seed lies within 4.302653 * 0.5 * sqrt(4 / 3) = 2.484 images."""
    one = compared(0.9791, 0.979, 0.979, 0.979)

    assert (9790 - 2.48414, 9790 + 2.48414) == pytest.approx((1e4 * one.prediction.low, 1e4 * one.prediction.high))
    assert one.within_prediction
    assert not compared(0.9794, 0.979, 0.979, 0.979).within_prediction


def test_of_several_figures_each_has_its_share_of_the_error() -> None:
    """Two cells are judged at 97.5 % each, one seed is not judged: t(2) is 6.2053 and not 4.3027."""
    trials = [trial(cell(name), seed, accuracy=a) for name in "ab" for seed, a in enumerate((0.97, 0.98, 0.99))]
    figures = {name: Published(accuracy=0.9, source="paper", dataset="mnist") for name in "abc"}
    found = published_comparison(trials_frame(result(*trials, trial(cell("c")))), figures, ACCURACY)

    assert 0.98 - 6.2053 * 0.01 * (4 / 3) ** 0.5 == pytest.approx(found[0].prediction.low, abs=1e-6)
    assert [True, True, False] == [one.prediction.known for one in found]


def test_a_figure_far_below() -> None:
    """A figure far below every seed is reached by all and expected of none."""
    one = compared(0.95, 0.978, 0.979, 0.98)

    assert (3, False, False) == (one.reached, one.within_range, one.within_prediction)
    assert "is below all 3 of our seeds and is outside the prediction interval of one more seed" in published_sentence(
        one, "a"
    )


def test_a_figure_among_the_seeds() -> None:
    """A seed that equals the figure counts as reaching it."""
    one = compared(0.979, 0.978, 0.979, 0.98)

    assert (2, True, True) == (one.reached, one.within_range, one.within_prediction)
    assert "among our 3 seeds (2 at or above it)" in published_sentence(one, "a")


def test_one_seed_is_not_judged() -> None:
    """A single seed gives no interval, so nothing is said about the figure."""
    one = compared(0.979, 0.98)

    assert one.within_prediction is None
    assert "one seed cannot say" in published_sentence(one, "a")


def test_only_ok_trials_of_named_architectures_are_compared() -> None:
    """Architectures without a figure and cells without a result are left out."""
    frame = trials_frame(result(trial(cell("a")), failed(cell("b")), trial(cell("c"))))
    figures = {
        "a": Published(accuracy=0.9, source="x", dataset="mnist"),
        "b": Published(accuracy=0.9, source="x", dataset="mnist"),
    }

    assert ["a"] == [one.architecture for one in published_comparison(frame, figures, ACCURACY)]


def test_a_figure_is_compared_on_its_own_data_set_only() -> None:
    """A figure published for MNIST says nothing about another data set of the same suite."""
    cells = [cell("a", dataset=name) for name in ("mnist", "fashion_mnist")]
    frame = trials_frame(result(*(trial(of) for of in cells)))

    found = published_comparison(frame, {"a": Published(accuracy=0.95, source="x", dataset="mnist")}, ACCURACY)

    assert ["mnist"] == [one.dataset for one in found]


def test_cells_of_one_architecture_are_not_pooled() -> None:
    """Two settings of an architecture are two comparisons with the same figure."""
    cells = [cell("a", learning_rate=rate, named=("learning_rate",)) for rate in (0.1, 0.2)]
    frame = trials_frame(result(*(trial(of, accuracy=0.9) for of in cells)))

    found = published_comparison(frame, {"a": Published(accuracy=0.95, source="x", dataset="mnist")}, ACCURACY)

    assert [1, 1] == [one.n for one in found]


def test_figures_of_another_score_are_not_compared() -> None:
    """A published accuracy says nothing about an error."""
    frame = trials_frame(result(trial(cell("a"), 1), trial(cell("a"), 2)))
    figures = {"a": Published(accuracy=0.95, source="x", dataset="mnist")}

    assert () == published_comparison(frame, figures, SCORES["mean_absolute_error"])


def test_a_figure_where_less_is_better() -> None:
    """Reached is what is as low or lower, and the sentence says better where it is lower."""
    one = PublishedComparison(
        architecture="a", cell_id="a@x@cpu", dataset="x", score=SCORES["mean_absolute_error"], published=40.0,
        source="paper", scores=(41.0, 42.0, 43.0), mean=42.0, interval=Interval(41.0, 43.0),
        prediction=Interval(39.0, 45.0), reached=0,
    )  # fmt: skip
    assert "a: the published MAE 40.00 is better than all 3 of our seeds and could be one more seed (expected: " in (
        published_sentence(one, "a")
    )
