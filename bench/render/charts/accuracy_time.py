"""Accuracy against training time: what another minute buys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D

from bench.analyse.stats import by_cell, timed_trials
from bench.core.formatting import factor, percent, percent_range, plural, points, seconds, seconds_range
from bench.render.charts.axes import accuracy_axis, position, quiet, spread_errors, time_axis
from bench.render.charts.beside import name_cells, names_beside
from bench.render.charts.canvas import TITLE_WIDTH, Chart, canvas, name, panels, svg_text
from bench.render.charts.notes import untimed_note
from bench.render.charts.palette import Style, stand_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

NAME = "accuracy-against-time"


def accuracy_against_time(
    trials: pd.DataFrame, summary: pd.DataFrame, labels: Mapping[str, str], looks: Mapping[str, Style]
) -> Chart | None:
    """A panel per data set and device: each seed a dot, each cell its mean with the 95 % interval.

    Returns:
        None where no OK trial was timed alone.
    """
    shown = summary[(summary["timed"] > 0) & summary["train_time_median_s"].notna()]
    if shown.empty:
        return None
    seeds = {cell_id: timed_trials(group) for cell_id, group in by_cell(trials)}
    groups = [(str(key[0]), str(key[1]), group) for key, group in shown.groupby(["dataset", "device"], sort=False)]
    rows = -(-len(groups) // 2)
    title, architectures = _finding(shown, labels), list(dict.fromkeys(str(name) for name in shown["architecture"]))
    names = names_beside(shown, summary, labels)
    with canvas(360 * rows + 22 * (1 + len(architectures) // 5)) as figure:
        spreads = []
        for axes, (dataset, device, cells) in zip(panels(figure, len(groups), 2), groups, strict=True):
            spreads.append(_panel(axes, cells, seeds, looks))
            if len(groups) > 1:
                axes.set_title(name(f"{dataset} on {device}"))
        figure.supxlabel("training time per trial", fontsize=11.5, color=stand_in("muted"))
        figure.supylabel("test accuracy, %", fontsize=11.5, color=stand_in("muted"))
        if len(architectures) > 1:
            figure.legend(handles=_keys(architectures, looks), loc="outside upper left", ncols=_columns(architectures))
        figure.draw_without_rendering()
        for axes, (_, _, cells), spread in zip(figure.axes, groups, spreads, strict=True):
            name_cells(axes, cells, seeds, names, spread=spread)
        alt = f"Test accuracy against training time of {plural(len(shown), 'cell')}. {title}."
        svg = svg_text(figure, NAME, title, alt)
    return Chart(
        name=NAME,
        heading="Accuracy against training time",
        title=title,
        alt=alt,
        note="Small marks are seeds. The large mark is a cell: median time and mean accuracy, with the 95 % interval "
        "of that mean as an upright bar. Up and to the left is better; axes need not start at 0."
        + (" Numbers are ranks in the leaderboard." if names.ranks else "")
        + untimed_note(summary),
        svg=svg,
        columns=("cell", "accuracy", "95 % interval", "training time, median", "quartiles"),
        rows=tuple(
            (
                labels[str(row["cell_id"])],
                percent(row["accuracy_mean"]),
                percent_range(row["accuracy_low"], row["accuracy_high"]),
                seconds(row["train_time_median_s"]),
                seconds_range(row["train_time_q1_s"], row["train_time_q3_s"]),
            )
            for _, row in shown.iterrows()
        ),
    )


def _panel(axes: Axes, cells: pd.DataFrame, seeds: Mapping[str, pd.DataFrame], looks: Mapping[str, Style]) -> bool:
    """Draws the cells and says whether accuracies are spread by their errors."""
    trials = [seeds[str(cell_id)] for cell_id in cells["cell_id"]]
    every = [float(value) for group in trials for value in group["accuracy"]]
    spread, small = spread_errors(every), len(cells) > 12  # noqa: PLR2004  more cells need smaller marks
    for (_, row), group in zip(cells.iterrows(), trials, strict=True):
        look = looks[str(row["architecture"])]
        style: dict[str, Any] = {"color": stand_in(look.colour), "marker": look.marker, "linestyle": "none"}
        x, y = float(row["train_time_median_s"]), position(row["accuracy_mean"], spread=spread)
        heights = [position(value, spread=spread) for value in group["accuracy"]]
        axes.plot(
            group["train_time_s"], heights, **style, alpha=0.55, markersize=4 if small else 5.5, markeredgewidth=0
        )
        if row["n"] > 1:
            ends = [position(row[end], spread=spread) for end in ("accuracy_low", "accuracy_high")]
            # wider than the mark it runs through, so that a short interval shows beside it
            axes.plot(
                [x, x], ends, color=stand_in(look.colour), linewidth=1.6, zorder=3, marker="_",
                markersize=12 if small else 20, markeredgewidth=1.4,
            )  # fmt: skip
            every += [float(row["accuracy_low"]), float(row["accuracy_high"])]
        axes.plot(
            [x], [y], **style, markersize=6.5 if small else 10, markeredgewidth=1.2,
            markeredgecolor=stand_in("paper"), zorder=4,
        )  # fmt: skip
    accuracy_axis(axes.yaxis, every, spread=spread)
    time_axis(axes.xaxis, [float(value) for group in trials for value in group["train_time_s"]])
    quiet(axes, grid="both")
    return spread


def _keys(architectures: list[str], looks: Mapping[str, Style]) -> list[Line2D]:
    return [
        Line2D(
            [], [], linestyle="none", marker=looks[architecture].marker, markersize=7, label=name(architecture, 28),
            color=stand_in(looks[architecture].colour),
        )
        for architecture in architectures
    ]  # fmt: skip


def _columns(architectures: list[str]) -> int:
    widest = max(len(name(architecture, 28)) for architecture in architectures)
    return max(1, min(len(architectures), 100 // (widest + 5)))


def _finding(shown: pd.DataFrame, labels: Mapping[str, str]) -> str:
    """The trade between the most accurate and the quickest cell, where there is one (of the first panel)."""
    first = shown[(shown["dataset"] == shown["dataset"].iloc[0]) & (shown["device"] == shown["device"].iloc[0])]
    best = first.loc[first["accuracy_mean"].idxmax()]
    quick = first.loc[first["train_time_median_s"].idxmin()]
    best_name, quick_name = (name(labels[str(row["cell_id"])], TITLE_WIDTH) for row in (best, quick))
    figure = f"{percent(best['accuracy_mean'])} after {seconds(best['train_time_median_s'])} of training"
    if len(first) == 1:
        return f"{best_name} reaches {figure}"
    if best_name == quick_name:
        return f"{best_name} is the most accurate and the quickest: {figure}"
    ratio = factor(best["train_time_median_s"] / quick["train_time_median_s"])
    lost = points(best["accuracy_mean"] - quick["accuracy_mean"])
    return f"{best_name} reaches {figure}; {quick_name} trains {ratio} times as fast and gives up {lost} points"
