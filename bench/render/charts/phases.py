"""Where a trial's time goes, per device: its epochs, and its one-time costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from bench.analyse.labels import elided_labels
from bench.analyse.ranking import ranked
from bench.analyse.stats import PHASES, phase_shares, phase_times, timed_trials
from bench.core.formatting import number, percent, plural
from bench.record.measures import SUMMARY
from bench.render.charts.axes import quiet
from bench.render.charts.canvas import LABEL_WIDTH, TITLE_WIDTH, Chart, canvas, name, svg_text
from bench.render.charts.notes import untimed_note
from bench.render.charts.palette import stand_in
from bench.render.networks import places_by_cell

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from bench.analyse.networks import Networks
    from bench.core.score import Score

NAME = "time-by-phase"
EPOCH_TIME = next(measure for measure in SUMMARY if measure.name == "epoch_time_median_s")
BARS = 14  # bars that a page can hold; the table has all cells
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


def time_by_phase(
    trials: pd.DataFrame,
    summary: pd.DataFrame,
    labels: Mapping[str, str],
    score: Score,
    networks: Networks | None = None,
) -> Chart | None:
    """A bar per cell: the median epoch, then every other phase over the epochs trained.

    The cells of one network in several places are next to each other; else devices and engines stay together.

    Only the best cells are drawn if there are more than a page can hold; title and table are of all.

    Returns:
        None where no OK trial was timed alone.
    """
    times = phase_times(trials)
    times = times[times["epochs"] > 0]
    if times.empty:
        return None
    times[list(PHASES)] = times[list(PHASES)].fillna(0.0)
    bars = times[times["cell_id"].isin(ranked(summary, score)["cell_id"].head(BARS))] if len(times) > BARS else times
    ranks = {str(cell_id): rank for rank, cell_id in enumerate(ranked(summary, score)["cell_id"])}
    if networks is not None and networks.several:
        # the places of a network are compared: so they are next to each other
        where = places_by_cell(networks)
        labels = {cell_id: f"{label} on {where[cell_id]}" for cell_id, label in labels.items()}
        order = [ranks.get(networks.reference_of[str(cell_id)], len(ranks)) for cell_id in bars["cell_id"]]
    else:
        # engines and devices stay together; the best cell comes first
        places = list(dict.fromkeys(zip(bars["device"], bars["engine"], strict=True)))
        order = [places.index(place) for place in zip(bars["device"], bars["engine"], strict=True)]
    bars = bars.assign(place=order, rank=[ranks[str(cell_id)] for cell_id in bars["cell_id"]])
    bars = bars.sort_values(["place", "rank"], kind="stable")
    devices = list(dict.fromkeys(str(device) for device in times["device"]))
    title = _finding(times, trials, devices, labels)
    with canvas(100 + 30 * len(bars)) as figure:
        axes = figure.add_subplot()
        left = [0.0] * len(bars)
        for index, phase in enumerate(PHASES):
            spent = bars["epoch_time_s"] if phase == "train" else bars[phase] / bars["epochs"]
            widths = [float(value) for value in spent]
            axes.barh(
                range(len(bars)), widths, left=left, height=0.62, color=stand_in(f"phase-{index}"),
                edgecolor=stand_in("paper"), linewidth=0.8,
            )  # fmt: skip
            left = [start + width for start, width in zip(left, widths, strict=True)]
        for row, (total, epoch_time_s) in enumerate(zip(left, bars["epoch_time_s"], strict=True)):
            axes.annotate(
                f"epoch {EPOCH_TIME.text(epoch_time_s)}", (total, row), xytext=(6, 0), textcoords="offset points",
                va="center", color=stand_in("ink"), fontsize=11,
            )  # fmt: skip
        axes.set_yticks(range(len(bars)), _names(bars, labels))
        axes.tick_params(axis="y", labelcolor=stand_in("ink"))
        axes.set_ylim(len(bars) - 0.4, -0.6)
        axes.set_xlim(0, max(left) * 1.2 or 1)
        axes.set_xlabel("seconds per epoch (one-time costs divided by epochs); median of seeds")
        axes.xaxis.set_major_locator(MaxNLocator(8))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.spines["left"].set_visible(False)
        quiet(axes, grid="x")
        keys = [Patch(color=stand_in(f"phase-{index}"), label=MEANING[phase]) for index, phase in enumerate(PHASES)]
        figure.legend(handles=keys, loc="outside upper left", ncols=len(keys), handlelength=1, columnspacing=1.4)
        alt = f"Stacked bars of the epoch time and the other phases of {plural(len(bars), 'cell')}. {title}."
        svg = svg_text(figure, NAME, title, alt)
    note = (
        "Each part of a bar is the median over the seeds that were timed alone. The number next to a bar is the epoch "
        "time of the leaderboard: the length of the part named train. One-time costs of a trial are divided by its "
        "epochs. The start of its worker is excluded. A share of a trial is seconds of a phase over seconds of whole "
        "trials."
    )
    if len(times) > len(bars):
        note += f" The {len(bars)} best of {len(times)} cells are drawn; the title and the table are of all cells."
    note += untimed_note(summary)
    return Chart(
        name=NAME,
        heading="Time per epoch, device and phase",
        title=title,
        alt=alt,
        note=note,
        svg=svg,
        columns=(
            "cell", "device", "engine", "trials", "epochs", f"{EPOCH_TIME.heading}, s",
            *(f"{phase}, s per trial" for phase in PHASES),
        ),
        rows=tuple(
            (
                labels[str(row["cell_id"])],
                str(row["device"]),
                str(row["engine"]),
                str(row["timed"]),
                number(row["epochs"]),
                number(row["epoch_time_s"]),
                *(number(row[phase]) for phase in PHASES),
            )
            for _, row in times.iterrows()
        ),
    )  # fmt: skip


def _names(bars: pd.DataFrame, labels: Mapping[str, str]) -> list[str]:
    """Labels of the bars: the cells, with engine and device if these differ."""
    short = elided_labels({str(cell_id): labels[str(cell_id)] for cell_id in bars["cell_id"]}, LABEL_WIDTH)
    several = len(set(bars["engine"])) > 1
    return [
        short[str(cell_id)] + (f" · {name(str(engine))}" if several else "")
        for cell_id, engine in zip(bars["cell_id"], bars["engine"], strict=True)
    ]


def _finding(times: pd.DataFrame, trials: pd.DataFrame, devices: list[str], labels: Mapping[str, str]) -> str:
    """The shortest and longest median epoch on each device over all cells, and the phase that takes most time."""
    timed, parts = timed_trials(trials), []
    for device in devices[:3]:
        here = times[times["device"] == device].sort_values("epoch_time_s", kind="stable")
        shares = phase_shares(timed[timed["device"] == device])
        largest = max(PHASES, key=lambda phase: shares[phase])
        if not shares[largest] > 0:
            continue
        first, last = (name(labels[str(here["cell_id"].iloc[end])], TITLE_WIDTH) for end in (0, -1))
        low, high = (EPOCH_TIME.text(float(here["epoch_time_s"].iloc[end])) for end in (0, -1))
        span = f"{low} ({first}) to {high} ({last})" if len(here) > 1 else low
        share = percent(shares[largest], 0)
        parts.append(f"On {name(device)} an epoch takes {span}; {share} of a trial is {DOING[largest]}")
    return "; ".join(parts) or "No time was recorded"
