"""Runs in MLflow, TensorBoard and Weights & Biases: read back by the tools that own the formats."""

from __future__ import annotations

import math
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from commandline import bench as command
from exports.offline import run_of
from factories import HOSTILE, cell, failed, result, trial
from mlflow.tracking import MlflowClient
from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins.base_plugin import TBContext
from tensorboard.plugins.hparams import api_pb2, backend_context, get_experiment, list_session_groups

from bench.core.errors import BenchError
from bench.core.files import write_bytes
from bench.core.formatting import printable
from bench.record.records import EpochRecord
from bench.render.exports.mlflow import LONGEST_VALUE, MOST_METRICS, MOST_PARAMETERS, export_to_mlflow
from bench.render.exports.tensorboard import tensorboard_files
from bench.render.exports.tracked import SCORE, tracked_trials
from bench.render.exports.wandb import export_to_wandb

pytestmark = pytest.mark.filterwarnings("default")  # MLflow and TensorBoard use what is deprecated


def large(epochs: int = 800, parameters: int = 250):
    """A run of one trial with more figures and parameters than a batch may hold, one of them longer than allowed."""
    names = {f"p{number}": number for number in range(parameters)} | {"long": "x" * (2 * LONGEST_VALUE), "none": ""}
    record = trial(cell(parameters=names, epochs=1))
    curve = tuple(EpochRecord(epoch=e, train_time_s=0.01, loss=1 / e, accuracy=1 - 1 / e) for e in range(1, epochs + 1))
    return result(replace(record, outcome=replace(record.outcome, epochs=curve)))


def hostile():
    """A run whose texts are those of somebody who wishes us ill; one of its trials failed."""
    odd = cell(HOSTILE, parameters={"a/b": HOSTILE, "a:b": 1, "../x": 2}, metrics=("auc",))
    named = trial(odd)
    figures = {"mine:f/../g": 0.5, "bad": math.nan, **named.outcome.metrics}
    named = replace(named, outcome=replace(named.outcome, metrics=figures))
    run = result(named, failed(cell("other"), 1))
    return replace(
        run, run=replace(run.run, suite_name="sneaky'; DROP", command="bench run --store pg://me:hunter2@h/b")
    )


# ------------------------------------------------------------------------------------------------------- TensorBoard


def hparams(folder: Path):
    """What the HParams plugin makes of a log folder: the experiment, and the groups of sessions."""
    multiplexer = EventMultiplexer()
    multiplexer.AddRunsFromDirectory(str(folder))
    multiplexer.Reload()
    provider = MultiplexerDataProvider(multiplexer, str(folder))
    context = backend_context.Context(TBContext(logdir=str(folder), multiplexer=multiplexer, data_provider=provider))
    experiment = get_experiment.Handler(RequestContext(), context, "", api_pb2.GetExperimentRequest()).run()
    request = api_pb2.ListSessionGroupsRequest(
        start_index=0, slice_size=1000, col_params=[api_pb2.ColParams(hparam="learning_rate")],
        allowed_statuses=[api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE],
    )  # fmt: skip
    return experiment, list_session_groups.Handler(RequestContext(), context, "", request).run().session_groups


def test_tensorboard_shows_every_epoch_of_every_trial(run, tmp_path):
    """By TensorBoard's own accumulator: tags, steps, values; times pass."""
    done = command("export", str(run.folder), "--to", "tensorboard", "-o", str(tmp_path / "logs"))
    assert 0 == done.returncode, done.stderr
    folders = sorted(path for path in (tmp_path / "logs").iterdir() if path.is_dir())
    assert len(run.result.trials) == len(folders)
    for folder, record in zip(folders, run.result.trials, strict=True):
        events = EventAccumulator(str(folder))
        events.Reload()
        losses = events.Scalars("epoch/loss")
        assert [epoch.loss for epoch in record.outcome.epochs] == pytest.approx([one.value for one in losses])
        assert [epoch.epoch for epoch in record.outcome.epochs] == [one.step for one in losses]
        assert sorted(one.wall_time for one in losses) == [one.wall_time for one in losses]
        (score,) = events.Scalars(SCORE)
        assert record.outcome.accuracy == pytest.approx(score.value)


def test_tensorboard_compares_cells_by_their_hyperparameters(run, tmp_path):
    """By its HParams plugin: a group for each cell with a session for each seed, and the mean of their scores."""
    for name, content in tensorboard_files(run.result).items():
        write_bytes(tmp_path / name, content)
    experiment, groups = hparams(tmp_path)
    assert {"learning_rate", "batch_size", "param_hidden"} <= {info.name for info in experiment.hparam_infos}
    assert SCORE in {info.name.tag for info in experiment.metric_infos}
    summary = run.summary().set_index("cell_id")
    assert set(summary.index) == {group.name for group in groups}
    for group in groups:
        assert 3 == len(group.sessions)
        assert 64 == group.hparams["batch_size"].number_value
        values = {value.name.tag: value.value for value in group.metric_values}
        assert summary.loc[group.name, "score_mean"] == pytest.approx(values[SCORE], rel=1e-6)


def test_tensorboard_takes_hostile_names(tmp_path):
    """Folders are letters and digits, tags and names are printable, a failed trial is a failed session."""
    files = tensorboard_files(hostile())
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-./") and ".." not in name for name in files)
    for name, content in files.items():
        write_bytes(tmp_path / name, content)
    experiment, groups = hparams(tmp_path)
    texts = [info.name for info in experiment.hparam_infos] + [group.name for group in groups]
    texts += [info.name.tag for info in experiment.metric_infos]
    assert all(text == printable(text) and "\n" not in text for text in texts)
    statuses = [session.status for group in groups for session in group.sessions]
    assert sorted([api_pb2.STATUS_SUCCESS, api_pb2.STATUS_FAILURE]) == sorted(statuses)


def test_a_log_folder_is_replaced_only_where_it_is_one(run, tmp_path):
    """With --force; a folder with anything else in it stays as it is."""
    words = ("export", str(run.folder), "--to", "tensorboard", "-o", str(tmp_path / "logs"))
    assert 0 == command(*words).returncode
    before = sorted((tmp_path / "logs").rglob("*"))
    assert 2 == command(*words).returncode
    assert 0 == command(*words, "--force").returncode
    assert before == sorted((tmp_path / "logs").rglob("*"))
    (tmp_path / "logs" / "thesis.txt").write_text("mine")
    refused = command(*words, "--force")
    assert (2, True) == (refused.returncode, "thesis.txt" in refused.stderr)
    assert "mine" == (tmp_path / "logs" / "thesis.txt").read_text()


# ------------------------------------------------------------------------------------------------------------ MLflow


def parents_and_children(client, name):
    """The runs of an experiment: those without a parent, and those with one by their name."""
    experiment = client.get_experiment_by_name(name)
    runs = client.search_runs([experiment.experiment_id], max_results=1000)
    parents = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    return parents, {run.info.run_name: run for run in runs if "mlflow.parentRunId" in run.data.tags}


def test_mlflow_has_a_parent_and_a_child_for_each_trial(run, tmp_path):
    """In a store on SQLite, by MLflow's own client: parameters, every epoch, the end, the artifacts."""
    uri = f"sqlite:///{tmp_path}/store.db"
    done = command("export", str(run.folder), "--to", "mlflow", "--tracking-uri", uri)
    assert 0 == done.returncode, done.stderr
    client = MlflowClient(tracking_uri=uri)
    (parent,), children = parents_and_children(client, "kept")
    assert ("FINISHED", run.run_id) == (parent.info.status, parent.info.run_name)
    artifacts = {file.path for file in client.list_artifacts(parent.info.run_id)}
    assert {"report.html", "report.md", "results.csv"} == artifacts
    assert (run.folder / "report.html").read_bytes() == Path(
        client.download_artifacts(parent.info.run_id, "report.html", str(tmp_path))
    ).read_bytes()
    assert len(run.result.trials) == len(children)
    for record in run.result.trials:
        child = children[f"{record.cell.id} seed {record.seed}"]
        assert parent.info.run_id == child.data.tags["mlflow.parentRunId"]
        assert ("0.1", "64", str(record.seed)) == tuple(
            child.data.params[name] for name in ("learning_rate", "batch_size", "seed")
        )
        history = client.get_metric_history(child.info.run_id, "epoch/loss")
        assert [(one.epoch, one.loss) for one in record.outcome.epochs] == [(one.step, one.value) for one in history]
        assert record.outcome.accuracy == child.data.metrics[SCORE]
        assert record.outcome.weights_digest == child.data.tags["bench.weights_digest"]
        assert child.info.start_time < child.info.end_time


def test_an_export_to_mlflow_is_repeated_only_by_force(run, tmp_path):
    """And then replaces the earlier one."""
    words = ("export", str(run.folder), "--to", "mlflow", "-o", str(tmp_path / "other.db"))
    assert 0 == command(*words).returncode
    refused = command(*words)
    assert (2, True) == (refused.returncode, "--force" in refused.stderr)
    assert 0 == command(*words, "--force").returncode
    parents, children = parents_and_children(MlflowClient(tracking_uri=f"sqlite:///{tmp_path}/other.db"), "kept")
    assert (1, len(run.result.trials)) == (len(parents), len(children))


def test_mlflow_gets_batches_within_its_limits(tmp_path, monkeypatch):
    """800 epochs of three figures, 250 parameters, one of them longer than MLflow allows: nothing else is lost."""
    sizes = []
    real = MlflowClient.log_batch

    def log_batch(self, run_id, metrics=(), params=(), tags=(), **rest):
        sizes.append((len(metrics), len(params)))
        return real(self, run_id, metrics=metrics, params=params, tags=tags, **rest)

    monkeypatch.setattr(MlflowClient, "log_batch", log_batch)
    run, uri = large(), f"sqlite:///{tmp_path}/store.db"
    export_to_mlflow(run, uri, [], force=False)
    assert all(metrics <= MOST_METRICS and parameters <= MOST_PARAMETERS for metrics, parameters in sizes)
    client = MlflowClient(tracking_uri=uri)
    _, children = parents_and_children(client, run.run.suite_name)
    (child,) = children.values()
    (tracked,) = tracked_trials(run)
    assert {name for name, value in tracked.parameters.items() if value != ""} == set(child.data.params)
    assert LONGEST_VALUE == len(child.data.params["param_long"])
    assert 800 == len(client.get_metric_history(child.info.run_id, "epoch/loss"))


def test_mlflow_takes_hostile_names(tmp_path):
    """No name is refused, none is a path, no password is passed on; a failed trial is a failed run."""
    uri = f"sqlite:///{tmp_path}/store.db"
    export_to_mlflow(hostile(), uri, [], force=False)
    client = MlflowClient(tracking_uri=uri)
    (experiment,) = [one for one in client.search_experiments() if one.name != "Default"]
    (parent,), children = parents_and_children(client, experiment.name)
    assert ["FAILED", "FINISHED"] == sorted(child.info.status for child in children.values())
    of = [one.data for one in (parent, *children.values())]
    texts = [text for data in of for text in (*data.tags.values(), *data.params.values())]
    assert all(text == printable(text) for text in texts)
    assert "hunter2" not in "".join(texts)


def test_a_store_that_does_not_answer_is_named_without_its_password():
    """In one sentence."""
    with pytest.raises(BenchError) as caught:
        export_to_mlflow(large(2, 2), "nosuch://me:hunter2@127.0.0.1/x", [], force=False)
    assert "refused the run" in caught.value.message
    assert "hunter2" not in caught.value.message


# ------------------------------------------------------------------------------------------------- Weights & Biases


def test_wandb_gets_an_offline_run_for_each_trial(run, tmp_path):
    """By its records: name, group, settings, every epoch, the end."""
    done = command("export", str(run.folder), "--to", "wandb", "-o", str(tmp_path))
    assert 0 == done.returncode, done.stderr
    found = {one["name"]: one for one in map(run_of, (tmp_path / "wandb").glob("offline-run-*"))}
    assert len(run.result.trials) == len(found)
    for record in run.result.trials:
        one = found[f"{record.cell.id} seed {record.seed}"]
        assert (run.run_id, "kept", 0) == (one["group"], one["project"], one["exit"])
        assert (64, record.seed) == (one["config"]["batch_size"], one["config"]["seed"])
        losses = [step["epoch/loss"] for step in one["history"]]
        assert [epoch.loss for epoch in record.outcome.epochs] == losses
        assert record.outcome.accuracy == one["summary"][SCORE]


def test_wandb_itself_finds_the_runs(run, tmp_path):
    """Its command line would upload each of them."""
    command("export", str(run.folder), "--to", "wandb", "-o", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "wandb", "sync", "--dry-run"],
        check=False, capture_output=True, text=True, timeout=60, cwd=tmp_path,
        env={**os.environ, "WANDB_MODE": "offline", "WANDB_ERROR_REPORTING": "false"},
    )  # fmt: skip
    assert 0 == done.returncode, done.stderr
    assert f"{len(run.result.trials)} run" in done.stdout + done.stderr


def test_offline_runs_are_repeated_only_by_force(run, tmp_path):
    """And then replace the earlier ones."""
    words = ("export", str(run.folder), "--to", "wandb", "-o", str(tmp_path))
    assert 0 == command(*words).returncode
    refused = command(*words)
    assert (2, True) == (refused.returncode, "--force" in refused.stderr)
    assert 0 == command(*words, "--force").returncode
    assert len(run.result.trials) == len(list((tmp_path / "wandb").glob("offline-run-*")))


def test_wandb_takes_hostile_names(tmp_path):
    """Printable, and without passwords; a failed trial ends with another exit code."""
    export_to_wandb(hostile(), tmp_path, force=False)
    found = [run_of(folder) for folder in (tmp_path / "wandb").glob("offline-run-*")]
    assert [0, 1] == sorted(one["exit"] for one in found)
    names = [one[key] for one in found for key in ("name", "group", "project")]
    texts = [*names, *(str(value) for one in found for value in one["config"].values())]
    assert all(text == printable(text) for text in texts)
    assert "hunter2" not in "".join(texts)


CONNECTS = """
import json, sys
from pathlib import Path
addresses = []
def look(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        addresses.append(arguments[1][0])
    if event == "socket.getaddrinfo":
        addresses.append(arguments[0])
sys.addaudithook(look)
from bench.cli import main
try:
    main()
except SystemExit as end:
    code = end.code
print(json.dumps([code, [a for a in addresses if a not in ("127.0.0.1", "::1", "localhost", None)]]))
"""


@pytest.mark.parametrize("to", ["mlflow", "tensorboard", "wandb"])
def test_no_tracker_is_asked_to_talk_to_anybody(run, tmp_path, to):
    """The process of the export connects to no other machine, and looks none up."""
    theirs = ("WANDB", "MLFLOW", "DO_NOT_TRACK")
    own = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
    done = subprocess.run(
        [sys.executable, "-c", CONNECTS, "export", str(run.folder), "--to", to],
        check=False, capture_output=True, text=True, timeout=120, cwd=tmp_path, env=own,
    )  # fmt: skip
    assert "[0, []]" == done.stdout.splitlines()[-1].replace(f'"{socket.gethostname()}"', ""), done.stdout + done.stderr
