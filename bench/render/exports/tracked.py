"""What trackers of experiments are told of a trial: parameters, figures by epoch, figures at the end."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from bench.core.formatting import one_line
from bench.core.secrets import without_passwords
from bench.declare.cell import PLACE
from bench.declare.schedule import Constant
from bench.declare.settings import SETTINGS, setting_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bench.record.records import RunResult, Status, TrialRecord

T = TypeVar("T")

Parameter = str | int | float | bool
"""A setting as trackers take it: what is no number is text."""

SCORE = "test/score"
"""The figure that cells are ranked by."""

_UNSAFE = re.compile(r"[^A-Za-z0-9_\-. ]")
"""In a name, what one of the trackers refuses or takes for a path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedEpoch:
    """An epoch of a trial.

    Attributes:
        epoch: 1 for the first.
        time_s: seconds since 1970 at its end, as far as the times of the epochs say.
        figures: by name, all of them finite.
    """

    epoch: int
    time_s: float
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedTrial:
    """A trial as trackers of experiments take it; all texts are printable and on one line.

    Attributes:
        trial_id: of the record.
        name: the cell and the seed.
        cell: its id.
        begun_s: seconds since 1970.
        ended_s: likewise.
        parameters: the settings of the cell and the parameters of its builder, by name.
        epochs: in order.
        figures: of the finished training, by name, all of them finite.
        tags: further texts, by name.
    """

    trial_id: str
    name: str
    cell: str
    seed: int
    status: Status
    begun_s: float
    ended_s: float
    parameters: Mapping[str, Parameter]
    epochs: tuple[TrackedEpoch, ...]
    figures: Mapping[str, float]
    tags: Mapping[str, str]


def tracked_trials(result: RunResult) -> tuple[TrackedTrial, ...]:
    """The trials of a run in the order of its plan, those that failed too.

    Times that do not count are left out; the tag `times` says why.
    """
    return tuple(_tracked(result, trial) for trial in result.trials)


def run_tags(result: RunResult) -> dict[str, str]:
    """What trackers are told of the run as a whole, by name; without passwords."""
    run, environment = result.run, result.run.environment
    tags = {
        "bench.run_id": run.run_id,
        "bench.suite": run.suite_name,
        "bench.score": run.score.name,
        "bench.command": without_passwords(run.command),
        "bench.version": run.bench_version,
        "bench.git_revision": (environment.git_revision if environment else None) or "",
        "bench.hostname": environment.hostname if environment else "",
        "bench.cpu": environment.cpu_model if environment else "",
    }
    return {name: one_line(text) for name, text in tags.items() if text}


def seconds_since_1970(time: str) -> float:
    """A time of a record; 0 where it has none, or one that is not of ours: no tracker takes a time before 1970."""
    try:
        return max(0.0, datetime.fromisoformat(time).timestamp())
    except (OSError, OverflowError, ValueError):
        return 0.0


def safe_name(text: str) -> str:
    """A name that every tracker takes and none takes for a path: at most 100 letters, digits, dots, dashes, spaces."""
    name = _UNSAFE.sub("_", one_line(text))[:100].strip()
    return re.sub(r"^\.+|\.+$", "_", name) or "_"


def _tracked(result: RunResult, trial: TrialRecord) -> TrackedTrial:
    outcome, begun_s = trial.outcome, seconds_since_1970(trial.started_at)
    spent_s, epochs = 0.0, []
    for epoch in outcome.epochs:
        spent_s += epoch.train_time_s
        figures = {
            "epoch/loss": epoch.loss,
            "epoch/accuracy": epoch.accuracy,
            "epoch/validation_loss": epoch.validation_loss,
            "epoch/validation_accuracy": epoch.validation_accuracy,
            "epoch/learning_rate": epoch.learning_rate,
            "epoch/train_time_s": None if trial.contention else epoch.train_time_s,
        }
        epochs.append(TrackedEpoch(epoch=epoch.epoch, time_s=begun_s + spent_s, figures=_finite(figures)))
    tags = {
        "bench.trial_id": trial.trial_id,
        "bench.cell": trial.cell.id,
        "bench.status": trial.status.value,
        "bench.reason": trial.reason,
        "bench.trained_by": trial.run_id if trial.run_id != result.run.run_id else "",
        "bench.weights_digest": outcome.weights_digest or "",
        "bench.times": f"excluded: {trial.contention}" if trial.contention else "",
    }
    return TrackedTrial(
        trial_id=trial.trial_id,
        name=one_line(f"{trial.cell.id} seed {trial.seed}"),
        cell=one_line(trial.cell.id),
        seed=trial.seed,
        status=trial.status,
        begun_s=begun_s,
        ended_s=begun_s + max(spent_s, outcome.phases.total_time_s or 0.0),
        parameters=_unique(_parameters(trial)),
        epochs=tuple(epochs),
        figures=_unique(_figures(result, trial)),
        tags={name: one_line(text) for name, text in tags.items() if text},
    )


def _parameters(trial: TrialRecord) -> Iterator[tuple[str, Parameter]]:
    cell = trial.cell
    yield "architecture", one_line(cell.architecture)
    yield "builder", one_line(cell.builder)
    yield "dataset", one_line(cell.dataset_name)
    yield "seed", trial.seed
    for key in (*PLACE, *SETTINGS):
        yield key, _value(cell.value(key))
    if trial.outcome.engine:
        yield "engine_used", one_line(trial.outcome.engine)
    for name, value in cell.parameters.items():
        yield f"param_{safe_name(name)}", _value(value)


def _value(value: object) -> Parameter:
    if isinstance(value, Constant):
        value = value.initial
    if isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return one_line(setting_text(value))


def _figures(result: RunResult, trial: TrialRecord) -> Iterator[tuple[str, float]]:
    outcome, phases = trial.outcome, trial.outcome.phases
    counts = not trial.contention
    figures = {
        SCORE: outcome.value(result.run.score),
        "test/accuracy": outcome.accuracy,
        "test/loss": outcome.loss,
        "validation/accuracy": outcome.validation_accuracy,
        "validation/loss": outcome.validation_loss,
        "cost/parameters": outcome.parameter_count,
        "cost/train_time_s": phases.train_time_s if counts else None,
        "cost/epoch_time_s": outcome.epoch_time_s if counts else None,
        "cost/images_per_s": outcome.images_per_s if counts else None,
        "cost/peak_rss_bytes": outcome.peak_rss_bytes,
    }
    yield from _finite(figures).items()
    for name, value in _finite(outcome.metrics).items():
        yield f"test/{safe_name(name)}", value


def _finite(figures: Mapping[str, float | None]) -> dict[str, float]:
    """Figures that are numbers: no tracker has a word for any other."""
    return {name: float(value) for name, value in figures.items() if value is not None and math.isfinite(value)}


def _unique(items: Iterator[tuple[str, T]]) -> dict[str, T]:
    """Items by name; of two that have one name, which safe names may, the later one has a number behind it."""
    taken: dict[str, T] = {}
    for name, value in items:
        own, number = name, 2
        while own in taken:
            own, number = f"{name} {number}", number + 1
        taken[own] = value
    return taken
