"""The registry of measures: every column is described once, in words that fit the run."""

from __future__ import annotations

import pytest

from bench.core.score import ACCURACY, Score
from bench.core.scores import SCORES, own_score
from bench.record.measures import (
    EPOCH,
    EPOCH_COLUMNS,
    SUMMARY,
    SUMMARY_COLUMNS,
    TRIAL,
    TRIAL_COLUMNS,
    Measure,
    metric_measures,
    summary_measures,
)


@pytest.mark.parametrize("frame", [TRIAL, EPOCH, SUMMARY], ids=["trials", "epochs", "summary"])
def test_every_column_is_described_once(frame: tuple[Measure, ...]) -> None:
    """With a sentence; its unit is that at the end of its name."""
    assert len(frame) == len({measure.name for measure in frame})
    for measure in frame:
        assert measure.meaning.endswith("."), measure.name
        assert (measure.unit == "bytes") == measure.name.endswith("_bytes"), measure.name
        assert (measure.unit == "s") == (measure.name.endswith("_s") and not measure.name.endswith("per_s")), (
            measure.name
        )


def test_a_statistic_is_of_a_column_of_the_trials() -> None:
    """It keeps heading, unit and direction; the ends of its interval are columns too. Test errors are made of two."""
    trials = {measure.name: measure for measure in TRIAL}
    for measure in SUMMARY:
        if measure.of not in {"", "test_error"}:
            of = trials[measure.of]
            assert (of.heading, of.unit) == (measure.heading, measure.unit), measure.name
        assert set(measure.ends or ()) <= set(SUMMARY_COLUMNS)


def test_columns_have_dtypes_of_pandas() -> None:
    """Missing values are possible in each."""
    assert {"string", "boolean", "Int64", "float64"} == {
        *TRIAL_COLUMNS.values(), *EPOCH_COLUMNS.values(), *SUMMARY_COLUMNS.values()
    }  # fmt: skip


@pytest.mark.parametrize("score", [ACCURACY, *SCORES.values(), own_score("m:{f}", higher_is_better=False)])
def test_every_score_words_every_column(score: Score) -> None:
    """No placeholder is left; the score's column has its heading, direction and form, whatever its name holds."""
    measures = summary_measures(score, "image")
    ours = measures["score_mean"]

    assert (score.heading, not score.higher_is_better) == (ours.heading, ours.small)
    assert score.text(0.5) == ours.text(0.5)
    assert score.gap(0.5) == measures["score_std"].text(0.5)
    assert "images/s" == measures["images_per_s"].heading
    for measure in measures.values():
        assert "{example" not in measure.meaning + measure.heading
        assert "{score" not in measure.meaning + measure.heading


def test_further_metrics_are_those_of_the_scores() -> None:
    """Heading, meaning, direction and form are the score's; the user's own and a builder's go by their names."""
    f1, error, own, builder = metric_measures(
        ["cell_id", "metric_f1_score", "metric_mean_absolute_error", "metric_mine:cost", "metric_builder_mape"]
    )

    assert ("F1", False, "50.00 %") == (f1.heading, f1.small, f1.text(0.5))
    assert ("MAE", True, "0.5000") == (error.heading, error.small, error.text(0.5))
    assert ("cost", "mape (builder)") == (own.heading, builder.heading)
