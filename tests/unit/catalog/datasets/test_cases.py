"""Data in the forms that people bring, in small: each is taken as it is, or refused with the right sentence."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from bench.catalog.datasets import from_loader, store
from bench.catalog.datasets.labels import TOGETHER
from bench.core.errors import DataError

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


REGRESSION = "They look like measured values (regression), which this version does not train."
FLOAT32 = 'x.astype("float32")'

REFUSED = {
    "c06 wine": ("return cut(*wine(), 60)", "shape (60, 13)", "x.reshape(len(x), 1, -1) keeps every feature"),
    "c08 word numbers": ("return reviews(20_000)", "shape (80, 40)", f"x.reshape(len(x), 1, -1){FLOAT32[1:]} keeps"),
    "c08 word numbers in a column": (
        "return tuple((x[..., None], y) for x, y in reviews(20_000))",
        "to 19,999; whole numbers are kept as bytes",
        FLOAT32,
    ),
    "c08 strings": (
        "return tuple((np.array([' '.join(map(str, row)) for row in x]), y) for x, y in reviews(200))",
        "texts are not trained in this version",
        "",
    ),
    "c08 ragged": (
        "return tuple((np.array([list(r[:9 + i]) for i, r in enumerate(x)], object), y) for x, y in reviews(99))",
        "x_train holds lists or arrays of different sizes, of length from 9 to 40",
        "pad_sequences",
    ),
    "c09 load": ("return cut(*diabetes(), 331)", REGRESSION, ""),
    "c09 boxed": ("x, y = diabetes(); return cut(x[:, None, :], y, 331)", REGRESSION, ""),
    "c09 boxed_int": ("x, y = diabetes(); return cut(x[:, None, :], y.astype('int64'), 331)", REGRESSION, ""),
    "c09 fractions": ("x, y = diabetes(); return cut(x[:, None, :], y / 7, 331)", REGRESSION, ""),
    "c10 load": ("return several(100, 0), several(30, 1)", "several labels per example (multi-label)", "y[:, 0]"),
    "c10 one-hot": (
        "(a, p), (b, q) = several(100, 0), several(30, 1); return (a, np.eye(5)[p[:, 0]]), (b, np.eye(5)[q[:, 0]])",
        "one column per class (one-hot)",
        "y_train.argmax(axis=1) and y_test.argmax(axis=1)",
    ),
    "c12 weighted": (
        "(a, p), t = fraud(); return (a, p, np.where(p == 1, 50.0, 1.0)), t",
        "Sample weights are not read in this version",
        "Leave the weights out",
    ),
    "c13 k300": ("return many(3000, 0, 300), many(600, 1, 300)", "300 different labels; this version trains up", ""),
    "c13 words": ("return words()", "y_train holds texts, such as 'cat'", TOGETHER),
    "c14 load": ("return cut(*pixels(), 50)", "shape (50, 784)", "x.reshape(-1, 28, 28) in both parts"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_trained_yet_is_refused_without_a_hint_that_ruins_it(
    loaded: Callable[[str], Arrays], case: str
) -> None:
    """The sentence says what was brought; the hint is right to follow, and absent where nothing would be."""
    body, message, hint = REFUSED[case]
    with pytest.raises(DataError) as caught:
        loaded(body)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert bool(hint) == bool(caught.value.hint)


def test_multi_label_rows_are_never_offered_argmax(loaded: Callable[[str], Arrays]) -> None:
    """It would keep the first label of each row and drop the others."""
    with pytest.raises(DataError) as caught:
        loaded(REFUSED["c10 load"][0])
    assert "argmax" not in caught.value.message + caught.value.hint


TAKEN = {
    "c06 wine by the hint": ("x, y = wine(); return cut(x.reshape(len(x), 1, -1), y, 60)", (1, 13, 1), 3),
    "c08 small": ("return tuple((x[..., None], y) for x, y in reviews(200))", (40, 1, 1), 2),
    "c12 load": ("return fraud()", (30, 1, 1), 2),
    "c13 k256": ("return many(3000, 0, 256), many(600, 1, 256)", (4, 4, 1), 256),
    "c14 by the hint": ("x, y = pixels(); return cut(x.values.reshape(-1, 28, 28), y, 50)", (28, 28, 1), 10),
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_is_trained_is_taken_as_it_is(loaded: Callable[[str], Arrays], case: str) -> None:
    """Shape and classes are those of what was brought, for a hint that was followed as well."""
    body, shape, classes = TAKEN[case]
    arrays = loaded(body)
    assert (shape, classes) == (arrays.input_shape, arrays.target.width)


def test_words_by_the_hint_keep_their_numbers_and_show_the_class_that_training_lacks(
    loaded: Callable[[str], Arrays],
) -> None:
    """c13: encoded over both parts together, `dog` is class 1 in the test part, which training has never seen."""
    arrays = loaded(
        "(a, y_train), (b, y_test) = words(); classes, y = np.unique(np.concatenate([y_train, y_test]), "
        "return_inverse=True); y_train, y_test = np.split(y, [len(y_train)]); return (a, y_train), (b, y_test)"
    )
    facts = store(arrays, "words").facts
    assert ({0, 2}, {0, 1, 2}) == (set(arrays.y_train.tolist()), set(arrays.y_test.tolist()))
    assert (("1", int((arrays.y_test == 1).sum())),) == facts.unseen


def test_floats_up_to_255_are_known_for_whole_numbers(loaded: Callable[[str], Arrays]) -> None:
    """c14: what notebooks make of bytes, with the division forgotten, still has the range of bytes."""
    facts = store(
        loaded("x, y = pixels(); return cut(x.values.astype('float32').reshape(-1, 28, 28, 1), y, 50)"), "f"
    ).facts
    assert (0, 255, True, True) == (facts.low, facts.high, facts.whole, facts.picture)
