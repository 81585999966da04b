"""Trainings by `fit` and by `epoch` on another backend, in a process of its own: `python on_backend.py jax CASE...`.

Prints one JSON object: what each case ended with, what a step computes, and whether TensorFlow was imported.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from typing import Any

RATE = {"schedule": "cosine", "initial": 0.01}
MLP = ("mlp", {"hidden": [16]})
CASES: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "all at once": (
        "pictures",
        "mlp",
        {"hidden": [16], "batch_norm": True, "dropout": 0.2},
        {
            "optimizer": "adam",
            "learning_rate": RATE,
            "validation_split": 0.2,
            "epochs": 4,
            "early_stopping": {"patience": 1, "restore_best": True},
            "deterministic": True,
        },
    ),
    "weighed values, standardised": ("values", *MLP, {"input_scaling": "standard", "optimizer": "rmsprop"}),
    "two inputs": ("mixed", "own_models:dict_model", {}, {"input_scaling": "standard"}),
    "momentum, plateau": (
        "pictures",
        *MLP,
        {"optimizer": {"name": "sgd", "momentum": 0.9}, "validation_split": 0.2, "reduce_on_plateau": {"patience": 1}},
    ),
    "a batch of all": ("pictures", *MLP, {"batch_size": 500}),
    "half precision": ("pictures", *MLP, {"precision": "mixed_float16"}),
    "recurrent": ("series", "rnn", {"kind": "gru", "units": 4}, {}),
    "convolution": ("series", "conv1d", {"filters": [4]}, {"optimizer": "adam"}),
}


def data() -> dict[str, Any]:
    """Small data sets by name; the last batch of each is smaller than the others."""
    import numpy as np  # noqa: PLC0415

    from bench.catalog.datasets import Arrays  # noqa: PLC0415
    from bench.core import trees  # noqa: PLC0415
    from bench.core.target import Task  # noqa: PLC0415

    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 255, (190, 6, 6, 1)).astype(np.uint8)
    numbers, series = rng.normal(2, 3, (190, 6)).astype(np.float32), rng.normal(size=(190, 10, 2)).astype(np.float32)
    tokens, classes = rng.integers(0, 50, (190, 8)).astype(np.int32), (numbers[:, 0] > 2).astype(np.uint8)
    weights = rng.uniform(0.1, 3, 190).astype(np.float32)

    def arrays(x: Any, y: Any, task: Task = Task.CLASSES, names: tuple[str, ...] = ("no", "yes"), w: Any = None) -> Any:
        first, last = slice(150), slice(150, None)
        return Arrays(
            x_train=trees.rows(x, first),
            y_train=y[first],
            x_test=trees.rows(x, last),
            y_test=y[last],
            task=task,
            names=names,
            w_train=None if w is None else w[first],
            w_test=None if w is None else w[last],
        )

    return {
        "pictures": arrays(pictures, classes),
        "values": arrays(numbers, numbers[:, :2] / 10, Task.REGRESSION, ("p", "q"), weights),
        "classes": arrays(numbers, classes, w=weights),
        "mixed": arrays({"num": numbers, "tok": tokens}, classes),
        "series": arrays(series, classes),
    }


def main() -> None:
    """Train every case that the command line names."""
    backend, *names = sys.argv[1:]
    os.environ["KERAS_BACKEND"] = backend
    import numpy as np  # noqa: PLC0415
    from trainings import look, task, train_unseen  # noqa: PLC0415

    from bench.catalog.architectures import convolutional, dense  # noqa: PLC0415
    from bench.execute.worker.runtimes import current  # noqa: PLC0415
    from bench.execute.worker.speed import measure_speed  # noqa: PLC0415

    sets, said = data(), {}
    for name in names:
        kind, builder, parameters, keys = CASES[name]
        keys = {"epochs": 3, "backend": backend, **keys}
        tasks = [task(sets[kind], builder, engine=engine, parameters=parameters, **keys) for engine in ("fit", "epoch")]
        inspection = look(sets[kind], tasks[0])
        fit, epoch = (train_unseen(sets[kind], replace(of, inspection=inspection)) for of in tasks)
        ends = [
            {
                "status": str(end.ended.status),
                "reason": end.ended.reason,
                "engine_reason": end.ended.outcome.engine_reason,
                "engine": end.ended.outcome.engine,
                "digest": end.ended.outcome.weights_digest,
                "ladder": end.ended.outcome.ladder,
                "losses": [(one.loss, one.validation_loss, one.learning_rate) for one in end.ended.outcome.epochs],
            }
            for end in (fit, epoch)
        ]
        apart = [float(np.abs(one - other).max()) for one, other in zip(fit.weights, epoch.weights, strict=True)]
        said[name] = {"fit": ends[0], "epoch": ends[1], "apart": max(apart, default=None)}
    current().seed(0)
    x, models = np.zeros((20, 8, 8, 1), np.float32), (dense.mlp, convolutional.cnn)
    built = [model((8, 8, 1), 10) for model in models]
    speed = measure_speed(built[0], x, batch_size=16)
    print(
        json.dumps(
            {
                "cases": said,
                "flops": [current().training_flops(model, x, 16) for model in built],
                "speed": [speed.flops_per_image, speed.latency_s, speed.inference_images_per_s],
                "tensorflow": "tensorflow" in sys.modules,
            }
        )
    )


if __name__ == "__main__":
    main()
