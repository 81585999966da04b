"""The executor of many machines: it gives tasks to agents, a trial to each slot of a node, and tells of what they say.

Whoever is lost costs no trial: what it was at is trained once more, as a new attempt, and whatever it still says of the
first is dropped. A trial that fails by itself is not repeated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.text import storable
from bench.execute.cluster.arrivals import Arrivals
from bench.execute.cluster.backlog import Backlog
from bench.execute.cluster.crew import WAIT_S, Crew
from bench.execute.cluster.errands import Errand, Errands
from bench.execute.cluster.fleet import none_left
from bench.execute.cluster.messages import (
    Begin,
    Done,
    Draw,
    DrawnThere,
    Having,
    Look,
    Looked,
    Lost,
    Measured,
    ModelPart,
    Said,
    Step,
    Train,
    Weights,
)
from bench.execute.cluster.shapes import Shapes
from bench.execute.cluster.transport import WATCH_S
from bench.execute.events import Finished, NodeLost, Progressed, Rating, Started, Surveying, Wait, Weighed
from bench.execute.harness.endings import record_of
from bench.execute.messages import Refusal
from bench.record.records import EpochRecord, Status

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from bench.core.interrupts import Interrupts
    from bench.execute.cluster.fleet import Fleet, Member
    from bench.execute.cluster.messages import Parcel
    from bench.execute.cluster.parcels import Parcels
    from bench.execute.cluster.transport import Delivery
    from bench.execute.events import Answer, Event, TaskSource
    from bench.execute.harness.surveys import Known
    from bench.execute.harness.yardsticks import Yardsticks
    from bench.execute.messages import TrialTask

ATTEMPTS = 2
"""How often a trial is begun at most: once more after its node was lost."""

AHEAD, AT_LEAST = 4, 32
"""Trials that are taken before a node is free for them: for each slot of a node, and for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What the cells of a run need of nodes.

    Attributes:
        backends: names of Keras backends, references included.
        on_gpu: those that train on GPUs.
    """

    backends: tuple[str, ...]
    on_gpu: tuple[str, ...] = ()


class ClusterExecutor:
    """Trains on the nodes of a fleet.

    Args:
        fleet: its nodes.
        parcels: of what travels.
        needs: of the cells.
        run_id: of the run that the trials belong to.
        folder: of the run, to which logs and models are brought.
        interrupts: let in while there is nothing to do but wait.
        surveys: what engines take, for cells that leave the choice open.
        slots: trials at a time on a node; with more than one every timing is marked contended.
        yardsticks: count what is spent on the rates of devices; None where nothing is measured beside training.
    """

    def __init__(
        self,
        fleet: Fleet,
        parcels: Parcels,
        needs: Needs,
        *,
        run_id: str,
        folder: Path,
        interrupts: Interrupts,
        surveys: Known | None,
        slots: int = 1,
        yardsticks: Yardsticks | None = None,
    ) -> None:
        self._fleet, self._transport, self._parcels = fleet, fleet.transport, parcels
        self._run_id, self._interrupts = run_id, interrupts
        self._surveys, self._yardsticks = surveys, yardsticks
        begin = Begin(run_id, needs.backends, needs.on_gpu, measure=yardsticks is not None, slots=slots)
        self._crew = Crew(fleet, parcels, begin)
        self._backlog = Backlog(fleet.kinds, Shapes(surveys))
        self._errands = Errands(self._crew, ATTEMPTS)
        self._arrivals = Arrivals(folder)
        self._busy, self._most_waiting = 0, max(AT_LEAST, AHEAD * slots * len(fleet.members))
        self._news: list[Event] = []

    @property
    def running(self) -> tuple[TrialTask, ...]:
        """The trials that nodes are at."""
        return tuple(task for member in self._fleet.members.values() for task in member.tasks.values())

    @property
    def held(self) -> tuple[TrialTask, ...]:
        """The trials that wait for a node, or for a survey."""
        return self._backlog.tasks

    def stop(self) -> None:
        """End all agents."""
        self._transport.close()

    # ------------------------------------------------------------------------------- before training

    def look(self, tasks: Iterable[TrialTask]) -> dict[str, Answer]:
        """Have the model of every task built once, all nodes of its kind sharing the work; see `Executor.look`."""
        errands, tasks = [], tuple(tasks)
        for kind, theirs in self._by_kind(tasks).items():
            shares = max(1, self._crew.alive[kind])
            errands += [Errand(kind, theirs[share::shares], Look) for share in range(min(shares, len(theirs)))]
        answers: dict[str, Answer] = {task.cell.id: None for task in tasks}
        for answer in self._done(errands):
            if isinstance(answer, Looked):
                answers.update(answer.answers)
        return answers

    def draw(self, tasks: Sequence[TrialTask], files: Path) -> dict[int, Path | Refusal]:
        """Have drawn what trials begin with, by a node of each kind; see `Executor.draw`."""
        gone = Refusal(status=Status.FAILED, reason="All nodes were lost that could draw what the trial begins with.")
        references: dict[int, Path | Refusal] = {task.position: gone for task in tasks}
        for answer in self._done([Errand(kind, theirs, Draw) for kind, theirs in self._by_kind(tasks).items()]):
            if isinstance(answer, DrawnThere):
                paths = {name: files / Path(name).name for name in answer.files}
                for name, content in answer.files.items():
                    paths[name].write_bytes(content)
                for position, reference in answer.references.items():
                    references[position] = paths[reference] if isinstance(reference, str) else reference
        return references

    def _by_kind(self, tasks: Iterable[TrialTask]) -> dict[str, tuple[Parcel, ...]]:
        kinds: dict[str, list[Parcel]] = {}
        for task in tasks:
            kinds.setdefault(self._backlog.kind(task), []).append(self._parcels.parcel(task))
        return {kind: tuple(parcels) for kind, parcels in kinds.items()}

    def _done(self, errands: Sequence[Errand]) -> Iterator[Looked | DrawnThere]:
        """Have errands done; what came of each. What is heard of trials meanwhile is told later."""
        self._errands.add(errands)
        while not self._errands.over:
            self._errands.give_out()
            self._news += self._next_events()
            yield from self._errands.answers()

    # ------------------------------------------------------------------------------- training

    def run(self, source: TaskSource) -> Iterator[Event]:
        """Train what the source gives; see `Executor.run`.

        Raises:
            ExecutionError: all nodes are lost; what had finished has been told before.
        """
        exhausted = False
        while True:
            news, self._news = self._news, []
            yield from news
            exhausted = yield from self._give_out(source, exhausted=exhausted)
            if exhausted and not self._busy and not len(self._backlog):
                return
            yield from self._next_events()

    def _give_out(self, source: TaskSource, *, exhausted: bool) -> Generator[Event, None, bool]:
        """Give tasks to nodes that have nothing to do; returns whether the source has no more."""
        while True:
            yield from self._fail_stranded()
            if self._begin_next():
                continue
            if exhausted or not any(self._crew.idle.values()) or len(self._backlog) >= self._most_waiting:
                return exhausted
            task = source.take()
            if isinstance(task, Wait):
                return False
            if task is None:
                exhausted = True
            elif task.refusal is not None:
                refusal = task.refusal
                record = record_of(replace(task, log=refusal.log), self._run_id, refusal.status, refusal.reason)
                yield Finished(task, record)
            else:
                self._backlog.add(task)

    def _begin_next(self) -> bool:
        """Give a trial that can begin to a node that has nothing to do; whether there are both."""
        for kind in self._crew.idle:
            member = self._crew.free(kind)
            if member is None:
                continue
            settled = self._backlog.next(kind)
            if settled is None:
                self._crew.put_back(member)
                continue
            task, survey = settled
            task = replace(task, node=member.name, node_kind=member.kind)
            member.tasks[task.trial_id] = task
            if survey:
                member.surveying.add(task.trial_id)
            self._busy += 1
            parcel = self._parcels.parcel(task)
            self._crew.send(member, Train(parcel, survey), (parcel,))
            return True
        return False

    # ------------------------------------------------------------------------------- what nodes say

    def _next_events(self) -> Iterator[Event]:
        """Wait for what nodes say next, and see who says nothing any more."""
        with self._interrupts.welcome():
            deliveries = self._transport.receive(WAIT_S)
        for delivery in deliveries:
            yield from self._hear(delivery)
        for member in self._crew.silent():
            yield from self._lose(member, f"it said nothing for {WATCH_S:.0f} seconds")

    def _hear(self, delivery: Delivery) -> Iterator[Event]:
        """See to what a node says; a node that was given up is not heard."""
        member = self._fleet.members.get(delivery.node)
        if member is None or not member.alive:
            return
        member.heard_at = delivery.at
        match delivery.answer:
            case Lost(reason=reason):
                yield from self._lose(member, reason)
            case Having(digests=digests):
                self._crew.supply(member, digests)
            case Looked() | DrawnThere() as answer:
                if self._errands.answered(member, answer):
                    self._crew.release(member)
                    self._arrivals.write_logs(answer.logs)
            case Said(trial_id=trial_id, attempt=attempt, what=what):
                task = member.tasks.get(trial_id)
                if task is None or task.attempt != attempt:
                    return
                if isinstance(what, ModelPart):
                    self._arrivals.take(task, what)
                else:
                    yield from self._hear_trial(member, task, what)

    def _hear_trial(self, member: Member, task: TrialTask, what: object) -> Iterator[Event]:
        match what:
            case Step.SURVEY:
                yield Surveying(task)
            case Step.RATE:
                yield Rating(task)
            case Step.TRAIN:
                self._settle_survey(member, task)
                yield Started(task)
            case EpochRecord():
                yield Progressed(task, what)
            case Measured(survey=survey, spent_s=spent_s):
                if self._surveys is not None:
                    self._surveys.keep(task, survey, spent_s=spent_s)
                self._settle_survey(member, task)
            case Weights(arrays=arrays):
                yield Weighed(task, arrays)
            case Done():
                yield self._finish(member, task, what)

    def _finish(self, member: Member, task: TrialTask, done: Done) -> Finished:
        self._settle_survey(member, task)
        del member.tasks[task.trial_id]
        self._busy -= 1
        self._crew.release(member)
        self._fleet.ended(member)
        if self._yardsticks is not None:
            self._yardsticks.spent_s += done.rated_s
        self._arrivals.write_logs(done.logs)
        record = replace(done.record, node=member.name, node_kind=member.kind, attempt=task.attempt)
        return Finished(task, self._arrivals.settled(task, storable(record)))

    def _settle_survey(self, member: Member, task: TrialTask) -> None:
        """Whether the engines were measured for a shape is decided: those that wait for it go on."""
        if task.trial_id in member.surveying:
            member.surveying.remove(task.trial_id)
            self._backlog.survey_decided(task)

    # ------------------------------------------------------------------------------- nodes that are lost

    def _lose(self, member: Member, reason: str) -> Iterator[Event]:
        """Give a node up, and have what it was at done once more."""
        self._crew.lose(member, reason)
        tasks, member.tasks = tuple(member.tasks.values()), {}
        self._busy -= len(tasks)
        yield NodeLost(member.record)
        for task in tasks:
            self._arrivals.forget(task)
            if task.trial_id in member.surveying:
                self._backlog.survey_lost(task)
            if task.attempt < ATTEMPTS:
                self._backlog.repeat(replace(task, attempt=task.attempt + 1, node="", node_kind=""))
                continue
            why = f"The node {member.name} was lost while this trial was training, the second one: {reason}."
            yield Finished(task, record_of(task, self._run_id, Status.FAILED, why))
        member.surveying.clear()
        self._errands.lost(member)

    def _fail_stranded(self) -> Iterator[Event]:
        """End the trials of kinds that have no node left.

        Raises:
            ExecutionError: no node is left at all.
        """
        for kind in self._backlog.stranded(self._crew.alive):
            if not any(self._crew.alive.values()):
                raise none_left(self._fleet)
            while (task := self._backlog.drop(kind)) is not None:
                reason = f"All nodes of kind {kind} were lost before this trial could be trained."
                yield Finished(task, record_of(task, self._run_id, Status.FAILED, reason))
