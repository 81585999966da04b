"""Folders of pictures, a subfolder for each class, of the formats that people have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from bench.catalog.datasets import DatasetTable, Split, from_table, obtain
from bench.core.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from bench.catalog.datasets import Read

FORMATS = ("png", "jpg", "gif", "bmp")


def picture(path: Path, value: int, *, mode: str = "L", size: tuple[int, int] = (6, 4)) -> None:
    """A picture of one grey, 6 wide and 4 high."""
    path.parent.mkdir(parents=True, exist_ok=True)
    colour = value if mode in {"L", "I;16"} else tuple([value] * len(mode))
    Image.new(mode, size, colour).save(path)


@pytest.fixture
def folder(base: Path) -> Path:
    """Five pictures of each of two classes, and what systems leave lying about."""
    for number in range(5):
        for value, name in ((10, "cat"), (200, "dog")):
            picture(base / "pets" / name / f"{number}.{FORMATS[number % 4]}", value + number)
    (base / "pets" / ".hidden").mkdir()
    (base / "pets" / "cat" / "Thumbs.db").write_bytes(b"nothing")
    return base / "pets"


def read(base: Path, **keys: Any) -> Read:
    return from_table(DatasetTable(path="pets", **keys), base)


def test_a_folder_of_classes_is_split(folder: Path, base: Path) -> None:
    """Grey pictures of one size; each class has its share in the test part; the folders are the classes."""
    arrays, preparation = read(base, test_split=0.4)
    assert ((4, 6, 1), "|u1", ("cat", "dog")) == (arrays.input_shape, arrays.x_train.dtype.str, arrays.target.names)
    assert ([3, 3], [2, 2]) == (np.bincount(arrays.y_train).tolist(), np.bincount(arrays.y_test).tolist())
    assert (Split.FRACTION, True) == (preparation.split, preparation.stratified)
    assert ((arrays.x_train.mean(axis=(1, 2, 3)) > 100) == arrays.y_train).all()


def test_folders_train_and_test_are_the_parts(folder: Path, base: Path) -> None:
    """They need no table, and neither does a class that one part lacks."""
    for part in ("train", "test"):
        (base / "parts" / part).mkdir(parents=True)
    (folder / "cat").rename(base / "parts" / "train" / "cat")
    (folder / "dog").rename(base / "parts" / "train" / "dog")
    picture(base / "parts" / "test" / "dog" / "a.png", 7)
    data = obtain("./parts", base=base)
    assert ("parts", 10, 1, (4, 6, 1), True) == (
        data.name, data.train_images, data.test_images, data.input_shape, data.facts.picture
    )  # fmt: skip
    assert (("cat", "dog"), [1]) == (data.target.names, data.y_test.tolist())


def test_a_second_folder_may_be_the_test_part(folder: Path, base: Path) -> None:
    """With the same subfolders."""
    picture(base / "more" / "cat" / "a.png", 1)
    arrays, preparation = read(base, test_path="more")
    assert (10, 1, Split.PATH) == (len(arrays.x_train), len(arrays.x_test), preparation.split)


def test_sizes_and_colours_are_brought_together(folder: Path, base: Path) -> None:
    """`size` is height and width; a single picture with colours gives all three channels, and `grey` takes them."""
    picture(folder / "cat" / "large.png", 3, mode="RGB", size=(60, 40))
    with pytest.raises(DataError, match="2 different sizes among 11 pictures") as caught:
        read(base, test_split=0.4)
    assert "size = [4, 6]" in caught.value.hint
    assert (3, 5, 3) == read(base, test_split=0.4, size=(3, 5)).arrays.input_shape
    assert (3, 5, 1) == read(base, test_split=0.4, size=(3, 5), colour="grey").arrays.input_shape
    assert (4, 6, 3) == read(base, test_split=0.4, size=(4, 6), colour="rgb").arrays.input_shape


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("bad.png", b"\x89PNG\r\n\x1a\nnothing", "bad.png cannot be read as a picture"),
        ("bad.jpg", b"<html>", "bad.jpg cannot be read as a picture: its format is not a known picture format."),
        ("cut.bmp", None, "cut.bmp cannot be read as a picture"),
    ],
)
def test_a_corrupt_file_is_named(folder: Path, base: Path, name: str, content: bytes | None, message: str) -> None:
    """Whatever is wrong with it, header or pixels."""
    path = folder / "cat" / name
    if content is None:
        picture(path, 1)
        content = path.read_bytes()[:-20]
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read(base, test_split=0.4)
    assert message in caught.value.message
    assert "Delete or replace this file." == caught.value.hint


def test_deep_pictures_are_refused(folder: Path, base: Path) -> None:
    """Sixteen bits would be cut to eight without a word."""
    picture(folder / "cat" / "deep.png", 3000, mode="I;16")
    with pytest.raises(DataError, match=r"deep\.png has more than 8 bits per pixel"):
        read(base, test_split=0.4)


def test_a_folder_without_parts_or_classes_is_refused(folder: Path, base: Path) -> None:
    """Each with what to type or to do."""
    with pytest.raises(DataError, match="no folders train and test, so it is one part") as caught:
        read(base)
    assert "test_split = 0.2" in caught.value.hint
    (base / "empty").mkdir()
    with pytest.raises(DataError, match=r"no subfolder with pictures \(BMP, GIF, JPG, PNG\) in it"):
        from_table(DatasetTable(path="empty", test_split=0.5), base)


def test_pictures_of_transparency_alone_are_refused(base: Path) -> None:
    """Icons in black on nothing are all black once they have no transparency; one grey differs, and all is read."""
    for name in ("cat", "dog"):
        for number in range(4):
            (base / "pets" / name).mkdir(parents=True, exist_ok=True)
            Image.new("RGBA", (6, 4), (0, 0, 0, number)).save(base / "pets" / name / f"{number}.png")
    with pytest.raises(DataError, match="every pixel of every picture is 0, once transparency is left out") as caught:
        read(base, test_split=0.25)
    assert "alpha_composite" in caught.value.hint
    picture(base / "pets" / "cat" / "0.png", 9)
    assert 8 == sum(
        len(x) for x in (read(base, test_split=0.25).arrays.x_train, read(base, test_split=0.25).arrays.x_test)
    )
