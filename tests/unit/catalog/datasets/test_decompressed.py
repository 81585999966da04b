"""No small file fills the memory: what it grows to is announced, bounded, and exactly that."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from bench.catalog.datasets import idx, npz
from bench.catalog.datasets.read import archives, images
from bench.catalog.datasets.read.files import column_names, read_columns
from bench.core.decompress import inflate, most
from bench.core.errors import BenchError, DataError

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = "BENCH_MAX_DECOMPRESSED"


def idx_file(*shape: int, held: int | None = None) -> bytes:
    """An IDX file of zeros, with as many elements as its header announces, or with others."""
    size = int(np.prod(shape)) if held is None else held
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape) + bytes(size)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzipped"])
def test_more_dimensions_than_an_array_has_are_refused(pack) -> None:
    """65 of them are no array of NumPy's, and 255 fit into the header."""
    for dimensions in (33, 65, 255):
        with pytest.raises(DataError, match=f"has {dimensions} dimensions; at most 32 are read"):
            idx.decode(pack(idx_file(*[1] * dimensions)), "a")


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzipped"])
def test_more_or_less_than_announced_is_refused(pack) -> None:
    """And exactly that is read."""
    assert idx.decode(pack(idx_file(3, 4)), "a").shape == (3, 4)
    for held in (11, 13):
        with pytest.raises(DataError, match="announces 3 x 4 = 12 elements but holds"):
            idx.decode(pack(idx_file(3, 4, held=held)), "a")
    with pytest.raises(DataError, match="holds no element: 0 x 4294967295"):
        idx.decode(pack(idx_file(0, 2**32 - 1, held=0)), "a")


def test_a_gzipped_file_grows_to_the_limit_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """A header that announces more is refused before anything is decompressed, and the limit can be raised."""
    monkeypatch.setenv(LIMIT, "1 MiB")
    small = gzip.compress(idx_file(2_000_000))
    with pytest.raises(DataError, match="2,000,000 elements, more than the 1,048,576") as caught:
        idx.decode(small, "a")
    assert caught.value.hint == "If you trust the file and the memory is there: BENCH_MAX_DECOMPRESSED='1 GiB'."
    monkeypatch.setenv(LIMIT, "2e6")
    with pytest.raises(BenchError, match="is not a size"):
        idx.decode(small, "a")
    monkeypatch.setenv(LIMIT, "2 MB")
    assert idx.decode(small, "a").shape == (2_000_000,)


def test_what_shrinks_as_data_does_is_read_whatever_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty times a file's own size is always allowed: the limit is for bombs."""
    monkeypatch.setenv(LIMIT, "1")
    pictures = np.random.default_rng(0).integers(0, 4, (50, 8, 8), dtype=np.uint8)
    assert idx.decode(gzip.compress(idx_file(50, 8, 8, held=0) + pictures.tobytes()), "a").shape == (50, 8, 8)
    assert most(1_000) == 50_000


def npz_file(path: Path, **members: bytes) -> Path:
    """An archive of these files, compressed."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return path


def npy_file(shape: tuple[int, ...], held: int) -> bytes:
    """An array of bytes that announces a shape and holds so many."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return file.getvalue() + bytes(held)


def test_a_member_that_is_no_array_is_refused(tmp_path: Path) -> None:
    """NumPy hands out the bytes of what is not called `.npy`."""
    good = npy_file((3,), 3)
    path = npz_file(tmp_path / "a.npz", x_train=b"abc", y_train__npy=good, x_test__npy=good, y_test__npy=good)
    with pytest.raises(DataError, match="x_train is not a NumPy array"):
        npz.read(path)


@pytest.mark.parametrize(("shape", "held"), [((10**12,), 3), ((3,), 4), ((4,), 3), ((-1,), 3), ((1,) * 60, 1)])
def test_an_array_of_another_size_than_announced_is_refused(tmp_path: Path, shape: tuple[int, ...], held: int) -> None:
    """Before any memory is asked for, in an archive and on its own."""
    members = dict.fromkeys(("x_train__npy", "y_train__npy", "x_test__npy", "y_test__npy"), npy_file(shape, held))
    with pytest.raises(DataError, match=r"x_train announces .* of 1 bytes and holds"):
        npz.read(npz_file(tmp_path / "a.npz", **members))
    (tmp_path / "a.npy").write_bytes(npy_file(shape, held))
    with pytest.raises(DataError, match=r"a\.npy announces .* of 1 bytes and holds"):
        archives.read_npy(tmp_path / "a.npy")


def test_an_archive_grows_to_the_limit_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All members together; nothing is decompressed to find out."""
    monkeypatch.setenv(LIMIT, "1 MiB")
    members = dict.fromkeys(("x_train__npy", "y_train__npy"), npy_file((800_000,), 800_000))
    with pytest.raises(DataError, match=r"1,600,256 bytes once it is decompressed, more than the 1,048,576") as caught:
        npz.read(npz_file(tmp_path / "a.npz", **members))
    assert LIMIT in caught.value.hint


def test_pictures_grow_to_the_limit_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture of one colour takes no space in its file."""
    monkeypatch.setenv(LIMIT, "1 MiB")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Image.new("L", (1_000, 700)).save(tmp_path / name / "1.png")
    with pytest.raises(DataError, match=r"2 pictures have 1,400,000 bytes .* has 700 x 1,000 pixels"):
        images.read_folder([tmp_path], None, None)


def test_a_parquet_file_grows_to_the_limit_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column of one value takes no space in its file."""
    monkeypatch.setenv(LIMIT, "1 MiB")
    pd.DataFrame({"x": np.zeros(200_000), "y": np.zeros(200_000)}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(DataError, match="has 3,200,000 bytes once it is decompressed, more than the 1,048,576"):
        read_columns(tmp_path / "a.parquet", ["x", "y"], ())


def test_a_table_has_no_endless_columns(tmp_path: Path) -> None:
    """A file of commas is refused by its header, before pandas makes a column of each."""
    (tmp_path / "a.csv").write_text("," * 20_000 + "\n" + "," * 20_000 + "\n")
    with pytest.raises(DataError, match=r"a\.csv has 20,001 columns; a table has at most 16,384"):
        column_names(tmp_path / "a.csv")


@pytest.mark.parametrize("cut", [0, 5, -1])
def test_a_stream_that_is_not_whole_is_refused(cut: int) -> None:
    """Less than announced, or the end missing."""
    packed = zlib.compress(bytes(100))
    assert inflate(packed, 100) == bytes(100)
    for damaged in (packed[:cut], packed + b"x"):
        with pytest.raises((ValueError, zlib.error)):
            inflate(damaged, 100)
    for size in (0, 99, 101):
        with pytest.raises(ValueError, match=f"other than the announced {size} bytes"):
            inflate(packed, size)
