"""A fleet that is made up: agents that train by a table, and a clock that goes on when nothing else happens."""

from __future__ import annotations

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from factories import cell

from bench.core.interrupts import Interrupts
from bench.core.score import ACCURACY
from bench.execute.cluster.executor import ClusterExecutor, Needs
from bench.execute.cluster.fleet import Fleet
from bench.execute.cluster.messages import (
    Answer,
    Beat,
    Done,
    Has,
    Having,
    Look,
    Looked,
    Lost,
    Measured,
    Put,
    Request,
    Said,
    Step,
    Train,
)
from bench.execute.cluster.parcels import Parcels
from bench.execute.cluster.transport import Delivery
from bench.execute.events import TaskSource
from bench.execute.harness.endings import record_of
from bench.execute.messages import TrialTask
from bench.record.fleet import NodeRecord
from bench.record.records import EngineSurvey, Status

BEAT_S = 10.0
RUN = "run"


def node(name: str, kind: str = "alike") -> NodeRecord:
    """A node of a kind."""
    return NodeRecord(node=name, kind=kind, signatures={"tensorflow": f"environment of {kind}"})


def task(number: int, data: Path, **changes: object) -> TrialTask:
    """A trial; keys of `TrialTask` replace its own, all others, and the kind of node, are of its cell."""
    own = {
        name: changes.pop(name)
        for name in tuple(changes)
        if name in TrialTask.__dataclass_fields__ and name != "node_kind"
    }
    return TrialTask(**{
        "trial_id": f"{RUN}-{number:04d}", "position": number, "key": f"key-{number}", "seed": number, "shape": "shape",
        "cell": cell(**{"engine": "fit", **changes}), "builder": "none:none", "data_path": str(data),
        "data_sha256": "", "facts": None, "target": None, "score": ACCURACY, "search_path": (),
        "log": f"logs/{number:04d}.log", **own,
    })  # fmt: skip


@dataclass
class Virtual:
    """A transport to agents that are made up.

    Attributes:
        names: of the nodes.
        duration: seconds that a node takes for a task.
        dies: by node, when it is lost, and its driver hears of that at once.
        freezes: by node, from when to when it does and says nothing.
        fails: trials that fail by themselves.
        busy_s: seconds of training by node, that of lost trials included.
        trained: how often each trial was begun.
        surveyed: how often each shape was measured, by node.
        taken: files that were sent, by node.
    """

    names: Sequence[str]
    duration: Callable[[str, TrialTask], float] = lambda node, task: 10.0
    dies: dict[str, float] = field(default_factory=dict)
    freezes: dict[str, tuple[float, float]] = field(default_factory=dict)
    fails: frozenset[str] = frozenset()
    clock: float = 0.0
    busy_s: Counter[str] = field(default_factory=Counter)
    trained: Counter[str] = field(default_factory=Counter)
    surveyed: Counter[str] = field(default_factory=Counter)
    taken: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    ended: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._order = count()
        self._coming: list[tuple[float, int, str, Answer]] = []
        for place, name in enumerate(self.names):
            self._later(BEAT_S * (1 + place / len(self.names)), name, Beat())
        for name, moment in self.dies.items():
            self._later(moment, name, Lost("it is gone"))

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names."""
        return tuple(self.names)

    def now(self) -> float:
        """The clock of the fleet."""
        return self.clock

    def send(self, name: str, request: Request) -> None:
        """Answer a request, at once or later."""
        match request:
            case Has(digests=digests):
                self._later(self.clock, name, Having(frozenset(digests) & frozenset(self.taken[name])))
            case Put(digest=digest, last=True):
                self.taken[name].append(digest)
            case Look(errand=errand, parcels=parcels):
                self._later(self.clock + 1, name, Looked(errand, {one.task.cell.id: None for one in parcels}, {}))
            case Train():
                self._train(name, request)

    def receive(self, timeout_s: float) -> list[Delivery]:
        """What comes next."""
        if self._coming and self._coming[0][0] > self.clock:
            self.clock = min(self._coming[0][0], self.clock + timeout_s)
        elif not self._coming:
            self.clock += timeout_s
        found = []
        while self._coming and self._coming[0][0] <= self.clock:
            moment, _, name, answer = heapq.heappop(self._coming)
            if isinstance(answer, Beat) and moment < self.dies.get(name, math.inf) and name not in self.ended:
                self._later(moment + BEAT_S, name, answer)
            found.append(Delivery(name, moment, answer))
        return found

    def end(self, name: str) -> None:
        """Remember who was ended."""
        self.ended.append(name)

    def close(self) -> None:
        """End all."""
        self.ended += self.names

    def _train(self, name: str, train: Train) -> None:
        task, begun = train.parcel.task, self.clock
        self.trained[task.trial_id] += 1
        if train.survey:
            self.surveyed[f"{task.shape} on {name}"] += 1
            self._say(begun, name, task, Step.SURVEY)
            begun += 5.0
            self._say(begun, name, task, Measured(EngineSurvey(shape=task.shape, timings=()), 5.0))
        self._say(begun, name, task, Step.TRAIN)
        ended = begun + self.duration(name, task)
        status = Status.FAILED if task.trial_id in self.fails else Status.OK
        self._say(ended, name, task, Done(record_of(task, RUN, status, "")))
        self.busy_s[name] += min(ended, self.dies.get(name, math.inf)) - self.clock

    def _say(self, moment: float, name: str, task: TrialTask, what: object) -> None:
        self._later(moment, name, Said(task.trial_id, task.attempt, what))

    def _later(self, moment: float, name: str, answer: Answer) -> None:
        begun, thawed = self.freezes.get(name, (math.inf, math.inf))
        moment = thawed if begun <= moment < thawed else moment
        if moment < self.dies.get(name, math.inf) or isinstance(answer, Lost):
            heapq.heappush(self._coming, (moment, next(self._order), name, answer))


@dataclass
class Remembered:
    """What is known of engines' speed, without a store."""

    found: dict[str, EngineSurvey | None] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)

    def find(self, task: TrialTask) -> tuple[bool, EngineSurvey | None]:
        """Whether there is an answer, and which."""
        return task.shape in self.found, self.found.get(task.shape)

    def keep(self, task: TrialTask, survey: EngineSurvey | None, *, spent_s: float) -> None:
        """Keep an answer."""
        self.kept.append(task.shape)
        self.found[task.shape] = survey


def executor(
    transport: Virtual, folder: Path, kinds: dict[str, str] | None = None, surveys: Remembered | None = None
) -> ClusterExecutor:
    """An executor on made-up nodes, of one kind where none is named."""
    records = [node(name, (kinds or {}).get(name, "alike")) for name in transport.names]
    return ClusterExecutor(
        Fleet(transport, records), Parcels(folder), Needs(backends=("tensorflow",)),
        run_id=RUN, folder=folder, interrupts=Interrupts(), surveys=surveys or Remembered(),
    )  # fmt: skip


class Counted(TaskSource):
    """A source that makes its tasks when they are asked for."""

    def __init__(self, tasks: Iterator[TrialTask]) -> None:
        self._tasks = tasks

    def take(self) -> TrialTask | None:
        """The next task."""
        return next(self._tasks, None)
