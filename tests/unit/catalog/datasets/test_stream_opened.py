"""What a loader of streams may return: both kinds of datasets, and what is said of any other answer."""

from __future__ import annotations

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from bench.catalog.datasets.stream import is_stream, keep, opened, read_summary
from bench.catalog.datasets.stream.survey import identity
from bench.core.errors import DataError

ABOUT = {"version": "2026-01", "task": "classes", "names": ["low", "high"]}
RNG = np.random.default_rng(5)
X, Y = RNG.random((20, 3), "float32"), np.arange(20) % 2


def tf_part(examples: int = 20, batch: int = 8) -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices((X[:examples], Y[:examples])).batch(batch)


class Part(keras.utils.PyDataset):
    """Batches of 8 of the same examples."""

    def __init__(self, batches: int | None) -> None:
        super().__init__()
        self._batches = batches

    @property
    def num_batches(self) -> int | None:
        return self._batches

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        return X[8 * index : 8 * index + 8], Y[8 * index : 8 * index + 8]


def unknown(examples: int = 20) -> tf.data.Dataset:
    """A dataset that does not say how long it is."""
    return tf_part(examples).filter(lambda *_: True)


@pytest.mark.parametrize("part", [tf_part(), Part(3)], ids=["tf.data", "PyDataset"])
def test_a_stream_is_looked_at_once_and_kept(part) -> None:
    """Its length, its facts, what is true of its test part; a second look of the same version reads the file."""
    stream = opened((part, part, ABOUT), "mine:load")
    obtained = keep(stream, "code")
    assert (20, 20, (3,)) == (obtained.train_images, obtained.test_images, obtained.input_shape)
    assert Y.tolist() == obtained.y_test.tolist()
    assert (8, 3, 3, (10, 10)) == (
        obtained.stream.batch_size,
        obtained.stream.train_batches,
        obtained.stream.test_batches,
        obtained.stream.class_counts,
    )
    assert (float(X.min()), float(X.max())) == (obtained.facts.low, obtained.facts.high)
    written = obtained.path.stat().st_mtime_ns
    assert obtained == keep(stream, "code")
    assert written == obtained.path.stat().st_mtime_ns
    assert obtained.stream == read_summary(obtained.path)[0].stream


def test_its_hash_covers_the_version_the_code_and_what_is_predicted() -> None:
    """And nothing else: its values are never read whole."""

    def digest(code: str = "code", **about: object) -> str:
        return identity(opened((tf_part(), tf_part(), {**ABOUT, **about}), "mine:load"), code)

    others = {digest(), digest(code="new"), digest(version="2026-02"), digest(names=["a", "b"])}
    assert (4, digest()) == (len(others), digest())


def test_a_damaged_summary_is_made_anew() -> None:
    """Nobody has to delete a file of the cache by hand."""
    stream = opened((tf_part(), tf_part(), {**ABOUT, "version": "damaged"}), "mine:load")
    path = keep(stream, "code").path
    path.write_bytes(b"no archive")
    with pytest.raises(DataError, match="gone or damaged"):
        read_summary(path)
    assert 20 == keep(stream, "code").train_images


def test_examples_that_the_loader_counts_are_not_read() -> None:
    """The training part of a large stream is never read whole before it is trained."""
    read = []

    class Watched(Part):
        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
            read.append(index)
            return X[:8], Y[:8]

    about = {**ABOUT, "version": "counted", "train_examples": 800}
    obtained = keep(opened((Watched(100), Part(3), about), "mine:load"), "code")
    assert (800, (), 8) == (obtained.train_images, obtained.stream.class_counts, len(set(read)))


def test_an_endless_part_has_the_epochs_that_its_loader_says() -> None:
    """Some batches of it."""

    class Endless(Part):
        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
            return super().__getitem__(index % 2)

    for part, test in ((tf_part().repeat(), tf_part()), (Endless(None), Part(3))):
        about = {**ABOUT, "version": "endless", "train_examples": 50}
        known = keep(opened((part, test, about), "mine:load"), "code")
        assert (50, 7, True) == (known.train_images, known.stream.train_batches, known.stream.endless)


@pytest.mark.parametrize(
    ("result", "sentence", "hint"),
    [
        (tf_part(), "returned one part", "train, test, {"),
        ((tf_part(), tf_part()), "streams without a version", '"version": "2026-01"'),
        ((tf_part(), tf_part(), "2026-01"), "streams without a version", '"task": "classes"'),
        ((tf_part(), tf_part(), {"task": "classes"}), "gives no version", '"version": "2026-01"'),
        ((tf_part(), tf_part(), {"version": "1"}), "gives no task", '"classes", "multilabel" or "regression"'),
        ((tf_part(), tf_part(), {**ABOUT, "task": "boxes"}), "gives task = 'boxes'", '"regression"'),
        ((tf_part(), tf_part(), {**ABOUT, "train_example": 3}), "did you mean 'train_examples'", "names"),
        ((tf_part(), tf_part(), {**ABOUT, "train_examples": 0}), "gives train_examples = 0", "1_000_000"),
        ((tf_part(), Part(3), ABOUT), "tf.data.Dataset to train on and keras.utils.PyDataset", "two tf.data.Datasets"),
        ((tf_part(), (X, Y), ABOUT), "tf.data.Dataset to train on and a tuple to test on", "two tf.data.Datasets"),
        ((tf_part().unbatch(), tf_part(), ABOUT), "a batch has an axis of examples in front", r"dataset.batch\(32\)"),
        (
            (tf_part().repeat(), tf_part(), ABOUT),
            "goes on for ever, so the steps of an epoch are not known",
            "train_ex",
        ),
        ((unknown(), tf_part(), ABOUT), "does not say how many batches it has", "assert_cardinality"),
        ((tf_part(), unknown(), ABOUT), "test part of mine:load does not say how many", '"test_examples": 1_000_000'),
        ((Part(None), Part(3), ABOUT), "goes on for ever", "train_examples"),
        (
            (tf_part(), tf_part(), {**ABOUT, "train_examples": 99}),
            "has 3 batches of 8, which is not 99 examples",
            "once",
        ),
        ((tf_part().take(0), tf_part(), ABOUT), "training part of mine:load has no batches", "Give it examples"),
        ((tf_part().map(lambda x, _: x), tf_part(), ABOUT), "batch 1 of the training part is a ndarray", "row"),
        (
            (tf_part(), tf_part().map(lambda x, y: (x[..., None], y)), ABOUT),
            "a model takes one form only",
            "same way",
        ),
    ],
)
def test_any_other_answer_is_refused(result, sentence, hint) -> None:
    """With what was returned, and what to return instead."""
    assert is_stream(result)
    with pytest.raises(DataError, match=sentence) as refused:
        opened(result, "mine:load")
    assert re.search(hint, refused.value.hint)


def test_a_test_part_of_another_length_than_said_is_refused() -> None:
    """Where only reading it tells."""
    about = {**ABOUT, "version": "short", "test_examples": 30}
    with pytest.raises(DataError, match="has 20 examples, and the loader says 30"):
        keep(opened((tf_part(), unknown(), about), "mine:load"), "code")


def test_arrays_are_no_stream() -> None:
    """They are read as before."""
    assert not is_stream(((X, Y), (X, Y)))
    assert not is_stream({"data": X, "target": Y})
