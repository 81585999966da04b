"""What a suite may write for a data set: a name, a path, or a loader function."""

from __future__ import annotations

import os
import re
from pathlib import PurePath

from bench.catalog.datasets.unread import SUFFIXES

_LOADER = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*(\.[^\W\d]\w*)*")

COLLECTIONS = ("sklearn:", "openml:", "hf:")
"""What the names of data sets in the collections of other libraries start with."""


def is_path(reference: str) -> bool:
    """Whether a reference is a path.

    It has a separator in it, starts with `.`, or ends like a file of data: `.npz`, which is read, or `.csv` and others,
    which are not.
    """
    if reference.startswith(COLLECTIONS):
        return False
    return (
        "/" in reference
        or os.sep in reference
        or reference.startswith(".")
        or PurePath(reference).suffix.lower() in {".npz", *SUFFIXES}
    )


def is_loader(reference: str) -> bool:
    """Whether a reference is a function to call, `package.module:function`."""
    return not reference.startswith(COLLECTIONS) and _LOADER.fullmatch(reference) is not None
