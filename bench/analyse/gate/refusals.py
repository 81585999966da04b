"""Cells whose seeds need not or cannot be compared: missing, invalid, or the same trainings. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bench.analyse.configuration import canonical, declared_settings
from bench.analyse.gate.evidence import FEWEST
from bench.analyse.gate.side import (
    data_sha256,
    has_value,
    predictions_digest,
    same_score,
    value_of,
    verdict_of,
)
from bench.record.evidence import Change
from bench.record.records import Status
from bench.record.verdicts import Cause, CellVerdict, Grounds, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analyse.gate.side import Side
    from bench.declare.schema import GateKeys
    from bench.record.records import RunResult

VOID = {Status.FAILED, Status.TIMEOUT, Status.DIVERGED}
"""Trials that ran and gave no score. Those that did not run at all are missing."""

SHORT = 12  # characters of a hash that tell it from others


def without_statistics(side: Side, results: Sequence[RunResult], gate: GateKeys) -> CellVerdict | None:
    """The verdict of a cell whose seeds need not or cannot be compared; None for all others."""
    if not side.trials:
        return verdict_of(side, Verdict.MISSING, Grounds(cause=Cause.ABSENT))
    return _of_another(side, results) or _of_trials(side, results, gate)


def _of_another(side: Side, results: Sequence[RunResult]) -> CellVerdict | None:
    """The verdict of a cell that is not what was accepted."""
    if not same_score(side.score, results[0].run.score):
        other = Change(
            key="score",
            before=f"{side.score.heading} ({side.score.direction})",
            after=f"{results[0].run.score.heading} ({results[0].run.score.direction})",
        )
        return verdict_of(
            side, Verdict.INVALID, Grounds(cause=Cause.OTHER_SCORE, differing=(other,), detail=side.score.name)
        )
    if changes := differing(side, results[0]):
        return verdict_of(side, Verdict.INVALID, Grounds(cause=Cause.OTHER_CELL, differing=changes))
    return None


def _of_trials(side: Side, results: Sequence[RunResult], gate: GateKeys) -> CellVerdict | None:
    """The verdict of a cell with too few scores to compare, or with the weights that were accepted."""
    trials = side.trials
    ran = [trial for trial in trials if trial.status is Status.OK or trial.status in VOID]
    if void := [trial for trial in ran if not has_value(trial, side.score)]:
        statuses = Counter(str(trial.status) for trial in void)
        grounds = Grounds(
            cause=Cause.NO_SCORE, trials=len(void), statuses=tuple(statuses.items()), detail=void[0].reason
        )
        return verdict_of(side, Verdict.INVALID, grounds)
    brought = sum(trial.status is Status.OK for trial in trials)
    if brought < max(side.promised, gate.min_seeds):
        planned = side.promised > brought
        grounds = Grounds(
            cause=Cause.FEW_SEEDS,
            trials=brought,
            needed=side.promised if planned else gate.min_seeds,
            planned=planned,
            detail=next((trial.reason for trial in trials if trial.status is not Status.OK), ""),
        )
        return verdict_of(side, Verdict.MISSING, grounds)
    if _same_weights(side, results):
        return verdict_of(side, Verdict.PASS, Grounds(cause=Cause.SAME_WEIGHTS, trials=brought))
    if len(side.accepted.seeds) < FEWEST:
        return verdict_of(side, Verdict.INCONCLUSIVE, Grounds(cause=Cause.ONE_ACCEPTED_SEED, needed=gate.min_seeds))
    return None


def differing(side: Side, result: RunResult) -> tuple[Change, ...]:
    """What the suite says of the cell that it did not say when the cell was accepted."""
    accepted = side.accepted
    was, now = (
        canonical(declared, accepted.task) for declared in (accepted.declared, declared_settings(side.trials[0].cell))
    )
    changes = [
        Change(key=key, before=was.get(key), after=now.get(key))
        for key in dict.fromkeys((*was, *now))
        if was.get(key) != now.get(key)
    ]
    data = data_sha256(side.trials, result)
    if data and data != accepted.data_sha256:
        changes.append(Change(key="data", before=accepted.data_sha256[:SHORT], after=data[:SHORT]))
    return tuple(changes)


def _same_weights(side: Side, results: Sequence[RunResult]) -> bool:
    """Whether every seed ended with the weights that were accepted for it, under one environment."""
    digests = {seed.seed: seed.weights_digest for seed in side.accepted.seeds}
    return side.accepted.fingerprint == results[0].run.fingerprint != "" and all(
        trial.cell.deterministic
        and trial.outcome.weights_digest is not None
        and digests.get(trial.seed) == trial.outcome.weights_digest
        for trial in side.trials
    )


def same_predictions(side: Side) -> int:
    """How many seeds both sides trained, where each of them predicted the same for every test example; else 0."""
    accepted = {seed.seed: (seed.predictions_digest, seed.score) for seed in side.accepted.seeds}
    shared = [trial for trial in side.trials if trial.seed in accepted]
    for trial in shared:
        digest, score = accepted[trial.seed]
        if digest is None or (predictions_digest(trial), value_of(trial, side.score)) != (digest, score):
            return 0
    return len(shared)
