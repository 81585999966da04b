"""`bench plan --json`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

# pydantic reads these annotations when it makes a schema, so they are imported for real
from bench.analyse.retraining import Retraining  # noqa: TC001
from bench.declare.cell import Cell
from bench.render.documents.document import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.catalog.datasets import Obtained
    from bench.declare.plan import PlannedTrial


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSeed:
    """A trial that the suite asks for.

    Attributes:
        key: of the trial; trials with equal keys are interchangeable. Null where the data must be fetched first.
        in_store: whether a finished trial of that key is stored; null where the key is not known.
    """

    seed: int
    key: str | None
    in_store: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCell:
    """A cell of the plan.

    Attributes:
        declared: all that the suite says of it, every default filled in: `settings`, `parameters`, `device` and so on.
        trials: one per seed.
    """

    cell_id: str
    declared: dict[str, Any]
    trials: tuple[PlannedSeed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataEntry:
    """A data set of the plan.

    Attributes:
        at_hand: whether it lies on this machine; the other fields are null where it does not.
        sha256: over its decoded arrays.
    """

    name: str
    at_hand: bool
    sha256: str | None = None
    train_examples: int | None = None
    test_examples: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDocument:
    """What a suite would train.

    Attributes:
        trials: of all cells.
        to_train: of them, those that no finished trial is stored for; null where that is not known before the data is
            fetched.
        estimate_s: seconds that these take, one after another, roughly; null where nothing is known.
        jobs: trials at a time.
        retrained: trials that are trained again although the store has finished ones of their cells and seeds, by what
            their keys differ in.
        idle_excludes: the [[exclude]] tables that exclude nothing, counted from 1.
    """

    suite: str
    trials: int
    to_train: int | None
    estimate_s: float | None
    jobs: int
    datasets: tuple[DataEntry, ...]
    retrained: tuple[Retraining, ...]
    idle_excludes: tuple[int, ...]
    cells: tuple[PlannedCell, ...]
    version: int = VERSION


_CELL = TypeAdapter(Cell)


def data_entry(name: str, data: Obtained | None) -> DataEntry:
    """A data set as a plan has it; None for one that has to be fetched or made."""
    if data is None:
        return DataEntry(name=name, at_hand=False)
    return DataEntry(
        name=name, at_hand=True, sha256=data.sha256, train_examples=data.train_images, test_examples=data.test_images
    )


def planned_cells(
    cells: Sequence[Cell], seeds: Sequence[int], trials: Sequence[PlannedTrial] | None, done: frozenset[str]
) -> tuple[PlannedCell, ...]:
    """The cells of a plan.

    Args:
        cells: to be trained.
        seeds: of every cell.
        trials: with their keys; None where these are not known.
        done: the keys that a finished trial is stored for.
    """
    keys: Mapping[tuple[str, int], str] = {(trial.cell.id, trial.seed): trial.key for trial in trials or ()}
    planned = []
    for cell in cells:
        of_cell = [(seed, keys.get((cell.id, seed))) for seed in seeds]
        parts = tuple(
            PlannedSeed(seed=seed, key=key, in_store=None if key is None else key in done) for seed, key in of_cell
        )
        planned.append(PlannedCell(cell_id=cell.id, declared=_CELL.dump_python(cell, mode="json"), trials=parts))
    return tuple(planned)
