"""What judging costs: a thousand cells in one go."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import factories
import numpy as np
import pytest

from bench.analyse.gate.acceptance import Approval, accept
from bench.analyse.gate.judge import judge
from bench.declare.schema import GateKeys
from bench.record.verdicts import Verdict

if TYPE_CHECKING:
    from conftest import Figures
    from pytest_benchmark.fixture import BenchmarkFixture

    from bench.record.records import RunResult

CELLS, SEEDS, ROUNDS, ACCEPTANCES = 1_000, 5, 5, 10


@pytest.mark.parametrize("first", [0, SEEDS], ids=["shared seeds", "other seeds"])
def test_judging_a_thousand_cells(benchmark: BenchmarkFixture, figures: Figures, first: int) -> None:
    """Five seeds on either side, drift since nine earlier acceptances included; other seeds leave some cells open."""
    result, current = _run(0), _run(first)
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
        judgement = judge(baseline, [current])
        taken.append(time.perf_counter() - begun)
        assert len(judgement.cells) == CELLS
        assert bool(judgement.having(Verdict.INCONCLUSIVE)) == bool(judgement.reach) == bool(first)

    benchmark.pedantic(once, rounds=ROUNDS)
    what = f"judging {CELLS:,} cells of {SEEDS} {'other' if first else 'shared'} seeds"
    figures.add(what, taken, target=2.0, at_most=True, form="{:.2f} s")


def _run(first: int) -> RunResult:
    """A run of all cells, whose seeds lie 0.3 points apart."""
    noise = np.random.default_rng(first)
    trials = [
        factories.trial(factories.cell(f"model-{number}"), seed, accuracy=round(noise.normal(0.98, 0.003), 4))
        for number in range(CELLS)
        for seed in range(first, first + SEEDS)
    ]
    trials = [replace(trial, outcome=replace(trial.outcome, predictions=None)) for trial in trials]
    return factories.result(*trials, gate=GateKeys(time=True).model_dump(mode="json"), fingerprint="here")
