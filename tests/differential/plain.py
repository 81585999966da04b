"""Trains every case by plain Keras, as its author would.

Run as a script, `python plain.py [CASE ...]`, it prints {case: [[accuracy, digest of the weights], ...]} as JSON, a
pair per seed. Its processes are its own. Of the product it takes the digest only: what is compared is made alike.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from importlib import import_module

import keras
import loaders
import numpy as np
import tensorflow as tf
from cases import AGREEING, Author, Case

from bench.execute.worker.weights import weights_digest

BATCH_SIZE = 32
PROCESSES = 2
"""As many as CI has processors."""


def _standardised(x, x_train):
    pixels = x_train.astype("float32")
    return (x - pixels.mean()) / pixels.std()


INPUTS = {
    "as_they_are": lambda x, x_train: x,
    "floats": lambda x, x_train: x.astype("float32"),
    "pixels": lambda x, x_train: x.astype("float32") / 255,
    "sixteenths": lambda x, x_train: x.astype("float32") / 16,
    "standardised": _standardised,
}
"""How an author prepares inputs: from some of them, and those trained on, to what the model is given."""


TARGETS = {
    "column": lambda y, _: y[:, None].astype("float32"),
    "numbers": lambda y, _: y,
    "one_hot": keras.utils.to_categorical,
}
"""How an author gives the classes to a loss: from their numbers and how many there are."""


def train(case: Case, seed: int) -> tuple[float, str]:
    """Accuracy on the test set after a training, a fraction, and the digest of the weights."""
    tf.config.threading.set_intra_op_parallelism_threads(1)
    (x_train, y_train), (x_test, y_test) = getattr(loaders, case.data)()
    # a builder is told of images with a channel
    x_train, x_test = (x if x.ndim == 4 else x[..., None] for x in (x_train, x_test))
    classes = int(y_train.max()) + 1
    author = case.author
    prepared = INPUTS[author.inputs]
    targets = TARGETS[author.targets](y_train, classes)

    keras.utils.set_random_seed(seed)
    module, _, name = case.builder.partition(":")
    model = getattr(import_module(module), name)(x_train.shape[1:], classes, **case.parameters)
    _compile(model, author)
    model.fit(prepared(x_train, x_train), targets, batch_size=BATCH_SIZE, verbose=0, **author.fit)
    outputs = model.predict(prepared(x_test, x_train), verbose=0)
    predicted = outputs.argmax(axis=1) if outputs.shape[1] > 1 else outputs[:, 0] >= 0.5
    return float(np.mean(predicted == y_test)), weights_digest(model)


def _compile(model: keras.Model, author: Author) -> None:
    """Unless the builder did."""
    if author.optimizer is None:
        return
    name, arguments = author.optimizer
    optimizer = getattr(keras.optimizers, name)(**arguments)
    if author.loss is None:
        model.compile(optimizer=optimizer)
        return
    name, arguments = author.loss
    model.compile(optimizer=optimizer, loss=getattr(keras.losses, name)(**arguments), metrics=["accuracy"])


def main(names: list[str]) -> None:
    """Train, a process for each training as its author has it; Keras is imported once, and has run nothing before."""
    wanted = [case for case in AGREEING if not names or case.name in names]
    with multiprocessing.get_context("fork").Pool(PROCESSES, maxtasksperchild=1) as pool:
        pending = {case.name: [pool.apply_async(train, (case, seed)) for seed in range(case.seeds)] for case in wanted}
        print(json.dumps({name: [result.get() for result in results] for name, results in pending.items()}))


if __name__ == "__main__":
    main(sys.argv[1:])
