"""From a run to a baseline: what is kept of it, and what cannot be accepted. Pure."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from bench.analyse.configuration import declared_settings
from bench.analyse.gate.flips import mistakes_text, vote
from bench.analyse.gate.side import accuracy_of, content_of, data_sha256, labels_of, seeds_of, uncontended_epoch_s
from bench.core.errors import BenchError, NotJudgedError
from bench.core.formatting import plural
from bench.declare.schema import GateKeys
from bench.record.baseline import (
    BASELINE_VERSION,
    Acceptance,
    AcceptedCell,
    AcceptedSeed,
    Baseline,
    PastCell,
    digest,
    sealed,
)
from bench.record.records import RunStatus, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.record.records import RunResult, TrialRecord


@dataclass(frozen=True, slots=True)
class Approval:
    """Who accepts a run, when and why."""

    accepted_at: str
    accepted_by: str
    reason: str


def accept(result: RunResult, approval: Approval, previous: Baseline | None) -> Baseline:
    """The baseline that a run makes, with the chain of those before it.

    Args:
        result: of a whole run.
        approval: by whom.
        previous: the baseline that it takes the place of.

    Raises:
        BenchError: no reason is given, or the rules that the run recorded cannot be read.
        NotJudgedError: the run cannot be a reference.
    """
    run = result.run
    try:
        gate = GateKeys.model_validate(run.gate)
    except ValidationError as error:
        key = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise BenchError(
            f"The rules of the gate that run {run.run_id} recorded cannot be read: {key}.",
            hint=f"Mend [gate] of the suite, and train it again: {run.command}",
        ) from error
    _refuse(result, approval, gate)
    by_cell: dict[str, list[TrialRecord]] = {}
    for trial in result.trials:
        by_cell.setdefault(trial.cell.id, []).append(trial)
    cells = tuple(accepted_cell(trials, result) for trials in by_cell.values())
    environment = run.environment
    revision = (environment.git_revision or "") if environment else ""
    acceptance = Acceptance(
        accepted_at=approval.accepted_at,
        accepted_by=approval.accepted_by,
        reason=approval.reason,
        run_id=run.run_id,
        revision=revision + ("+" if environment and environment.git_dirty else ""),
        bench_version=run.bench_version,
        suite_sha256=digest(run.suite_source),
        content="",
        previous="",
        hash="",
        cells={cell.cell_id: _past(cell) for cell in cells},
    )
    earlier = previous.acceptances if previous else ()
    return sealed(
        Baseline(
            schema_version=BASELINE_VERSION,
            suite=run.suite_name,
            gate=gate,
            cells=cells,
            acceptances=(*earlier, acceptance),
        )
    )


def _refuse(result: RunResult, approval: Approval, gate: GateKeys) -> None:
    """Raise where a run cannot be accepted, with the way out."""
    run = result.run
    again = f"Train it again: {run.command}"
    if not approval.reason.strip():
        raise BenchError(
            "A baseline is accepted for a reason, and none was given.",
            hint='Say why this run is as good as it should be: bench accept RUN --reason "..."',
        )
    if run.asked.get("expression"):
        raise NotJudgedError(
            f"Run {run.run_id} took a part of the suite (-k {run.asked['expression']!r}); a baseline holds all of it.",
            hint="Run the whole suite; trials that the store holds are not trained again.",
        )
    if run.status is not RunStatus.FINISHED:
        raise NotJudgedError(f"Run {run.run_id} is {run.status}, not FINISHED.", hint=again)
    failed = [t for t in result.trials if t.status is not Status.OK or not math.isfinite(accuracy_of(t))]
    if failed:
        told = _statuses(failed)
        raise NotJudgedError(
            f"{plural(len(failed), 'trial')} of run {run.run_id} gave no accuracy ({told}); the first: "
            f"{failed[0].cell.id} seed {failed[0].seed}: {failed[0].reason or 'its accuracy is no number'}",
            hint=f"Mend them, or take their cells out of the suite. {again}",
        )
    seeds = Counter(trial.cell.id for trial in result.trials)
    few = [cell_id for cell_id, number in seeds.items() if number < gate.min_seeds]
    if few:
        raise NotJudgedError(
            f"{plural(seeds[few[0]], 'seed')} of {few[0]} cannot be a reference; the gate asks for {gate.min_seeds}.",
            hint=f"Run it with --seeds {max(10, gate.min_seeds)}: twice the seeds of a check make a good baseline.",
        )
    absent = len(run.planned) - len(result.trials)
    if absent > 0:
        raise NotJudgedError(f"{plural(absent, 'trial')} of run {run.run_id} left no record.", hint=again)


def _statuses(trials: Sequence[TrialRecord]) -> str:
    """Statuses and how many there are of each: `2 FAILED, 1 DIVERGED`."""
    return ", ".join(f"{number} {status}" for status, number in Counter(str(t.status) for t in trials).items())


def accepted_cell(trials: Sequence[TrialRecord], result: RunResult) -> AcceptedCell:
    """A cell as a baseline keeps it; trials without an accuracy are left out of its seeds and votes.

    Args:
        trials: of one cell, at least one.
        result: the run that they belong to.
    """
    cell = trials[0].cell
    judged = [trial for trial in trials if trial.status is Status.OK and math.isfinite(accuracy_of(trial))]
    outcome = (judged or trials)[0].outcome
    labels = labels_of(trials, result)
    votes = [trial.outcome.predictions for trial in judged if trial.outcome.predictions is not None]
    return AcceptedCell(
        cell_id=cell.id,
        architecture=cell.architecture,
        declared=declared_settings(cell),
        data_sha256=data_sha256(trials, result),
        code_sha256=result.run.code.get(cell.builder, ""),
        engine=outcome.engine or cell.engine,
        fingerprint=result.run.fingerprint,
        images=outcome.test_images or 0,
        seeds=tuple(_seed(trial) for trial in judged),
        mistakes=mistakes_text(vote(votes), labels[0]) if labels and votes else None,
    )


def _seed(trial: TrialRecord) -> AcceptedSeed:
    epoch_time_s = uncontended_epoch_s(trial)
    return AcceptedSeed(
        seed=trial.seed,
        accuracy=accuracy_of(trial),
        epoch_time_s=_microseconds(epoch_time_s),
        train_time_s=None if epoch_time_s is None else _microseconds(trial.outcome.phases.train_time_s),
        weights_digest=trial.outcome.weights_digest if trial.cell.deterministic else None,
    )


def _past(cell: AcceptedCell) -> PastCell:
    found = seeds_of([seed.accuracy for seed in cell.seeds])
    return PastCell(n=found.n, mean=found.mean, std=found.std, content=content_of(cell.declared, cell.data_sha256))


def _microseconds(time_s: float | None) -> float | None:
    """A time with the digits that mean something: a file that people review shows no others."""
    return None if time_s is None else round(time_s, 6)
