"""`bench export`: a run as a table for other tools, or one of its cells as a lesson in plain Keras."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from bench.catalog import datasets
from bench.catalog.datasets.offer import silent
from bench.catalog.registry import UnknownReferenceError, find_architecture
from bench.commands.data import prepare_data
from bench.commands.find import find_run
from bench.commands.plan import declare
from bench.commands.prepare import inspected
from bench.commands.request import RunRequest
from bench.core.errors import BenchError, ExitCode
from bench.core.files import write_bytes, write_text
from bench.core.names import nearest
from bench.declare.plan import PlannedTrial
from bench.execute.data import HELD_OUT_SEED
from bench.execute.launcher import runtime_signatures, warm_servers
from bench.execute.schedule import Position, TaskMaker
from bench.record.records import Status
from bench.render.exports.csv import csv_text
from bench.render.exports.json import json_text
from bench.render.exports.lesson import Subject, lesson
from bench.render.exports.notebook import notebook_text
from bench.render.exports.parquet import parquet_bytes
from bench.render.exports.script import script_text
from bench.render.terminal import make_console

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.catalog.datasets import Obtained
    from bench.execute.messages import Recipe
    from bench.record.records import RunResult, TrialRecord
    from bench.results import Run

RECIPE_TIMEOUT_S = 300.0


def _latex(result: RunResult) -> str:
    from bench.render.exports.latex import latex_text  # noqa: PLC0415  SciPy and pandas' styles take a second

    return latex_text(result)


def _pytest_benchmark(result: RunResult) -> str:
    from bench.render.exports.pytest_benchmark import pytest_benchmark_text  # noqa: PLC0415  SciPy takes a second

    return pytest_benchmark_text(result)


TABLES: dict[str, tuple[str, Callable[[RunResult], str | bytes]]] = {
    "csv": (".csv", csv_text),
    "json": (".json", json_text),
    "latex": (".tex", _latex),
    "parquet": (".parquet", parquet_bytes),
    "pytest-benchmark": (".benchmark.json", _pytest_benchmark),
}
"""Formats of a whole run: how the file's name ends, and what makes its content."""

LESSONS = {"notebook": (".ipynb", notebook_text), "script": (".py", script_text)}
"""Formats of a cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What a user asks to be exported.

    Attributes:
        what: a run for a table, a cell's id for a lesson.
        to: one of `TABLES` or `LESSONS`.
        run: whose cell it is.
        seed: of the trial that a lesson repeats; None for the first that went well.
        force: replace a file that is there.
    """

    what: str
    to: str
    run: str
    seed: int | None
    output: Path | None
    force: bool
    reports: Path
    store: str | None


def export(request: ExportRequest, folder: Path) -> ExitCode:
    """Write what is asked for into `folder`, and say where.

    Raises:
        BenchError: there is no such run or cell, its suite or data can no longer be had, or a file is in the way.
    """
    console = make_console()
    if request.to in TABLES:
        ending, content = TABLES[request.to]
        run = find_run(request.what, reports=request.reports, store=request.store)
        path = _free(request.output or folder / f"{run.run_id}{ending}", request)
        made = content(run.result)
        written = write_text(path, made) if isinstance(made, str) else write_bytes(path, made)
        console.print(str(written), markup=False)
        return ExitCode.OK
    run = find_run(request.run, reports=request.reports, store=request.store)
    trial = _trial(run, request)
    ending, text = LESSONS[request.to]
    path = _free(request.output or folder / f"{_slug(trial.cell.id)}{ending}", request)
    subject, data = _subject(run, trial, request)
    archive = path.with_name(subject.data_file)
    if not archive.exists():
        _write_archive(data, archive)
    write_text(path, text(f"{trial.cell.id}, seed {trial.seed}", lesson(subject)))
    console.print(f"Lesson  {path}\nData    {archive}", markup=False)
    return ExitCode.OK


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


def _subject(run: Run, trial: TrialRecord, request: ExportRequest) -> tuple[Subject, Obtained]:
    """What the lesson is about; the model's code is written by a worker that builds it."""
    asked = run.result.run.asked
    declared = declare(
        RunRequest(
            suite=asked.get("suite"),
            overrides=asked.get("overrides", {}),
            reports=request.reports,
            store=request.store,
        )
    )
    cell, search_path = trial.cell, (str(declared.suite.base),)
    try:
        target = find_architecture(cell.builder, search_path).target
    except UnknownReferenceError as error:
        raise BenchError(
            f"The builder {cell.builder} of this cell is gone: {error}.",
            hint="Bring its module back beside the suite file, or run the suite again.",
        ) from error
    with warm_servers(runtime_signatures([cell]), keep=False) as servers, TemporaryDirectory() as folder:
        data = prepare_data(declared.suite, (cell,), servers, silent)
        obtained = next(iter(data.obtained.values()))
        if trial.outcome.data_sha256 not in {None, obtained.sha256}:
            raise BenchError(
                f"The data set {cell.dataset} is another now than the one this cell was trained on.",
                hint=f"Run the suite again: {run.result.run.command}",
            )
        position = Position(0, PlannedTrial(cell=cell, seed=trial.seed, key="", shape=""))
        maker = TaskMaker(f"export-{run.run_id}", data.obtained, {cell.builder: target}, data.score, search_path)
        make_task = inspected(maker, [position], servers, Path(folder))
        recipe: Recipe | BenchError = servers.main.call(
            "bench.execute.recipe:write_recipe", make_task(position), timeout_s=RECIPE_TIMEOUT_S
        )
        if isinstance(recipe, BenchError):
            raise recipe
    return (
        Subject(
            trial=trial,
            layers=recipe.layers,
            target=target,
            optimizer=recipe.optimizer,
            loss=recipe.loss,
            schedule=recipe.schedule,
            data_file=f"{_slug(obtained.name)}-{obtained.sha256[:8]}.npz",
            dataset=obtained.name,
            classes=obtained.target.names,
            image_shape=obtained.input_shape,
            picture=obtained.facts.picture,
            held_out_seed=HELD_OUT_SEED,
        ),
        obtained,
    )


def _write_archive(data: Obtained, path: Path) -> None:
    arrays = datasets.load(data.path, data.sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez_compressed(
            file, x_train=arrays.x_train, y_train=arrays.y_train, x_test=arrays.x_test, y_test=arrays.y_test
        )


def _free(path: Path, request: ExportRequest) -> Path:
    if path.exists() and not request.force:
        raise BenchError(f"{path} is there already.", hint="Add --force to replace it, or name another file with -o.")
    return path


def _slug(text: str) -> str:
    """A file's name that any system and shell takes."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80] or "cell"
