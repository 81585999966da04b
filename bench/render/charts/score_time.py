"""The score against training time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D

from bench.analyse.pareto import pareto_front
from bench.analyse.stats import by_cell, timed_trials
from bench.core.formatting import about_one, factor, plural, seconds, seconds_range
from bench.render.charts.axes import axis_label, position, quiet, score_axis, spacing, time_axis
from bench.render.charts.canvas import TITLE_WIDTH, Chart, canvas, name, panels, svg_text
from bench.render.charts.cell_names import cell_names, name_cells
from bench.render.charts.curves import joined
from bench.render.charts.notes import spacing_note, untimed_note
from bench.render.charts.palette import Style, stand_in
from bench.render.networks import place_names, places_by_cell

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.axes import Axes

    from bench.analyse.networks import Networks
    from bench.core.score import Score
    from bench.render.charts.axes import Spacing

    Line = tuple[list[float], list[float]]

NAME = "score-against-time"
MANY = 120  # cells beyond which marks are drawn as plainly as can be
BARGAIN = 0.1  # of the range of the front's scores: the most that a fast cell may lose to be named


def score_against_time(  # noqa: PLR0917  all that a mark shows
    trials: pd.DataFrame,
    summary: pd.DataFrame,
    labels: Mapping[str, str],
    looks: Mapping[str, Style],
    score: Score,
    networks: Networks | None = None,
) -> Chart | None:
    """A panel per data set and place: each seed a dot, each cell its mean with the 95 % interval.

    Args:
        trials: of a run.
        summary: of these.
        labels: by cell id, those of one network alike.
        looks: by architecture.
        score: of the run.
        networks: of the run; None where each cell is one.

    Returns:
        None where no OK trial was timed alone.
    """
    timed = summary[(summary["timed"] > 0) & summary["train_time_median_s"].notna()]
    if timed.empty:
        return None
    seeds = dict(by_cell(timed_trials(trials)[["cell_id", "score", "train_time_s"]]))
    where = places_by_cell(networks) if networks else {}
    place_of = summary["cell_id"].map(where) if where else summary["device"]
    groups = [
        (str(key[0]), str(key[1]), group)
        for key, group in timed.groupby(["dataset", place_of.loc[timed.index]], sort=False)
    ]
    if networks and where:
        datasets, order = list(dict.fromkeys(timed["dataset"])), place_names(networks)
        groups.sort(key=lambda group: (datasets.index(group[0]), order.index(group[1])))
    rows = -(-len(groups) // 2)
    on = {cell_id: f" on {of}" for cell_id, of in where.items()}
    full = {cell_id: f"{label}{on.get(cell_id, '')}" for cell_id, label in labels.items()}
    first, at = groups[0][2], f"on {groups[0][1]}" if where else ""
    title = _among(first, summary, place_of) + _finding(first, labels, score, at)
    architectures = list(dict.fromkeys(str(name) for name in timed["architecture"]))
    fronts = tuple(cell_id for _, _, cells in groups for cell_id in pareto_front(cells, score))
    names = cell_names(timed, fronts, labels, networks.reference_of if networks else {})
    with canvas(360 * rows + 22 * (1 + len(architectures) // 5)) as figure:
        times = [float(value) for cell_id in timed["cell_id"] for value in seeds[str(cell_id)]["train_time_s"]]
        spacings, tips = [], _tips(timed, full, score)
        for axes, (dataset, device, cells) in zip(panels(figure, len(groups), 2), groups, strict=True):
            spacings.append(_panel(axes, cells, seeds, looks, score, tips))
            # one axis for all panels, so that devices are compared by eye
            time_axis(axes.xaxis, times)
            _draw_front(axes, cells, score, spacings[-1])
            if len(groups) > 1:
                axes.set_title(name(f"{dataset} on {device}"))
        figure.supxlabel("training time per trial", fontsize=11.5, color=stand_in("muted"))
        figure.supylabel(axis_label(score), fontsize=11.5, color=stand_in("muted"))
        if len(architectures) > 1:
            figure.legend(handles=_keys(architectures, looks), loc="outside upper left", ncols=_columns(architectures))
        figure.draw_without_rendering()
        for axes, (_, _, cells), by in zip(figure.axes, groups, spacings, strict=True):
            name_cells(axes, cells, seeds, names, score, by=by)
        alt = f"Test {score.heading} against training time of {plural(len(timed), 'cell')}. {title}."
        svg = svg_text(figure, NAME, title, alt, {tip.gid: tip.text for tip in tips.values()})
    return Chart(
        name=NAME,
        heading=f"{score.title} against training time",
        title=title,
        alt=alt,
        note="Small marks are seeds. A large mark is a cell: median time and mean "
        f"{score.heading}, with the 95 % interval of that mean as a vertical bar. "
        f"{'Up' if score.higher_is_better else 'Down'} and to the left is better. Axes may not start at 0. The "
        "stepped line is the Pareto front. For every cell off the front, a cell on it is at least as fast and as good, "
        "and better in time or score." + spacing_note(spacings, score) + untimed_note(summary),
        svg=svg,
        columns=("cell", score.heading, "95 % interval", "training time, median", "quartiles", "on the front"),
        rows=tuple(
            (
                full[str(row["cell_id"])],
                score.text(row["score_mean"]),
                score.range(row["score_low"], row["score_high"]),
                seconds(row["train_time_median_s"]),
                seconds_range(row["train_time_q1_s"], row["train_time_q3_s"]),
                "yes" if str(row["cell_id"]) in fronts else "no",
            )
            for _, row in timed.iterrows()
        ),
        findings=_steps(names.by_cell, timed, labels, on, score) if names.lettered else (),
    )


@dataclass(frozen=True, slots=True)
class Tip:
    """The tooltip of a mark."""

    gid: str
    text: str


def _tips(timed: pd.DataFrame, labels: Mapping[str, str], score: Score) -> dict[str, Tip]:
    """By cell; none where there are so many marks that a page would grow by their names."""
    if len(timed) > MANY:
        return {}
    return {
        str(row["cell_id"]): Tip(
            f"tip-{place}",
            f"{labels[str(row['cell_id'])]}: {score.labelled(row['score_mean'])}, "
            f"{seconds(row['train_time_median_s'])}",
        )
        for place, row in enumerate(timed.to_dict("records"))
    }


def _panel(  # noqa: PLR0917  all that a mark shows
    axes: Axes,
    cells: pd.DataFrame,
    seeds: Mapping[str, pd.DataFrame],
    looks: Mapping[str, Style],
    score: Score,
    tips: Mapping[str, Tip],
) -> Spacing:
    """Draws the cells and says how scores are spread."""
    trials = [seeds[str(cell_id)] for cell_id in cells["cell_id"]]
    every = [float(value) for group in trials for value in group["score"]]
    by, small, many = spacing(every, score), len(cells) > 12, len(cells) > MANY  # noqa: PLR2004  need smaller marks
    seeds_of: dict[str, list[Line]] = {}
    bars_of: dict[str, list[Line]] = {}
    for (_, row), group in zip(cells.iterrows(), trials, strict=True):
        look = looks[str(row["architecture"])]
        style: dict[str, Any] = {"color": stand_in(look.colour), "marker": look.marker, "linestyle": "none"}
        x, y = float(row["train_time_median_s"]), position(float(row["score_mean"]), by)
        heights = [position(float(value), by) for value in group["score"]]
        if many:
            seeds_of.setdefault(look.colour, []).extend(
                ([time, time], [height, height]) for time, height in zip(group["train_time_s"], heights, strict=True)
            )
        else:
            axes.plot(
                group["train_time_s"], heights, **style, alpha=0.55, markersize=4 if small else 5.5, markeredgewidth=0
            )
        if row["n"] > 1:
            ends = [position(float(row[end]), by) for end in ("score_low", "score_high")]
            every += [float(row["score_low"]), float(row["score_high"])]
            if many:
                bars_of.setdefault(look.colour, []).append(([x, x], ends))
            else:
                # wider than the mark, so that a short interval is visible
                axes.plot(
                    [x, x], ends, color=stand_in(look.colour), linewidth=1.6, zorder=3, marker="_",
                    markersize=12 if small else 20, markeredgewidth=1.4,
                )  # fmt: skip
        axes.plot(
            [x], [y], **style, markersize=(5 if many else 6.5) if small else 10, markeredgewidth=0.8 if many else 1.2,
            markeredgecolor=stand_in("paper"), zorder=4,
            gid=tips[str(row["cell_id"])].gid if tips else None,
        )  # fmt: skip
    for colour, lines in seeds_of.items():
        # a line of length 0 with round ends is a dot; all dots of a colour are a single element
        axes.plot(*joined(lines), color=stand_in(colour), linewidth=2.6, alpha=0.4, zorder=2)
    for colour, lines in bars_of.items():
        axes.plot(*joined(lines), color=stand_in(colour), linewidth=0.9, alpha=0.7, zorder=3)
    score_axis(axes.yaxis, every, score, by)
    quiet(axes, grid="both")
    return by


def _steps(
    letters: Mapping[str, str], timed: pd.DataFrame, labels: Mapping[str, str], on: Mapping[str, str], score: Score
) -> tuple[str, ...]:
    """The networks of the fronts by their letters: what each reaches, in what time, in each place that has it there."""
    rows = {str(row["cell_id"]): row for row in timed.to_dict("records")}
    figures: dict[str, list[str]] = {}
    for cell_id, letter in letters.items():
        row = rows[cell_id]
        figure = f"{score.labelled(row['score_mean'])} after {seconds(row['train_time_median_s'])}"
        figures.setdefault(letter, [name(labels[cell_id], TITLE_WIDTH)]).append(f"{figure}{on.get(cell_id, '')}")
    return tuple(f"{letter}: {', '.join(parts)}" for letter, parts in figures.items())


def _draw_front(axes: Axes, cells: pd.DataFrame, score: Score, by: Spacing) -> None:
    """A step to the right buys a better score at the next cell of the front, and nothing before it."""
    front = cells.set_index("cell_id").loc[list(pareto_front(cells, score))]
    times = [float(time) for time in front["train_time_median_s"]]
    heights = [position(float(value), by) for value in front["score_mean"]]
    axes.step(times, heights, where="post", color=stand_in("muted"), linewidth=1.2, linestyle=(0, (4, 2)), zorder=2)


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


def _among(first: pd.DataFrame, summary: pd.DataFrame, place_of: pd.Series[str]) -> str:
    """Which cells the title is of, where some of its panel have a score and no time."""
    row = first.index[0]
    here = (summary["dataset"] == summary["dataset"][row]) & (place_of == place_of[row]) & (summary["n"] > 0)
    return f"Of {plural(len(first), 'timed cell')}, " if int(here.sum()) > len(first) > 1 else ""


def _finding(first: pd.DataFrame, labels: Mapping[str, str], score: Score, place: str = "") -> str:
    """The gain in score from more time, along the front of the first panel."""
    front = first.set_index("cell_id", drop=False).loc[list(pareto_front(first, score))]
    quick, best = front.iloc[0], front.iloc[-1]
    quick_name, best_name = (name(labels[str(row["cell_id"])], TITLE_WIDTH) for row in (quick, best))
    figure = f"{score.labelled(best['score_mean'])} after {seconds(best['train_time_median_s'])} of training"
    figure += f" {place}" if place else ""
    if len(first) == 1:
        return f"{best_name} reaches {figure}"
    if len(front) == 1:
        alone = int((first["score_mean"] == best["score_mean"]).sum()) == 1
        return f"{best_name} is {'the best' if alone else 'as good as any'} and the quickest: {figure}"
    middle = _bargain(front, score)
    if middle is not None:
        text, short = name(labels[str(middle["cell_id"])], TITLE_WIDTH), abs(best["score_mean"] - middle["score_mean"])
        time = seconds(middle["train_time_median_s"])
        return f"{best_name} reaches {figure}; {text} comes within {score.gap_text(short)} of it in {time}"
    ratio = float(best["train_time_median_s"] / quick["train_time_median_s"])
    if about_one(ratio):
        return f"{best_name} reaches {figure}; none is more than 5 % faster"
    lost = abs(best["score_mean"] - quick["score_mean"])
    given = "almost nothing" if score.gap(lost) == score.gap(0.0) else score.gap_text(lost)
    return f"{best_name} reaches {figure}; {quick_name} trains {factor(ratio)} times as fast and gives up {given}"


def _bargain(front: pd.DataFrame, score: Score) -> pd.Series[Any] | None:
    """The fastest cell of the front that takes at most half the time and loses at most a tenth of the front's range."""
    best = front.iloc[-1]
    gained = score.sign * front["score_mean"]
    reach = float(gained.iloc[-1] - gained.iloc[0])
    near = front[
        (gained >= gained.iloc[-1] - BARGAIN * reach)
        & (front["train_time_median_s"] <= best["train_time_median_s"] / 2)
    ]
    return None if near.empty else near.iloc[0]
