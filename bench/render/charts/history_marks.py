"""Marks of changes on the history chart: a line where a level changes, with the revisions before and after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.render.charts.palette import stand_in
from bench.render.history import words

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from matplotlib.axes import Axes

    from bench.analyse.history.story import Quantity, SuiteHistory
    from bench.record.records import RunRecord

MOST = 4
"""Marks of an axis that have room for their revisions; of more the newest are named."""
APART = 0.16
"""The least distance between two names, as a fraction of the axis."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a level changes: places of runs, and the revisions as text."""

    last: int
    first: int
    earliest: int
    latest: int
    text: str


def marks(history: SuiteHistory, drawn: Collection[str], quantity: Quantity, runs: Sequence[RunRecord]) -> list[Mark]:
    """The changes of the cells that are drawn, the newest first; cells that change at one place share a mark.

    Args:
        history: of the suite.
        drawn: ids of the cells.
        quantity: what the axis shows.
        runs: of the chart, the oldest first.
    """
    place = {run.run_id: index for index, run in enumerate(runs)}
    of_place: dict[tuple[int, int], Mark] = {}
    for cell_id, change in history.changes:
        if cell_id not in drawn or change.quantity is not quantity:
            continue
        last, first, earliest, latest = (
            place[history.runs[run].run_id] for run in (change.last, change.first, change.earliest, change.latest)
        )
        known = of_place.get((last, first))
        if known is not None:
            earliest, latest = min(earliest, known.earliest), max(latest, known.latest)
        text = known.text if known else words.revisions(change, history.runs)
        of_place[last, first] = Mark(last, first, earliest, latest, text)
    return list(of_place.values())


def draw(axes: Axes, of_axis: Sequence[Mark], runs: int) -> None:
    """A dashed line for each mark, a band where its place is uncertain, its revisions above the axes."""
    named: list[float] = []
    for mark in of_axis:
        middle = (mark.last + mark.first) / 2
        if mark.latest - mark.earliest > mark.first - mark.last:
            axes.axvspan(mark.earliest, mark.latest, color=stand_in("shade"), alpha=0.35, linewidth=0, zorder=0)
        axes.axvline(middle, color=stand_in("accent"), linestyle=(0, (4, 3)), linewidth=1.2, zorder=1)
        room = all(abs(middle - other) >= 2 * APART * runs for other in named)
        if room and len(named) < MOST:
            named.append(middle)
            near_end = (middle + 0.5) / runs
            side = "left" if near_end < APART else "right" if near_end > 1 - APART else "center"
            axes.annotate(
                mark.text, (middle, 1), (0, 3), xycoords=("data", "axes fraction"), textcoords="offset points",
                ha=side, va="bottom", fontsize="small", color=stand_in("accent"),
            )  # fmt: skip
