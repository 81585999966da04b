"""A stream is looked at once per version: its length, its facts and what is true of its test part are kept.

Runs in a worker process only. The test part is read whole, a batch at a time; the training part is read whole only
where its loader does not say how many examples it has.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from bench.catalog.datasets import cache
from bench.catalog.datasets.arrays import Arrays
from bench.catalog.datasets.facts import DataFacts, facts_of
from bench.catalog.datasets.obtained import Obtained
from bench.catalog.datasets.stream.about import StreamFacts
from bench.catalog.datasets.stream.batches import Batch
from bench.catalog.datasets.stream.opened import where
from bench.core.errors import DataError
from bench.core.files import open_file, write_bytes
from bench.core.formatting import plural
from bench.core.target import Target, Task
from bench.core.trees import Shapes, leaves, shapes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from bench.catalog.datasets.stream.opened import Stream

FIRST_BATCHES = 8
"""Batches of the training part whose values say how inputs are scaled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a look at a stream found.

    Attributes:
        stream: its length and version.
        facts: of the first batches of the training part.
        target: what is predicted.
        input_shape: of one example.
        train_examples, test_examples: how many.
    """

    stream: StreamFacts
    facts: DataFacts
    target: Target
    input_shape: Shapes
    train_examples: int
    test_examples: int


_SUMMARY = TypeAdapter(Summary)


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """What is kept of a stream.

    Attributes:
        summary: its length, its facts and what it predicts.
        truth: what is true of each example of its test part, as `Target` stores it.
        first, first_test: the first batch of each part.
    """

    summary: Summary
    truth: NDArray[Any]
    first: Batch
    first_test: Batch


def keep(stream: Stream, name: str, code: str) -> Obtained:
    """Look at a stream, and keep what was seen; of a version that was looked at before, take what was kept.

    Args:
        stream: opened.
        name: what reports call the data set.
        code: hash of the loader's code.

    Raises:
        DataError: a batch cannot be trained, or the cache cannot be written.
    """
    digest = identity(stream, code)
    path = cache.file_of(f"{stream.reference}-stream", digest)
    with cache.locked(path, lambda: None):
        kept = _read(path)
        if kept is None:
            kept = _looked_at(stream)
            write_bytes(path, _packed(kept))
    summary = kept.summary
    return Obtained(
        name=name,
        path=path,
        sha256=digest,
        pinned=False,
        source=f"streamed by its loader, version {stream.about.version}",
        train_images=summary.train_examples,
        test_images=summary.test_examples,
        input_shape=summary.input_shape,
        target=summary.target,
        facts=summary.facts,
        y_test=kept.truth,
        stream=summary.stream,
    )


def identity(stream: Stream, code: str) -> str:
    """SHA-256 (hex) of what the loader says of its data, and of its code: nothing else can be hashed of a stream."""
    content = {
        "loader": stream.reference,
        "kind": stream.kind,
        "code": code,
        "target": [stream.target.task, list(stream.target.names)],
        **stream.about.model_dump(mode="json"),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def read_kept(path: Path) -> Kept:
    """What was kept of a stream.

    Raises:
        DataError: it is gone or damaged.
    """
    kept = _read(path)
    if kept is None:
        raise DataError(f"{path}, which says what a stream holds, is gone or damaged.", hint="Run the suite again.")
    return kept


def _looked_at(stream: Stream) -> Kept:
    reference = stream.reference
    facts = _facts(stream)
    truth = [_alike(batch, stream, "test", number).y for number, batch in enumerate(stream.read("test"), start=1)]
    y_test = np.concatenate(truth)[: stream.about.test_examples]
    declared = stream.about.test_examples
    if declared is not None and declared != len(y_test):
        raise DataError(
            f"The test part of {reference} has {plural(len(y_test), 'example')}, and the loader says {declared:,}.",
            hint="Correct test_examples.",
        )
    examples, counts = _counted(stream)
    classes = stream.target.task is Task.CLASSES
    if counts is not None and classes:
        tested = np.bincount(y_test, minlength=stream.target.width)
        pairs = zip(stream.target.names, counts, tested, strict=True)
        facts = replace(
            facts, unseen=tuple((name, int(tests)) for name, trains, tests in pairs if tests and not trains)
        )
    summary = Summary(
        stream=StreamFacts(
            kind=stream.kind,
            loader=reference,
            version=stream.about.version,
            batch_size=stream.first.size,
            train_batches=stream.batches_of("train"),
            test_batches=len(truth),
            class_counts=tuple(map(int, counts)) if counts is not None and classes else (),
            endless=stream.endless("train"),
        ),
        facts=facts,
        target=stream.target,
        input_shape=shapes(stream.first.x),
        train_examples=examples,
        test_examples=len(y_test),
    )
    return Kept(summary, y_test, stream.first, stream.first_test)


def _facts(stream: Stream) -> DataFacts:
    """The facts of the first batches of the training part together; whether parts overlap is not looked for."""
    facts: DataFacts | None = None
    for number, batch in enumerate(stream.read("train", min(FIRST_BATCHES, stream.batches_of("train"))), start=1):
        _alike(batch, stream, "train", number)
        seen = facts_of(_arrays(batch), stream.target)
        facts = seen if facts is None else _joined(facts, seen)
    if facts is None:
        raise DataError(f"The training part of {stream.reference} has no batches.", hint="Give it examples.")
    return replace(facts, overlap=0, unseen=())


def _arrays(batch: Batch) -> Arrays:
    return Arrays(batch.x, batch.y, batch.head(0).x, batch.y[:0])


def _joined(first: DataFacts, second: DataFacts) -> DataFacts:
    named = {
        name: replace(
            own,
            low=min(own.low, second.by_input[name].low),
            high=max(own.high, second.by_input[name].high),
            whole=own.whole and second.by_input[name].whole,
        )
        for name, own in first.by_input.items()
    }
    return replace(
        first,
        low=min(first.low, second.low),
        high=max(first.high, second.high),
        whole=first.whole and second.whole,
        by_input=named,
    )


def _counted(stream: Stream) -> tuple[int, NDArray[np.int64] | None]:
    """The training examples, and how many of each class; the classes are None where the loader says the number."""
    if stream.about.train_examples is not None:
        return stream.about.train_examples, None
    total, counts = 0, np.zeros(stream.target.width, np.int64)
    for batch in stream.read("train"):
        total += batch.size
        if stream.target.task is Task.CLASSES:
            counts += np.bincount(batch.y, minlength=stream.target.width)
    return total, counts


def _alike(batch: Batch, stream: Stream, name: str, number: int) -> Batch:
    """A batch that has the dtypes and weights of the first one.

    Raises:
        DataError: it has others.
    """
    first = stream.first_of(name)
    forms = [
        [
            (key, array.ndim, array.dtype.name)
            for key, array in (side.x.items() if isinstance(side.x, dict) else [("x", side.x)])
        ]
        for side in (first, batch)
    ]
    if forms[0] != forms[1] or (batch.w is None) != (first.w is None):
        raise DataError(
            f"{where(stream.reference, name, number)} has another form than the first batch.",
            hint="Give every batch the same inputs, of one dtype, and weights to all or to none.",
        )
    return batch


def _packed(kept: Kept) -> bytes:
    arrays: dict[str, Any] = {"summary": np.array(_SUMMARY.dump_json(kept.summary).decode()), "truth": kept.truth}
    for part, batch in (("train", kept.first), ("test", kept.first_test)):
        arrays |= {f"{part}/x/{name}": array for name, array in leaves(batch.x)}
        arrays |= {f"{part}/y": batch.y} if batch.w is None else {f"{part}/y": batch.y, f"{part}/w": batch.w}
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _read(path: Path) -> Kept | None:
    try:
        with open_file(path) as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        summary = _SUMMARY.validate_json(str(arrays["summary"]))
        return Kept(summary, arrays["truth"], _batch(arrays, "train"), _batch(arrays, "test"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, ValidationError):
        return None


def _batch(arrays: Mapping[str, NDArray[Any]], part: str) -> Batch:
    prefix = f"{part}/x/"
    x = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
    return Batch(x.get("", x), arrays[f"{part}/y"], arrays.get(f"{part}/w"))
