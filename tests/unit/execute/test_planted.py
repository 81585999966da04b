"""What planted faults do to training data of every kind."""

from __future__ import annotations

import numpy as np
import pytest

from bench.core.target import Target, Task
from bench.execute.worker.data import Part, TrainingData
from bench.execute.worker.planting import PLANTINGS, CannotPlantError

CLASSES = Target(Task.CLASSES, ("a", "b", "c"))
TWO = Target(Task.CLASSES, ("no", "yes"))
LABELS = Target(Task.MULTILABEL, ("a", "b"))
VALUES = Target(Task.REGRESSION, ("price",))
Y = {
    "one-hot": (CLASSES, np.arange(600, dtype=np.uint8) % 3, {}),
    "numbers": (CLASSES, np.arange(600, dtype=np.uint8) % 3, {"sparse": True}),
    "one sigmoid": (TWO, np.arange(600, dtype=np.uint8) % 2, {"outputs": 1}),
    "labels": (LABELS, np.stack([np.arange(600) % 2, np.arange(600) % 3 == 0], axis=1).astype(np.uint8), {}),
    "values": (VALUES, np.arange(600, dtype=np.float32)[:, None], {}),
}


def data(kind: str, *, inputs: bool = False) -> TrainingData:
    """Six hundred examples; `inputs` for several inputs, with weights."""
    target, truth, how = Y[kind]
    x = np.arange(600, dtype=np.float32)[:, None]
    part = Part({"one": x, "two": x} if inputs else x, target.encode(truth, **how), np.arange(600, dtype=np.float32))
    return TrainingData(
        train=part, validation=None, test=part, target=target, outputs=how.get("outputs"), truth_train=truth,
        truth_test=truth, scalings={},
    )  # fmt: skip


def planted(fault: str, made: TrainingData) -> TrainingData:
    return PLANTINGS[fault].data(made, np.random.default_rng(1))


@pytest.mark.parametrize("kind", Y)
def test_a_twentieth_of_the_true_values_is_shuffled(kind):
    """Of every kind; inputs, weights and the test part stay."""
    made = data(kind)
    changed = planted("shuffled-labels", made)
    rows = (changed.train.y != made.train.y).reshape(600, -1).any(axis=1).sum()
    assert 0 < rows <= 30
    assert changed.train.x is made.train.x
    assert changed.train.w is made.train.w
    assert changed.test is made.test
    assert sorted(map(tuple, changed.train.y.reshape(600, -1))) == sorted(map(tuple, made.train.y.reshape(600, -1)))


@pytest.mark.parametrize("inputs", [False, True], ids=["one input", "several inputs"])
@pytest.mark.parametrize("kind", Y)
def test_half_of_the_data_keeps_examples_together(kind, inputs):
    """Inputs, true values and weights of the same 300."""
    made = data(kind, inputs=inputs)
    changed = planted("half-the-data", made).train
    kept = changed.w.astype(int)
    assert len(kept) == changed.size == 300
    arrays = changed.x.values() if inputs else [changed.x]
    assert all(array[:, 0].tolist() == kept.tolist() for array in arrays)
    assert changed.y.tolist() == made.train.y[kept].tolist()


@pytest.mark.parametrize("kind", ["one-hot", "numbers", "one sigmoid", "labels"])
def test_two_classes_or_labels_are_swapped_in_the_form_of_the_loss(kind):
    """Twice is once more as it was; the dtype and the shape stay."""
    made = data(kind)
    changed = planted("swapped-classes", made)
    assert (changed.train.y != made.train.y).any()
    assert (changed.train.y.dtype, changed.train.y.shape) == (made.train.y.dtype, made.train.y.shape)
    assert planted("swapped-classes", changed).train.y.tolist() == made.train.y.tolist()


def test_classes_of_values_cannot_be_swapped():
    """The reason says so by name."""
    with pytest.raises(CannotPlantError, match="it predicts values, which have no classes"):
        planted("swapped-classes", data("values"))
