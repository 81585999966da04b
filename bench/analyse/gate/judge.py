"""A run against a baseline: a verdict for every accepted cell. Records in, values out; nothing is read or trained."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.gate import beside, decision
from bench.analyse.gate.evidence import bounds, evidence, moments
from bench.analyse.gate.refusals import without_statistics
from bench.analyse.gate.side import seeds_of, sides_of, verdict_of
from bench.core.formatting import points
from bench.record.verdicts import CellVerdict, Difference, Judgement, Verdict

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
    """A verdict for every cell of the baseline.

    Args:
        baseline: what was accepted, and the rules it was accepted with.
        results: the run to judge, then the runs that brought further seeds of inconclusive cells, a run for each look.
        partial: judge only the cells that the run was asked for, where it took a part of the suite.

    Returns:
        The judgement; equal arguments give equal judgements.
    """
    run, gate = results[0].run, baseline.gate
    asked = {cell_id for cell_id, _ in run.planned}
    accepted = [cell for cell in baseline.cells if not partial or cell.cell_id in asked]
    sides = sides_of(accepted, results, gate)
    verdicts = {side.accepted.cell_id: without_statistics(side, results, gate) for side in sides}
    judged = [side for side in sides if verdicts[side.accepted.cell_id] is None]
    verdicts |= _by_statistics(judged, baseline, len(results))
    drifts = beside.drifts(judged, baseline)
    cells = [
        replace(
            found,
            drift=drifts.get(found.cell_id),
            flips=beside.flips(side, results),
            time=beside.pace(side, results, gate) if gate.time else None,
            changed=beside.changed(side, results),
        )
        for side in sides
        if (found := verdicts[side.accepted.cell_id]) is not None
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
        notes=beside.notes(baseline, results),
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
    base = moments([[seed.accuracy for seed in side.accepted.seeds] for side in sides])
    calls, stands, decided_at = None, None, np.ones(len(sides), dtype=int)
    for look in range(1, looks + 1):
        now = evidence(base, moments([side.accuracies(look) for side in sides]), margin, tolerated)
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
        current = side.accuracies(look)
        low, high = bounds(
            moments([[s.accuracy for s in side.accepted.seeds]]), moments([current]), rates.missed_per_look
        )
        found = Difference(
            value=float(stands.difference[index]),
            # no accuracy is below 0 or above 1, so no difference goes further
            low=max(-1.0, float(low[0])),
            high=min(1.0, float(high[0])),
            level=rates.missed_per_look,
            p_inferior=float(stands.p_inferior[index]),
            p_drop=float(stands.p_drop[index]),
            p_drop_adjusted=float(drops[index]),
            p_gain_adjusted=float(gains[index]),
            look=look,
        )
        verdict = CALLS[decision.Call(int(calls[index]))]
        verdicts[side.accepted.cell_id] = replace(
            verdict_of(side, verdict, _reason(verdict, found, side.margin, gate.rule)),
            current=seeds_of(current),
            difference=found,
        )
    return verdicts


def _reason(verdict: Verdict, found: Difference, margin: float, rule: str) -> str:
    """The figures that a call stands on, in a sentence."""
    size = points(abs(found.value))
    drop = "Unchanged" if float(size) == 0 else f"{size} points {'lower' if found.value < 0 else 'higher'}"
    low, limit = f"at worst {points(found.low)} points", f"the margin is {points(-margin)}"
    sure = f"adjusted p = {found.p_drop_adjusted:.2g}"
    beyond = " by more than the margin" if rule == "margin" else ""
    match verdict:
        case Verdict.PASS:
            return f"{drop}, {low}; {limit}."
        case Verdict.IMPROVED:
            return f"{drop}, and surely higher (adjusted p = {found.p_gain_adjusted:.2g})."
        case Verdict.REGRESSED:
            return f"{drop}, and surely dropped{beyond} ({sure}); {low}, {limit}."
        case _:
            return f"{drop}, {low}, {limit}: too few seeds to pass it, and no sure drop{beyond} ({sure})."
