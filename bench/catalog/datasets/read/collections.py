"""Data sets of other libraries' collections: scikit-learn's own, OpenML's and Hugging Face's. In a worker process."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.catalog.datasets.loaders import worded
from bench.catalog.datasets.parts import Part
from bench.catalog.datasets.read.images import decoded, has_colours, pixels
from bench.core.errors import DataError
from bench.core.target import Task

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import ModuleType
    from typing import Literal

    from numpy.typing import NDArray
    from PIL import Image

    from bench.catalog.datasets.declared import DatasetTable


def sklearn_part(name: str) -> tuple[Part, Task]:
    """A data set that scikit-learn ships, which is one part.

    Args:
        name: as in `sklearn.datasets.load_NAME`.

    Raises:
        DataError: scikit-learn is not installed.
    """
    library = _library("sklearn.datasets", "scikit-learn", "sklearn", f"sklearn:{name}")
    bunch = getattr(library, f"load_{name}")()
    classes = "target_names" in bunch and name != "diabetes"
    pictures = bunch.get("images")
    part = Part(
        x=bunch.data if pictures is None else pictures,
        y=bunch.target,
        features=() if pictures is not None else tuple(map(str, bunch.feature_names)),
        names=tuple(map(str, bunch.target_names)) if classes else ("target",),
    )
    return part, Task.CLASSES if classes else Task.REGRESSION


def openml_frame(name: str) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """A table of OpenML, fetched by scikit-learn into its own cache, and the columns that OpenML calls its targets.

    Args:
        name: of the data set, the active version; `NAME:VERSION` names another.

    Raises:
        DataError: scikit-learn is not installed, or the table cannot be fetched.
    """
    library = _library("sklearn.datasets", "scikit-learn", "sklearn", f"openml:{name}")
    title, _, version = name.partition(":")
    try:
        bunch = library.fetch_openml(
            name=title, version=int(version) if version.isdigit() else "active", as_frame=True, parser="pandas"
        )
    except Exception as error:
        raise DataError(
            f"openml:{name} cannot be fetched: {worded(error)}.",
            hint="Check the name at openml.org, and that this machine reaches it.",
        ) from error
    targets = bunch.target.columns if isinstance(bunch.target, pd.DataFrame) else [bunch.target.name]
    return bunch.frame.reset_index(drop=True), tuple(map(str, targets))


def huggingface_frames(name: str | None, path: Path | None, table: DatasetTable) -> dict[str, pd.DataFrame]:
    """The splits of a data set of Hugging Face by name, as tables.

    Args:
        name: `owner/name` of the hub; None for a folder.
        path: a folder that `save_to_disk` wrote; None for the hub.
        table: as declared.

    Raises:
        DataError: the library is not installed, or the data set cannot be had.
    """
    reference = f"hf:{name}" if name else str(path)
    library = _library("datasets", "datasets", "huggingface", reference)
    try:
        loaded = library.load_dataset(name) if name else library.load_from_disk(str(path))
    except Exception as error:
        raise DataError(
            f"{reference} cannot be loaded: {worded(error)}.",
            hint="Check the name at huggingface.co/datasets, and that this machine reaches it.",
        ) from error
    splits = loaded if isinstance(loaded, dict) else {"train": loaded}
    return {split: _frame(rows, table) for split, rows in splits.items()}


def _frame(rows: Any, table: DatasetTable) -> pd.DataFrame:  # noqa: ANN401  a Dataset of the library
    """One split as a table; labels as their names."""
    frame: pd.DataFrame = rows.to_pandas()
    for column, feature in rows.features.items():
        names = getattr(feature, "names", None)
        if names and column in (table.target or ("label",)):
            frame[column] = np.array(names)[frame[column].to_numpy()]
    return frame


def is_pictures(column: pd.Series[Any]) -> bool:
    """Whether a column holds pictures as Hugging Face keeps them: `{bytes, path}`."""
    return len(column) > 0 and isinstance(column.iloc[0], dict) and "bytes" in column.iloc[0]


def pictures(
    columns: Sequence[pd.Series[Any]], size: tuple[int, int] | None, colour: Literal["grey", "rgb"] | None, where: str
) -> list[NDArray[np.uint8]]:
    """(n, height, width, 1 or 3) uint8 of a column of pictures in each part; grey where all are, unless said.

    Raises:
        DataError: one of them cannot be read, or the sizes differ and none is said.
    """
    parts = [[_picture(value, row, where) for row, value in enumerate(column)] for column in columns]
    every = [picture for part in parts for picture in part]
    grey = colour == "grey" or (colour is None and not any(has_colours(picture) for picture in every))
    if size is None and len({picture.size for picture in every}) > 1:
        raise DataError(
            f"{where}: the pictures have different sizes.", hint="Say the height and width of all: size = [32, 32]."
        )
    width, height = (size[1], size[0]) if size else every[0].size
    return [np.stack([pixels(picture, (height, width), grey=grey) for picture in part]) for part in parts]


def _picture(value: Any, row: int, where: str) -> Image.Image:  # noqa: ANN401  what a cell holds
    try:
        return decoded(value["bytes"])
    except (OSError, ValueError, SyntaxError, TypeError) as error:
        raise DataError(
            f"{where}: the picture in row {row + 1} cannot be read: {error}.", hint="Leave that row out."
        ) from error


def _library(module: str, package: str, extra: str, reference: str) -> ModuleType:
    if importlib.util.find_spec(module.partition(".")[0]) is None:
        raise DataError(
            f"{reference} is read by the package {package}, which is not installed.",
            hint=f"pip install 'keras-bench[{extra}]'",
        )
    return importlib.import_module(module)
