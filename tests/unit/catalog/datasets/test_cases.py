"""Data in the forms that people bring, in small: each is taken as it is, or refused with the right sentence."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.catalog.datasets import from_loader, store
from bench.core.errors import DataError
from bench.core.target import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bench.catalog.datasets import Arrays

HEAD = """
import numpy as np
import pandas as pd

def wine():                       # thirteen features of very different scales
    r, scales = np.random.default_rng(0), np.array([13, 2, 2, 19, 99, 2, 2, .3, 1.6, 5, 1, 2.6, 746])
    y = np.arange(90) % 3
    return (r.normal(size=(90, 13)) + y[:, None]) * scales, y

def diabetes():                   # measured targets, whole numbers kept as floats
    r = np.random.default_rng(0)
    return r.normal(size=(440, 10)), r.integers(25, 347, 440).astype(float)

def cut(x, y, at):
    return (x[:at], y[:at]), (x[at:], y[at:])

def reviews(vocabulary):
    r = np.random.default_rng(1)
    y, x = r.integers(0, 2, 100), r.integers(20, vocabulary, (100, 40))
    x[0, 0] = vocabulary - 1
    return cut(x, y, 80)

def several(n, seed):             # five labels, several per example
    r = np.random.default_rng(seed)
    return r.integers(0, 256, (n, 20, 20)).astype("uint8"), r.integers(0, 2, (n, 5))

def fraud():
    r = np.random.default_rng(0)
    y = (r.random(300) < .1).astype("int64")
    return cut(r.normal(size=(300, 30))[..., None].astype("float32"), y, 200)

def many(n, seed, k):
    r = np.random.default_rng(seed)
    y = np.concatenate([np.arange(k), r.integers(0, k, n - k)])
    return r.integers(0, 256, (n, 4, 4)).astype("uint8"), y

def words():                      # the test part holds a word that training lacks
    (a, p), (b, q) = many(300, 0, 3), many(90, 1, 3)
    w = np.array(["cat", "dog", "yak"])
    return (a[p != 1], w[p[p != 1]]), (b, w[q])

def pixels():                     # a table of the form of Kaggle's digits
    r = np.random.default_rng(0)
    t = pd.DataFrame(r.integers(0, 256, (60, 784)), columns=[f"pixel{i}" for i in range(784)])
    t.insert(0, "label", np.arange(60) % 10)
    return t.drop(columns="label"), t["label"]

"""


@pytest.fixture
def loaded(tmp_path: Path) -> Iterator[Callable[[str], Arrays]]:
    """What a loader with this body returns, checked."""

    def load(body: str) -> Arrays:
        (tmp_path / "case_data.py").write_text(f"{HEAD}def load():\n    {body}\n")
        return from_loader("case_data:load", [str(tmp_path)])

    yield load
    sys.modules.pop("case_data", None)


RAGGED = "return tuple((np.array([list(r[:9 + i]) for i, r in enumerate(x)], object), y) for x, y in reviews(99))"
STRINGS = "return tuple((np.array([' '.join(f'w{w}' for w in row) for row in x]), y) for x, y in reviews(200))"

REFUSED = {
    "c08 strings": (STRINGS, "case_data:load: x_train holds texts, such as 'w", 'loader = "case_data:load" and text ='),
    "c08 ragged": (RAGGED, "lists or arrays of different sizes, of length from 9 to 40", "pad_sequences(x, maxlen="),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_says_what_to_type(loaded: Callable[[str], Arrays], case: str) -> None:
    """The sentence says what was brought; the hint is right to follow."""
    body, message, hint = REFUSED[case]
    with pytest.raises(DataError) as caught:
        loaded(body)
    assert message in caught.value.message
    assert hint in caught.value.hint


TAKEN: dict[str, tuple[str, tuple[int, ...], str, Task, int]] = {
    "c05 load": ("x, y = wine(); return cut(x, y == 0, 60)", (13,), "<f4", Task.CLASSES, 2),
    "c06 wine": ("return cut(*wine(), 60)", (13,), "<f4", Task.CLASSES, 3),
    "c06 as_row": ("x, y = wine(); return cut(x[:, None, :], y, 60)", (1, 13), "<f4", Task.CLASSES, 3),
    "c06 iris": ("x, y = wine(); return cut(x.reshape(-1, 13, 1), y, 60)", (13, 1), "<f4", Task.CLASSES, 3),
    "c08 small": ("return reviews(200)", (40,), "|u1", Task.CLASSES, 2),
    "c08 imdb_like": ("return reviews(20_000)", (40,), "<i4", Task.CLASSES, 2),
    "c08 small_col": ("return tuple((x[..., None], y) for x, y in reviews(200))", (40, 1), "|u1", Task.CLASSES, 2),
    "c08 imdb_col": ("return tuple((x[..., None], y) for x, y in reviews(20_000))", (40, 1), "<i4", Task.CLASSES, 2),
    "c08 imdb_float": (
        "return tuple((x[..., None].astype('float32'), y) for x, y in reviews(20_000))", (40, 1), "<f4", Task.CLASSES, 2
    ),
    "c09 load": ("return cut(*diabetes(), 331)", (10,), "<f4", Task.REGRESSION, 1),
    "c09 boxed": ("x, y = diabetes(); return cut(x[:, None, :], y, 331)", (1, 10), "<f4", Task.REGRESSION, 1),
    "c09 boxed_int": (
        "x, y = diabetes(); return cut(x[:, None, :], y.astype('int64'), 331)", (1, 10), "<f4", Task.REGRESSION, 1
    ),
    "c09 fractions": ("x, y = diabetes(); return cut(x, y / 7, 331)", (10,), "<f4", Task.REGRESSION, 1),
    "c10 load": ("return several(100, 0), several(30, 1)", (20, 20, 1), "|u1", Task.MULTILABEL, 5),
    "c10 packed": (
        "(a, p), (b, q) = several(400, 0), several(30, 1); w = 2 ** np.arange(5); return (a, p @ w), (b, q @ w)",
        (20, 20, 1), "|u1", Task.CLASSES, 32,
    ),
    "c10 one-hot": (
        "(a, p), (b, q) = several(100, 0), several(30, 1); return (a, np.eye(5)[p[:, 0]]), (b, np.eye(5)[q[:, 0]])",
        (20, 20, 1), "|u1", Task.CLASSES, 5,
    ),
    "c12 load": ("return fraud()", (30, 1), "<f4", Task.CLASSES, 2),
    "c12 weighted": (
        "(a, p), t = fraud(); return (a, p, np.where(p == 1, 50.0, 1.0)), t", (30, 1), "<f4", Task.CLASSES, 2
    ),
    "c13 k256": ("return many(3000, 0, 256), many(600, 1, 256)", (4, 4, 1), "|u1", Task.CLASSES, 256),
    "c13 k300": ("return many(3000, 0, 300), many(600, 1, 300)", (4, 4, 1), "|u1", Task.CLASSES, 300),
    "c13 words": ("return words()", (4, 4, 1), "|u1", Task.CLASSES, 3),
    "c14 load": ("return cut(*pixels(), 50)", (784,), "|u1", Task.CLASSES, 10),
    "c14 ok": ("x, y = pixels(); return cut(x.values.reshape(-1, 28, 28, 1), y, 50)", (28, 28, 1), "|u1",
               Task.CLASSES, 10),
}  # fmt: skip


@pytest.mark.parametrize("case", TAKEN)
def test_what_is_trained_is_taken_as_it_is(loaded: Callable[[str], Arrays], case: str) -> None:
    """Shape, dtype, task and number of classes, labels or values are those of what was brought."""
    body, shape, dtype, task, width = TAKEN[case]
    arrays = loaded(body)
    assert (shape, dtype) == (arrays.input_shape, arrays.x_train.dtype.str)
    assert (task, width) == (arrays.task, arrays.target.width)


def test_weights_are_those_of_the_training_part(loaded: Callable[[str], Arrays]) -> None:
    """c12 weighted: every fraud counts fifty times in training and once in the test."""
    arrays = loaded(TAKEN["c12 weighted"][0])
    assert (np.where(arrays.y_train == 1, 50, 1) == arrays.w_train).all()
    assert arrays.w_test is None


def test_300_classes_take_two_bytes(loaded: Callable[[str], Arrays]) -> None:
    """c13 k300: the numbers are kept, and they are the names."""
    arrays = loaded(TAKEN["c13 k300"][0])
    assert ("<u2", list(range(300))) == (arrays.y_train.dtype.str, arrays.y_train[:300].tolist())
    assert "299" == arrays.target.names[-1]


def test_words_keep_their_names_and_show_the_class_that_training_lacks(loaded: Callable[[str], Arrays]) -> None:
    """c13 words: encoded over both parts together, `dog` is class 1 in the test part, which training has never seen."""
    arrays = loaded("return words()")
    facts = store(arrays, "words").facts
    assert ({0, 2}, {0, 1, 2}) == (set(arrays.y_train.tolist()), set(arrays.y_test.tolist()))
    assert ("cat", "dog", "yak") == arrays.target.names
    assert (("dog", int((arrays.y_test == 1).sum())),) == facts.unseen


def test_the_columns_of_a_table_are_features(loaded: Callable[[str], Arrays]) -> None:
    """c14 load: a table of pandas brings the names of its columns."""
    features = loaded("return cut(*pixels(), 50)").features
    assert ("pixel0", "pixel783", 784) == (features[0], features[-1], len(features))


def test_floats_up_to_255_are_known_for_whole_numbers(loaded: Callable[[str], Arrays]) -> None:
    """c14: what notebooks make of bytes, with the division forgotten, still has the range of bytes."""
    facts = store(
        loaded("x, y = pixels(); return cut(x.values.astype('float32').reshape(-1, 28, 28, 1), y, 50)"), "f"
    ).facts
    assert (0, 255, True, True) == (facts.low, facts.high, facts.whole, facts.picture)
