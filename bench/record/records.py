"""The frozen, versioned values a run leaves behind.

They are what the store keeps, what `run.json` holds and what the frames are collected from. A field is never given
another meaning: a change of meaning is a new field and a higher `SCHEMA_VERSION`.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

# pydantic reads these annotations when it makes an adapter, so they are imported for real.
from bench.catalog.datasets.preparation import Preparation
from bench.core.score import ACCURACY, Score
from bench.core.target import Target, Task
from bench.declare.cell import Cell  # noqa: TC001
from bench.record.environment import DeviceRecord as DeviceRecord  # noqa: PLC0414, TC001  known from here
from bench.record.environment import Environment as Environment  # noqa: PLC0414, TC001
from bench.record.fleet import NodeRecord  # noqa: TC001
from bench.record.layers import Layers  # noqa: TC001
from bench.record.treatment import CompileRecord, InputRecord  # noqa: TC001

SCHEMA_VERSION = 4


class Status(StrEnum):
    """How a trial ended. Only OK carries a score that statistics may use."""

    OK = "OK"
    FAILED = "FAILED"
    TIMEOUT = "TIMEOUT"
    DIVERGED = "DIVERGED"
    SKIPPED = "SKIPPED"
    INTERRUPTED = "INTERRUPTED"


class RunStatus(StrEnum):
    """How far a run got. A run that still says RUNNING after its process is gone was killed."""

    RUNNING = "RUNNING"
    FINISHED = "FINISHED"
    INTERRUPTED = "INTERRUPTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochRecord:
    """One epoch of a trial. Loss and accuracy are Keras's running means over the epoch's batches.

    Attributes:
        epoch: 1 for the first.
        train_time_s: seconds of training; validation, tracing and compiling are left out.
        loss: None where it was not a finite number, which ends a training as DIVERGED.
    """

    epoch: int
    train_time_s: float
    loss: float | None
    accuracy: float | None
    validation_loss: float | None = None
    validation_accuracy: float | None = None
    learning_rate: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """Where a trial's time went, in seconds of `time.perf_counter`; None for a phase that was not reached.

    Attributes:
        start_time_s: from the harness's decision to the child's first own line.
        load_time_s: the data set read, verified, split and encoded.
        build_time_s: the model built and compiled in Keras's sense (optimizer, loss, metrics attached).
        warmup_time_s: images and targets made ready for the engine: in the order of the epoch and on the device, or
            scaled for `fit`.
        compile_time_s: tracing and compiling; with `fit`, all up to the end of the first step, which does both.
        train_time_s: all epochs.
        evaluate_time_s: predictions for the whole test set, and their loss.
        measure_time_s: inference, arithmetic and rate of the device measured, after the training.
        total_time_s: from the child's first own line to its last.
    """

    start_time_s: float | None = None
    load_time_s: float | None = None
    build_time_s: float | None = None
    warmup_time_s: float | None = None
    compile_time_s: float | None = None
    train_time_s: float | None = None
    evaluate_time_s: float | None = None
    measure_time_s: float | None = None
    total_time_s: float | None = None


class Doubt(StrEnum):
    """Why a time is not to be trusted."""

    OTHERS = "others"  # other programs took the processors
    STEAL = "steal"  # other virtual machines did
    FREQUENCY = "frequency"  # of the processors, which fell
    EPOCHS = "epochs"  # whose times were unstable
    TOO_SHORT = "too short"  # for the kernel's clock: what other programs took is unknown
    JOBS = "jobs"  # trials ran at a time
    MACHINE = "machine"  # another one than that of the run that shows the trial
    NICENESS = "niceness"  # of the processes of a node: whatever else runs there goes first


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """What went on during a measurement; None for what cannot be read here.

    Attributes:
        others_share: what other processes took, over all processors' time of the measurement; in [0, 1].
        steal_share: what the hypervisor kept, over the same; in [0, 1].
        frequency_drop: by what fraction the processor's frequency fell from beginning to end.
        epoch_spread: interquartile range over median of the epochs' times.
        resolution_share: one unit of the kernel's clock, over the same: as much more may have been taken than was read.
            None in records of earlier versions, whose shares are of all that went on around a training.
    """

    others_share: float | None = None
    steal_share: float | None = None
    frequency_drop: float | None = None
    epoch_spread: float | None = None
    resolution_share: float | None = None


class RateSource(StrEnum):
    """Whose matrix product."""

    NUMPY = "numpy"
    TENSORFLOW = "tensorflow"
    XLA = "xla"
    TORCH = "torch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """The fastest matrix product on a device: what utilisation is measured against.

    Attributes:
        flops_per_s: floating-point operations a second, the best of several calls and shapes.
        source: whose product it was.
        shape: m, k and n of the product.
        dtype: of its elements.
        threads: of a processor that it ran on.
        variables: of the environment, those that can make products slower or faster.
        stability: what went on while it was measured.
        doubts: why it may be too low; empty where one measurement of the run was not disturbed.
    """

    flops_per_s: float
    source: RateSource
    shape: tuple[int, int, int]
    dtype: str
    threads: int
    variables: dict[str, str] = field(default_factory=dict)
    stability: Stability = field(default_factory=Stability)
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """What a trained model costs on its device, measured after the training.

    Attributes:
        latency_s: median time of a single image's prediction.
        latency_p99_s: 99th percentile of it.
        inference_images_per_s: predictions per second in large batches.
        flops_per_image: floating-point operations of the matrix products of a training step, per image.
        yardstick: the rate that the training's own is measured against; None in records of earlier versions, which
            measured it against NumPy's products alone.
        stability: what went on while inference was measured.
        doubts: why latency and inference are not to be trusted; empty in records of earlier versions.
        measured_in: the trial of the same cell in which inference and arithmetic were measured; empty for this one.
    """

    latency_s: float | None = None
    latency_p99_s: float | None = None
    inference_images_per_s: float | None = None
    flops_per_image: float | None = None
    yardstick: Yardstick | None = None
    stability: Stability | None = None
    doubts: tuple[Doubt, ...] = ()
    measured_in: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedModel:
    """A trained model as its trial saved it; a run keeps one of a cell and removes the others.

    Attributes:
        file: its name in the folder `models` of the run that trained it.
        sha256: (hex) of the file; empty where it was not saved.
        size_bytes: of the file.
        obstacle: why it was not saved, one sentence; empty where it was.
    """

    file: str
    sha256: str = ""
    size_bytes: int = 0
    obstacle: str = ""


class KeptBy(StrEnum):
    """By which rule the model of a cell was chosen among its seeds. The test set never picks the best."""

    VALIDATION = "validation"  # the best on the examples held out
    MEDIAN = "median"  # the nearest to the median score of the cell


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptModel:
    """The trained model of a cell that a run has kept.

    Attributes:
        cell: its id.
        seed: of the training.
        trial_id: of the training, which an earlier run may have done.
        file: its name in the folder `models` of the run.
        sha256: (hex) of the file.
        size_bytes: of the file.
        by: the rule that chose the seed.
    """

    cell: str
    seed: int
    trial_id: str
    file: str
    sha256: str
    size_bytes: int
    by: KeptBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the training itself left: complete for OK, as far as it got for any other status.

    Attributes:
        accuracy: fraction of test examples classified rightly after the last epoch, in [0, 1]; None where no class is
            predicted.
        loss: mean test loss after the last epoch.
        engine: the engine that drove the epochs.
        engine_reason: why that engine, where the suite left the choice open; why it ran Keras's own steps.
        program_of: the trial whose program trained this one as well; empty where it made its own.
        metrics: figures of the test set beside accuracy: the score where it is another one, those that the suite
            names, and those that the builder compiled.
        inputs: what was done to the inputs; None in records of schema 1 and 2, and where there are several.
        several_inputs: what was done to each of several inputs, by name.
        compiled: what the model was compiled with; None in records of schema 1 and 2.
        parameter_count: trainable weights of the model.
        layers: of the model; empty in records of earlier versions, and where they could not be read.
        structure: SHA-256 (hex) of what `layers` say, under which a store or a run file keeps them; empty for none.
        peak_rss_bytes: the most memory the process ever held, what it shares with the warm server included.
        own_memory_bytes: the most it held beyond what it started with: the trial alone.
        device_peak_bytes: the most memory of a GPU it held.
        weights_digest: SHA-256 (hex) over the final weights, in the model's order.
        ladder: digests of the weights on the way (`initialised`, `step 1`, `epoch 1`, ...), where they are kept.
        determinism: the settings that matter for bits, as they were; empty unless the cell is deterministic.
        misfit: why the fault that an audit was to plant does not fit, as a clause; empty for every other trial.
        predictions: of the test examples, as `Target.pack` gives them; None unless OK.
        model: the trained model, where the suite keeps models; None where it does not.
    """

    accuracy: float | None = None
    loss: float | None = None
    validation_accuracy: float | None = None
    validation_loss: float | None = None
    train_images: int | None = None
    test_images: int | None = None
    test_errors: int | None = None
    engine: str | None = None
    engine_reason: str = ""
    program_of: str = ""
    device: DeviceRecord | None = None
    threads: int | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    inputs: InputRecord | None = None
    several_inputs: dict[str, InputRecord] = field(default_factory=dict)
    compiled: CompileRecord | None = None
    parameter_count: int | None = None
    layers: Layers = ()
    structure: str = ""
    peak_rss_bytes: int | None = None
    own_memory_bytes: int | None = None
    device_peak_bytes: int | None = None
    stability: Stability = field(default_factory=Stability)
    speed: Speed = field(default_factory=Speed)
    ladder: tuple[tuple[str, str], ...] = ()
    determinism: dict[str, Any] = field(default_factory=dict)
    weights_digest: str | None = None
    data_sha256: str | None = None
    phases: Phases = field(default_factory=Phases)
    epochs: tuple[EpochRecord, ...] = ()
    misfit: str = ""
    predictions: bytes | None = None
    model: SavedModel | None = None

    @property
    def epoch_time_s(self) -> float | None:
        """The median epoch's seconds of training; None where no epoch ended."""
        return statistics.median(epoch.train_time_s for epoch in self.epochs) if self.epochs else None

    @property
    def images_per_s(self) -> float | None:
        """Training examples over the epoch time; None where either is not known, or the time is 0."""
        epoch_time_s = self.epoch_time_s
        return self.train_images / epoch_time_s if self.train_images and epoch_time_s else None

    @property
    def utilisation(self) -> float | None:
        """Operations per second of the training's products over the yardstick; None where either is in doubt."""
        speed, images_per_s = self.speed, self.images_per_s
        yardstick = None if speed.yardstick is None or speed.yardstick.doubts else speed.yardstick
        if yardstick is None or speed.flops_per_image is None or images_per_s is None:
            return None
        return speed.flops_per_image * images_per_s / yardstick.flops_per_s

    def value(self, score: Score) -> float | None:
        """What the model reached by a score; None where that was not measured."""
        return self.accuracy if score.name == ACCURACY.name else self.metrics.get(score.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRecord:
    """One training: a cell and a seed, and how it ended.

    Attributes:
        trial_id: unique; delivering the same trial twice carries the same id, so the second is harmless.
        key: hash of cell, seed, data, code and environment; trials with equal keys are interchangeable.
        run_id: the run that trained it, which need not be the run that shows it.
        reason: one sentence, empty for OK.
        contention: why the timings of this trial are not to be trusted; empty when they are.
        doubts: the same as codes; empty in records of earlier versions.
        machine: hash of the machine that trained it, see `RunRecord`; empty in records of earlier versions.
        started_at: UTC, ISO 8601.
        log: the captured output, relative to the run folder of `run_id`.
        node: that trained it, of the run's `nodes`; empty where the run had one machine, its own.
        node_kind: of that node.
        attempt: which training of it this is: more than 1 where it was lost before, with its server or its node.
    """

    trial_id: str
    key: str
    run_id: str
    cell: Cell
    seed: int
    status: Status
    reason: str = ""
    contention: str = ""
    doubts: tuple[Doubt, ...] = ()
    machine: str = ""
    started_at: str = ""
    log: str = ""
    node: str = ""
    node_kind: str = ""
    attempt: int = 1
    outcome: Outcome = field(default_factory=Outcome)
    schema_version: int = SCHEMA_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineTiming:
    """What an engine takes for the steps of one shape of cell, or why it cannot take them.

    Attributes:
        prepare_time_s: seconds before the first epoch: data made ready, tracing, compiling.
        step_time_s: seconds of a step, the fastest epoch's mean.
        obstacle: a clause; the times are then None.
    """

    engine: str
    exact: bool
    prepare_time_s: float | None = None
    step_time_s: float | None = None
    obstacle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSurvey:
    """Engines' timings for one shape of cell, measured once and remembered.

    Attributes:
        complete: whether every engine that could be the fastest was measured; one that was too costly for its run is
            measured in a later one.
    """

    shape: str
    timings: tuple[EngineTiming, ...]
    measured_at: str = ""
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRecord:
    """How a data set was read that is larger than memory: a batch at a time, by its loader.

    Attributes:
        kind: what the loader returned, `tf.data.Dataset` or `keras.utils.PyDataset`.
        version: as the loader gives it; with the loader's code it is all that the data set's hash covers.
        batch_size: examples in a batch.
        train_batches: of an epoch.
        test_batches: of the test part.
    """

    kind: str
    version: str
    batch_size: int
    train_batches: int
    test_batches: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetRecord:
    """A data set as it was trained on.

    Attributes:
        sha256: over the decoded arrays; of streamed data, over its version and its loader's code.
        pinned: whether that hash is one the catalog expects.
        source: where it came from, in words.
        classes: the names of the classes, by number; empty where no class is predicted.
        labels: what is true of each test example, as `Target.pack` gives it; None in `run.json`.
        low: the smallest value of the training inputs; None in records of earlier versions.
        high: the largest one.
        whole: whether every training input is a whole number.
        picture: whether an example is a picture that can be drawn.
        unseen: test examples by class, of the classes that no training example has.
        overlap: test examples whose inputs are, byte for byte, those of a training example.
        unstable: examples that differed when a loader was called a second time.
        task: what is predicted.
        targets: the names of the labels or of the values, by column; empty where classes are predicted.
        inputs: of data with several inputs, the shape of each by name; empty where there is one.
        features: the names of the columns of a table, in the order of the inputs; empty for anything else.
        preparation: what was decided and done when it was read.
        weighted: whether training examples have weights of their own.
        stream: how it was read a batch at a time; None where it was held in memory.
    """

    name: str
    sha256: str
    pinned: bool
    source: str
    train_images: int
    test_images: int
    image_shape: tuple[int, ...]
    classes: tuple[str, ...]
    labels: bytes | None = None
    low: float | None = None
    high: float | None = None
    whole: bool = False
    picture: bool = True
    unseen: dict[str, int] = field(default_factory=dict)
    overlap: int = 0
    unstable: int = 0
    task: Task = Task.CLASSES
    targets: tuple[str, ...] = ()
    inputs: dict[str, tuple[int, ...]] = field(default_factory=dict)
    features: tuple[str, ...] = ()
    preparation: Preparation = field(default_factory=Preparation)
    weighted: bool = False
    stream: StreamRecord | None = None

    @property
    def target(self) -> Target:
        """What is predicted."""
        return Target(self.task, self.classes if self.task is Task.CLASSES else self.targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A test example that many of a run's trials got wrong, kept to be shown.

    Attributes:
        dataset: SHA-256 of its data set.
        image: its number in the test set, whether it is an image or not.
        pixels: of a picture, base64 of zlib-compressed uint8: height, width, channels, then the pixels in that order.
            Images of other values are scaled to it. Empty for anything else.
        values: of what is no picture, the names of its columns or inputs with their values as text.
    """

    dataset: str
    image: int
    pixels: str = ""
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A figure from the literature that the report sets our seeds beside.

    Attributes:
        accuracy: a fraction; None where the figure is of another score.
        value: in the unit of the run's score; None where the figure is an accuracy.
        dataset: the data set it was published for, as frames name it; cells on any other are not compared with it.
    """

    accuracy: float | None = None
    value: float | None = None
    source: str
    dataset: str = ""

    @property
    def figure(self) -> float:
        """The figure itself."""
        return next(figure for figure in (self.value, self.accuracy) if figure is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One invocation of the harness.

    Attributes:
        suite: the suite as run, every default filled in.
        suite_source: the suite file's own text.
        command: what to type to do it again.
        notices: what the reader must know before any number (fallback data, ...); the banner of every report.
        planned: trials the suite asks for: cell ids and seeds, in the order they were to run.
        wall_time_s: seconds from start to the last record; None while running.
        warmup_time_s: seconds until data and warm server were ready, of which both went on at once.
        import_times_s: by Keras backend, seconds its warm server took to import; no trial's time contains them.
        inspection_time_s: seconds spent on building every model once, before the first trial.
        survey_time_s: seconds spent on measuring engines where the suite leaves the choice open.
        yardstick_time_s: seconds spent on measuring the rates of devices, that utilisation is a share of.
        published: figures from the literature, by name of architecture.
        environment: the host and versions; None where nothing was trained and the store knows of none.
        environment_run: the run that recorded the environment, where this run trained nothing; empty for its own.
        exhibits: the examples that most cells got wrong, so that a report can show them without the data.
        gate: the table [gate], every default filled in.
        score: what cells are ranked and judged by.
        asked: what was asked for, so that the same can be asked again: `suite`, `overrides`, `expression`,
            and `follows`, the run that this one brought more seeds for.
        code: by builder, hash of the code that trains it.
        fingerprint: hash of what bits depend on outside the code, and times as well.
        machine: hash of what times depend on beyond that; empty in records of earlier versions.
        process_id: of the process that trains it.
        place: where this number names that process, see `bench.core.processes`; empty in records of earlier versions.
        jobs: trials at a time; 0 in records of earlier versions, which do not say it.
        nodes: the machines of a run that trained on many.
        job_rates: what `--jobs auto` measured: numbers of workers, and the work that all of them did in a second.
        models: the trained models that it has kept, at most one of a cell.
    """

    run_id: str
    suite_name: str
    suite: dict[str, Any]
    suite_source: str
    command: str
    started_at: str
    status: RunStatus = RunStatus.RUNNING
    finished_at: str | None = None
    wall_time_s: float | None = None
    warmup_time_s: float | None = None
    import_times_s: dict[str, float] = field(default_factory=dict)
    inspection_time_s: float = 0.0
    survey_time_s: float = 0.0
    yardstick_time_s: float = 0.0
    notices: tuple[str, ...] = ()
    planned: tuple[tuple[str, int], ...] = ()
    environment: Environment | None = None
    environment_run: str = ""
    datasets: tuple[DatasetRecord, ...] = ()
    published: dict[str, Published] = field(default_factory=dict)
    exhibits: tuple[Exhibit, ...] = ()
    gate: dict[str, Any] = field(default_factory=dict)
    score: Score = ACCURACY
    asked: dict[str, Any] = field(default_factory=dict)
    code: dict[str, str] = field(default_factory=dict)
    fingerprint: str = ""
    machine: str = ""
    process_id: int = 0
    place: str = ""
    bench_version: str = ""
    jobs: int = 0
    nodes: tuple[NodeRecord, ...] = ()
    job_rates: tuple[tuple[int, float], ...] = ()
    models: tuple[KeptModel, ...] = ()
    schema_version: int = SCHEMA_VERSION

    def machine_for(self, kind: str) -> str:
        """The machine that the times of a kind of node are of: its first node; the run's own for no kind."""
        return next((node.machine for node in self.nodes if node.kind == kind and not node.refused), self.machine)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """A run with its trials, trained by it or reused from an earlier one.

    Attributes:
        reused: ids of the trials that an earlier run trained.
    """

    run: RunRecord
    trials: tuple[TrialRecord, ...]
    reused: frozenset[str] = frozenset()
