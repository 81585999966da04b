"""Records become JSON values and come back as they were, or are refused with a sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from factories import cell, dataset, environment, failed, run_record, trial

from bench.core.errors import StoreError
from bench.record.codec import run_from_json, run_to_json, trial_from_json, trial_to_json
from bench.record.records import SCHEMA_VERSION, RunRecord, RunStatus, Status, TrialRecord

if TYPE_CHECKING:
    from collections.abc import Callable


def through_json(value: dict[str, Any]) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(json.dumps(value, allow_nan=False))
    return decoded


def without_predictions(record: TrialRecord) -> TrialRecord:
    return replace(record, outcome=replace(record.outcome, predictions=None))


SCHEDULES = [
    {"schedule": "cosine", "initial": 0.5, "warmup_epochs": 1},
    {"schedule": "exponential", "initial": 0.5, "rate": 0.9},
    {"schedule": "polynomial", "initial": 0.5, "power": 2},
    {"schedule": "inverse_time", "initial": 0.5, "rate": 0.9},
    {"schedule": "piecewise", "boundaries": [1, 2], "values": [0.5, 0.1, 0.01]},
]
FULL = cell(
    "net",
    parameters={
        "hidden": [64, 32],
        "dropout": 0.5,
        "batch_norm": True,
        "activation": "tanh",
        "more": {"deep": [1, "a"]},
    },
    optimizer={"name": "sgd", "momentum": 0.9},
    named=("hidden", "optimizer"),
    memory_limit_bytes=2**33,
    device="cpu[threads=1]",
)


@pytest.mark.parametrize(
    "record",
    [
        trial(FULL, validation=True, contention="2 trials at a time"),
        *(trial(cell(learning_rate=schedule, epochs=2)) for schedule in SCHEDULES),
        *(failed(status=status, reason="why") for status in Status if status is not Status.OK),
        TrialRecord(trial_id="t", key="k", run_id="r", cell=cell(), seed=0, status=Status.SKIPPED),
    ],
    ids=lambda record: f"{record.cell.settings.learning_rate.schedule}-{record.status}",
)
def test_a_trial_comes_back_as_it_was(record: TrialRecord) -> None:
    """All of it but the predictions, which the store keeps apart; cells keep id and fingerprint."""
    back = trial_from_json(through_json(trial_to_json(record)), "Trial t")
    assert without_predictions(record) == back
    assert (record.cell.id, record.cell.fingerprint()) == (back.cell.id, back.cell.fingerprint())


@pytest.mark.parametrize(
    "record",
    [
        run_record(notices=("digits stands in",), planned=(("a@mnist@cpu", 1),), process_id=7),
        run_record(environment=environment(git_revision=None, git_dirty=None), datasets=()),
        RunRecord(run_id="r", suite_name="s", suite={}, suite_source="", command="", started_at=""),
    ],
    ids=["full", "without data", "minimal"],
)
def test_a_run_comes_back_as_it_was(record: RunRecord) -> None:
    """With its environment, data sets, notices and published figures."""
    assert record == run_from_json(through_json(run_to_json(record)), "Run r")


def test_labels_and_predictions_are_left_out() -> None:
    """They are bytes, thousands of them, and have a table of their own."""
    assert "labels" not in run_to_json(run_record(datasets=(dataset(labels=b"\0"),)))["datasets"][0]
    assert "predictions" not in trial_to_json(trial())["outcome"]
    assert "id" not in trial_to_json(trial())["cell"]


READERS = [
    pytest.param(run_from_json, run_to_json(run_record()), id="run"),
    pytest.param(trial_from_json, trial_to_json(trial(cell(epochs=1))), id="trial"),
]


@pytest.mark.parametrize(("read", "value"), READERS)
def test_a_newer_schema_is_refused(read: Callable[[object, str], object], value: dict[str, Any]) -> None:
    """The sentence says which one, and what to do."""
    with pytest.raises(StoreError) as caught:
        read({**value, "schema_version": SCHEMA_VERSION + 1}, "Run r")
    assert "Run r was written with schema 5; this version reads up to schema 4." == caught.value.message
    assert "Upgrade keras-bench, or name another store with --store." == caught.value.hint


@pytest.mark.parametrize(("read", "value"), READERS)
@pytest.mark.parametrize("garbage", [None, 5, "text", [], {}, {"schema_version": "1"}, {"schema_version": None}])
def test_what_is_no_record_is_refused(read: Callable[[object, str], object], value: object, garbage: object) -> None:
    """A record has a schema_version; nothing else is looked at."""
    with pytest.raises(StoreError, match=r"^It is not a record of keras-bench: it has no schema_version\.$"):
        read(garbage, "It")


@pytest.mark.parametrize(
    ("read", "value", "changes", "place"),
    [
        (run_from_json, run_to_json(run_record()), {"status": "DONE"}, "status: Input should be"),
        (run_from_json, run_to_json(run_record()), {"environment": 5}, "environment: "),
        (run_from_json, run_to_json(run_record()), {"planned": [["a"]]}, "planned.0.1: Field required"),
        (trial_from_json, trial_to_json(trial()), {"seed": "many"}, "seed: Input should be a valid integer"),
        (trial_from_json, trial_to_json(trial()), {"status": "GOOD"}, "status: Input should be"),
        (trial_from_json, trial_to_json(trial()), {"cell": {}}, "cell.architecture: Field required"),
    ],
)
def test_an_edited_record_is_refused(
    read: Callable[[object, str], object], value: dict[str, Any], changes: dict[str, Any], place: str
) -> None:
    """The sentence says where it stopped making sense."""
    with pytest.raises(StoreError) as caught:
        read({**value, **changes}, "It")
    assert caught.value.message.startswith(f"It cannot be read: {place}")
    assert "Was it edited by hand? Run the suite again." == caught.value.hint


def test_a_run_says_how_far_it_got() -> None:
    """Statuses are written as the words they are."""
    assert "INTERRUPTED" == run_to_json(run_record(status=RunStatus.INTERRUPTED))["status"]
    assert "DIVERGED" == trial_to_json(failed(status=Status.DIVERGED))["status"]


def test_a_figure_that_is_none_is_left_out() -> None:
    """A builder's own metric may be NaN: the record has none, and neither has one of an earlier version."""
    nan, inf = float("nan"), float("inf")
    record = trial(cell(epochs=1))
    epochs = tuple(replace(epoch, validation_accuracy=nan, learning_rate=inf) for epoch in record.outcome.epochs)
    outcome = replace(record.outcome, metrics={"builder_odd": nan, "builder_huge": 1e300, "f1": 0.5}, epochs=epochs)
    value = through_json(trial_to_json(replace(record, outcome=outcome)))
    assert {"f1": 0.5} == value["outcome"]["metrics"]
    epoch = value["outcome"]["epochs"][0]
    assert (None, None) == (epoch["validation_accuracy"], epoch["learning_rate"])
    assert {"f1": 0.5} == trial_from_json(value, "here").outcome.metrics
    value["outcome"]["metrics"] = {"builder_odd": nan, "f1": 0.5}
    assert {"f1": 0.5} == trial_from_json(value, "here").outcome.metrics
