"""Why a reference in a suite is no data set, as far as that shows without reading it: one answer for plan and run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.catalog.datasets import idx
from bench.catalog.datasets.catalog import names
from bench.catalog.datasets.declared import KERAS_SETS, located, named, problems
from bench.catalog.datasets.known import advice
from bench.catalog.datasets.loaders import entry_point_datasets
from bench.catalog.datasets.reference import is_loader, is_path
from bench.catalog.datasets.unread import DECLARED, READ, folder_problem, kind_of_file, way_for_file, way_for_table
from bench.core.errors import DataError
from bench.core.names import listed, nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from bench.catalog.datasets.declared import Wrong


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a reference is no data set.

    Attributes:
        reason: whole sentences.
        hint: what to type instead; empty where nothing helps.
        expected: what may stand there, as the end of the sentence "expected ...".
        suggestion: the nearest valid name, where there is one.
    """

    reason: str
    hint: str
    expected: str
    suggestion: str | None = None

    def error(self) -> DataError:
        """The refusal for whoever needs the data now."""
        return DataError(self.reason, hint=self.hint)


def refusal(reference: str, base: Path, tables: Collection[str] = ()) -> Refusal | None:
    """Why a reference is no data set; None where it may be one, which reading it will show.

    Args:
        reference: as a suite gives it.
        base: what a relative path is relative to.
        tables: the names that the suite's tables [datasets.NAME] declare.
    """
    valid = tuple(dict.fromkeys((*tables, *names(), *entry_point_datasets(), *KERAS_SETS)))
    if reference in valid:
        return None
    if collection := named(reference):
        return _of_collection(reference, problems(collection, base))
    if not is_loader(reference) and is_path(reference):
        return _of_path(reference, base)
    known = advice(reference)
    if known or is_loader(reference):
        return _refused(known.reason, known.hint) if known else None
    if _there(base, reference):
        return _refused(
            f"{reference!r} is not the name of a data set, and a file or folder beside the suite has a path.",
            f'Write "./{reference}".',
        )
    near = nearest(reference, valid)
    return Refusal(
        f"{reference!r} is not a data set: known are {', '.join(valid)}.",
        (f"Did you mean {near!r}? " if near else "")
        + 'Your own data is a path such as "./data.npz", or a function, "package.module:function".',
        f"{listed(valid)}, a path such as ./my-data, or package.module:loader",
        near,
    )


def _of_collection(reference: str, wrong: Sequence[Wrong]) -> Refusal | None:
    if not wrong:
        return None
    expected = wrong[0][2]
    near = nearest(reference, expected.replace(" or ", ", ").split(", "))
    return Refusal(f"{reference!r} is not a data set: expected {expected}.", "Check its name.", expected, near)


def _of_path(reference: str, base: Path) -> Refusal | None:
    expected = f"a file or folder of data that exists in {base}"
    try:
        path = located(reference, base)
        if path.exists():
            return _of_folder(reference, path) if path.is_dir() else _of_file(reference, path)
    except (OSError, RuntimeError, ValueError) as error:
        return Refusal(f"There is no data set at {reference!r}: {error}.", "Check the path.", expected)
    kind = kind_of_file(path)
    missing = f"There is no data set at {reference!r}: {path} does not exist"
    if kind and path.suffix.lower() not in DECLARED:
        return _refused(
            f"{missing}, and {kind} ({path.suffix}) would not be read. {READ}.",
            "Check the path, and have a loader, package.module:function, read the file.",
        )
    return Refusal(f"{missing}.", f"Name a file or folder, absolute or relative to {base}.", expected)


def _of_file(reference: str, path: Path) -> Refusal | None:
    if idx.chosen([path.name]):
        return _refused(f"{reference} is one of four IDX files. {READ}.", f"Name its folder: {str(path.parent)!r}.")
    if path.suffix.lower() in DECLARED:
        return _undeclared(reference, path)
    kind = kind_of_file(path)
    return (
        _refused(f"{reference} is {kind} ({path.suffix}), which is not read. {READ}.", way_for_file(path))
        if kind
        else None
    )


def _undeclared(reference: str, path: Path) -> Refusal:
    """Of a file that is read where a table says which of its columns is what."""
    try:
        way = way_for_table(path, reference)
    except DataError as error:
        return _refused(error.message, error.hint)
    what = "a single array" if path.suffix.lower() == ".npy" else "a table"
    return _refused(
        f"{reference} is {what}, and nothing says which part of it is predicted, and which part is the test part.", way
    )


def _of_folder(reference: str, path: Path) -> Refusal | None:
    problem = folder_problem(path, reference)
    return _refused(f"{reference} {problem[0]}.", problem[1]) if problem else None


def _refused(reason: str, hint: str) -> Refusal:
    return Refusal(reason, hint, " ".join(filter(None, ("a data set that can be read.", reason, hint))).rstrip("."))


def _there(base: Path, name: str) -> bool:
    try:
        return bool(name) and (base / name).exists()
    except (OSError, ValueError):  # a name too long for any file
        return False
