"""An `.npz` is read with suspicion: four plain arrays, or a reason."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.catalog.datasets import npz
from bench.catalog.datasets.arrays import Arrays, checked, sha256
from bench.core.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path


# Each example overwrites the same file, so one folder serves all; a shared machine may be slow at any moment.
on_disk = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def archive(arrays: Arrays) -> bytes:
    file = io.BytesIO()
    npz.write(file, arrays, "made up")
    return file.getvalue()


def test_what_was_written_is_read(tmp_path: Path, arrays: Arrays) -> None:
    """The arrays and the words about their origin come back."""
    path = tmp_path / "a.npz"
    path.write_bytes(archive(arrays))
    assert sha256(arrays) == sha256(Arrays(**npz.read(path)))
    assert "made up" == npz.read_source(path)


def test_every_form_is_written_and_read(tmp_path: Path) -> None:
    """Several inputs, measured values with names, weights and features come back as they were, without pickles."""
    path = tmp_path / "a.npz"
    arrays = checked(
        {"a": np.arange(4), "b/c": np.ones((4, 2))},
        np.array([[0.5, 1], [2, 3], [4, 5], [6, 7]]),
        {"a": np.arange(2), "b/c": np.ones((2, 2))},
        np.array([[0.5, 1], [2, 3]]),
        where="here",
        w_train=np.arange(4),
        w_test=np.ones(2),
        names=("low", "high"),
        features=("a", "b"),
    )
    path.write_bytes(archive(arrays))
    read = Arrays(**npz.read(path))
    assert sha256(arrays) == sha256(read)
    assert (arrays.target, arrays.features, ["a", "b/c"]) == (read.target, read.features, list(read.x_train))


def test_an_archive_of_an_earlier_version_is_read(tmp_path: Path, arrays: Arrays) -> None:
    """It has four arrays and no note about task and names."""
    parts = {key: getattr(arrays, key) for key in npz.KEYS}
    np.savez(tmp_path / "a.npz", **parts, source=np.array("made up"))
    read = Arrays(**npz.read(tmp_path / "a.npz"))
    assert (sha256(arrays), arrays.target) == (sha256(read), read.target)


def test_a_damaged_note_is_damage(tmp_path: Path, arrays: Arrays) -> None:
    """A note that is no note of ours is not guessed at."""
    parts = {key: getattr(arrays, key) for key in npz.KEYS}
    for number, note in enumerate(("{", "[]", '{"task": "guess", "names": [], "features": []}')):
        np.savez(tmp_path / f"{number}.npz", **parts, about=np.array(note))
        with pytest.raises(DataError, match="is a damaged"):
            npz.read(tmp_path / f"{number}.npz")


def test_an_archive_without_words_about_its_origin(tmp_path: Path) -> None:
    """A foreign or missing archive has no such words, and that is no error."""
    np.savez(tmp_path / "a.npz", x=np.zeros(1))
    assert "" == npz.read_source(tmp_path / "a.npz")
    assert "" == npz.read_source(tmp_path / "absent.npz")


def test_missing_keys_are_named(tmp_path: Path) -> None:
    """The message lists what is missing and what is there."""
    np.savez(tmp_path / "a.npz", x_train=np.zeros(1), labels=np.zeros(1))
    with pytest.raises(DataError, match="lacks y_train, x_test, y_test; it holds x_train, labels"):
        npz.read(tmp_path / "a.npz")


def test_a_bare_array_is_refused(tmp_path: Path) -> None:
    """An `.npy` under the wrong name is recognised as such."""
    np.save(tmp_path / "a.npy", np.zeros(3))
    with pytest.raises(DataError, match="holds one bare array"):
        npz.read(tmp_path / "a.npy")


def test_python_objects_are_never_unpickled(tmp_path: Path) -> None:
    """Arrays of objects are refused, not loaded, in words of the data and not of how NumPy keeps them."""
    np.savez(tmp_path / "a.npz", **dict.fromkeys(npz.KEYS, np.array([{"a": 1}], dtype=object)))
    with pytest.raises(DataError, match=r"a\.npz: x_train is an array of Python objects") as caught:
        npz.read(tmp_path / "a.npz")
    assert "pickle" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(("content", "expected"), [(b"label,pixel0\n1,2\n", "is no .npz file"), (b"", "is empty")])
def test_what_never_was_an_archive_is_not_called_damaged(tmp_path: Path, content: bytes, expected: str) -> None:
    """A table under the name of an archive is no damaged archive."""
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(DataError) as caught:
        npz.read(tmp_path / "a.npz")
    assert expected in caught.value.message
    assert "numpy.savez" in caught.value.hint
    assert not {"pickle", "damaged"} & set(caught.value.message.split())


def test_a_missing_file_is_a_data_error(tmp_path: Path) -> None:
    """The system's own words are kept."""
    with pytest.raises(DataError, match=r"absent\.npz cannot be read: No such file"):
        npz.read(tmp_path / "absent.npz")


@on_disk
@given(cut=st.floats(0, 0.999))
def test_every_truncation_is_refused(tmp_path: Path, arrays: Arrays, cut: float) -> None:
    """An archive cut off anywhere is refused."""
    whole = archive(arrays)
    path = tmp_path / "a.npz"
    path.write_bytes(whole[: int(cut * len(whole))])
    with pytest.raises(DataError):
        npz.read(path)


@on_disk
@given(where=st.floats(0, 0.9999), value=st.integers(1, 255))
def test_a_changed_byte_never_passes_for_the_data(tmp_path: Path, arrays: Arrays, where: float, value: int) -> None:
    """A flipped byte is refused, or hit something that is not part of the data."""
    damaged = bytearray(archive(arrays))
    damaged[int(where * len(damaged))] ^= value
    path = tmp_path / "a.npz"
    path.write_bytes(damaged)
    try:
        read = checked(**npz.read(path), where="damaged")
    except DataError:
        return
    assert sha256(arrays) == sha256(read)
