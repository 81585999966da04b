"""Which columns of a table are what, and how a wrong name is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bench.core.errors import DataError
from bench.core.formatting import plural
from bench.core.names import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.catalog.datasets.declared import DatasetTable

_LISTED = 12


class Roles(NamedTuple):
    """What the columns of a table are.

    Attributes:
        target: what is predicted.
        features: what it is predicted from, in order; texts excluded.
        text: the column of texts that become token ids.
        weights: the column of sample weights.
        split: the column that says train or test.
        nameless: columns without a name in the header, such as the row numbers that pandas writes; not read.
    """

    target: tuple[str, ...]
    features: tuple[str, ...]
    text: str | None
    weights: str | None
    split: str | None
    nameless: tuple[str, ...] = ()

    @property
    def used(self) -> tuple[str, ...]:
        """Every column that is read."""
        others = (self.text, self.weights, self.split)
        return (*self.features, *self.target, *(name for name in others if name is not None))


def roles(table: DatasetTable, columns: Sequence[str], where: str) -> Roles:
    """What each column is.

    Args:
        table: as declared, with a target.
        columns: what the data has.
        where: what was read, for messages.

    Raises:
        DataError: a column is not there, is said to be two things, or nothing is left to be an input.
    """
    if len(set(columns)) < len(columns):
        twice = next(name for name in columns if list(columns).count(name) > 1)
        raise DataError(f"{where} has two columns named {twice}.", hint="Give every column a name of its own.")
    if table.text and table.text.column is None:
        raise DataError(
            f"{where} is a table, and nothing says which column holds the texts. It has {listed_columns(columns)}.",
            hint='Say text = { column = "COLUMN" }.',
        )
    target = table.target or ()
    text = table.text.column if table.text else None
    others = {"text.column": text, "weights": table.weights, "split_column": table.split_column}
    for key, names in {"target": target, "features": table.features or ()}.items():
        check_names(names, columns, where, key)
    for key, name in others.items():
        check_names((name,) if name else (), columns, where, key)
    taken = {*target, *(name for name in others.values() if name)}
    if table.features is None:
        features = () if text else tuple(name for name in columns if name not in taken and not _is_nameless(name))
    else:
        features = table.features
    nameless = tuple(name for name in columns if table.features is None and not text and _is_nameless(name))
    if both := next((name for name in features if name in taken), None):
        raise DataError(
            f"{where}: the column {both} is named as a feature and as something else.",
            hint="Leave it out of features: a model that is given its target has nothing to learn.",
        )
    if not features and not text:
        raise DataError(f"{where} has no column other than {', '.join(taken)}.", hint="Name the columns in features.")
    return Roles(target, features, text, table.weights, table.split_column, nameless)


def _is_nameless(name: str) -> bool:
    """Whether pandas named a column that the header does not name."""
    return name.startswith("Unnamed: ")


def check_names(names: Iterable[str], columns: Sequence[str], where: str, key: str) -> None:
    """Refuse the name of a column that is not there.

    Raises:
        DataError: with the columns that are.
    """
    for name in names:
        if name not in columns:
            near = nearest(name, columns)
            raise DataError(
                f"{where} has no column {name!r}, which {key} names. It has {listed_columns(columns)}.",
                hint=f"Did you mean {near!r}?" if near else "Name one of its columns.",
            )


def listed_columns(columns: Sequence[str]) -> str:
    """The names of columns, the first dozen of many."""
    more = f" and {plural(len(columns) - _LISTED, 'other')}" if len(columns) > _LISTED else ""
    return f"{', '.join(map(str, columns[:_LISTED]))}{more}" if len(columns) else "no column"
