"""What a loader of streams returned, checked by its first batches. Runs in a worker process only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from bench.catalog.datasets.loaders import called
from bench.catalog.datasets.stream.about import RESULT, About, about_of
from bench.catalog.datasets.stream.batches import Batch, batch_of, target_of
from bench.core.errors import DataError
from bench.core.formatting import plural
from bench.core.trees import shapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.core.target import Target

TF_DATA, PY_DATASET = "tf.data.Dataset", "keras.utils.PyDataset"
PARTS = {"train": "training", "test": "test"}
_PAIR, _TRIPLE = 2, 3


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """A data set that is read in batches.

    Attributes:
        reference: the loader, `package.module:function`.
        kind: what both parts are, `tf.data.Dataset` or `keras.utils.PyDataset`.
        train, test: as the loader returned them.
        about: what the loader says of them.
        target: what is predicted.
        first, first_test: the first batch of each part.
    """

    reference: str
    kind: str
    train: Any
    test: Any
    about: About
    target: Target
    first: Batch
    first_test: Batch

    def part(self, name: str) -> Any:  # noqa: ANN401  a dataset
        """`train` or `test`, as the loader returned it."""
        return self.train if name == "train" else self.test

    def declared(self, name: str) -> int | None:
        """How many examples the loader says that a part has."""
        return self.about.train_examples if name == "train" else self.about.test_examples

    def known_batches(self, name: str) -> int | None:
        """How many batches a part says that it has; None where it does not know, or goes on for ever."""
        batches = cardinality(self.part(name), self.kind)
        return batches if batches is not None and batches >= 0 else None

    def endless(self, name: str) -> bool:
        """Whether a part says that it goes on for ever."""
        batches = cardinality(self.part(name), self.kind)
        return batches is None or batches == ENDLESS

    def batches_of(self, name: str) -> int:
        """The batches of an epoch of a part."""
        known, examples = self.known_batches(name), self.declared(name)
        return known if known is not None else math.ceil((examples or 0) / self.first_of(name).size)

    def first_of(self, name: str) -> Batch:
        """The first batch of a part."""
        return self.first if name == "train" else self.first_test

    def read(self, name: str, batches: int | None = None) -> Iterator[Batch]:
        """The batches of an epoch of a part, or the first of them, one at a time.

        Raises:
            DataError: a batch has another form than it should.
        """
        total = self.batches_of(name) if batches is None else batches
        for number, element in enumerate(elements(self.part(name), self.kind, total), start=1):
            yield batch_of(element, self.target, where(self.reference, name, number))


ENDLESS = -1
"""How `tf.data` says that a dataset goes on for ever; -2 says that it does not know."""


def where(reference: str, name: str, number: int) -> str:
    """A batch, as messages name it."""
    return f"{reference}, batch {number} of the {PARTS[name]} part"


def is_stream(result: object) -> bool:
    """Whether a loader returned parts that are read in batches, at least one of them."""
    if not isinstance(result, tuple | list):
        return kind_of(result) is not None
    return any(kind_of(part) is not None for part in result)


def kind_of(part: object) -> str | None:
    """Which kind of dataset something is; None for all others."""
    import keras  # noqa: PLC0415  in a worker process only
    import tensorflow as tf  # noqa: PLC0415

    if isinstance(part, tf.data.Dataset):
        return TF_DATA
    return PY_DATASET if isinstance(part, keras.utils.PyDataset) else None


def opened(result: object, reference: str) -> Stream:
    """What `is_stream` knows, checked by the first batch of each part.

    Args:
        result: of the loader.
        reference: the loader, for messages.

    Raises:
        DataError: it has another form, gives no version, does not say how long it is, or its first batches cannot be
            trained.
    """
    if not isinstance(result, tuple | list) or len(result) not in {_PAIR, _TRIPLE}:
        raise DataError(
            f"The loader {reference} returned one part; a data set has a training part and a test part.",
            hint=f"Return {RESULT}.",
        )
    train, test, *rest = result
    kinds = [kind_of(train), kind_of(test)]
    if kinds[0] is None or kinds[0] != kinds[1]:
        words = [kind or f"a {type(part).__name__}" for kind, part in zip(kinds, (train, test), strict=True)]
        raise DataError(
            f"The loader {reference} returned {words[0]} to train on and {words[1]} to test on; both parts are of one "
            "kind.",
            hint=f"Return two {kinds[0] or kinds[1]}s, and what they are: {RESULT}.",
        )
    about = about_of(rest[0] if rest else None, reference)
    kind = str(kinds[0])
    raw = {}
    for name, part in (("train", train), ("test", test)):
        raw[name] = next(elements(part, kind, 1), None)
        if raw[name] is None:
            raise DataError(f"The {PARTS[name]} part of {reference} has no batches.", hint="Give it examples.")
    target = target_of(about.task, about.names, raw["train"], where(reference, "train", 1))
    first, first_test = (batch_of(raw[name], target, where(reference, name, 1)) for name in ("train", "test"))
    stream = Stream(reference, kind, train, test, about, target, first, first_test)
    for name in PARTS:
        _check_length(stream, name)
    _check_alike(stream)
    return stream


def reopened(reference: str, search_path: Sequence[str]) -> Stream:
    """A stream that was looked at before: its loader is called again.

    Raises:
        DataError: the loader no longer returns a stream that can be trained.
    """
    result = called(reference, search_path)
    if not is_stream(result):
        raise DataError(f"The loader {reference} returned a stream before, and now something else.", hint="Run again.")
    return opened(result, reference)


def cardinality(part: Any, kind: str) -> int | None:  # noqa: ANN401  a dataset
    """How many batches a part says that it has: `ENDLESS`, -2 for not known; None where a PyDataset does not say."""
    if kind == TF_DATA:
        return int(part.cardinality())
    try:
        batches = part.num_batches
    except (NotImplementedError, TypeError):
        return None
    return None if batches is None else int(batches)


def elements(part: Any, kind: str, batches: int) -> Iterator[Any]:  # noqa: ANN401  a dataset
    """The first batches of a part as it makes them, as NumPy arrays."""
    if kind == TF_DATA:
        yield from part.take(batches).as_numpy_iterator()
        return
    known = cardinality(part, kind)
    yield from islice((part[index] for index in range(batches if known is None else min(known, batches))), batches)


def _check_length(stream: Stream, name: str) -> None:
    """Refuse a part whose length is not known, or that cannot have as many examples as the loader says."""
    known, examples, reference = stream.known_batches(name), stream.declared(name), stream.reference
    size, key = stream.first_of(name).size, f"{name}_examples"
    if known is None and examples is None:
        goes_on = "goes on for ever" if stream.endless(name) else "does not say how many batches it has"
        raise DataError(
            f"The {PARTS[name]} part of {reference} {goes_on}, so the steps of an epoch are not known.",
            hint=f'Say how many examples it has, "{key}": 1_000_000 beside the version'
            + (
                ", or call dataset.apply(tf.data.experimental.assert_cardinality(BATCHES))."
                if stream.kind == TF_DATA and not stream.endless(name)
                else "."
            ),
        )
    if known is not None and examples is not None and not (known - 1) * size < examples <= known * size:
        raise DataError(
            f"The {PARTS[name]} part of {reference} has {plural(known, 'batch', 'batches')} of {size:,}, which is not "
            f"{plural(examples, 'example')}.",
            hint=f"Correct {key}, or leave it out: then the examples are counted once.",
        )


def _check_alike(stream: Stream) -> None:
    """Refuse parts whose examples have different forms."""
    first, test = stream.first, stream.first_test
    forms = [{name: array.dtype.name for name, array in _named(batch)} for batch in (first, test)]
    if forms[0] != forms[1] or _ranks(first) != _ranks(test):
        raise DataError(
            f"The training part of {stream.reference} has inputs {shapes(first.x)} of {forms[0]}, the test part "
            f"{shapes(test.x)} of {forms[1]}; a model takes one form only.",
            hint="Prepare both parts in the same way, up to one shape and one dtype.",
        )


def _named(batch: Batch) -> list[tuple[str, Any]]:
    return list(batch.x.items()) if isinstance(batch.x, dict) else [("x", batch.x)]


def _ranks(batch: Batch) -> list[int]:
    return [array.ndim for _, array in _named(batch)]
