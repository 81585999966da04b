"""`bench verify`: whether a trial gives the same bits when it is trained again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bench.analyse.bits import Likeness, compare
from bench.commands.plan import declare
from bench.commands.prepare import inspected, prepare, tell
from bench.commands.site import Terms, site_for
from bench.core.errors import ExitCode
from bench.core.interrupts import Interrupts
from bench.core.temporary import temporary_folder
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
            site_for(declared.cells, request.nodes, display.note) as site,
            temporary_folder() as folder,
        ):
            work = prepare(declared, declared.suite.keys.seeds[:1], site, display.working)
            for notice in work.data.notices:
                display.warn(notice)
            with Interrupts() as interrupts:
                surveys = Surveys(store, remember=False)
                executor = site.executor(Terms(run_id="verify", folder=folder, interrupts=interrupts, surveys=surveys))
                make_task = inspected(work.task_maker("verify"), work.positions, executor, folder)
                tell(make_task, work.positions, display)
                for position in work.positions:
                    trial = position.planned
                    display.working(f"Training {trial.cell.id} seed {trial.seed} twice")
                    task = make_task(position)
                    again = replace(task, trial_id=f"{task.trial_id}-again", log=task.log.replace(".log", "-again.log"))
                    first, second = train_for_bits(executor, task), train_for_bits(executor, again)
                    difference = compare(first.outcome.ladder, second.outcome.ladder, first.weights, second.weights)
                    engine = first.outcome.engine or trial.cell.engine
                    verified.append(Verified(trial.cell, trial.seed, engine, len(first.outcome.ladder), difference))
    finally:
        display.end()
    console.print(verification_table([pair.row() for pair in verified]))
    return ExitCode.OK if all(pair.holds for pair in verified) else ExitCode.REGRESSED
