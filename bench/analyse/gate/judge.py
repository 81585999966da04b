"""A run against a baseline: a verdict for every accepted cell. Records in, values out; nothing is read or trained."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.gate import context, decision
from bench.analyse.gate.evidence import bounds, evidence, moments
from bench.analyse.gate.refusals import without_statistics
from bench.analyse.gate.side import outward, seeds_of, sides_of, verdict_of
from bench.record.verdicts import Cause, CellVerdict, Difference, Grounds, Judgement, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.analyse.gate.decision import Rates
    from bench.analyse.gate.side import Side
    from bench.declare.schema import GateKeys
    from bench.record.baseline import Baseline
    from bench.record.records import RunResult

CALLS = {
    decision.Call.INCONCLUSIVE: Verdict.INCONCLUSIVE,
    decision.Call.PASS: Verdict.PASS,
    decision.Call.IMPROVED: Verdict.IMPROVED,
    decision.Call.REGRESSED: Verdict.REGRESSED,
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
    verdicts |= _by_statistics(judged, baseline, len(results))
    drifts = context.drifts(judged, baseline)
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
    )


def rates_of(gate: GateKeys) -> Rates:
    """The error rates that a suite's gate asks for."""
    return decision.Rates(gate.alpha, looks=gate.looks if gate.on_inconclusive == "more-seeds" else 1)


def _by_statistics(sides: Sequence[Side], baseline: Baseline, looks: int) -> dict[str, CellVerdict]:
    if not sides:
        return {}
    gate, rates = baseline.gate, rates_of(baseline.gate)
    margin = np.array([side.margin for side in sides])
    tolerated = margin if gate.rule == "margin" else np.zeros(len(sides))
    base = moments([side.accepted_gains for side in sides])
    calls, stands, decided_at = None, None, np.ones(len(sides), dtype=int)
    for look in range(1, looks + 1):
        now = evidence(base, moments([side.gains(look) for side in sides]), margin, tolerated)
        if calls is None or stands is None:
            calls, stands = decision.decide(now, rates), now
        else:
            decided_at[calls == decision.Call.INCONCLUSIVE] = look
            calls, stands = decision.look_again(calls, stands, now, rates)
    assert calls is not None  # noqa: S101  a judged run is the first look
    assert stands is not None  # noqa: S101
    drops, gains = decision.adjusted(stands.p_drop), decision.adjusted(stands.p_gain)
    verdicts = {}
    for index, side in enumerate(sides):
        look = int(decided_at[index])
        low, high = bounds(moments([side.accepted_gains]), moments([side.gains(look)]), rates.missed_per_look)
        change = outward(baseline.score, float(stands.difference[index]), float(low[0]), float(high[0]))
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
        )
        verdict = CALLS[decision.Call(int(calls[index]))]
        verdicts[side.accepted.cell_id] = replace(
            verdict_of(side, verdict, Grounds(cause=Cause.SEEDS)),
            current=seeds_of(side.values(look)),
            difference=difference,
        )
    return verdicts
