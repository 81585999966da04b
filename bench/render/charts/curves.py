"""Curves of cells over their epochs: shared by the charts of learning."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from matplotlib.lines import Line2D

from bench.analyse.labels import elided_labels
from bench.render.charts.canvas import TITLE_WIDTH, name
from bench.render.charts.palette import SERIES, Style, stand_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from bench.render.charts.colouring import Colouring

FOLLOWED = 8  # curves that an eye can follow
DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)))


@dataclass(frozen=True, slots=True)
class Curve:
    """A cell's epochs over its seeds.

    Attributes:
        data: index epoch; columns `<measure>_low`, `<measure>` (median over seeds), `<measure>_high`, and `seconds`, of
            training up to the end of the epoch, and `learning_rate` at its end, medians over seeds; float64.
    """

    cell_id: str
    dataset: str
    style: Style
    dash: object
    data: pd.DataFrame


def has_accuracy(curves: Iterable[Curve]) -> bool:
    """Whether any epoch of any curve has an accuracy: only where classes are predicted."""
    return any(bool(curve.data["accuracy"].notna().any()) for curve in curves)


def colour_note(colours: Colouring | None) -> str:
    """The meaning of the colours of many curves; empty if they are those of architectures."""
    if colours is None:
        return ""
    axis = name(colours.axis)
    return f" Colours are values of {axis}, the setting among these curves that moves the score most."


def curves_of(
    epochs: pd.DataFrame,
    looks: Mapping[str, Style],
    colours: Colouring | None = None,
    twins: Mapping[str, str] | None = None,
) -> list[Curve]:
    """A curve per cell, in the order of the plan, drawn so that an eye can follow each.

    Args:
        epochs: of the trials to show, the frame of `bench.record.collect.epochs_frame`.
        looks: by architecture.
        colours: of curves too many for a colour each.
        twins: by cell id, the cell that a curve looks like: the same network in another place.
    """
    if twins:
        first = {twins[cell_id]: cell_id for cell_id in reversed(list(map(str, epochs["cell_id"].unique())))}
        part = epochs[epochs["cell_id"].isin(first.values())]
        models = curves_of(part.assign(cell_id=part["cell_id"].map(twins)), looks, colours)
        looked = {curve.cell_id: curve for curve in models}
        return [replace(looked[twins[cell_id]], cell_id=cell_id, data=data) for cell_id, data in _by_epoch(epochs)]
    curves: list[Curve] = []
    seen: dict[str, int] = {}
    places = epochs.groupby("cell_id", sort=False)[["architecture", "dataset"]].first()
    for cell_id, data in _by_epoch(epochs):
        architecture, dataset = (str(places.loc[cell_id, column]) for column in ("architecture", "dataset"))
        order = seen[architecture] = seen.get(architecture, -1) + 1
        style = looks[architecture]
        curves.append(Curve(cell_id, dataset, style, DASHES[order % len(DASHES)], data))
    if len(curves) > FOLLOWED and colours:
        return [replace(curve, style=Style(colours.by_cell[curve.cell_id], curve.style.marker)) for curve in curves]
    if max(seen.values(), default=0) < len(DASHES) or len(curves) > FOLLOWED:
        return curves
    # More cells of one architecture than an eye tells apart by dashes: here a colour is a cell.
    return [
        replace(curve, style=Style(f"series-{number % SERIES}", curve.style.marker), dash=DASHES[0])
        for number, curve in enumerate(curves)
    ]


def _by_epoch(epochs: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Per cell, in the order of the plan, the data of its `Curve`."""
    measures = ["loss", "accuracy", "validation_loss", "validation_accuracy"]
    ordered = epochs.sort_values("epoch", kind="stable")
    ordered = ordered.assign(seconds=ordered.groupby("trial_id")["train_time_s"].cumsum())
    grouped = ordered.groupby(["cell_id", "epoch"])
    table = grouped[[*measures, "seconds", "learning_rate"]].median()
    for end, values in (("low", grouped[measures].min()), ("high", grouped[measures].max())):
        table = table.join(values.add_suffix(f"_{end}"))
    by_cell = {str(cell_id): data.droplevel("cell_id") for cell_id, data in table.groupby(level="cell_id")}
    for cell_id in map(str, epochs["cell_id"].unique()):
        data = by_cell[cell_id]
        data.index = data.index.astype("int64")
        yield cell_id, data


def joined(lines: Sequence[tuple[Sequence[float], Sequence[float]]]) -> tuple[list[float], list[float]]:
    """Many lines as one with gaps: hundreds of thin lines are one element of the drawing."""
    return (
        [value for x, _ in lines for value in (*x, math.nan)],
        [value for _, y in lines for value in (*y, math.nan)],
    )


def thin(axes: Axes, lines: Mapping[str, Sequence[tuple[Sequence[float], Sequence[float]]]]) -> None:
    """Lines too many to be followed one by one, by the colour of their architecture."""
    for colour, of_colour in lines.items():
        axes.plot(*joined(of_colour), color=stand_in(colour), linewidth=0.9, alpha=0.45, zorder=3)


def curve_legend(
    figure: Figure,
    curves: list[Curve],
    labels: Mapping[str, str],
    looks: Mapping[str, Style],
    colours: Colouring | None = None,
    *,
    validated: bool = False,
) -> None:
    """A key per cell where an eye can follow each, else per colour; none where there is but one."""
    keys: list[Line2D] = []
    if len(curves) <= FOLLOWED:
        short = elided_labels({curve.cell_id: labels[curve.cell_id] for curve in curves}, TITLE_WIDTH)
        for curve in curves:
            colour, text = stand_in(curve.style.colour), short[curve.cell_id]
            keys.append(Line2D([], [], color=colour, linestyle=curve.dash, linewidth=2, label=text))  # type: ignore[arg-type]
    elif colours:
        keys = [Line2D([], [], color=stand_in(colour), linewidth=2, label=text) for text, colour in colours.keys]
    else:
        used = {style.colour for style in (curve.style for curve in curves)}
        keys = [
            Line2D([], [], color=stand_in(style.colour), linewidth=2, label=name(architecture))
            for architecture, style in looks.items()
            if style.colour in used
        ]
    if validated:
        muted = stand_in("muted")
        keys.append(Line2D([], [], color=muted, linewidth=1, marker="o", markersize=2.6, label="validation"))
    if len(keys) > 1:
        widest = max(len(str(key.get_label())) for key in keys)
        figure.legend(
            handles=keys, loc="outside upper left", ncols=max(1, min(len(keys), 96 // (widest + 6))), handlelength=2.6
        )
