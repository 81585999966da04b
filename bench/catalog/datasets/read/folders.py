"""How a folder of pictures is laid out, seen without reading any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp"})
TRAIN, TEST = "train", "test"


def parts_of(folder: Path) -> tuple[Path, Path] | None:
    """The folders of the two parts, where a folder has `train` and `test`."""
    return (folder / TRAIN, folder / TEST) if (folder / TRAIN).is_dir() and (folder / TEST).is_dir() else None


def class_folders(folder: Path) -> list[Path]:
    """The subfolders of a folder, in order; hidden ones are no classes."""
    return sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith((".", "__")))
