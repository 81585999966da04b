"""What a loader returned -> a training part and a test part of arrays, or why it is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.catalog.datasets.arrays import PARTS, AnyArray, Arrays, checked
from bench.catalog.datasets.loaders import RESULT, worded
from bench.catalog.datasets.read.encode import check_missing, encoded, is_text
from bench.core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.core.target import Task
    from bench.core.trees import Inputs, Shape

_PAIR, _TRIPLE = 2, 3


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some examples, of unknown form.

    Attributes:
        x: (n, ...), or several inputs by name.
        y: (n,) or (n, k).
        w: (n,), the weight of each example; None where all weigh the same.
        features: the names of the columns of `x`, where it was a table.
        names: the names of the columns of `y`, where it was a table.
    """

    x: Inputs
    y: AnyArray
    w: AnyArray | None = None
    features: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """A data set of unknown form.

    Attributes:
        train: what is trained on.
        test: what is tested on.
        where: what it was read from; every message starts with it.
    """

    train: Part
    test: Part
    where: str
    names: tuple[str, ...] = field(default=())

    def checked(self, task: Task | None = None, shape: Shape | None = None) -> Arrays:
        """The same in a form that is trained.

        Raises:
            DataError: it cannot be.
        """
        train, test = self.train, self.test
        if train.features != test.features:
            raise DataError(
                f"{self.where}: the columns of x_train are {_few(train.features)}, those of x_test "
                f"{_few(test.features)}.",
                hint="Give both parts the same columns, in the same order.",
            )
        return checked(
            train.x,
            train.y,
            test.x,
            test.y,
            where=self.where,
            w_train=train.w,
            w_test=test.w,
            task=task,
            shape=shape,
            features=train.features,
            names=self.names or train.names,
        )


def parts_of(result: object, reference: str) -> Parts:
    """The two parts in what a loader returned.

    Args:
        result: a pair of parts, each `(x, y)` or `(x, y, weights)`: arrays, lists, tensors, tables of pandas; `x` may
            be a dict of them.
        reference: the loader, for messages.

    Raises:
        DataError: it is something else.
    """
    if is_unsplit(result):
        raise _unsplit(result, reference)
    if not isinstance(result, tuple | list) or len(result) != _PAIR:
        raise _no_pair(result, reference, "the training part and the test part")
    train, test = (
        part_of(part, name, reference) for name, part in zip(PARTS, _encoded(result, reference), strict=True)
    )
    return Parts(train, test, reference)


def _encoded(parts: Sequence[Any], reference: str) -> Sequence[Any]:
    """Parts whose inputs are tables of pandas with the same columns, with their texts as columns of 0 and 1."""
    pairs = [part for part in parts if isinstance(part, tuple | list) and len(part) in {_PAIR, _TRIPLE}]
    tables = [part[0] for part in pairs if isinstance(part[0], pd.DataFrame)]
    if len(tables) != _PAIR or list(tables[0].columns) != list(tables[1].columns):
        return parts
    if not any(is_text(table[name]) for table in tables for name in table.columns):
        return parts
    both = pd.concat([table.astype(_objects(table)) for table in tables], ignore_index=True)
    check_missing(both, list(both.columns), reference, "Fill them or leave those rows out, in both parts.")
    tested = np.repeat([False, True], [len(table) for table in tables])
    made = encoded(both, list(both.columns), tested, categories="one-hot", fill=False, where=reference)
    return [
        (pd.DataFrame(x, columns=list(made.names)), *part[1:])
        for x, part in zip((made.train, made.test), pairs, strict=True)
    ]


def _objects(table: pd.DataFrame) -> dict[Any, type]:
    """Categories of two tables differ; as texts they are alike."""
    return {name: object for name in table.columns if isinstance(table[name].dtype, pd.CategoricalDtype)}


def is_unsplit(result: object) -> bool:
    """Whether a loader returned one part: `(x, y)`, `(x, y, weights)`, a table, or what scikit-learn's loaders give."""
    if isinstance(result, pd.DataFrame) or (isinstance(result, dict) and {"data", "target"} <= result.keys()):
        return True
    if not isinstance(result, tuple | list) or len(result) not in {_PAIR, _TRIPLE}:
        return False
    first, *others = result
    # arrays, tables, tensors; the parts of a data set are tuples
    return (hasattr(first, "shape") or isinstance(first, dict)) and all(hasattr(part, "shape") for part in others)


def unsplit_part(result: Any, reference: str) -> Part:  # noqa: ANN401  whatever a loader returns
    """The one part in what `is_unsplit` knows, but for a table; its targets may be named.

    Raises:
        DataError: it holds no arrays.
    """
    if not isinstance(result, dict):
        return part_of(result, "", reference)
    part = part_of((result["data"], result["target"]), "", reference)
    features, names = (tuple(map(str, result.get(key, ()))) for key in ("feature_names", "target_names"))
    return Part(part.x, part.y, None, part.features or features, part.names or names)


def part_of(value: object, name: str, reference: str) -> Part:
    """The arrays of one part.

    Raises:
        DataError: it is no pair or triple of arrays.
    """
    suffix = f"_{name}" if name else ""
    wanted = f"x{suffix} and y{suffix}"
    # An array of length two would unpack as well, so only real pairs count.
    if not isinstance(value, tuple | list) or len(value) not in {_PAIR, _TRIPLE}:
        raise _no_pair(value, reference, f"{wanted}, and weights where there are any")
    x, y, *weights = value
    if isinstance(y, dict) or (isinstance(y, tuple) and all(hasattr(part, "shape") for part in y)):
        raise DataError(
            f"The loader {reference} returned a {type(y).__name__} of targets as y{suffix}, as for a model of several "
            "outputs, which this version does not train.",
            hint="Several values or labels of one kind are the columns of one array, (n, k).",
        )
    return Part(
        x={key: _array(part, f"x{suffix}[{key!r}]", reference) for key, part in x.items()}
        if isinstance(x, dict)
        else _array(x, f"x{suffix}", reference),
        y=_array(y, f"y{suffix}", reference),
        w=_array(weights[0], f"w{suffix}", reference) if weights and weights[0] is not None else None,
        features=_columns(x),
        names=_columns(y),
    )


def _columns(value: object) -> tuple[str, ...]:
    """The names of a table's columns; empty for anything else."""
    return tuple(map(str, value.columns)) if isinstance(value, pd.DataFrame) else ()


def _few(names: tuple[str, ...]) -> str:
    return ", ".join(names[:6]) + (", ..." if len(names) > 6 else "") if names else "without names"  # noqa: PLR2004


def _unsplit(result: object, reference: str) -> DataError:
    received = (
        f"a {type(result).__name__}, as scikit-learn's loaders do: one table that is not split"
        if isinstance(result, dict)
        else "one table that is not split"
        if isinstance(result, pd.DataFrame)
        else "arrays of one part"
    )
    target = '\n      target = "COLUMN"' if isinstance(result, pd.DataFrame) else ""
    return DataError(
        f"The loader {reference} returned {received}; a data set has a training part and a test part.",
        hint=f"Split it in the loader and return {RESULT}, or name it in a table, which splits it:\n"
        f'      [datasets.NAME]\n      loader = "{reference}"{target}\n      test_split = 0.2',
    )


def _no_pair(value: object, reference: str, wanted: str) -> DataError:
    received = f"a {type(value).__name__}" + (f" of {len(value)}" if isinstance(value, tuple | list) else "")
    return DataError(
        f"The loader {reference} returned {received} where a pair belongs: {wanted}.",
        hint=f"Return NumPy arrays as {RESULT}.",
    )


def _array(value: object, name: str, reference: str) -> AnyArray:
    """What a loader returned as an array; what holds lists of different lengths becomes one of objects."""
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        hidden = int(np.ma.getmaskarray(value).sum())
        raise DataError(
            f"{reference}: {name} is a masked array that hides {hidden:,} values; models see every value.",
            hint="Leave the examples with hidden values out of both arrays, or fill them with x.filled(VALUE).",
        )
    try:
        return np.asarray(value)
    except Exception as error:
        if isinstance(error, ValueError) and isinstance(value, list | tuple):
            objects = np.empty(len(value), dtype=object)
            for index, entry in enumerate(value):
                objects[index] = entry
            return objects
        raise DataError(
            f"The loader {reference} returned a {type(value).__name__} that is not an array: {worded(error)}.",
            hint=f"Return NumPy arrays as {RESULT}.",
        ) from error
