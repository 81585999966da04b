"""The code that a suite names and that lies beside it, packed to travel: builders, losses and what they import."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.catalog.registry import UnknownReferenceError, find_module_source
from bench.declare.values import is_reference
from bench.execute.sources import source_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.execute.messages import TrialTask

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file of an archive, so that equal code has an equal hash."""


def own_files(tasks: Iterable[TrialTask]) -> dict[str, Path]:
    """The files of the user's own code, by their place in an archive.

    Those that lie in a folder of the suite; what is installed has to be installed on every node.

    Args:
        tasks: to be trained.
    """
    modules: dict[tuple[str, tuple[str, ...]], None] = {}
    for task in tasks:
        for reference in _references(task):
            modules[reference.partition(":")[0], task.search_path] = None
    files: dict[str, Path] = {}
    for module, search_path in modules:
        files.update(_of_module(module, search_path))
    return files


def pack(files: dict[str, Path], archive: Path) -> None:
    """Write files into an archive; equal files make an equal archive.

    Raises:
        OSError: a file cannot be read, or the archive not be written.
    """
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(files):
            packed.writestr(zipfile.ZipInfo(name, EPOCH), files[name].read_bytes(), zipfile.ZIP_DEFLATED)


def _of_module(module: str, search_path: tuple[str, ...]) -> dict[str, Path]:
    try:
        source = find_module_source(module, search_path)
    except UnknownReferenceError:
        return {}
    for folder in map(Path, search_path):
        if source is not None and source.is_relative_to(folder):
            return {
                file.relative_to(folder).as_posix(): file
                for file in source_files(source, module)
                if file.is_relative_to(folder)
            }
    return {}


def _references(task: TrialTask) -> Iterator[str]:
    """What a task names by `package.module:name`, wherever it does so, but for our own."""
    named = [task.builder, task.cell.dataset, *_texts(task.cell.settings.model_dump(mode="json"))]
    named += [task.score.name, *([task.stream.loader] if task.stream is not None else [])]
    yield from (text for text in named if is_reference(text) and not text.startswith("bench."))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)
