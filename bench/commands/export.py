"""`bench export`: a run as a table for other tools, or one of its cells as a lesson in plain Keras."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.catalog import datasets
from bench.catalog.datasets.offer import silent
from bench.catalog.registry import UnknownReferenceError, find_architecture
from bench.commands.data import prepare_data
from bench.commands.find import find_run
from bench.commands.plan import declare
from bench.commands.prepare import Work, inspected
from bench.commands.request import RunRequest
from bench.commands.site import Terms, local_site
from bench.core import trees
from bench.core.errors import BenchError, ExitCode
from bench.core.files import write_bytes, write_text
from bench.core.interrupts import Interrupts
from bench.core.names import nearest
from bench.core.temporary import temporary_folder
from bench.declare.plan import PlannedTrial
from bench.declare.settings import HELD_OUT_SEED
from bench.record.records import Status
from bench.render.exports.csv import csv_text
from bench.render.exports.json import json_text
from bench.render.exports.lesson import Input, Subject, lesson
from bench.render.exports.notebook import notebook_text
from bench.render.exports.parquet import parquet_bytes
from bench.render.exports.script import script_text
from bench.render.terminal import make_console

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console

    from bench.catalog.datasets import Arrays, DataFacts, Obtained
    from bench.commands.workspace import Workspace
    from bench.core.score import Score
    from bench.execute.messages import Recipe
    from bench.record.records import RunResult, TrialRecord
    from bench.record.treatment import InputRecord
    from bench.results import Run

RECIPE_TIMEOUT_S = 300.0


def _latex(result: RunResult) -> str:
    from bench.render.exports.latex import latex_text  # noqa: PLC0415  SciPy and pandas' styles take a second

    return latex_text(result)


def _pytest_benchmark(result: RunResult) -> str:
    from bench.render.exports.pytest_benchmark import pytest_benchmark_text  # noqa: PLC0415  SciPy takes a second

    return pytest_benchmark_text(result)


def _bmf(result: RunResult) -> str:
    from bench.render.exports.bmf import bmf_text  # noqa: PLC0415  SciPy takes a second

    return bmf_text(result)


def _github_action_benchmark(result: RunResult) -> dict[str, str]:
    from bench.render.exports.github_action_benchmark import github_action_benchmark_texts  # noqa: PLC0415  as above

    return github_action_benchmark_texts(result)


TABLES: dict[str, tuple[str, Callable[[RunResult], str | bytes]]] = {
    "bmf": (".bmf.json", _bmf),
    "csv": (".csv", csv_text),
    "json": (".json", json_text),
    "latex": (".tex", _latex),
    "parquet": (".parquet", parquet_bytes),
    "pytest-benchmark": (".benchmark.json", _pytest_benchmark),
}
"""Formats of a whole run: how the file's name ends, and what makes its content."""

SEVERAL: dict[str, Callable[[RunResult], dict[str, str]]] = {"github-action-benchmark": _github_action_benchmark}
"""Formats of a whole run in several files: what makes their contents, by how their names end."""

MODEL_CARD = "model-card"

LESSONS = {"notebook": (".ipynb", notebook_text), "script": (".py", script_text)}
"""Formats of a cell that train it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What a user asks to be exported.

    Attributes:
        what: a run for a table, a cell's id for a lesson or a model card.
        to: one of `TABLES`, `SEVERAL` or `LESSONS`, or `MODEL_CARD`.
        run: whose cell it is.
        seed: of the trial that a lesson repeats, None for the first that went well; of the trial that a model card is
            about, None for the means over all seeds.
        force: replace a file that is there.
    """

    what: str
    to: str
    run: str
    seed: int | None
    output: Path | None
    force: bool
    workspace: Workspace


def export(request: ExportRequest, folder: Path) -> ExitCode:
    """Write what is asked for into `folder`, and say where.

    Raises:
        BenchError: there is no such run or cell, its suite or data can no longer be had, or a file is in the way.
    """
    console = make_console()
    if request.to in TABLES:
        ending, content = TABLES[request.to]
        run = find_run(request.what, request.workspace)
        path = _free(request.output or folder / f"{run.run_id}{ending}", request)
        made = content(run.result)
        written = write_text(path, made) if isinstance(made, str) else write_bytes(path, made)
        console.print(str(written))
        return ExitCode.OK
    if request.to in SEVERAL:
        _write_several(request, folder, console)
        return ExitCode.OK
    run = find_run(request.run, request.workspace)
    trial = _trial(run, request)
    if request.to == MODEL_CARD:
        _write_card(run, trial, request, folder, console)
        return ExitCode.OK
    ending, text = LESSONS[request.to]
    path = _free(request.output or folder / f"{_slug(trial.cell.id)}{ending}", request)
    source = _source(run, trial, request)
    archive = path.with_name(source.data_file)
    if not archive.exists():
        write_archive(source.arrays, archive)
    subject = make_subject(trial, source, run.result.run.score)
    write_text(path, text(f"{trial.cell.id}, seed {trial.seed}", lesson(subject)))
    console.print(f"Lesson  {path}\nData    {archive}")
    return ExitCode.OK


def _write_several(request: ExportRequest, folder: Path, console: Console) -> None:
    """Write the files of a format that has several; `--output` names them all but for their endings."""
    run = find_run(request.what, request.workspace)
    texts = SEVERAL[request.to](run.result)
    base = request.output or folder / run.run_id
    stem = base.name.removesuffix(".json")
    paths = {ending: _free(base.with_name(f"{stem}{ending}"), request) for ending in texts}
    for ending, text in texts.items():
        console.print(str(write_text(paths[ending], text)))


def _write_card(run: Run, trial: TrialRecord, request: ExportRequest, folder: Path, console: Console) -> None:
    from bench.render.exports.model_card import model_card_text  # noqa: PLC0415  SciPy takes a second

    path = _free(request.output or folder / f"{_slug(trial.cell.id)}.md", request)
    console.print(str(write_text(path, model_card_text(run.result, trial.cell.id, request.seed))))


def _trial(run: Run, request: ExportRequest) -> TrialRecord:
    cells = tuple(dict.fromkeys(trial.cell.id for trial in run.result.trials))
    found = [cell for cell in cells if cell == request.what] or [cell for cell in cells if request.what in cell]
    if len(found) != 1:
        guess = nearest(request.what, cells)
        raise BenchError(
            f"Run {run.run_id} has {f'{len(found)} cells like' if found else 'no cell'} {request.what!r}"
            + (f"; did you mean {guess}?" if guess and not found else "."),
            hint=f"Choose one of: {', '.join(cells[:8])}{', ...' if len(cells) > 8 else ''}",  # noqa: PLR2004
        )
    trials = [trial for trial in run.result.trials if trial.cell.id == found[0] and trial.status is Status.OK]
    wanted = [trial for trial in trials if request.seed in {None, trial.seed}]
    if not wanted:
        seeds = ", ".join(str(trial.seed) for trial in trials) or "none"
        raise BenchError(
            f"No trial of {found[0]} with {'any seed' if request.seed is None else f'seed {request.seed}'} went well.",
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
            f"The builder {cell.builder} of this cell is gone: {error}.",
            hint="Bring its module back beside the suite file, or run the suite again.",
        ) from error
    with local_site([cell]) as site, temporary_folder() as folder:
        data = prepare_data(declared.suite, (cell,), site.servers, silent)
        obtained = next(iter(data.obtained.values()))
        if trial.outcome.data_sha256 not in {None, obtained.sha256}:
            raise BenchError(
                f"The data set {cell.dataset} is another now than the one this cell was trained on.",
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
        data_file=f"{_slug(obtained.name)}-{obtained.sha256[:8]}.npz",
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


def _free(path: Path, request: ExportRequest) -> Path:
    if path.exists() and not request.force:
        raise BenchError(f"{path} is there already.", hint="Add --force to replace it, or name another file with -o.")
    return path


def _slug(text: str) -> str:
    """A file's name that any system and shell takes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80] or "cell"
