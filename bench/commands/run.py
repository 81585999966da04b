"""`bench run`: from a suite to its trained and reported run."""

from __future__ import annotations

import os
import secrets
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from bench.commands.jobs import measured_jobs, settle_jobs
from bench.commands.missing import may_train, missing_trials
from bench.commands.plan import code_signatures, declare, done_by_cell, estimate_s
from bench.commands.prepare import prepare
from bench.commands.site import site_for
from bench.commands.stage import Stage
from bench.commands.train import train
from bench.core.formatting import plural, seconds
from bench.core.processes import place
from bench.core.score import ACCURACY
from bench.declare.cell import dataset_label
from bench.declare.jobs import Bound, worth_measuring
from bench.record.records import Published, RunRecord, RunStatus
from bench.render.plan import jobs_text, rates_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bench.commands.prepare import Work
    from bench.commands.request import RunRequest
    from bench.declare.jobs import Jobs
    from bench.declare.plan import PlannedTrial
    from bench.execute.harness.starting import ServerProcess
    from bench.render.terminal import Display
    from bench.results import Run


def run_suite(
    request: RunRequest, display: Display, *, keep_server: bool = False, started: ServerProcess | None = None
) -> Run:
    """Train what a suite declares, and write its report.

    Every finished trial is committed before anything else happens. An interruption (Ctrl-C) ends the trials under way,
    records them as such and returns the run.

    Args:
        request: what to run.
        display: hears of everything as it happens.
        keep_server: leave the warm server to the next run of this process.
        started: a warm server's process that was started already.

    Raises:
        BenchError: the suite is wrong, data cannot be had, or the store or the machine does not serve.
    """
    begun = time.perf_counter()
    request, jobs = settle_jobs(request)
    declared = declare(request)
    if jobs is not None:
        display.note(jobs_text(jobs))
    for number in declared.idle_excludes:
        display.warn(f"[[exclude]] table {number} of {declared.suite.origin} excludes nothing.")
    store = request.workspace.run_store(display.warn)
    try:
        # where there is something to train, the server imports its backend while data is looked for
        now = request.nodes is None and may_train(request, declared, store)
        with site_for(declared.cells, request.nodes, display.note, keep=keep_server, now=now, started=started) as site:
            stage = Stage(request, declared.suite, store, site, display, begun)
            work = prepare(declared, declared.suite.keys.seeds, site, display.working)
            for text in (*work.data.notices, *work.data.warnings):
                display.warn(text)
            for text in work.data.descriptions:
                display.note(text)
            missing = missing_trials(request, store, work.planned)
            run = _describe(stage, work)
            _announce(stage, work, missing)
            stage, run = _warm_up(stage, run, missing, jobs)
            with _interruption_noted(stage, run):
                trained = train(stage, run.run_id, work, folder=_folder(stage, run))
            site.dismiss()
            run = replace(
                run,
                nodes=site.nodes,
                inspection_time_s=trained.inspection_time_s,
                survey_time_s=trained.survey_time_s,
                yardstick_time_s=trained.yardstick_time_s,
                models=trained.models,
            )
            from bench.commands.finish import finish  # noqa: PLC0415  after the server has started

            return finish(stage, run, work.data, trained.status, _folder(stage, run))
    finally:
        display.end()
        store.close()


def _describe(stage: Stage, work: Work) -> RunRecord:
    """The run as it is known before anything is trained."""
    now, suite, data = datetime.now(UTC), stage.suite, work.data
    names = {cell.dataset: cell.dataset_name for cell in data.cells}
    published = {
        name: Published(
            accuracy=named.published.accuracy,
            value=named.published.value,
            source=named.published.source,
            # as declared: a figure for MNIST says nothing about the data that stands in for it
            dataset=names.get(declared := named.keys.get("dataset", suite.keys.dataset), dataset_label(declared)),
        )
        for name, named in suite.architectures.items()
        # a published accuracy says nothing of another score
        if named.published and (named.published.accuracy is None or data.score == ACCURACY)
    }
    return RunRecord(
        run_id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(8)}",
        suite_name=suite.name,
        suite=suite.keys.model_dump(mode="json"),
        suite_source=suite.source,
        command=stage.request.command(),
        started_at=now.isoformat(timespec="milliseconds"),
        notices=data.notices,
        planned=tuple((trial.cell.id, trial.seed) for trial in work.planned),
        datasets=data.records(),
        published=published,
        gate=suite.gate.model_dump(mode="json"),
        score=data.score,
        asked=stage.request.asked(),
        code=dict(sorted(code_signatures(suite, data.cells).items())),
        fingerprint=stage.site.fingerprint(data.cells),
        machine=stage.site.machine,
        nodes=stage.site.nodes,
        process_id=os.getpid(),
        place=place(),
        bench_version=version("keras-bench"),
    )


def _announce(stage: Stage, work: Work, missing: Sequence[PlannedTrial]) -> None:
    """Say what will be trained and how long it will take."""
    data, planned = work.data, work.planned
    train_images = {name: obtained.train_images for name, obtained in data.obtained.items()}
    expected = estimate_s(missing, stage.store.typical_times() if missing else {}, train_images)
    stored = f", {len(planned) - len(missing):,} of them in the store already" if len(missing) < len(planned) else ""
    stage.display.note(
        f"{stage.suite.name}: {plural(len(data.cells), 'cell')} x {plural(len(stage.suite.keys.seeds), 'seed')} = "
        f"{plural(len(planned), 'trial')}{stored}" + (f", about {seconds(expected)}" if expected else "")
    )
    done = {trial.key for trial in planned} - {trial.key for trial in missing}
    stage.display.plan(data.cells, len(stage.suite.keys.seeds), done_by_cell(planned, done))
    stage.display.begin(len(planned), data.score)


def _warm_up(
    stage: Stage, run: RunRecord, missing: Sequence[PlannedTrial], jobs: Jobs | None
) -> tuple[Stage, RunRecord]:
    """Wait for the imports, where anything is to be trained; from here on the run is in the store."""
    if missing:
        warm = stage.site.warm_up([trial.cell for trial in missing], stage.suite.base, stage.display.working)
        run = replace(run, import_times_s=warm.import_times_s, environment=warm.environment)
        if jobs is not None and jobs.number > 1:
            stage, run = _with_measured_jobs(stage, run, jobs, len(missing))
    run = replace(run, jobs=stage.request.jobs, warmup_time_s=time.perf_counter() - stage.begun)
    stage.store.begin_run(run)
    return stage, run


def _with_measured_jobs(stage: Stage, run: RunRecord, jobs: Jobs, missing: int) -> tuple[Stage, RunRecord]:
    """Have as many trials run at a time as pay; measured once the imports are done, which would disturb it."""
    if worth_measuring(jobs, missing):
        stage.display.working("Measuring how many trials at a time pay")
    number, rates = measured_jobs(jobs, missing)
    stage.display.working("")
    if jobs.bound is not Bound.GPU:
        stage.display.note(rates_text(rates))
    stage = replace(stage, request=replace(stage.request, jobs=number))
    return stage, replace(run, command=stage.request.command(), job_rates=tuple(rates.items()))


@contextmanager
def _interruption_noted(stage: Stage, run: RunRecord) -> Iterator[None]:
    """Let the store say so where a run ends at a moment at which it cannot be ended in good order.

    By an interruption, or by an error: a run that is over must not be listed as running.
    """
    try:
        yield
    except BaseException:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        stage.store.update_run(replace(run, status=RunStatus.INTERRUPTED, finished_at=now))
        raise


def _folder(stage: Stage, run: RunRecord) -> Path:
    return stage.request.workspace.folder_of(stage.suite.name, run.run_id)
