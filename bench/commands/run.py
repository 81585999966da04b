"""`bench run` and `bench plan`: from a suite to its trained and reported run."""

from __future__ import annotations

import os
import secrets
import shlex
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.catalog import datasets
from bench.catalog.registry import find_architecture
from bench.commands.data import prepare_data
from bench.commands.estimate import estimate_s
from bench.core.formatting import plural, seconds
from bench.declare.grid import expand
from bench.declare.locate import load_suite
from bench.declare.plan import PlannedTrial, plan
from bench.declare.schema import SuiteKeys
from bench.declare.select import select
from bench.record.records import Published, RunRecord, RunStatus, Status
from bench.record.store import Store
from bench.results import Run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bench.commands.data import PreparedData
    from bench.declare.cell import Cell
    from bench.declare.suite import Suite
    from bench.execute.executor import LocalExecutor
    from bench.execute.launcher import WarmServer
    from bench.execute.schedule import Schedule
    from bench.render.terminal import Display


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What a user asks to be run.

    Attributes:
        suite: a path or a shipped name; None for the one lying here, or the default.
        overrides: keys of [suite] to replace, from --set and --seeds.
        expression: -k, which cells.
        fresh: train again what the store holds already.
        jobs: trials at a time.
        max_cells: the largest grid to expand; None for the suite's own limit.
        reports: the folder of reports and runs.
        store: path or URL of the database; None for `bench.db` in `reports`.
    """

    suite: str | None = None
    overrides: dict[str, Any] = field(default_factory=dict)
    expression: str | None = None
    fresh: bool = False
    jobs: int = 1
    max_cells: int | None = None
    reports: Path = Path("reports")
    store: str | None = None

    @property
    def store_url(self) -> str:
        """Where the database is."""
        return self.store or str(self.reports / "bench.db")

    def command(self) -> str:
        """What to type to ask for the same again."""
        words = ["bench", "run", *([self.suite] if self.suite else [])]
        words += [word for key, value in self.overrides.items() for word in ("--set", f"{key}={_toml(value)}")]
        words += ["-k", self.expression] if self.expression else []
        words += ["--jobs", str(self.jobs)] if self.jobs > 1 else []
        return shlex.join(words)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a suite asks for, as far as it is known before any data is fetched.

    Attributes:
        suite: checked.
        cells: expanded and selected.
        idle_excludes: [[exclude]] tables that dropped nothing, counted from 1.
        trials: keyed; None where a data set has to be fetched before its hash is known.
        done: keys that the store holds a finished trial for.
        estimate_s: seconds the missing trials will take, roughly; None where nothing is known.
    """

    suite: Suite
    cells: tuple[Cell, ...]
    idle_excludes: tuple[int, ...]
    trials: tuple[PlannedTrial, ...] | None
    done: frozenset[str]
    estimate_s: float | None

    def done_by_cell(self) -> dict[str, int] | None:
        """How many trials of each cell the store holds; None where that is not known."""
        if self.trials is None:
            return None
        counts: dict[str, int] = {}
        for trial in self.trials:
            counts[trial.cell.id] = counts.get(trial.cell.id, 0) + (trial.key in self.done)
        return counts


def make_plan(request: RunRequest) -> Plan:
    """What `request` would train; nothing is fetched, trained or written.

    Raises:
        BenchError: the suite is wrong or too large, no cell is selected, or the store cannot be read.
    """
    suite, cells, idle = _declare(request)
    known = {name: spec.sha256 for name, spec in datasets.DATASETS.items()}
    if any(cell.dataset not in known for cell in cells):
        return Plan(suite, cells, idle, None, frozenset(), None)
    trials = plan(cells, suite.keys.seeds, _signatures(suite, known))
    store = _existing_store(request)
    done = frozenset(store.done([trial.key for trial in trials]) if store and not request.fresh else ())
    missing = [trial for trial in trials if trial.key not in done]
    return Plan(suite, cells, idle, trials, done, estimate_s(missing, store, {}))


def run_suite(request: RunRequest, display: Display) -> Run:
    """Train what a suite declares, and write its report.

    Every finished trial is committed before anything else happens. An interruption (Ctrl-C) ends the trials under way,
    records them as such and returns the run.

    Raises:
        BenchError: the suite is wrong, data cannot be had, or the store or the machine does not serve.
    """
    begun = time.perf_counter()
    suite, cells, idle = _declare(request)
    for number in idle:
        display.warn(f"[[exclude]] table {number} of {suite.origin} excludes nothing.")
    store = Store(request.store_url)
    try:
        with _warm_server() as server:
            data = prepare_data(suite, cells, server, display.working)
            for notice in data.notices:
                display.warn(notice)
            signatures = _signatures(suite, {name: found.sha256 for name, found in data.obtained.items()})
            planned = plan(data.cells, suite.keys.seeds, signatures)
            run = _begin(request, suite, data, planned)
            _show_plan(run, planned, data, store, request, display)
            return _train(_Stage(request, suite, store, display, begun), run, planned, data, server)
    finally:
        display.end()
        store.close()


@dataclass(frozen=True, slots=True)
class _Stage:
    """What the steps of a run have in common."""

    request: RunRequest
    suite: Suite
    store: Store
    display: Display
    begun: float


def _declare(request: RunRequest) -> tuple[Suite, tuple[Cell, ...], tuple[int, ...]]:
    suite = load_suite(request.suite, overrides=request.overrides)
    expansion = expand(suite, max_cells=request.max_cells)
    cells = select(expansion.cells, request.expression) if request.expression else expansion.cells
    return suite, cells, expansion.idle_excludes


@contextmanager
def _warm_server() -> Iterator[Callable[[], WarmServer]]:
    """The warm server, importing while the caller looks for data; ended whatever happens."""
    from bench.execute.launcher import WarmServer  # noqa: PLC0415  a plan needs none of it

    with WarmServer() as server:
        yield lambda: server


def _signatures(suite: Suite, data_sha256: dict[str, str]) -> Callable[[Cell], str]:
    """A function from a cell to the hash of its data, its code and this environment."""
    from bench.execute.environment import code_signature, environment_signature  # noqa: PLC0415  reads the processor

    environment = environment_signature()
    code = {}

    def signature(cell: Cell) -> str:
        if cell.builder not in code:
            code[cell.builder] = code_signature(find_architecture(cell.builder, (str(suite.base),)))
        return f"{data_sha256[cell.dataset]}:{code[cell.builder]}:{environment}"

    return signature


def _existing_store(request: RunRequest) -> Store | None:
    url = request.store_url
    return Store(url) if "://" in url or Path(url).exists() else None


def _begin(request: RunRequest, suite: Suite, data: PreparedData, planned: Sequence[PlannedTrial]) -> RunRecord:
    now = datetime.now(UTC)
    return RunRecord(
        run_id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        suite_name=suite.name,
        suite=suite.keys.model_dump(mode="json"),
        suite_source=suite.source,
        command=request.command(),
        started_at=now.isoformat(timespec="milliseconds"),
        notices=data.notices,
        planned=tuple((trial.cell.id, trial.seed) for trial in planned),
        datasets=data.records(),
        published={
            name: Published(accuracy=named.published.accuracy, source=named.published.source)
            for name, named in suite.architectures.items()
            if named.published
        },
        process_id=os.getpid(),
        bench_version=version("keras-bench"),
    )


def _show_plan(
    run: RunRecord,
    planned: Sequence[PlannedTrial],
    data: PreparedData,
    store: Store,
    request: RunRequest,
    display: Display,
) -> None:
    done = set() if request.fresh else store.done([trial.key for trial in planned])
    missing = [trial for trial in planned if trial.key not in done]
    expected = estimate_s(missing, store, {name: found.train_images for name, found in data.obtained.items()})
    stored = (
        f", {plural(len(planned) - len(missing), 'trial')} in the store already" if len(missing) < len(planned) else ""
    )
    time_text = f", about {seconds(expected)}" if expected and missing else ""
    display.note(
        f"{run.suite_name}: {plural(len(data.cells), 'cell')} x {plural(len(set(t.seed for t in planned)), 'seed')} = "
        f"{plural(len(planned), 'trial')}{stored}{time_text}"
    )
    display.begin(len(planned), expected)


def _train(
    stage: _Stage,
    run: RunRecord,
    planned: Sequence[PlannedTrial],
    data: PreparedData,
    server: Callable[[], WarmServer],
) -> Run:
    from bench.execute.environment import read_environment  # noqa: PLC0415  reads the processor
    from bench.execute.executor import Finished, LocalExecutor, Progressed, Started  # noqa: PLC0415  starts processes
    from bench.execute.schedule import Position, Schedule, task_maker  # noqa: PLC0415

    store, display, request = stage.store, stage.display, stage.request
    folder = request.reports / stage.suite.name / run.run_id
    waited = time.perf_counter()
    display.working("Warming up: importing TensorFlow and Keras once for all trials")
    server().ready()
    devices = server().call("bench.execute.errands:devices", None, timeout_s=120)
    run = replace(
        run,
        warmup_time_s=time.perf_counter() - waited,
        environment=read_environment(devices, stage.suite.base),
    )
    store.begin_run(run)
    display.working("")
    search_path = (str(stage.suite.base),)
    targets = {cell.builder: find_architecture(cell.builder, search_path).target for cell in data.cells}
    positions: dict[str, int] = {}

    def reuse(position: Position, trial: Any) -> None:  # noqa: ANN401  a TrialRecord
        shown = replace(trial, cell=position.planned.cell)
        store.reuse_trial(run.run_id, shown, position=position.index)
        display.finished(shown, "", reused=True)

    make_task = task_maker(run.run_id, data.obtained, lambda cell: targets[cell.builder], search_path)

    def task_of(position: Position) -> Any:  # noqa: ANN401  a TrialTask
        task = make_task(position)
        positions[task.trial_id] = position.index
        return task

    schedule = Schedule(planned, store, run.run_id, fresh=request.fresh, task_of=task_of, on_reuse=reuse)
    executor = LocalExecutor(server(), run_id=run.run_id, folder=folder, jobs=request.jobs)
    status = RunStatus.FINISHED
    try:
        for event in executor.run(schedule):
            match event:
                case Started(task=task):
                    display.started(task.trial_id, f"{task.cell.id} seed {task.seed}", task.cell.settings.epochs)
                case Progressed(task=task, epoch=epoch):
                    display.epoch(task.trial_id, epoch)
                case Finished(task=task, record=record):
                    store.commit_trial(record, position=positions[task.trial_id])
                    display.finished(record, str(folder / record.log) if record.log else "", reused=False)
    except KeyboardInterrupt:
        status = RunStatus.INTERRUPTED
        server().stop()
        _record_interruption(store, run.run_id, executor, schedule, task_of, positions)
    finally:
        store.release_claims(run.run_id)
    return _finish(stage, run, status, folder)


def _record_interruption(
    store: Store,
    run_id: str,
    executor: LocalExecutor,
    schedule: Schedule,
    task_of: Callable[[Any], Any],
    positions: dict[str, int],
) -> None:
    """A row for every trial that the interruption cut short or kept from starting."""
    from bench.execute.executor import record_of  # noqa: PLC0415

    for task in executor.running:
        record = record_of(task, run_id, Status.INTERRUPTED, "The run was interrupted while this trial was training.")
        store.commit_trial(record, position=positions[task.trial_id])
    for position in schedule.remaining:
        task = task_of(position)
        record = record_of(task, run_id, Status.INTERRUPTED, "The run was interrupted before this trial started.")
        store.commit_trial(record, position=position.index)


def _finish(stage: _Stage, run: RunRecord, status: RunStatus, folder: Path) -> Run:
    """Write what the run leaves: `run.json` and the table at once, then the report, whose making may fail."""
    from bench.render.exports.csv import write_csv  # noqa: PLC0415
    from bench.record.runfile import write_run_file  # noqa: PLC0415

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
    point_latest(folder)
    if status is RunStatus.FINISHED:
        from bench.render.report import write_report  # noqa: PLC0415  matplotlib takes a second to import

        stage.display.working("Writing the report")
        write_report(result, folder)
    return Run(result, folder)


def point_latest(folder: Path) -> None:
    """Let `latest`, beside the run folders, lead to this one."""
    link = folder.parent / "latest"
    temporary = folder.parent / f".latest.{folder.name}"
    try:
        temporary.symlink_to(folder.name, target_is_directory=True)
        temporary.replace(link)
    except OSError:
        # a file system without links: the folders' names sort by time all the same
        temporary.unlink(missing_ok=True)


def parse_override(text: str) -> tuple[str, Any]:
    """`key=value` of --set, the value as TOML where it is TOML, else as the text it is.

    Raises:
        BenchError: there is no `=`, or [suite] has no such key.
    """
    import tomllib  # noqa: PLC0415

    from bench.core.errors import BenchError  # noqa: PLC0415
    from bench.core.names import nearest  # noqa: PLC0415

    key, equals, value = (part.strip() for part in text.partition("="))
    if not equals or key not in SuiteKeys.model_fields:
        guess = nearest(key, SuiteKeys.model_fields)
        raise BenchError(
            f"--set {text!r} sets no key of [suite]" + (f"; did you mean {guess}?" if guess else "."),
            hint=f"Write --set key=value with one of: {', '.join(SuiteKeys.model_fields)}.",
        )
    try:
        return key, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key, value


def _toml(value: object) -> str:
    import json  # noqa: PLC0415

    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }"
    return value if isinstance(value, str) else json.dumps(value)
