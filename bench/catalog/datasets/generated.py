"""Data sets that a formula makes, the same in every run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Part = tuple[NDArray[np.float32], NDArray[np.str_]]

SHAPES = ("bell", "cylinder", "funnel")
STEPS = 128
EXAMPLES, SEEDS = (300, 900), (20_260_101, 20_260_102)
"""Of the training part and of the test part."""


def cylinder_bell_funnel() -> tuple[Part, Part]:
    """Time series of three shapes in noise: a plateau, a ramp up and a ramp down, of random place, length and height.

    Source: Saito, Local Feature Extraction and Its Applications Using a Library of Bases, PhD thesis, Yale University,
    1994; with f the indicator of [a, b], a drawn from 16 to 32, b - a from 32 to 96, and eta, epsilon(t) standard
    normal: cylinder (6 + eta) f(t) + epsilon(t), bell the same times (t - a) / (b - a), funnel times (b - t) / (b - a).

    Returns:
        ((x_train, y_train), (x_test, y_test)); x: (n, 128, 1) float32, y: (n,) names of shapes.
    """
    first, second = (
        _part(examples, np.random.default_rng(seed)) for examples, seed in zip(EXAMPLES, SEEDS, strict=True)
    )
    return first, second


def _part(examples: int, noise: np.random.Generator) -> Part:
    kinds = np.arange(examples) % len(SHAPES)
    steps = np.arange(1, STEPS + 1)[None, :]
    begin = noise.integers(16, 32, (examples, 1), endpoint=True)
    end = begin + noise.integers(32, 96, (examples, 1), endpoint=True)
    inside = (begin <= steps) & (steps <= end)
    rising, falling = (steps - begin) / (end - begin), (end - steps) / (end - begin)
    forms = np.choose(kinds[:, None], [rising, np.ones_like(rising), falling]) * inside
    x = (6 + noise.standard_normal((examples, 1))) * forms + noise.standard_normal((examples, STEPS))
    return x[..., None].astype(np.float32), np.array(SHAPES)[kinds]
