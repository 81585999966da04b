"""Finished trials of the cells and seeds that a plan asks for, whatever their keys are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bench.record import tables
from bench.record.records import Status
from bench.record.store.rows import RUN_COLUMNS, columns, read_run

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from bench.record.records import RunRecord


def earlier_runs(
    connection: Connection, wanted: Collection[tuple[str, int]], *, checked: bool
) -> dict[tuple[str, int], RunRecord]:
    """By cell id and seed, the latest run that trained it to the end; those whose run cannot be read are left out.

    Args:
        connection: to a store.
        wanted: cell ids and seeds.
        checked: whether the store has checksums.
    """
    rows, runs = tables.trials.c, tables.runs
    query = select(rows.cell_id, rows.seed, rows.run_id).where(rows.status == Status.OK.value).order_by(rows.started_at)
    ids = {(cell_id, seed): run_id for cell_id, seed, run_id in connection.execute(query) if (cell_id, seed) in wanted}
    records: dict[str, RunRecord] = {}
    for run_id in set(ids.values()):
        of_run = select(*columns(runs, RUN_COLUMNS, checked=checked)).where(runs.c.run_id == run_id)
        row = connection.execute(of_run).mappings().first()
        if row is not None and (read := read_run(row)).damage is None:
            records[run_id] = read.value
    return {name: records[run_id] for name, run_id in ids.items() if run_id in records}
