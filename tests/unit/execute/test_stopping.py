"""Early stopping and a lowered learning rate do what Keras's callbacks do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from bench.declare.stopping import EarlyStopping, ReduceOnPlateau
from bench.execute.worker.stopping import Patience, Plateau
from bench.record.records import EpochRecord

LOSSES = [1.0, 0.8, 0.79, 0.81, 0.7, 0.75, 0.74, 0.71, 0.705, 0.9, 0.6]
RULES = [(patience, delta) for patience in (0, 1, 2, 3, 5, 9) for delta in (0.0, 0.05)]

KERAS = """
import json, keras
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
def rates(values, patience, delta, cooldown, smallest, monitor, mode):
    class Optimizer:
        learning_rate = keras.Variable(0.1)
    class Model:
        optimizer = Optimizer()
    callback = keras.callbacks.ReduceLROnPlateau(
        monitor=monitor, factor=0.5, patience=patience, min_delta=delta, cooldown=cooldown, min_lr=smallest, mode=mode
    )
    callback.set_model(Model())
    callback.on_train_begin()
    found = []
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {monitor: value})
        rate = Model.optimizer.learning_rate
        found.append(round(float(keras.ops.convert_to_numpy(rate)), 6))
    return found
"""

PLATEAU_LOSSES = [1.0, 0.8, 0.81, 0.82, 0.83, 0.79, 0.8, 0.8, 0.8, 0.8, 0.8, 0.7, 0.7, 0.7, 0.7, 0.7]
PLATEAUS = [
    (patience, delta, cooldown, smallest)
    for patience in (0, 1, 2, 4)
    for delta in (0.0, 0.05)
    for cooldown in (0, 1, 3)
    for smallest in (0.0, 0.03)
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What Keras's callbacks do: rule by rule on losses, then on accuracies."""

    ends: list[int | None]
    rates: list[list[float]]


def accuracies(losses: list[float]) -> list[float]:
    """Figures that rise where losses fall."""
    return [1 - loss / 2 for loss in losses]


@pytest.fixture(scope="module")
def keras_answers() -> Answers:
    """Of Keras's own callbacks, in one process of their own."""
    monitors = (("val_loss", "min", list), ("val_accuracy", "max", accuracies))
    calls = {
        "ends": [("ends", made(LOSSES), *rule, name, mode) for name, mode, made in monitors for rule in RULES],
        "rates": [
            ("rates", made(PLATEAU_LOSSES), *rule, name, mode) for name, mode, made in monitors for rule in PLATEAUS
        ],
    }
    script = f"{KERAS}\nprint(json.dumps({{key: [globals()[n](*a) for n, *a in of] for key, of in {calls!r}.items()}}))"
    answer = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    return Answers(**json.loads(answer.stdout.strip().splitlines()[-1]))


def ends(values: list[float], rule: EarlyStopping) -> int | None:
    """The epoch that a training with these figures ends with; None when it goes on to the last."""
    patience = Patience(rule)
    for number, value in enumerate(values, start=1):
        figures = {"validation_loss": value, "validation_accuracy": value}
        if patience.exhausted(EpochRecord(epoch=number, train_time_s=1.0, loss=1.0, accuracy=0.5, **figures)):
            return number
    return None


def test_it_ends_with_the_epoch_that_keras_ends_with(keras_answers: Answers) -> None:
    """Twelve rules on eleven losses, and on as many accuracies, beside Keras's own callback."""
    ours = [ends(LOSSES, EarlyStopping(patience=p, min_delta=d)) for p, d in RULES]
    ours += [
        ends(accuracies(LOSSES), EarlyStopping(monitor="validation_accuracy", patience=p, min_delta=d))
        for p, d in RULES
    ]
    assert keras_answers.ends == ours
    assert {None} < set(ours)


@pytest.mark.parametrize("patience", [0, 3])
def test_without_a_figure_it_waits(patience: int) -> None:
    """An epoch that was not validated is no reason to end."""
    epoch = EpochRecord(epoch=5, train_time_s=1.0, loss=1.0, accuracy=0.5)
    assert not Patience(EarlyStopping(patience=patience)).exhausted(epoch)


def test_the_best_epoch_is_the_last_that_improved() -> None:
    """Whose weights `restore_best` keeps: better by more than `min_delta` than the best before it."""
    patience = Patience(EarlyStopping(patience=9, min_delta=0.05))
    improved = []
    for number, loss in enumerate(LOSSES, start=1):
        patience.exhausted(EpochRecord(epoch=number, train_time_s=1.0, loss=1.0, accuracy=0.5, validation_loss=loss))
        improved += [number] if patience.improved else []
    assert [1, 2, 5, 11] == improved


def rates(values: list[float], rule: ReduceOnPlateau) -> list[float]:
    """The learning rate after each epoch of a training with these figures."""
    plateau, rate, found = Plateau(rule), 0.1, []
    for number, value in enumerate(values, start=1):
        figures = {"validation_loss": value, "validation_accuracy": value}
        rate = plateau.next_rate(EpochRecord(epoch=number, train_time_s=1.0, loss=1.0, accuracy=0.5, **figures), rate)
        found.append(round(rate, 6))
    return found


def test_a_learning_rate_is_lowered_where_keras_lowers_it(keras_answers: Answers) -> None:
    """Every combination of patience, delta, cooldown and smallest rate, beside Keras's own callback."""
    ours = [
        rates(
            values,
            ReduceOnPlateau(monitor=monitor, factor=0.5, patience=p, min_delta=d, cooldown=c, min_rate=s),
        )
        for values, monitor in (
            (PLATEAU_LOSSES, "validation_loss"),
            (accuracies(PLATEAU_LOSSES), "validation_accuracy"),
        )
        for p, d, c, s in PLATEAUS
    ]
    assert keras_answers.rates == ours
    assert len({tuple(found) for found in ours}) > 10


def test_a_rate_without_a_figure_stays() -> None:
    """An epoch that was not validated is no plateau."""
    epoch = EpochRecord(epoch=5, train_time_s=1.0, loss=1.0, accuracy=0.5)
    assert 0.1 == Plateau(ReduceOnPlateau(patience=0)).next_rate(epoch, 0.1)
