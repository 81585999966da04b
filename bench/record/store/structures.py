"""The layers of models in the store, each model's once; a row is checked by the hash that is its key."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from bench.record import tables
from bench.record.integrity import MISSING, Damage
from bench.record.layers import checked_layers, layers_to_json, with_layers
from bench.record.store.dialects import insert_new

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Connection

    from bench.record.layers import Layers
    from bench.record.records import TrialRecord
    from bench.record.store.runs import Placed

_AT_A_TIME = 500
"""Keys in one question."""


def keep_structure(connection: Connection, trial: TrialRecord) -> None:
    """Keep the layers of a trial's model, where the store does not have them."""
    if trial.outcome.layers:
        insert_new(connection, tables.structures, _row(trial))


def repair_structures(connection: Connection, trials: Iterable[TrialRecord]) -> None:
    """Keep the layers of trials that come from elsewhere, in place of those that cannot be read."""
    wanted = {trial.outcome.structure: trial for trial in trials if trial.outcome.layers}
    readable = find_structures(connection, wanted, [])
    for name, trial in wanted.items():
        if name in readable:
            continue
        row = _row(trial)
        if not insert_new(connection, tables.structures, row):
            connection.execute(update(tables.structures).where(tables.structures.c.sha256 == name).values(row))


def find_structures(
    connection: Connection, names: Collection[str], damage: list[Damage], run_id: str = ""
) -> dict[str, Layers]:
    """Layers by their hash.

    Args:
        connection: to a store. One of an earlier version has no such table, and no trial that names a structure.
        names: the hashes; empty ones are ignored.
        damage: gets those that are gone or cannot be read.
        run_id: of the run that shows them.
    """
    table, wanted = tables.structures.c, sorted(filter(None, names))
    known: dict[str, Layers] = {}
    for start in range(0, len(wanted), _AT_A_TIME):
        query = select(table.sha256, table.layers).where(table.sha256.in_(wanted[start : start + _AT_A_TIME]))
        rows = {row["sha256"]: row["layers"] for row in connection.execute(query).mappings()}
        for name in wanted[start : start + _AT_A_TIME]:
            layers = checked_layers(name, rows[name]) if name in rows else None
            if layers is None:
                column = table.layers.name if name in rows else MISSING
                damage.append(Damage(tables.structures.name, name, (column,), run_id))
            else:
                known[name] = layers
    return known


def complete(connection: Connection, trial: TrialRecord) -> TrialRecord:
    """A trial as read from its row, with its layers as far as they can be read."""
    return with_layers(trial, find_structures(connection, {trial.outcome.structure}, []))


def complete_all(connection: Connection, placed: list[Placed], damage: list[Damage], run_id: str) -> list[Placed]:
    """The trials of a run with their layers; arguments are those of `find_structures`."""
    known = find_structures(connection, {place.trial.outcome.structure for place in placed}, damage, run_id)
    return [replace(place, trial=with_layers(place.trial, known)) for place in placed] if known else placed


def _row(trial: TrialRecord) -> dict[str, Any]:
    return {"sha256": trial.outcome.structure, "layers": layers_to_json(trial.outcome.layers)}
