"""The driver's side of what travels by hash: tasks without paths, and the files that they need."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.errors import ExecutionError
from bench.execute.cluster.code import own_files, pack
from bench.execute.cluster.depot import chunks, digest_of
from bench.execute.cluster.messages import Parcel, Put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.execute.messages import TrialTask


class Parcels:
    """Makes parcels of tasks, and knows their files.

    Args:
        folder: for archives of code; it lives as long as tasks are sent.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._digests: dict[str, str] = {}
        self._paths: dict[str, Path] = {}
        self._code: dict[str, str] = {}
        self._archives: dict[tuple[tuple[str, Path], ...], str] = {}

    def parcel(self, task: TrialTask) -> Parcel:
        """A task to be sent.

        Raises:
            ExecutionError: a file that it needs cannot be read.
        """
        cell_id = task.cell.id
        if cell_id not in self._code:
            self._code[cell_id] = self._packed(own_files([task]))
        return Parcel(
            task=replace(task, data_path="", search_path=(), reference="", model_file=Path(task.model_file).name),
            data=self._digest(task.data_path),
            code=self._code[cell_id],
            reference=self._digest(task.reference) if task.reference else "",
        )

    def parts(self, digest: str) -> Iterator[Put]:
        """A file of a parcel, in parts.

        Raises:
            ExecutionError: it cannot be read.
        """
        path = self._paths[digest]
        try:
            for content, last in chunks(path):
                yield Put(digest, path.name, content, last)
        except OSError as error:
            raise _unreadable(path, error) from error

    def _digest(self, name: str) -> str:
        if name not in self._digests:
            path = Path(name)
            try:
                self._digests[name] = digest_of(path)
            except OSError as error:
                raise _unreadable(path, error) from error
            self._paths[self._digests[name]] = path
        return self._digests[name]

    def _packed(self, files: dict[str, Path]) -> str:
        """The hash of an archive; empty where there is nothing to pack."""
        content = tuple(sorted(files.items()))
        if files and content not in self._archives:
            archive = self._folder / f"code-{secrets.token_hex(4)}.zip"
            try:
                pack(files, archive)
            except OSError as error:
                raise _unreadable(Path(error.filename or archive), error) from error
            self._archives[content] = self._digest(str(archive))
        return self._archives[content] if files else ""


def _unreadable(path: Path, error: OSError) -> ExecutionError:
    return ExecutionError(f"{path} cannot be sent to the nodes: {error.strerror or error}.")
