"""Folders of pictures, a subfolder for each class -> two parts of pictures with their classes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from bench.catalog.datasets.read.folders import SUFFIXES, class_folders
from bench.core import decompress
from bench.core.errors import DataError
from bench.core.files import open_file
from bench.core.formatting import plural

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Literal

    from numpy.typing import NDArray

_PNG = b"\x89PNG\r\n\x1a\n"
_GREY_MODES = frozenset({"1", "L", "LA"})
_COLOUR_MODES = frozenset({"RGB", "RGBA", "P", "PA", "CMYK", "YCbCr", "RGBX", "RGBa"})


class Pictures(NamedTuple):
    """Pictures and their classes.

    Attributes:
        x: (n, height, width, 1 or 3) uint8.
        y: (n,) texts: the names of the folders.
    """

    x: NDArray[np.uint8]
    y: NDArray[np.str_]


def read_folder(
    folders: Sequence[Path], size: tuple[int, int] | None, colour: Literal["grey", "rgb"] | None
) -> list[Pictures]:
    """The pictures of one part or of two, all of one size and with the same channels.

    Grey pictures have one channel; where any picture has colours, all have three. What is transparent loses that.

    Args:
        folders: of each part, with a subfolder for each class.
        size: height and width that every picture is brought to (bilinear); None refuses different sizes.
        colour: what all are converted to; None keeps colours.

    Raises:
        DataError: there are no classes or pictures, a file is no picture, the sizes differ, or all pixels are equal.
    """
    files = [_files(folder) for folder in folders]
    every = [path for part in files for path in part]
    looks = [_look(path) for path in every]
    _check_pixels(every, looks)
    if size is None:
        _check_sizes(every, [look[:2] for look in looks])
    height, width = size or looks[0][:2]
    grey = colour == "grey" or (colour is None and not any(look[2] for look in looks))
    pictures = [_read(part, (height, width), grey=grey) for part in files]
    if all((part.x == pictures[0].x.flat[0]).all() for part in pictures):
        raise DataError(
            f"{folders[0]}: every pixel of every picture is {pictures[0].x.flat[0]}, once transparency is left out.",
            hint="Put transparent pictures on a background: Image.alpha_composite(Image.new('RGBA', picture.size, "
            "'white'), picture).",
        )
    return pictures


def _files(folder: Path) -> list[Path]:
    """The pictures of a part, by class and name."""
    try:
        classes = class_folders(folder)
        files = [path for part in classes for path in sorted(part.iterdir()) if path.suffix.lower() in SUFFIXES]
    except OSError as error:
        raise DataError(
            f"{folder} cannot be read: {error.strerror or error}.", hint="Check its permissions."
        ) from error
    if not files:
        kinds = ", ".join(sorted(suffix[1:].upper() for suffix in SUFFIXES - {".jpeg"}))
        raise DataError(
            f"{folder} has no subfolder with pictures ({kinds}) in it.",
            hint=f"Put the pictures of each class into a folder of its name: {folder}/CLASS/1.png.",
        )
    return files


def _look(path: Path) -> tuple[int, int, bool]:
    """Height, width and whether it may have colours, from a picture's header."""
    try:
        with Image.open(_source(path)) as picture:
            mode, (width, height), coloured = picture.mode, picture.size, has_colours(picture)
            turned = picture.getexif().get(0x0112, 1) in {5, 6, 7, 8}  # the orientation: a quarter turn
    except Exception as error:  # Pillow's decoders raise whatever damaged bytes lead them to
        raise _corrupt(path, error) from error
    if mode not in _GREY_MODES | _COLOUR_MODES:
        raise DataError(
            f"{path} has more than 8 bits per pixel (mode {mode}); pictures of 8 bits are read.",
            hint="Convert it to 8 bits, or read the pictures with a loader of your own.",
        )
    return (width, height, coloured) if turned else (height, width, coloured)


def _source(path: Path) -> Path | io.BytesIO:
    """What a picture is read from: of a PNG the bytes, since Pillow asks a file for as many as any chunk announces."""
    with open_file(path) as file:
        return io.BytesIO(_PNG + file.read()) if file.read(len(_PNG)) == _PNG else path


def _check_pixels(files: Sequence[Path], looks: Sequence[tuple[int, int, bool]]) -> None:
    """Refuse pictures whose pixels fill the memory once they are decompressed."""
    announced = sum(height * width * (3 if coloured else 1) for height, width, coloured in looks)
    most = decompress.most(sum(path.stat().st_size for path in files))
    if announced > most:
        largest = max(range(len(files)), key=lambda index: looks[index][0] * looks[index][1])
        raise DataError(
            f"{plural(len(files), 'picture')} have {announced:,} bytes once they are decompressed, more than the "
            f"{most:,} that are allowed; {files[largest]} has {looks[largest][0]:,} x {looks[largest][1]:,} pixels.",
            hint=decompress.way_out(announced),
        )


def has_colours(picture: Image.Image) -> bool:
    """Whether a picture may have colours: a palette of greys has none."""
    palette = picture.getpalette("RGB") if picture.mode == "P" else None
    if palette is not None:
        return palette[0::3] != palette[1::3] or palette[0::3] != palette[2::3]
    return picture.mode in _COLOUR_MODES


def _check_sizes(files: Sequence[Path], sizes: Sequence[tuple[int, int]]) -> None:
    different = next((index for index, size in enumerate(sizes) if size != sizes[0]), None)
    if different is not None:
        usual = max(set(sizes), key=sizes.count)
        first, second = sizes[0], sizes[different]
        raise DataError(
            f"{files[0]} has {first[0]} x {first[1]} pixels and {files[different]} {second[0]} x {second[1]}: "
            f"{plural(len(set(sizes)), 'different size')} among {plural(len(sizes), 'picture')}.",
            hint=f"Say the height and width that all are brought to: size = [{usual[0]}, {usual[1]}].",
        )


def _read(files: Sequence[Path], size: tuple[int, int], *, grey: bool) -> Pictures:
    height, width = size
    stack = np.empty((len(files), height, width, 1 if grey else 3), np.uint8)
    for index, path in enumerate(files):
        try:
            with Image.open(_source(path)) as picture:
                upright = ImageOps.exif_transpose(picture)
                plain = upright.convert("L" if grey else "RGB")  # reads the pixels, which may be damaged
        except Exception as error:
            raise _corrupt(path, error) from error
        stack[index] = pixels(plain, size, grey=grey)
    return Pictures(stack, np.array([path.parent.name for path in files]))


def pixels(picture: Image.Image, size: tuple[int, int], *, grey: bool) -> NDArray[np.uint8]:
    """(height, width, 1 or 3) uint8 of a picture, brought to a height and width."""
    height, width = size
    plain = picture.convert("L" if grey else "RGB")
    if plain.size != (width, height):
        plain = plain.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(plain).reshape(height, width, -1)


def decoded(data: bytes) -> Image.Image:
    """A picture from the bytes of its file.

    Raises:
        OSError, ValueError, SyntaxError: they are none.
    """
    with Image.open(io.BytesIO(data)) as picture:
        return ImageOps.exif_transpose(picture).copy()


def _corrupt(path: Path, error: Exception) -> DataError:
    reason = (
        "its format is not a known picture format"
        if isinstance(error, UnidentifiedImageError)
        else getattr(error, "strerror", None) or str(error) or type(error).__name__
    )
    return DataError(f"{path} cannot be read as a picture: {reason}.", hint="Delete or replace this file.")
