"""Writing the files of a run that has ended: where that fails, its results are kept, and it is said how to go on."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Self

from bench.commands.workspace import DEFAULT_REPORTS
from bench.core.errors import BenchError, UnsavedError

if TYPE_CHECKING:
    from types import TracebackType

    from bench.commands.stage import Stage


class FilesOfRun:
    """While entered, a file that cannot be written ends nothing: what is wrong is kept, and said.

    A bug of ours goes on, after it was said that the results are kept.

    Args:
        stage: of the run, which the store has.
        run_id: of the run.
    """

    def __init__(self, stage: Stage, run_id: str) -> None:
        self._stage, self._run_id = stage, run_id
        self._failure: BenchError | OSError | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        if isinstance(error, (BenchError, OSError)):
            self._failure = error
            self._stage.display.warn(_sentence(error))
            return True
        self._stage.display.warn(f"The files of this run are not all written. {self._kept} {self._way_out}")
        return False

    def unsaved(self) -> UnsavedError | None:
        """Why not everything is where it should be, in the store and in files; None where it is."""
        unsaved = self._stage.store.unsaved()
        if self._failure is None:
            return unsaved
        if unsaved is None:
            return UnsavedError(f"{_sentence(self._failure)} {self._kept}", hint=self._way_out)
        return UnsavedError(f"{_sentence(self._failure)} {unsaved.message}", hint=f"{unsaved.hint} {self._way_out}")

    @property
    def _kept(self) -> str:
        return f"All results are kept in the store {self._stage.store.url}."

    @property
    def _way_out(self) -> str:
        request = self._stage.request
        words = ["bench", "report", self._run_id]
        words += ["--reports", str(request.workspace.reports)] if request.workspace.reports != DEFAULT_REPORTS else []
        further = ", with the same --store," if request.workspace.store else ""
        return f"{shlex.join(words)}{further} writes the report and the run's other files again."


def _sentence(error: BenchError | OSError) -> str:
    return error.message if isinstance(error, BenchError) else f"A file of the run cannot be written: {error}."
