"""A data set made ready for training: split, encoded, weighed, and with the scaling that its inputs need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.core import trees
from bench.declare.settings import HELD_OUT_SEED
from bench.execute.inputs import PLAIN_READING, Scaling, scaling_of
from bench.execute.worker.example_weights import example_weights

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from bench.catalog.datasets import Arrays, DataFacts
    from bench.core.target import Target
    from bench.core.trees import Inputs, Shapes
    from bench.declare.settings import TrainingSettings
    from bench.execute.inputs import Reading
    from bench.execute.worker.streams import Feed
    from bench.record.treatment import InputRecord


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some examples and their targets.

    Attributes:
        x: (n, ...) as decoded; or several inputs by name.
        y: (n, width) float32; (n,) int64 where the loss wants class numbers.
        w: (n,) float32, how much each example weighs in the loss; None where all weigh the same.
    """

    x: Inputs
    y: NDArray[Any]
    w: NDArray[np.float32] | None = None

    @property
    def size(self) -> int:
        """How many examples."""
        return len(self.y)

    @property
    def nbytes(self) -> int:
        """The memory that the arrays take."""
        return trees.nbytes(self.x) + self.y.nbytes + (0 if self.w is None else self.w.nbytes)

    def rows(self, chosen: slice | NDArray[Any]) -> Part:
        """Some of the examples."""
        return Part(trees.rows(self.x, chosen), self.y[chosen], None if self.w is None else self.w[chosen])


@dataclass(frozen=True, slots=True, eq=False)
class TrainingData:
    """What engines train on.

    Attributes:
        train, validation, test: validation is None where no examples are held out.
        target: what is predicted.
        outputs: the width of the model's outputs; None where no model was built yet.
        truth_train: what is true of the examples trained on, as stored.
        truth_test: the same of the test part.
        scalings: what is done to each input, by its name; the name of the only one is empty.
        feed: of data that is read in batches; train and test are then the first batch of each part. None for all
            others.
    """

    train: Part
    validation: Part | None
    test: Part
    target: Target
    outputs: int | None
    truth_train: NDArray[Any]
    truth_test: NDArray[Any]
    scalings: Mapping[str, Scaling]
    feed: Feed | None = None

    @property
    def train_size(self) -> int:
        """How many examples an epoch trains on."""
        return self.train.size if self.feed is None else self.feed.train_examples

    @property
    def test_size(self) -> int:
        """How many examples are tested."""
        return self.test.size if self.feed is None else len(self.feed.truth)

    @property
    def input_shape(self) -> Shapes:
        """The shape of one example; of several inputs, of each by its name."""
        return trees.shapes(self.train.x)

    @property
    def inputs(self) -> InputRecord | None:
        """What is done to the only input; None where there are several."""
        return self.scalings[""].record if "" in self.scalings else None

    @property
    def several_inputs(self) -> dict[str, InputRecord]:
        """What is done to each of several inputs, by name; empty where there is one."""
        return {name: scaling.record for name, scaling in self.scalings.items() if name}

    def scaled(self, x: Inputs) -> Any:  # noqa: ANN401  an array or a dict of them
        """Inputs as a model takes them: float32, or int32 where they are ids."""
        if isinstance(x, dict):
            return {name: self.scalings[name](array) for name, array in x.items()}
        return self.scalings[""](x)


def prepare(
    arrays: Arrays,
    facts: DataFacts,
    settings: TrainingSettings,
    target: Target,
    reading: Reading = PLAIN_READING,
) -> TrainingData:
    """Split, encode and weigh, and find the scaling.

    Mean and deviation of `standard` are those of the inputs trained on, per feature of a vector and per channel of
    anything else; what is held out or tested does not enter them. Classes are weighed in the training part alone, as in
    `Model.fit`.

    Args:
        arrays: as decoded.
        facts: of the arrays.
        settings: input scaling, validation split, loss, class weights and who compiles are read.
        target: what is predicted.
        reading: what the model does with its inputs, and what it puts out.

    Raises:
        ValueError: the validation split leaves nothing to train on, or holds out nothing.
        DataError: a class has no weight.
    """
    sparse = reading.takes_numbers(settings, target)

    def part(x: Inputs, y: NDArray[Any], w: NDArray[np.float32] | None) -> Part:
        return Part(x, target.encode(y, reading.outputs, sparse=sparse), w)

    train, held_out = _split(len(arrays.y_train), settings.validation_split)
    x_train, y_train, w_train, validation = arrays.x_train, arrays.y_train, arrays.w_train, None
    if held_out is not None:
        held_weights = None if w_train is None else w_train[held_out]
        validation = part(trees.rows(x_train, held_out), y_train[held_out], held_weights)
        x_train, y_train = trees.rows(x_train, train), y_train[train]
        w_train = None if w_train is None else w_train[train]
    return TrainingData(
        train=part(x_train, y_train, example_weights(settings.class_weight, target, y_train, w_train)),
        validation=validation,
        test=part(arrays.x_test, arrays.y_test, arrays.w_test),
        target=target,
        outputs=reading.outputs,
        truth_train=y_train,
        truth_test=arrays.y_test,
        scalings={
            name: scaling_of(array, settings.input_scaling, facts, reading, name=name)
            for name, array in trees.leaves(x_train)
        },
    )


def _split(total: int, fraction: float) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    if not fraction:
        return np.arange(total), None
    held = round(total * fraction)
    if not 0 < held < total:
        raise ValueError(
            f"a validation split of {fraction} of {total} examples holds out {held}: no such split can be trained"
        )
    order = np.random.default_rng(HELD_OUT_SEED).permutation(total)
    return np.sort(order[held:]), np.sort(order[:held])
