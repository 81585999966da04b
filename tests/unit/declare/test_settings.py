"""How settings, devices and cells read in an id, and what makes two trainings the same."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from factories import cell

from bench.declare.cell import LIMITS, dataset_label
from bench.declare.device import DeviceSpec, parse_device
from bench.declare.settings import TrainingSettings, setting_text


def settings(**values: Any) -> TrainingSettings:
    return TrainingSettings.model_validate(values)


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (0.1, "0.1"),
        (1, "1"),
        (0.30000000000000004, "0.3"),
        (1e-5, "1e-05"),
        ({"schedule": "constant", "initial": 0.5}, "0.5"),
        ({"schedule": "cosine", "initial": 0.5}, "cosine(initial=0.5)"),
        ({"schedule": "cosine", "initial": 1, "warmup_epochs": 2}, "cosine(initial=1,warmup_epochs=2)"),
        ({"schedule": "exponential", "initial": 0.1, "rate": 0.9}, "exponential(initial=0.1,rate=0.9)"),
        ({"schedule": "polynomial", "initial": 0.1, "final": 0.0}, "polynomial(initial=0.1)"),
        ({"schedule": "inverse_time", "initial": 1, "rate": 2}, "inverse_time(initial=1,rate=2)"),
        (
            {"schedule": "piecewise", "boundaries": [2, 4], "values": [1, 0.1, 0.01]},
            "piecewise(boundaries=2-4,values=1-0.1-0.01)",
        ),
    ],
)
def test_a_learning_rate_reads_in_an_id(rate: object, expected: str) -> None:
    """A constant is its number; a schedule names what it does not leave to its defaults."""
    assert expected == setting_text(settings(learning_rate=rate).learning_rate)


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        ("sgd", "sgd"),
        ({"name": "sgd"}, "sgd"),
        ({"name": "sgd", "nesterov": True, "momentum": 0.9}, "sgd(momentum=0.9,nesterov=True)"),
    ],
)
def test_an_optimizer_reads_in_an_id(optimizer: object, expected: str) -> None:
    """Its options follow in the order of the alphabet."""
    assert expected == setting_text(settings(optimizer=optimizer).optimizer)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (128, "128"),
        (True, "true"),
        (False, "false"),
        (0.0, "0"),
        ("relu", "relu"),
        ([128, 64], "128-64"),
        ((0.5, True), "0.5-true"),
        ([], "none"),
        ({"b": [1, 2], "a": 0.5}, "(a=0.5,b=1-2)"),
    ],
)
def test_a_parameter_reads_in_an_id(value: object, expected: str) -> None:
    """Any JSON value has a short form."""
    assert expected == setting_text(value)


def test_the_first_rate_of_a_schedule_of_steps() -> None:
    """Every schedule says where it begins."""
    piecewise = settings(learning_rate={"schedule": "piecewise", "boundaries": [1], "values": [0.5, 0.1]})
    assert 0.5 == piecewise.learning_rate.initial


@pytest.mark.parametrize(
    ("text", "expected", "normal"),
    [
        ("cpu", DeviceSpec("cpu"), "cpu"),
        ("cpu:0", DeviceSpec("cpu"), "cpu"),
        ("cpu[threads=4]", DeviceSpec("cpu", threads=4), "cpu[threads=4]"),
        ("gpu", DeviceSpec("gpu"), "gpu"),
        ("gpu:0", DeviceSpec("gpu", 0), "gpu:0"),
        ("gpu:1", DeviceSpec("gpu", 1), "gpu:1"),
    ],
)
def test_a_device_is_read(text: str, expected: DeviceSpec, normal: str) -> None:
    """Kind, index and threads; one way to write each."""
    assert expected == parse_device(text)
    assert normal == str(parse_device(text))


@pytest.mark.parametrize(
    "text", ["", "tpu", "CPU", "cpu:1", "cpu[threads=0]", "cpu[threads=]", "gpu:", "gpu:-1", "gpu:0[threads=2]", "cpu "]
)
def test_no_other_device_is_read(text: str) -> None:
    """The refusal says what may be named."""
    with pytest.raises(ValueError, match=r"cpu, cpu\[threads=N\], gpu or gpu:N"):
        parse_device(text)


@pytest.mark.parametrize(
    ("dataset", "label"),
    [
        ("mnist", "mnist"),
        ("./data/mine.npz", "mine"),
        ("data/idx", "idx"),
        ("data/idx/", "idx"),
        ("data/v1.2", "v1.2"),
        ("my.data:load", "load"),
        ("..", ".."),
        (".", "."),
    ],
)
def test_a_data_set_has_a_short_name(dataset: str, label: str) -> None:
    """A path goes by its last part, a loader by its function."""
    assert label == dataset_label(dataset)


def test_an_id_names_what_its_table_named() -> None:
    """Only those keys, in that order, the common ones shortened; three of them have places of their own."""
    named = (
        "validation_split",
        "device",
        "hidden",
        "learning_rate",
        "architecture",
        "batch_size",
        "input_scaling",
        "dataset",
    )
    of = cell("net", named=named, validation_split=0.25, parameters={"hidden": [8], "dropout": 0.1}, dataset="a/b.npz")
    assert "net[validation=0.25,hidden=8,lr=0.1,batch=32,scaling=unit]@b@cpu" == of.id


def test_a_cell_answers_for_every_key() -> None:
    """A key of its own, of its settings or of its builder; no other."""
    of = cell("net", parameters={"hidden": [8]}, timeout_s=3.0, device="gpu:1")
    assert ("net", "gpu:1", 3.0, 20, [8]) == tuple(
        of.value(key) for key in ("architecture", "device", "timeout_s", "epochs", "hidden")
    )
    with pytest.raises(KeyError):
        of.value("dropout")


def test_a_cell_moves_to_other_data() -> None:
    """Nothing but the data set, and its place in the id, changes."""
    moved = cell("net").on_dataset("digits")
    assert ("net@digits@cpu", cell("net").fingerprint()) == (moved.id, moved.fingerprint())
    assert cell("net") == moved.on_dataset("mnist")


@pytest.mark.parametrize(
    "changes",
    [
        {"timeout_s": 1.0},
        {"memory_limit_bytes": 2**30},
        {"target_accuracy": 0.9},
        {"named": ("epochs",)},
        {"dataset": "digits"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_fingerprint_ignores_names_limits_and_data(changes: dict[str, Any]) -> None:
    """Data has a hash of its own in a trial's key; names and limits change no result."""
    assert cell("a").fingerprint() == cell("b", **changes).fingerprint()


CHANGES: list[dict[str, Any]] = [
    {"builder": "cnn"},
    {"parameters": {"hidden": [64]}},
    {"parameters": {"hidden": [128], "dropout": 0.0}},
    {"device": "gpu:0"},
    {"engine": "auto"},
    {"epochs": 21},
    {"batch_size": 33},
    {"optimizer": "adam"},
    {"optimizer": {"name": "sgd", "momentum": 0.9}},
    {"learning_rate": 0.2},
    {"learning_rate": {"schedule": "cosine", "initial": 0.1}},
    {"learning_rate": {"schedule": "cosine", "initial": 0.1, "warmup_epochs": 1}},
    {"loss": "mean_squared_error"},
    {"loss": {"name": "categorical_crossentropy", "from_logits": True}},
    {"compile": "builder"},
    {"input_scaling": "standard"},
    {"validation_split": 0.1},
    {"early_stopping": {"patience": 2}},
    {"early_stopping": {"patience": 2, "monitor": "validation_accuracy"}},
    {"reduce_on_plateau": {"patience": 2}},
    {"class_weight": "balanced"},
    {"class_weight": {"0": 1.0, "1": 2.0}},
    {"callbacks": ("own:make",)},
    {"score": "auc"},
    {"metrics": ("auc",)},
    {"precision": "mixed_bfloat16"},
    {"backend": "jax"},
    {"follows": "tensorflow"},
    {"backend": "jax", "follows": "tensorflow"},
    {"deterministic": True},
]


def test_a_fingerprint_changes_with_everything_else() -> None:
    """Whatever may change a result makes another fingerprint, each change its own."""
    prints = [cell().fingerprint(), *(cell(**change).fingerprint() for change in CHANGES)]
    assert len(prints) == len(set(prints))


def test_every_setting_is_among_the_changes_tested() -> None:
    """A setting added later must be added above."""
    tested = {key for change in CHANGES for key in change}
    ignored = {"architecture", "dataset", "dataset_alias", "named", "node_kind", "settings", "id", *LIMITS}
    fields = {field.name for field in dataclasses.fields(cell())} - ignored
    assert fields | set(TrainingSettings.model_fields) == tested


def test_two_ways_to_write_a_setting_are_one_training() -> None:
    """`0.1` and its constant schedule, a name and its table."""
    table = {"schedule": "constant", "initial": 0.1}
    assert cell(learning_rate=0.1).fingerprint() == cell(learning_rate=table).fingerprint()
    assert cell(optimizer="sgd").fingerprint() == cell(optimizer={"name": "sgd"}).fingerprint()
