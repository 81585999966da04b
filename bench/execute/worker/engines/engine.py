"""What an engine is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import keras

from bench.execute.worker.compilation import accuracy_of
from bench.record.records import EpochRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from bench.execute.worker.data import TrainingData
    from bench.record.treatment import CompileRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What a training is to be.

    Attributes:
        epochs: at least 1.
        batch_size: the last batch of an epoch may be smaller.
        on_epoch: told of every epoch as it ends; training stops when it returns False.
        on_begin: called once, just before the first step whose time counts; None where nobody wants to know.
        steps_per_epoch: the batches of an epoch that are trained; None for all of them.
        callbacks: of the user's own; only `fit` calls them.
        orders: of the examples in each epoch, (n,) int32 places among those trained on, where another backend has drawn
            them; None to draw them as `fit` does.
        on_first_step: called when the first step has changed the weights, and before the second; None to go on.
    """

    epochs: int
    batch_size: int
    on_epoch: Callable[[EpochRecord], bool]
    on_begin: Callable[[], None] | None = None
    steps_per_epoch: int | None = None
    orders: tuple[NDArray[np.int32], ...] | None = None
    on_first_step: Callable[[], None] | None = None
    callbacks: tuple[keras.callbacks.Callback, ...] = ()


@dataclass(slots=True)
class Made:
    """A compiled model and what an engine has made to train it, which may train several trials in turn.

    Attributes:
        model: its values are those of the trial that comes next.
        data: what it is trained on.
        trial_id: of the trial that it was made for.
        program: of the engine; None until it has made one.
    """

    model: keras.Model
    data: TrainingData
    trial_id: str
    program: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What went before the first epoch, and is no part of any epoch's time, in seconds; and how the steps ran.

    Attributes:
        warmup_time_s: making images and targets ready for the engine.
        compile_time_s: tracing, recording and compiling.
        own_steps: why Keras's own steps were run where the engine replays recorded ones, as a clause; empty where it
            did, and for engines that record nothing.
        replayed: how many steps of the training were replayed.
    """

    warmup_time_s: float
    compile_time_s: float
    own_steps: str = ""
    replayed: int = 0


class Engine(Protocol):
    """What drives the epochs.

    Attributes:
        exact: whether its weights are those of `Model.fit`, bit for bit.
        shares: whether it trains a model that it has trained before as it trains a fresh one with the same values.
    """

    name: str
    exact: bool
    shares: bool

    def obstacle(self, model: keras.Model, compiled: CompileRecord, data: TrainingData, memory_bytes: int) -> str:
        """Why this engine cannot train the model on the data, as a clause; empty when it can.

        Args:
            model: built and compiled.
            compiled: what it is compiled with.
            data: ready for training.
            memory_bytes: of the device, as far as the trial may use it.
        """
        ...

    def schedule(self, schedule: keras.optimizers.schedules.LearningRateSchedule) -> object:
        """The learning-rate schedule as this engine's program needs it, equal in every value."""
        ...

    def orders(self, made: Made, course: Course) -> Sequence[NDArray[np.int32]]:
        """The order of the examples in each epoch, (n,) int32, as a training under the present seed draws them.

        The model may be trained for it, and is used for nothing else afterwards.

        Raises:
            ModelError: the order cannot be had without the very training.
        """
        ...

    def train(self, made: Made, course: Course) -> Prepared:
        """Train all epochs of a compiled model; what is made for that stays in `made` for the next trial."""
        ...


def epoch_record(
    epoch: int, train_time_s: float, learning_rate: object, values: dict[str, float], validated: dict[str, float]
) -> EpochRecord:
    """An epoch as a record.

    Args:
        epoch: 1 for the first.
        train_time_s: of the training alone.
        learning_rate: what the optimizer has; None where there is none.
        values: figures of the training by the names of the model.
        validated: the same of the examples held out.
    """
    return EpochRecord(
        epoch=epoch,
        train_time_s=train_time_s,
        loss=values.get("loss"),
        accuracy=accuracy_of(values),
        validation_loss=validated.get("loss"),
        validation_accuracy=accuracy_of(validated),
        learning_rate=None if learning_rate is None else float(keras.ops.convert_to_numpy(learning_rate)),
    )
