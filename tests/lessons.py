"""Cells of every kind of data and task, trained in a worker process, for the lessons that repeat them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from factories import cell

from bench.catalog.datasets import Arrays, DataFacts
from bench.catalog.registry import find_architecture
from bench.core.scores import SCORES, own_score
from bench.core.target import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.core.score import Score
    from bench.declare.cell import Cell

OWN = '''
import keras
import numpy as np


def logits(input_shape, num_classes):
    layers = [keras.Input(input_shape), keras.layers.Dense(12, activation="tanh"), keras.layers.Dense(num_classes)]
    return keras.Sequential(layers)


def wide_and_deep(input_shape, num_classes, width):
    inputs = keras.Input(input_shape)
    both = [inputs, keras.layers.Dense(width, activation="relu")(inputs)]
    outputs = keras.layers.Dense(num_classes, activation="softmax")(keras.layers.Concatenate()(both))
    return keras.Model(inputs, outputs)


def tuned(hp, input_shape, num_classes, activation):
    """Takes KerasTuner's hyperparameters, as its own examples do."""
    inputs = keras.Input(input_shape)
    hidden = keras.layers.Dense(hp.Int("units", 2, 16), activation=activation)(inputs)
    return keras.Model(inputs, keras.layers.Dense(num_classes, activation="softmax")(hidden))


class Robust(keras.losses.Loss):
    def __init__(self, delta=1.0):
        super().__init__(name="robust")
        self.delta = delta

    def call(self, y_true, y_pred):
        error = keras.ops.abs(y_pred - y_true)
        return keras.ops.mean(keras.ops.sqrt(error**2 + self.delta**2), axis=-1)


def target(y_true, y_pred, gamma):
    """A focal loss, under a name that lessons use themselves."""
    chance = keras.ops.clip(y_true * y_pred + (1 - y_true) * (1 - y_pred), 1e-6, 1)
    return keras.ops.mean(-((1 - chance) ** gamma) * keras.ops.log(chance), axis=-1)


def adam(learning_rate, beta_1=0.9):
    return keras.optimizers.Adam(learning_rate, beta_1=beta_1)


def schedule(initial, steps_per_epoch, epochs, final):
    return keras.optimizers.schedules.PolynomialDecay(initial, steps_per_epoch * epochs, final)


class Halve(keras.callbacks.Callback):
    """Halves the learning rate after every epoch."""

    def on_epoch_end(self, epoch, logs=None):
        self.model.optimizer.learning_rate = self.model.optimizer.learning_rate / 2


def score(y_true, y_pred):
    """What three kinds of goods bring, each at a price of its own."""
    return np.mean(np.array([1.0, 2.0, 5.0])[y_true] * (np.argmax(y_pred, axis=1) == y_true))


def sure():
    return keras.metrics.CategoricalAccuracy()
'''
"""The user's module `mine`; its names are hard ones: `score` and `schedule` are names of the lesson's own."""

TRAIN, TEST = 220, 90


@dataclass(frozen=True)
class Case:
    """A cell, its data and its score."""

    arrays: Arrays
    cell: Cell
    score: Score
    picture: bool = False
    builder: str = field(default="")

    @property
    def facts(self) -> DataFacts:
        """Of the arrays, by hand."""
        x = self.arrays.x_train
        arrays = list(x.values()) if isinstance(x, dict) else [x]
        low, high = min(float(a.min()) for a in arrays), max(float(a.max()) for a in arrays)
        whole = all(a.dtype.kind in "iu" for a in arrays)
        return DataFacts(low=low, high=high, whole=whole, picture=self.picture, unseen=(), overlap=0)


def _arrays(x: Any, y: Any, **changes: Any) -> Arrays:
    def part(rows: slice) -> Any:
        return {name: values[rows] for name, values in x.items()} if isinstance(x, dict) else x[rows]

    train, test = slice(TRAIN), slice(TRAIN, None)
    return Arrays(part(train), y[train], part(test), y[test], **changes)


def _case(arrays: Arrays, score: str, *, picture: bool = False, **changes: Any) -> Case:
    changes = {"epochs": 3, "batch_size": 16, "deterministic": True, "parameters": {}, **changes}
    made = cell("lesson", dataset="made", **changes)
    chosen = SCORES[score] if score in SCORES else own_score(score, higher_is_better=True)
    builder = made.builder if ":" in made.builder else find_architecture(made.builder).target
    return Case(arrays, made, chosen, picture, builder)


def _table(classes: int) -> tuple[Any, Any]:
    """Rows of four columns, of which the last does not vary."""
    rng = np.random.default_rng(5)
    y = rng.integers(0, classes, TRAIN + TEST).astype("uint8")
    x = rng.normal(3, 2, (len(y), 4)) + y[:, None] * np.array([1.5, -1, 0, 0])
    x[:, 3] = 7
    return x.astype("float32"), y


@cache
def cases() -> dict[str, Case]:
    """Every case by its name."""
    rng = np.random.default_rng(8)
    n = TRAIN + TEST
    x3, y3 = _table(3)
    x2, y2 = _table(2)
    x7, y7 = _table(7)
    columns = ("length", "width", "height", "year")
    three, two = ("apple", "pear", "plum"), ("benign", "malignant")
    steps = np.sin(np.arange(12)[None, :, None] * (1 + y2[:, None, None]) / 2 + rng.normal(0, 0.4, (n, 1, 2)))
    ids = rng.integers(0, 30, (n, 10)).astype("int32")
    labels = (x3[:, :2] + rng.normal(0, 1, (n, 2)) > 3).astype("uint8")
    values = np.stack([x3[:, 0] * 2 - x3[:, 1], 40 + 5 * x3[:, 2]], axis=1).astype("float32")
    weights = rng.uniform(0.2, 2, n).astype("float32")
    colour = rng.integers(0, 256, (n, 6, 6, 3)).astype("uint8")
    halves = {"validation_split": 0.2}
    return {
        "vector": _case(
            _arrays(x3, y3, names=three, features=columns), "balanced_accuracy", builder="mlp", class_weight="balanced",
            parameters={"hidden": [8], "dropout": 0.1}, input_scaling="standard", epochs=8, **halves,
            early_stopping={"patience": 2, "restore_best": True}, reduce_on_plateau={"patience": 1, "min_delta": 0.05},
        ),
        "sequence": _case(
            _arrays(steps.astype("float32"), y2, names=("slow", "fast")), "f1_score", builder="rnn",
            parameters={"units": 6}, optimizer="adam", learning_rate=0.01, input_scaling="standard",
        ),
        "ids": _case(
            _arrays(ids, (ids < 9).sum(axis=1).astype("uint8") % 2), "accuracy", builder="conv1d",
            parameters={"vocabulary": 30, "filters": [8]}, optimizer="adam", learning_rate=0.01,
        ),
        "labels": _case(
            _arrays(x3, labels, task=Task.MULTILABEL, names=("red", "large")), "f1_score", builder="mlp",
            parameters={"hidden": [8]}, loss={"name": "mine:target", "gamma": 2.0},
        ),
        "values": _case(
            _arrays(
                x3, values, task=Task.REGRESSION, names=("price", "rent"), features=columns, w_train=weights[:TRAIN],
                w_test=weights[TRAIN:],
            ),
            "mean_absolute_error", builder="mlp", parameters={"hidden": [8]},
            loss={"name": "mine:Robust", "delta": 0.5},
            optimizer={"name": "mine:adam", "beta_1": 0.8}, input_scaling="standard", **halves,
            learning_rate={"schedule": "mine:schedule", "initial": 0.05, "final": 0.001},
        ),
        "sigmoid": _case(
            _arrays(x2, y2, names=two, w_train=weights[:TRAIN]), "auc", builder="mlp",
            parameters={"hidden": [8], "output": "binary"}, class_weight={"benign": 1.0, "1": 3.5},
            learning_rate={"schedule": "cosine", "initial": 0.1, "warmup_epochs": 1},
        ),
        "sigmoid-accuracy": _case(
            _arrays(x2, y2, names=two), "accuracy", builder="mlp", parameters={"hidden": [8], "output": "binary"},
        ),
        "several": _case(
            _arrays({"size": x3, "town of birth": ids[:, :2]}, y3, names=three), "log_loss", builder="mlp",
            parameters={"hidden": [8]}, input_scaling="standard", **halves,
        ),
        "logits": _case(
            _arrays(x7, y7), "top_5_accuracy", builder="mine:logits", loss={"name": "auto", "from_logits": True},
        ),
        "own": _case(
            _arrays(x3, y3, names=three), "mine:score", builder="mine:wide_and_deep", parameters={"width": 5},
            loss="sparse_categorical_crossentropy", callbacks=["mine:Halve"],
        ),
        "tuned": _case(
            _arrays(x3, y3, names=three), "accuracy", builder="mine:tuned",
            parameters={"units": 5, "activation": "tanh"},
        ),
        "own-metric": _case(_arrays(x3, y3, names=three), "mine:sure", builder="softmax"),
        "picture-values": _case(
            _arrays(colour, colour.mean(axis=(1, 2, 3), keepdims=False)[:, None].astype("float32"), names=("light",),
                    task=Task.REGRESSION),
            "r2_score", builder="mlp", parameters={"hidden": [8]}, learning_rate=1e-5, input_scaling="standard",
            picture=True,
        ),
        "picture-labels": _case(
            _arrays(colour, (colour[:, 0, 0] > 120).astype("uint8"), names=("r", "g", "b"), task=Task.MULTILABEL),
            "exact_match", builder="mlp", parameters={"hidden": [8]}, picture=True,
        ),
    }  # fmt: skip


def train(payload: tuple[str, str], send: Callable[[object], None]) -> None:
    """Look at a case's model, train it, write its recipe; send the end of the trial and the recipe.

    Args:
        payload: the case, and a folder that holds the user's module.
        send: takes the pair.
    """
    from unittest import mock  # noqa: PLC0415

    from bench.catalog import datasets  # noqa: PLC0415
    from bench.execute.messages import Inspection, TrialEnded, TrialTask  # noqa: PLC0415
    from bench.execute.worker import inspection, recipe, training  # noqa: PLC0415
    from bench.execute.worker.setup import take_seat  # noqa: PLC0415

    name, folder = payload
    case = cases()[name]
    answers: list[Any] = []

    def task(looked: Inspection | None = None) -> TrialTask:
        return TrialTask(
            trial_id=name, position=0, key="", cell=case.cell, seed=1, builder=case.builder, data_path="",
            data_sha256="", facts=case.facts, target=case.arrays.target, score=case.score, search_path=(folder,),
            log="", inspection=looked, measure=False,
        )  # fmt: skip

    def load(*_: object) -> Arrays:
        return case.arrays

    with mock.patch.object(datasets, "load", load), mock.patch.object(inspection, "_arrays", load):
        take_seat(task())  # before TensorFlow has run anything, which the look does
        inspection.inspect([(task(), "/dev/null")], answers.append)
        looked = answers.pop().answer
        assert isinstance(looked, Inspection), looked
        training.train_trial(task(looked), answers.append)
        ended = answers[-1]
        assert isinstance(ended, TrialEnded)
        recipe.write_recipe(task(looked), answers.append)
    send((ended, answers[-1]))
