"""`bench run`: from a suite to its trained and reported run."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from bench.catalog.registry import find_architecture
from bench.commands.data import prepare_data
from bench.commands.plan import declare, done_by_cell, estimate_s, signatures
from bench.core.formatting import plural, seconds
from bench.core.interrupts import Interrupts
from bench.declare.cell import dataset_label
from bench.declare.plan import plan
from bench.execute.environment import read_environment
from bench.execute.executor import Finished, LocalExecutor, Progressed, Started, record_of
from bench.execute.launcher import warm_server
from bench.execute.schedule import Position, Schedule, TaskMaker
from bench.record.records import Published, RunRecord, RunStatus, Status
from bench.record.runfile import write_run_file
from bench.record.store import Store
from bench.render.exports.csv import write_csv
from bench.results import Run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.commands.data import PreparedData
    from bench.commands.request import RunRequest
    from bench.declare.plan import PlannedTrial
    from bench.declare.suite import Suite
    from bench.execute.launcher import WarmServer
    from bench.record.records import TrialRecord
    from bench.render.terminal import Display

DEVICES_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class _Stage:
    """What the steps of a run have in common."""

    request: RunRequest
    suite: Suite
    store: Store
    server: WarmServer
    display: Display
    begun: float


def run_suite(request: RunRequest, display: Display, *, keep_server: bool = False) -> Run:
    """Train what a suite declares, and write its report.

    Every finished trial is committed before anything else happens. An interruption (Ctrl-C) ends the trials under way,
    records them as such and returns the run.

    Args:
        request: what to run.
        display: hears of everything as it happens.
        keep_server: leave the warm server to the next run of this process.

    Raises:
        BenchError: the suite is wrong, data cannot be had, or the store or the machine does not serve.
    """
    begun = time.perf_counter()
    declared = declare(request)
    for number in declared.idle_excludes:
        display.warn(f"[[exclude]] table {number} of {declared.suite.origin} excludes nothing.")
    store = Store(request.store_url)
    try:
        # the server imports TensorFlow while data is looked for
        with warm_server(keep=keep_server) as server:
            stage = _Stage(request, declared.suite, store, server, display, begun)
            data = prepare_data(declared.suite, declared.cells, lambda: server, display.working)
            for notice in data.notices:
                display.warn(notice)
            hashes = {name: found.sha256 for name, found in data.obtained.items()}
            planned = plan(data.cells, declared.suite.keys.seeds, signatures(declared.suite, hashes))
            run = _describe(stage, data, planned)
            _announce(stage, data, planned)
            run = _warm_up(stage, run)
            status = _train(stage, run, data, planned)
        return _finish(stage, run, status)
    finally:
        display.end()
        store.close()


def _describe(stage: _Stage, data: PreparedData, planned: Sequence[PlannedTrial]) -> RunRecord:
    """The run as it is known before anything is trained."""
    now, suite = datetime.now(UTC), stage.suite
    published = {
        name: Published(
            accuracy=named.published.accuracy,
            source=named.published.source,
            # as declared: a figure for MNIST says nothing about the data that stands in for it
            dataset=dataset_label(named.keys.get("dataset", suite.keys.dataset)),
        )
        for name, named in suite.architectures.items()
        if named.published
    }
    return RunRecord(
        run_id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        suite_name=suite.name,
        suite=suite.keys.model_dump(mode="json"),
        suite_source=suite.source,
        command=stage.request.command(),
        started_at=now.isoformat(timespec="milliseconds"),
        notices=data.notices,
        planned=tuple((trial.cell.id, trial.seed) for trial in planned),
        datasets=data.records(),
        published=published,
        process_id=os.getpid(),
        bench_version=version("keras-bench"),
    )


def _announce(stage: _Stage, data: PreparedData, planned: Sequence[PlannedTrial]) -> None:
    """Say what will be trained and how long it will take."""
    store = stage.store
    done = set() if stage.request.fresh else store.done([trial.key for trial in planned])
    missing = [trial for trial in planned if trial.key not in done]
    train_images = {name: found.train_images for name, found in data.obtained.items()}
    expected = estimate_s(missing, store.typical_times() if missing else {}, train_images)
    stored = f", {len(planned) - len(missing):,} of them in the store already" if len(missing) < len(planned) else ""
    stage.display.note(
        f"{stage.suite.name}: {plural(len(data.cells), 'cell')} x {plural(len(stage.suite.keys.seeds), 'seed')} = "
        f"{plural(len(planned), 'trial')}{stored}" + (f", about {seconds(expected)}" if expected else "")
    )
    stage.display.plan(data.cells, len(stage.suite.keys.seeds), done_by_cell(planned, done))
    stage.display.begin(len(planned))


def _warm_up(stage: _Stage, run: RunRecord) -> RunRecord:
    """Wait for the imports, which went on while data was looked for; from here on the run is in the store."""
    stage.display.working("Warming up: importing TensorFlow and Keras once for all trials")
    stage.server.ready()
    devices = stage.server.call("bench.execute.errands:devices", None, timeout_s=DEVICES_TIMEOUT_S)
    stage.display.working("")
    environment = read_environment(devices, stage.suite.base)
    run = replace(run, warmup_time_s=time.perf_counter() - stage.begun, environment=environment)
    stage.store.begin_run(run)
    return run


def _train(stage: _Stage, run: RunRecord, data: PreparedData, planned: Sequence[PlannedTrial]) -> RunStatus:
    """Train what the store does not hold, and commit every trial as it ends."""
    store, display, request = stage.store, stage.display, stage.request
    folder = _folder(stage, run)
    search_path = (str(stage.suite.base),)
    builders = {cell.builder for cell in data.cells}
    targets = {builder: find_architecture(builder, search_path).target for builder in builders}

    def reuse(position: Position, trial: TrialRecord) -> None:
        shown = replace(trial, cell=position.planned.cell)
        store.reuse_trial(run.run_id, shown, position=position.index)
        display.finished(shown, "", reused=True)

    make_task = TaskMaker(run.run_id, data.obtained, targets, search_path)
    schedule = Schedule(planned, store, run.run_id, fresh=request.fresh, make_task=make_task, on_reuse=reuse)
    try:
        with Interrupts() as interrupts:
            executor = LocalExecutor(
                stage.server, run_id=run.run_id, folder=folder, interrupts=interrupts, jobs=request.jobs
            )
            try:
                for event in executor.run(schedule):
                    match event:
                        case Started(task=task):
                            display.started(
                                task.trial_id, f"{task.cell.id} seed {task.seed}", task.cell.settings.epochs
                            )
                        case Progressed(task=task, epoch=epoch):
                            display.epoch(task.trial_id, epoch)
                        case Finished(task=task, record=record):
                            store.commit_trial(record, position=task.position)
                            display.finished(record, str(folder / record.log) if record.log else "", reused=False)
            except KeyboardInterrupt:
                stage.server.stop()
                cut_short = [(task, "while this trial was training") for task in executor.running]
                cut_short += [(make_task(position), "before this trial started") for position in schedule.remaining]
                for task, when in cut_short:
                    record = record_of(task, run.run_id, Status.INTERRUPTED, f"The run was interrupted {when}.")
                    store.commit_trial(record, position=task.position)
                return RunStatus.INTERRUPTED
    finally:
        store.release_claims(run.run_id)
    return RunStatus.FINISHED


def _finish(stage: _Stage, run: RunRecord, status: RunStatus) -> Run:
    """Write what the run leaves: `run.json` and the table at once, then the report, whose making may fail."""
    folder = _folder(stage, run)
    finished = replace(
        run,
        status=status,
        finished_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        wall_time_s=time.perf_counter() - stage.begun,
    )
    stage.store.update_run(finished)
    result = stage.store.load_run(run.run_id)
    write_run_file(result, folder)
    write_csv(result, folder / "results.csv")
    _point_latest(folder)
    if status is RunStatus.FINISHED:
        stage.display.working("Writing the report")
        # matplotlib and its fonts take a second to import, which an interrupted user is not made to wait
        from bench.render.report import write_report  # noqa: PLC0415

        write_report(result, folder)
    return Run(result, folder)


def _folder(stage: _Stage, run: RunRecord) -> Path:
    return stage.request.reports / stage.suite.name / run.run_id


def _point_latest(folder: Path) -> None:
    """Let `latest`, beside the run folders, lead to this one."""
    temporary = folder.parent / f".latest.{folder.name}"
    try:
        temporary.symlink_to(folder.name, target_is_directory=True)
        temporary.replace(folder.parent / "latest")
    except OSError:
        # a file system without links: the folders' names sort by time all the same
        temporary.unlink(missing_ok=True)
