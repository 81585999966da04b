"""What a run still has to train: exactly once its data is at hand, and before that as well as the store can say."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from bench.catalog import datasets
from bench.commands.plan import signatures
from bench.core.errors import StoreError
from bench.declare.plan import plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.commands.plan import Declared
    from bench.commands.request import RunRequest
    from bench.declare.cell import Cell
    from bench.declare.plan import PlannedTrial
    from bench.declare.suite import Suite
    from bench.record.store import Store

AT_A_TIME = 500
"""Trials that are looked up together: a run that has much to train knows so after the first of these."""


def missing_trials(request: RunRequest, store: Store, planned: Sequence[PlannedTrial]) -> list[PlannedTrial]:
    """The trials that the store holds no result of, in the order of the plan; all of them where that was asked for."""
    if request.fresh:
        return list(planned)
    done = store.done([trial.key for trial in planned])
    return [trial for trial in planned if trial.key not in done]


def may_train(request: RunRequest, declared: Declared, store: Store) -> bool:
    """Whether a warm server will be needed, as far as that can be said before any data is at hand.

    A wrong answer costs time and nothing else: a server that is needed and was not started is started later. Data sets
    without a hash of their own are taken to be those that the last run of the suite was trained on.

    Returns:
        True where a trial is missing, or a loader has to be called in a worker. False where the store seems to hold
        everything.
    """
    suite, cells = declared.suite, declared.cells
    if request.fresh or any(in_worker(reference, suite) for reference in {cell.dataset for cell in cells}):
        return True
    # keys take a while to compute
    if not store.runs(limit=1):
        return True
    hashes = _hashes(declared, store)
    sign = signatures(suite, hashes)
    for seed in suite.keys.seeds:
        for some in _chunks(cells):
            # data that cannot be had is known once it was asked for: a cell is done with what stands in for it as well
            wanted = [[place for place in _places(cell, suite) if place.dataset in hashes] for cell in some]
            keys = [[trial.key for trial in plan(places, [seed], sign)] for places in wanted]
            done = store.done([key for alternatives in keys for key in alternatives])
            if not all(any(key in done for key in alternatives) for alternatives in keys):
                return True
    return False


def in_worker(reference: str, suite: Suite) -> bool:
    """Whether a data set is read in a worker: by a loader of the user's own, or by a package of others."""
    table = suite.datasets.get(reference) or datasets.named(reference)
    if table is not None:
        return table.in_worker
    return datasets.is_loader(datasets.entry_point_datasets().get(reference, reference))


def _hashes(declared: Declared, store: Store) -> dict[str, str]:
    """The hashes of data sets by the cells' reference: those of the catalog, and of the suite's last run."""
    suite = declared.suite
    known = {name: spec.sha256 for name, spec in datasets.DATASETS.items() if name not in suite.datasets}
    names = {cell.dataset: cell.dataset_name for cell in declared.cells}
    if names.keys() <= known.keys():
        return known
    try:
        last = store.runs(suite.name, limit=1)
    except StoreError:
        return known
    earlier = {data.name: data.sha256 for line in last for data in line.run.datasets}
    return {**{reference: earlier[name] for reference, name in names.items() if name in earlier}, **known}


def _places(cell: Cell, suite: Suite) -> list[Cell]:
    """A cell as it is declared, and on the data that may stand in for its own."""
    fallback = suite.keys.fallback_dataset
    return [cell] if fallback is None else [cell, cell.on_dataset(fallback)]


def _chunks(cells: Sequence[Cell]) -> Iterator[list[Cell]]:
    rest = iter(cells)
    while some := list(islice(rest, AT_A_TIME)):
        yield some
