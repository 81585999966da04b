"""A run against a baseline: a verdict for every accepted cell. Records in, values out; nothing is read or trained."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.gate import context
from bench.analyse.gate.decision import Call, Rates, adjusted, decided
from bench.analyse.gate.evidence import bounds
from bench.analyse.gate.reach import design_of, reach_of, remedy_of
from bench.analyse.gate.refusals import same_predictions, without_statistics
from bench.analyse.gate.samples import samples_of
from bench.analyse.gate.side import outward, seeds_of, sides_of, value_of, verdict_of
from bench.record.evidence import Difference
from bench.record.verdicts import Cause, CellVerdict, Grounds, Judgement, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.analyse.gate.side import Side
    from bench.declare.schema import GateKeys
    from bench.record.baseline import Baseline
    from bench.record.records import RunResult
    from bench.record.verdicts import Reach, Remedy

CALLS = {
    Call.INCONCLUSIVE: Verdict.INCONCLUSIVE,
    Call.PASS: Verdict.PASS,
    Call.IMPROVED: Verdict.IMPROVED,
    Call.REGRESSED: Verdict.REGRESSED,
}


def judge(baseline: Baseline, results: Sequence[RunResult], *, partial: bool = False) -> Judgement:
    """A verdict for every cell of the baseline, as values; the words for them are made where they are shown.

    Args:
        baseline: what was accepted, and the rules it was accepted with.
        results: the run to judge, then the runs that brought further seeds of inconclusive cells, a run for each look.
        partial: judge only the cells that the run was asked for, where it took a part of the suite.

    Returns:
        The judgement; equal arguments give equal judgements.

    Raises:
        NotJudgedError: the rules of the baseline give a cell no margin.
    """
    run, gate = results[0].run, baseline.gate
    asked = {cell_id for cell_id, _ in run.planned}
    accepted = [cell for cell in baseline.cells if not partial or cell.cell_id in asked]
    sides = sides_of(accepted, results, gate, baseline.score)
    verdicts = {side.accepted.cell_id: without_statistics(side, results, gate) for side in sides}
    judged = [side for side in sides if verdicts[side.accepted.cell_id] is None]
    shared = {side.accepted.cell_id: same_predictions(side) for side in judged}
    alike = {cell_id: number for cell_id, number in shared.items() if number >= gate.min_seeds}
    same = [side for side in judged if side.accepted.cell_id in alike]
    others = [side for side in judged if side.accepted.cell_id not in alike]
    verdicts |= _by_statistics(others, baseline, len(results))
    verdicts |= _same_trainings(same, alike, baseline, len(results))
    reach, remedy = _outlook(baseline, sides, verdicts)
    drifts = context.drifts(judged, baseline, rates_of(gate))
    cells = [
        replace(
            verdict,
            drift=drifts.get(verdict.cell_id),
            flips=context.flips(side, results),
            time=context.pace(side, results, gate) if gate.time else None,
            differing=context.changed(side, results),
        )
        for side in sides
        if (verdict := verdicts[side.accepted.cell_id]) is not None
    ]
    return Judgement(
        suite=baseline.suite,
        runs=tuple(result.run.run_id for result in results),
        baseline=baseline.last.hash,
        accepted_at=baseline.last.accepted_at,
        gate=gate.model_dump(mode="json"),
        looks=len(results),
        cells=tuple(cells),
        unjudged=tuple(sorted(asked - {cell.cell_id for cell in baseline.cells})),
        left_out=tuple(cell.cell_id for cell in baseline.cells if partial and cell.cell_id not in asked),
        remarks=context.remarks(baseline, results, cells),
        score=baseline.score,
        reach=reach,
        remedy=remedy,
    )


def rates_of(gate: GateKeys) -> Rates:
    """The error rates that a suite's gate asks for."""
    return Rates(gate.alpha, looks=gate.looks if gate.on_inconclusive == "more-seeds" else 1)


def _by_statistics(sides: Sequence[Side], baseline: Baseline, looks: int) -> dict[str, CellVerdict]:
    if not sides:
        return {}
    gate, rates = baseline.gate, rates_of(baseline.gate)
    margin = np.array([side.margin for side in sides])
    decision = decided(samples_of(sides), margin, rates, rule=gate.rule, looks=looks)
    stands = decision.stands
    drops, gains = adjusted(stands.p_drop), adjusted(stands.p_gain)
    low, high = bounds(decision.of, rates.missed_per_look)
    verdicts = {}
    for index, side in enumerate(sides):
        change = outward(baseline.score, float(stands.difference[index]), float(low[index]), float(high[index]))
        look = int(decision.look[index])
        difference = Difference(
            value=change.value,
            low=change.low,
            high=change.high,
            level=rates.missed_per_look,
            p_inferior=float(stands.p_inferior[index]),
            p_drop=float(stands.p_drop[index]),
            p_drop_adjusted=float(drops[index]),
            p_gain_adjusted=float(gains[index]),
            look=look,
            pairs=int(decision.of.pairs[index]),
        )
        grounds = Grounds(cause=Cause.SEEDS)
        if decision.outlying[index]:
            grounds = _worst_seed(side, look, Cause.OUTLYING_SEED)
        elif decision.barred[index]:
            grounds = _worst_seed(side, look, Cause.DOUBTFUL_SEEDS)
        verdicts[side.accepted.cell_id] = replace(
            verdict_of(side, CALLS[Call(int(decision.calls[index]))], grounds),
            current=seeds_of(side.values(look)),
            difference=difference,
        )
    return verdicts


def _same_trainings(
    sides: Sequence[Side], shared: Mapping[str, int], baseline: Baseline, looks: int
) -> dict[str, CellVerdict]:
    """Cells pass whose shared seeds predict the same, unless other seeds of theirs are far below the accepted ones."""
    doubted = {
        cell_id: verdict
        for cell_id, verdict in _by_statistics(sides, baseline, looks).items()
        if verdict.grounds and verdict.grounds.cause is not Cause.SEEDS
    }
    return doubted | {
        side.accepted.cell_id: verdict_of(
            side, Verdict.PASS, Grounds(cause=Cause.SAME_PREDICTIONS, trials=shared[side.accepted.cell_id])
        )
        for side in sides
        if side.accepted.cell_id not in doubted
    }


def _worst_seed(side: Side, look: int, cause: Cause) -> Grounds:
    """The seed of the first so many looks that is the worst, and the worst accepted score."""
    _, seed = min((gain, seed) for seed, (number, gain) in side.gains.items() if number <= look)
    _, worst = min((side.score.gain(value), value) for value in side.accepted_values)
    reached = next(value_of(trial, side.score) for trial in side.trials if trial.seed == seed)
    return Grounds(cause=cause, seed=seed, reached=reached, accepted_worst=worst)


def _outlook(
    baseline: Baseline, sides: Sequence[Side], verdicts: Mapping[str, CellVerdict | None]
) -> tuple[Reach | None, Remedy | None]:
    """What such a check can pass, and what would settle it; nothing where its seeds are compared in pairs.

    How much pairs add depends on how seeds are related, which no plan knows.
    """
    compared = [verdict for verdict in verdicts.values() if verdict and verdict.difference]
    if not compared or any(verdict.difference.pairs for verdict in compared if verdict.difference):
        return None, None
    known = {verdict.cell_id for verdict in compared}
    seeds = min(len(side.looks[0]) for side in sides if side.accepted.cell_id in known)
    design = design_of(baseline, rates_of(baseline.gate), seeds, [side.accepted for side in sides])
    if design is None:
        return None, None
    unsettled = any(verdict.verdict is Verdict.INCONCLUSIVE for verdict in compared)
    return reach_of(design), remedy_of(design) if unsettled else None
