"""What every command that trains does first: have the models looked at, and make tasks of planned trials."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.catalog.registry import find_architecture
from bench.core.formatting import plural
from bench.execute.alike import fixed, names_own_code
from bench.execute.harness.inspections import inspect_models
from bench.execute.harness.references import draw_references
from bench.execute.harness.schedule import TaskMaker
from bench.execute.messages import Inspection
from bench.render.treatment import inputs_text, loss_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from bench.commands.data import PreparedData
    from bench.declare.suite import Suite
    from bench.execute.harness.launcher import Servers
    from bench.execute.harness.schedule import Position
    from bench.render.terminal import Display


def task_maker(run_id: str, suite: Suite, data: PreparedData) -> TaskMaker:
    """What makes the tasks of a suite's trials, before any model was looked at."""
    search_path = (str(suite.base),)
    builders = {cell.builder for cell in data.cells}
    targets = {builder: find_architecture(builder, search_path).target for builder in builders}
    return TaskMaker(run_id, data.obtained, targets, data.score, search_path)


def inspected(
    maker: TaskMaker,
    positions: Sequence[Position],
    servers: Servers,
    folder: Path,
    welcome: Callable[[], AbstractContextManager[object]] = nullcontext,
    *,
    files: Path | None = None,
) -> TaskMaker:
    """The same, with what a look at the model of every cell found, and with what cells follow.

    Cells of our own architectures that differ by values alone, such as a learning rate, have one model between them.

    Args:
        maker: of `task_maker`.
        positions: the trials that are to be trained.
        servers: warm, or getting there.
        folder: of the run, for the log of builders.
        welcome: entered while a worker is waited for.
        files: a folder for what is drawn on other backends, which is there until all is trained; None for `folder`.

    Raises:
        ExecutionError: a warm server is gone.
    """
    first: dict[object, Position] = {}
    looks: dict[str, object] = {}
    shape_steps: dict[str, int] = defaultdict(int)
    for position in positions:
        cell = position.planned.cell
        own = names_own_code(cell.settings) or not maker.builders[cell.builder].startswith("bench.")
        looks[cell.id] = cell.id if own else (position.planned.shape, fixed(cell.settings))
        first.setdefault(looks[cell.id], position)
        batches = math.ceil(maker.data[cell.dataset].train_images / cell.settings.batch_size)
        shape_steps[position.planned.shape] += batches * cell.settings.epochs
    found = inspect_models(servers, [maker(position) for position in first.values()], folder, welcome)
    answers = {cell_id: found[first[look].planned.cell.id] for cell_id, look in looks.items()}
    maker = replace(maker, answers=answers, shape_steps=shape_steps)
    following = [maker(position) for position in positions if position.planned.cell.follows]
    following = [task for task in following if task.refusal is None]
    return replace(maker, references=draw_references(servers, following, files or folder, folder, welcome))


def tell(maker: TaskMaker, positions: Iterable[Position], display: Display) -> None:
    """Say what will be done to inputs and by which loss is trained, each once, and warn of what is done twice."""
    cells = {position.planned.cell.id: position.planned.cell for position in positions}
    notes: dict[str, Counter[str]] = {}
    for cell_id, cell in cells.items():
        answer = maker.answers.get(cell_id)
        if not isinstance(answer, Inspection):
            continue
        for name, record in answer.inputs.items():
            subject = f"Input {name} of {cell.dataset_name}" if name else f"Inputs of {cell.dataset_name}"
            notes.setdefault(subject, Counter())[inputs_text(record)] += 1
        notes.setdefault("Loss", Counter())[loss_text(answer.compiled)] += 1
        if any(record.model_scales and record.untouched is None for record in answer.inputs.values()):
            display.warn(f"{cell_id} scales its inputs, and so does input_scaling = {cell.settings.input_scaling!r}.")
        if not answer.parameter_count:
            display.warn(f"{cell_id} has no trainable weights: its training changes nothing.")
    for subject, texts in notes.items():
        for text, number in texts.items():
            where = f" in {plural(number, 'cell')}" if len(texts) > 1 else ""
            display.note(f"{subject}{where}: {text}")
