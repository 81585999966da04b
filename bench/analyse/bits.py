"""Whether two trainings of one trial are the same: by the digests of each step, then by their weights. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ladder = Sequence[tuple[str, str]]

RELATIVE, ABSOLUTE = 1e-3, 1e-5
"""Two weights a and b count as equal within tolerance where |a - b| <= ABSOLUTE + RELATIVE * |b|, as in NumPy."""


class Likeness(StrEnum):
    """How alike two trainings are."""

    BITWISE = "bitwise"
    TOLERANCE = "tolerance"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two trainings of one trial.

    Attributes:
        parted: the first rung of the ladder whose digests differ; empty where none does.
        largest: the largest absolute difference of any weight; None where the weights have other shapes.
    """

    likeness: Likeness
    parted: str
    largest: float | None


def compare(
    ladder: Ladder, other_ladder: Ladder, weights: Sequence[NDArray[Any]], other_weights: Sequence[NDArray[Any]]
) -> Comparison:
    """Compare two trainings of one trial.

    Args:
        ladder: name and digest of every rung, in order.
        other_ladder: the same of the other training.
        weights: final ones, in the model's order.
        other_weights: the same of the other training.
    """
    parted = first_difference(ladder, other_ladder)
    if not parted:
        return Comparison(Likeness.BITWISE, "", 0.0)
    pairs = list(zip(weights, other_weights, strict=False))
    if len(weights) != len(other_weights) or any(a.shape != b.shape for a, b in pairs):
        return Comparison(Likeness.DIFFERENT, parted, None)
    close = all(np.allclose(a, b, rtol=RELATIVE, atol=ABSOLUTE) for a, b in pairs)
    gaps = [np.abs(np.asarray(a, np.float64) - np.asarray(b, np.float64)) for a, b in pairs]
    largest = max((float(np.max(gap)) for gap in gaps if gap.size), default=0.0)
    return Comparison(Likeness.TOLERANCE if close else Likeness.DIFFERENT, parted, largest)


def first_difference(ladder: Ladder, other_ladder: Ladder) -> str:
    """The first rung that two ladders do not share; empty where they are the same."""
    for (name, digest), (other_name, other_digest) in zip(ladder, other_ladder, strict=False):
        if (name, digest) != (other_name, other_digest):
            return name
    if len(ladder) == len(other_ladder):
        return ""
    longer = ladder if len(ladder) > len(other_ladder) else other_ladder
    return longer[min(len(ladder), len(other_ladder))][0]
