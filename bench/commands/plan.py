"""`bench plan`: what a suite asks for, and how much of it the store holds."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from bench.analyse.retraining import Current, retrainings
from bench.catalog import datasets
from bench.catalog.registry import find_architecture
from bench.core.errors import DataError, ExitCode, NoStoreError
from bench.core.formatting import one_line, plural, seconds
from bench.declare.device import parse_device
from bench.declare.grid import expand
from bench.declare.jobs import worth_measuring
from bench.declare.judged import suite_score
from bench.declare.locate import load_suite
from bench.declare.plan import PlannedTrial, plan
from bench.declare.select import select
from bench.execute.inputs import PLAIN_READING, input_record
from bench.execute.losses import resolved_loss
from bench.render.datasets import dataset_sentence
from bench.render.documents.document import print_document
from bench.render.plan import given_jobs_text, jobs_text, plan_table, retraining_text
from bench.render.terminal import make_console
from bench.render.treatment import inputs_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from bench.analyse.retraining import Retraining
    from bench.catalog.datasets import Obtained
    from bench.commands.request import RunRequest
    from bench.declare.cell import Cell
    from bench.declare.settings import TrainingSettings
    from bench.declare.suite import Suite
    from bench.record.store import Store
    from bench.render.documents.plan import PlanDocument

TRIAL_S = 3.0
"""Start, load, compile and evaluation of a small network, where nothing better is known."""

STEP_S = 0.002
"""A training step of a small network under `Model.fit`, where nothing better is known."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A suite and the cells of it that were asked for.

    Attributes:
        idle_excludes: [[exclude]] tables that dropped nothing, counted from 1.
    """

    suite: Suite
    cells: tuple[Cell, ...]
    idle_excludes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be trained.

    Attributes:
        declared: the suite and its cells.
        trials: keyed; None where a data set has to be fetched before its hash is known.
        done: keys that the store holds a finished trial for.
        estimate_s: seconds the missing trials will take, roughly; None where nothing is known.
        retrained: why missing trials are trained again that the store has under other keys.
    """

    declared: Declared
    trials: tuple[PlannedTrial, ...] | None
    done: frozenset[str]
    estimate_s: float | None
    retrained: tuple[Retraining, ...] = ()

    def done_by_cell(self) -> dict[str, int] | None:
        """How many trials of each cell the store holds; None where that is not known."""
        return None if self.trials is None else done_by_cell(self.trials, self.done)


def done_by_cell(trials: Sequence[PlannedTrial], done: Collection[str]) -> dict[str, int]:
    """How many trials of each cell, by its id, have a key that is done."""
    counts: dict[str, int] = {}
    for trial in trials:
        counts[trial.cell.id] = counts.get(trial.cell.id, 0) + (trial.key in done)
    return counts


def show_plan(request: RunRequest, *, as_json: bool = False) -> ExitCode:
    """Print what a request would train.

    Raises:
        BenchError: the suite is wrong; its data lies here and cannot be read, or its score cannot judge it.
    """
    from bench.commands.jobs import settle_jobs  # noqa: PLC0415  declares as this module does

    console = make_console()
    request, jobs = settle_jobs(request)
    plan = make_plan(request)
    known = _known(plan.declared)
    if as_json:
        print_document(_document(plan, known, request.jobs))
        return ExitCode.OK
    suite, cells = plan.declared.suite, plan.declared.cells
    seeds = len(suite.keys.seeds)
    console.print(plan_table(cells, seeds, plan.done_by_cell()))
    missing = len(cells) * seeds - sum(trial.key in plan.done for trial in plan.trials or ())
    console.print(
        f"\n{one_line(suite.name)}: {plural(len(cells), 'cell')} x {plural(seeds, 'seed')} = "
        f"{plural(len(cells) * seeds, 'trial')}, {missing:,} to train"
        + (f", about {seconds(plan.estimate_s)}" if plan.estimate_s else "")
    )
    on_gpu = any(parse_device(cell.device).kind == "gpu" for cell in cells)
    for row in plan.retrained:
        console.print(retraining_text(row))
    console.print(given_jobs_text(request.jobs, on_gpu=on_gpu) if jobs is None else jobs_text(jobs))
    if jobs is not None and worth_measuring(jobs, missing):
        console.print("The run measures whether fewer at a time are as quick.")
    for line in _treatments(plan.declared, known):
        console.print(line)
    for number in plan.declared.idle_excludes:
        console.print(f"[[exclude]] table {number} excludes nothing.", style="yellow")
    if plan.trials is None:
        console.print("How much of it the store holds is known once the data is there.", style="dim")
    return ExitCode.OK


def _document(plan: Plan, known: Mapping[str, Obtained | None], jobs: int) -> PlanDocument:
    from bench.render.documents.plan import PlanDocument, data_entry, planned_cells  # noqa: PLC0415  pydantic's adapters

    suite, cells = plan.declared.suite, plan.declared.cells
    names = {cell.dataset: cell.dataset_name for cell in cells}
    return PlanDocument(
        suite=suite.name,
        trials=len(cells) * len(suite.keys.seeds),
        to_train=None if plan.trials is None else sum(trial.key not in plan.done for trial in plan.trials),
        estimate_s=plan.estimate_s,
        jobs=jobs,
        datasets=tuple(data_entry(names[reference], data) for reference, data in known.items()),
        retrained=plan.retrained,
        idle_excludes=plan.declared.idle_excludes,
        cells=planned_cells(cells, suite.keys.seeds, plan.trials, plan.done),
    )


def _known(declared: Declared) -> dict[str, Obtained | None]:
    """The data sets by the cells' reference; None for one that has to be fetched or made, or that has a stand-in."""
    known: dict[str, Obtained | None] = {}
    names = {cell.dataset: cell.dataset_name for cell in declared.cells}
    for reference in names:
        try:
            table = declared.suite.datasets.get(reference)
            known[reference] = datasets.at_hand(reference, declared.suite.base, table)
        except DataError:
            if declared.suite.keys.fallback_dataset is None:
                raise
            known[reference] = None
    targets = {names[reference]: data.target for reference, data in known.items() if data is not None}
    if len(targets) == len(known):
        suite_score(declared.suite, targets)
    return known


def _treatments(declared: Declared, known: Mapping[str, Obtained | None]) -> list[str]:
    """The data sets, as far as they lie here, what will be done to their inputs, and which losses train, each once."""
    lines: dict[str, None] = {}
    # of cells that are treated alike, the first: a grid has many
    alike = {(cell.dataset, cell.settings.input_scaling, cell.settings.loss, cell.settings.compile): cell
             for cell in reversed(declared.cells)}  # fmt: skip
    for cell in reversed(alike.values()):
        settings, name = cell.settings, cell.dataset_name
        data = known[cell.dataset]
        if data is not None:
            lines[dataset_sentence(name, data)] = None
        if settings.input_scaling == "standard":
            lines[f"Inputs of {name}: each feature or channel to mean 0 and deviation 1 over the training set"] = None
        elif data is not None and not isinstance(data.input_shape, dict):
            inputs = input_record(settings.input_scaling, data.facts, PLAIN_READING)
            unless = ", unless the model scales them or looks them up itself" if inputs.untouched is None else ""
            lines[f"Inputs of {name}: {inputs_text(inputs)}{unless}"] = None
        lines[f"Loss: {_loss(settings, data)}"] = None
    return list(lines)


def _loss(settings: TrainingSettings, data: Obtained | None) -> str:
    """The loss, as far as it is known before any model is built."""
    if settings.compile == "builder":
        return "the builder's own"
    if settings.loss.auto and data is None:
        return "auto: it follows what is predicted"
    if not settings.loss.auto or data is None:
        return str(settings.loss)
    one_unit = ", or binary_crossentropy for one sigmoid unit" if data.target.binary else ""
    return f"{resolved_loss(settings.loss, data.target, None)}{one_unit}"


def declare(request: RunRequest) -> Declared:
    """The suite a request names, and the cells it takes of it.

    Raises:
        BenchError: the suite is wrong or too large, or no cell is selected.
    """
    suite = load_suite(request.suite, overrides=request.overrides)
    expansion = expand(suite, max_cells=request.max_cells)
    cells = select(expansion.cells, request.expression) if request.expression else expansion.cells
    if request.only is not None:
        cells = tuple(cell for cell in cells if cell.id in request.only)
    return Declared(suite, cells, expansion.idle_excludes)


def make_plan(request: RunRequest) -> Plan:
    """What `request` would train; nothing is fetched, trained or written.

    Raises:
        BenchError: the suite is wrong or too large, no cell is selected, or the store cannot be read.
    """
    declared = declare(request)
    hashes = {name: spec.sha256 for name, spec in datasets.DATASETS.items()}
    if any(cell.dataset not in hashes for cell in declared.cells):
        return Plan(declared, None, frozenset(), None)
    trials = plan(declared.cells, declared.suite.keys.seeds, signatures(declared.suite, hashes))
    if not request.workspace.has_file():
        return Plan(declared, trials, frozenset(), estimate_s(trials, {}, {}))
    try:
        with request.workspace.reading() as store:
            done = frozenset(() if request.fresh else store.done([trial.key for trial in trials]))
            missing = [trial for trial in trials if trial.key not in done]
            retrained = () if request.fresh else _retrained(store, declared, missing, hashes)
            return Plan(declared, trials, done, estimate_s(missing, store.typical_times(), {}), retrained)
    except NoStoreError:  # a database on a server in which nothing was run yet
        return Plan(declared, trials, frozenset(), estimate_s(trials, {}, {}))


def _retrained(
    store: Store, declared: Declared, missing: Sequence[PlannedTrial], hashes: Mapping[str, str]
) -> tuple[Retraining, ...]:
    """Why trials are trained again that the store has under other keys.

    Args:
        store: is read.
        declared: the suite and its cells.
        missing: trials whose keys the store does not have.
        hashes: of the data sets, by the cells' reference.
    """
    cells = {(trial.cell.id, trial.seed): trial.cell for trial in missing}
    earlier = store.earlier_runs(cells.keys()) if cells else {}
    if not earlier:
        return ()
    from bench.execute import environment  # noqa: PLC0415  reads the processor

    current = Current(
        data_sha256={cell.dataset_name: hashes[cell.dataset] for cell in declared.cells},
        code=code_signatures(declared.suite, declared.cells),
        fingerprint=environment.environment_signature(*(cell.backend for cell in declared.cells)),
        bench_version=version("keras-bench"),
    )
    return retrainings([(cells[name], run) for name, run in earlier.items()], current)


def signatures(
    suite: Suite, data_sha256: Mapping[str, str], environment: Callable[..., str] | None = None
) -> Callable[[Cell], str]:
    """A function from a cell to the hash of its data, its code and its environment.

    Args:
        suite: whose folder builders may be imported from.
        data_sha256: of every data set, by the cells' reference.
        environment: gives the signature of an environment as `environment_signature` does; None for this machine's.
    """
    # reads the processor, which a grid that is refused need not wait for
    from bench.execute.environment import environment_signature  # noqa: PLC0415

    environment = environment or environment_signature
    environments: dict[tuple[tuple[str, ...], bool], str] = {}
    code: dict[str, str] = {}
    known: dict[tuple[str, str, str, str, str], str] = {}

    def signature(cell: Cell) -> str:
        parts = cell.dataset, cell.builder, cell.backend, cell.follows, cell.device
        if parts in known:
            return known[parts]
        any_gpu = parse_device(cell.device).any_gpu
        # what a cell follows is drawn by its reference, whose versions count too
        backends = cell.backend, *filter(None, (cell.follows,))
        if cell.builder not in code:
            code.update(code_signatures(suite, [cell]))
        if (backends, any_gpu) not in environments:
            environments[backends, any_gpu] = environment(*backends, any_gpu=any_gpu)
        known[parts] = f"{data_sha256[cell.dataset]}:{code[cell.builder]}:{environments[backends, any_gpu]}"
        return known[parts]

    return signature


def code_signatures(suite: Suite, cells: Iterable[Cell]) -> dict[str, str]:
    """By builder, the hash of the code that builds and trains its cells."""
    from bench.execute.environment import code_signature  # noqa: PLC0415

    search_path = (str(suite.base),)
    return {name: code_signature(find_architecture(name, search_path)) for name in {cell.builder for cell in cells}}


def estimate_s(
    missing: Sequence[PlannedTrial], history: Mapping[str, tuple[float, float]], train_images: Mapping[str, int]
) -> float | None:
    """Seconds the missing trials will take, one after another.

    Args:
        missing: not yet trained.
        history: per cell id, seconds per epoch and seconds of everything else, of an earlier trial.
        train_images: per data set, for cells without an earlier trial.

    Returns:
        None where nothing is known of a cell.
    """
    total = 0.0
    for trial in missing:
        cell = trial.cell
        if cell.id in history:
            per_epoch, rest = history[cell.id]
            total += rest + per_epoch * cell.settings.epochs
        elif cell.dataset in train_images:
            total += TRIAL_S + STEP_S * cell.settings.epochs * train_images[cell.dataset] / cell.settings.batch_size
        else:
            return None
    return total
