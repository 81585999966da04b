"""Loaders: functions that return ((x_train, y_train), (x_test, y_test)), or a pandas.DataFrame."""

import numpy as np
import pandas as pd


def waves():
    """Time series of 64 steps with one channel: (n, steps, channels) float32, classes by name."""
    chance = np.random.default_rng(0)
    kind = np.arange(300) % 2
    steps = np.arange(64)
    phase = chance.uniform(0, 6, (300, 1))
    x = np.sin(phase + steps * np.where(kind, 0.4, 0.2)[:, None]) + chance.normal(0, 0.3, (300, 64))
    x, y = x[..., None].astype("float32"), np.where(kind, "fast", "slow")
    return (x[:200], y[:200]), (x[200:], y[200:])


def tokens():
    """Ids of words, all of one length: (n, steps) of whole numbers. The class is whether id 7 comes before id 9."""
    chance = np.random.default_rng(1)
    x = chance.integers(10, 50, (400, 12))
    first, second = chance.integers(0, 6, 400), chance.integers(6, 12, 400)
    y = np.arange(400) % 2
    x[np.arange(400), first] = np.where(y, 7, 9)
    x[np.arange(400), second] = np.where(y, 9, 7)
    return (x[:300], y[:300]), (x[300:], y[300:])


def two_inputs():
    """Several inputs by name; a third entry of each part is a weight per example."""
    chance = np.random.default_rng(2)
    size, place = chance.uniform(0, 1, (400, 3)), chance.uniform(0, 1, (400, 2))
    y = size.sum(axis=1) * (1 + place[:, 0])
    w = np.where(place[:, 1] > 0.5, 2.0, 1.0)
    parts = [({"size": size[rows], "place": place[rows]}, y[rows], w[rows]) for rows in (slice(300), slice(300, 400))]
    return parts[0], parts[1]


def many_classes():
    """300 classes with their numbers."""
    chance = np.random.default_rng(3)
    centres = chance.normal(0, 1, (300, 16))
    y = np.repeat(np.arange(300), 8)
    x = centres[y] + chance.normal(0, 0.1, (len(y), 16))
    test = np.arange(len(y)) % 4 == 3
    return (x[~test], y[~test]), (x[test], y[test])


def table():
    """A table, which a [datasets.NAME] splits: what no reader of ours opens is read by pandas here."""
    chance = np.random.default_rng(4)
    frame = pd.DataFrame({"dose": chance.uniform(0, 1, 200), "sex": chance.choice(["f", "m"], 200)})
    frame["effect"] = 3 * frame["dose"] + (frame["sex"] == "f")
    return frame
