"""Random seeds of backends that do not need TensorFlow."""

from __future__ import annotations

import sys

import keras
from keras.src.utils import module_utils  # which packages Keras takes for installed has no public name


def seed_without_tensorflow(seed: int) -> None:
    """Set every random seed as `keras.utils.set_random_seed` does.

    Keras imports TensorFlow to set its seed too, wherever it is installed, which takes seconds in every worker. Who
    uses TensorFlow has imported it.
    """
    tensorflow = module_utils.tensorflow
    before = tensorflow._available  # noqa: SLF001  it has no public name
    if "tensorflow" not in sys.modules:
        tensorflow._available = False  # noqa: SLF001
    try:
        keras.utils.set_random_seed(seed)
    finally:
        tensorflow._available = before  # noqa: SLF001
