"""Findings: the sentences that answer which cell is the best, how sure that is and how long it took."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.core.formatting import MISSING, elided, number, percent, plural, seconds
from bench.core.score import ACCURACY
from bench.render.words import with_direction, with_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from bench.analyse.leader import Leader
    from bench.core.score import Score

    Row = pd.Series[Any]
    Labels = Mapping[str, str]

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


def headline(best: Leader, summary: pd.DataFrame, labels: Labels, score: Score, example: str = "example") -> Headline:
    """The answer for one data set.

    Args:
        best: of `bench.analyse.leader.leader`.
        summary: the rows of that data set.
        labels: of `bench.analyse.labels.cell_labels`.
        score: of the run.
        example: what an example of that data set is called.
    """
    rows = {str(row["cell_id"]): row for _, row in summary.iterrows()}
    row = rows[best.cell_id]
    return Headline(
        title=_title(best, row, labels, score),
        sentences=(
            _how_sure(best, row, score),
            *_lead(best, rows, labels, score),
            *_choice(best, rows, labels, score, example),
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
        sentences=(f"{plural(trials, 'trial')} ended without a result; the reasons are under Failures.",),
    )


def _title(best: Leader, row: Row, labels: Labels, score: Score) -> str:
    """What won, by how much, how sure: the answer that is read first."""
    name, place = _name(best.cell_id, labels), f"on {elided(best.dataset, NAME_WIDTH)}"
    result = with_direction(score, row["score_mean"])
    others = len(best.contenders) - 1
    if best.runner_up is None:
        return f"{name} reaches {result} {place}"
    if best.tied is None:
        return f"{name} comes first {place} with {result}, by too few seeds to be sure"
    if others:
        them = "another cell" if others == 1 else f"{others} other cells"
        return f"{name} comes first {place} with {result}, but {them} may be as good"
    ahead = f"{_gain(best, score)} ({score.gap_range(*_gains(best, score))})"
    return f"{name} wins {place} with {result}, ahead of {_name(best.runner_up, labels)} by {ahead}"


def _how_sure(best: Leader, row: Row, score: Score) -> str:
    if not best.mean.known:
        return "That is one seed: nothing here says how much another seed would differ."
    seeds = (
        f"the mean test {score.heading} over {row['n']} seeds (standard deviation {score.gap_text(row['score_std'])})"
    )
    if best.ranked == 1:
        return f"That is {seeds}; its 95 % interval is {score.range(row['score_low'], row['score_high'])}."
    return (
        f"That is {seeds}; its interval is {score.range(best.mean.low, best.mean.high)}, 95 % for all {best.ranked} "
        "cells together, since the best of them was picked."
    )


def _lead(best: Leader, rows: Mapping[str, Row], labels: Labels, score: Score) -> tuple[str, ...]:
    if best.runner_up is None:
        return ()
    name, mean = _name(best.runner_up, labels), score.labelled(rows[best.runner_up]["score_mean"])
    interval = with_unit(score, score.gap_range(*_gains(best, score)))
    if best.tied is None:
        how = "less" if score.higher_is_better else "more"
        sentence = (
            f"The next, {name}, has {mean}, {_gain(best, score)} {how}; too few seeds to say whether that is chance."
        )
    elif best.tied:
        sentence = (
            f"The data cannot separate it from the next, {name} at {mean}: the interval of their difference, "
            f"{interval} ({_sureness(best)}), includes 0."
        )
    else:
        sentence = (
            f"It leads the next, {name} at {mean}, by {_gain(best, score)} (interval {interval}, {_sureness(best)})."
        )
    others = len(best.contenders) - 1
    if others > bool(best.tied):
        sentence += f" In all, {plural(others, 'other cell')} may be as good."
    return (sentence,)


def _sureness(best: Leader) -> str:
    """How sure the interval of the lead is."""
    return "95 %" if best.pairs == 1 else f"95 % for all {best.pairs:,} pairs of cells together"


def _gain(best: Leader, score: Score) -> str:
    """By how much the first is ahead, whichever direction is the better one."""
    return score.gap_text(score.gain(best.difference) + 0.0)  # never -0


def _gains(best: Leader, score: Score) -> tuple[float, float]:
    """The interval of that gain, its lower end first."""
    ends = score.gain(best.interval.low) + 0.0, score.gain(best.interval.high) + 0.0
    return ends if score.higher_is_better else (ends[1], ends[0])


def _choice(best: Leader, rows: Mapping[str, Row], labels: Labels, score: Score, example: str) -> tuple[str, ...]:
    """What the validation split says, where there is one and a choice to make: the test set must not make it.

    Accuracy is chosen by accuracy on what was held out. Other scores are not measured there: the loss chooses.
    """
    by_accuracy = score.name == ACCURACY.name
    column, measured = (
        ("validation_accuracy_mean", "validation accuracy")
        if by_accuracy
        else ("validation_loss_mean", "validation loss")
    )
    judged = {cell_id: row for cell_id, row in rows.items() if not math.isnan(row[column])}
    if len(judged) < 2:  # noqa: PLR2004  one cell leaves no choice
        return ()
    pick = max if by_accuracy else min
    chosen, row = pick(judged.items(), key=lambda item: float(item[1][column]))
    held_out = percent(row[column]) if by_accuracy else number(row[column])
    if chosen == best.cell_id:
        return (f"It is also the choice by {measured} ({held_out}), as settings should be chosen.",)
    tested = score.labelled(row["score_mean"])
    sentence = f"By {measured}, as settings should be chosen, it would be {_name(chosen, labels)}: {held_out} on the "
    return (f"{sentence}held-out {example}s, {tested} on the test set.",)


def _cost(best: Leader, row: Row, rows: Mapping[str, Row], labels: Labels) -> tuple[str, ...]:
    time = seconds(row["train_time_median_s"])
    if time == MISSING:
        return ("Its training time is not given: no trial of it was timed alone.",)
    sentence = f"Training took {time} (median of {plural(int(row['timed']), 'trial')}) on {row['device']}"
    runner_up = rows[best.runner_up] if best.runner_up else None
    if runner_up is not None and runner_up["device"] == row["device"] and runner_up["timed"] > 0:
        name = _name(str(best.runner_up), labels)
        return (f"{sentence}, against {seconds(runner_up['train_time_median_s'])} for {name}.",)
    return (f"{sentence}.",)


def _name(cell_id: str, labels: Labels) -> str:
    return elided(labels[cell_id], NAME_WIDTH)
