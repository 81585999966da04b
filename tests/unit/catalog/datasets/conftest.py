"""Small made-up data sets, and a machine on which none of the real places exists."""

from __future__ import annotations

import gzip
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bench.catalog.datasets import catalog, keras_source, sources
from bench.catalog.datasets.arrays import Arrays, checked, sha256
from bench.catalog.datasets.catalog import DatasetSpec, NpmPackage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

IDX_NAMES = {
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}


def _idx_bytes(array: np.ndarray[Any, Any]) -> bytes:
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


def _write_idx(folder: Path, arrays: Arrays, *, separator: str = "-", gz: bool = False) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for key, usual in IDX_NAMES.items():
        array = getattr(arrays, key)
        data = _idx_bytes(array[..., 0] if array.ndim == 4 else array)
        name = usual.replace("-idx", f"{separator}idx") + (".gz" if gz else "")
        (folder / name).write_bytes(gzip.compress(data) if gz else data)
    return folder


def _write_npz(path: Path, arrays: Arrays) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, x_train=arrays.x_train, y_train=arrays.y_train, x_test=arrays.x_test, y_test=arrays.y_test)
    return path


def _made_up(seed: int = 0) -> Arrays:
    random = np.random.default_rng(seed)
    return checked(
        random.integers(0, 256, (12, 5, 4), dtype=np.uint8),
        np.arange(12) % 3,
        random.integers(0, 256, (6, 5, 4), dtype=np.uint8),
        np.arange(6) % 3,
        where="made up",
    )


@pytest.fixture
def arrays() -> Arrays:
    return _made_up()


@pytest.fixture
def other_arrays() -> Arrays:
    return _made_up(seed=1)


@pytest.fixture
def write_idx() -> Callable[..., Path]:
    """Writes arrays as a folder of IDX files and returns it: `write_idx(folder, arrays, separator="-", gz=False)`."""
    return _write_idx


@pytest.fixture
def write_npz() -> Callable[..., Path]:
    """Writes arrays as an `.npz` and returns its path: `write_npz(path, arrays)`."""
    return _write_npz


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Where the suite file would lie."""
    folder = tmp_path / "suite"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of the test's own, nothing in any other place, no npm, and a Keras that has no network."""
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("BENCH_DATA", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sources, "SYSTEM_ROOT", tmp_path / "system")
    for script in ("SCRIPT", "PROBE"):
        monkeypatch.setattr(keras_source, script, "raise OSError('no network')")


@pytest.fixture
def shapes(arrays: Arrays, monkeypatch: pytest.MonkeyPatch) -> DatasetSpec:
    """A catalog of one data set, `tiny_shapes`, pinned to the made-up arrays."""
    spec = DatasetSpec(
        name="tiny_shapes",
        title="Tiny shapes",
        classes=("circle", "square", "triangle"),
        sha256=sha256(arrays),
        keras_module="tiny_shapes",
        keras_file="tiny.npz",
        npm=NpmPackage(name="tiny-shapes", version="1.0.0", folder="package/data", packed_bytes=1000),
        debian="dataset-tiny-shapes",
    )
    monkeypatch.setattr(catalog, "DATASETS", {spec.name: spec})
    monkeypatch.setattr("bench.catalog.datasets.obtained.DATASETS", {spec.name: spec})
    monkeypatch.setattr("bench.catalog.datasets.overview.DATASETS", {spec.name: spec})
    return spec
