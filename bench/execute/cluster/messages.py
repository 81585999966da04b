"""What the executor of a cluster and the agents of its nodes say to each other. All of it pickles.

What is said of a trial carries its id and the attempt that is meant: a node that was frozen and goes on says late what
nobody waits for any more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.execute.messages import Inspection, Refusal, TrialTask
    from bench.record.fleet import NodeRecord
    from bench.record.records import EngineSurvey, EpochRecord, TrialRecord

    Logs = dict[str, bytes]
    """Contents by the path of a log, relative to the run's folder."""

# ------------------------------------------------------------------------------------------- to an agent


@dataclass(frozen=True, slots=True)
class Describe:
    """What is to be known of the node.

    Attributes:
        environments: for which the signature is wanted: names of backends, and whether any GPU will do.
    """

    environments: tuple[tuple[tuple[str, ...], bool], ...]


@dataclass(frozen=True, slots=True)
class Begin:
    """Another run begins; what an earlier one has left is removed.

    Attributes:
        backends: that will be needed: their servers start.
        on_gpu: those of them that train on GPUs as well.
        measure: whether the rates of devices, inference and arithmetic are measured.
        slots: trials at a time.
    """

    run_id: str
    backends: tuple[str, ...]
    on_gpu: tuple[str, ...]
    measure: bool
    slots: int = 1


@dataclass(frozen=True, slots=True)
class Has:
    """Which of these files are there?"""

    digests: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Put:
    """A part of a file; the parts of a file come in order.

    Attributes:
        digest: SHA-256 (hex) of the whole file.
        name: of the file.
        last: whether it ends with this part.
    """

    digest: str
    name: str
    content: bytes
    last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A task whose files are named by their hashes; what depends on a machine is filled in by the node's agent.

    Attributes:
        data: of the data set.
        code: of the archive of the user's own code; empty where there is none.
        reference: of what the trial begins with; empty where it draws that itself.
    """

    task: TrialTask
    data: str
    code: str = ""
    reference: str = ""

    @property
    def digests(self) -> tuple[str, ...]:
        """Of all files that it needs."""
        return tuple(filter(None, (self.data, self.code, self.reference)))


@dataclass(frozen=True, slots=True)
class Train:
    """Train a task.

    Attributes:
        survey: whether this node is to measure the engines for it, where that is worth while; else it goes by the
            survey in the task.
    """

    parcel: Parcel
    survey: bool


@dataclass(frozen=True, slots=True)
class Look:
    """Have the model of every task built."""

    errand: int
    parcels: tuple[Parcel, ...]


@dataclass(frozen=True, slots=True)
class Draw:
    """Have drawn what every task begins with."""

    errand: int
    parcels: tuple[Parcel, ...]


@dataclass(frozen=True, slots=True)
class Beat:
    """I am there; said by both sides every few seconds."""


@dataclass(frozen=True, slots=True)
class Stop:
    """End, with all that was started."""


Request = Describe | Begin | Has | Put | Train | Look | Draw | Beat | Stop

# ------------------------------------------------------------------------------------------- from an agent


@dataclass(frozen=True, slots=True)
class Described:
    """What the node is."""

    node: NodeRecord


@dataclass(frozen=True, slots=True)
class Having:
    """The files that are there, of those that were asked for."""

    digests: frozenset[str]


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in the models of an errand, by cell id."""

    errand: int
    answers: dict[str, Inspection | Refusal | None]
    logs: Logs


@dataclass(frozen=True, slots=True)
class DrawnThere:
    """What was drawn for an errand.

    Attributes:
        references: by position, the name of a file in `files`, or why there is none.
        files: contents by name.
    """

    errand: int
    references: dict[int, str | Refusal]
    files: dict[str, bytes]
    logs: Logs


class Step(Enum):
    """What begins."""

    SURVEY = auto()
    RATE = auto()
    TRAIN = auto()


@dataclass(frozen=True, slots=True)
class Measured:
    """The engines were timed; None where that failed."""

    survey: EngineSurvey | None
    spent_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """The final weights, in the model's order."""

    arrays: tuple[NDArray[Any], ...]


@dataclass(frozen=True, slots=True)
class ModelPart:
    """A part of the file of the trained model; the parts come in order, and all of them before the trial's end."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Done:
    """The trial has ended.

    Attributes:
        rated_s: seconds that were spent on the rates of devices since the last time.
    """

    record: TrialRecord
    logs: Logs = field(default_factory=dict)
    rated_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Said:
    """Something of an attempt at a trial."""

    trial_id: str
    attempt: int
    what: Step | EpochRecord | Measured | Weights | ModelPart | Done


@dataclass(frozen=True, slots=True)
class Lost:
    """The node will say nothing more; told by its agent where that still can, else by the transport."""

    reason: str


Answer = Described | Having | Looked | DrawnThere | Said | Beat | Lost
