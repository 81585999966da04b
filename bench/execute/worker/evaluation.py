"""What a trained model says of the test set. Runs in a worker process only."""

from __future__ import annotations

import math
import traceback
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from bench.core import trees
from bench.core.formatting import plural
from bench.core.score import ACCURACY
from bench.core.scores import SCORES
from bench.core.target import Task
from bench.declare.values import is_reference
from bench.execute.losses import resolved_loss
from bench.execute.worker.compilation import ACCURACIES, make_loss, own_method
from bench.execute.worker.outputs import as_probabilities, outputs_kind, stands_alone
from bench.execute.worker.own import ModelError
from bench.execute.worker.runtimes import current
from bench.execute.worker.scores import FIGURES, figure

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bench.core.target import Target
    from bench.core.trees import Inputs
    from bench.execute.messages import TrialTask
    from bench.execute.worker.data import Part, TrainingData
    from bench.execute.worker.streams import Feed
    from bench.record.treatment import CompileRecord

EVALUATION_BATCH = 1000

OWN_PREDICTION = ("predict", "make_predict_function", "predict_function", "predict_step")
"""What decides how a model predicts."""


class NotFiniteError(Exception):
    """A model that predicts values that are no numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """A model on the test set.

    Attributes:
        errors: examples classified wrongly; None where no class is predicted.
        loss: mean over the examples; None where the model computes none.
        metrics: the score and the further figures by the names of the suite, and those of the builder's own.
        predicted: a prediction per example, as `Target.decode` gives it.
        outputs: what the outputs are: `probabilities`, `logits` or `values`.
    """

    errors: int | None
    loss: float | None
    metrics: dict[str, float]
    predicted: NDArray[Any]
    outputs: str

    @property
    def accuracy(self) -> float | None:
        """Fraction of the examples classified correctly; None where no class is predicted."""
        return None if self.errors is None else (len(self.predicted) - self.errors) / len(self.predicted)


def evaluate(model: keras.Model, data: TrainingData, task: TrialTask, compiled: CompileRecord) -> Evaluation:
    """Predict every test example, and compare.

    A model that its builder compiled also gives the loss and the metrics of its own `evaluate()`.

    Raises:
        NotFiniteError: a prediction is not a finite number.
        ModelError: the score cannot be computed of this test part.
    """
    settings, target = task.cell.settings, data.target
    if data.feed is None:
        outputs = predictions(model, data.scaled(data.test.x), data.outputs)
    else:
        data, outputs = _streamed(model, data, data.feed)
    if not np.all(np.isfinite(outputs)):
        raise NotFiniteError("The trained model predicts values that are not finite numbers.")
    if compiled.by == "builder":
        loss, further = _own_figures(model, data, settings.batch_size)
    else:
        # the loss comes before any softmax: one that takes logits makes its own
        function = keras.losses.get(make_loss(resolved_loss(settings.loss, target, data.outputs)))
        loss, further = _loss(function, data.test, outputs), {}
    kind = _kind(outputs, task, compiled, target)
    readable = as_probabilities(outputs, kind, compiled, target)
    predicted = target.decode(readable)
    classes = target.task is Task.CLASSES
    return Evaluation(
        errors=int(np.count_nonzero(predicted != data.truth_test)) if classes else None,
        loss=loss,
        metrics={**further, **_figures(task, data, readable)},
        predicted=predicted,
        outputs=kind,
    )


def _kind(outputs: NDArray[np.float32], task: TrialTask, compiled: CompileRecord, target: Target) -> str:
    """What the outputs are.

    Single ones of a trained model may all lie between 0 and 1 and be no probabilities; the look at the fresh model,
    whose outputs lay on both sides of 0, knows better.
    """
    kind, seen = outputs_kind(outputs, compiled, target), task.inspection.compiled.outputs if task.inspection else ""
    return seen if seen and kind == "probabilities" and stands_alone(outputs, target) else kind


def predictions(model: keras.Model, x: Any, width: int | None = None) -> NDArray[np.float32]:  # noqa: ANN401  inputs
    """What a model predicts: (n, width) float32.

    Raises:
        ModelError: a `predict()` or `predict_step()` of its own gives something else.
    """
    examples = trees.length(x)
    if own_method(type(model), OWN_PREDICTION) or model.run_eagerly or not current().predicts_alike(model):
        return _rows(model.predict(x, batch_size=EVALUATION_BATCH, verbose=0), examples, width)
    # the same program on the same batches, without the pipeline that `predict` makes for them
    programs: dict[int, Callable[[Inputs], NDArray[np.float32]]] = {}
    rows = []
    for begin in range(0, examples, EVALUATION_BATCH):
        batch = trees.rows(x, slice(begin, begin + EVALUATION_BATCH))
        length = trees.length(batch)
        if length not in programs:
            programs[length] = current().predictor(model, batch)
        rows.append(programs[length](batch))
    return _rows(np.concatenate(rows), examples, width)


def _streamed(model: keras.Model, data: TrainingData, feed: Feed) -> tuple[TrainingData, NDArray[np.float32]]:
    """What a model predicts of a test part that is read in batches, and the data with what was read on the way.

    Raises:
        ModelError: the test part is another one than when the run began, or stands in another order.
    """
    rows: list[NDArray[np.float32]] = []
    truth: list[NDArray[Any]] = []
    weights: list[NDArray[np.float32]] = []
    # its own predict() may do more than predict_step() does
    call = (lambda x: model.predict(x, verbose=0)) if own_method(type(model), ("predict",)) else model.predict_on_batch
    for batch in feed.testing_batches():
        rows.append(_rows(call(data.scaled(batch.x)), batch.size, data.outputs))
        truth.append(batch.y)
        weights += [] if batch.w is None else [batch.w]
    y = np.concatenate(truth)
    if not np.array_equal(y, feed.truth):
        raise ModelError(
            f"The test part of {feed.loader} gave other targets, or the same in another order, than when the run "
            "began. Do not shuffle it, and split by one rule that gives the same parts each time."
        )
    test = replace(data.test, y=feed.encode(y), w=np.concatenate(weights) if weights else None)
    return replace(data, test=test, truth_test=y), np.concatenate(rows)


def _rows(made: Any, examples: int, width: int | None) -> NDArray[np.float32]:  # noqa: ANN401  what a model predicts
    # a model of one output may put it out as a list
    outputs = np.asarray(made[0] if isinstance(made, (list, tuple)) and len(made) == 1 else made, np.float32)
    if outputs.ndim != 2 or width not in {None, outputs.shape[1]}:  # noqa: PLR2004  rows
        raise ModelError(
            f"The model predicts an array of shape {outputs.shape} for {examples} examples; a row of "
            f"{'numbers' if width is None else plural(width, 'number')} for each is needed. Has it a predict() or "
            "predict_step() of its own?"
        )
    return outputs


def _loss(function: Any, test: Part, outputs: NDArray[np.float32]) -> float:  # noqa: ANN401  a Keras loss
    """The mean loss over the examples, each with its weight where it has one."""
    if test.w is not None and isinstance(function, keras.losses.Loss):
        losses = function(test.y, outputs, sample_weight=test.w)
    else:
        losses = keras.ops.convert_to_numpy(function(test.y, outputs))
        if test.w is not None and np.ndim(losses) == 1:
            losses = losses * test.w
    return float(np.mean(keras.ops.convert_to_numpy(losses)))


def _own_figures(
    model: keras.Model,
    data: TrainingData,
    batch_size: int,
) -> tuple[float | None, dict[str, float]]:
    """Loss and metrics as the model itself computes them; none where its own steps cannot evaluate."""
    try:
        # in the batches of the training: a loss that is a sum grows with them
        if data.feed is not None:
            figures = model.evaluate(data.feed.testing(), verbose=0, return_dict=True)
        else:
            x, part = data.scaled(data.test.x), data.test
            figures = model.evaluate(
                x, part.y, sample_weight=part.w, batch_size=batch_size, verbose=0, return_dict=True
            )
    except Exception:  # noqa: BLE001  a training step of its own may be all that a model has
        traceback.print_exc()
        return None, {}
    values = {name: np.asarray(keras.ops.convert_to_numpy(value)) for name, value in figures.items()}
    # a figure per class (F1 without an average) is its mean over classes
    plain = {name: float(np.mean(value)) for name, value in values.items()}
    loss = plain.pop("loss", None)
    # under a name of their own: what they are is up to the builder
    return loss, {f"builder_{name}": value for name, value in plain.items() if name not in ACCURACIES}


def _figures(task: TrialTask, data: TrainingData, readable: NDArray[np.float32]) -> dict[str, float]:
    """The score and the metrics that the suite names; a metric that the test part leaves undefined is missing.

    Raises:
        ModelError: the score itself is undefined.
    """
    names = dict.fromkeys((task.score.name, *task.cell.settings.metrics))
    values = {name: figure(name, data.target, data.truth_test, readable) for name in names if name != ACCURACY.name}
    if not np.isfinite(values.get(task.score.name, 0.0)):
        raise ModelError(_undefined(task, data))
    return {name: value for name, value in values.items() if np.isfinite(value)}


OF_PROBABILITIES = frozenset({"binary_crossentropy", "categorical_crossentropy", "kl_divergence", "log_loss"})
"""Figures that mean nothing of outputs that are no probabilities."""


def check_figures(task: TrialTask, data: TrainingData, readable: NDArray[np.float32], kind: str) -> None:
    """Compute what may fail for any predictions: figures of the user's own, and a score that the truth decides about.

    Args:
        task: its score and metrics are read.
        data: the test part.
        readable: (n, names) float32, any predictions of it.
        kind: what the outputs are: `probabilities`, `logits` or `values`.

    Raises:
        ModelError: one cannot be called, needs probabilities, or the test part leaves the score undefined.
    """
    score = task.score.name
    for name in dict.fromkeys((score, *task.cell.settings.metrics)):
        if name in OF_PROBABILITIES and kind == "values" and data.target.task is not Task.REGRESSION:
            raise ModelError(
                f"{SCORES[name].heading} needs probabilities, but the model puts out values of any size. End it in a "
                "softmax or a sigmoid, or choose another score."
            )
        if is_reference(name):
            figure(name, data.target, data.truth_test, readable)
        elif name == score and name in FIGURES and math.isnan(figure(name, data.target, data.truth_test, readable)):
            raise ModelError(_undefined(task, data))


def _undefined(task: TrialTask, data: TrainingData) -> str:
    """Why a score is no number, with the way out."""
    return (
        f"The score {task.score.heading} is not a finite number on the test part ({_variety(data)}). Choose another "
        "score, or a test part that it can judge."
    )


def _variety(data: TrainingData) -> str:
    """What of the test part may leave a score undefined."""
    kinds = len(np.unique(data.truth_test, axis=0))
    return f"{plural(len(data.truth_test), 'example')}, {plural(kinds, 'different true value')}"
