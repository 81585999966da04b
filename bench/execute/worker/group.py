"""A worker that trains several trials of one shape in turn. Runs in a worker process only.

What costs more than many trainings is paid once: the process, the data, tracing and compiling. Each trial has a log
and a folder for temporary files of its own. The worker goes on only after a trial that has left it as it was: after
any other it ends, and the trials that follow get a new one.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from bench.execute.messages import Began, Errand, Surveyed, TrialEnded
from bench.execute.system.memory import reset_peak
from bench.execute.worker.kit import Kit
from bench.execute.worker.process import capture
from bench.execute.worker.survey import survey_engines
from bench.execute.worker.training import train_trial
from bench.record.records import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Send = Callable[[object], None]

GOES_ON = frozenset({Status.OK, Status.DIVERGED})
"""How a trial ends that leaves its worker in good order; what an exception leaves behind nobody knows."""


def train_group(first: Errand, send: Send, following: Iterator[Errand]) -> None:
    """See to errands of one shape, one after another.

    Args:
        first: its task and all that follow share shape, limits and folders.
        send: takes a `Began` for each errand, and then what `train_trial` sends, or a `Surveyed`.
        following: the further errands, each as it comes.
    """
    kit, root = Kit(watched=True), Path(tempfile.gettempdir())
    for number, errand in enumerate(chain([first], following)):
        with _place(root / f"trial-{number}", errand.log):
            send(Began(errand.task.trial_id))
            lasting = _surveyed(errand, send, kit) if errand.survey else _trained(errand, send, kit, first=number == 0)
        if not lasting:
            return


@contextmanager
def _place(folder: Path, log: str) -> Iterator[None]:
    """A folder for the temporary files of an errand, and its log for all that is printed."""
    sys.stdout.flush()
    sys.stderr.flush()
    capture(log)
    folder.mkdir(mode=0o700)
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
        if before is not None:
            os.environ["TMPDIR"] = before
        shutil.rmtree(folder, ignore_errors=True)


def _surveyed(errand: Errand, send: Send, kit: Kit) -> bool:
    """Time the engines; whether the worker goes on."""
    try:
        survey = survey_engines(errand.task, kit)
    except Exception:  # noqa: BLE001  the trial goes without it, in a worker of its own
        traceback.print_exc()
        send(Surveyed(errand.task.trial_id, None))
        return False
    lasting = kit.traces is not None and not kit.traces.restore()
    send(Surveyed(errand.task.trial_id, survey, lasting))
    return lasting


@dataclass(slots=True)
class _Held:
    """Sends on what a trial sends, but for its end."""

    send: Send
    ended: list[TrialEnded] = field(default_factory=list)

    def __call__(self, event: object) -> None:
        if isinstance(event, TrialEnded):
            self.ended.append(event)
        else:
            self.send(event)


def _trained(errand: Errand, send: Send, kit: Kit, *, first: bool) -> bool:
    """Train a trial; whether the worker goes on.

    A trial that fails, or changes its process, might have ended otherwise where nothing had run before it: unless it is
    the first of its worker, it is trained again in another one.
    """
    held = _Held(send)
    reset_peak()
    if kit.seat is not None:
        kit.seat.placement.begin_trial()
    train_trial(errand.task, held, kit=kit)
    ended = held.ended[0]
    remaining = kit.traces.restore() if kit.traces is not None else []
    lasting = ended.status in GOES_ON and not remaining
    again = not first and (ended.status not in GOES_ON or any(trace.changes for trace in remaining))
    send(replace(ended, lasting=lasting, again=again))
    return lasting
