"""How much each example weighs in the loss: by its class, by its own weight, or by both. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bench.core.errors import DataError
from bench.core.names import listed, nearest
from bench.core.target import Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from bench.core.target import Target
    from bench.declare.weights import ClassWeight


def example_weights(
    class_weight: ClassWeight, target: Target, y: NDArray[Any], w: NDArray[np.float32] | None
) -> NDArray[np.float32] | None:
    """The weight of each training example; None where all weigh the same.

    Args:
        class_weight: as the suite declares it.
        target: what is predicted.
        y: (n,) class numbers of the examples trained on.
        w: (n,) float32, their own weights; None where they have none.

    Returns:
        (n,) float32: the weight of its class times its own.

    Raises:
        DataError: no classes are predicted, or the table leaves one out or names another.
    """
    if class_weight is None:
        return w
    if target.task is not Task.CLASSES:
        raise DataError(
            f"class_weight needs classes, but the task is {target.task}.",
            hint='Take class_weight out, or weigh single examples by a column: weights = "COLUMN" in the data set.',
        )
    numbers = y.astype(np.int64)
    if isinstance(class_weight, str):
        by_class = balanced(numbers, target.width)
    else:
        by_class = _declared(dict(class_weight), target.names)
    weights = np.asarray(by_class[numbers], np.float32)
    return weights if w is None else weights * w


def balanced(numbers: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    """Weights that give every class the same sum: n / (classes that occur * examples of the class).

    Source: King and Zeng, Logistic Regression in Rare Events Data, Political Analysis 9 (2001), pages 137 to 163; the
    form is that of scikit-learn's `compute_class_weight("balanced")`.

    Args:
        numbers: (n,) int64.
        classes: how many there are; one without examples weighs 0.
    """
    return balanced_weights(np.bincount(numbers, minlength=classes))


def balanced_weights(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """The weights of `balanced`, by the number of examples of each class: (classes,) int64."""
    occurring = int(np.count_nonzero(counts))
    weights = np.zeros(len(counts))
    np.divide(counts.sum(), occurring * counts, out=weights, where=counts > 0)
    return weights


def _declared(weights: Mapping[str, float], names: tuple[str, ...]) -> NDArray[np.float64]:
    """The weight of each class by its number; a table names classes by name or by number."""
    numbered = {str(number): name for number, name in enumerate(names)}
    by_name: dict[str, float] = {}
    for written, weight in weights.items():
        name = written if written in names else numbered.get(written, written)
        if name in by_name:
            raise DataError(
                f"class_weight names the class {name!r} twice, by its name and by its number.",
                hint="Name every class once.",
            )
        by_name[name] = weight
    unknown = [name for name in by_name if name not in names]
    if unknown:
        guess = nearest(unknown[0], names)
        raise DataError(
            f"class_weight names the class {unknown[0]!r}; the classes are {listed(names[:20])}"
            + (f"; did you mean {guess!r}?" if guess else "."),
            hint='Name every class once, or write class_weight = "balanced".',
        )
    missing = [name for name in names if name not in by_name]
    if missing:
        raise DataError(
            f"class_weight has no weight for the class {missing[0]!r}.",
            hint=f'Add "{missing[0]}" = 1.0 to the table, or write class_weight = "balanced".',
        )
    return np.array([by_name[name] for name in names])
