"""What an acceptance changes, for its reviewer."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

from bench.analyse.configuration import canonical
from bench.analyse.gate.side import same_score
from bench.core.formatting import one_line, plural

if TYPE_CHECKING:
    from bench.core.score import Score
    from bench.record.baseline import AcceptedCell, Baseline


def acceptance_changes(before: Baseline, after: Baseline) -> tuple[str, ...]:
    """A line for every cell that was added, removed or accepted with other figures; none where nothing changed."""
    old = {cell.cell_id: cell for cell in before.cells}
    new = {cell.cell_id: cell for cell in after.cells}
    lines = [f"No longer in the baseline: {one_line(cell_id)}" for cell_id in old if cell_id not in new]
    lines += [f"New in the baseline: {one_line(cell_id)}" for cell_id in new if cell_id not in old]
    if not same_score(before.score, after.score):
        lines.append(f"The score is {after.score.heading}, and was {before.score.heading}")
        score = None
    else:
        score = after.score
    both = [(old[cell_id], cell) for cell_id, cell in new.items() if cell_id in old]
    lines += [
        f"{one_line(now.cell_id)}: {', '.join(parts)}" for was, now in both if (parts := _changed(was, now, score))
    ]
    if any(len(now.seeds) < len(was.seeds) for was, now in both):
        lines.append("Fewer accepted seeds: the gate sees less. Train twice the seeds of a check, --seeds 10.")
    return tuple(lines)


def _changed(was: AcceptedCell, now: AcceptedCell, score: Score | None) -> list[str]:
    parts = []
    first, second = (fmean(seed.score for seed in cell.seeds) for cell in (was, now))
    if score and score.text(first) != score.text(second):
        change = f"{score.signed_gap(second - first)} {score.unit}".rstrip()
        parts.append(f"{score.text(first)} -> {score.text(second)} ({change})")
    if len(was.seeds) != len(now.seeds):
        parts.append(f"{len(was.seeds)} -> {plural(len(now.seeds), 'seed')}")
    if canonical(was.declared, was.task) != canonical(now.declared, now.task) or was.data_sha256 != now.data_sha256:
        parts.append("other settings or data")
    return parts
