"""What a trained model says of the test set. Runs in a worker process only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import keras
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.declare.settings import TrainingSettings
    from bench.execute.data import TrainingData

EVALUATION_BATCH = 1000


class NotFiniteError(Exception):
    """A model that predicts values that are no numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """A model on the test set.

    Attributes:
        errors: images classified wrongly.
        loss: mean over the images.
        metrics: by the names the suite gives.
        predicted: (m,) uint8, a class per image.
    """

    errors: int
    loss: float
    metrics: dict[str, float]
    predicted: NDArray[np.uint8]

    @property
    def accuracy(self) -> float:
        """Fraction of the images classified rightly."""
        return (len(self.predicted) - self.errors) / len(self.predicted)


def evaluate(model: keras.Model, data: TrainingData, settings: TrainingSettings) -> Evaluation:
    """Predict every test image, and compare.

    Raises:
        NotFiniteError: a prediction is no finite number.
    """
    outputs = np.asarray(model.predict(data.scaled(data.test.x), batch_size=EVALUATION_BATCH, verbose=0), np.float32)
    if not np.all(np.isfinite(outputs)):
        raise NotFiniteError("The trained model predicts values that are not finite numbers.")
    losses = keras.losses.get(settings.loss)(data.test.y, outputs)
    predicted = np.argmax(outputs, axis=1).astype(np.uint8)
    return Evaluation(
        errors=int(np.count_nonzero(predicted != data.labels_test)),
        loss=float(np.mean(keras.ops.convert_to_numpy(losses))),
        metrics={name: _metric(name, data.labels_test, outputs) for name in settings.metrics},
        predicted=predicted,
    )


def _metric(name: str, labels: NDArray[np.int64], outputs: NDArray[np.float32]) -> float:
    """A Keras metric over the whole test set; of a figure per class (F1) the mean over classes."""
    metric = keras.metrics.get(name)
    one_hot = np.eye(outputs.shape[1], dtype=np.float32)[labels]
    if isinstance(metric, keras.metrics.Metric):
        metric.update_state(one_hot, outputs)
        value = metric.result()
    else:
        value = metric(one_hot, outputs)
    return float(np.mean(keras.ops.convert_to_numpy(value)))
