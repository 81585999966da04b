"""What every command that trains does first: data, plan and tasks, and a look at the models."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bench.catalog.registry import find_architecture
from bench.commands.data import prepare_data
from bench.core.formatting import plural
from bench.execute.alike import fixed, names_own_code
from bench.execute.harness.schedule import Position, TaskMaker
from bench.execute.messages import Inspection
from bench.render.treatment import inputs_text, loss_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from bench.catalog.datasets import Progress
    from bench.commands.data import PreparedData
    from bench.commands.plan import Declared
    from bench.commands.site import Site
    from bench.declare.plan import PlannedTrial
    from bench.declare.suite import Suite
    from bench.execute.events import Executor
    from bench.render.terminal import Display


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be trained.

    Attributes:
        data: that the cells are trained on.
        planned: in the order to run.
    """

    suite: Suite
    data: PreparedData
    planned: tuple[PlannedTrial, ...]

    @property
    def positions(self) -> tuple[Position, ...]:
        """Every planned trial with its place in the plan."""
        return tuple(Position(index, trial) for index, trial in enumerate(self.planned))

    def task_maker(self, run_id: str) -> TaskMaker:
        """What makes the tasks of a run, before any model was looked at."""
        search_path = (str(self.suite.base),)
        builders = {trial.cell.builder for trial in self.planned} | {cell.builder for cell in self.data.cells}
        targets = {builder: find_architecture(builder, search_path).target for builder in builders}
        return TaskMaker(run_id, self.data.obtained, targets, self.data.score, search_path)


def prepare(declared: Declared, seeds: Sequence[int], site: Site, progress: Progress) -> Work:
    """Have the data of declared cells at hand, and plan their trials.

    Args:
        declared: a suite, and what is asked for of it.
        seeds: the same for every cell.
        site: where they are trained.
        progress: told of downloads.

    Raises:
        BenchError: a data set cannot be had, or the suite's score cannot judge it.
    """
    data = prepare_data(declared.suite, declared.cells, site.servers, progress)
    data = replace(data, cells=site.placed(data.cells))
    return Work(declared.suite, data, site.plan(declared.suite, data.cells, seeds, data.obtained))


def inspected(maker: TaskMaker, positions: Sequence[Position], executor: Executor, files: Path) -> TaskMaker:
    """The maker with the inspection of every cell's model, and with the references of cells that follow others.

    Cells of our own architectures share one inspection if they differ only in values, such as a learning rate.

    Args:
        maker: of `Work.task_maker`.
        positions: the trials that are to be trained.
        executor: inspects models and draws references.
        files: a folder for what other backends draw; it exists until all trials are trained.

    Raises:
        ExecutionError: a warm server is gone.
    """
    first: dict[object, Position] = {}
    model_keys: dict[str, object] = {}
    shape_steps: dict[str, int] = defaultdict(int)
    for position in positions:
        cell = position.planned.cell
        own = names_own_code(cell.settings) or not maker.builders[cell.builder].startswith("bench.")
        model_keys[cell.id] = cell.id if own else (position.planned.shape, fixed(cell.settings))
        first.setdefault(model_keys[cell.id], position)
        batches = math.ceil(maker.data[cell.dataset].train_images / cell.settings.batch_size)
        shape_steps[position.planned.shape] += batches * cell.settings.epochs
    inspections = executor.look([maker(position) for position in first.values()])
    answers = {cell_id: inspections[first[key].planned.cell.id] for cell_id, key in model_keys.items()}
    maker = replace(maker, answers=answers, shape_steps=shape_steps)
    following = [maker(position) for position in positions if position.planned.cell.follows]
    following = [task for task in following if task.refusal is None]
    return replace(maker, references=executor.draw(following, files)) if following else maker


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
