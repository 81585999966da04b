"""Data sets that people know by a name which is not one here: which reference works, or that none does yet."""

from __future__ import annotations

import re
from typing import NamedTuple

from bench.catalog.datasets.unread import code

IMAGES = {
    "cifar10": "cifar10",
    "cifar100": "cifar100",
    "fashionmnist": "fashion_mnist",
    "mnist": "mnist",
}
"""Keras's data sets of the kind that is trained: squeezed name -> module in `keras.datasets`."""

OTHERS = {
    "imdb": "texts",
    "reuters": "texts",
    "bostonhousing": "measured values to predict (regression)",
    "californiahousing": "measured values to predict (regression)",
    "20newsgroups": "texts",
}
"""Data sets of kinds that are not trained: squeezed name -> what they hold."""

TABLES = {"iris": "load_iris", "wine": "load_wine", "breastcancer": "load_breast_cancer"}
"""scikit-learn's tables with classes: squeezed name -> function in `sklearn.datasets`."""

_SPLITTABLE = frozenset({"load_digits", "fetch_covtype", "fetch_olivetti_faces", *TABLES.values()})
_SKLEARN_REGRESSION = frozenset({"diabetes", "linnerud"})
_PACKAGES = frozenset({"tf", "tensorflow", "python", "keras", "datasets", "api", "src", "load_data", "load"})
_BY_HASH = frozenset({"mnist", "fashion_mnist"})
_KERAS_LOADER = re.compile(r"(?:tf\.|tensorflow\.)?(?:python\.)?keras\.(?:api\.|src\.)?datasets\.\w+:\w+")
_FOREIGN_LOADER = re.compile(r"(?:tf|tensorflow)\.(?:python\.)?keras\.(?:api\.)?datasets\.\w+:\w+")
_SKLEARN_LOADER = re.compile(r"sklearn\.datasets(?:\.\w+)*[.:](\w+)")


class Advice(NamedTuple):
    """Why a reference cannot be what was meant, as a sentence, and what to type instead; empty where nothing helps."""

    reason: str
    hint: str


def advice(reference: str) -> Advice | None:
    """What to say of a name, or of a loader, that stands for a well-known data set; None where there is nothing to say.

    Args:
        reference: neither a name of the catalog nor a path.
    """
    reference = reference.removesuffix("()")
    if match := _SKLEARN_LOADER.fullmatch(reference):
        return _sklearn(reference, match[1])
    if ":" in reference and not _KERAS_LOADER.fullmatch(reference):
        return None  # somebody's own function, whatever its name
    words = [word for word in re.split(r"[.:]", reference) if word.lower() not in _PACKAGES]
    name = _squeezed(words[0]) if len(words) == 1 else ""
    if name in OTHERS:
        return Advice(f"{reference} holds {OTHERS[name]}, which this version does not train.", "")
    if name in IMAGES:
        return _keras(reference, IMAGES[name])
    return _sklearn(reference, TABLES[name]) if name in TABLES else None


def _squeezed(name: str) -> str:
    """A name without what people write in many ways: `load_CIFAR-10` gives `cifar10`."""
    return re.sub(r"[-_\s]", "", re.sub("^(load|fetch)_", "", name.lower()))


def _keras(reference: str, module: str) -> Advice | None:
    foreign = _FOREIGN_LOADER.fullmatch(reference)
    if _KERAS_LOADER.fullmatch(reference) and not foreign:
        return None  # Keras's own function: it works, or says itself why not
    works = f'"keras.datasets.{module}:load_data"'
    return Advice(
        f"{reference} cannot be imported by that name: tensorflow.keras is no package."
        if foreign
        else f"{reference} is not how this data set is named here.",
        f'Write "{module}", which is checked by its hash, or {works}.' if module in _BY_HASH else f"Write {works}.",
    )


def _sklearn(reference: str, function: str) -> Advice:
    name = _squeezed(function)
    if name in OTHERS or name in _SKLEARN_REGRESSION:
        what = OTHERS.get(name, "measured values to predict (regression)")
        return Advice(f"{reference} holds {what}, which this version does not train.", "")
    reason = (
        f"{reference} is one table of scikit-learn, which is not split; a loader returns ((x_train, y_train), (x_test, "
        "y_test)) as NumPy arrays."
    )
    if function not in _SPLITTABLE:
        return Advice(reason, "Write a function of your own that calls it, splits what it gives, and returns that.")
    return Advice(
        reason,
        code(
            "from sklearn import datasets, model_selection",
            "def load():",
            f"    x, y = datasets.{function}(return_X_y=True)",
            "    a, b, p, q = model_selection.train_test_split(x, y, random_state=0)",
            "    return (a, p), (b, q)",
        ),
    )
