"""Keeping the examples that most cells got wrong, while the data is at hand."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.analyse.extent import best_part
from bench.analyse.networks import networks_of
from bench.analyse.predictions import answers_of, hardest
from bench.catalog import datasets
from bench.core import trees
from bench.core.errors import BenchError, DataError
from bench.core.formatting import number
from bench.record.records import Exhibit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.catalog.datasets import Obtained
    from bench.core.trees import Inputs
    from bench.record.records import RunResult

LONGEST = 64
"""Pixels of a shown image's longer side; larger images are thinned out, so that a report stays a page."""

VALUES = 24
"""Values of a row or of a sequence that are kept, the first ones."""


def exhibits(result: RunResult, obtained: dict[str, Obtained]) -> tuple[Exhibit, ...]:
    """The hardest examples of each data set of a run: pictures as pixels, anything else as values.

    Args:
        result: with predictions and labels.
        obtained: the data sets, by the cells' reference.

    Raises:
        DataError: a data set that was trained on is gone or damaged, or its examples cannot be kept: whatever it is, it
            costs a finished run no more than these.
    """
    try:
        return _exhibits(result, obtained)
    except BenchError:
        raise
    except Exception as error:
        raise DataError(f"{type(error).__name__}: {error}. This is a bug of ours; the run is complete.") from error


def _exhibits(result: RunResult, obtained: dict[str, Obtained]) -> tuple[Exhibit, ...]:
    at_hand = {data.sha256: data for data in obtained.values() if data.stream is None}
    kept: list[Exhibit] = []
    for answers in answers_of(best_part(networks_of(result).references(result))):
        wanted = [example.number for example in hardest(answers)]
        data = at_hand.get(answers.sha256)
        if wanted and data is not None:
            x = trees.rows(datasets.load(data.path, data.sha256).x_test, np.array(wanted))
            kept += _pictures(data, wanted, x) if _drawable(data, x) else _rows(data, wanted, x)
    return tuple(kept)


def _drawable(data: Obtained, x: Inputs) -> bool:
    return data.facts.picture and not isinstance(x, dict)


def _pictures(data: Obtained, wanted: list[int], x: NDArray[Any]) -> list[Exhibit]:
    return [
        Exhibit(dataset=data.sha256, image=example, pixels=_packed(image))
        for example, image in zip(wanted, _bytes(x), strict=True)
    ]


def _rows(data: Obtained, wanted: list[int], x: Inputs) -> list[Exhibit]:
    return [
        Exhibit(
            dataset=data.sha256, image=example, values=values_of(trees.rows(x, slice(place, place + 1)), data.features)
        )
        for place, example in enumerate(wanted)
    ]


def values_of(x: Inputs, features: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """What an example holds: column by column where these have names, else input by input, the first values of each.

    Args:
        x: of one example: (1, ...), or several by name.
        features: the names of a table's columns, in the order of the inputs; empty for anything else.
    """
    if not isinstance(x, dict) and features and x.size == len(features):
        return tuple((feature, _text(value)) for feature, value in zip(features, x.ravel()[:VALUES], strict=False))
    values = []
    for name, array in trees.leaves(x):
        flat = array.ravel()
        more = f" ... ({len(flat):,} values)" if len(flat) > VALUES else ""
        values.append((name or "input", " ".join(_text(value) for value in flat[:VALUES]) + more))
    return tuple(values)


def _text(value: Any) -> str:  # noqa: ANN401  a NumPy scalar
    return str(int(value)) if float(value).is_integer() else number(float(value))


def _bytes(images: NDArray[Any]) -> NDArray[np.uint8]:
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
