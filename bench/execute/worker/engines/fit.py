"""`fit`: `Model.fit` exactly as a Keras user writes it, with a callback that reads the clock."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import keras

from bench.core import trees
from bench.execute.worker.devices import synchronise
from bench.execute.worker.engines.engine import Prepared, epoch_record
from bench.execute.worker.runtimes import current

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from bench.execute.worker.data import Part
    from bench.execute.worker.engines.engine import Course, Made
    from bench.execute.worker.streams import Feed


class FitEngine:
    """The yardstick: what every user of Keras has.

    Args:
        shares: False on backends whose `fit` draws random numbers to build a fresh model, and none for another one.
    """

    name = "fit"
    exact = True

    def __init__(self, *, shares: bool) -> None:
        self.shares = shares

    def obstacle(self, *_: object) -> str:
        """Why this engine cannot train a model: it can train every one."""
        return ""

    def schedule(self, schedule: keras.optimizers.schedules.LearningRateSchedule) -> object:
        """The schedule as it is."""
        return schedule

    def orders(self, made: Made, course: Course) -> list[NDArray[np.int32]]:
        """Nobody asks for them: the engine `epoch` of every backend draws the same."""
        raise NotImplementedError

    def train(self, made: Made, course: Course) -> Prepared:
        """Train all epochs; see `Engine.train`. Keras itself keeps its program with the model.

        Keras compiles in the first step, so that step counts as compiling, and so does what Keras does before it.
        """
        model, data = made.model, made.data
        begun = time.perf_counter()
        if data.feed is not None:
            return self._train_stream(model, data.feed, course)
        held_out = data.validation
        examples = None if course.steps_per_epoch is None else course.steps_per_epoch * course.batch_size
        train = data.train if examples is None else data.train.rows(slice(examples))
        x = data.scaled(train.x)
        validation_data = None if held_out is None else _triple(data.scaled(held_out.x), held_out)
        scaled = time.perf_counter()
        watch = _Watch(course) if course.on_first_step is None else _FirstStepWatch(course)
        callbacks, orders = [*course.callbacks, watch], course.orders
        common = {"epochs": course.epochs, "validation_data": validation_data, "verbose": 0}
        if orders is None:
            model.fit(x, train.y, sample_weight=train.w, batch_size=course.batch_size, callbacks=callbacks, **common)
        elif all(order is orders[0] for order in orders):
            x, train = trees.rows(x, orders[0]), train.rows(orders[0])
            weights = {"sample_weight": train.w, "batch_size": course.batch_size}
            model.fit(x, train.y, shuffle=False, callbacks=callbacks, **weights, **common)
        else:
            batches = _Ordered((x, train.y) if train.w is None else (x, train.y, train.w), course.batch_size, orders)
            model.fit(batches, shuffle=False, callbacks=[*callbacks, _Turns(batches)], **common)
        return Prepared(warmup_time_s=scaled - begun, compile_time_s=watch.first_step_ended - scaled - watch.told_s)

    def _train_stream(self, model: keras.Model, feed: Feed, course: Course) -> Prepared:
        """The same for data that is read in batches, as its loader makes them."""
        begun = time.perf_counter()
        watch = _Watch(course) if course.on_first_step is None else _FirstStepWatch(course)
        with feed.blamed():
            model.fit(
                feed.training(),
                epochs=course.epochs,
                steps_per_epoch=feed.train_batches if feed.endless else None,
                shuffle=feed.shuffles,
                verbose=0,
                callbacks=[*course.callbacks, watch],
            )
        return Prepared(warmup_time_s=0.0, compile_time_s=watch.first_step_ended - begun - watch.told_s)


def _triple(x: Any, part: Part) -> tuple[Any, ...]:  # noqa: ANN401  an array or a dict of them
    return (x, part.y) if part.w is None else (x, part.y, part.w)


class _Ordered(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """The batches of every epoch in an order of its own."""

    def __init__(self, examples: tuple[Any, ...], batch_size: int, orders: Sequence[NDArray[np.int32]]) -> None:
        super().__init__()
        self._examples, self._batch_size, self._orders = examples, batch_size, orders
        self.epoch = 0

    def __len__(self) -> int:
        return math.ceil(len(self._orders[0]) / self._batch_size)

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        begin = index * self._batch_size
        chosen = self._orders[self.epoch][begin : begin + self._batch_size]
        return tuple(trees.rows(part, chosen) for part in self._examples)


class _Turns(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Turns to the order of the epoch that begins: an adapter may look at some batches before the first."""

    def __init__(self, batches: _Ordered) -> None:
        super().__init__()
        self._batches = batches

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002  Keras's signature
        self._batches.epoch = epoch


class _Watch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Reads the clock where Keras calls back anyway.

    The end of a batch is not watched: Keras runs those callbacks beside the training as long as nobody overrides them,
    and a yardstick must not slow down what it measures. The first step is over when the second begins.
    """

    def __init__(self, course: Course) -> None:
        super().__init__()
        self._course = course
        self._epoch_begun = self._training_ended = 0.0
        self._second_step_begun: float | None = None
        self.first_step_ended = self.told_s = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002  Keras's signature
        self._training_ended = 0.0
        self._epoch_begun = time.perf_counter()

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        # not 1: a builder may have compiled several steps into one execution
        if batch > 0 and self._second_step_begun is None:
            self._begin()
            self._second_step_begun = time.perf_counter()

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        synchronise()
        self._training_ended = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        synchronise()
        ended = self._training_ended or time.perf_counter()
        begun = self._epoch_begun
        if epoch == 0:
            # an epoch of a single batch is all first step
            begun = self.first_step_ended = self._second_step_begun or ended
            if self._second_step_begun is None:
                self._begin()
        values = {key: float(value) for key, value in (logs or {}).items()}
        validated = {key.removeprefix("val_"): value for key, value in values.items() if key.startswith("val_")}
        rate = getattr(self.model.optimizer, "learning_rate", None)
        record = epoch_record(epoch + 1, ended - begun, rate, values, validated)
        if not self._course.on_epoch(record):
            self.model.stop_training = True

    def _begin(self) -> None:
        if self._course.on_begin is not None:
            self._course.on_begin()


class _FirstStepWatch(_Watch):
    """Also tells of the end of the first step, which makes Keras wait for every step: where digests are kept only."""

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        if self._second_step_begun is None and batch == 0 and self._course.on_first_step is not None:
            begun = time.perf_counter()
            current().sync(self.model)
            self._course.on_first_step()
            self.told_s += time.perf_counter() - begun
