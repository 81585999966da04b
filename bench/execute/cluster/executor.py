"""The executor of many machines: it gives tasks to agents, one trial to a node at a time, and tells of what they say.

Whoever is lost costs no trial: what it was at is trained once more, as a new attempt, and whatever it still says of the
first is dropped. A trial that fails by itself is not repeated.
"""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.core.errors import ExecutionError
from bench.execute.cluster.crew import WAIT_S, Crew
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
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from bench.core.interrupts import Interrupts
    from bench.execute.cluster.fleet import Fleet, Member
    from bench.execute.cluster.messages import Answer as FromAgent
    from bench.execute.cluster.messages import Logs, Parcel
    from bench.execute.cluster.parcels import Parcels
    from bench.execute.cluster.transport import Delivery
    from bench.execute.events import Answer, Event, TaskSource
    from bench.execute.harness.surveys import Known
    from bench.execute.harness.yardsticks import Yardsticks
    from bench.execute.messages import TrialTask

ATTEMPTS = 2
"""How often a trial is begun at most: once more after its node was lost."""

AHEAD, AT_LEAST = 4, 32
"""Trials that are taken before a node is free for them: for each node, and for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What the cells of a run need of nodes.

    Attributes:
        backends: names of Keras backends, references included.
        on_gpu: those that train on GPUs.
    """

    backends: tuple[str, ...]
    on_gpu: tuple[str, ...] = ()


@dataclass(slots=True)
class _Errand:
    """Something that some node of a kind is to do once."""

    kind: str
    parcels: tuple[Parcel, ...]
    attempt: int = 1


class ClusterExecutor:
    """Trains on the nodes of a fleet.

    Args:
        fleet: its nodes.
        parcels: of what travels.
        needs: of the cells.
        run_id: of the run that the trials belong to.
        folder: of the run, to which logs are brought.
        interrupts: let in while there is nothing to do but wait.
        surveys: what engines take, for cells that leave the choice open.
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
        yardsticks: Yardsticks | None = None,
    ) -> None:
        self._fleet, self._transport, self._parcels = fleet, fleet.transport, parcels
        self._run_id, self._folder, self._interrupts = run_id, folder, interrupts
        self._surveys, self._yardsticks = surveys, yardsticks
        self._crew = Crew(fleet, parcels, Begin(run_id, needs.backends, needs.on_gpu, yardsticks is not None))
        self._shapes = Shapes(surveys)
        self._busy = self._waiting = 0
        self._held: dict[str, deque[TrialTask]] = {kind: deque() for kind in fleet.kinds}
        self._news: list[Event] = []
        self._errands = 0

    @property
    def running(self) -> tuple[TrialTask, ...]:
        """The trials that nodes are at."""
        return tuple(member.task for member in self._fleet.members.values() if member.task is not None)

    @property
    def held(self) -> tuple[TrialTask, ...]:
        """The trials that wait for a node, or for a survey."""
        held = [task for tasks in self._held.values() for task in tasks]
        return (*held, *self._shapes.parked)

    def stop(self) -> None:
        """End all agents."""
        self._transport.close()

    # ------------------------------------------------------------------------------- before training

    def look(self, tasks: Iterable[TrialTask]) -> dict[str, Answer]:
        """Have the model of every task built once, all nodes of its kind sharing the work; see `Executor.look`."""
        errands, tasks = [], tuple(tasks)
        for kind, theirs in self._by_kind(tasks).items():
            shares = max(1, self._crew.alive[kind])
            errands += [_Errand(kind, theirs[share::shares]) for share in range(min(shares, len(theirs)))]
        answers: dict[str, Answer] = {task.cell.id: None for task in tasks}
        for said in self._done(errands, Look):
            if isinstance(said, Looked):
                answers.update(said.answers)
        return answers

    def draw(self, tasks: Sequence[TrialTask], files: Path) -> dict[int, Path | Refusal]:
        """Have drawn what trials begin with, by a node of each kind; see `Executor.draw`."""
        gone = Refusal(status=Status.FAILED, reason="All nodes were lost that could draw what the trial begins with.")
        found: dict[int, Path | Refusal] = {task.position: gone for task in tasks}
        errands = [_Errand(kind, theirs) for kind, theirs in self._by_kind(tasks).items()]
        for said in self._done(errands, Draw):
            if isinstance(said, DrawnThere):
                paths = {name: files / Path(name).name for name in said.files}
                for name, content in said.files.items():
                    paths[name].write_bytes(content)
                found.update(
                    {
                        position: paths[answer] if isinstance(answer, str) else answer
                        for position, answer in said.found.items()
                    }
                )
        return found

    def _by_kind(self, tasks: Iterable[TrialTask]) -> dict[str, tuple[Parcel, ...]]:
        kinds: dict[str, list[Parcel]] = {}
        for task in tasks:
            kinds.setdefault(self._kind(task), []).append(self._parcels.parcel(task))
        return {kind: tuple(parcels) for kind, parcels in kinds.items()}

    def _done(
        self, errands: Sequence[_Errand], wish: Callable[[int, tuple[Parcel, ...]], Look | Draw]
    ) -> Iterator[FromAgent]:
        """Have errands done, each by a node that has nothing to do; what came of each."""
        waiting, under_way = deque(errands), dict[int, _Errand]()
        while waiting or under_way:
            for errand in [waiting.popleft() for _ in range(len(waiting))]:
                member = self._crew.free(errand.kind)
                if member is None:
                    if not any(self._crew.alive.values()):
                        raise none_left(self._fleet)
                    if self._crew.alive[errand.kind]:
                        waiting.append(errand)
                    continue
                self._errands += 1
                member.errand = self._errands
                under_way[member.errand] = errand
                self._crew.send(member, wish(member.errand, errand.parcels), errand.parcels)
            for delivery in self._received():
                said, member = delivery.answer, self._fleet.members.get(delivery.node)
                if member is not None and isinstance(said, (Looked, DrawnThere)) and member.errand == said.errand:
                    del under_way[said.errand]
                    member.errand = None
                    self._crew.release(member)
                    self._write(said.logs)
                    yield said
                else:
                    self._news += self._hear(delivery)
            self._news += self._watch()
            alive = {member.errand for member in self._fleet.alive}
            for number in [number for number in under_way if number not in alive]:
                errand = under_way.pop(number)
                if errand.attempt >= ATTEMPTS:
                    raise ExecutionError("Two nodes were lost while models were built; no trial was begun.")
                waiting.append(replace(errand, attempt=errand.attempt + 1))

    # ------------------------------------------------------------------------------- training

    def run(self, source: TaskSource) -> Iterator[Event]:
        """Train what the source gives; see `Executor.run`.

        Raises:
            ExecutionError: all nodes are lost; what had finished has been told before.
        """
        exhausted = False
        while True:
            exhausted = yield from self._give_out(source, exhausted=exhausted)
            if exhausted and not self._busy and not self._waiting:
                return
            for delivery in self._received():
                yield from self._hear(delivery)
            yield from self._watch()

    def _give_out(self, source: TaskSource, *, exhausted: bool) -> Generator[Event, None, bool]:
        """Give tasks to nodes that have nothing to do; returns whether the source has no more."""
        yield from self._told_news()
        most = max(AT_LEAST, AHEAD * len(self._fleet.members))
        while True:
            yield from self._fail_orphans()
            pair = self._match()
            if pair is not None:
                self._begin(*pair)
                continue
            if exhausted or not any(self._crew.idle.values()) or self._waiting >= most:
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
                self._held[self._kind(task)].append(task)
                self._waiting += 1

    def _match(self) -> tuple[Member, TrialTask, bool] | None:
        """A node, a task that it may begin, and whether it measures the engines first."""
        for kind, held in self._held.items():
            while held and self._crew.idle[kind]:
                task = held.popleft()
                survey = self._shapes.settled(task)
                if survey is None:
                    continue  # it waits for the survey of its shape
                member = self._crew.free(kind)
                if member is None:
                    held.appendleft(task)
                    break
                return member, *survey
        return None

    def _begin(self, member: Member, task: TrialTask, survey: bool) -> None:  # noqa: FBT001  as `_match` gives it
        task = replace(task, node=member.name, node_kind=member.kind)
        member.task, member.surveys = task, survey
        self._busy, self._waiting = self._busy + 1, self._waiting - 1
        parcel = self._parcels.parcel(task)
        self._crew.send(member, Train(parcel, survey), (parcel,))

    # ------------------------------------------------------------------------------- what nodes say

    def _received(self) -> Sequence[Delivery]:
        with self._interrupts.welcome():
            return self._transport.receive(WAIT_S)

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
            case Said(trial_id=trial_id, attempt=attempt, what=what):
                task = member.task
                if task is not None and (task.trial_id, task.attempt) == (trial_id, attempt):
                    yield from self._hear_trial(member, task, what)

    def _hear_trial(self, member: Member, task: TrialTask, what: object) -> Iterator[Event]:
        match what:
            case Step.SURVEY:
                yield Surveying(task)
            case Step.RATE:
                yield Rating(task)
            case Step.TRAIN:
                self._settle(member, task)
                yield Started(task)
            case EpochRecord():
                yield Progressed(task, what)
            case Measured(survey=survey, spent_s=spent_s):
                if self._surveys is not None:
                    self._surveys.keep(task, survey, spent_s=spent_s)
                self._settle(member, task)
            case Weights(arrays=arrays):
                yield Weighed(task, arrays)
            case Done(record=record, logs=logs, rated_s=rated_s):
                self._settle(member, task)
                self._release(member)
                self._fleet.ended(member)
                if self._yardsticks is not None:
                    self._yardsticks.spent_s += rated_s
                self._write(logs)
                yield Finished(task, replace(record, node=member.name, node_kind=member.kind, attempt=task.attempt))

    def _settle(self, member: Member, task: TrialTask) -> None:
        """Whether the engines were measured for a shape is decided: those that wait for it go on."""
        if not member.surveys:
            return
        member.surveys = False
        self._held[member.kind].extendleft(reversed(self._shapes.decided(task)))

    def _release(self, member: Member) -> None:
        member.task = None
        self._busy -= 1
        self._crew.release(member)

    # ------------------------------------------------------------------------------- nodes that are lost

    def _watch(self) -> Iterator[Event]:
        """Give up nodes that have said nothing for too long."""
        for member in self._crew.silent():
            yield from self._lose(member, f"it said nothing for {WATCH_S:.0f} seconds")

    def _lose(self, member: Member, reason: str) -> Iterator[Event]:
        """Give a node up, and have what it was at trained once more."""
        self._crew.lose(member, reason)
        task, member.task = member.task, None
        yield NodeLost(member.record)
        if task is None:
            return
        self._busy -= 1
        if member.surveys:
            member.surveys = False
            self._held[member.kind].extendleft(reversed(self._shapes.given_up(task)))
        if task.attempt < ATTEMPTS:
            again = replace(task, attempt=task.attempt + 1, node="", node_kind="")
            self._held[member.kind].appendleft(again)
            self._waiting += 1
            return
        told = f"The node {member.name} was lost while this trial was training, the second one: {reason}."
        yield Finished(task, record_of(task, self._run_id, Status.FAILED, told))

    def _fail_orphans(self) -> Iterator[Event]:
        """End the trials of kinds that have no node left.

        Raises:
            ExecutionError: no node is left at all.
        """
        for kind in [kind for kind, held in self._held.items() if held and not self._crew.alive[kind]]:
            if not any(self._crew.alive.values()):
                raise none_left(self._fleet)
            while self._held[kind]:
                task = self._held[kind].popleft()
                self._waiting -= 1
                reason = f"All nodes of kind {kind} were lost before this trial could be trained."
                yield Finished(task, record_of(task, self._run_id, Status.FAILED, reason))

    def _told_news(self) -> Iterator[Event]:
        news, self._news = self._news, []
        yield from news

    # ------------------------------------------------------------------------------- small things

    def _kind(self, task: TrialTask) -> str:
        return task.cell.node_kind or next(iter(self._fleet.kinds))

    def _write(self, logs: Logs) -> None:
        """Bring logs to the run's folder, where those of this machine's own trials would lie."""
        for name, content in logs.items():
            path = self._folder / "logs" / Path(name).name
            with suppress(OSError):  # where something else stands in its place, the record says enough
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
