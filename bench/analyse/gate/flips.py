"""Which test images changed sides: what most seeds get wrong now and did not before, and back. Pure.

The seeds of a cell vote: an image's class is the one that most of them predict. One vote per image keeps the images
independent of one another, which McNemar's test asks for; the seeds are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from bench.analyse.predictions import majority, unpacked
from bench.record.verdicts import Flips

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Classes = NDArray[np.uint8]

MOST_LOST = 3
"""How many of the classes that lost are named."""


def vote(predictions: Sequence[bytes]) -> Classes:
    """The class that most seeds predict for each image, the smaller number among equals.

    Args:
        predictions: per seed, zlib-compressed uint8, a class per test image.

    Returns:
        (images,) uint8.
    """
    return majority(np.stack([unpacked(packed) for packed in predictions]))


def mistakes_text(votes: Classes, labels: Classes) -> str:
    """What is voted wrongly, as a baseline keeps it: `image:class image:class ...`."""
    wrong = np.flatnonzero(votes != labels)
    return " ".join(f"{image}:{votes[image]}" for image in wrong)


def votes_from(mistakes: str, labels: Classes) -> Classes | None:
    """The votes that `mistakes_text` was made from; None where it does not fit the labels."""
    votes = labels.copy()
    try:
        for word in mistakes.split():
            image, label = word.split(":")
            votes[int(image)] = int(label)
    except (ValueError, IndexError, OverflowError):
        return None
    return votes


def find_flips(before: Classes, now: Classes, labels: Classes, names: Sequence[str]) -> Flips:
    """The images that changed sides.

    Args:
        before: (images,) uint8, the votes of the accepted seeds.
        now: (images,) uint8, the votes of the current seeds.
        labels: (images,) uint8, the true classes.
        names: of the classes.
    """
    was_right, is_right = before == labels, now == labels
    lost, gained = was_right & ~is_right, ~was_right & is_right
    balance = {
        label: int(lost[labels == label].sum()) - int(gained[labels == label].sum()) for label in np.unique(labels)
    }
    worst = sorted((label for label in balance if balance[label] > 0), key=lambda label: (-balance[label], label))
    return Flips(
        lost=int(lost.sum()),
        gained=int(gained.sum()),
        p=mcnemar(int(lost.sum()), int(gained.sum())),
        classes=tuple((_name(label, names), balance[label]) for label in worst[:MOST_LOST]),
        swapped=tuple((_name(a, names), _name(b, names)) for a, b in _swapped(before, now, labels)),
    )


def mcnemar(lost: int, gained: int) -> float:
    """The p-value of the exact form of McNemar's test: that as many images are lost as gained.

    Given how many images changed sides, the number that were lost is binomial with probability one half.

    Source: McNemar, Psychometrika 12 (1947), pages 153 to 157.
    """
    return float(stats.binomtest(lost, lost + gained).pvalue) if lost + gained else 1.0


def _swapped(before: Classes, now: Classes, labels: Classes) -> list[tuple[int, int]]:
    """Pairs of classes most of whose images are now called by the other's name, and were not before."""
    present = [int(label) for label in np.unique(labels)]

    def called(votes: Classes, label: int, other: int) -> bool:
        return float((votes[labels == label] == other).mean()) > 0.5  # noqa: PLR2004  most of them

    return [
        (a, b)
        for index, a in enumerate(present)
        for b in present[index + 1 :]
        if called(now, a, b) and called(now, b, a) and not (called(before, a, b) and called(before, b, a))
    ]


def _name(label: int, names: Sequence[str]) -> str:
    return names[label] if label < len(names) else str(label)
