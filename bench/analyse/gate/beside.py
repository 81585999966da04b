"""What stands beside a verdict and does not make it: drift, flipped images, time, what else changed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analyse.gate.decision import Rates
from bench.analyse.gate.drift import Descendant, find_drifts
from bench.analyse.gate.flips import find_flips, vote, votes_from
from bench.analyse.gate.pace import compare_times, not_comparable
from bench.analyse.gate.refusals import differing
from bench.analyse.gate.side import content_of, labels_of, uncontended_epoch_s
from bench.core.names import listed
from bench.record.records import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analyse.gate.side import Side
    from bench.declare.schema import GateKeys
    from bench.record.baseline import Baseline
    from bench.record.records import RunResult
    from bench.record.verdicts import Drift, Flips, TimeVerdict


def drifts(sides: Sequence[Side], baseline: Baseline) -> dict[str, Drift]:
    """The cells that have dropped since they were first accepted, by their id."""
    now = [
        Descendant(
            side.accepted.cell_id,
            content_of(side.accepted.declared, side.accepted.data_sha256),
            side.accuracies(len(side.looks)),
            side.margin,
        )
        for side in sides
    ]
    return find_drifts(now, baseline.acceptances, Rates(baseline.gate.alpha))


def flips(side: Side, results: Sequence[RunResult]) -> Flips | None:
    """What changed image by image; None where predictions of either side are not at hand, or the images differ."""
    found = [trial.outcome.predictions for trial in side.trials if trial.outcome.predictions is not None]
    labels = labels_of(side.trials, results[0])
    if not found or labels is None or side.accepted.mistakes is None or differing(side, results[0]):
        return None
    before = votes_from(side.accepted.mistakes, labels[0])
    return None if before is None else find_flips(before, vote(found), *labels)


def pace(side: Side, results: Sequence[RunResult], gate: GateKeys) -> TimeVerdict | None:
    """Training time beside the accepted one; None where nothing was trained."""
    if not side.trials:
        return None
    accepted, fingerprint = side.accepted, results[0].run.fingerprint
    engines = {trial.outcome.engine for trial in side.trials if trial.status is Status.OK}
    if accepted.fingerprint != fingerprint:
        return not_comparable("the accepted times are of another machine or other versions")
    if engines != {accepted.engine}:
        return not_comparable(
            f"the accepted times are of the engine {accepted.engine}, these of {listed(sorted(map(str, engines)))}"
        )
    before = [seed.epoch_time_s for seed in accepted.seeds if seed.epoch_time_s is not None]
    now = [time for trial in side.trials if (time := uncontended_epoch_s(trial)) is not None]
    return compare_times(before, now, gate.time_margin)


def changed(side: Side, results: Sequence[RunResult]) -> tuple[str, ...]:
    """What the gate is there to judge: it differs from the baseline, and is no reason to refuse."""
    if not side.trials:
        return ()
    accepted, run = side.accepted, results[0].run
    code = run.code.get(side.trials[0].cell.builder, "")
    engines = {trial.outcome.engine for trial in side.trials if trial.outcome.engine} - {accepted.engine}
    told = []
    if code != accepted.code_sha256:
        told.append("the code that builds or trains it")
    if run.fingerprint != accepted.fingerprint:
        told.append("the machine, its settings or the versions of TensorFlow, Keras or NumPy")
    # where `auto` chose, another choice on another day is no change of what was declared
    if engines and not accepted.declared.get("engine", "").startswith("auto"):
        told.append(f"the engine, {accepted.engine} before and {listed(sorted(engines))} now")
    return tuple(told)


def notes(baseline: Baseline, results: Sequence[RunResult]) -> tuple[str, ...]:
    """What the reader should know of the run and its rules."""
    run, told = results[0].run, list(results[0].run.notices)
    declared, accepted = run.gate, baseline.gate.model_dump(mode="json")
    if declared and declared != accepted:
        rules = ", ".join(
            f"{key} {accepted.get(key)} and not {declared.get(key)}"
            for key in accepted
            if accepted.get(key) != declared.get(key)
        )
        told.append(f"Judged by the rules that were accepted: {rules}. `bench accept` takes over those of the suite.")
    if run.asked.get("expression"):
        told.append(f"The run took a part of the suite: -k {run.asked['expression']!r}.")
    if run.run_id == baseline.last.run_id:
        told.append("This very run was accepted: it is compared with itself, which says nothing about another run.")
    return tuple(told)
