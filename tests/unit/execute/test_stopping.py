"""Early stopping says what Keras's callback says."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench.declare.stopping import EarlyStopping
from bench.execute.stopping import Patience
from bench.record.records import EpochRecord

LOSSES = [1.0, 0.8, 0.79, 0.81, 0.7, 0.75, 0.74, 0.71, 0.705, 0.9, 0.6]
RULES = [(patience, delta) for patience in (0, 1, 2, 3, 5, 9) for delta in (0.0, 0.05)]

KERAS = """
import keras
def ends(values, patience, delta, monitor, mode):
    class Model:
        stop_training = False
        def get_weights(self): return []
    callback = keras.callbacks.EarlyStopping(monitor=monitor, patience=patience, min_delta=delta, mode=mode)
    callback.set_model(Model())
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {monitor: value})
        if callback.model.stop_training:
            return epoch + 1
    return None
"""


def ends(values: list[float], rule: EarlyStopping) -> int | None:
    """The epoch that a training with these figures ends with; None when it goes on to the last."""
    patience = Patience(rule)
    for number, value in enumerate(values, start=1):
        figures = {"validation_loss": value, "validation_accuracy": value}
        if patience.exhausted(EpochRecord(epoch=number, train_time_s=1.0, loss=1.0, accuracy=0.5, **figures)):
            return number
    return None


def test_it_ends_with_the_epoch_that_keras_ends_with() -> None:
    """Twelve rules on eleven losses, and on as many accuracies, beside Keras's own callback in a process of its own."""
    accuracies = [1 - loss / 2 for loss in LOSSES]
    calls = [f"ends({LOSSES}, {p}, {d}, 'val_loss', 'min')" for p, d in RULES]
    calls += [f"ends({accuracies}, {p}, {d}, 'val_accuracy', 'max')" for p, d in RULES]
    answer = subprocess.run(
        [sys.executable, "-c", f"{KERAS}\nprint([{', '.join(calls)}])"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    ours = [ends(LOSSES, EarlyStopping(patience=p, min_delta=d)) for p, d in RULES]
    ours += [ends(accuracies, EarlyStopping(monitor="validation_accuracy", patience=p, min_delta=d)) for p, d in RULES]
    assert answer.stdout.strip().splitlines()[-1] == str(ours)
    assert {None} < set(ours)


@pytest.mark.parametrize("patience", [0, 3])
def test_without_a_figure_it_waits(patience: int) -> None:
    """An epoch that was not validated is no reason to end."""
    epoch = EpochRecord(epoch=5, train_time_s=1.0, loss=1.0, accuracy=0.5)
    assert not Patience(EarlyStopping(patience=patience)).exhausted(epoch)
