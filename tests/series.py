"""Series of runs without a change, under noise as seeds and machines have it: what simulations of histories use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.history.breaks import WILD
from bench.analyse.history.points import Point

if TYPE_CHECKING:
    from collections.abc import Callable

    Source = np.random.Generator
    Draw = Callable[[Source, int, int], np.ndarray]


def _real(name: str) -> dict:
    content = json.loads((Path(__file__).parent / "simulation" / name).read_text())
    return content["right"]


MNIST = _real("mnist_mlp_seeds.json")
DIGITS = _real("digits_seeds.json")["as it is"]


def _seeds_of(right: np.ndarray, images: int) -> Draw:
    """Real seeds, drawn for each run without replacement."""

    def draw(source: Source, runs: int, seeds: int) -> np.ndarray:
        every = np.broadcast_to(right, (runs, len(right)))
        return source.permuted(every, axis=1)[:, :seeds] / images

    return draw


def rounded(values: np.ndarray, images: int) -> np.ndarray:
    """Accuracies on a test set."""
    return np.round(values * images) / images


def normal(source: Source, runs: int, seeds: int, deviation: float = 0.0025, images: int = 10_000) -> np.ndarray:
    """Deviation of 0.25 points, the mean anywhere between two steps of the test set."""
    return rounded(0.9 + source.uniform() / images + source.normal(0, deviation, (runs, seeds)), images)


def coarse(source: Source, runs: int, seeds: int) -> np.ndarray:
    """360 images; seeds that deviate by a fifth of what an image changes."""
    return normal(source, runs, seeds, 0.0005, 360)


def skewed(source: Source, runs: int, seeds: int) -> np.ndarray:
    """A tail of bad seeds, skewness -1."""
    return rounded(0.9 - 0.00125 * source.gamma(4, size=(runs, seeds)), 10_000)


def unequal(source: Source, runs: int, seeds: int) -> np.ndarray:
    """Runs whose deviations differ, by a factor of 2 either way."""
    return rounded(0.9 + source.normal(0, 0.0025, (runs, seeds)) * np.exp(source.normal(0, 0.7, (runs, 1))), 10_000)


def uneven(source: Source, runs: int, seeds: int) -> np.ndarray:
    """The deviation doubles for good halfway."""
    deviation = np.where(np.arange(runs) < runs // 2, 0.0025, 0.005)[:, None]
    return rounded(0.9 + source.normal(0, 1, (runs, seeds)) * deviation, 10_000)


def hopeless(source: Source, runs: int, seeds: int) -> np.ndarray:
    """One seed in twenty ends at chance."""
    values = normal(source, runs, seeds)
    return np.where(source.uniform(size=values.shape) < 0.05, 0.1, values)


def redrawn(source: Source, runs: int, seeds: int) -> np.ndarray:
    """Seeds repeat their results to the last image; one run in ten draws all anew, as new versions do."""
    fresh = np.maximum.accumulate(np.where(source.uniform(size=runs) < 0.1, np.arange(runs), 0))
    return normal(source, runs, seeds)[fresh]


def alike(source: Source, runs: int, seeds: int) -> np.ndarray:
    """Half of the variance belongs to the seed, whatever the run."""
    own, shared = source.normal(0, 0.0018, (runs, seeds)), source.normal(0, 0.0018, (1, seeds))
    return rounded(0.9 + own + shared, 10_000)


def times(source: Source, runs: int, seeds: int) -> np.ndarray:
    """Logarithms of seconds: 1 % from seed to seed, 3 % from run to run."""
    return np.log(3) + source.normal(0, 0.03, (runs, 1)) + source.normal(0, 0.01, (runs, seeds))


def wild_times(source: Source, runs: int, seeds: int) -> np.ndarray:
    """Runs that deviate as Student's t with 3 degrees of freedom."""
    return np.log(3) + 0.03 * source.standard_t(3, (runs, 1)) + source.normal(0, 0.01, (runs, seeds))


STILL: dict[str, tuple[Draw, float, float]] = {
    "normal": (normal, 1e-4, WILD),
    "steps of 1/360": (coarse, 1 / 360, WILD),
    "skewness -1": (skewed, 1e-4, WILD),
    "deviations that differ": (unequal, 1e-4, WILD),
    "a deviation that doubles": (uneven, 1e-4, WILD),
    "one seed in 20 at chance": (hopeless, 1e-4, WILD),
    "repeated, redrawn in 1 of 10": (redrawn, 1e-4, WILD),
    "half of the variance repeats": (alike, 1e-4, WILD),
    **{
        f"real seeds of {cell.partition('@')[0]}": (_seeds_of(np.array(right), 10_000), 1e-4, WILD)
        for cell, right in MNIST.items()
    },
    **{
        f"real seeds of digits {cell}": (_seeds_of(np.array(right), 360), 1 / 360, WILD)
        for cell, right in DIGITS.items()
    },
    "times": (times, 0.01, 1.0),
    "times with outliers": (wild_times, 0.01, 1.0),
}
"""By name: how a series is drawn, the step of its values, and the third argument of `breaks`."""


def points(values: np.ndarray, step: float = 1e-4) -> list[Point]:
    """A row of seeds for each run."""
    return [Point(run, dict(enumerate(row)), step) for run, row in enumerate(values.tolist())]


def stepped(values: np.ndarray, place: int, size: float = -0.01) -> np.ndarray:
    """The same with another level from `place` on."""
    changed = values.copy()
    changed[place:] += size
    return changed
