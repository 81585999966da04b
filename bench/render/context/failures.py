"""Trials without a result, each with its reason and the way to its log."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from bench.core.formatting import count
from bench.record.records import Status
from bench.render.context.values import Failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.record.records import RunResult, TrialRecord

# What the harness itself writes. Whatever else a record holds is shown as text and never becomes a link.
LOG = re.compile(r"logs/[A-Za-z0-9][A-Za-z0-9._-]*\.log", re.ASCII)
MOST_FAILURES = 1_000
"""Failures that a page lists."""
FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


def failures(result: RunResult, labels: Mapping[str, str]) -> tuple[tuple[Failure, ...], str]:
    """The trials that are not OK, in the order of the plan; seeds of a cell that share reason and log are one row.

    Returns:
        The first `MOST_FAILURES` rows, and a sentence on where the others are; empty where these are all.
    """
    alike: dict[tuple[str, Status, str, str], list[TrialRecord]] = {}
    for trial in result.trials:
        if trial.status is not Status.OK:
            alike.setdefault((trial.cell.id, trial.status, trial.reason, trial.log), []).append(trial)
    rows = tuple(
        Failure(
            label=labels[trials[0].cell.id],
            seed=", ".join(str(trial.seed) for trial in trials),
            status=trials[0].status.value,
            reason=trials[0].reason,
            log=trials[0].log,
            log_link=log_link(trials[0], result.run.run_id),
        )
        for trials in islice(alike.values(), MOST_FAILURES)
    )
    if len(alike) <= MOST_FAILURES:
        return rows, ""
    more = f"The first {count(MOST_FAILURES)} of {count(len(alike))} failures are listed; results.csv has them all."
    return rows, more


def log_link(trial: TrialRecord, run_id: str) -> str:
    """Where a trial's log lies, seen from the folder of run `run_id`; empty where there is no safe way to say it.

    A reused trial's log lies in the folder of the run that trained it, beside ours.
    """
    if not LOG.fullmatch(trial.log) or not FOLDER.fullmatch(trial.run_id):
        return ""
    return trial.log if trial.run_id == run_id else f"../{trial.run_id}/{trial.log}"
