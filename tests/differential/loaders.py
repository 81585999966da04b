"""Data as users have them: whole numbers up to 16, bits, floats, word numbers, features.

Each returns ((x_train, y_train), (x_test, y_test)).
"""

from __future__ import annotations

from importlib.resources import files

import numpy as np


def digits():
    """8-bit images, 0 to 255."""
    with np.load(str(files("bench") / "catalog/datasets/data/digits.npz")) as archive:
        x_train, y_train, x_test, y_test = (archive[key] for key in ("x_train", "y_train", "x_test", "y_test"))
    return (x_train, y_train), (x_test, y_test)


def _changed(change):
    (x_train, y_train), (x_test, y_test) = digits()
    return (change(x_train), y_train), (change(x_test), y_test)


def sixteenths():
    """The digits as scikit-learn has them: whole numbers from 0 to 16."""
    return _changed(lambda x: np.round(x.astype("float64") / 255 * 16).astype("int64"))


def bits():
    """Black and white: 0 or 1."""
    return _changed(lambda x: (x > 127).astype("int64"))


def float_pixels():
    """Pixels from 0 to 255 that somebody converted to floats and forgot to divide."""
    return _changed(lambda x: x.astype("float32"))


def unit_pixels():
    """Pixels from 0 to 1, divided already."""
    return _changed(lambda x: x.astype("float32") / 255)


def two_classes():
    """Digits below 5, and the others."""
    (x_train, y_train), (x_test, y_test) = digits()
    return (x_train, (y_train >= 5).astype("int64")), (x_test, (y_test >= 5).astype("int64"))


def _reviews(count, seed, vocabulary, length=12):
    """Word numbers, 0 for padding; good and bad words decide the class."""
    random = np.random.default_rng(seed)
    mood = random.integers(0, 2, count)
    words = random.integers(21, vocabulary, (count, length))
    good, bad = np.arange(1, 11), np.arange(11, 21)
    for row, is_good in zip(words, mood, strict=True):
        places = random.choice(length - 4, 3, replace=False)
        row[places] = random.choice(good if is_good else bad, 3)
        row[length - random.integers(0, 4) :] = 0
    return words[..., None], mood


def words():
    """A vocabulary of 200 words, as whole numbers."""
    return _reviews(800, 1, 200), _reviews(300, 2, 200)


def many_words():
    """A vocabulary of 2,000 words, as floats."""
    (x_train, y_train), (x_test, y_test) = _reviews(800, 1, 2000), _reviews(300, 2, 2000)
    return (x_train.astype("float32"), y_train), (x_test.astype("float32"), y_test)


def many_whole_words():
    """A vocabulary of 2,000 words, as whole numbers."""
    return _reviews(800, 1, 2000), _reviews(300, 2, 2000)


def features():
    """Eight standardised features of three classes, a row each."""
    random = np.random.default_rng(3)
    centres = random.normal(0, 1.2, (3, 8))
    y = random.integers(0, 3, 1000)
    x = (centres[y] + random.normal(0, 1, (1000, 8)))[:, None, :]
    return (x[:700], y[:700]), (x[700:], y[700:])
