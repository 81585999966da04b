"""A run as values for the interactive section: records and frames in, frozen values out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.analyse.axes import grids
from bench.analyse.configuration import configuration
from bench.analyse.extent import only, shown_cells
from bench.analyse.labels import cell_labels, elided_labels
from bench.analyse.ranking import ranked
from bench.analyse.stats import measured_trials, ok_trials, summary, timed_trials
from bench.core.formatting import number
from bench.record.collect import epochs_frame, trials_frame
from bench.render.charts.palette import styles
from bench.render.explore.choices import choices
from bench.render.explore.curve_colours import curve_colours
from bench.render.explore.curves import curves_of
from bench.render.explore.measures import PARAMETERS, SCORE, TIME, plot_measures
from bench.render.explore.numbers import drawn
from bench.render.explore.shapes import PATHS
from bench.render.explore.values import Architecture, Exploration, ExploredCell, PlotAxis
from bench.render.words import example_word, rank_text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pandas as pd

    from bench.record.measures import Measure
    from bench.record.records import RunResult
    from bench.render.explore.measures import PlotMeasure

NAME_WIDTH = 90  # characters of a name that a table can carry
Seed = tuple[int, tuple[float | None, ...]]


@dataclass(frozen=True, slots=True)
class Offer:
    """A measure that some cell has, and the unit it is drawn in."""

    plot: PlotMeasure
    unit: float
    sign: str

    @property
    def measure(self) -> Measure:
        """The measure itself."""
        return self.plot.measure


def exploration(result: RunResult) -> Exploration:
    """The run as the section shows it: the best cell first, cells without an OK trial at the end."""
    run, every_trial = result.run, _with_errors(trials_frame(result))
    score, example = run.score, example_word(run.datasets)
    every_cell = summary(every_trial, score)
    kept = shown_cells(every_cell, score)
    axes = grids({trial.cell.id: trial.cell for trial in result.trials}.values(), every_trial, score)
    # thousands of cells make a page that no browser opens
    result = only(result, kept)
    trials, cells = (frame[frame["cell_id"].isin(kept)] for frame in (every_trial, every_cell))
    offers = _offers(cells, plot_measures(score, example))
    looks = styles(trials["architecture"])
    settings = choices(configuration({trial.cell.id: trial.cell for trial in result.trials}.values()), looks)
    ok, epochs = ok_trials(trials), epochs_frame(result)
    timed, measured = set(timed_trials(trials)["trial_id"]), set(measured_trials(trials)["trial_id"])
    curves = curves_of(epochs, set(ok["trial_id"]), timed)
    colours = curve_colours(epochs[epochs["trial_id"].isin(ok["trial_id"])], axes, cells, looks, score)
    labels, seeds = elided_labels(cell_labels(every_cell), NAME_WIDTH), _seeds(ok, timed, measured, offers)
    numbers = {name: number for number, name in enumerate(looks)}
    places = dict(zip(cells["cell_id"], cells.groupby(["dataset", "device"], sort=False).ngroup(), strict=True))
    return Exploration(
        architectures=tuple(Architecture(colour=look.colour, shape=PATHS[look.marker]) for look in looks.values()),
        grid=settings.axes,
        axes=tuple(_plot_axis(offer, cells) for offer in offers),
        coloured_by=next((number for number, axis in enumerate(settings.axes) if axis.name == colours.axis), None),
        across=_first(offers, TIME, PARAMETERS),
        up=_first(offers, SCORE),
        timed=bool(curves.elapsed),
        curves=curves.headings,
        best=f"{score.best_word} {score.heading}",
        cells=tuple(
            ExploredCell(
                label=labels[str(row["cell_id"])],
                rank=rank_text(row["rank"]),
                architecture=numbers[str(row["architecture"])],
                place=int(places[row["cell_id"]]),
                colour=colours.by_cell.get(str(row["cell_id"]), ""),
                at=settings.places[str(row["cell_id"])],
                trials=f"{row['n']} of {row['seeds']}",
                **_values(row, offers),
                seeds=tuple(seeds.get(str(row["cell_id"]), ())),
                elapsed=curves.elapsed.get(str(row["cell_id"]), ()),
                lines=curves.lines.get(str(row["cell_id"]), ()),
            )
            for _, row in ranked(cells, score).iterrows()
        ),
    )


def _with_errors(trials: pd.DataFrame) -> pd.DataFrame:
    errors, tests = (trials[column].astype("float64") for column in ("test_errors", "test_images"))
    return trials.assign(test_error=errors / tests)


def _offers(cells: pd.DataFrame, plots: Sequence[PlotMeasure]) -> list[Offer]:
    offers = []
    for plot in plots:
        values = cells[plot.measure.name].dropna()
        if not values.empty:
            offers.append(Offer(plot, *plot.unit(float(values.min()), float(values.max()))))
    return offers


def _first(offers: Sequence[Offer], *wanted: str) -> int:
    """The number of the first of the wanted measures that is offered."""
    keys = [offer.plot.key for offer in offers]
    return next((keys.index(key) for key in wanted if key in keys), 0)


def _plot_axis(offer: Offer, cells: pd.DataFrame) -> PlotAxis:
    plot, measure, values = offer.plot, offer.measure, cells[offer.measure.name].dropna()
    return PlotAxis(
        key=plot.key,
        heading=measure.heading,
        title=f"{measure.heading}, {offer.sign}" if offer.sign else measure.heading,
        interval=measure.interval,
        small=measure.small,
        logarithmic=plot.logarithmic(float(values.min()), float(values.max())),
        ceiling=drawn(plot.ceiling, offer.unit),
        ceiling_text="" if plot.ceiling is None else f"{number(plot.ceiling / offer.unit)} {offer.sign}".rstrip(),
    )


def _values(row: pd.Series[Any], offers: Sequence[Offer]) -> dict[str, Any]:
    """What each axis of the plot says of a cell; one seed has no interval of a mean and no quartiles."""
    low, high, intervals = [], [], []
    for offer in offers:
        measure = offer.measure
        known = measure.ends is not None and not any(math.isnan(row[end]) for end in measure.ends)
        low.append(drawn(row[measure.ends[0]], offer.unit) if measure.ends and known else None)
        high.append(drawn(row[measure.ends[1]], offer.unit) if measure.ends and known else None)
        printed = measure.span(*(row[end] for end in measure.ends)) if measure.ends and known else ""
        intervals.append(printed)
    return {
        "values": tuple(drawn(row[offer.measure.name], offer.unit) for offer in offers),
        "texts": tuple(offer.measure.text(row[offer.measure.name]) for offer in offers),
        "low": tuple(low),
        "high": tuple(high),
        "intervals": tuple(intervals),
    }


def _seeds(
    ok: pd.DataFrame, timed: Collection[str], measured: Collection[str], offers: Sequence[Offer]
) -> dict[str, list[Seed]]:
    """By cell the OK trials, each with its seed and its value on every axis of the plot; times only where they count.

    Args:
        ok: the trials.
        timed: ids of those whose training times count.
        measured: ids of those whose times of inference count.
        offers: the axes.
    """
    ids = list(ok["trial_id"])
    columns = []
    for offer in offers:
        measure = offer.measure
        kept = timed if measure.timed else measured if measure.measured else ids
        values = zip(ids, ok[measure.of].astype("float64"), strict=True)
        columns.append([drawn(value, offer.unit) if trial_id in kept else None for trial_id, value in values])
    seeds: dict[str, list[Seed]] = {}
    for row, (cell_id, seed) in enumerate(zip(ok["cell_id"], ok["seed"], strict=True)):
        seeds.setdefault(str(cell_id), []).append((int(seed), tuple(column[row] for column in columns)))
    return seeds
