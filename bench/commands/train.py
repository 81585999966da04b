"""The middle of a run: every planned trial is trained, taken from the store, or accounted for."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bench.commands.models import ModelKeeper
from bench.commands.prepare import inspected, tell
from bench.commands.site import Terms
from bench.core.errors import ExecutionError
from bench.core.interrupts import Interrupts
from bench.core.temporary import temporary_folder
from bench.execute.events import Finished, NodeLost, Progressed, Rating, Started, Surveying
from bench.execute.harness.endings import record_of
from bench.execute.harness.schedule import Schedule
from bench.execute.harness.surveys import Surveys
from bench.execute.harness.yardsticks import Yardsticks
from bench.record.records import RunStatus, Status
from bench.render.damage import waiting_text

if TYPE_CHECKING:
    from pathlib import Path

    from bench.commands.prepare import Work
    from bench.commands.stage import Stage
    from bench.execute.events import Event, Executor
    from bench.execute.harness.schedule import Position
    from bench.execute.messages import TrialTask
    from bench.record.records import KeptModel, TrialRecord


@dataclass(frozen=True, slots=True)
class Trained:
    """How the middle of a run ended.

    Attributes:
        inspection_time_s: spent on building every model once.
        survey_time_s: spent on measuring engines.
        yardstick_time_s: spent on measuring the rates of devices.
        models: the trained models that the run has kept.
    """

    status: RunStatus
    inspection_time_s: float
    survey_time_s: float
    yardstick_time_s: float
    models: tuple[KeptModel, ...]


def train(stage: Stage, run_id: str, work: Work, *, folder: Path) -> Trained:
    """Train what the store does not hold, and commit every trial as it ends.

    An interruption, or the loss of the warm server, ends the trials under way; they and those that had not started get
    a row that says so.

    Args:
        stage: of the run, which is in the store already.
        run_id: of the run.
        work: what is to be trained.
        folder: of the run, for logs.
    """
    training = _Training(stage, run_id, work, folder)
    # a run that is killed leaves it until the next start, so it is made only where something will be drawn
    drawn = any(trial.cell.follows for trial in work.planned)
    try:
        with Interrupts() as interrupts, temporary_folder() if drawn else nullcontext() as files:
            status = training.run(interrupts, files)
        models = training.models.settle() if training.models else ()
        times_s = training.inspection_time_s, training.survey_time_s, training.yardsticks.spent_s
        return Trained(status, *times_s, models)
    finally:
        stage.store.release_claims(run_id)


class _Training:
    """One run's trials on their way into the store."""

    def __init__(self, stage: Stage, run_id: str, work: Work, folder: Path) -> None:
        self._stage, self._run_id, self._folder, self._work = stage, run_id, folder, work
        self._make_task = work.task_maker(run_id)
        self.models: ModelKeeper | None = None
        if stage.suite.keys.keep_models == "best":
            self.models = ModelKeeper(work.planned, run_id, folder, work.data.score, stage)
            self._make_task = replace(self._make_task, models=self.models.folder)
        self.inspection_time_s = 0.0
        self.yardsticks = Yardsticks()
        # what was measured while other trials ran serves this run alone
        self._surveys = Surveys(stage.store, remember=stage.request.jobs == 1)
        self._schedule = Schedule(
            work.planned,
            stage.store,
            run_id,
            fresh=stage.request.fresh,
            make_task=self._task,
            on_reuse=self._reuse,
            on_wait=lambda holder: stage.display.note(waiting_text(holder)),
        )

    @property
    def survey_time_s(self) -> float:
        return self._surveys.spent_s

    def run(self, interrupts: Interrupts, files: Path | None) -> RunStatus:
        terms = Terms(
            run_id=self._run_id,
            folder=self._folder,
            interrupts=interrupts,
            surveys=self._surveys,
            jobs=self._stage.request.jobs,
            yardsticks=self.yardsticks,
        )
        executor = self._stage.site.executor(terms)
        try:
            self._inspect(executor, files or self._folder)
            for event in executor.run(self._schedule):
                self._tell(event)
        except KeyboardInterrupt:
            executor.stop()
            self._account(executor, Status.INTERRUPTED, "The run was interrupted")
            return RunStatus.INTERRUPTED
        except ExecutionError as error:
            self._stage.display.warn(f"{error.message} {error.hint}")
            self._account(executor, Status.FAILED, f"{error.message.rstrip('.')}. It did so")
        return RunStatus.FINISHED

    def _task(self, position: Position) -> TrialTask:
        return self._make_task(position)  # another maker once the models were looked at

    def _inspect(self, executor: Executor, files: Path) -> None:
        """Have the model of every cell that is to be trained built once, before the first of its seeds.

        What cells follow that are declared on several backends is drawn then, too.
        """
        store, display = self._stage.store, self._stage.display
        done = set() if self._stage.request.fresh else store.done([trial.key for trial in self._work.planned])
        missing = [position for position in self._work.positions if position.planned.key not in done]
        if not missing:
            return
        begun = time.perf_counter()
        display.working("Building every model once")
        self._make_task = inspected(self._make_task, missing, executor, files)
        self.inspection_time_s = time.perf_counter() - begun
        display.working("")
        tell(self._make_task, missing, display)

    def _tell(self, event: Event) -> None:
        store, display = self._stage.store, self._stage.display
        match event:
            case Surveying(task=task):
                display.working(f"Measuring which engine is the fastest for {task.cell.id}")
            case Rating(task=task):
                display.working(f"Measuring the rate of {task.cell.device}")
            case Started(task=task):
                display.working("")
                where = f" on {task.node}" if task.node else ""
                display.started(task.trial_id, f"{task.cell.id} seed {task.seed}{where}", task.cell.settings.epochs)
            case Progressed(task=task, epoch=epoch):
                display.epoch(task.trial_id, epoch)
            case NodeLost(node=node):
                display.warn(f"Node {node.node} was lost: {node.lost}. Another node trains its trial again.")
            case Finished(task=task, record=record):
                store.commit_trial(record, position=task.position)
                if self.models:
                    self.models.note(task.position, record)
                display.finished(record, str(self._folder / record.log) if record.log else "", reused=False)

    def _reuse(self, position: Position, trial: TrialRecord) -> None:
        counted = replace(trial, cell=position.planned.cell)
        self._stage.store.reuse_trial(self._run_id, counted, position=position.index)
        if self.models:
            self.models.note(position.index, counted)
        self._stage.display.finished(counted, "", reused=True)

    def _account(self, executor: Executor, status: Status, reason: str) -> None:
        """A row for every trial that was cut short or never started."""
        cut_short = [(task, "while this trial was training") for task in executor.running]
        cut_short += [(task, "before this trial started") for task in executor.held]
        cut_short += [(self._make_task(position), "before this trial started") for position in self._schedule.remaining]
        for task, when in cut_short:
            record = record_of(task, self._run_id, status, f"{reason} {when}.")
            self._stage.store.commit_trial(record, position=task.position)
