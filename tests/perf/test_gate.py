"""What judging costs: a thousand cells in one go."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import factories

from bench.analyse.gate.acceptance import Approval, accept
from bench.analyse.gate.judge import judge
from bench.declare.schema import GateKeys

if TYPE_CHECKING:
    from conftest import Figures
    from pytest_benchmark.fixture import BenchmarkFixture

CELLS, SEEDS, ROUNDS, ACCEPTANCES = 1_000, 5, 5, 10


def test_judging_a_thousand_cells(benchmark: BenchmarkFixture, figures: Figures) -> None:
    """Five seeds on either side, drift since nine earlier acceptances included."""
    cells = [factories.cell(f"model-{number}") for number in range(CELLS)]
    trials = [
        factories.trial(cell, seed, accuracy=0.98 + 0.001 * (seed % 3)) for cell in cells for seed in range(SEEDS)
    ]
    trials = [replace(trial, outcome=replace(trial.outcome, predictions=None)) for trial in trials]
    result = factories.result(*trials, gate=GateKeys(time=True).model_dump(mode="json"), fingerprint="here")
    approval = Approval("2026-11-24T12:00:00+00:00", "Somebody", "the first")
    baseline = accept(result, approval, None)
    *_, last = baseline.acceptances
    # other figures: acceptances of the same ones are compared once
    earlier = [
        replace(last, cells={name: replace(cell, mean=cell.mean + 0.001 * step) for name, cell in last.cells.items()})
        for step in range(1, ACCEPTANCES)
    ]
    baseline = replace(baseline, acceptances=(*earlier, last))
    taken: list[float] = []

    def once() -> None:
        begun = time.perf_counter()
        assert len(judge(baseline, [result]).cells) == CELLS
        taken.append(time.perf_counter() - begun)

    benchmark.pedantic(once, rounds=ROUNDS)
    figures.add(f"judging {CELLS:,} cells of {SEEDS} seeds", taken, target=2.0, at_most=True, form="{:.2f} s")
