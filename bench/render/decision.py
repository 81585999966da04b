"""The decision card: what to choose, what the next step costs and brings, how sure that is, what to try next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.analyse.axes import grids
from bench.analyse.decision import COSTS, decisions
from bench.analyse.labels import cell_labels
from bench.core.formatting import count, elided, factor, percent, plural, seconds
from bench.core.score import ACCURACY
from bench.record.collect import trials_frame
from bench.render.words import with_direction, with_unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from bench.analyse.axes import Grid
    from bench.analyse.decision import Decision, Step
    from bench.core.score import Score
    from bench.declare.cell import Cell
    from bench.record.records import RunResult

    Row = Mapping[Any, Any]

NAME_WIDTH = 60  # characters of a name that a sentence can carry
CELL = "A cell is one network with its settings, on a data set and a device."
DIFFERENCES = 2  # settings that a sentence names instead of a whole cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A recommendation as text.

    Attributes:
        dataset: what it is for.
        title: what to choose, how good it is and what it costs.
        sentences: the next step, and how sure all of it is.
        next_steps: what to try next; empty where the results say nothing.
        names: what the names in it stand for.
    """

    dataset: str
    title: str
    sentences: tuple[str, ...]
    next_steps: tuple[str, ...]
    names: tuple[str, ...]


def cards(
    summary: pd.DataFrame, grids: Sequence[Grid], labels: Mapping[str, str], result: RunResult
) -> tuple[Card, ...]:
    """One for each data set that has a result.

    Args:
        summary: all cells of the run.
        grids: these on their axes.
        labels: by cell id.
        result: the run.
    """
    score = result.run.score
    every = {trial.cell.id: trial.cell for trial in result.trials}
    kinds = {cell_id: cell.node_kind for cell_id, cell in every.items()}
    all_decisions = decisions(summary, grids, score, kinds)
    return tuple(card(decision, summary, labels, score, every.values()) for decision in all_decisions)


def cards_of(result: RunResult, summary: pd.DataFrame) -> tuple[Card, ...]:
    """The same from a run and its summary alone, for a terminal."""
    every = {trial.cell.id: trial.cell for trial in result.trials}.values()
    placed = grids(every, trials_frame(result), result.run.score)
    return cards(summary, placed, cell_labels(summary), result)


def card(of: Decision, summary: pd.DataFrame, labels: Mapping[str, str], score: Score, cells: Iterable[Cell]) -> Card:
    """The card of one data set.

    Args:
        of: the facts.
        summary: of `bench.analyse.stats.summary`.
        labels: by cell id.
        score: of the run.
        cells: of the run.
    """
    rows = {str(row["cell_id"]): row for row in summary.to_dict("records")}
    names = {cell_id: elided(labels[cell_id], NAME_WIDTH) for cell_id in {of.best, of.choice, *_of(of.step)}}
    named = {cell.id: cell for cell in cells if cell.id in names}
    return Card(
        dataset=of.dataset,
        title=_title(of, rows[of.choice], names, score),
        sentences=tuple(
            filter(None, (_step(of, rows, names, score), _doubt(of, names), _picked(of, rows, names, score)))
        ),
        next_steps=_next(of),
        names=tuple(dict.fromkeys((CELL, *filter(None, (_meaning(cell) for cell in named.values()))))),
    )


def _of(step: Step | None) -> tuple[str, ...]:
    return () if step is None else (step.cell_id,)


def _cost(of: Decision, row: Row) -> str:
    if of.cost == "time":
        return f" in {seconds(row[COSTS['time']])}"
    return f" with {count(row[COSTS['parameters']])} parameters" if of.cost else ""


def _title(of: Decision, row: Row, names: Mapping[str, str], score: Score) -> str:
    return f"Choose {names[of.choice]}: {with_direction(score, row['score_mean'])}{_cost(of, row)}"


def _step(of: Decision, rows: Mapping[str, Row], names: Mapping[str, str], score: Score) -> str:
    """What the dearer cell brings, or what the cheaper one gives up."""
    step = of.step
    if step is None:
        return ""
    cost_name = "the time" if of.cost == "time" else "the parameters"
    cost = f"{factor(step.ratio)} times {cost_name}" if of.cost else "an unknown cost"
    gain, interval = (
        score.gap_text(abs(step.gain)),
        f"{with_unit(score, score.gap_range(step.interval.low, step.interval.high))}",
    )
    if of.choice != of.best:
        better = _changed(step) or names[of.best]
        best = with_direction(score, rows[of.best]["score_mean"])
        if step.gain <= 0:
            return f"{better}, with {best}, is no better here for {cost} (interval of its gain {interval})."
        return f"{better} may add {gain} for {cost}: {best} (interval of the gain {interval}, 95 %)."
    share = f"{names[step.cell_id]} {'takes' if of.cost == 'time' else 'has'} 1/{factor(step.ratio)} of {cost_name}"
    if not step.interval.known:
        return f"{share} and has {gain} {'less' if step.gain >= 0 else 'more'}; with one seed that may be chance."
    return f"{share}, but gives up {gain} (interval {interval}, 95 %)."


def _changed(step: Step) -> str:
    """The settings that differ, where these are few."""
    settings = [f"{axis}={elided(level, NAME_WIDTH)}" for axis, level in step.differs]
    return " with ".join(settings) if 0 < len(settings) <= DIFFERENCES else ""


def _doubt(of: Decision, names: Mapping[str, str]) -> str:
    if of.alike == 1:
        return ""
    alike = f"{plural(of.seeds, 'seed')} cannot separate {of.alike} cells, each compared with the best alone"
    if of.choice == of.best:
        return f"{alike}; {names[of.best]} is the cheapest of them." if of.cost else f"{alike}."
    return f"{alike}; this is the cheapest of them."


def _picked(of: Decision, rows: Mapping[str, Row], names: Mapping[str, str], score: Score) -> str:
    """How the best was picked, and by how much that flatters it."""
    if of.by_validation:
        by = "accuracy" if score.name == ACCURACY.name else "loss"
        return f"{names[of.best]} was chosen by validation {by}, so that its test score is not flattered by the choice."
    if of.optimism is None or score.gap(of.optimism.gain) == score.gap(0.0):
        return ""
    flattered = f"{score.gap_text(of.optimism.gain)} too {'high' if score.higher_is_better else 'low'}"
    return (
        f"The best of {of.optimism.cells} cells was picked by its test score, "
        f"{score.labelled(rows[of.best]['score_mean'])}: estimated to be {flattered}, and the best in truth with a "
        f"probability of {percent(of.optimism.best, 0)} at most."
    )


def _next(of: Decision) -> tuple[str, ...]:
    steps = [
        f"{edge.axis}={edge.level} is the edge of the grid, and scores improve towards it: try {edge.further}."
        for edge in of.edges
    ]
    if of.more_seeds is not None:
        steps.append(
            f"{plural(of.seeds, 'seed')} cannot separate the choice from the best cell: about {of.more_seeds} would, "
            "in four of five runs, if they differ as they seem to."
        )
    return tuple(steps)


def _meaning(cell: Cell) -> str:
    """What a name that only the suite defines stands for; empty for a builder's own name."""
    if cell.architecture == cell.builder:
        return ""
    settings = ", ".join(f"{key}={value}" for key, value in cell.parameters.items())
    made = f"{cell.builder} with {settings}" if settings else cell.builder
    return f"{elided(cell.architecture, NAME_WIDTH)} is a name of the suite for {elided(made, NAME_WIDTH)}."
