"""IDX is decoded strictly: exactly one array of unsigned bytes, or a reason."""

from __future__ import annotations

import gzip
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from bench.catalog.datasets import idx
from bench.catalog.datasets.arrays import sha256
from bench.core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from bench.catalog.datasets.arrays import Arrays


def encoded(array: np.ndarray[Any, Any]) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


unhurried = settings(deadline=None)  # a shared machine may be slow at any moment
uint8_arrays = npst.arrays(np.uint8, npst.array_shapes(min_dims=1, max_dims=4, max_side=6))


@unhurried
@given(array=uint8_arrays, zipped=st.booleans())
def test_decoding_undoes_encoding(*, array: np.ndarray[Any, Any], zipped: bool) -> None:
    """Any array of bytes comes back as it was, plain or gzipped."""
    data = gzip.compress(encoded(array)) if zipped else encoded(array)
    decoded = idx.decode(data, "file")
    assert array.shape == decoded.shape
    assert array.tobytes() == decoded.tobytes()


@unhurried
@given(uint8_arrays, st.data())
def test_every_truncation_is_refused(array: np.ndarray[Any, Any], data: st.DataObject) -> None:
    """A file cut off anywhere is refused, never padded."""
    whole = encoded(array)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(DataError):
        idx.decode(whole[:cut], "file")


@unhurried
@given(uint8_arrays, st.data())
def test_every_truncation_of_a_gzip_file_is_refused(array: np.ndarray[Any, Any], data: st.DataObject) -> None:
    """A gzip file cut off anywhere is refused, in its checksum as well."""
    whole = gzip.compress(encoded(array))
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(DataError):
        idx.decode(whole[:cut], "file")


@unhurried
@given(uint8_arrays, st.binary(min_size=1, max_size=9))
def test_trailing_bytes_are_refused(array: np.ndarray[Any, Any], extra: bytes) -> None:
    """Bytes after the announced elements mean that this is not the file it should be."""
    with pytest.raises(DataError, match="elements but holds"):
        idx.decode(encoded(array) + extra, "file")


@unhurried
@given(st.binary(max_size=64))
def test_no_bytes_surprise_the_decoder(data: bytes) -> None:
    """Whatever the bytes are, the outcome is an array or a DataError."""
    with suppress(DataError):
        assert np.uint8 == idx.decode(data, "file").dtype


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "file starts with nothing"),
        (b"<htm", "file starts with 3c 68 74 6d; an IDX file starts with two zero bytes"),
        (b"\0\0\x0d\x01", "elements of type float32; only uint8"),
        (b"\0\0\x63\x01", "elements of type 0x63, which IDX does not know"),
        (b"\0\0\x08\x00", "ends within its header: 4 bytes, 0 dimensions"),
        (b"\0\0\x08\x02\0\0\0\1", "ends within its header: 8 bytes, 2 dimensions"),
        (b"\0\0\x08\x01\0\0\0\3ab", "announces 3 = 3 elements but holds 2"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "4294967295 x 4294967295 x 4294967295"),
        (b"\x1f\x8bnot gzip", "not a whole gzip file"),
    ],
)
def test_a_refusal_says_what_is_wrong(data: bytes, expected: str) -> None:
    """The message names the file and the first thing that is not as it should be."""
    with pytest.raises(DataError) as caught:
        idx.decode(data, "file")
    assert expected in caught.value.message


@pytest.mark.parametrize("separator", ["-", "."])
@pytest.mark.parametrize("gz", [False, True])
def test_a_folder_is_read_by_its_usual_names(
    *,
    tmp_path: Path,
    arrays: Arrays,
    write_idx: Callable[..., Path],
    separator: str,
    gz: bool,
) -> None:
    """Both separators, plain and gzipped."""
    write_idx(tmp_path, arrays, separator=separator, gz=gz)
    assert sha256(arrays) == sha256(idx.read_folder(tmp_path))


def test_a_plain_file_is_chosen_over_its_gzipped_twin() -> None:
    """Reading the plain file is faster."""
    names = ["train-images-idx3-ubyte.gz", "train-images-idx3-ubyte", "readme.md", "train-images-idx3-ubyte.bak"]
    assert {("train", "images"): "train-images-idx3-ubyte"} == idx.chosen(names)
    assert idx.chosen(names) == idx.chosen(reversed(names))


def test_missing_files_are_named(tmp_path: Path, arrays: Arrays, write_idx: Callable[..., Path]) -> None:
    """An incomplete folder is refused with the parts it lacks."""
    write_idx(tmp_path, arrays)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    (tmp_path / "train-images-idx3-ubyte").unlink()
    with pytest.raises(DataError, match="no IDX file for train-images, t10k-labels"):
        idx.read_folder(tmp_path)


def test_files_that_do_not_fit_together_are_refused(
    tmp_path: Path, arrays: Arrays, write_idx: Callable[..., Path]
) -> None:
    """Labels of another split are noticed by their number."""
    write_idx(tmp_path, arrays)
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(encoded(arrays.y_train))
    with pytest.raises(DataError, match="x_test holds 6 examples and y_test 12 targets"):
        idx.read_folder(tmp_path)


def test_a_folder_that_cannot_be_read_is_a_data_error(tmp_path: Path) -> None:
    """The system's own words are kept."""
    with pytest.raises(DataError, match="cannot be read: No such file or directory"):
        idx.read_folder(tmp_path / "absent")


def test_a_folder_counts_only_if_it_holds_idx_files(
    tmp_path: Path, arrays: Arrays, write_idx: Callable[..., Path]
) -> None:
    """Any IDX name will do: an incomplete folder is better refused than overlooked."""
    assert not idx.is_folder(tmp_path)
    assert not idx.is_folder(tmp_path / "absent")
    write_idx(tmp_path, arrays)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    assert idx.is_folder(tmp_path)
