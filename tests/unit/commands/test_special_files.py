"""A pipe, a device or a folder in the place of a file is refused by every reader, and none waits for it."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from commandline import bench
from PIL import Image

from bench.catalog.datasets import idx, npz
from bench.catalog.datasets.declared import DatasetTable
from bench.catalog.datasets.read.declared import read
from bench.core.errors import DataError
from bench.core.files import check_file, open_file

PATIENCE_S = 60


@pytest.fixture(autouse=True)
def _never_for_ever() -> Iterator[None]:
    """A reader that waits is interrupted."""
    signal.alarm(PATIENCE_S)
    yield
    signal.alarm(0)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def listener(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


KINDS = [(pipe, "pipe"), (device, "device"), (listener, "socket")]
WORDS = {
    "suite": ("plan", "mine.toml"),
    "run": ("show", "run.json"),
    "report": ("report", "run.json"),
    "import": ("import", "run.json"),
    "baseline": ("check", "run.json", "--baseline", "base.json"),
    "compared": ("compare", "a.json", "b.json"),
}


@pytest.mark.parametrize(("make", "kind"), KINDS[:2])
@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_a_command_says_what_stands_there(
    words: tuple[str, ...], make: Callable[[Path], None], kind: str, tmp_path: Path
) -> None:
    """In a sentence, with exit 2."""
    for name in ("mine.toml", "run.json", "base.json", "a.json", "b.json"):
        make(tmp_path / name)
    ended = bench(*words)
    assert (2, "") == (ended.returncode, ended.stdout)
    assert f"cannot be read: it is a {kind}, and not a file." in ended.stderr


@pytest.mark.parametrize(("make", "kind"), KINDS)
def test_only_files_are_opened(make: Callable[[Path], None], kind: str, tmp_path: Path) -> None:
    """Whether by us or by a library that gets the path."""
    make(tmp_path / "there")
    for door in (open_file, check_file):
        with pytest.raises(OSError, match=f"it is a {kind}, and not a file"):
            door(tmp_path / "there")


def test_a_link_to_a_file_is_a_file(tmp_path: Path) -> None:
    """However many links lead there; one that leads nowhere is no file."""
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "first").symlink_to("file")
    (tmp_path / "second").symlink_to(tmp_path / "first")
    with open_file(tmp_path / "second") as file:
        assert file.read() == b"content"
    (tmp_path / "nowhere").symlink_to("gone")
    with pytest.raises(FileNotFoundError):
        check_file(tmp_path / "nowhere")
    with pytest.raises(IsADirectoryError):
        open_file(tmp_path)
    (tmp_path / "round").symlink_to("round")
    with pytest.raises(OSError, match=r"[Ss]ymbolic links"):
        open_file(tmp_path / "round")


TABLES = {
    "data.csv": {"path": "data.csv", "target": "y", "test_split": 0.5},
    "data.parquet": {"path": "data.parquet", "target": "y", "test_split": 0.5},
    "data.npz": {"path": "data.npz"},
    "data.npy": {"path": "data.npy", "target": "y.npy", "test_split": 0.5},
    "train-images-idx3-ubyte": {"path": "."},
    "a/1.png": {"path": ".", "test_split": 0.5},
}


@pytest.mark.parametrize(("make", "kind"), KINDS[:2])
@pytest.mark.parametrize("name", TABLES)
def test_data_is_read_from_files(name: str, make: Callable[[Path], None], kind: str, tmp_path: Path) -> None:
    """Tables, arrays, IDX files and pictures."""
    for file in ("train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
        if name.startswith("train"):
            make(tmp_path / file)
    for part in ("a", "b"):
        if name.startswith("a/"):
            (tmp_path / part).mkdir()
            Image.fromarray(np.zeros((2, 2), np.uint8)).save(tmp_path / part / "2.png")
    np.save(tmp_path / "y.npy", np.arange(4))
    make(tmp_path / name)
    with pytest.raises(DataError, match=f"cannot be read(?: as a picture)?: it is a {kind}, and not a file"):
        read(DatasetTable.model_validate(TABLES[name]), tmp_path)


def test_data_behind_a_link_is_what_the_link_is_called(tmp_path: Path) -> None:
    """Tools that keep data by its hash leave links to files whose names say nothing."""
    (tmp_path / "5feceb66").write_text("a,y\n" + "1,2\n3,4\n" * 4)
    (tmp_path / "data.csv").symlink_to("5feceb66")
    found = read(DatasetTable.model_validate(TABLES["data.csv"] | {"task": "regression"}), tmp_path)
    assert len(found.arrays.x_train) == 4


def test_an_archive_of_the_cache_is_a_file(tmp_path: Path) -> None:
    """Where nothing is declared, too."""
    pipe(tmp_path / "digits.npz")
    with pytest.raises(DataError, match="it is a pipe"):
        npz.read(tmp_path / "digits.npz")
    pipe(tmp_path / "train-images-idx3-ubyte")
    assert idx.is_folder(tmp_path)


def test_standard_input_that_is_a_file_is_read(tmp_path: Path) -> None:
    """`bench plan /dev/stdin < mine.toml`: a link that leads to a file."""
    (tmp_path / "mine.toml").write_text("[suite]\n")
    standard = os.open(tmp_path / "mine.toml", os.O_RDONLY)
    try:
        with open_file(Path(f"/dev/fd/{standard}")) as file:
            assert file.read() == b"[suite]\n"
    finally:
        os.close(standard)
