"""The cache holds whole, verified files; whatever else lies there is put aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from filelock import FileLock
from platformdirs import user_cache_path

from bench.catalog.datasets import cache, npz
from bench.catalog.datasets.arrays import Arrays, sha256
from bench.core.errors import DataError

if TYPE_CHECKING:
    import io
    from pathlib import Path


@pytest.fixture
def place(arrays: Arrays) -> Path:
    path = cache.file_of("tiny", sha256(arrays))
    path.parent.mkdir()
    return path


def test_the_cache_is_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """BENCH_CACHE names it; without it, it is the platform's place."""
    assert tmp_path / "cache" == cache.cache_dir()
    monkeypatch.delenv("BENCH_CACHE")
    assert user_cache_path("keras-bench", appauthor=False) == cache.cache_dir()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mnist", "mnist-0123456789ab.npz"),
        ("my data/é", "my_data_é-0123456789ab.npz"),
        ("..", "dataset-0123456789ab.npz"),
    ],
)
def test_no_name_leads_out_of_the_cache(name: str, expected: str) -> None:
    """Names become plain file names."""
    path = cache.file_of(name, "0123456789abcdef")
    assert expected == path.name
    assert cache.cache_dir() == path.parent


def test_what_is_written_can_be_loaded(place: Path, arrays: Arrays) -> None:
    """The file is there, verified, and nothing is left beside it."""
    cache.write(place, arrays, sha256(arrays), "made up")
    assert sha256(arrays) == sha256(cache.load(place, sha256(arrays)))
    assert [place.name] == [path.name for path in place.parent.iterdir()]


def test_a_part_left_by_a_killed_process_is_overwritten(place: Path, arrays: Arrays) -> None:
    """A writer that died leaves no trace once the next one has written."""
    (place.parent / f"{place.name}.part").write_bytes(b"half")
    cache.write(place, arrays, sha256(arrays), "made up")
    assert [place.name] == [path.name for path in place.parent.iterdir()]


def test_load_fails_closed_on_another_hash(place: Path, arrays: Arrays, other_arrays: Arrays) -> None:
    """Good arrays that are not the expected ones are never returned."""
    cache.write(place, other_arrays, sha256(other_arrays), "made up")
    with pytest.raises(DataError, match=rf"SHA-256 {sha256(other_arrays)[:12]}\.\.\., expected {sha256(arrays)[:12]}"):
        cache.load(place, sha256(arrays))


@pytest.mark.parametrize("dtype", ["U3", "i8", "M8[s]"])
def test_load_refuses_arrays_of_another_form(place: Path, arrays: Arrays, dtype: str) -> None:
    """A file that holds something else altogether is a data error, not a crash."""
    np.savez(place, **dict.fromkeys(npz.KEYS, np.zeros(2, dtype)))
    with pytest.raises(DataError, match="arrays of another form"):
        cache.load(place, sha256(arrays))


def test_a_full_disk_leaves_nothing_behind(place: Path, arrays: Arrays, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails half-way gives a data error and no file."""

    def full(file: io.BufferedWriter, *_: object) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(npz, "write", full)
    with pytest.raises(DataError, match="cannot be written: No space left on device") as caught:
        cache.write(place, arrays, sha256(arrays), "made up")
    assert "BENCH_CACHE" in caught.value.hint
    assert [] == [path.name for path in place.parent.iterdir()]


def test_a_write_that_does_not_read_back_is_not_kept(
    place: Path, arrays: Arrays, other_arrays: Arrays, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written is verified before it gets its name."""
    good = npz.write
    monkeypatch.setattr(npz, "write", lambda file, _, source: good(file, other_arrays, source))
    with pytest.raises(DataError, match="expected"):
        cache.write(place, arrays, sha256(arrays), "made up")
    assert [] == [path.name for path in place.parent.iterdir()]


def test_a_lock_is_waited_for(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes second is told that it waits, and is refused when it takes too long."""
    monkeypatch.setattr(cache, "LOCK_TIMEOUT_S", 0.05)
    told = []
    with (
        FileLock(f"{place}.lock"),
        pytest.raises(DataError, match="Another process has been fetching tiny-"),
        cache.locked(place, lambda: told.append("waiting")),
    ):
        pass
    assert ["waiting"] == told


def test_a_lock_is_let_go_of(place: Path) -> None:
    """After an error inside, the next one gets the lock at once."""
    with pytest.raises(KeyError), cache.locked(place, pytest.fail):
        raise KeyError
    with cache.locked(place, pytest.fail):
        pass


def test_a_cache_that_cannot_be_made_is_a_data_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint names the variable that moves it."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "file" / "cache"))
    with (
        pytest.raises(DataError, match=r"The cache .* cannot be written") as caught,
        cache.locked(cache.file_of("tiny", "0" * 64), pytest.fail),
    ):
        pass
    assert "BENCH_CACHE" in caught.value.hint


def test_quarantine_keeps_the_evidence(place: Path) -> None:
    """A bad file is moved where nothing reads it, under its name and the time."""
    place.write_bytes(b"bad")
    moved = cache.quarantine(place)
    assert not place.exists()
    assert b"bad" == moved.read_bytes()
    assert place.parent / "quarantine" == moved.parent
    assert moved.name.startswith("tiny-2")


def test_a_file_that_cannot_be_put_aside_is_a_data_error(place: Path) -> None:
    """The user is told to delete it."""
    with pytest.raises(DataError, match="cannot be put aside"):
        cache.quarantine(place)
