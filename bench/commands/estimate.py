"""How long the missing trials of a plan will take, roughly."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.declare.plan import PlannedTrial
    from bench.record.store import Store

TRIAL_S = 3.0
"""Start, load, compile and evaluation of a small network."""

STEP_S = 0.002
"""A training step of a small network under `Model.fit`, where nothing better is known."""


def estimate_s(missing: Sequence[PlannedTrial], store: Store | None, train_images: Mapping[str, int]) -> float | None:
    """Seconds the trials will take.

    Args:
        missing: not yet trained.
        store: whose earlier trials of a cell tell best how long the next will take.
        train_images: per data set, for cells without an earlier trial.

    Returns:
        None where nothing is known of a cell.
    """
    history = store.typical_times() if store and missing else {}
    total = 0.0
    for trial in missing:
        cell = trial.cell
        if cell.id in history:
            per_epoch, rest = history[cell.id]
            total += rest + per_epoch * cell.settings.epochs
        elif cell.dataset in train_images:
            steps = train_images[cell.dataset] / cell.settings.batch_size * cell.settings.epochs
            total += TRIAL_S + STEP_S * steps
        else:
            return None
    return total
