"""Data sets that people know by a name which is not one here: which reference works."""

from __future__ import annotations

import re
from typing import NamedTuple

KERAS = {
    "cifar10": "cifar10",
    "cifar100": "cifar100",
    "fashionmnist": "fashion_mnist",
    "mnist": "mnist",
    "imdb": "imdb",
    "reuters": "reuters",
    "californiahousing": "california_housing",
}
"""Keras's data sets: squeezed name -> name here."""

SKLEARN = {
    "iris": "iris",
    "wine": "wine",
    "breastcancer": "breast_cancer",
    "diabetes": "diabetes",
    "digits": "digits",
}
"""scikit-learn's data sets: squeezed name -> name after `sklearn:`."""

_PACKAGES = frozenset({"tf", "tensorflow", "python", "keras", "datasets", "api", "src", "load_data", "load"})
_RAGGED = frozenset({"imdb", "reuters"})
_KERAS_LOADER = re.compile(r"(?:tf\.|tensorflow\.)?(?:python\.)?keras\.(?:api\.|src\.)?datasets\.\w+:\w+")
_FOREIGN_LOADER = re.compile(r"(?:tf|tensorflow)\.(?:python\.)?keras\.(?:api\.)?datasets\.\w+:\w+")
_SKLEARN_LOADER = re.compile(r"sklearn\.datasets(?:\.\w+)*[.:](\w+)")


class Advice(NamedTuple):
    """Why a reference cannot be what was meant, as a sentence, and what to type instead."""

    reason: str
    hint: str


def advice(reference: str) -> Advice | None:
    """What to say of a name, or of a loader, that stands for a well-known data set; None where there is nothing to say.

    Args:
        reference: neither a name that is known here nor a path.
    """
    reference = reference.removesuffix("()")
    if match := _SKLEARN_LOADER.fullmatch(reference):
        return _sklearn(reference, match[1])
    if ":" in reference and not _KERAS_LOADER.fullmatch(reference):
        return None  # somebody's own function, whatever its name
    words = [word for word in re.split(r"[.:]", reference) if word.lower() not in _PACKAGES]
    name = _squeezed(words[0]) if len(words) == 1 else ""
    if name in KERAS:
        return _keras(reference, KERAS[name])
    if name == "bostonhousing":
        return _boston(reference)
    return _sklearn(reference, SKLEARN[name]) if name in SKLEARN else None


def _squeezed(name: str) -> str:
    """A name without what people write in many ways: `load_CIFAR-10` gives `cifar10`."""
    return re.sub(r"[-_\s]", "", re.sub("^(load|fetch)_", "", name.lower()))


def _keras(reference: str, name: str) -> Advice | None:
    foreign = _FOREIGN_LOADER.fullmatch(reference)
    if _KERAS_LOADER.fullmatch(reference) and not foreign and name not in _RAGGED:
        return None  # Keras's own function: it works, or says itself why not
    if foreign:
        reason = f"{reference} cannot be imported by that name: tensorflow.keras is not a package."
    elif _KERAS_LOADER.fullmatch(reference):
        reason = f"{reference} returns token ids in lists of different lengths."
    else:
        reason = f"{reference} is not how this data set is named here."
    return Advice(reason, f'Write "{name}".')


def _boston(reference: str) -> Advice | None:
    loader = "keras.datasets.boston_housing:load_data"
    if reference == loader:
        return None
    return Advice(f"{reference} is not how this data set is named here.", f'Write "{loader}".')


def _sklearn(reference: str, function: str) -> Advice:
    name = SKLEARN.get(_squeezed(function))
    if name is not None:
        return Advice(
            f"{reference} is not how this data set is named here.",
            f'Write "sklearn:{name}", which tests on a quarter of it.',
        )
    return Advice(
        f"{reference} gives one table, which is not split into a training part and a test part.",
        "Name it in a table of the suite, which splits it:\n"
        f'      [datasets.NAME]\n      loader = "sklearn.datasets:{function}"\n      test_split = 0.2',
    )
