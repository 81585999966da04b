"""Keeping the images that most cells got wrong, while the data is at hand."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.predictions import answers_of, hardest
from bench.catalog import datasets
from bench.record.records import Exhibit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.catalog.datasets import Obtained
    from bench.catalog.datasets.arrays import Images
    from bench.record.records import RunResult

LONGEST = 64
"""Pixels of a shown image's longer side; larger images are thinned out, so that a report stays a page."""


def exhibits(result: RunResult, obtained: dict[str, Obtained]) -> tuple[Exhibit, ...]:
    """The hardest images of each data set of a run whose examples are pictures.

    Args:
        result: with predictions and labels.
        obtained: the data sets, by the cells' reference.

    Raises:
        DataError: a data set that was trained on is gone or damaged.
    """
    paths = {found.sha256: found.path for found in obtained.values() if found.facts.picture and found.stream is None}
    kept: list[Exhibit] = []
    for answers in answers_of(result):
        wanted = [one.image for one in hardest(answers)]
        if wanted and answers.sha256 in paths:
            images = datasets.load(paths[answers.sha256], answers.sha256).x_test[wanted]
            kept += [
                Exhibit(dataset=answers.sha256, image=number, pixels=_packed(image))
                for number, image in zip(wanted, _bytes(images), strict=True)
            ]
    return tuple(kept)


def _bytes(images: Images) -> NDArray[np.uint8]:
    """Images as uint8: what is none is scaled to it, over all of them."""
    step = -(-max(images.shape[1:3]) // LONGEST)
    images = images[:, ::step, ::step]
    if images.dtype == np.uint8:
        return images.astype(np.uint8)
    low, high = float(images.min()), float(images.max())
    scaled: NDArray[np.uint8] = np.rint((images - low) * (255 / ((high - low) or 1.0))).astype(np.uint8)
    return scaled


def _packed(image: NDArray[np.uint8]) -> str:
    height, width, channels = image.shape
    return base64.b64encode(zlib.compress(bytes((height, width, channels)) + image.tobytes(), 9)).decode()
