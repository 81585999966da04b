"""Cells whose seeds need not or cannot be compared: missing, invalid, or the same bits. Pure."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from bench.analyse.configuration import declared_settings
from bench.analyse.gate.side import accuracy_of, data_sha256, verdict_of
from bench.core.formatting import plural
from bench.record.records import Status
from bench.record.verdicts import CellVerdict, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analyse.gate.side import Side
    from bench.declare.schema import GateKeys
    from bench.record.records import RunResult, TrialRecord

VOID = {Status.FAILED, Status.TIMEOUT, Status.DIVERGED}
"""Trials that ran and gave no accuracy. Those that did not run at all are missing."""


def without_statistics(side: Side, results: Sequence[RunResult], gate: GateKeys) -> CellVerdict | None:
    """The verdict of a cell whose seeds need not or cannot be compared; None for all others."""
    trials = side.trials
    if not trials:
        return verdict_of(side, Verdict.MISSING, "The baseline holds this cell; the run does not.")
    if told := differing(side, results[0]):
        return verdict_of(side, Verdict.INVALID, f"Not the cell that was accepted: {'; '.join(told)}.")
    void = [trial for trial in trials if trial.status in VOID or _accuracy_is_void(trial)]
    if void:
        statuses = ", ".join(f"{number} {status}" for status, number in Counter(str(t.status) for t in void).items())
        first = void[0].reason or "its accuracy is no number"
        return verdict_of(
            side, Verdict.INVALID, f"{plural(len(void), 'trial')} without an accuracy ({statuses}): {first}"
        )
    brought = sum(trial.status is Status.OK for trial in trials)
    if brought < max(side.promised, gate.min_seeds):
        absent = next((t.reason for t in trials if t.status is not Status.OK), "")
        promise = f"{side.promised} were planned" if side.promised > brought else f"the gate asks for {gate.min_seeds}"
        return verdict_of(side, Verdict.MISSING, f"{plural(brought, 'seed')} came; {promise}. {absent}".strip())
    if _same_weights(side, results):
        return verdict_of(
            side, Verdict.PASS, f"The weights of all {plural(brought, 'seed')} are those accepted, bit for bit."
        )
    return None


def _accuracy_is_void(trial: TrialRecord) -> bool:
    return trial.status is Status.OK and not math.isfinite(accuracy_of(trial))


def differing(side: Side, result: RunResult) -> list[str]:
    """What the suite says of the cell that it did not say when the cell was accepted."""
    cell, accepted = side.trials[0].cell, side.accepted
    declared = declared_settings(cell)
    told = [
        f"{key} was {accepted.declared.get(key, 'not there')}, is {declared.get(key, 'not there')}"
        for key in dict.fromkeys((*accepted.declared, *declared))
        if accepted.declared.get(key) != declared.get(key)
    ]
    data = data_sha256(side.trials, result)
    if data and data != accepted.data_sha256:
        told.append(f"its data was {accepted.data_sha256[:12]}, is {data[:12]}")
    return told


def _same_weights(side: Side, results: Sequence[RunResult]) -> bool:
    """Whether every seed ended with the weights that were accepted for it, under one environment."""
    digests = {seed.seed: seed.weights_digest for seed in side.accepted.seeds}
    return side.accepted.fingerprint == results[0].run.fingerprint != "" and all(
        trial.cell.deterministic
        and trial.outcome.weights_digest is not None
        and digests.get(trial.seed) == trial.outcome.weights_digest
        for trial in side.trials
    )
