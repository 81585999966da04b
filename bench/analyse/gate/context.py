"""Extra information shown with a verdict; it never changes the verdict: drift, flips, time, what else changed. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bench.analyse.gate.drift import Descendant, find_drifts
from bench.analyse.gate.flips import find_flips
from bench.analyse.gate.mistakes import MOST_ERRORS, accepted_mistakes, mistakes_of
from bench.analyse.gate.pace import compare_times, machine_obstacle, machines_of, not_comparable
from bench.analyse.gate.refusals import differing
from bench.analyse.gate.side import content_of, truth_of, uncontended_epoch_s
from bench.core.names import listed
from bench.core.target import Task
from bench.declare.margins import usual_margin
from bench.declare.schema import GateKeys
from bench.record.evidence import Change, Obstacle
from bench.record.records import Status
from bench.record.verdicts import Remark, Topic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analyse.gate.decision import Rates
    from bench.analyse.gate.side import Side
    from bench.record.baseline import Baseline
    from bench.record.evidence import Drift, Flips, TimeVerdict
    from bench.record.records import RunResult
    from bench.record.verdicts import CellVerdict


def drifts(sides: Sequence[Side], baseline: Baseline, rates: Rates) -> dict[str, Drift]:
    """The cells that have dropped since an earlier acceptance, by their id.

    Args:
        sides: of the cells whose seeds can be compared.
        baseline: with the chain of acceptances.
        rates: of the check. Which look the seeds of a cell come from depends on their values, so drift spends the rate
            of one look: whichever look it is, the rates of all looks add up to at most `alpha`.
    """
    now = [
        Descendant(
            side.accepted.cell_id,
            content_of(side.accepted, side.score),
            side.values(len(side.looks)),
            side.margin,
            side.step,
        )
        for side in sides
    ]
    return find_drifts(now, baseline.acceptances, rates, baseline.score)


def flips(side: Side, results: Sequence[RunResult]) -> Flips | None:
    """What changed example by example; None where predictions of either side are not at hand, or the data differs."""
    predictions = [trial.outcome.predictions for trial in side.trials if trial.outcome.predictions is not None]
    truth = truth_of(side.trials, results[0])
    if truth is None or differing(side, results[0]):
        return None
    before, now = accepted_mistakes(side.accepted), mistakes_of(predictions, truth)
    return None if before is None or now is None else find_flips(before, now, truth)


def pace(side: Side, results: Sequence[RunResult], gate: GateKeys) -> TimeVerdict | None:
    """Training time and the accepted one; None where nothing was trained."""
    if not side.trials:
        return None
    accepted, fingerprint = side.accepted, results[0].run.fingerprint
    engines = {trial.outcome.engine for trial in side.trials if trial.status is Status.OK}
    if accepted.fingerprint != fingerprint:
        return not_comparable(Obstacle.ENVIRONMENT)
    if engines != {accepted.engine}:
        return not_comparable(Obstacle.ENGINE, accepted=accepted.engine, current=listed(sorted(map(str, engines))))
    # an epoch that is a single step of `fit` has no time of its own
    before = [seed.epoch_time_s for seed in accepted.seeds if seed.epoch_time_s]
    now = [time for trial in side.trials if (time := uncontended_epoch_s(trial))]
    compared = compare_times(before, now, gate.time_margin)
    obstacle = machine_obstacle(accepted.machine, machines_of(side.trials))
    return not_comparable(obstacle) if obstacle and compared.obstacle is None else compared


def changed(side: Side, results: Sequence[RunResult]) -> tuple[Change, ...]:
    """What the gate is there to judge: it differs from the baseline, and is no reason to refuse."""
    if not side.trials:
        return ()
    accepted, run = side.accepted, results[0].run
    code = run.code.get(side.trials[0].cell.builder, "")
    engines = {trial.outcome.engine for trial in side.trials if trial.outcome.engine} - {accepted.engine}
    changes = []
    if code != accepted.code_sha256:
        changes.append(Change(key="code", before=accepted.code_sha256, after=code))
    if run.fingerprint != accepted.fingerprint:
        changes.append(Change(key="environment", before=accepted.fingerprint, after=run.fingerprint))
    # where `auto` chose, another choice on another day is no change of what was declared
    if engines and not accepted.declared.get("engine", "").startswith("auto"):
        changes.append(Change(key="engine", before=accepted.engine, after=listed(sorted(engines))))
    return tuple(changes)


def remarks(baseline: Baseline, results: Sequence[RunResult], cells: Sequence[CellVerdict] = ()) -> tuple[Remark, ...]:
    """What the reader should know of the run, its rules, and what could not be judged of its cells."""
    run = results[0].run
    made = [Remark(topic=Topic.NOTICE, text=notice) for notice in run.notices]
    declared, accepted = dict(run.gate), baseline.gate.model_dump(mode="json")
    declared = {**GateKeys().model_dump(mode="json"), **declared} if declared else declared
    if declared and declared.get("margin") is None:
        declared["margin"] = usual_margin(run.score)
    if declared and declared != accepted:
        rules = tuple(
            Change(key=key, before=str(accepted.get(key)), after=str(declared.get(key)))
            for key in accepted
            if accepted.get(key) != declared.get(key)
        )
        made.append(Remark(topic=Topic.RULES, differing=rules))
    if run.asked.get("expression"):
        made.append(Remark(topic=Topic.PART, text=str(run.asked["expression"])))
    if run.run_id == baseline.last.run_id:
        made.append(Remark(topic=Topic.ITSELF))
    if unaccepted := _unaccepted(baseline, run.planned):
        made.append(Remark(topic=Topic.SEEDS, seeds=unaccepted))
    untimed = Counter(cell.time.obstacle for cell in cells if cell.time and cell.time.obstacle)
    if untimed:
        made.append(
            Remark(
                topic=Topic.UNTIMED,
                number=sum(untimed.values()),
                cells=sum(cell.time is not None for cell in cells),
                obstacles=tuple(untimed.items()),
            )
        )
    if any(cell.task is Task.REGRESSION and cell.images > MOST_ERRORS for cell in baseline.cells):
        made.append(Remark(topic=Topic.ERRORS_NOT_KEPT, number=MOST_ERRORS))
    return tuple(made)


def _unaccepted(baseline: Baseline, planned: Sequence[tuple[str, int]]) -> tuple[int, ...]:
    """The seeds that a cell of the run was planned with and never accepted with, in ascending order."""
    accepted = {cell.cell_id: {seed.seed for seed in cell.seeds} for cell in baseline.cells}
    return tuple(sorted({seed for cell_id, seed in planned if cell_id in accepted and seed not in accepted[cell_id]}))
