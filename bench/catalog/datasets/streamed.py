"""What a loader may return that is read in batches. Imports Keras and TensorFlow, so in a worker process only."""

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
    if "tensorflow" not in sys.modules and "keras" not in sys.modules:
        return None  # nobody can have made one
    import keras  # noqa: PLC0415  in a worker process only
    import tensorflow as tf  # noqa: PLC0415

    if isinstance(part, tf.data.Dataset):
        return TF_DATA
    return PY_DATASET if isinstance(part, keras.utils.PyDataset) else None
