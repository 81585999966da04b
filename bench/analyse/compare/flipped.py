"""Which test images changed sides, from what either side's seeds got wrong by their vote. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analyse.gate.flips import find_flips, mcnemar, votes_from
from bench.record.verdicts import Flips

if TYPE_CHECKING:
    from bench.analyse.compare.party import Labels


@dataclass(frozen=True, slots=True, kw_only=True)
class FlippedImage:
    """A test image that one side gets right and the other wrong.

    Attributes:
        image: its number in the test set.
        lost: right before and wrong after; else the other way round.
        label: its true class; None where labels are not at hand.
        read_as: the wrong class.
    """

    image: int
    lost: bool
    label: int | None
    read_as: int


def flips_between(before: str, after: str, labels: Labels | None) -> tuple[Flips, tuple[FlippedImage, ...]] | None:
    """The images that changed sides, counted and one by one.

    Args:
        before: what is voted wrongly, as a baseline keeps it: `image:class image:class ...`.
        after: the same of the other side, on the same images.
        labels: of these images; without them no class is named.

    Returns:
        None where the mistakes cannot be read or do not fit the labels.
    """
    try:
        was, now = _read(before), _read(after)
    except ValueError:
        return None
    images = [
        FlippedImage(
            image=image,
            lost=image in now,
            label=int(labels.classes[image]) if labels and image < len(labels.classes) else None,
            read_as=now.get(image, was.get(image, 0)),
        )
        for image in sorted(was.keys() ^ now.keys())
    ]
    if labels:
        old, new = votes_from(before, labels.classes), votes_from(after, labels.classes)
        return (
            None if old is None or new is None else (find_flips(old, new, labels.classes, labels.names), tuple(images))
        )
    lost = sum(image.lost for image in images)
    gained = len(images) - lost
    return Flips(lost=lost, gained=gained, p=mcnemar(lost, gained), classes=(), swapped=()), tuple(images)


def _read(mistakes: str) -> dict[int, int]:
    pairs = (word.split(":") for word in mistakes.split())
    return {int(image): int(label) for image, label in pairs}
