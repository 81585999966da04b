"""Digests of a model's weights: equal digests are equal bits."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray


def weights_digest(model: keras.Model) -> str:
    """SHA-256 (hex) over shape, dtype and bytes of every weight, in the model's order."""
    digest = hashlib.sha256()
    for weight in model.get_weights():
        array: NDArray[Any] = np.ascontiguousarray(weight)
        digest.update(f"{array.shape}{array.dtype}".encode())
        digest.update(array.data)
    return digest.hexdigest()


def parameter_count(model: keras.Model) -> int:
    """How many numbers the training may change."""
    return sum(math.prod(variable.shape) for variable in model.trainable_weights)


@dataclass(slots=True)
class Ladder:
    """The digests of a training, rung by rung: where two trainings part, the first rung that differs says when."""

    model: keras.Model
    rungs: list[tuple[str, str]] = field(default_factory=list)

    def climb(self, name: str) -> None:
        """Note the weights as they are now."""
        self.rungs.append((name, weights_digest(self.model)))
