"""What workers are asked about models and trials, and what they answer. All of these values pickle."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bench.declare.device import DeviceSpec, parse_device

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.catalog.datasets import DataFacts
    from bench.catalog.datasets.stream import StreamFacts
    from bench.core.score import Score
    from bench.core.target import Target
    from bench.declare.cell import Cell
    from bench.execute.inputs import Reading
    from bench.record.records import Doubt, EngineSurvey, EpochRecord, Outcome, Speed, Status, Yardstick
    from bench.record.treatment import CompileRecord, InputRecord


MEMORY_SHARE = 0.8
"""Fraction of the machine's memory a trial may claim where its suite names no limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a look at a cell's model found before any of its trials.

    Attributes:
        reading: what the model does with its inputs.
        inputs: what is done to the inputs before, each by its name; the name of the only one is empty.
        compiled: what it will be trained by.
        parameter_count: trainable weights.
        build_time_s: seconds it took to build, to compile in Keras's sense and to call for the first time.
        forward_time_s: seconds of a call on a batch, operation by operation.
    """

    reading: Reading
    inputs: dict[str, InputRecord]
    compiled: CompileRecord
    parameter_count: int
    build_time_s: float
    forward_time_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why no trial of a cell can be trained; every one of them gets a row that says so.

    Attributes:
        log: of the look at the model, relative to the run's folder.
    """

    status: Status
    reason: str
    log: str = ""


@dataclass(frozen=True, slots=True)
class Inspected:
    """The model of the next task was looked at; None where only a trial can tell."""

    answer: Inspection | Refusal | None


@dataclass(frozen=True, slots=True)
class Drawn:
    """The reference of the next task was drawn, or why it cannot be."""

    refusal: Refusal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialTask:
    """One trial, complete: all that a worker needs to train it.

    Attributes:
        position: its place in the plan of its run.
        shape: cells of one shape cost the same per step, whatever their engine is.
        builder: as `package.module:function`.
        data_path: the decoded data set in the cache.
        data_sha256: what its arrays must hash to.
        facts: of the data set.
        target: what is predicted.
        score: what the cell is ranked and judged by.
        stream: of data that is read in batches; `data_path` is then what is known of it. None for all others.
        inspection: what a look at the cell's model found; None where there was none.
        refusal: why it cannot be trained; None for all others.
        survey_budget_s: seconds that measuring engines may take for its shape.
        search_path: folders that the builder may be imported from, before `sys.path`.
        ladder: keep the weights' digests on the way.
        measure: also measure inference and arithmetic, which means something only where the trial runs alone.
        yardstick: the rate of the device; None where it is not known.
        keep_weights: send the final weights as well.
        model_file: the file to save the trained model in, as an absolute path; empty to save none.
        fault: a known mistake to plant, see `bench.execute.faults`; empty for none.
        survey: what each engine takes for cells of this shape, where the suite leaves the choice open.
        speed: of an earlier trial of the cell, which is not measured again; None where there was none.
        gpu: the number of the GPU that it was given; None for the CPU, and where nobody has chosen.
        reference: the file with the initial weights and the order of examples that a cell which follows another backend
            is trained with, see `bench.execute.worker.reference`; empty for all others.
        node: that trains it; empty for this machine.
        node_kind: of that node.
        attempt: which training of it this is; a trial that was lost with its server or its node is trained once more.
        decided_at: `perf_counter` when the harness decided to start it; that clock is the machine's, not the process's.
    """

    trial_id: str
    position: int
    key: str
    cell: Cell
    seed: int
    builder: str
    data_path: str
    data_sha256: str
    facts: DataFacts
    target: Target
    score: Score
    search_path: tuple[str, ...]
    log: str
    stream: StreamFacts | None = None
    inspection: Inspection | None = None
    refusal: Refusal | None = None
    shape: str = ""
    survey_budget_s: float = math.inf
    ladder: bool = False
    measure: bool = True
    yardstick: Yardstick | None = None
    keep_weights: bool = False
    model_file: str = ""
    fault: str = ""
    survey: EngineSurvey | None = None
    speed: Speed | None = None
    gpu: int | None = None
    reference: str = ""
    node: str = ""
    node_kind: str = ""
    attempt: int = 1
    decided_at: float = 0.0

    @property
    def device(self) -> DeviceSpec:
        """Where it runs: what its cell declares, and the GPU that it was given."""
        declared = parse_device(self.cell.device)
        return declared if self.gpu is None else replace(declared, index=self.gpu)


@dataclass(frozen=True, slots=True)
class Errand:
    """What a worker of a group does next.

    Attributes:
        task: whose trial is to be trained.
        survey: time the engines for it instead of training it.
        log: the file that captures what is printed meanwhile, as an absolute path.
    """

    task: TrialTask
    survey: bool
    log: str


@dataclass(frozen=True, slots=True)
class Began:
    """The worker of a group has taken up an errand; one that it has not taken up can be given to another worker."""

    trial_id: str


@dataclass(frozen=True, slots=True)
class Surveyed:
    """The engines were timed on behalf of a trial; None where that failed.

    Attributes:
        lasting: whether the worker takes further errands.
    """

    trial_id: str
    survey: EngineSurvey | None
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class EpochEnded:
    """A trial has finished an epoch."""

    trial_id: str
    record: EpochRecord


@dataclass(frozen=True, slots=True)
class TrialEnded:
    """A trial has ended in a way its worker could report.

    Attributes:
        lasting: whether the worker takes further errands; what a trial leaves behind ends its worker.
        again: it was not the first of its worker and may have ended otherwise in a process of its own.
    """

    trial_id: str
    status: Status
    reason: str
    outcome: Outcome
    contention: str = ""
    doubts: tuple[Doubt, ...] = ()
    lasting: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FinalWeights:
    """The weights of a trial that was asked to keep them, in the model's order."""

    trial_id: str
    arrays: tuple[NDArray[Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A cell's model, loss and optimizer as plain Keras code.

    Attributes:
        layers: a call per layer after the input, or after several inputs are joined; empty where only the builder can
            make the model.
        parameters: what the builder is called with, by name.
        hyperparameters: what a builder that takes a `keras_tuner.HyperParameters` finds fixed there; None for others.
        gives_shape: whether the builder is called with the shape of an example and the number of classes.
        outputs: how many numbers the model puts out for an example.
        sparse: whether the loss takes classes by their number.
        optimizer: its class in `keras.optimizers`; empty for one of the user's own.
        loss: the argument of `compile()`; one of the user's own begins with its name, without its module, or is a
            lambda that calls it.
        loss_name: what it is called; `auto` is resolved.
        schedule: the call that makes the learning rate's schedule; empty for a constant one and one of the user's own.
        score_is_metric: whether the score names what makes a Keras metric of the user's own.
    """

    layers: tuple[str, ...]
    parameters: dict[str, Any]
    hyperparameters: dict[str, Any] | None = None
    gives_shape: bool = True
    outputs: int
    sparse: bool
    optimizer: str
    loss: str
    loss_name: str
    schedule: str
    score_is_metric: bool
    keras_version: str
