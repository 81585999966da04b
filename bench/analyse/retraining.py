"""Why a trial is trained again although the store has a finished trial of its cell and seed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bench.declare.cell import Cell
    from bench.record.records import RunRecord


class Reason(StrEnum):
    """What the keys of the two trials differ in."""

    DATA = "data"
    CODE = "code"  # the builder's, or that of the harness
    ENVIRONMENT = "environment"  # processor, cores, versions, variables
    SETTINGS = "settings"  # that the id of the cell does not show


@dataclass(frozen=True, slots=True)
class Current:
    """What keys are made of now.

    Attributes:
        data_sha256: by the name that frames have for a data set.
        code: by builder, hash of the code.
        fingerprint: of the environment, as a run records it.
        bench_version: of keras-bench.
    """

    data_sha256: Mapping[str, str]
    code: Mapping[str, str]
    fingerprint: str
    bench_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraining:
    """Trials that are trained again for one reason.

    Attributes:
        trials: how many.
        versions: of keras-bench that trained them before, without the current one.
    """

    reason: Reason
    trials: int
    versions: tuple[str, ...] = ()


def retrainings(earlier: Iterable[tuple[Cell, RunRecord]], current: Current) -> tuple[Retraining, ...]:
    """Why trials are trained again, the most frequent reason first.

    Args:
        earlier: the cell of each trial, and the run that trained it before.
        current: the current parts of the keys.
    """
    runs_by_reason: dict[Reason, list[RunRecord]] = {}
    for cell, run in earlier:
        runs_by_reason.setdefault(_reason(cell, run, current), []).append(run)
    rows = [
        Retraining(
            reason=reason,
            trials=len(runs),
            versions=tuple(sorted({run.bench_version for run in runs} - {current.bench_version, ""})),
        )
        for reason, runs in runs_by_reason.items()
    ]
    return tuple(sorted(rows, key=lambda row: -row.trials))


def _reason(cell: Cell, run: RunRecord, current: Current) -> Reason:
    data = {dataset.name: dataset.sha256 for dataset in run.datasets}
    name = cell.dataset_name
    if data.get(name) != current.data_sha256.get(name):
        return Reason.DATA
    if run.code.get(cell.builder) != current.code.get(cell.builder):
        return Reason.CODE
    return Reason.ENVIRONMENT if run.fingerprint != current.fingerprint else Reason.SETTINGS
