"""The loop in plain Keras that a user would write instead of a suite, and the clock for whole programs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PLAIN = """
import sys
import keras
import numpy as np
with np.load(sys.argv[1]) as file:
    arrays = {name: file[name] for name in ("x_train", "y_train", "x_test", "y_test")}
x, x_test = (arrays[name].reshape(-1, 28, 28, 1).astype("float32") / 255 for name in ("x_train", "x_test"))
y, y_test = (np.eye(10, dtype="float32")[arrays[name]] for name in ("y_train", "y_test"))
seeds, epochs, batch = (int(word) for word in sys.argv[2:])
for hidden in ([], [128]):
    for seed in range(seeds):
        keras.utils.set_random_seed(seed)
        layers = [keras.Input(x.shape[1:]), keras.layers.Flatten()]
        layers += [keras.layers.Dense(width, activation="relu") for width in hidden]
        model = keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer=keras.optimizers.SGD(0.1), loss="categorical_crossentropy", metrics=["accuracy"])
        model.fit(x, y, batch_size=batch, epochs=epochs, verbose=0)
        print(hidden, seed, model.evaluate(x_test, y_test, verbose=0)[1], flush=True)
"""

TUNER = """
import sys
import tempfile
import keras
import keras_tuner
import numpy as np
with np.load(sys.argv[1]) as file:
    x, y = file["x_train"].reshape(-1, 28, 28, 1).astype("float32") / 255, np.eye(10, dtype="float32")[file["y_train"]]
seeds, epochs, batch = (int(word) for word in sys.argv[2:])
def build(hp):
    hidden = hp.Choice("hidden", [0, 128])
    layers = [keras.Input(x.shape[1:]), keras.layers.Flatten()]
    layers += [keras.layers.Dense(hidden, activation="relu")] if hidden else []
    model = keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="categorical_crossentropy", metrics=["accuracy"])
    return model
with tempfile.TemporaryDirectory() as folder:
    objective = keras_tuner.Objective("accuracy", "max")
    tuner = keras_tuner.GridSearch(build, objective, executions_per_trial=seeds, directory=folder)
    tuner.search(x, y, batch_size=batch, epochs=epochs, verbose=0)
    # the tuner prints the traceback of a trial that failed, and ends well
    assert ["COMPLETED"] * 2 == [trial.status for trial in tuner.oracle.trials.values()]
"""
"""The same trainings by KerasTuner, which evaluates nothing here: it takes the score of the training."""


def wall_time_s(words: Sequence[object], **variables: str) -> float:
    """Seconds that a Python program takes, from its start to its end."""
    begun = time.perf_counter()
    command = [sys.executable, *(str(word) for word in words)]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **variables})
    return time.perf_counter() - begun
