"""`bench verify`: whether a trial gives the same bits when it is trained again."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bench.analyse.bits import Likeness, compare
from bench.commands.data import prepare_data
from bench.commands.plan import declare, signatures
from bench.commands.prepare import inspected, task_maker, tell
from bench.core.errors import ExitCode
from bench.core.temporary import temporary_folder
from bench.declare.plan import plan
from bench.execute.harness.launcher import runtime_signatures, warm_servers
from bench.execute.harness.schedule import Position
from bench.execute.harness.surveys import Surveys
from bench.execute.harness.verification import train_for_bits
from bench.render.terminal import make_console, make_display
from bench.render.verification import verification_row, verification_table

if TYPE_CHECKING:
    from bench.analyse.bits import Comparison
    from bench.commands.request import RunRequest
    from bench.declare.cell import Cell


@dataclass(frozen=True, slots=True)
class Verified:
    """A cell trained twice.

    Attributes:
        engine: that trained it.
        rungs: digests that were compared, from the weights as drawn to the last epoch.
    """

    cell: Cell
    seed: int
    engine: str
    rungs: int
    comparison: Comparison

    def row(self) -> tuple[str, ...]:
        """As the table shows it."""
        return verification_row(self.cell.id, self.seed, self.engine, self.rungs, self.comparison)

    @property
    def holds(self) -> bool:
        """Whether it is as equal as it was declared to be: bit for bit where `deterministic`, else within tolerance."""
        likeness = self.comparison.likeness
        return likeness is Likeness.BITWISE or (likeness is Likeness.TOLERANCE and not self.cell.deterministic)


def verify(request: RunRequest) -> ExitCode:
    """Train the first seed of every selected cell twice, each time in a fresh process, and say how equal they are.

    Raises:
        BenchError: the suite is wrong, its data cannot be had, or a trial does not train.
    """
    console = make_console()
    display = make_display(console)
    declared = declare(request)
    verified = []
    try:
        with (
            request.workspace.writing() as store,
            warm_servers(runtime_signatures(declared.cells), keep=False) as servers,
            temporary_folder() as folder,
        ):
            data = prepare_data(declared.suite, declared.cells, servers, display.working)
            for notice in data.notices:
                display.warn(notice)
            hashes = {name: found.sha256 for name, found in data.obtained.items()}
            planned = plan(data.cells, declared.suite.keys.seeds[:1], signatures(declared.suite, hashes))
            positions = [Position(index, trial) for index, trial in enumerate(planned)]
            make_task = inspected(task_maker("verify", declared.suite, data), positions, servers, folder)
            tell(make_task, positions, display)
            surveys = Surveys(store, remember=False)
            for position in positions:
                trial = position.planned
                display.working(f"Training {trial.cell.id} seed {trial.seed} twice")
                # what `bench run` would take: the engine that a survey in the store favours
                task = make_task(position)
                task = replace(task, survey=surveys.find(task)[1], decided_at=time.perf_counter())
                one, other = train_for_bits(servers, task), train_for_bits(servers, task)
                found = compare(one.outcome.ladder, other.outcome.ladder, one.weights.arrays, other.weights.arrays)
                engine = one.outcome.engine or trial.cell.engine
                verified.append(Verified(trial.cell, trial.seed, engine, len(one.outcome.ladder), found))
    finally:
        display.end()
    console.print(verification_table([one.row() for one in verified]))
    return ExitCode.OK if all(one.holds for one in verified) else ExitCode.REGRESSED
