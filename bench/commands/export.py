"""`bench export`: a run as a table for other tools, or one of its cells as a lesson in plain Keras."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console

from bench.catalog import datasets
from bench.catalog.datasets.offer import silent
from bench.catalog.registry import UnknownReferenceError, find_architecture
from bench.commands.data import prepare_data
from bench.commands.export_model import write_model
from bench.commands.export_run import track, write_folder, write_several, write_table
from bench.commands.exporting import ExportRequest, find_cell, free, slug
from bench.commands.find import find_run
from bench.commands.formats import FOLDERS, LESSONS, MODEL_CARD, MODELS, SEVERAL, TABLES, TRACKERS
from bench.commands.plan import declare
from bench.commands.prepare import Work, inspected
from bench.commands.request import RunRequest
from bench.commands.site import Terms, local_site
from bench.core import trees
from bench.core.errors import BenchError, ExitCode
from bench.core.files import write_bytes, write_text
from bench.core.interrupts import Interrupts
from bench.core.temporary import temporary_folder
from bench.declare.plan import PlannedTrial
from bench.declare.settings import HELD_OUT_SEED
from bench.record.records import Status
from bench.render.exports.lesson import Input, Subject, lesson
from bench.render.terminal import make_console

if TYPE_CHECKING:
    from bench.catalog.datasets import Arrays, DataFacts, Obtained
    from bench.core.score import Score
    from bench.execute.messages import Recipe
    from bench.record.records import TrialRecord
    from bench.record.treatment import InputRecord
    from bench.results import Run

RECIPE_TIMEOUT_S = 300.0


Handler = Callable[[ExportRequest, Path, Console], None]
"""Writes what a request asks for, by default into a folder, and says where."""


def export(request: ExportRequest, folder: Path) -> ExitCode:
    """Write what is asked for into `folder`, and say where.

    Raises:
        BenchError: there is no such run or cell, its suite or data can no longer be had, a file is in the way, or a
            package is not installed.
    """
    if request.tracking_uri and (request.to != "mlflow" or request.output):
        where = "-o names another store" if request.to == "mlflow" else f"--to {request.to} has none"
        raise BenchError(
            f"--tracking-uri names MLflow's store, and {where}.", hint="Leave one of the two out, or write --to mlflow."
        )
    if request.top is not None and request.to != "latex":
        raise BenchError(
            f"--top {request.top} says how many cells a LaTeX table lists; {request.to} has no such choice.",
            hint="Leave --top out, or write --to latex.",
        )
    HANDLERS[request.to](request, folder, make_console())
    return ExitCode.OK


def _write_lesson(request: ExportRequest, folder: Path, console: Console) -> None:
    run = find_run(request.run, request.workspace)
    trial = _trial(run, request)
    ending, text = LESSONS[request.to]
    path = free(request.output or folder / f"{slug(trial.cell.id)}{ending}", request)
    source = _source(run, trial, request)
    archive = path.with_name(source.data_file)
    if not archive.exists():
        write_archive(source.arrays, archive)
    subject = make_subject(trial, source, run.result.run.score)
    write_text(path, text(f"{trial.cell.id}, seed {trial.seed}", lesson(subject)))
    console.print(f"Lesson  {path}\nData    {archive}")


def _write_card(request: ExportRequest, folder: Path, console: Console) -> None:
    from bench.render.exports.model_card import model_card_text  # noqa: PLC0415  SciPy takes a second

    run = find_run(request.run, request.workspace)
    trial = _trial(run, request)
    path = free(request.output or folder / f"{slug(trial.cell.id)}.md", request)
    console.print(str(write_text(path, model_card_text(run.result, trial.cell.id, request.seed))))


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(TABLES, write_table),
    **dict.fromkeys(SEVERAL, write_several),
    **dict.fromkeys(FOLDERS, write_folder),
    **dict.fromkeys(TRACKERS, track),
    **dict.fromkeys(LESSONS, _write_lesson),
    **dict.fromkeys(MODELS, write_model),
    MODEL_CARD: _write_card,
}
"""By format, what writes it."""


def _trial(run: Run, request: ExportRequest) -> TrialRecord:
    cells = tuple(dict.fromkeys(trial.cell.id for trial in run.result.trials))
    cell = find_cell(run, request.what, cells)
    trials = [trial for trial in run.result.trials if trial.cell.id == cell and trial.status is Status.OK]
    wanted = [trial for trial in trials if request.seed in {None, trial.seed}]
    if not wanted:
        seeds = ", ".join(str(trial.seed) for trial in trials) or "none"
        raise BenchError(
            f"No trial of {cell} with {'any seed' if request.seed is None else f'seed {request.seed}'} went well.",
            hint=f"Seeds of this cell that did: {seeds}.",
        )
    return wanted[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonSource:
    """What a lesson is made from, beside the trial.

    Attributes:
        builder: as `package.module:function`.
        recipe: the model, the loss and the optimizer as code.
        arrays: the data set.
        facts: of the arrays.
        dataset: its name.
        data_file: the archive's name.
    """

    builder: str
    recipe: Recipe
    arrays: Arrays
    facts: DataFacts
    dataset: str
    data_file: str


def make_subject(trial: TrialRecord, source: LessonSource, score: Score) -> Subject:
    """What the lesson of a trial is about.

    Args:
        trial: one that went well.
        source: its data, and its model as code.
        score: what it was judged by.
    """
    recipe, outcome = source.recipe, trial.outcome
    records: dict[str, InputRecord | None] = {**outcome.several_inputs, "": outcome.inputs}
    inputs = tuple(
        Input(
            name=name,
            shape=tuple(array.shape[1:]),
            dtype=array.dtype.name,
            record=records.get(name),
            picture=source.facts.picture and not name,
            features=source.arrays.features if not name else (),
        )
        for name, array in trees.leaves(source.arrays.x_train)
    )
    return Subject(
        trial=trial,
        target=source.arrays.target,
        score=score,
        inputs=inputs,
        weighted=source.arrays.w_train is not None,
        layers=recipe.layers,
        builder=source.builder,
        parameters=recipe.parameters,
        hyperparameters=recipe.hyperparameters,
        gives_shape=recipe.gives_shape,
        outputs=recipe.outputs,
        sparse=recipe.sparse,
        optimizer=recipe.optimizer,
        loss=recipe.loss,
        loss_name=recipe.loss_name,
        schedule=recipe.schedule,
        score_is_metric=recipe.score_is_metric,
        data_file=source.data_file,
        dataset=source.dataset,
        held_out_seed=HELD_OUT_SEED,
    )


def _source(run: Run, trial: TrialRecord, request: ExportRequest) -> LessonSource:
    """The data set of a trial, and its model as code, which is written by a worker that builds it."""
    asked = run.result.run.asked
    declared = declare(
        RunRequest(
            suite=asked.get("suite"),
            overrides=asked.get("overrides", {}),
            workspace=request.workspace,
        )
    )
    # a program in plain Keras draws its own weights and order, whatever the trial has followed
    cell, search_path = replace(trial.cell, follows=""), (str(declared.suite.base),)
    try:
        target = find_architecture(cell.builder, search_path).target
    except UnknownReferenceError as error:
        raise BenchError(
            f"The builder {cell.builder} of this cell cannot be imported any more: {error}.",
            hint="Bring its module back beside the suite file, or run the suite again.",
        ) from error
    with local_site([cell]) as site, temporary_folder() as folder:
        data = prepare_data(declared.suite, (cell,), site.servers, silent)
        obtained = next(iter(data.obtained.values()))
        if trial.outcome.data_sha256 not in {None, obtained.sha256}:
            raise BenchError(
                f"The data set {cell.dataset} has changed since this cell was trained.",
                hint=f"Run the suite again: {run.result.run.command}",
            )
        refuse_streamed(obtained, trial.cell.id)
        work = Work(declared.suite, data, (PlannedTrial(cell=cell, seed=trial.seed, key="", shape=""),))
        run_id = f"export-{run.run_id}"
        with Interrupts() as interrupts:
            executor = site.executor(Terms(run_id=run_id, folder=folder, interrupts=interrupts))
            make_task = inspected(work.task_maker(run_id), work.positions, executor, folder)
        task = make_task(work.positions[0])
        recipe: Recipe = site.servers.call("bench.execute.worker.recipe:write_recipe", task, timeout_s=RECIPE_TIMEOUT_S)
    arrays = datasets.load(obtained.path, obtained.sha256)
    return LessonSource(
        builder=target,
        recipe=recipe,
        # a name of the catalog's or the suite's may be in none of the file's arrays
        arrays=replace(arrays, task=obtained.target.task, names=obtained.target.names, features=obtained.features),
        facts=obtained.facts,
        dataset=obtained.name,
        data_file=f"{slug(obtained.name)}-{obtained.sha256[:8]}.npz",
    )


def refuse_streamed(obtained: Obtained, cell: str) -> None:
    """Refuse data that a loader streams: there are no arrays to lay in the lesson's folder.

    Raises:
        BenchError: it does.
    """
    if obtained.stream is not None:
        raise BenchError(
            f"{cell} was trained on {obtained.name}, which its loader streams: a lesson brings its data along in one "
            "file, and there are no arrays to put into it.",
            hint="Export a cell whose loader returns arrays, or call the loader and Model.fit in a script of your own.",
        )


def write_archive(arrays: Arrays, path: Path) -> None:
    """Write the data of a lesson: `x_train`, or `x_train/NAME` for each of several inputs, `y_train`, `w_train`, ..."""
    content: dict[str, Any] = {}
    for part in ("train", "test"):
        for name, array in trees.leaves(getattr(arrays, f"x_{part}")):
            content[f"x_{part}/{name}" if name else f"x_{part}"] = array
        content[f"y_{part}"] = getattr(arrays, f"y_{part}")
        weights = getattr(arrays, f"w_{part}")
        if weights is not None:
            content[f"w_{part}"] = weights
    packed = io.BytesIO()
    np.savez_compressed(packed, **content)
    write_bytes(path, packed.getvalue())
