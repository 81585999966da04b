"""The end of a run: what it leaves is written, and the report made."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench.commands.exhibits import exhibits
from bench.commands.index import write_index_of
from bench.commands.written import FilesOfRun
from bench.core.errors import DataError
from bench.execute.failures import sentence
from bench.record.records import RunStatus
from bench.record.runfile import CSV_FILE, write_run_file
from bench.render.exports.csv import write_csv
from bench.render.report import write_report
from bench.results import Run

if TYPE_CHECKING:
    from pathlib import Path

    from bench.commands.data import PreparedData
    from bench.commands.stage import Stage
    from bench.record.records import RunRecord, RunResult


def finish(stage: Stage, run: RunRecord, data: PreparedData, status: RunStatus, folder: Path) -> Run:
    """Write what the run leaves: `run.json` and the table at once, then the report, whose making may fail."""
    finished = replace(
        run,
        status=status,
        finished_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        wall_time_s=time.perf_counter() - stage.begun,
    )
    stage.store.update_run(finished)
    result = _exhibit(stage, _with_environment(stage, stage.store.load_run(run.run_id)), data)
    history = stage.store.history(result.run)
    with FilesOfRun(stage, run.run_id) as files:
        write_run_file(result, folder)
        write_csv(result, folder / CSV_FILE)
        if stage.request.follows is None:
            _point_latest(folder)
        if status is RunStatus.FINISHED:
            stage.display.working("Writing the report")
            write_report(result, folder, history=history)
        write_index_of(stage.request.workspace, Run(result, folder))
    return Run(result, folder, history, files.unsaved())


def _with_environment(stage: Stage, result: RunResult) -> RunResult:
    """A run that trained nothing, with the environment of the run that trained most of what it shows."""
    trained_by = Counter(trial.run_id for trial in result.trials)
    if result.run.environment is not None or not trained_by:
        return result
    # of two that trained as many the later one: their ids begin with the time
    most = max(trained_by, key=lambda run_id: (trained_by[run_id], run_id))
    environment = None if most == result.run.run_id else stage.store.environment(most)
    if environment is None:
        return result
    run = replace(result.run, environment=environment, environment_run=most)
    stage.store.update_run(run)
    return replace(result, run=run)


def _exhibit(stage: Stage, result: RunResult, data: PreparedData) -> RunResult:
    """Keep the hardest images with the run; what makes that fail costs the report a chart, and not the run."""
    try:
        kept = exhibits(result, data.obtained)
    except Exception as error:  # noqa: BLE001  data of any shape comes here after everything was trained
        why = error.message if isinstance(error, DataError) else sentence(error)
        stage.display.warn(f"The images that most cells get wrong are not shown: {why}")
        return result
    run = replace(result.run, exhibits=kept)
    stage.store.update_run(run)
    return replace(result, run=run)


def _point_latest(folder: Path) -> None:
    """Let `latest`, beside the run folders, lead to this one."""
    temporary = folder.parent / f".latest.{folder.name}"
    try:
        temporary.symlink_to(folder.name, target_is_directory=True)
        temporary.replace(folder.parent / "latest")
    except OSError:
        # a file system without links: the folders' names sort by time all the same
        temporary.unlink(missing_ok=True)
