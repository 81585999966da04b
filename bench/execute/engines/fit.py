"""`fit`: `Model.fit` exactly as a Keras user writes it, with a callback that reads the clock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import keras

from bench.record.records import EpochRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.execute.data import TrainingData


class FitEngine:
    """The yardstick: what every user of Keras has."""

    name = "fit"

    def obstacle(self, model: keras.Model) -> str:  # noqa: ARG002  there is none
        """Why this engine cannot train the model: it can."""
        return ""

    def schedule(self, schedule: keras.optimizers.schedules.LearningRateSchedule) -> object:
        """The schedule as it is."""
        return schedule

    def train(
        self,
        model: keras.Model,
        data: TrainingData,
        *,
        epochs: int,
        batch_size: int,
        on_epoch: Callable[[EpochRecord], bool],
    ) -> float:
        """Train all epochs; see `Engine.train`."""
        watch = _Watch(on_epoch)
        held_out = data.validation
        model.fit(
            data.scaled(data.train.x),
            data.train.y,
            batch_size=batch_size,
            epochs=epochs,
            validation_data=None if held_out is None else (data.scaled(held_out.x), held_out.y),
            verbose=0,
            callbacks=[watch],
        )
        return watch.first_step_time_s


class _Watch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Reads the clock where Keras calls back anyway.

    The end of a batch is not watched: Keras runs those callbacks beside the training as long as nobody overrides them,
    and a yardstick must not slow down what it measures. The first step is over when the second begins.
    """

    def __init__(self, on_epoch: Callable[[EpochRecord], bool]) -> None:
        super().__init__()
        self._on_epoch = on_epoch
        self._epoch_begun = self._training_ended = 0.0
        self._first_step_ended: float | None = None
        self.first_step_time_s = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002  Keras's signature
        self._training_ended = 0.0
        self._epoch_begun = time.perf_counter()

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        if batch == 1 and self._first_step_ended is None:
            self._first_step_ended = time.perf_counter()

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        self._training_ended = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        ended = self._training_ended or time.perf_counter()
        begun = self._epoch_begun
        if epoch == 0:
            # an epoch of a single batch is all first step
            first_step_ended = self._first_step_ended or ended
            self.first_step_time_s = first_step_ended - begun
            begun = first_step_ended
        values = {key: float(value) for key, value in (logs or {}).items()}
        record = EpochRecord(
            epoch=epoch + 1,
            train_time_s=ended - begun,
            loss=values.get("loss"),
            accuracy=values.get("accuracy"),
            validation_loss=values.get("val_loss"),
            validation_accuracy=values.get("val_accuracy"),
            learning_rate=float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)),
        )
        if not self._on_epoch(record):
            self.model.stop_training = True
