"""The learning curves of cells, as the page draws and prints them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.record.measures import EPOCH
from bench.render.explore.measures import PLAIN, UNITS
from bench.render.explore.numbers import drawn
from bench.render.explore.values import Line

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd

    from bench.render.explore.measures import Unit

CURVES = ("accuracy", "loss", "validation_accuracy", "validation_loss")
"""What of an epoch is drawn, in the order in which a reader can choose it."""
_EPOCH = {measure.name: measure for measure in EPOCH}


@dataclass(frozen=True, slots=True)
class Curves:
    """What was recorded of the OK trials, epoch by epoch.

    Attributes:
        headings: of the measures that any of them recorded.
        lines: cell id to a line per measure, in that order.
        elapsed: cell id to the seconds of training up to the end of each epoch; without the cells that have no times.
    """

    headings: tuple[str, ...]
    lines: Mapping[str, tuple[Line, ...]]
    elapsed: Mapping[str, tuple[float | None, ...]]


def curves_of(epochs: pd.DataFrame, ok: Collection[str], timed: Collection[str]) -> Curves:
    """Median, least and greatest of a cell's seeds at each epoch.

    Args:
        epochs: the frame of `bench.record.collect.epochs_frame`.
        ok: ids of the trials whose curves are drawn.
        timed: ids of those whose times count.
    """
    kept = epochs[epochs["trial_id"].isin(ok)]
    keys = [key for key in CURVES if kept[key].notna().any()]
    headings = tuple(_heading(key) for key in keys)
    return Curves(headings, _lines(kept, keys), _elapsed(kept[kept["trial_id"].isin(timed)]))


def _heading(key: str) -> str:
    _, sign = _unit(key)
    return f"{_EPOCH[key].heading}, {sign}" if sign else _EPOCH[key].heading


def _unit(key: str) -> Unit:
    """In which a curve is drawn."""
    return UNITS.get(_EPOCH[key].unit, PLAIN)[0]


def _lines(epochs: pd.DataFrame, keys: Sequence[str]) -> dict[str, tuple[Line, ...]]:
    if not keys:
        return {}
    seeds = epochs.sort_values("epoch", kind="stable").groupby(["cell_id", "epoch"], sort=False)[list(keys)]
    middle, low, high = seeds.median(), seeds.min(), seeds.max()
    rows: dict[str, list[int]] = {}
    for row, cell_id in enumerate(middle.index.get_level_values("cell_id")):
        rows.setdefault(str(cell_id), []).append(row)
    columns = []
    for key in keys:
        text, (unit, _) = _EPOCH[key].text, _unit(key)
        columns.append(
            (
                [text(value) for value in middle[key]],
                [drawn(value, unit) for value in low[key]],
                [drawn(value, unit) for value in high[key]],
            )
        )
    return {
        cell_id: tuple(
            Line(
                tuple(middles[row] for row in of_cell),
                tuple(lows[row] for row in of_cell),
                tuple(highs[row] for row in of_cell),
            )
            for middles, lows, highs in columns
        )
        for cell_id, of_cell in rows.items()
    }


def _elapsed(epochs: pd.DataFrame) -> dict[str, tuple[float | None, ...]]:
    timed = epochs.sort_values("epoch", kind="stable")
    spent = timed.assign(spent=timed.groupby("trial_id", sort=False)["train_time_s"].cumsum())
    medians = spent.groupby(["cell_id", "epoch"], sort=False)["spent"].median()
    return {
        str(cell_id): tuple(drawn(value) for value in group)
        for cell_id, group in medians.groupby(level="cell_id", sort=False)
    }
