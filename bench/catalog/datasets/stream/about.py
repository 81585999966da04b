"""What a loader says of data that it streams, and what is known of it once it was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bench.core.errors import DataError
from bench.core.names import listed, nearest
from bench.core.target import Task

RESULT = 'train, test, {"version": "2026-01", "task": "classes", "names": ["cat", "dog"]}'
"""What a loader of streams returns, as a message shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFacts:
    """What trials and records have to know of a streamed data set.

    Attributes:
        kind: what the loader returns, `tf.data.Dataset` or `keras.utils.PyDataset`.
        loader: `package.module:function`.
        version: as the loader gives it.
        batch_size: examples in the first batch.
        train_batches: of an epoch.
        test_batches: of the test part.
        class_counts: training examples of each class; empty where they were not counted.
        endless: whether the training part goes on for ever, so that an epoch is some batches of it.
    """

    kind: str
    loader: str
    version: str
    batch_size: int
    train_batches: int
    test_batches: int
    class_counts: tuple[int, ...] = ()
    endless: bool = False


def _text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class About(BaseModel):
    """The third thing that a loader of streams returns."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    version: Annotated[str, BeforeValidator(_text), Field(min_length=1)]
    task: Task
    names: tuple[Annotated[str, BeforeValidator(_text)], ...] = ()
    train_examples: int | None = Field(None, gt=0)
    test_examples: int | None = Field(None, gt=0)


_WANTED = {
    "version": 'a text that changes whenever the data does, such as "version": "2026-01"',
    "task": f'"task": {listed(f"{chr(34)}{task}{chr(34)}" for task in Task)}',
    "names": 'the names of the classes by number, of the labels or of the values by column: "names": ["cat", "dog"]',
    "train_examples": 'how many examples an epoch has: "train_examples": 1_000_000',
    "test_examples": 'how many examples are tested: "test_examples": 10_000',
}


def about_of(value: object, reference: str) -> About:
    """What a loader says of its data.

    Raises:
        DataError: it says nothing, or something else.
    """
    if not isinstance(value, dict):
        raise DataError(
            f"The loader {reference} returned streams without a version. They are not read whole, so nothing else "
            "tells a change of the data.",
            hint=f"Return {RESULT}.",
        )
    if unknown := [str(key) for key in value if key not in About.model_fields]:
        guess = nearest(unknown[0], About.model_fields)
        raise DataError(
            f"The loader {reference} says {unknown[0]!r} of its data, which is not a known key"
            + (f"; did you mean {guess!r}?" if guess else "."),
            hint=f"The keys are {listed(About.model_fields)}.",
        )
    try:
        return About.model_validate({key: _plain(part) for key, part in value.items()})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = str(first["loc"][0])
        given = f"gives {key} = {value[key]!r}" if key in value else f"gives no {key}"
        raise DataError(
            f"The loader {reference} {given} for data that it streams.", hint=f"Give {_WANTED[key]}."
        ) from error


def _plain(value: object) -> object:
    """NumPy's numbers and arrays as Python's."""
    return value.tolist() if hasattr(value, "tolist") else list(value) if isinstance(value, list | tuple) else value
