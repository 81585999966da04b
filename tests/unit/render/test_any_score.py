"""A run that is ranked by another score than accuracy: words, order and numbers follow the score."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from factories import cell, dataset, result, scored, scored_run, trial

from bench.analyse.labels import cell_labels
from bench.analyse.leader import leader
from bench.analyse.stats import summary
from bench.core.score import ACCURACY, Score
from bench.core.scores import SCORES, own_score
from bench.core.target import Task
from bench.record.collect import trials_frame
from bench.record.records import EpochRecord, RunResult
from bench.render import tables
from bench.render.console import TextConsole
from bench.render.context import report_context
from bench.render.context.environment import datasets
from bench.render.explore.data import exploration
from bench.render.explore.measures import plot_measures
from bench.render.exports.latex import latex_text
from bench.render.exports.pytest_benchmark import pytest_benchmark_text
from bench.render.findings import headline
from bench.render.report import render_html, render_markdown
from bench.render.terminal import Outcomes, epoch_line

MAE, AUC, F1 = SCORES["mean_absolute_error"], SCORES["auc"], SCORES["f1_score"]
REGRESSION = scored_run(
    MAE, {"mlp-16": [42.4, 42.5, 42.6], "mlp-64": [41.1, 41.2, 41.3], "linear": [60.0, 61.0, 62.0]}, Task.REGRESSION
)
RANKED = scored_run(AUC, {"small": [0.90, 0.91, 0.92], "large": [0.979, 0.98, 0.981]})
LABELS = scored_run(F1, {"small": [0.50, 0.51, 0.52], "large": [0.679, 0.68, 0.681]}, Task.MULTILABEL)
RUNS = {"regression": (REGRESSION, "mlp-64"), "AUC": (RANKED, "large"), "labels": (LABELS, "large")}


def written(run: RunResult) -> str:
    """All that the report says in HTML and Markdown, its charts included, but for styles and scripts."""
    text = re.sub(r"<(style|script)[^>]*>.*?</\1>", "", render_html(run), flags=re.DOTALL)
    return text + render_markdown(run)[0]


@pytest.mark.parametrize(("run", "best"), RUNS.values(), ids=RUNS)
def test_the_best_leads_everywhere(run: RunResult, best: str) -> None:
    """Leader, rank, leaderboard, interactive charts and terminal agree on who is first, in either direction."""
    cells = summary(trials_frame(run), run.run.score)
    first = f"{best}@houses@cpu"
    (board,) = report_context(run).leaderboards
    console = TextConsole(width=120)
    with console.capture() as capture:
        console.print(tables.leaderboard(cells, run.run.score))

    assert first == leader(cells, run.run.score).cell_id
    assert 1 == cells.set_index("cell_id")["rank"][first]
    assert ("1", first) == (board.rows[0].rank, board.rows[0].cell_id)
    assert ("1", best) == (exploration(run).cells[0].rank, exploration(run).cells[0].label)
    assert re.search(rf"^ *1 +{first}", capture.get(), flags=re.MULTILINE)


@pytest.mark.parametrize("run", [REGRESSION, LABELS], ids=["regression", "labels"])
def test_nothing_is_called_accuracy_or_image_where_there_is_none(run: RunResult) -> None:
    """Neither in HTML and Markdown nor in interactive charts, nor is there a test error."""
    explored = re.sub(r"<(style|script)[^>]*>.*?</\1>", "", render_html(run, interactive=True), flags=re.DOTALL)

    for text in (written(run), explored, *exploration(run).curves, latex_text(run)):
        assert not re.search(r"(?i)accura|\bimages?\b|test error", text)
    assert summary(trials_frame(run), run.run.score)[["test_error", "error_low", "error_high"]].isna().all(axis=None)


def test_a_regression_has_no_percentages() -> None:
    """Of its score: neither in percent nor in points."""
    for row in report_context(REGRESSION).leaderboards[0].rows:
        assert not [value.text for value in row.figures[:4] if "%" in value.text]
    assert not re.search(r"[\d.] points|percentage", written(REGRESSION))


def test_accuracy_is_a_further_column_where_classes_are_ranked_by_another_score() -> None:
    """It stands behind the score, in its own form; the score is not repeated."""
    frame = summary(trials_frame(RANKED), AUC)
    headings = [column.heading for column in report_context(RANKED).leaderboards[0].columns]

    assert "metric_auc" not in frame
    assert 0.9 == pytest.approx(frame["metric_accuracy"].iloc[0])
    assert ["AUC", "95 % interval", "Seeds", "Accuracy"] == headings[:4]
    assert "90.00 %" == report_context(RANKED).leaderboards[0].rows[0].figures[3].text
    assert "metric_accuracy" not in summary(trials_frame(result(trial())), ACCURACY)
    assert "metric_accuracy" not in summary(trials_frame(REGRESSION), MAE)


@pytest.mark.parametrize(
    ("score", "values", "title", "sentence"),
    [
        (
            MAE,
            {"a": [42.4, 42.6], "b": [41.1, 41.3]},
            "b wins on houses with MAE 41.20 (lower is better), ahead of a by 1.3 (0.4491 to 2.151)",
            "It leads second place, a at MAE 42.50, by 1.3 (interval 0.4491 to 2.151, 95 %).",
        ),
        (
            MAE,
            {"a": [40.0, 42.0], "b": [40.5, 42.0]},
            "a comes first on houses with MAE 41.00 (lower is better), but another cell may be as good",
            "The data cannot separate it from second place, b at MAE 41.25: the interval of their difference,",
        ),
        (
            MAE,
            {"a": [42.0], "b": [41.0]},
            "b comes first on houses with MAE 41.00 (lower is better); there are too few seeds to be sure",
            "Second place, a, has MAE 42.00, 1 more. There are too few seeds to say whether that is chance.",
        ),
        (
            MAE,
            {"a": [42.0, 42.0]},
            "a reaches MAE 42.00 (lower is better) on houses",
            "the mean test MAE over 2 seeds (standard deviation 0); its 95 % interval is 42.00 to 42.00.",
        ),
        (
            AUC,
            {"a": [0.98, 0.982], "b": [0.9, 0.901]},
            "a wins on houses with AUC 0.9810, ahead of b by 0.0805 (0.0655 to 0.0955)",
            "its interval is 0.9360 to 1.0000, 95 % for all 2 cells together, because the best of them was selected.",
        ),
        (
            F1,
            {"a": [0.98, 0.982], "b": [0.9, 0.901]},
            "a wins on houses with F1 98.10 %, ahead of b by 8.05 points (6.55 to 9.55)",
            "by 8.05 points (interval 6.55 to 9.55 points, 95 %).",
        ),
    ],
)
def test_the_headline_says_the_score(score: Score, values: dict[str, list[float]], title: str, sentence: str) -> None:
    """Its name, its direction where that is not the usual one, and a lead that is positive in either direction."""
    (told,) = report_context(scored_run(score, values, Task.REGRESSION)).headlines

    assert title == told.title
    assert sentence in " ".join(told.sentences)


def test_a_difference_of_nothing_has_no_sign() -> None:
    """Two cells of the same error differ by 0 and not by -0."""
    (told,) = report_context(scored_run(MAE, {"a": [2.0, 2.0], "b": [2.0, 2.0]}, Task.REGRESSION)).headlines

    assert not re.search(r"(?<![e\d])-0\b", " ".join((told.title, *told.sentences)))


def test_the_leaderboard_is_in_the_words_and_the_unit_of_the_score() -> None:
    """Heading, interval, deviation and definition; a reader who sorts by an error looks for small values first."""
    (board,) = report_context(REGRESSION).leaderboards
    columns = {column.key: column for column in board.columns}
    row = dict(zip(columns, board.rows[0].figures, strict=True))

    assert ("MAE", "", True, "SD") == (
        columns["score"].heading,
        columns["score"].unit,
        columns["score"].small,
        columns["score"].beneath,
    )
    assert ("41.20", "0.1", "40.95 to 41.45") == (row["score"].text, row["score"].sub, row["interval"].text)
    assert "Mean absolute error over the test examples." in columns["score"].meaning
    assert "lower is better" in columns["score"].meaning
    assert "percentage points" not in columns["score"].meaning
    assert "Examples/s" == columns["throughput"].heading
    assert {"error", "validation"}.isdisjoint(columns)


def test_settings_are_chosen_by_the_loss_where_the_score_is_not_measured_on_held_out_data() -> None:
    """The lowest validation loss chooses, whatever the direction of the score."""
    run = scored_run(
        AUC,
        {"a": [0.98, 0.982], "b": [0.9, 0.901]},
        trials={"a": {"validation": True, "losses": (0.5, 0.7)}, "b": {"validation": True, "losses": (0.5, 0.3)}},
    )
    context = report_context(run)
    column = next(column for column in context.leaderboards[0].columns if column.key == "validation")

    assert [0.7, 0.3] == summary(trials_frame(run), AUC)["validation_loss_mean"].tolist()
    assert ("Validation loss", True) == (column.heading, column.small)
    assert (
        "Settings should be chosen by validation loss. By it, b is the best: 0.3 on the held-out examples, AUC 0.9005"
        in (" ".join(context.headlines[0].sentences))
    )


@pytest.mark.parametrize(
    ("score", "sign", "ceiling", "spread"),
    [
        (ACCURACY, "%", 1.0, True),
        (AUC, "", 1.0, True),
        (MAE, "", None, False),
        (SCORES["log_loss"], "", None, False),
        (SCORES["r2_score"], "", None, False),
        (own_score("mine:gain", higher_is_better=True), "", None, False),
    ],
)
def test_only_fractions_of_which_more_is_better_have_a_mirrored_axis(
    score: Score,
    sign: str,
    ceiling: float | None,
    spread: bool,  # noqa: FBT001
) -> None:
    """Their good values all lie close to 1; any other logarithmic axis is one of the values."""
    axis = plot_measures(score, "example")[0]

    assert (sign, ceiling) == (axis.unit(0.95, 0.999)[1], axis.ceiling)
    assert spread is axis.logarithmic(0.95, 0.999)


def test_the_page_to_explore_draws_the_score_in_its_own_unit() -> None:
    """An error in its unit, an AUC as a fraction with its ceiling; the cells with the best score come first."""
    regression, ranked = exploration(REGRESSION), exploration(RANKED)

    assert ("MAE", None, "lowest MAE") == (regression.axes[0].title, regression.axes[0].ceiling, regression.best)
    assert pytest.approx(41.2) == regression.cells[0].values[0]
    assert ("41.20", "40.95 to 41.45") == (regression.cells[0].texts[0], regression.cells[0].intervals[0])
    assert ("AUC", 1.0, "1", "highest AUC") == (
        ranked.axes[0].title,
        ranked.axes[0].ceiling,
        ranked.axes[0].ceiling_text,
        ranked.best,
    )
    assert ("training loss",) == regression.curves


def test_the_terminal_gives_the_score() -> None:
    """The table of trials, the line of a trial, and an epoch that has no accuracy to tell."""
    console = TextConsole(width=200)
    with console.capture() as capture:
        console.print(tables.leaderboard(summary(trials_frame(REGRESSION), MAE), MAE))
        console.print(tables.trials_table(REGRESSION))
    text = capture.get()
    curve = EpochRecord(epoch=2, train_time_s=0.5, loss=0.25, accuracy=None)

    assert "Leaderboard (lower is better)" in text
    assert text.count("MAE") == 2
    assert "accuracy" not in text
    assert "MAE 42.40  " in Outcomes(MAE).text(REGRESSION.trials[0], "", reused=False)
    assert "98.00 %  " in Outcomes().text(trial(), "", reused=False)
    assert "epoch 2/5  loss 0.2500  500 ms" == epoch_line(curve, 5)
    assert "loss 0.2500  accuracy 50.00 %  " in epoch_line(replace(curve, accuracy=0.5), 5)


def test_places_in_the_terminal_are_those_on_a_data_set() -> None:
    """The best of each data set has rank 1: scores on two of them are not compared, and one seed has no rank."""
    run = result(*(trial(cell(name, dataset=data), seed, accuracy=value + seed / 1e4) for name, data, value, seeds in (
        ("a", "mnist", 0.98, 3), ("a", "digits", 0.90, 3), ("b", "digits", 0.95, 3), ("c", "digits", 0.8, 1))
        for seed in range(seeds)))  # fmt: skip
    console = TextConsole(width=120)
    with console.capture() as capture:
        console.print(tables.leaderboard(summary(trials_frame(run), ACCURACY), ACCURACY))

    rows = [line.split()[:2] for line in capture.get().splitlines()[2:]]
    assert [["1", "a@mnist@cpu"], ["1", "b@digits@cpu"], ["2", "a@digits@cpu"], ["-", "c@digits@cpu"]] == rows


def test_exports_name_the_score() -> None:
    """A paper's table and pytest-benchmark's extra information; those of accuracy keep their words."""
    heads = r"{Rank} & {Cell} & {Data set} & {MAE} & {SD} & {95 \% interval} & {Seeds} & {Train time, s} & {Parameters}"
    assert heads in latex_text(REGRESSION)
    assert "Test MAE, mean over seeds; lower is better. Rank: 1 + the number" in latex_text(REGRESSION)
    assert r"(t tests of 3 pairs, error 5 \% for all together)" in latex_text(REGRESSION)
    assert "Test accuracy, mean over seeds." in latex_text(result(trial()))
    assert '"score": "mean_absolute_error"' in pytest_benchmark_text(REGRESSION)
    assert '"accuracies"' in pytest_benchmark_text(result(trial()))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["60,000", "10,000", "28 x 28 x 1", "10 classes"]),
        ({"image_shape": (7,), "task": Task.REGRESSION, "classes": (), "targets": ("price",)},
         ["60,000", "10,000", "7", "1 measured value (price)"]),
        ({"inputs": {"rooms": (3,), "text": (200, 8)}, "task": Task.MULTILABEL, "classes": (), "targets": ("a", "b")},
         ["60,000", "10,000", "rooms 3, text 200 x 8", "2 labels (a, b)"]),
        ({"image_shape": ()}, ["60,000", "10,000", "1", "10 classes"]),
    ],
)  # fmt: skip
def test_the_table_of_data_says_what_goes_in_and_what_is_predicted(
    changes: dict[str, object], expected: list[str]
) -> None:
    """Any shape, several inputs by name, classes, labels or values."""
    table = datasets(result(trial(), datasets=(dataset(**changes),)).run)

    assert expected == list(table.rows[0][1:5])


def test_examples_are_images_only_where_all_are_pictures() -> None:
    """The table of data and the leaderboard of a table say examples, of pictures images."""
    table = datasets(result(trial(), datasets=(dataset(), dataset("houses", picture=False))).run)

    assert ("training examples", "test examples") == table.columns[1:3]
    assert "Images/s" in [column.heading for column in report_context(result(trial())).leaderboards[0].columns]


def test_a_score_of_the_users_own_goes_by_its_name() -> None:
    """As its function is called, in its direction, however large its values are."""
    score = own_score("mine:total_cost", higher_is_better=False)
    cells = summary(trials_frame(scored_run(score, {"a": [1e6, 1.1e6], "b": [-2.0, -3.0]}, Task.REGRESSION)), score)

    told = headline(leader(cells, score), cells, cell_labels(cells), score)

    assert told.title.startswith("b ")
    assert "total cost -2.500 (lower is better)" in told.title


def test_a_metric_of_the_builder_stays_as_it_is() -> None:
    """What a builder compiled is shown under its own name, beside the score."""
    of = scored(cell("a", dataset="houses"), 1, MAE, 3.0, Task.REGRESSION)
    of = replace(of, outcome=replace(of.outcome, metrics={**of.outcome.metrics, "builder_mape": 12.5}))
    frame = summary(trials_frame(replace(REGRESSION, trials=(of,))), MAE)

    assert ["metric_builder_mape"] == [name for name in frame.columns if name.startswith("metric_")]
