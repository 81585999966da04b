"""`bench power`: what the gate can see with the seeds there are, and what more would cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.gate.judge import rates_of
from bench.analyse.gate.power import Design
from bench.analyse.gate.side import same_score
from bench.analyse.stats import ok_trials, summary
from bench.commands.find import find_run
from bench.core.errors import BenchError, ExitCode, NotJudgedError
from bench.core.score import Form
from bench.declare.margins import margin_of
from bench.declare.schema import GateKeys
from bench.record.baseline import read_baseline
from bench.render.documents.document import print_document
from bench.render.documents.power import power_document
from bench.render.power import print_power
from bench.render.terminal import make_console

if TYPE_CHECKING:
    import pandas as pd

    from bench.commands.workspace import Workspace
    from bench.core.score import Score
    from bench.results import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerRequest:
    """What a user asks to be planned.

    Attributes:
        run: whose spread of seeds is read.
        margin: in percentage points for scores in percent, else in the score's unit; None for that of the gate.
        power: the probability of detection to plan for.
        seeds: current seeds per cell; None for as many as the run had.
        as_json: print a JSON document.
    """

    run: str
    margin: float | None
    power: float
    seeds: int | None
    workspace: Workspace
    as_json: bool = False


def show_power(request: PowerRequest) -> ExitCode:
    """Print, per cell, the smallest drop that is found, and the seeds that the margin needs.

    Raises:
        BenchError: there is no such run, none of its cells has two seeds, or nobody says what the margin is.
    """
    run = find_run(request.run, request.workspace)
    gate, accepted = _rules(run, request)
    score = run.result.run.score
    cells = summary(run.trials(), score)
    cells = cells[cells["n"] > 1].reset_index(drop=True)
    if cells.empty:
        raise NotJudgedError(
            f"No cell of run {run.run_id} has two seeds, so how far seeds lie apart is not known.",
            hint="Train more of them: bench run --seeds 5",
        )
    seeds = request.seeds or int(cells["n"].median())
    base = accepted or int(cells["n"].median())
    examples = ok_trials(run.trials()).groupby("cell_id")["test_images"].max().fillna(0)
    steps = [
        score.step(int(examples[cell]), mean) for cell, mean in zip(cells["cell_id"], cells["score_mean"], strict=True)
    ]
    design = Design(
        base_seeds=base,
        seeds=seeds,
        std=cells["score_std"].to_numpy(dtype=float),
        margin=_margins(cells, gate, score, request.margin),
        step=np.array(steps),
        rates=rates_of(gate),
        rule=gate.rule,
    )
    # what it costs is what it took, with whatever ran at the same time
    took = ok_trials(run.trials()).groupby("cell_id")["total_time_s"].median()
    trials = [(str(cell), float(took[cell])) for cell in cells["cell_id"]]
    check = power_document(run.run_id, design, trials, request.power, score)
    if request.as_json:
        print_document(check)
    else:
        print_power(make_console(), check, score)
    return ExitCode.OK


def _margins(cells: pd.DataFrame, gate: GateKeys, score: Score, asked: float | None) -> np.ndarray:
    """The margin of every cell, in the score's unit."""
    if asked:
        return np.full(len(cells), asked / 100 if score.form is Form.PERCENT else asked)
    margins = [
        margin_of(gate, str(cell), str(architecture), score)
        for cell, architecture in zip(cells["cell_id"], cells["architecture"], strict=True)
    ]
    if None in margins:
        spread = score.gap(float(cells["score_std"].median()))
        raise BenchError(
            f"Only you know how much {score.heading} may be lost, and neither the suite nor --margin says it.",
            hint=f"Add --margin in the unit of {score.heading}; its seeds deviate by {spread} (median over cells).",
        )
    return np.array(margins, dtype=float)


def _rules(run: Run, request: PowerRequest) -> tuple[GateKeys, int | None]:
    """The gate of the baseline and how many seeds were accepted, or that of the run where there is no baseline."""
    suite = run.result.run.suite_name
    try:
        baseline = read_baseline(request.workspace.baseline_of(suite), suite=suite)
    except NotJudgedError:
        return GateKeys.model_validate(run.result.run.gate), None
    if not same_score(baseline.score, run.result.run.score):
        return GateKeys.model_validate(run.result.run.gate), None
    return baseline.gate, int(np.median([len(cell.seeds) for cell in baseline.cells]))
