"""Charts of regression, of several labels and of hundreds of classes; what their titles conclude is recomputed."""

from __future__ import annotations

import base64
import re
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from factories import HOSTILE
from problems import many_classes_run, multilabel_run, problem, regression_run

from bench.analyse.labels import cell_labels
from bench.analyse.predictions import answers_of, confusion, hardest
from bench.analyse.stats import summary
from bench.core.formatting import number, percent
from bench.core.scores import SCORES
from bench.core.target import Target, Task
from bench.record.collect import trials_frame
from bench.render.context.drawings import charts

if TYPE_CHECKING:
    from bench.record.records import RunResult
    from bench.render.charts.canvas import Chart

MAE = SCORES["mean_absolute_error"]


def drawn(run: RunResult) -> dict[str, Chart]:
    trials = trials_frame(run)
    cells = summary(trials, run.run.score)
    return {chart.name: chart for chart in charts(run, trials, cells, cell_labels(cells))}


def medians(run: RunResult, cell_id: str = "mlp@houses@cpu") -> tuple[np.ndarray, np.ndarray]:
    """True values, and the median over seeds of what a cell predicts, of the first target."""
    (answers,) = answers_of(run)
    return answers.truth[:, 0].astype(float), np.median(answers.predicted[cell_id][:, :, 0], axis=0).astype(float)


@pytest.fixture(scope="module")
def regression() -> dict[str, Chart]:
    return drawn(regression_run())


def test_each_task_has_its_own_charts(regression) -> None:
    """One place decides which."""
    of_classes, of_labels = {"confusion", "class-accuracy"}, {"label-f1"}
    of_values = {"predicted-against-true", "error-distribution"}
    for chart_names, own in ((regression, of_values), (drawn(multilabel_run()), of_labels)):
        assert own | {"hardest-examples"} == set(chart_names) & (
            of_classes | of_labels | of_values | {"hardest-examples"}
        )


def test_the_ends_of_the_scale_are_the_title(regression) -> None:
    """How far the best architecture is off at the tenth of the lowest and of the highest true values."""
    truth, predicted = medians(regression_run())
    order = np.argsort(truth, kind="stable")
    low, high = ((predicted - truth)[part].mean() for part in (order[:24], order[-24:]))
    assert low > 0 > high
    expected = (
        f"mlp predicts the lowest tenth of price {number(low)} too high and the highest tenth {number(-high)} too low"
    )
    assert f"{expected} on average" == regression["predicted-against-true"].title
    assert ["mlp", "gru", "linear"] == [row[0] for row in regression["predicted-against-true"].rows]


def test_every_example_of_a_small_set_is_a_dot_and_a_large_one_is_thinned() -> None:
    """240 examples are 240 dots in each of three panels; of 5,000 there are 800."""
    for examples, dots in ((240, 240), (5000, 800)):
        chart = drawn(regression_run(examples=examples))["predicted-against-true"]
        paths = re.findall(r'd="([^"]*)"', chart.svg)
        assert 3 == sum(dots == len(re.findall(r"M \S+ \S+\s+L \S+ \S+", path)) for path in paths)
        assert (f"{dots} of 5,000 examples are drawn" in chart.note) is (examples > dots)


def test_half_and_nine_tenths_of_the_errors_are_the_title(regression) -> None:
    """The 120th and the 216th of 240 errors, the smallest first."""
    truth, predicted = medians(regression_run())
    errors = np.sort(np.abs(predicted - truth))
    expected = f"Half of the errors of mlp are at most {number(errors[119])}, and 9 in 10 at most {number(errors[215])}"
    assert expected == regression["error-distribution"].title
    row = regression["error-distribution"].rows[0]
    assert ("mlp", "price", number(errors.mean()), number(errors[-1])) == (*row[:3], row[-1])


def test_the_hardest_rows_have_their_features(regression) -> None:
    """True and predicted value, the error, and the values that the run kept, the largest error first."""
    run = regression_run()
    (answers,) = answers_of(run)
    chart, first = regression["hardest-examples"], hardest(answers)[0]
    assert ("test example", "true", "predicted", "absolute error", "rooms", "area") == chart.columns
    assert (
        f"number {first.number}", number(first.truth[0]), number(first.predicted[0]), number(first.error),
        str(first.number % 7), f"{first.number / 4:g}",
    ) == chart.rows[0]  # fmt: skip
    assert chart.title == (
        f"Test example {first.number} is the hardest: a mean absolute error of {number(first.error)} over all cells; "
        f"price is {number(first.truth[0])}, predicted {number(first.predicted[0])}"
    )


def test_several_targets_have_a_panel_each_up_to_four() -> None:
    """Of five targets the tables hold all."""
    run = drawn(regression_run(("price", "rent", "area", "rooms", "age")))
    for name in ("predicted-against-true", "error-distribution"):
        assert "The first 4 of 5 targets are drawn; the table holds all." in run[name].note
        assert 15 == len(run[name].rows)
        assert ">rooms<" in run[name].svg
        assert ">age<" not in run[name].svg


def test_a_run_without_accuracies_draws_its_losses(regression) -> None:
    """Learning curves are those of the loss alone, and nothing is called accuracy."""
    curves, over_time = regression["learning-curves"], regression["learning-over-time"]
    assert "validation loss, last epoch" == curves.columns[-1]
    assert "training loss on houses" in curves.svg
    assert over_time.title.startswith("At first linear is ahead in validation loss; from ")
    assert over_time.title.endswith(" on it is mlp")
    for chart in regression.values():
        texts = (chart.title, chart.alt, chart.note, chart.heading, chart.svg, *chart.columns, *chart.findings)
        assert not re.search(r"accura|\bimages?\b(?!:)", " ".join(texts).replace("<image", "")), chart.name


def test_the_front_falls_where_less_is_better(regression) -> None:
    """Linear is the quickest, mlp the best; gru is slower than mlp and worse."""
    chart = regression["score-against-time"]
    assert [("linear", "yes"), ("mlp", "yes"), ("gru", "no")] == [(row[0], row[-1]) for row in chart.rows]
    best, quick = chart.rows[1], chart.rows[0]
    lost = MAE.gap(float(quick[1]) - float(best[1]))
    assert chart.title.startswith(f"mlp reaches MAE {best[1]} after ")
    assert float(lost) == pytest.approx(float(chart.title.rpartition("gives up ")[2]), abs=0.01)
    assert "Down and to the left is better" in chart.note
    assert "test MAE (lower is better)" in chart.svg


def test_a_score_of_classes_that_is_not_accuracy_keeps_the_curves_of_accuracy() -> None:
    """What is followed epoch by epoch is what Keras recorded."""
    run = many_classes_run(5, examples=50)
    auc = {"auc": 0.9}
    trials = tuple(replace(one, outcome=replace(one.outcome, metrics=auc)) for one in run.trials)
    scored = drawn(replace(run, run=replace(run.run, score=SCORES["auc"]), trials=trials))
    assert "accuracy, last epoch" == scored["learning-curves"].columns[-1]
    assert "AUC against training time" == scored["score-against-time"].heading


def test_labels_come_the_hardest_first() -> None:
    """By the F1 of the best architecture, with precision and recall of each in the table."""
    run = multilabel_run()
    chart = drawn(run)["label-f1"]
    (answers,) = answers_of(run)
    f1 = {}
    for place, name in enumerate(answers.target.names):
        truth, said = answers.truth[:, place] == 1, answers.predicted["mlp@houses@cpu"][:, :, place] == 1
        hits = (truth & said).sum(axis=1)
        f1[name] = float(np.mean(2 * hits / (said.sum(axis=1) + truth.sum())))
    ordered = sorted(f1, key=f1.__getitem__)
    assert ordered == [row[0] for row in chart.rows]
    assert [percent(f1[name]) for name in ordered] == [row[2] for row in chart.rows]
    assert ("mlp: F1", "mlp: precision", "mlp: recall", "linear: F1") == chart.columns[2:6]
    assert chart.title == (
        f"For mlp, {ordered[0]} is the hardest label, F1 {percent(f1[ordered[0]])}; "
        f"{ordered[-1]} the easiest, {percent(f1[ordered[-1]])}"
    )


def test_three_hundred_classes_are_drawn_by_their_worst_thirty() -> None:
    """Both charts say so in their titles; the confusion's classes are those that are confused most."""
    run = many_classes_run()
    found = drawn(run)
    (answers,) = answers_of(run)
    table = confusion(answers, "mlp@houses@cpu").toarray()
    wrong = table.sum(axis=0) + table.sum(axis=1) - 2 * np.diag(table)
    worst = sorted(np.argsort(-wrong, kind="stable")[:30].tolist())
    np.fill_diagonal(table, 0)
    true, taken = (int(place) for place in np.unravel_index(table.argmax(), table.shape))
    chart = found["confusion"]
    assert chart.title.startswith(f"mlp most often takes species {true} for species {taken}: ")
    assert chart.title.endswith("; the 30 of 300 classes with the most confusions are drawn")
    assert {f"species {label}" for label in worst} == set(re.findall(r">(species \d+)<", chart.svg))
    assert found["class-accuracy"].title.endswith("; the 30 hardest of 300 classes are drawn")
    assert 300 == len(found["class-accuracy"].rows)


def test_thirty_classes_are_drawn_in_full() -> None:
    """And thirty-one are not."""
    for classes, whole in ((30, True), (31, False)):
        chart = drawn(many_classes_run(classes, examples=310))["confusion"]
        assert ("with the most confusions are drawn" not in chart.title) is whole


def test_pictures_are_drawn_whatever_is_predicted() -> None:
    """A regression on images shows them, and calls them images."""
    run = regression_run()
    pixels = base64.b64encode(zlib.compress(bytes((1, 1, 1, 7)))).decode()
    datasets = tuple(replace(data, picture=True) for data in run.run.datasets)
    exhibits = tuple(replace(exhibit, pixels=pixels, values=()) for exhibit in run.run.exhibits)
    chart = drawn(replace(run, run=replace(run.run, datasets=datasets, exhibits=exhibits)))["hardest-examples"]
    assert "The hardest images" == chart.heading
    assert 18 == chart.svg.count("<image")
    assert "off by" in chart.svg


@pytest.mark.parametrize("name", [HOSTILE, "n" * 300], ids=["hostile", "long"])
@pytest.mark.parametrize("task", [Task.REGRESSION, Task.MULTILABEL])
def test_names_of_targets_stay_text(name: str, task: Task) -> None:
    """In every chart of examples."""
    truth = np.array([[0, 1], [1, 0], [1, 1]], np.uint8 if task is Task.MULTILABEL else np.float32)
    run = problem(Target(task, (name, f"{name}2")), truth, {"mlp": [1 - truth]}, None, {"mlp": [0.5]}, picture=False)
    for chart in drawn(run).values():
        tags = {node.tag.rpartition("}")[2] for node in ET.fromstring(f"<x>{chart.svg}</x>").iter()}  # noqa: S314
        assert "script" not in tags
        assert "\x1b" not in chart.svg + chart.title + chart.note


@pytest.mark.parametrize(
    "make",
    [
        lambda: regression_run(examples=1, seeds=1),
        lambda: multilabel_run(("a",), examples=1),
        lambda: many_classes_run(2, examples=2),
    ],
    ids=["regression", "labels", "classes"],
)
def test_the_smallest_problems_have_charts(make) -> None:
    """One example, one seed, one label: nothing fails, and no NaN is printed."""
    for chart in drawn(make()).values():
        assert not re.search(r"\bnan\b", chart.svg + chart.title + chart.alt + chart.note, re.IGNORECASE)
