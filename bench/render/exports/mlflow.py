"""A run in a tracking store of MLflow: a parent run, and a child run for each trial."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.core.errors import BenchError
from bench.core.files import write_text
from bench.core.formatting import elided, one_line, plural
from bench.core.secrets import without_passwords
from bench.record.records import RunStatus, Status
from bench.record.runfile import CSV_FILE
from bench.render.exports.csv import csv_text
from bench.render.exports.tracked import run_tags, safe_name, seconds_since_1970, tracked_trials

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.record.records import RunResult
    from bench.render.exports.tracked import TrackedTrial

DEFAULT_URI = "sqlite:///mlflow.db"
"""A store in the current folder; where nothing else is said, `mlflow ui` shows it."""

MOST_METRICS, MOST_PARAMETERS = 1000, 100
"""Of a batch, by MLflow's REST API; a batch of parameters may hold as many tags."""

LONGEST_VALUE, LONGEST_TAG = 6000, 5000
"""Characters of a parameter and of a tag."""

LONGEST_REASON = 400
"""Characters of what MLflow says of an error."""

RUN_ID_TAG, PARENT_TAG, NAME_TAG = "bench.run_id", "mlflow.parentRunId", "mlflow.runName"

QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "MLFLOW_LOGGING_LEVEL": "WARNING"}
"""Variables that MLflow reads when it is imported: without them it sends figures about its use to its makers."""


def export_to_mlflow(result: RunResult, uri: str, reports: Sequence[Path], *, force: bool) -> str:
    """Write a run into a tracking store; nothing is sent anywhere else.

    Args:
        result: the run.
        uri: of the store.
        reports: files that become artifacts of the parent run.
        force: replace what was exported of the run before; MLflow keeps it as deleted.

    Returns:
        What was written, one sentence.

    Raises:
        BenchError: MLflow is not installed, the store does not answer, or has this run already.
    """
    if importlib.util.find_spec("mlflow") is None:
        raise BenchError(
            "An export to MLflow needs it, and it is not installed here.",
            hint="python3 -m pip install 'keras-bench[mlflow]'",
        )
    os.environ.update(QUIET)
    from mlflow.exceptions import MlflowException  # noqa: PLC0415  an extra
    from mlflow.tracking import MlflowClient  # noqa: PLC0415
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415  takes a moment

    try:
        return _export(MlflowClient(tracking_uri=uri), result, uri, reports, force=force)
    except (MlflowException, SQLAlchemyError, OSError) as error:
        why = elided(without_passwords(one_line(str(error))), LONGEST_REASON)
        raise BenchError(
            f"MLflow's store {without_passwords(uri)} refused the run: {why}",
            hint="Name another store by --tracking-uri, or check that its server runs.",
        ) from error


def _export(client: Any, result: RunResult, uri: str, reports: Sequence[Path], *, force: bool) -> str:  # noqa: ANN401
    run, trials = result.run, tracked_trials(result)
    experiment = _experiment(client, safe_name(run.suite_name), uri)
    earlier = client.search_runs([experiment], f"tags.`{RUN_ID_TAG}` = '{safe_name(run.run_id)}'", max_results=50_000)
    if earlier and not force:
        raise BenchError(
            f"MLflow's store {without_passwords(uri)} has run {run.run_id} already.", hint="Add --force to replace it."
        )
    for old in earlier:
        client.delete_run(old.info.run_id)
    common = {**run_tags(result), RUN_ID_TAG: safe_name(run.run_id)}
    parent = _begin(client, experiment, run.run_id, seconds_since_1970(run.started_at), common)
    for file in reports:
        client.log_artifact(parent, str(file))
    with tempfile.TemporaryDirectory() as folder:
        client.log_artifact(parent, str(write_text(Path(folder) / CSV_FILE, csv_text(result))))
    for trial in trials:
        _log_trial(client, experiment, parent, trial, common)
    ended_s = seconds_since_1970(run.finished_at or run.started_at)
    client.set_terminated(parent, "FINISHED" if run.status is RunStatus.FINISHED else "KILLED", _ms(ended_s))
    children = plural(len(trials), "child", "children")
    return f"MLflow  {without_passwords(uri)}: experiment {safe_name(run.suite_name)}, a run with {children}"


def _experiment(client: Any, name: str, uri: str) -> str:  # noqa: ANN401
    known = client.get_experiment_by_name(name)
    if known is not None:
        return str(known.experiment_id)
    path = uri.removeprefix("sqlite:///")
    # artifacts of a store in a file lie beside it, not in whatever folder somebody is in
    location = None if path == uri else Path(path).absolute().with_name("mlartifacts").as_uri()
    return str(client.create_experiment(name, artifact_location=location))


def _begin(client: Any, experiment: str, name: str, begun_s: float, tags: Mapping[str, str]) -> str:  # noqa: ANN401
    texts = {key: elided(text, LONGEST_TAG) for key, text in {**tags, NAME_TAG: one_line(name)}.items()}
    return str(client.create_run(experiment, start_time=_ms(begun_s), tags=texts).info.run_id)


def _log_trial(client: Any, experiment: str, parent: str, trial: TrackedTrial, common: Mapping[str, str]) -> None:  # noqa: ANN401
    from mlflow.entities import Metric, Param  # noqa: PLC0415

    child = _begin(client, experiment, trial.name, trial.begun_s, {**common, **trial.tags, PARENT_TAG: parent})
    parameters = [
        Param(name, elided(str(value), LONGEST_VALUE)) for name, value in trial.parameters.items() if value != ""
    ]
    last = trial.epochs[-1].epoch if trial.epochs else 0
    metrics = [
        *(
            Metric(name, value, _ms(epoch.time_s), epoch.epoch)
            for epoch in trial.epochs
            for name, value in epoch.figures.items()
        ),
        *(Metric(name, value, _ms(trial.ended_s), last) for name, value in trial.figures.items()),
    ]
    for some in _batches(parameters, MOST_PARAMETERS):
        client.log_batch(child, params=some)
    for some in _batches(metrics, MOST_METRICS):
        client.log_batch(child, metrics=some)
    client.set_terminated(child, "FINISHED" if trial.status is Status.OK else "FAILED", _ms(trial.ended_s))


def _batches(items: Sequence[Any], most: int) -> Iterator[Sequence[Any]]:
    for begin in range(0, len(items), most):
        yield items[begin : begin + most]


def _ms(time_s: float) -> int:
    return round(time_s * 1000)
