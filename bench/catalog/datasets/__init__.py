"""What can be trained on: data sets by name, by path or by function, each verified by the hash of its arrays.

`obtain` turns what a suite says into a verified file, `load` reads that file in a trial. Functions that a user names
run in a worker process: `from_loader` calls one there, `store` puts its arrays beside the others.

    >>> from pathlib import Path
    >>> from bench.catalog.datasets import load, obtain
    >>> digits = obtain("digits", base=Path())
    >>> load(digits.path, digits.sha256).x_train.shape
    (1437, 8, 8, 1)
"""

from bench.catalog.datasets.arrays import Arrays, checked, sha256
from bench.catalog.datasets.cache import load
from bench.catalog.datasets.catalog import DATASETS, DatasetSpec, names
from bench.catalog.datasets.declared import DatasetTable, named, problems
from bench.catalog.datasets.facts import DataFacts, InputFacts, differing, is_picture
from bench.catalog.datasets.loaders import entry_point_datasets, from_loader
from bench.catalog.datasets.obtained import Obtained, at_hand, from_table, obtain, store, store_read
from bench.catalog.datasets.offer import Progress
from bench.catalog.datasets.overview import Availability, availability
from bench.catalog.datasets.preparation import Preparation, Read, Split
from bench.catalog.datasets.reference import is_loader, is_path
from bench.catalog.datasets.refusals import Refusal, refusal
from bench.catalog.datasets.tasks import look_measured
from bench.core.cache import cache_dir

__all__ = [
    "DATASETS",
    "Arrays",
    "Availability",
    "DataFacts",
    "DatasetSpec",
    "DatasetTable",
    "InputFacts",
    "Obtained",
    "Preparation",
    "Progress",
    "Read",
    "Refusal",
    "Split",
    "at_hand",
    "availability",
    "cache_dir",
    "checked",
    "differing",
    "entry_point_datasets",
    "from_loader",
    "from_table",
    "is_loader",
    "is_path",
    "is_picture",
    "load",
    "look_measured",
    "named",
    "names",
    "obtain",
    "problems",
    "refusal",
    "sha256",
    "store",
    "store_read",
]
