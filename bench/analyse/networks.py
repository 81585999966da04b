"""Networks: cells that differ in backend, device or kind of node alone are one network in several places. Pure.

Such cells are no rivals. Tables, headlines, ranks and charts of scores have one row for each network, with the scores
of its reference; times have a column for each place. `bench.analyse.places` tests how scores differ between places.
Baselines, comparisons of runs and exports identify cells and know no networks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from bench.analyse.extent import only
from bench.analyse.labels import cell_labels
from bench.analyse.ranking import ranks
from bench.record.records import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bench.core.score import Score
    from bench.declare.cell import Cell
    from bench.record.records import RunResult

    Axis = Literal["backend", "device", "kind"]

AXES: tuple[Axis, ...] = ("backend", "device", "kind")
SETTINGS = frozenset({"backend", "device", "follows", "node_kind"})
"""The settings of a cell that say where it is trained, as `bench.analyse.configuration` names them."""
OF_PLACE = (
    "status", "engine", "timed", "train_time_median_s", "train_time_q1_s", "train_time_q3_s", "epoch_time_median_s",
    "compile_time_median_s", "total_time_median_s", "train_share", "images_per_s", "time_to_target_median_s",
    "latency_median_s", "latency_p99_s", "inference_images_per_s", "utilisation", "peak_rss_bytes", "own_memory_bytes",
)  # fmt: skip
"""The columns of the summary that depend on the place: how trials ended, times, rates and memory."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a cell is trained; a part that all cells of a run share is empty."""

    backend: str = ""
    device: str = ""
    kind: str = ""


class Agreement(StrEnum):
    """How the scores of networks in several places agree."""

    IDENTICAL = "identical"
    """Every seed has the very same score in all places."""
    DIFFERENT = "different"
    UNKNOWN = "unknown"
    """No network has a score of one seed in two places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One network with its settings, on one data set.

    Attributes:
        reference: the cell whose scores stand for it.
        cells: by place, in the order of `Networks.places`; the reference is one of them.
    """

    reference: Cell
    cells: Mapping[Place, Cell]


@dataclass(frozen=True, kw_only=True)
class Networks:
    """The networks of a run.

    Attributes:
        places: the reference's first: the one where most networks have a result, the earlier in the plan of equals.
        networks: in the order of the plan.
        place_of: by cell id.
        agreement: by data set, of the scores in all places.
    """

    places: tuple[Place, ...]
    networks: tuple[Network, ...]
    place_of: Mapping[str, Place]
    agreement: Mapping[str, Agreement]

    @property
    def several(self) -> bool:
        """Whether there are several places; else a network is a cell, and all is as in the summary."""
        return len(self.places) > 1

    @cached_property
    def by_reference(self) -> dict[str, Network]:
        """The networks by the ids of their references."""
        return {network.reference.id: network for network in self.networks}

    @cached_property
    def reference_of(self) -> dict[str, str]:
        """By the id of each cell, that of the reference of its network."""
        return {cell.id: network.reference.id for network in self.networks for cell in network.cells.values()}

    @cached_property
    def astray(self) -> dict[str, Place]:
        """By the ids of the references that are not in the first place: where they are."""
        at = {cell_id: self.place_of[cell_id] for cell_id in self.by_reference}
        return {cell_id: place for cell_id, place in at.items() if place != self.places[0]}

    def with_twins(self, cell_ids: Iterable[str]) -> frozenset[str]:
        """The ids of all cells of the networks whose references are given."""
        if not self.several:
            return frozenset(cell_ids)
        return frozenset(cell.id for cell_id in cell_ids for cell in self.by_reference[cell_id].cells.values())

    def references(self, result: RunResult) -> RunResult:
        """The run with the trials of the references alone; the very same run where there is one place."""
        return only(result, self.by_reference) if self.several else result

    def rows(self, cells: pd.DataFrame, score: Score) -> pd.DataFrame:
        """A row per network.

        Args:
            cells: of `bench.analyse.stats.summary`, of all cells.
            score: of the run.

        Returns:
            The rows of the references, with ranks among these. Where there are several places, the columns of
            `OF_PLACE` are there for each of them, too: `in_place` has their names.
        """
        if not self.several:
            return cells
        by_id = cells.set_index("cell_id", drop=False).astype({"timed": "Int64"})
        rows = by_id.loc[[cell_id for cell_id in self.by_reference if cell_id in by_id.index]].reset_index(drop=True)
        members = [self.by_reference[str(cell_id)].cells for cell_id in rows["cell_id"]]
        columns: dict[str, Any] = {}
        for number, place in enumerate(self.places):
            of_place = by_id.reindex([of[place].id if place in of else None for of in members])
            columns |= {in_place(name, number): of_place[name].array for name in OF_PLACE}
        known = {
            cell_id: rank
            for _, group in rows.groupby("dataset", sort=False)
            for cell_id, rank in ranks(group, score).items()
        }
        own = rows.assign(rank=rows["cell_id"].map(known).astype("Int64"))
        return pd.concat([own, pd.DataFrame(columns, index=own.index)], axis=1)

    def labels(self, cells: pd.DataFrame) -> dict[str, str]:
        """A short name of each cell's network, by the ids of all cells; of one place, the labels of the cells.

        Args:
            cells: any frame with the columns cell_id, dataset and device.
        """
        if not self.several:
            return cell_labels(cells)
        several = len({network.reference.dataset_name for network in self.networks}) > 1
        names = {cell_id: _name(of.reference, with_dataset=several) for cell_id, of in self.by_reference.items()}
        if len(set(names.values())) < len(names):
            names = {cell_id: cell_id for cell_id in names}
        return {cell_id: names[reference] for cell_id, reference in self.reference_of.items()}


def in_place(name: str, number: int) -> str:
    """The column of a measure in one of the places, by the number of the place."""
    return f"{name} in place {number}"


def networks_of(result: RunResult) -> Networks:
    """The networks of a run."""
    score = result.run.score
    cells = {trial.cell.id: trial.cell for trial in result.trials}
    at = {cell_id: Place(cell.backend, cell.device, cell.node_kind) for cell_id, cell in cells.items()}
    vary = [len({getattr(place, axis) for place in at.values()}) > 1 for axis in AXES]
    if not any(vary):
        alone = tuple(Network(reference=cell, cells={Place(): cell}) for cell in cells.values())
        return Networks(places=(Place(),), networks=alone, place_of=dict.fromkeys(cells, Place()), agreement={})
    axes = [axis for axis, varies in zip(AXES, vary, strict=True) if varies]
    at = {cell_id: Place(**{axis: getattr(place, axis) for axis in axes}) for cell_id, place in at.items()}
    scores: dict[str, dict[int, float]] = {}
    for trial in result.trials:
        value = trial.outcome.value(score) if trial.status is Status.OK else None
        if value is not None:
            scores.setdefault(trial.cell.id, {})[trial.seed] = value
    order = list(dict.fromkeys(at.values()))
    reached = [at[cell_id] for cell_id in scores]
    first = max(order, key=reached.count)
    places = (first, *(place for place in order if place != first))
    networks = [_network(group, at, places, scores) for group in alike(cells.values(), axes)]
    return Networks(
        places=places,
        networks=tuple(networks),
        place_of=at,
        agreement={
            dataset: _agreement([of for of in networks if of.reference.dataset_name == dataset], scores)
            for dataset in dict.fromkeys(of.reference.dataset_name for of in networks)
        },
    )


def alike(cells: Iterable[Cell], axes: Sequence[Axis]) -> list[list[Cell]]:
    """Cells that differ in these axes alone, together; groups and cells in the order of the plan.

    Cells that differ in limits of a trial alone, in one place, are different networks.
    """
    groups: dict[tuple[object, ...], dict[tuple[str, ...], Cell]] = {}
    for cell in cells:
        where = tuple(_PART[axis](cell) for axis in axes)
        bare = without_place(cell, axes)
        key = (cell.architecture, cell.dataset_name, bare.fingerprint(), bare.node_kind)
        number = 0
        while where in groups.setdefault((*key, number), {}):
            number += 1
        groups[*key, number][where] = cell
    return [list(group.values()) for group in groups.values()]


def without_place(cell: Cell, axes: Sequence[str] = AXES) -> Cell:
    """A cell without its place on some axes; it has another id."""
    for axis in axes:
        if axis == "backend":
            cell = replace(cell, backend="", follows="")
        else:
            cell = replace(cell, device="") if axis == "device" else replace(cell, node_kind="")
    return replace(cell, named=tuple(key for key in cell.named if key not in axes))


_PART = {
    "backend": lambda cell: cell.backend,
    "device": lambda cell: cell.device,
    "kind": lambda cell: cell.node_kind,
}


def _network(
    group: Sequence[Cell], at: Mapping[str, Place], places: Sequence[Place], scores: Mapping[str, Mapping[int, float]]
) -> Network:
    cells = dict(sorted(((at[cell.id], cell) for cell in group), key=lambda item: places.index(item[0])))
    reference = next((cell for cell in cells.values() if cell.id in scores), next(iter(cells.values())))
    return Network(reference=reference, cells=cells)


def _agreement(networks: Iterable[Network], scores: Mapping[str, Mapping[int, float]]) -> Agreement:
    shared = False
    for network in networks:
        first = scores.get(network.reference.id, {})
        for cell in network.cells.values():
            both = first.keys() & scores.get(cell.id, {}).keys() if cell is not network.reference else ()
            if any(first[seed] != scores[cell.id][seed] for seed in both):
                return Agreement.DIFFERENT
            shared |= bool(both)
    return Agreement.IDENTICAL if shared else Agreement.UNKNOWN


def _name(cell: Cell, *, with_dataset: bool) -> str:
    name = without_place(cell).name
    return f"{name}@{cell.dataset_name}" if with_dataset else name
