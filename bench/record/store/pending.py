"""Records that a store could not take: each in a file of its own, whole and on the disk, until it is taken in.

A folder `pending/` in the folder of a run holds `run.json`, what is known of the run, and a file per trial. A store
takes in only what was meant for it, which the files name by the store's id. Taking in twice changes nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.documents import read_json
from bench.core.errors import StoreError
from bench.core.files import write_text
from bench.record.codec import run_from_json, run_to_json, trial_from_json, trial_to_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.record.records import RunRecord, TrialRecord

FOLDER = "pending"
RUN, TRIAL = "run", "trial"


@dataclass(frozen=True, slots=True)
class PendingRun:
    """What is known of a run, its labels included."""

    run: RunRecord

    @property
    def file_name(self) -> str:
        """Of its file."""
        return "run.json"


@dataclass(frozen=True, slots=True)
class PendingTrial:
    """A trial and its place in a run.

    Attributes:
        run_id: of the run that shows it.
        trial: its cell as this run names it.
        position: in the plan.
        reused: whether another run trained it.
        exclusive: whether it is to be the only finished trial of its key; see `trials.commit`.
    """

    run_id: str
    trial: TrialRecord
    position: int
    reused: bool
    exclusive: bool

    @property
    def file_name(self) -> str:
        """Of its file."""
        return f"{self.position:06d}.json"


Pending = PendingRun | PendingTrial


def write_pending(pending: Pending, store_id: str, folder: Path) -> Path:
    """Keep a record beside its run, or where that is impossible in the temporary folder.

    Args:
        pending: the record.
        store_id: of the store that it is meant for.
        folder: the run's folder `pending`.

    Returns:
        The file.

    Raises:
        OutputError: it can be kept nowhere.
    """
    text = json.dumps(
        {"kind": TRIAL if isinstance(pending, PendingTrial) else RUN, "store": store_id, **_json(pending)}
    )
    try:
        return write_text(folder / pending.file_name, text, durable=True)
    except OSError:
        own = _own_temporary_folder()
        own.mkdir(mode=0o700, exist_ok=True)
        if not _is_own(own):
            raise
        return write_text(own / folder.parent.name / pending.file_name, text, durable=True)


def read_pending(file: Path) -> tuple[Pending, str]:
    """A record that was kept in a file, and the id of the store that it is meant for.

    Raises:
        StoreError: the file cannot be read, or is damaged.
    """
    try:
        content = read_json(file)
        store_id = str(content.pop("store"))
        if content.pop("kind") == TRIAL:
            return _trial(content, str(file)), store_id
        return _run(content, str(file)), store_id
    except OSError as error:
        raise StoreError(f"{file} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise StoreError(
            f"{file} is not a pending record: {error}.", hint="Remove the file if it was edited."
        ) from error


def pending_folders(reports: Path) -> Iterator[Path]:
    """The folders that may hold pending records: of every run under `reports`, and of the temporary folder."""
    # `latest` leads to a run that has a folder of its own
    yield from sorted(folder for folder in reports.glob(f"*/*/{FOLDER}") if not folder.parent.is_symlink())
    try:
        temporary = _own_temporary_folder()
    except OSError:
        return  # there is none that can be written, and nothing in it
    if _is_own(temporary):
        yield from sorted(folder for folder in temporary.iterdir() if folder.is_dir())


def pending_files(folder: Path) -> list[Path]:
    """The pending records of a folder in the order in which they can be taken in: what is known of the run first."""
    try:
        files = [file for file in folder.iterdir() if file.suffix == ".json" and not file.name.startswith(".")]
    except OSError:
        return []
    return sorted(files, key=lambda file: (file.name != "run.json", file.name))


def forget(file: Path) -> None:
    """Remove the file of a record that has been taken in, and its folder where it was the last."""
    try:
        file.unlink(missing_ok=True)
        for folder in (file.parent, file.parent.parent):
            if folder.name == FOLDER or folder in (_own_temporary_folder(), file.parent):
                folder.rmdir()
    except OSError:
        pass  # other records lie there, or the medium is read-only: taking it in again changes nothing


def _is_own(folder: Path) -> bool:
    """Whether a folder in a place that all users share is this user's: nobody else's records are taken in."""
    return folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.getuid()


def _own_temporary_folder() -> Path:
    return Path(tempfile.gettempdir()) / f"keras-bench-pending-{os.getuid()}"


def _json(pending: Pending) -> dict[str, Any]:
    if isinstance(pending, PendingRun):
        labels = {data.sha256: _text(data.labels) for data in pending.run.datasets if data.labels is not None}
        return {"run": run_to_json(pending.run), "labels": labels}
    predictions = pending.trial.outcome.predictions
    return {
        "run_id": pending.run_id,
        "position": pending.position,
        "reused": pending.reused,
        "exclusive": pending.exclusive,
        "trial": trial_to_json(pending.trial),
        "predictions": None if predictions is None else _text(predictions),
    }


def _run(content: dict[str, Any], where: str) -> PendingRun:
    run, labels = run_from_json(content["run"], where), content["labels"]
    known = {sha256: base64.b64decode(text, validate=True) for sha256, text in labels.items()}
    return PendingRun(replace(run, datasets=tuple(replace(d, labels=known.get(d.sha256)) for d in run.datasets)))


def _trial(content: dict[str, Any], where: str) -> PendingTrial:
    trial, text = trial_from_json(content["trial"], where), content["predictions"]
    predictions = None if text is None else base64.b64decode(text, validate=True)
    return PendingTrial(
        run_id=str(content["run_id"]),
        trial=replace(trial, outcome=replace(trial.outcome, predictions=predictions)),
        position=int(content["position"]),
        reused=bool(content["reused"]),
        exclusive=bool(content["exclusive"]),
    )


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
