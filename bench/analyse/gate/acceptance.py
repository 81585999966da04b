"""From a run to a baseline: what is kept of it, and what cannot be accepted. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from pydantic import ValidationError

from bench.analyse.configuration import declared_settings
from bench.analyse.gate.mistakes import MOST_ERRORS, mistakes_of, mistakes_text, packed_errors
from bench.analyse.gate.pace import machine_of
from bench.analyse.gate.side import (
    content_of,
    data_sha256,
    dataset_of,
    has_value,
    predictions_digest,
    seeds_of,
    truth_of,
    uncontended_epoch_s,
    value_of,
)
from bench.core.errors import BenchError, NotJudgedError
from bench.core.formatting import number, plural
from bench.core.target import Task
from bench.declare.margins import margin_of, too_wide, with_usual_margin
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
from bench.record.records import RunStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.core.score import Score
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
        BenchError: no reason is given, the rules that the run recorded cannot be read, or they give no margin for a
            score that has no usual one.
        NotJudgedError: the run cannot be a reference.
    """
    run = result.run
    try:
        gate = GateKeys.model_validate(run.gate)
    except ValidationError as error:
        key = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise BenchError(
            f"The rules of the gate that run {run.run_id} recorded cannot be read: {key}.",
            hint=f"Fix [gate] of the suite, and train it again: {run.command}",
        ) from error
    gate = with_usual_margin(gate, run.score)
    _refuse(result, approval, gate)
    by_cell: dict[str, list[TrialRecord]] = {}
    for trial in result.trials:
        by_cell.setdefault(trial.cell.id, []).append(trial)
    cells = tuple(accepted_cell(trials, result) for trials in by_cell.values())
    _refuse_margins(cells, gate, run.score)
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
        cells={cell.cell_id: _past(cell, run.score) for cell in cells},
    )
    earlier = previous.acceptances if previous else ()
    return sealed(
        Baseline(
            schema_version=BASELINE_VERSION,
            suite=run.suite_name,
            gate=gate,
            cells=cells,
            acceptances=(*earlier, acceptance),
            score=run.score,
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
    failed = [trial for trial in result.trials if not has_value(trial, run.score)]
    if failed:
        heading = run.score.heading
        raise NotJudgedError(
            f"{plural(len(failed), 'trial')} of run {run.run_id} gave no {heading} ({_statuses(failed)}); the first: "
            f"{failed[0].cell.id} seed {failed[0].seed}: {failed[0].reason or f'its {heading} is no number'}",
            hint=f"Fix them, or take their cells out of the suite. {again}",
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


def _refuse_margins(cells: Sequence[AcceptedCell], gate: GateKeys, score: Score) -> None:
    """Raise where a cell has no margin, or one that no drop can exceed."""
    for key, value in too_wide(gate, score):
        raise BenchError(
            f"[gate] {key} is {value:g}, and {score.heading} lies between {score.floor:g} and {score.ceiling:g}.",
            hint=f"Write less than {score.widest_gap:g}: it is the largest loss of {score.heading} that is accepted.",
        )
    without = [cell.cell_id for cell in cells if margin_of(gate, cell.cell_id, cell.architecture, score) is None]
    if without:
        spreads = [seeds_of([seed.score for seed in cell.seeds]).std or 0.0 for cell in cells]
        raise BenchError(
            f"Only you know how much of the {score.heading} of {without[0]} may be lost, and the suite does not say.",
            hint=f"Write `margin = ...` under [gate], in the unit of {score.heading}, and run the suite again: its "
            "trials are taken from the store. "
            f"Seeds of a cell deviate by {number(median(spreads))} (median over {plural(len(cells), 'cell')}).",
        )


def _statuses(trials: Sequence[TrialRecord]) -> str:
    """Statuses and how many there are of each: `2 FAILED, 1 DIVERGED`."""
    return ", ".join(f"{number} {status}" for status, number in Counter(str(t.status) for t in trials).items())


def accepted_cell(trials: Sequence[TrialRecord], result: RunResult) -> AcceptedCell:
    """A cell as a baseline keeps it; trials without a score are left out of its seeds and votes.

    Args:
        trials: of one cell, at least one.
        result: the run that they belong to.
    """
    cell, score = trials[0].cell, result.run.score
    judged = [trial for trial in trials if has_value(trial, score)]
    outcome = (judged or trials)[0].outcome
    truth, dataset = truth_of(trials, result), dataset_of(trials, result)
    predictions = [trial.outcome.predictions for trial in judged if trial.outcome.predictions is not None]
    mistakes = mistakes_of(predictions, truth) if truth else None
    errors = mistakes.errors if mistakes else None
    return AcceptedCell(
        cell_id=cell.id,
        architecture=cell.architecture,
        declared=declared_settings(cell),
        data_sha256=data_sha256(trials, result),
        code_sha256=result.run.code.get(cell.builder, ""),
        engine=outcome.engine or cell.engine,
        fingerprint=result.run.fingerprint,
        machine=machine_of(trials),
        images=outcome.test_images or 0,
        seeds=tuple(_seed(trial, score) for trial in judged),
        mistakes=mistakes_text(mistakes) if mistakes and errors is None else None,
        task=dataset.task if dataset else Task.CLASSES,
        errors=packed_errors(errors) if errors is not None and len(errors) <= MOST_ERRORS else None,
    )


def _seed(trial: TrialRecord, score: Score) -> AcceptedSeed:
    epoch_time_s = uncontended_epoch_s(trial)
    return AcceptedSeed(
        seed=trial.seed,
        score=value_of(trial, score),
        epoch_time_s=_microseconds(epoch_time_s),
        train_time_s=None if epoch_time_s is None else _microseconds(trial.outcome.phases.train_time_s),
        weights_digest=trial.outcome.weights_digest if trial.cell.deterministic else None,
        predictions_digest=predictions_digest(trial),
    )


def _past(cell: AcceptedCell, score: Score) -> PastCell:
    seeds = seeds_of([seed.score for seed in cell.seeds])
    return PastCell(n=seeds.n, mean=seeds.mean, std=seeds.std, content=content_of(cell, score))


def _microseconds(time_s: float | None) -> float | None:
    """A time with the digits that mean something: a file that people review shows no others."""
    return None if time_s is None else round(time_s, 6)
