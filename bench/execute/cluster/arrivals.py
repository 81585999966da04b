"""What nodes send back into the run's folder: logs, and trained models in parts."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from bench.record.records import SavedModel

if TYPE_CHECKING:
    from bench.execute.cluster.messages import Logs, ModelPart
    from bench.execute.messages import TrialTask
    from bench.record.records import TrialRecord


@dataclass(slots=True)
class _Coming:
    """A model on its way.

    Attributes:
        file: that it is written to; None where that failed.
    """

    path: Path
    file: IO[bytes] | None
    sha256: Any = field(default_factory=hashlib.sha256)


class Arrivals:
    """Brings files to where a trial of this machine would have left them; no name of a node's becomes a path.

    Args:
        folder: of the run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._coming: dict[str, _Coming] = {}

    def write_logs(self, logs: Logs) -> None:
        """Write logs; one that cannot be written is left out."""
        for name, content in logs.items():
            path = self._folder / "logs" / Path(name).name
            with suppress(OSError):  # where something else stands in its place, the record says enough
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)

    def take(self, task: TrialTask, part: ModelPart) -> None:
        """Take a part of the model of a trial that is to keep it; the parts come in order."""
        if not task.model_file:
            return
        coming = self._coming.get(task.trial_id)
        if coming is None:
            coming = self._coming[task.trial_id] = _begun(Path(task.model_file))
        coming.sha256.update(part.content)
        if coming.file is not None:
            try:
                coming.file.write(part.content)
            except OSError:
                _close(coming)

    def settled(self, task: TrialTask, record: TrialRecord) -> TrialRecord:
        """Give the model of a trial that has ended its name; the record, which says so where it did not come whole."""
        model, coming = record.outcome.model, self._coming.get(task.trial_id)
        path = Path(task.model_file)
        if model is None or model.obstacle:
            self.forget(task)
            return record
        if coming is not None and coming.file is not None and coming.sha256.hexdigest() == model.sha256:
            with suppress(OSError):
                coming.file.close()
                coming.path.replace(path)
                del self._coming[task.trial_id]
                model = replace(model, file=path.name)
                return replace(record, outcome=replace(record.outcome, model=model))
        self.forget(task)
        lost = SavedModel(file=path.name, obstacle=f"its file did not come whole from node {record.node}")
        return replace(record, outcome=replace(record.outcome, model=lost))

    def forget(self, task: TrialTask) -> None:
        """Remove what has come of the model of a trial: its node is lost."""
        coming = self._coming.pop(task.trial_id, None)
        if coming is not None:
            _close(coming)


def _begun(path: Path) -> _Coming:
    # no reader sees half of a model: it gets its name when all of it has come
    temporary = path.with_name(f".{path.stem}-coming.keras")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _Coming(temporary, temporary.open("wb"))
    except OSError:
        return _Coming(temporary, None)


def _close(coming: _Coming) -> None:
    with suppress(OSError):
        if coming.file is not None:
            coming.file.close()
        coming.path.unlink(missing_ok=True)
    coming.file = None
