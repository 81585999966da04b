"""Where a trial's time goes, per device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from bench.analyse.labels import elided_labels
from bench.analyse.ranking import ranked
from bench.analyse.stats import PHASES, phase_times
from bench.core.formatting import number, percent, plural, seconds
from bench.render.charts.axes import quiet
from bench.render.charts.canvas import LABEL_WIDTH, TITLE_WIDTH, Chart, canvas, name, svg_text
from bench.render.charts.notes import untimed_note
from bench.render.charts.palette import stand_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from bench.core.score import Score

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
DOING = {
    "load": "loading data",
    "build": "building",
    "warmup": "placing data",
    "compile": "compiling",
    "train": "training",
    "evaluate": "evaluation",
    "measure": "measuring",
}


def time_by_phase(trials: pd.DataFrame, summary: pd.DataFrame, labels: Mapping[str, str], score: Score) -> Chart | None:
    """A bar per cell, devices and engines together: what an epoch costs, each phase over the epochs trained.

    The best cells are drawn where there are more than a page can carry.

    Returns:
        None where no OK trial was timed alone.
    """
    times = phase_times(trials)
    times = times[times["epochs"] > 0]
    if times.empty:
        return None
    times[list(PHASES)] = times[list(PHASES)].fillna(0.0)
    times["per_epoch"] = times["train"] / times["epochs"]
    bars = times[times["cell_id"].isin(ranked(summary, score)["cell_id"].head(BARS))] if len(times) > BARS else times
    # devices stay together, and engines within them; the best cell comes first
    places = list(dict.fromkeys(zip(bars["device"], bars["engine"], strict=True)))
    order = [places.index(place) for place in zip(bars["device"], bars["engine"], strict=True)]
    ranks = {str(cell_id): rank for rank, cell_id in enumerate(ranked(summary, score)["cell_id"])}
    bars = bars.assign(place=order, rank=[ranks[str(cell_id)] for cell_id in bars["cell_id"]])
    bars = bars.sort_values(["place", "rank"], kind="stable")
    devices = list(dict.fromkeys(str(device) for device in times["device"]))
    title = _finding(bars, devices, labels)
    with canvas(100 + 30 * len(bars)) as figure:
        axes = figure.add_subplot()
        left = [0.0] * len(bars)
        for index, phase in enumerate(PHASES):
            widths = [float(value) for value in bars[phase] / bars["epochs"]]
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
        axes.set_yticks(range(len(bars)), _names(bars, labels))
        axes.tick_params(axis="y", labelcolor=stand_in("ink"))
        axes.set_ylim(len(bars) - 0.4, -0.6)
        axes.set_xlim(0, max(left) * 1.14 or 1)
        axes.set_xlabel("seconds per epoch: each phase over the epochs trained, median over seeds")
        axes.xaxis.set_major_locator(MaxNLocator(8))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.spines["left"].set_visible(False)
        quiet(axes, grid="x")
        keys = [Patch(color=stand_in(f"phase-{index}"), label=MEANING[phase]) for index, phase in enumerate(PHASES)]
        figure.legend(handles=keys, loc="outside upper left", ncols=len(keys), handlelength=1, columnspacing=1.4)
        alt = f"Stacked bars of the time per epoch and phase of {plural(len(bars), 'cell')}. {title}."
        svg = svg_text(figure, NAME, title, alt)
    note = "Medians over the seeds that were timed alone, phase by phase; what a trial pays once is spread over its "
    note += (
        "epochs, and the start of its worker is left out. The leaderboard's epoch time is the median epoch, this the "
    )
    note += "mean."
    if len(times) > len(bars):
        note += f" The {len(bars)} best of {len(times)} cells are drawn; the table holds all."
    note += untimed_note(summary)
    return Chart(
        name=NAME,
        heading="Time per epoch, device and phase",
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        columns=(
            "cell", "device", "engine", "trials", "epochs", "train, s per epoch",
            *(f"{phase}, s per trial" for phase in PHASES),
        ),
        rows=tuple(
            (
                labels[str(row["cell_id"])],
                str(row["device"]),
                str(row["engine"]),
                str(row["timed"]),
                number(row["epochs"]),
                number(row["per_epoch"]),
                *(number(row[phase]) for phase in PHASES),
            )
            for _, row in times.iterrows()
        ),
    )  # fmt: skip


def _names(bars: pd.DataFrame, labels: Mapping[str, str]) -> list[str]:
    """Beside the bars: the cells, each with its engine where they differ; a label holds the device where these do."""
    short = elided_labels({str(cell_id): labels[str(cell_id)] for cell_id in bars["cell_id"]}, LABEL_WIDTH)
    several = len(set(bars["engine"])) > 1
    return [
        short[str(cell_id)] + (f" · {name(str(engine))}" if several else "")
        for cell_id, engine in zip(bars["cell_id"], bars["engine"], strict=True)
    ]


def _finding(times: pd.DataFrame, devices: list[str], labels: Mapping[str, str]) -> str:
    """What an epoch costs on each device, at least and at most, and which phase takes most of the time."""
    parts = []
    for device in devices[:3]:
        here = times[times["device"] == device].sort_values("per_epoch", kind="stable")
        sums = here[list(PHASES)].sum()
        total = float(sums.sum())
        if total == 0:
            continue
        largest = str(sums.idxmax())
        first, last = (name(labels[str(here["cell_id"].iloc[end])], TITLE_WIDTH) for end in (0, -1))
        low, high = (seconds(float(here["per_epoch"].iloc[end])) for end in (0, -1))
        span = f"{low} ({first}) to {high} ({last})" if len(here) > 1 else low
        share = percent(float(sums[largest]) / total, 0)
        parts.append(f"On {name(device)} an epoch takes {span} on average; {share} of a trial is {DOING[largest]}")
    return "; ".join(parts) or "No time was recorded"
