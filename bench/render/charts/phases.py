"""Where a trial's time goes, per device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from bench.analyse.labels import elided_labels
from bench.analyse.stats import PHASES, phase_times
from bench.core.formatting import number, percent, plural, seconds
from bench.render.charts.axes import quiet
from bench.render.charts.canvas import LABEL_WIDTH, Chart, canvas, name, svg_text
from bench.render.charts.notes import untimed_note
from bench.render.charts.palette import stand_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

NAME = "time-by-phase"
BARS = 14  # bars that a page can carry; the table has all cells
MEANING = {
    "load": "load data",
    "build": "build model",
    "warmup": "place data",
    "compile": "compile",
    "train": "train",
    "evaluate": "evaluate",
    "measure": "measure",
}


def time_by_phase(trials: pd.DataFrame, summary: pd.DataFrame, labels: Mapping[str, str]) -> Chart | None:
    """A bar per cell, its phases stacked; the most accurate cells where there are more than a page can carry.

    Returns:
        None where no OK trial was timed alone.
    """
    times = phase_times(trials)
    if times.empty:
        return None
    times[list(PHASES)] = times[list(PHASES)].fillna(0.0)
    ranked = summary.sort_values("accuracy_mean", ascending=False, kind="stable")["cell_id"].head(BARS)
    bars = times[times["cell_id"].isin(ranked)] if len(times) > BARS else times
    # Devices stay together, each in the order of the plan.
    bars = bars.sort_values("device", kind="stable", key=lambda names: names.map(list(dict.fromkeys(names)).index))
    devices = list(dict.fromkeys(str(device) for device in times["device"]))
    title = _finding(times, devices)
    short = elided_labels(labels, LABEL_WIDTH)
    texts = [short[str(cell_id)] for cell_id in bars["cell_id"]]
    with canvas(90 + 30 * len(bars)) as figure:
        axes = figure.add_subplot()
        left = [0.0] * len(bars)
        for index, phase in enumerate(PHASES):
            widths = [float(value) for value in bars[phase]]
            axes.barh(
                range(len(bars)), widths, left=left, height=0.62, color=stand_in(f"phase-{index}"),
                edgecolor=stand_in("paper"), linewidth=0.8,
            )  # fmt: skip
            left = [start + width for start, width in zip(left, widths, strict=True)]
        for row, total in enumerate(left):
            axes.annotate(
                seconds(total), (total, row), xytext=(6, 0), textcoords="offset points", va="center",
                color=stand_in("ink"), fontsize=11,
            )  # fmt: skip
        axes.set_yticks(range(len(bars)), texts)
        axes.tick_params(axis="y", labelcolor=stand_in("ink"))
        axes.set_ylim(len(bars) - 0.4, -0.6)
        axes.set_xlim(0, max(left) * 1.14 or 1)
        axes.set_xlabel("seconds per trial, median over seeds")
        axes.xaxis.set_major_locator(MaxNLocator(8))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.spines["left"].set_visible(False)
        quiet(axes, grid="x")
        keys = [Patch(color=stand_in(f"phase-{index}"), label=MEANING[phase]) for index, phase in enumerate(PHASES)]
        figure.legend(handles=keys, loc="outside upper left", ncols=len(keys), handlelength=1, columnspacing=1.4)
        alt = f"Stacked bars of the time per phase of {plural(len(bars), 'cell')}. {title}."
        svg = svg_text(figure, NAME, title, alt)
    note = "Medians over the seeds that were timed alone, phase by phase; start-up of the worker is left out."
    if len(times) > len(bars):
        note += f" The {len(bars)} most accurate of {len(times)} cells are drawn; the table holds all."
    note += untimed_note(summary)
    return Chart(
        name=NAME,
        heading="Time per device and phase",
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        columns=("cell", "device", "engine", "trials", *(f"{phase}, s" for phase in PHASES)),
        rows=tuple(
            (
                labels[str(row["cell_id"])],
                str(row["device"]),
                str(row["engine"]),
                str(row["timed"]),
                *(number(row[phase]) for phase in PHASES),
            )
            for _, row in times.iterrows()
        ),
    )


def _finding(times: pd.DataFrame, devices: list[str]) -> str:
    """The phase that takes most of a trial, per device, over all its cells."""
    parts = []
    for device in devices[:3]:
        sums = times.loc[times["device"] == device, list(PHASES)].sum()
        total = float(sums.sum())
        if total == 0:
            continue
        largest = str(sums.idxmax())
        doing = {"train": "training", "load": "loading data", "build": "building", "compile": "the first step",
                 "evaluate": "evaluation"}[largest]  # fmt: skip
        parts.append(f"On {name(device)}, {doing} takes {percent(float(sums[largest]) / total, 0)} of a trial's time")
    return "; ".join(parts) or "No time was recorded"
