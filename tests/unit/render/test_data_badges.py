"""What spoils the scores on a data set has a badge that says what it means for them."""

from __future__ import annotations

import pytest
from factories import dataset, result, run_record, trial

from bench.record.codec import run_from_json, run_to_json
from bench.render.context.environment import datasets
from bench.render.report import report_context


@pytest.mark.parametrize(
    ("changes", "label", "reason"),
    [
        (
            {"unseen": {"yak": 300}},
            "300 test examples of unseen classes",
            "has no example of yak (300), so no model can learn them: they are 3.00 % of the test set.",
        ),
        (
            {"unseen": {f"c{number}": 1 for number in range(8)}},
            "8 test examples of unseen classes",
            "has no example of c0 (1), c1 (1), c2 (1), c3 (1), c4 (1), c5 (1) and 2 more, so no model can learn them",
        ),
        (
            {"overlap": 1},
            "1 test example in the training set",
            "trained on 0.01 % of the test inputs of letters, so scores may be higher than on new data.",
        ),
        (
            {"unstable": 1200},
            "1,200 examples differ between two calls of the loader",
            "returns other data each time, so these scores cannot be compared with those of another run.",
        ),
        (
            {"classes": tuple(map(str, range(187))), "train_images": 331},
            "187 classes with few examples",
            "letters has 1.77 training examples per class; if its labels are measured values (regression), no accuracy",
        ),
        ({"unstable": 1}, "1 example differs between two calls of the loader", "The loader of letters returns other"),
    ],
)
def test_what_spoils_a_score_has_a_badge(changes: dict[str, object], label: str, reason: str) -> None:
    """Each with its count, the data set it is about, and one sentence."""
    (badge,) = report_context(result(trial(), trial(seed=2), datasets=(dataset("letters", **changes),))).badges
    assert label == badge.label
    assert reason in badge.reason
    assert "letters" in badge.reason


def test_sound_data_has_no_badge() -> None:
    """The record of a data set without any of it, and of an earlier version, says nothing."""
    assert () == report_context(result(trial(), trial(seed=2), datasets=(dataset(),))).badges


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"low": 0.0, "high": 255.0, "whole": True}, "whole numbers from 0 to 255"),
        ({"low": -3.14159, "high": 4.2}, "numbers from -3.142 to 4.2"),
    ],
)
def test_the_table_of_data_says_what_the_inputs_are(changes: dict[str, object], expected: str) -> None:
    """Range, and whether they are whole; a record of an earlier version does not say."""
    table = datasets(run_record(datasets=(dataset(**changes), dataset())))
    assert [expected, "-"] == [row[table.columns.index("training inputs")] for row in table.rows]


def test_the_table_of_an_earlier_run_has_no_empty_column() -> None:
    """Where no data set has its values on record, nothing stands for them."""
    table = datasets(run_record(datasets=(dataset(),)))
    assert "training inputs" not in table.columns
    assert len(table.columns) == len(table.rows[0])


def test_records_of_earlier_versions_are_read() -> None:
    """What is not on record is taken for sound."""
    run = run_record(datasets=(dataset(unseen={"yak": 3}, overlap=2, low=0.0, high=1.0),))
    value = run_to_json(run)
    assert run == run_from_json(value, "here")
    for key in ("low", "high", "whole", "picture", "unseen", "overlap", "unstable"):
        del value["datasets"][0][key]
    assert (dataset(),) == run_from_json(value, "here").datasets
