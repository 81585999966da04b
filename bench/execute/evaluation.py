"""What a trained model says of the test set. Runs in a worker process only."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

import keras
import numpy as np

from bench.execute.compilation import ACCURACIES, ModelError, make_loss
from bench.execute.metrics import METRICS
from bench.execute.outputs import EACH_BY_ITSELF, outputs_kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from bench.declare.settings import TrainingSettings
    from bench.execute.data import TrainingData
    from bench.record.treatment import CompileRecord

EVALUATION_BATCH = 1000


class NotFiniteError(Exception):
    """A model that predicts values that are no numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """A model on the test set.

    Attributes:
        errors: examples classified wrongly.
        loss: mean over the examples; None where the model computes none.
        metrics: by the names of the suite, and by those of the builder's own.
        predicted: (m,) uint8, a class per example.
        outputs: what the outputs are: `probabilities`, `logits` or `values`.
    """

    errors: int
    loss: float | None
    metrics: dict[str, float]
    predicted: NDArray[np.uint8]
    outputs: str

    @property
    def accuracy(self) -> float:
        """Fraction of the examples classified correctly."""
        return (len(self.predicted) - self.errors) / len(self.predicted)


def evaluate(model: keras.Model, data: TrainingData, settings: TrainingSettings, compiled: CompileRecord) -> Evaluation:
    """Predict every test example, and compare.

    A model that its builder compiled also gives the loss and the metrics of its own `evaluate()`.

    Raises:
        NotFiniteError: a prediction is no finite number.
    """
    x = data.scaled(data.test.x)
    outputs = predictions(model, x, data.train.y.shape[1] if data.train.y.ndim > 1 else None)
    if not np.all(np.isfinite(outputs)):
        raise NotFiniteError("The trained model predicts values that are not finite numbers.")
    if compiled.by == "builder":
        loss, further = _own_figures(model, x, data, settings.batch_size)
    else:
        # the loss comes before any softmax: one that takes logits makes its own
        losses = keras.losses.get(make_loss(settings.loss))(data.test.y, outputs)
        loss, further = float(np.mean(keras.ops.convert_to_numpy(losses))), {}
    predicted = np.argmax(outputs, axis=1).astype(np.uint8)
    kind = outputs_kind(outputs, compiled)
    chances = _chances(outputs, compiled) if kind == "logits" else outputs
    return Evaluation(
        errors=int(np.count_nonzero(predicted != data.labels_test)),
        loss=loss,
        metrics={**further, **_declared(settings.metrics, data.labels_test, chances)},
        predicted=predicted,
        outputs=kind,
    )


def predictions(model: keras.Model, x: NDArray[np.float32], classes: int | None = None) -> NDArray[np.float32]:
    """What a model predicts: (n, classes) float32.

    Raises:
        ModelError: a `predict()` or `predict_step()` of its own gives something else.
    """
    made = model.predict(x, batch_size=EVALUATION_BATCH, verbose=0)
    # a model of one output may put it out as a list
    outputs = np.asarray(made[0] if isinstance(made, (list, tuple)) and len(made) == 1 else made, np.float32)
    if outputs.ndim != 2 or outputs.shape[1] == 1 or classes not in {None, outputs.shape[1]}:  # noqa: PLR2004  rows
        raise ModelError(
            f"The model predicts an array of shape {outputs.shape} for {len(x)} examples; a row of one number per "
            "class is needed. Has it a predict() or predict_step() of its own?"
        )
    return outputs


def _own_figures(
    model: keras.Model, x: NDArray[np.float32], data: TrainingData, batch_size: int
) -> tuple[float | None, dict[str, float]]:
    """Loss and metrics as the model itself computes them; none where its own steps cannot evaluate."""
    try:
        # in the batches of the training: a loss that is a sum grows with them
        figures = model.evaluate(x, data.test.y, batch_size=batch_size, verbose=0, return_dict=True)
    except Exception:  # noqa: BLE001  a training step of its own may be all that a model has
        traceback.print_exc()
        return None, {}
    values = {name: np.asarray(keras.ops.convert_to_numpy(value)) for name, value in figures.items()}
    # a figure per class (F1 without an average) is its mean over classes
    plain = {name: float(np.mean(value)) for name, value in values.items()}
    loss = plain.pop("loss", None)
    # under a name of their own: what they are is up to the builder
    return loss, {f"builder_{name}": value for name, value in plain.items() if name not in ACCURACIES}


def _chances(logits: NDArray[np.float32], compiled: CompileRecord) -> NDArray[np.float32]:
    """Probabilities from logits: of every output by itself, or of one class among all."""
    if compiled.loss in EACH_BY_ITSELF:
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float32)


def _declared(names: Iterable[str], labels: NDArray[np.int64], chances: NDArray[np.float32]) -> dict[str, float]:
    """The metrics that the suite names; one that the test set leaves undefined is missing."""
    figures = {
        name: METRICS[name](labels, chances) if name in METRICS else _keras(name, labels, chances) for name in names
    }
    return {name: value for name, value in figures.items() if np.isfinite(value)}


def _keras(name: str, labels: NDArray[np.int64], chances: NDArray[np.float32]) -> float:
    """A Keras metric over the whole test set, the mean over its examples."""
    metric = keras.metrics.get(name)
    one_hot = np.eye(chances.shape[1], dtype=np.float32)[labels]
    if isinstance(metric, keras.metrics.Metric):
        metric.update_state(one_hot, chances)
        value = metric.result()
    else:
        value = metric(one_hot, chances)
    return float(np.mean(keras.ops.convert_to_numpy(value)))
