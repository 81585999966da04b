"""A run as offline runs of Weights & Biases, one per trial; nothing is sent anywhere."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
from typing import TYPE_CHECKING, Any

from bench.core.errors import BenchError
from bench.core.formatting import elided, plural
from bench.record.records import Status
from bench.render.exports.tracked import run_tags, safe_name, tracked_trials

if TYPE_CHECKING:
    from pathlib import Path

    from bench.record.records import RunResult
    from bench.render.exports.tracked import TrackedTrial

LONGEST_NAME = 120
"""Characters of the name of a run or group."""

QUIET = {"WANDB_MODE": "offline", "WANDB_ERROR_REPORTING": "false", "WANDB_SILENT": "true", "WANDB_DISABLE_GIT": "true"}
"""Variables that keep it from reporting its own errors to its makers, and from asking for an account."""


def export_to_wandb(result: RunResult, folder: Path, *, force: bool) -> str:
    """Write an offline run for each trial into `folder`; `wandb sync` uploads them when the user wants it.

    The runs of one export are one group; a run's id follows from the trial's, so that no trial is uploaded twice.

    Args:
        result: the run.
        folder: gets a folder `wandb` with the offline runs, by the custom of that tool.
        force: replace offline runs of these trials that are there.

    Returns:
        What was written, and how it is uploaded.

    Raises:
        BenchError: wandb is not installed, or offline runs of these trials are there.
    """
    if importlib.util.find_spec("wandb") is None:
        raise BenchError(
            "Offline runs need wandb, which is not installed here.",
            hint="python3 -m pip install 'keras-bench[wandb]'",
        )
    trials = tracked_trials(result)
    for trial in trials:
        for earlier in (folder / "wandb").glob(f"offline-run-*-{_run_id(trial)}"):
            if not force:
                raise BenchError(
                    f"{folder / 'wandb'} has an offline run of {trial.name} already.",
                    hint="Add --force to replace it, or name another folder with -o.",
                )
            shutil.rmtree(earlier)
    before = {name: os.environ.get(name) for name in QUIET}
    os.environ.update(QUIET)
    try:
        _write(result, trials, folder)
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
    place = folder / "wandb"
    return f"W&B  {plural(len(trials), 'offline run')} in {place}; `wandb sync {place}/offline-run-*` uploads them"


def _run_id(trial: TrackedTrial) -> str:
    """An id that wandb takes and no other trial has."""
    return hashlib.sha256(trial.trial_id.encode("utf-8", "replace")).hexdigest()[:16]


def _write(result: RunResult, trials: tuple[TrackedTrial, ...], folder: Path) -> None:
    import wandb  # noqa: PLC0415  an extra

    folder.mkdir(parents=True, exist_ok=True)
    try:
        for trial in trials:
            with _begun(wandb, result, trial, folder) as run:
                for epoch in trial.epochs:
                    run.log({**epoch.figures, "epoch": epoch.epoch, "_timestamp": epoch.time_s}, step=epoch.epoch)
                run.summary.update(dict(trial.figures))
                if trial.status is not Status.OK:
                    run.finish(exit_code=1)
    finally:
        wandb.teardown()


def _begun(wandb: Any, result: RunResult, trial: TrackedTrial, folder: Path) -> Any:  # noqa: ANN401  wandb's own
    settings = wandb.Settings(
        console="off",
        disable_code=True,
        disable_git=True,
        disable_job_creation=True,
        root_dir=str(folder.absolute()),
        save_code=False,
        silent=True,
        use_dot_wandb=False,
        x_disable_machine_info=True,
        x_disable_meta=True,
        x_disable_stats=True,
        x_disable_viewer=True,
        x_save_requirements=False,
    )
    return wandb.init(
        mode="offline",
        project=safe_name(result.run.suite_name),
        group=elided(result.run.run_id, LONGEST_NAME),
        job_type="trial",
        id=_run_id(trial),
        name=elided(trial.name, LONGEST_NAME),
        config={**trial.parameters, **run_tags(result), **trial.tags},
        reinit="create_new",
        settings=settings,
    )
