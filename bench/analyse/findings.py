"""Findings: the sentences that answer which cell is the most accurate, how sure that is and how long it took."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.core.formatting import MISSING, elided, factor, percent, percent_range, plural, points, points_range, seconds

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from bench.analyse.leader import Leader

NOTABLE = 1.05  # times as long: what is less is not worth a choice
NAME_WIDTH = 60  # characters of a name that a sentence can carry


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """What a reader should take home from one data set.

    Attributes:
        title: the answer in a dozen words.
        sentences: how sure it is, what it costs.
    """

    title: str
    sentences: tuple[str, ...]


def headline(best: Leader, summary: pd.DataFrame, labels: Mapping[str, str]) -> Headline:
    """The answer for one data set.

    Args:
        best: of `bench.analyse.leader.leader`.
        summary: the rows of that data set.
        labels: of `bench.analyse.labels.cell_labels`.
    """
    rows = {str(row["cell_id"]): row for _, row in summary.iterrows()}
    row, name = rows[best.cell_id], elided(labels[best.cell_id], NAME_WIDTH)
    return Headline(
        title=_title(best, row, name, labels),
        sentences=(
            _how_sure(row),
            *_lead(best, rows, labels),
            *_thrift(best, rows, labels),
            *_choice(best, rows, labels),
            *_cost(best, row, rows, labels),
        ),
    )


def no_result(summary: pd.DataFrame) -> Headline:
    """The headline of a run in which nothing succeeded."""
    trials = int(summary["seeds"].sum())
    if not trials:
        return Headline(title="No trial has ended yet", sentences=("There is nothing to judge.",))
    return Headline(
        title="No trial succeeded",
        sentences=(f"{plural(trials, 'trial')} ended without a result; the reasons stand under Failures.",),
    )


def _title(best: Leader, row: pd.Series[Any], name: str, labels: Mapping[str, str]) -> str:
    """What won, by how much, how sure: the answer that is read first."""
    figure, place = percent(row["score_mean"]), f"on {elided(best.dataset, NAME_WIDTH)}"
    others = len(best.contenders) - 1
    if best.runner_up is None:
        return f"{name} reaches {figure} {place}"
    if best.tied is None:
        return f"{name} comes first {place} with {figure}, by too few seeds to be sure"
    if others:
        them = "another cell" if others == 1 else f"{others} other cells"
        return f"{name} comes first {place} with {figure}, but {them} may be as good"
    runner_up, gap = elided(labels[best.runner_up], NAME_WIDTH), best.interval
    ahead = f"{points(best.difference)} points ({points_range(gap.low, gap.high)})"
    return f"{name} wins {place} with {figure}, ahead of {runner_up} by {ahead}"


def _how_sure(row: pd.Series[Any]) -> str:
    if row["n"] < 2:  # noqa: PLR2004  one seed has no deviation
        return "That is one seed: nothing here says how much another seed would differ."
    if row["score_std"] == 0:
        return f"All {row['n']} seeds gave this very accuracy, so nothing here says how much another seed would differ."
    return (
        f"That is the mean test accuracy over {row['n']} seeds; its 95 % interval is "
        f"{percent_range(row['score_low'], row['score_high'])}, and seeds differ by "
        f"{points(row['score_std'])} points (standard deviation)."
    )


def _lead(best: Leader, rows: Mapping[str, pd.Series[Any]], labels: Mapping[str, str]) -> tuple[str, ...]:
    if best.runner_up is None:
        return ()
    name = elided(labels[best.runner_up], NAME_WIDTH)
    mean = percent(rows[best.runner_up]["score_mean"])
    gap = f"{points(best.difference)} points"
    if best.tied is None:
        sentence = f"The next, {name}, has {mean}, {gap} less; too few seeds to say whether that is chance."
    elif best.tied:
        sentence = (
            f"It cannot be told from the next, {name} at {mean}: the 95 % interval of their difference, "
            f"{points_range(best.interval.low, best.interval.high)} points, includes 0."
        )
    else:
        sentence = (
            f"It leads the next, {name} at {mean}, by {gap} "
            f"(95 % interval {points_range(best.interval.low, best.interval.high)} points)."
        )
    others = len(best.contenders) - 1
    if best.tied and others > 1:
        sentence += f" In all, {others} cells may be as good."
    return (sentence,)


def _choice(best: Leader, rows: Mapping[str, pd.Series[Any]], labels: Mapping[str, str]) -> tuple[str, ...]:
    """What the validation split says, where there is one and a choice to make: the test set must not make it."""
    judged = {cell_id: row for cell_id, row in rows.items() if not math.isnan(row["validation_accuracy_mean"])}
    if len(judged) < 2:  # noqa: PLR2004  one cell leaves no choice
        return ()
    chosen, row = max(judged.items(), key=lambda item: float(item[1]["validation_accuracy_mean"]))
    held_out = percent(row["validation_accuracy_mean"])
    if chosen == best.cell_id:
        return (f"It is also the choice by validation accuracy ({held_out}), as settings should be chosen.",)
    name, tested = elided(labels[chosen], NAME_WIDTH), percent(row["score_mean"])
    sentence = f"By validation accuracy, as settings should be chosen, it would be {name}: {held_out} on the held-out "
    return (f"{sentence}images, {tested} on the test set.",)


def _cost(
    best: Leader, row: pd.Series[Any], rows: Mapping[str, pd.Series[Any]], labels: Mapping[str, str]
) -> tuple[str, ...]:
    time = seconds(row["train_time_median_s"])
    if time == MISSING:
        return ("Its training time is not given: no trial of it was timed alone.",)
    sentence = f"Training took {time} (median of {plural(int(row['timed']), 'trial')}) on {row['device']}"
    runner_up = rows[best.runner_up] if best.runner_up else None
    if runner_up is not None and runner_up["device"] == row["device"] and runner_up["timed"] > 0:
        name = elided(labels[str(best.runner_up)], NAME_WIDTH)
        return (f"{sentence}, against {seconds(runner_up['train_time_median_s'])} for {name}.",)
    return (f"{sentence}.",)


def _thrift(best: Leader, rows: Mapping[str, pd.Series[Any]], labels: Mapping[str, str]) -> tuple[str, ...]:
    """Of the cells that are as good as the best for all one can tell, the one that trains quickest."""
    device = rows[best.cell_id]["device"]
    timed = [cell_id for cell_id in best.contenders if rows[cell_id]["timed"] > 0 and rows[cell_id]["device"] == device]
    if best.tied is None or best.cell_id not in timed or len(timed) < 2:  # noqa: PLR2004  nothing to choose between
        return ()
    times = {cell_id: float(rows[cell_id]["train_time_median_s"]) for cell_id in timed}
    quickest = min(timed, key=times.__getitem__)
    if quickest == best.cell_id:
        return ("Among the cells that may be as good it is also the quickest to train.",)
    if times[quickest] <= 0 or times[best.cell_id] < NOTABLE * times[quickest]:
        return ("None of them trains notably quicker.",)
    row, name = rows[quickest], elided(labels[quickest], NAME_WIDTH)
    sentence = f"Where time counts, take {name}: the quickest of these, {percent(row['score_mean'])} after "
    return (f"{sentence}{seconds(times[quickest])}, {factor(times[best.cell_id] / times[quickest])} times as fast.",)
