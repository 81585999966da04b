"""What a loader may return that is read in batches. Imports neither Keras nor TensorFlow."""

from __future__ import annotations

import sys

from bench.core.errors import DataError

TF_DATA, PY_DATASET = "tf.data.Dataset", "keras.utils.PyDataset"


class StreamedError(DataError):
    """What a loader returned is no arrays: it is read in batches, and by a run alone.

    Args:
        result: of the loader.
        reference: the loader.
    """

    def __init__(self, result: object, reference: str) -> None:
        super().__init__(f"The loader {reference} streams its data, which is read while a run trains on it.")
        self.result, self.reference = result, reference


def is_stream(result: object) -> bool:
    """Whether a loader returned parts that are read in batches, at least one of them."""
    if not isinstance(result, tuple | list):
        return kind_of(result) is not None
    return any(kind_of(part) is not None for part in result)


def kind_of(part: object) -> str | None:
    """Which kind of dataset something is; None for all others."""
    # a module that nobody has imported has made no dataset; importing it here would cost seconds
    tensorflow, keras = sys.modules.get("tensorflow"), sys.modules.get("keras")
    if tensorflow is not None and isinstance(part, tensorflow.data.Dataset):
        return TF_DATA
    return PY_DATASET if keras is not None and isinstance(part, keras.utils.PyDataset) else None
