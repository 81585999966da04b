"""Findings: the sentences that answer which cell is the best, how sure that is and how long it took."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.analyse.networks import Agreement, in_place
from bench.core.formatting import MISSING, elided, number, percent, plural, seconds
from bench.core.names import listed
from bench.core.score import ACCURACY
from bench.render.networks import place_name, place_names
from bench.render.words import with_direction, with_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from bench.analyse.leader import Leader
    from bench.analyse.networks import Networks
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


def headline(  # noqa: PLR0917  all that a sentence may name
    best: Leader,
    summary: pd.DataFrame,
    labels: Labels,
    score: Score,
    example: str = "example",
    networks: Networks | None = None,
) -> Headline:
    """The answer for one data set.

    Args:
        best: of `bench.analyse.leader.leader`.
        summary: the rows of that data set, of `bench.analyse.networks.Networks.rows`.
        labels: by cell id.
        score: of the run.
        example: what an example of that data set is called.
        networks: of the run, where rows are these; None where they are cells.
    """
    each, where = _each(best, networks)
    rows = {str(row["cell_id"]): row for _, row in summary.iterrows()}
    row = rows[best.cell_id]
    return Headline(
        title=_title(best, row, labels, score, each=each, where=where),
        sentences=(
            _how_sure(best, row, score, each),
            *_lead(best, rows, labels, score, each),
            *_choice(best, rows, labels, score, example),
            *_cost(best, row, rows, labels, networks),
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


def _title(best: Leader, row: Row, labels: Labels, score: Score, *, each: str, where: str) -> str:
    """What won, by how much, how sure: the answer that is read first."""
    name, place = _name(best.cell_id, labels), f"on {elided(best.dataset, NAME_WIDTH)}"
    result = f"{with_direction(score, row['score_mean'])}{where}"
    others = len(best.contenders) - 1
    if best.runner_up is None:
        return f"{name} reaches {result} {place}" if not where else f"{name} {place} reaches {result}"
    if best.tied is None:
        return f"{name} comes first {place} with {result}; there are too few seeds to be sure"
    if others:
        them = f"another {each}" if others == 1 else f"{others} other {each}s"
        return f"{name} comes first {place} with {result}, but {them} may be as good"
    ahead = f"{_gain(best, score)} ({score.gap_range(*_gains(best, score))})"
    return f"{name} wins {place} with {result}, ahead of {_name(best.runner_up, labels)} by {ahead}"


def _how_sure(best: Leader, row: Row, score: Score, each: str) -> str:
    if not best.mean.known:
        return "That is one seed. How much another seed would differ is unknown."
    seeds = (
        f"the mean test {score.heading} over {row['n']} seeds (standard deviation {score.gap_text(row['score_std'])})"
    )
    if best.ranked == 1:
        return f"That is {seeds}; its 95 % interval is {score.range(row['score_low'], row['score_high'])}."
    return (
        f"That is {seeds}; its interval is {score.range(best.mean.low, best.mean.high)}, 95 % for all {best.ranked} "
        f"{each}s together, because the best of them was selected."
    )


def _lead(best: Leader, rows: Mapping[str, Row], labels: Labels, score: Score, each: str) -> tuple[str, ...]:
    if best.runner_up is None:
        return ()
    name, mean = _name(best.runner_up, labels), score.labelled(rows[best.runner_up]["score_mean"])
    interval = with_unit(score, score.gap_range(*_gains(best, score)))
    if best.tied is None:
        how = "less" if score.higher_is_better else "more"
        unseen = score.gap(score.gain(best.difference)) == score.gap(0.0)
        has = f"{mean} as well" if unseen else f"{mean}, {_gain(best, score)} {how}"
        sentence = f"Second place, {name}, has {has}. There are too few seeds to say whether that is chance."
    elif best.tied:
        sentence = (
            f"The data cannot separate it from second place, {name} at {mean}: the interval of their difference, "
            f"{interval} ({_sureness(best, each)}), includes 0."
        )
    else:
        sure = _sureness(best, each)
        sentence = f"It leads second place, {name} at {mean}, by {_gain(best, score)} (interval {interval}, {sure})."
    others = len(best.contenders) - 1
    if others > (best.tied is not False):  # the next alone was named already
        sentence += f" In all, {plural(others, f'other {each}')} may be as good."
    return (sentence,)


def _sureness(best: Leader, each: str) -> str:
    """How sure the interval of the lead is."""
    return "95 %" if best.pairs == 1 else f"95 % for all {best.pairs:,} pairs of {each}s together"


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
        return (f"It also has the best {measured} ({held_out}), by which settings should be chosen.",)
    tested = score.labelled(row["score_mean"])
    sentence = (
        f"Settings should be chosen by {measured}. By it, {_name(chosen, labels)} is the best: {held_out} on the "
    )
    return (f"{sentence}held-out {example}s, {tested} on the test set.",)


def _each(best: Leader, networks: Networks | None) -> tuple[str, str]:
    """What a row is, and where the score of the best is reached unless it is the same everywhere."""
    if networks is None or not networks.several:
        return "cell", ""
    same = networks.agreement.get(best.dataset) is Agreement.IDENTICAL
    return "network", "" if same else f" on {place_name(networks.place_of[best.cell_id])}"


def _cost(
    best: Leader, row: Row, rows: Mapping[str, Row], labels: Labels, networks: Networks | None
) -> tuple[str, ...]:
    if networks is not None and networks.several:
        return _costs(row, networks)
    time = seconds(row["train_time_median_s"])
    if time == MISSING:
        return ("It has no training time: none of its trials was timed alone.",)
    sentence = f"Training took {time} (median of {plural(int(row['timed']), 'trial')}) on {row['device']}"
    runner_up = rows[best.runner_up] if best.runner_up else None
    if runner_up is not None and runner_up["device"] == row["device"] and runner_up["timed"] > 0:
        name = _name(str(best.runner_up), labels)
        return (f"{sentence}, against {seconds(runner_up['train_time_median_s'])} for {name}.",)
    return (f"{sentence}.",)


def _costs(row: Row, networks: Networks) -> tuple[str, ...]:
    """Of a network in several places."""
    times = [
        f"{seconds(time)} on {name}"
        for number, name in enumerate(place_names(networks))
        if (time := row[in_place("train_time_median_s", number)]) > 0
    ]
    if not times:
        return ("It has no training time: none of its trials was timed alone.",)
    return (f"Training took {listed(times, 'and')} (medians over seeds).",)


def _name(cell_id: str, labels: Labels) -> str:
    return elided(labels[cell_id], NAME_WIDTH)
