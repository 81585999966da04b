"""What an acceptance changes, for whoever has to agree to it."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

from bench.core.formatting import percent, plural, printable, signed_points

if TYPE_CHECKING:
    from bench.record.baseline import AcceptedCell, Baseline


def acceptance_changes(before: Baseline, after: Baseline) -> tuple[str, ...]:
    """A line for every cell that came, went or is accepted otherwise than before; none where nothing changed."""
    old = {cell.cell_id: cell for cell in before.cells}
    new = {cell.cell_id: cell for cell in after.cells}
    told = [f"No longer in the baseline: {printable(cell_id)}" for cell_id in old if cell_id not in new]
    told += [f"New in the baseline: {printable(cell_id)}" for cell_id in new if cell_id not in old]
    both = [(old[cell_id], cell) for cell_id, cell in new.items() if cell_id in old]
    told += [f"{printable(now.cell_id)}: {', '.join(parts)}" for was, now in both if (parts := _changed(was, now))]
    if any(len(now.seeds) < len(was.seeds) for was, now in both):
        told.append("Fewer accepted seeds make a blunter gate: train twice the seeds of a check, --seeds 10.")
    return tuple(told)


def _changed(was: AcceptedCell, now: AcceptedCell) -> list[str]:
    parts = []
    first, second = (fmean(seed.accuracy for seed in cell.seeds) for cell in (was, now))
    if percent(first) != percent(second):
        parts.append(f"{percent(first)} -> {percent(second)} ({signed_points(second - first)} points)")
    if len(was.seeds) != len(now.seeds):
        parts.append(f"{len(was.seeds)} -> {plural(len(now.seeds), 'seed')}")
    if was.declared != now.declared or was.data_sha256 != now.data_sha256:
        parts.append("other settings or data")
    return parts
