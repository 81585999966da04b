"""Metrics that a suite names stand wherever a reader looks for them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from factories import cell, result, trial

from bench.analyse.stats import summary
from bench.core.score import ACCURACY
from bench.record.collect import trials_frame
from bench.record.measures import metric_measures
from bench.record.records import RunResult
from bench.render.console import TextConsole
from bench.render.context import report_context
from bench.render.exports.latex import latex_text
from bench.render.tables import metrics_table


@pytest.fixture
def run() -> RunResult:
    """Two cells of two seeds; the second cell has no AUC."""
    a, b = cell("a", metrics=("f1_score", "auc")), cell("b", metrics=("f1_score",))
    values = {("a", 1): {"f1_score": 0.5, "auc": 0.9}, ("a", 2): {"f1_score": 0.7, "auc": 0.91},
              ("b", 1): {"f1_score": 0.25}, ("b", 2): {"f1_score": 0.25}}  # fmt: skip
    trials = [trial(of, seed, accuracy=0.9 if of is a else 0.8) for of in (a, b) for seed in (1, 2)]
    named = [replace(t, outcome=replace(t.outcome, metrics=values[t.cell.architecture, t.seed])) for t in trials]
    return result(*named)


def test_the_summary_has_their_means(run: RunResult) -> None:
    """Over the OK trials, after all other columns; NaN where a cell has none."""
    table = summary(trials_frame(run), ACCURACY).set_index("architecture")
    assert ["metric_f1_score", "metric_auc"] == list(table.columns[-2:])
    assert [0.6, 0.25] == pytest.approx(table["metric_f1_score"].tolist())
    assert 0.905 == pytest.approx(table.loc["a", "metric_auc"])
    assert table["metric_auc"].isna().tolist() == [False, True]


def test_the_leaderboard_has_a_column_for_each(run: RunResult) -> None:
    """Heading, definition and number; a cell without it shows a dash."""
    (board,) = report_context(run).leaderboards
    headings = [column.heading for column in board.columns]
    assert headings[headings.index("Seeds") + 1 :][:2] == ["F1", "AUC"]
    at = headings.index("F1")
    assert [("60.00 %", "0.9050"), ("25.00 %", "-")] == [
        (row.figures[at].text, row.figures[at + 1].text) for row in board.rows
    ]
    assert "Harmonic mean of precision and recall." in board.columns[at].meaning


def test_the_terminal_has_them_in_a_table_of_their_own(run: RunResult) -> None:
    """Within 80 columns, whatever the leaderboard needs; a run without metrics has none."""
    console = TextConsole(width=80, record=True, file=None)
    with console.capture() as capture:
        console.print(metrics_table(summary(trials_frame(run), ACCURACY), ACCURACY))
    lines = [line.split() for line in capture.get().splitlines() if line.strip()]
    assert ["cell", "F1", "AUC"] == lines[1]
    assert [["60.00", "%", "0.9050"], ["25.00", "%", "-"]] == [line[1:] for line in lines[2:]]
    assert metrics_table(summary(trials_frame(result(trial())), ACCURACY), ACCURACY) is None


def test_a_paper_has_them_too(run: RunResult) -> None:
    """Between the seeds and the times."""
    assert r"{95 \% interval} & {Seeds} & {F1, \%} & {AUC} & {Train time, s} & {Parameters} \\" in latex_text(run)


def test_a_metric_that_nobody_described_goes_by_its_name() -> None:
    """A builder may compile any; an error is the better the smaller it is."""
    own, error = metric_measures(["cell_id", "metric_my_figure", "metric_mean_absolute_error"])
    assert ("My figure", "my_figure, over the test set. Mean over the OK trials.") == (own.title, own.meaning)
    assert (False, True) == (own.small, error.small)
