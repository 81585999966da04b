"""A run as event files of TensorBoard: a folder per trial with its scalars, and the table of HParams over all."""

from __future__ import annotations

import importlib.util
import io
import re
from typing import TYPE_CHECKING, Any

from bench.core.errors import BenchError
from bench.record.records import Status
from bench.render.exports.tracked import SCORE, seconds_since_1970, tracked_trials

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.record.records import RunResult
    from bench.render.exports.tracked import Parameter, TrackedTrial

OF_A_TRIAL = frozenset({"engine_used", "seed"})
"""Parameters that trials of one cell may differ in: sessions of a group share their hyperparameters."""

FILE_VERSION = "brain.Event:2"
"""What the first event of a file says."""


def tensorboard_files(result: RunResult) -> dict[str, bytes]:
    """Event files by their path in a log folder; TensorFlow is not imported.

    The scalars of an epoch have its number as their step, those of the finished training the last one's. A trial's
    settings are its hyperparameters; the trials of a cell, which have the same, are a group of sessions.

    Source: the protocol buffers of TensorBoard, and its README on the HParams plugin.

    Raises:
        BenchError: TensorBoard is not installed.
    """
    if importlib.util.find_spec("tensorboard") is None:
        raise BenchError(
            "Event files need TensorBoard, which is not installed here.",
            hint="python3 -m pip install 'keras-bench[tensorboard]'",
        )
    trials, begun_s = tracked_trials(result), seconds_since_1970(result.run.started_at)
    name = f"events.out.tfevents.{int(begun_s)}.keras-bench"
    files = {name: _file(begun_s, [_event(begun_s, 0, [_experiment(result, trials, begun_s)])])}
    for number, trial in enumerate(trials):
        folder = f"{number:04d}-{_slug(trial.cell)}-seed-{trial.seed}"
        files[f"{folder}/{name}"] = _file(trial.begun_s, _events(trial))
    return files


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "cell"


def _file(begun_s: float, events: Iterable[Any]) -> bytes:
    from tensorboard.compat.proto.event_pb2 import Event  # noqa: PLC0415  an extra
    from tensorboard.summary.writer.record_writer import RecordWriter  # noqa: PLC0415

    buffer = io.BytesIO()
    writer = RecordWriter(buffer)
    for event in (Event(wall_time=begun_s, file_version=FILE_VERSION), *events):
        writer.write(event.SerializeToString())
    return buffer.getvalue()


def _event(time_s: float, step: int, values: Sequence[Any]) -> Any:  # noqa: ANN401  a protocol buffer
    from tensorboard.compat.proto.event_pb2 import Event  # noqa: PLC0415
    from tensorboard.compat.proto.summary_pb2 import Summary  # noqa: PLC0415

    return Event(wall_time=time_s, step=step, summary=Summary(value=values))


def _events(trial: TrackedTrial) -> list[Any]:
    from tensorboard.compat.proto.summary_pb2 import Summary  # noqa: PLC0415
    from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2  # noqa: PLC0415

    start = plugin_data_pb2.SessionStartInfo(group_name=trial.cell, start_time_secs=trial.begun_s)
    for name, value in _hyperparameters(trial).items():
        if isinstance(value, bool):
            start.hparams[name].bool_value = value
        elif isinstance(value, (int, float)):
            start.hparams[name].number_value = value
        else:
            start.hparams[name].string_value = value
    status = api_pb2.STATUS_SUCCESS if trial.status is Status.OK else api_pb2.STATUS_FAILURE
    end = plugin_data_pb2.SessionEndInfo(status=status, end_time_secs=trial.ended_s)
    events = [_event(trial.begun_s, 0, [_hparams(metadata.SESSION_START_INFO_TAG, session_start_info=start)])]
    for epoch in trial.epochs:
        values = [Summary.Value(tag=tag, simple_value=value) for tag, value in epoch.figures.items()]
        events.append(_event(epoch.time_s, epoch.epoch, values))
    values = [Summary.Value(tag=tag, simple_value=value) for tag, value in trial.figures.items()]
    last = trial.epochs[-1].epoch if trial.epochs else 0
    values.append(_hparams(metadata.SESSION_END_INFO_TAG, session_end_info=end))
    return [*events, _event(trial.ended_s, last, values)]


def _experiment(result: RunResult, trials: Sequence[TrackedTrial], begun_s: float) -> Any:  # noqa: ANN401
    """What the table of HParams has: a column per hyperparameter and per figure of the finished training."""
    from tensorboard.plugins.hparams import api_pb2, metadata  # noqa: PLC0415

    values: dict[str, list[Parameter]] = {}
    for trial in trials:
        for name, value in _hyperparameters(trial).items():
            values.setdefault(name, []).append(value)
    tags = dict.fromkeys((SCORE, *(tag for trial in trials for tag in trial.figures)))
    names = {SCORE: result.run.score.title}
    experiment = api_pb2.Experiment(
        name=result.run.run_id,
        time_created_secs=begun_s,
        hparam_infos=[api_pb2.HParamInfo(name=name, type=_kind(kinds)) for name, kinds in values.items()],
        metric_infos=[
            api_pb2.MetricInfo(name=api_pb2.MetricName(tag=tag), display_name=names.get(tag, "")) for tag in tags
        ],
    )
    return _hparams(metadata.EXPERIMENT_TAG, experiment=experiment)


def _hyperparameters(trial: TrackedTrial) -> dict[str, Parameter]:
    return {name: value for name, value in trial.parameters.items() if name not in OF_A_TRIAL}


def _kind(values: Sequence[Parameter]) -> int:
    from tensorboard.plugins.hparams import api_pb2  # noqa: PLC0415

    if all(isinstance(value, bool) for value in values):
        return int(api_pb2.DATA_TYPE_BOOL)
    if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        return int(api_pb2.DATA_TYPE_FLOAT64)
    return int(api_pb2.DATA_TYPE_STRING)


def _hparams(tag: str, **content: Any) -> Any:  # noqa: ANN401  protocol buffers
    from tensorboard.compat.proto.summary_pb2 import Summary  # noqa: PLC0415
    from tensorboard.plugins.hparams import metadata, plugin_data_pb2  # noqa: PLC0415

    data = plugin_data_pb2.HParamsPluginData(version=metadata.PLUGIN_DATA_VERSION, **content)
    return Summary.Value(tag=tag, metadata=metadata.create_summary_metadata(data), tensor=metadata.NULL_TENSOR)
