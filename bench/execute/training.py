"""One trial, from the task to its outcome. Runs in a worker process only."""

from __future__ import annotations

import hashlib
import math
import sys
import traceback
import zlib
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from bench.catalog import datasets
from bench.core.errors import BenchError
from bench.core.formatting import size
from bench.declare.device import parse_device
from bench.execute.data import TrainingData, prepare
from bench.execute.devices import DeviceMissingError, place
from bench.execute.engines import Engine, EngineChoice, choose_engine
from bench.execute.messages import EpochEnded, TrialEnded, TrialTask
from bench.execute.optimizers import make_optimizer
from bench.execute.phases import PhaseClock
from bench.record.records import EpochRecord, Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Send = Callable[[object], None]

EVALUATION_BATCH = 1000
LONGEST_REASON = 400


class TrialError(Exception):
    """A trial that cannot go on, with the sentence that its record carries."""


class DivergedError(TrialError):
    """A training whose loss is no number any more."""


def train_trial(task: TrialTask, send: Send) -> None:
    """Train one trial and send how it ended; every epoch is sent as it ends.

    Args:
        task: complete.
        send: takes `EpochEnded` any number of times, then one `TrialEnded`.
    """
    clock = PhaseClock(task.decided_at)
    trial = _Trial(task, send, clock)
    try:
        trial.run()
        status, reason = Status.OK, ""
    except DeviceMissingError as error:
        status, reason = Status.SKIPPED, str(error)
    except DivergedError as error:
        status, reason = Status.DIVERGED, str(error)
    except (TrialError, BenchError) as error:
        status, reason = Status.FAILED, str(error)
    except MemoryError as error:
        traceback.print_exc()
        limit = f" of {size(task.cell.memory_limit_bytes)}" if task.cell.memory_limit_bytes else ""
        status, reason = (
            Status.FAILED,
            f"The trial reached its memory limit{limit}: {error or 'no more could be allocated'}.",
        )
    except Exception as error:  # noqa: BLE001  whatever a builder or Keras raises is this trial's own failure
        traceback.print_exc()
        status, reason = Status.FAILED, _sentence(error)
    send(TrialEnded(status, reason, trial.outcome()))


class _Trial:
    """The steps of a trial, and what is known of it so far."""

    def __init__(self, task: TrialTask, send: Send, clock: PhaseClock) -> None:
        self.task, self.send, self.clock = task, send, clock
        self.known = Outcome()
        self.epochs: list[EpochRecord] = []

    def outcome(self) -> Outcome:
        return replace(
            self.known, phases=self.clock.read(), epochs=tuple(self.epochs), peak_rss_bytes=_peak_rss_bytes()
        )

    def run(self) -> None:
        task, settings = self.task, self.task.cell.settings
        sys.path[:0] = [folder for folder in task.search_path if folder not in sys.path]
        placement = place(parse_device(task.cell.device))
        self.known = replace(self.known, threads=placement.threads)
        with self.clock.phase("load"):
            arrays = datasets.load(Path(task.data_path), task.data_sha256)
            data = prepare(arrays, settings, task.num_classes)
            self.known = replace(
                self.known,
                data_sha256=task.data_sha256,
                train_images=data.train.size,
                test_images=data.test.size,
            )
        with placement.scope():
            with self.clock.phase("build"):
                keras.utils.set_random_seed(task.seed)
                model = self._build(data.train.x.shape[1:])
                steps = math.ceil(data.train.size / settings.batch_size)
                choice = self._choose(model)
                model.compile(
                    optimizer=make_optimizer(settings, steps, choice.engine.schedule),
                    loss=settings.loss,
                    # by name Keras picks the accuracy that fits the targets, one-hot or class numbers
                    metrics=["accuracy"],
                )
            self._train(model, data, choice.engine)
            self._evaluate(model, data)

    def _build(self, input_shape: tuple[int, ...]) -> keras.Model:
        task = self.task
        module, _, name = task.target.partition(":")
        builder = getattr(import_module(module), name)
        model = builder(input_shape, task.num_classes, **task.cell.parameters)
        if not isinstance(model, keras.Model):
            raise TrialError(
                f"The builder {task.cell.builder} returned {type(model).__name__}, not a keras.Model. "
                "Return an uncompiled keras.Model from it."
            )
        if not model.built:
            model.build((None, *input_shape))
        expected, received = (None, task.num_classes), model.compute_output_shape((None, *input_shape))
        if tuple(received) != expected:
            raise TrialError(
                f"The model of {task.cell.builder} puts out {tuple(received)} for inputs of {(None, *input_shape)}, "
                f"where {expected} is needed: one probability per class."
            )
        self.known = replace(self.known, parameter_count=_parameter_count(model))
        return model

    def _choose(self, model: keras.Model) -> EngineChoice:
        choice = choose_engine(self.task.cell.engine, model)
        self.known = replace(self.known, engine=choice.engine.name, engine_reason=choice.reason)
        return choice

    def _train(self, model: keras.Model, data: TrainingData, engine: Engine) -> None:
        settings = self.task.cell.settings
        compile_time_s = engine.train(
            model, data, epochs=settings.epochs, batch_size=settings.batch_size, on_epoch=self._epoch_ended
        )
        self.clock.add("compile", compile_time_s)
        self.clock.add("train", sum(epoch.train_time_s for epoch in self.epochs))
        last = self.epochs[-1]
        if last.loss is None:
            raise DivergedError(f"The loss was not a finite number in epoch {last.epoch} of {settings.epochs}.")
        self.known = replace(
            self.known,
            validation_accuracy=last.validation_accuracy,
            validation_loss=last.validation_loss,
            weights_digest=_weights_digest(model),
        )

    def _epoch_ended(self, record: EpochRecord) -> bool:
        finite = record.loss is not None and math.isfinite(record.loss)
        record = record if finite else replace(record, loss=None)
        self.epochs.append(record)
        self.send(EpochEnded(record))
        return finite

    def _evaluate(self, model: keras.Model, data: TrainingData) -> None:
        with self.clock.phase("evaluate"):
            outputs = model.predict(data.scaled(data.test.x), batch_size=EVALUATION_BATCH, verbose=0)
            losses = keras.losses.get(self.task.cell.settings.loss)(data.test.y, outputs)
            predicted = np.argmax(outputs, axis=1).astype(np.uint8)
            errors = int(np.count_nonzero(predicted != data.labels_test))
        if not np.all(np.isfinite(outputs)):
            raise DivergedError("The trained model predicts values that are not finite numbers.")
        self.known = replace(
            self.known,
            accuracy=(len(predicted) - errors) / len(predicted),
            test_errors=errors,
            loss=float(np.mean(keras.ops.convert_to_numpy(losses))),
            predictions=zlib.compress(predicted.tobytes()),
        )


def _parameter_count(model: keras.Model) -> int:
    return sum(math.prod(variable.shape) for variable in model.trainable_weights)


def _weights_digest(model: keras.Model) -> str:
    """SHA-256 (hex) over shape, dtype and bytes of every weight, in the model's order."""
    digest = hashlib.sha256()
    for weight in model.get_weights():
        array: NDArray[Any] = np.ascontiguousarray(weight)
        digest.update(f"{array.shape}{array.dtype}".encode())
        digest.update(array.data)
    return digest.hexdigest()


def _peak_rss_bytes() -> int | None:
    """The most memory this process ever held, pages shared with the warm server included."""
    if sys.platform == "win32":
        return None
    import resource  # noqa: PLC0415  there is none on Windows

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak if sys.platform == "darwin" else peak * 1024)


def _sentence(error: Exception) -> str:
    """An exception as one line: its type, and the first paragraph of what it says."""
    text = " ".join(str(error).strip().split("\n\n")[0].split())
    text = text if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]}..."
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
