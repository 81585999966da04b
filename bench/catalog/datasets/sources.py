"""Where a data set that goes by a name is looked for, in order; the cache comes before all of these."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.catalog.datasets import idx, keras_source, npm_source, npz
from bench.catalog.datasets.arrays import Arrays, checked
from bench.catalog.datasets.offer import Offer, Progress
from bench.core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.catalog.datasets.catalog import DatasetSpec

SYSTEM_ROOT = Path("/usr/share/datasets")


@dataclass(frozen=True, slots=True)
class Source:
    """A place to look.

    Attributes:
        name: what messages call it.
        look: what it has, at a glance; None where it can never have the data set.
        read: the data set; called only after `look` said it is available. Raises DataError.
    """

    name: str
    look: Callable[[DatasetSpec], Offer | None]
    read: Callable[[DatasetSpec, Progress], Arrays]

    def offer(self, spec: DatasetSpec) -> Offer | None:
        """What `look` says; a place that may not be looked into has nothing to offer."""
        try:
            return self.look(spec)
        except OSError as error:
            return Offer(available=False, detail=f"cannot be looked into: {error}")


def read_files(path: Path) -> Arrays:
    """A data set from a folder of IDX files or an `.npz`.

    Raises:
        DataError: there is nothing at the path, or it is neither.
    """
    return idx.read_folder(path) if path.is_dir() else checked(**npz.read(path), where=str(path))


def spellings(name: str) -> tuple[str, ...]:
    """A name as folders and files spell it: with `_`, and with `-`."""
    return tuple(dict.fromkeys((name, name.replace("_", "-"))))


def _look_user(spec: DatasetSpec) -> Offer:
    folder = _user_folder()
    if folder is None:
        return Offer(available=False, detail="BENCH_DATA is not set")
    if not folder.is_dir():
        return Offer(available=False, detail=f"BENCH_DATA names {folder}, which is not a folder")
    place = next(_user_candidates(folder, spec), None)
    if place is None:
        return Offer(available=False, detail=f"{folder} has no {spec.name}/ with IDX files and no {spec.name}.npz")
    return Offer(available=True, detail=f"your folder {place}")


def _read_user(spec: DatasetSpec, progress: Progress) -> Arrays:
    folder = _user_folder()
    place = next(_user_candidates(folder, spec), None) if folder else None
    if place is None:
        raise DataError(f"BENCH_DATA no longer has {spec.name}")
    progress(f"reading {place}", None, None)
    return read_files(place)


def _user_folder() -> Path | None:
    named = os.environ.get("BENCH_DATA")
    return Path(named).expanduser().absolute() if named else None


def _user_candidates(folder: Path, spec: DatasetSpec) -> Iterator[Path]:
    yield from (folder / name for name in spellings(spec.name) if idx.is_folder(folder / name))
    yield from (path for name in spellings(spec.name) if (path := folder / f"{name}.npz").is_file())
    if idx.is_folder(folder):  # its file names fit several data sets: the hash tells whether it is this one
        yield folder


def _look_system(spec: DatasetSpec) -> Offer:
    place = _system_folder(spec)
    if place is None:
        return Offer(available=False, detail=f"no {SYSTEM_ROOT / spellings(spec.name)[-1]}")
    return Offer(available=True, detail=f"system copy {place}")


def _read_system(spec: DatasetSpec, progress: Progress) -> Arrays:
    place = _system_folder(spec)
    if place is None:
        raise DataError(f"{SYSTEM_ROOT} no longer has {spec.name}")
    progress(f"reading {place}", None, None)
    return idx.read_folder(place)


def _system_folder(spec: DatasetSpec) -> Path | None:
    folders = (SYSTEM_ROOT / name for name in spellings(spec.name))
    return next((folder for folder in folders if idx.is_folder(folder)), None)


SOURCES: tuple[Source, ...] = (
    Source("BENCH_DATA", _look_user, _read_user),
    Source("system copy", _look_system, _read_system),
    Source("Keras's downloads", keras_source.look_file, keras_source.read_file),
    Source("Keras's loader", keras_source.look_loader, keras_source.read_loader),
    Source("npm", npm_source.look, npm_source.read),
)
