"""Where the host and versions of a run that trained nothing come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import count, plural

if TYPE_CHECKING:
    from bench.record.records import RunResult


def environment_origin(result: RunResult) -> str:
    """Who recorded the environment of a run that trained nothing; empty for a run that recorded its own."""
    run, trials = result.run, result.trials
    if run.environment_run:
        own, all_of_them = sum(trial.run_id == run.environment_run for trial in trials), plural(len(trials), "trial")
        share = f"all {all_of_them}" if own == len(trials) > 1 else f"{count(own)} of {all_of_them}"
        return f"run {run.environment_run}, which trained {share}; this run trained nothing"
    if run.environment is None and trials and len(result.reused) == len(trials):
        return "no run: this run trained nothing, and the store does not have the run that trained its trials"
    return ""
