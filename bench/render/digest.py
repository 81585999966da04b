"""The trials of a large run in a few lines: how they ended, and what went wrong."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bench.core.formatting import one_line, plural, seconds
from bench.record.records import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.record.records import RunResult, TrialRecord

MOST_TRIALS = 20
"""A run of more trials is shown by its cells."""

MOST_REASONS = 5
NAMED = 3


def digest_lines(result: RunResult) -> Iterator[str]:
    """How many trials ended how, what they took, and the reasons of those without a result.

    Args:
        result: the run.
    """
    trials = result.trials
    statuses = Counter(trial.status for trial in trials)
    ended = ", ".join(f"{number:,} {status}" for status, number in statuses.items())
    reused = f", {len(result.reused):,} reused from earlier runs" if result.reused else ""
    took = sum(trial.outcome.phases.total_time_s or 0.0 for trial in trials if trial.trial_id not in result.reused)
    yield f"{plural(len(trials), 'trial')}: {ended}{reused}; {seconds(took)} in all trials of this run"
    contended = sum(trial.status is Status.OK and bool(trial.contention) for trial in trials)
    if contended:
        yield f"Times of {plural(contended, 'trial')} are excluded: other work or another machine disturbed them"
    alike: dict[tuple[str, str], list[TrialRecord]] = {}
    for trial in trials:
        if trial.status is not Status.OK:
            alike.setdefault((trial.status, trial.reason), []).append(trial)
    for (status, reason), group in list(alike.items())[:MOST_REASONS]:
        names = ", ".join(one_line(f"{trial.cell.id} seed {trial.seed}") for trial in group[:NAMED])
        more = f" and {len(group) - NAMED:,} more" if len(group) > NAMED else ""
        yield f"{len(group):,} {status}: {one_line(reason)} ({names}{more})"
    if len(alike) > MOST_REASONS:
        yield f"... and {plural(len(alike) - MOST_REASONS, 'more reason')}"
