"""Data that is larger than memory, made ready for training a batch at a time. Runs in a worker process only."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from bench.catalog.datasets.stream import read_kept, reopened
from bench.catalog.datasets.stream.batches import batch_of
from bench.catalog.datasets.streamed import TF_DATA
from bench.core.errors import DataError
from bench.core.target import Task
from bench.execute.inputs import scaling_of
from bench.execute.worker.data import Part, TrainingData
from bench.execute.worker.example_weights import balanced_weights, example_weights
from bench.execute.worker.runtimes import current

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from bench.catalog.datasets.stream import Batch, Kept, Stream, Summary
    from bench.declare.settings import TrainingSettings
    from bench.declare.weights import ClassWeight
    from bench.execute.inputs import Reading, Scaling
    from bench.execute.messages import TrialTask


def load_stream(task: TrialTask, reading: Reading) -> TrainingData:
    """The data set of a task whose loader streams it: the loader is called, and nothing is read but first batches.

    Random numbers that the loader draws, such as those of an unseeded shuffle, follow the task's seed.

    Raises:
        DataError: the loader returns something else than when the run began, or the cell asks for what a stream cannot
            give.
    """
    kept, stream = _reopened(Path(task.data_path), task.search_path, task.seed)
    return prepare_stream(stream, kept, task.cell.settings, reading)


@lru_cache(maxsize=1)
def _reopened(path: Path, search_path: tuple[str, ...], seed: int) -> tuple[Kept, Stream]:
    """A worker that looks at several cells calls their loader once."""
    kept = read_kept(path)
    facts = kept.summary.stream
    # Keras imports TensorFlow to set its seed, which the other backends can do without
    seed_all = keras.utils.set_random_seed if facts.kind == TF_DATA else current().seed
    seed_all(seed)
    stream = reopened(
        facts.loader,
        search_path,
        version=facts.version,
        target=kept.summary.target,
        first=kept.first,
        first_test=kept.first_test,
    )
    if stream.batches_of("train") != facts.train_batches:
        raise DataError(
            f"The training part of {facts.loader} now has {stream.batches_of('train'):,} batches; the run began with "
            f"{facts.train_batches:,}. Split by one rule that gives the same parts each time."
        )
    return kept, stream


def prepare_stream(stream: Stream, kept: Kept, settings: TrainingSettings, reading: Reading) -> TrainingData:
    """What `prepare` makes of arrays, of a stream: the first batches, and what makes the others ready.

    Args:
        stream: reopened.
        kept: what a look at it found.
        settings: of the cell.
        reading: what the model does with its inputs, and what it puts out.

    Raises:
        DataError: the settings ask for what a stream cannot give.
    """
    summary = kept.summary
    _check(stream, summary, settings)
    target, sparse = stream.target, reading.takes_numbers(settings, stream.target)
    scalings = {
        name: scaling_of(array, settings.input_scaling, summary.facts, reading, name=name)
        for name, array in _extremes(stream.first, summary)
    }
    feed = Feed(
        stream=stream,
        train_examples=summary.train_examples,
        train_batches=summary.stream.train_batches,
        truth=kept.truth,
        scalings=scalings,
        outputs=reading.outputs,
        sparse=sparse,
        class_weight=_class_weight(settings, summary),
    )
    return TrainingData(
        train=feed.part(stream.first, trained=True),
        validation=None,
        test=feed.part(stream.first_test, trained=False),
        target=target,
        outputs=reading.outputs,
        truth_train=stream.first.y,
        truth_test=stream.first_test.y,
        scalings=scalings,
        feed=feed,
    )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Feed:
    """A stream on its way into a model.

    Attributes:
        stream: reopened.
        train_examples, train_batches: of an epoch.
        truth: what is true of each example of the test part, as it was when the run began.
        scalings: what is done to each input.
        outputs: the width of the model's outputs.
        sparse: whether the loss takes classes by their number.
        class_weight: of each class; None where all weigh the same.
        problems: what is wrong with a batch, which TensorFlow would report in words of its own.
    """

    stream: Stream
    train_examples: int
    train_batches: int
    truth: NDArray[Any]
    scalings: Mapping[str, Scaling]
    outputs: int | None
    sparse: bool
    class_weight: ClassWeight
    problems: list[DataError] = field(default_factory=list)

    @property
    def loader(self) -> str:
        """`package.module:function`."""
        return self.stream.reference

    @property
    def endless(self) -> bool:
        """Whether the training part goes on for ever, so that epochs go on where the last one ended."""
        return self.stream.endless("train")

    @property
    def shuffles(self) -> bool:
        """Whether `fit` draws the order of batches, as it does of a `PyDataset`; a `tf.data.Dataset` has its own."""
        return self.stream.kind != TF_DATA

    def encode(self, y: NDArray[Any]) -> NDArray[Any]:
        """True values as the loss takes them."""
        return self.stream.target.encode(y, self.outputs, sparse=self.sparse)

    def part(self, batch: Batch, *, trained: bool) -> Part:
        """A batch with targets as the loss takes them; one that is trained on has the weights of its classes, too."""
        w = example_weights(self.class_weight, self.stream.target, batch.y, batch.w) if trained else batch.w
        return Part(batch.x, self.encode(batch.y), w)

    def training(self) -> Any:  # noqa: ANN401  a dataset of the kind that the loader returned
        """What `fit` trains on: the training part, its batches ready for the model."""
        return self._ready("train")

    def testing(self) -> Any:  # noqa: ANN401  likewise
        """What `evaluate` tests on: the test part, its batches ready for the model."""
        return self._ready("test")

    def testing_batches(self) -> Iterator[Batch]:
        """The test part, as it is stored; no more examples than were counted."""
        left = len(self.truth)
        for batch in self.stream.read("test"):
            if left > 0:
                yield batch.head(left)
            left -= batch.size

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Raise what is wrong with a batch in our words, where TensorFlow raises it in others.

        Raises:
            DataError: a batch cannot be trained.
        """
        try:
            yield
        except Exception as error:
            if self.problems:
                raise self.problems[0] from error
            raise

    def _ready(self, name: str) -> Any:  # noqa: ANN401  a dataset
        stream, trained = self.stream, name == "train"

        def ready(element: Any) -> tuple[Any, ...]:  # noqa: ANN401  a batch as the loader makes it
            try:
                batch = batch_of(element, stream.target, f"{stream.reference}, the {name} part", finite=False)
            except DataError as error:
                self.problems.append(error)
                raise
            part = self.part(batch, trained=trained)
            x = _scaled(part.x, self.scalings)
            return (x, part.y) if part.w is None else (x, part.y, part.w)

        first = stream.first_of(name)
        example = self.part(first, trained=trained)
        form = (_scaled(example.x, self.scalings), example.y, *(() if example.w is None else (example.w,)))
        if stream.kind == TF_DATA:
            from bench.execute.worker.runtimes.tensorflow.streams import mapped  # noqa: PLC0415  whoever made it has TensorFlow

            endless = stream.endless(name)
            return mapped(stream.part(name), ready, form, None if endless else stream.batches_of(name))
        return _Mapped(stream.part(name), ready)


def _scaled(x: Any, scalings: Mapping[str, Scaling]) -> Any:  # noqa: ANN401  an array or a dict of them
    if isinstance(x, dict):
        return {name: scalings[name](array) for name, array in x.items()}
    return scalings[""](x)


class _Mapped(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """A `PyDataset` whose batches are made ready; its workers are those of the loader's."""

    def __init__(self, of: Any, ready: Callable[[Any], tuple[Any, ...]]) -> None:  # noqa: ANN401  a PyDataset
        super().__init__(
            workers=of.workers, use_multiprocessing=of.use_multiprocessing, max_queue_size=of.max_queue_size
        )
        self._of, self._make_ready = of, ready

    @property
    def num_batches(self) -> int | None:
        try:
            batches: int | None = self._of.num_batches
        except NotImplementedError:
            return None
        return batches

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        return self._make_ready(self._of[index])

    def on_epoch_begin(self) -> None:
        self._of.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self._of.on_epoch_end()


def _extremes(first: Batch, summary: Summary) -> Iterator[tuple[str, NDArray[Any]]]:
    """Of each input two examples, of its smallest and its largest value: they stand for all in finding its scaling."""
    if not isinstance(first.x, dict):
        yield "", first.x
        return
    for name, array in first.x.items():
        facts, shape = summary.facts.by_input[name], array.shape[1:]
        yield name, np.stack([np.full(shape, facts.low), np.full(shape, facts.high)]).astype(array.dtype)


def _check(stream: Stream, summary: Summary, settings: TrainingSettings) -> None:
    """Refuse what a stream cannot give."""
    reference, size = stream.reference, summary.stream.batch_size
    few = size == summary.train_examples  # a single batch, smaller than others would be
    if settings.batch_size != size and not (few and settings.batch_size > size):
        raise DataError(
            f"The loader {reference} streams batches of {size:,}, and batch_size is {settings.batch_size:,}. Write "
            f"batch_size = {size}, or let the loader make batches of {settings.batch_size:,}."
        )
    if settings.validation_split:
        raise DataError(
            f"validation_split holds examples out of arrays, and {reference} streams its data. Take validation_split "
            "out, and what follows it (early_stopping, reduce_on_plateau)."
        )
    if settings.input_scaling == "standard":
        raise DataError(
            f'input_scaling = "standard" needs the mean of all training inputs, and {reference} streams them. Write '
            'input_scaling = "none", and scale them in the loader or by a keras.layers.Normalization(mean=..., '
            "variance=...) in the model."
        )


def _class_weight(settings: TrainingSettings, summary: Summary) -> ClassWeight:
    """The weight of each class; `balanced` by the classes that were counted.

    Raises:
        DataError: they were not counted.
    """
    declared, target = settings.class_weight, summary.target
    if not isinstance(declared, str) or target.task is not Task.CLASSES:
        return declared
    if not summary.stream.class_counts:
        raise DataError(
            f'class_weight = "balanced" needs the number of examples of each class; {summary.stream.loader} streams '
            "them. Leave train_examples out of what the loader returns, so that the training part is counted once; or "
            "give class_weight a table."
        )
    weights = balanced_weights(np.array(summary.stream.class_counts))
    return tuple(zip(target.names, map(float, weights), strict=True))
