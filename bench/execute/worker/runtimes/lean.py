"""Keeping Keras from importing TensorFlow on other backends."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import keras
from keras.src.utils import module_utils  # which packages Keras takes for installed has no public name

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def without_tensorflow() -> Iterator[None]:
    """While entered, Keras takes TensorFlow for missing where nobody has imported it.

    To set a seed or to write down an optimizer, Keras asks whether TensorFlow is installed by importing it, which takes
    seconds in every worker.
    """
    tensorflow = module_utils.tensorflow
    before = tensorflow._available  # noqa: SLF001  it has no public name
    if "tensorflow" not in sys.modules:
        tensorflow._available = False  # noqa: SLF001
    try:
        yield
    finally:
        tensorflow._available = before  # noqa: SLF001


def seed_without_tensorflow(seed: int) -> None:
    """Set every random seed as `keras.utils.set_random_seed` does."""
    with without_tensorflow():
        keras.utils.set_random_seed(seed)
