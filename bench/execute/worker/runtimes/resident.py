"""What the `epoch` engines of JAX and PyTorch share: data that stays on the device, and what is told of each epoch."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import keras

from bench.core import trees
from bench.core.formatting import size
from bench.execute.worker.compilation import OWN_TESTING, own_method
from bench.execute.worker.devices import synchronise
from bench.execute.worker.engines.engine import Prepared, epoch_record

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.execute.worker.data import TrainingData
    from bench.execute.worker.engines.engine import Course
    from bench.record.treatment import CompileRecord

COPIES = 2
"""How often the scaled training data is held at once: in the program's memory, and on the device."""


class Program(Protocol):
    """The training of one model."""

    @property
    def own_steps(self) -> str:
        """Why Keras's own steps are run, as a clause; empty where they are replayed, or are in a compiled program."""
        ...

    @property
    def replayed(self) -> int:
        """How many steps of the training were replayed so far."""
        ...

    def place(self) -> None:
        """Put everything on the device that is needed for the next epoch, in the order of that epoch."""
        ...

    def compile(self) -> None:
        """Make everything that the first epoch runs; no variable of the model changes."""
        ...

    @property
    def settle(self) -> Callable[[], None] | None:
        """Makes what further steps run, after the first was trained; no variable changes. None where all is made."""
        ...

    def train(self, begin: int, end: int | None) -> None:
        """Train the batches of an epoch from the `begin`th to before the `end`th; to the last where it is None."""
        ...

    def validate(self) -> dict[str, float]:
        """Loss and metrics on the examples held out; empty where there are none."""
        ...


class Compiled:
    """What a program has that is made before its first step, and has no steps to replay; see `Program`."""

    settle = None
    own_steps = ""
    replayed = 0


def obstacle(model: keras.Model, compiled: CompileRecord, data: TrainingData, memory_bytes: int) -> str:
    """Why a program cannot hold a model's training, whichever backend it is of; see `Engine.obstacle`."""
    kind = type(model)
    testing = own_method(kind, OWN_TESTING) if data.validation is not None else ""
    if own := compiled.own_method or testing:
        return f"{kind.__name__} has a {own} of its own"
    if kind.run_eagerly is not keras.Model.run_eagerly:
        return f"{kind.__name__} decides for itself whether to run eagerly"
    if "run_eagerly" in compiled.options:
        return f"its builder compiled it with run_eagerly = {compiled.options['run_eagerly']}, as fit runs it"
    few = data.scaled(trees.rows(data.train.x, slice(1)))
    needed = data.train.nbytes + COPIES * data.train.size * trees.nbytes(few)
    return f"its data would take {size(needed)} of the device's {size(memory_bytes)}" if needed > memory_bytes else ""


def train(model: keras.Model, make_program: Callable[[], Program], course: Course) -> Prepared:
    """Train all epochs; see `Engine.train`.

    Args:
        model: built and compiled.
        make_program: places the data that stays on the device.
        course: what the training is to be.
    """
    begun = time.perf_counter()
    program = make_program()
    program.place()
    synchronise()
    placed = time.perf_counter()
    program.compile()
    synchronise()
    prepared = Prepared(warmup_time_s=placed - begun, compile_time_s=time.perf_counter() - placed)
    if course.on_begin is not None:
        course.on_begin()
    settled_s = 0.0
    for epoch in range(course.epochs):
        begun = time.perf_counter()
        if epoch:
            program.place()
        model.reset_metrics()
        aside_s = 0.0
        if epoch == 0 and (course.on_first_step is not None or program.settle is not None):
            program.train(0, 1)
            synchronise()
            trained = time.perf_counter()
            if course.on_first_step is not None:
                course.on_first_step()
            before_settling = time.perf_counter()
            if program.settle is not None:
                program.settle()
                synchronise()
            settled_s = time.perf_counter() - before_settling
            aside_s = time.perf_counter() - trained
            program.train(1, None)
        else:
            program.train(0, None)
        values = {name: float(value) for name, value in model.get_metrics_result().items()}
        synchronise()
        ended = time.perf_counter() - aside_s
        rate = model.optimizer.learning_rate
        record = epoch_record(epoch + 1, ended - begun, rate, values, program.validate())
        if not course.on_epoch(record):
            break
    model.optimizer.finalize_variable_values(model.trainable_weights)
    compile_time_s = prepared.compile_time_s + settled_s
    return replace(prepared, compile_time_s=compile_time_s, own_steps=program.own_steps, replayed=program.replayed)
