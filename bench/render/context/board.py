"""The leaderboard: the cells of a data set, the best first."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from bench.analyse.ranking import ranked
from bench.analyse.stats import by_cell, ok_trials
from bench.render.charts.bars import interval_bar, scale
from bench.render.charts.palette import styles
from bench.render.context.columns import axis_columns, axis_values, specs_for, values_of
from bench.render.context.values import Leaderboard, LeaderboardRow
from bench.render.words import ONE_SEED, example_word, rank_text, ranking_note

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pandas as pd

    from bench.analyse.axes import Grid
    from bench.analyse.leader import Leader
    from bench.record.records import RunRecord


def _second(run: RunRecord, dataset: str) -> str:
    """The second of the two classes of a data set; empty where there are not two."""
    classes = next((tuple(record.classes) for record in run.datasets if record.name == dataset), ())
    return classes[1] if len(classes) == 2 else ""  # noqa: PLR2004  two classes


def leaderboards(  # noqa: PLR0917  all that a row is made of
    run: RunRecord,
    trials: pd.DataFrame,
    cells: pd.DataFrame,
    labels: Mapping[str, str],
    best: Sequence[Leader],
    kept: Collection[str] | None = None,
    grids: Sequence[Grid] = (),
    kinds: Mapping[str, str] | None = None,
) -> tuple[Leaderboard, ...]:
    """A leaderboard per data set, and per kind of node where there are several, in the order of the plan.

    Args:
        run: that trained them.
        trials: the frame of `bench.record.collect.trials_frame`.
        cells: its summary.
        labels: by cell id.
        best: the leader on each data set.
        kept: the ids of the cells that are listed; None for all.
        grids: the cells on their axes, which become columns; empty for none.
        kinds: by cell id, the kind of node that trained it; empty where there is one kind.
    """
    kinds = kinds or {}
    score = run.score
    looks = styles(trials["architecture"])
    seeds = {cell_id: [float(v) for v in group["score"]] for cell_id, group in by_cell(ok_trials(trials))}
    leading = {leader.cell_id for leader in best if len(leader.contenders) == 1}
    by_dataset = {grid.dataset: grid for grid in grids}
    boards = []
    by_kind = cells["cell_id"].map(lambda cell_id: kinds.get(str(cell_id), ""))
    for (dataset, kind), every in cells.groupby(["dataset", by_kind], sort=False):
        rows = every if kept is None else every[every["cell_id"].isin(kept)]
        judged = rows[rows["n"] > 0]
        specs = specs_for(rows, score, example_word(run.datasets, str(dataset)), _second(run, str(dataset)))
        ends = [
            float(value)
            for column in ("score_low", "score_high", "score_min", "score_max")
            for value in judged[column].dropna()
        ]
        on = scale(ends, run.score) if ends else None
        grid, board = by_dataset.get(str(dataset)), []
        for _, row in ranked(rows, score).iterrows():
            cell_id, bar = str(row["cell_id"]), ""
            interval = (row["score_low"], row["score_high"]) if row["n"] > 1 else None
            if on is not None and row["n"] > 0:
                colour = looks[str(row["architecture"])].colour
                bar = interval_bar(on, row["score_mean"], interval, seeds[cell_id], colour)
            board.append(
                LeaderboardRow(
                    rank=rank_text(row["rank"]),
                    cell_id=cell_id,
                    label=labels[cell_id],
                    bar=bar,
                    figures=(*values_of(row, specs), *axis_values(grid, cell_id)),
                    command=command(run, cell_id),
                    note=ONE_SEED if row["n"] == 1 else "",
                    leads=cell_id in leading,
                    complete=str(row["status"]) == "OK",
                )
            )
        boards.append(
            Leaderboard(
                dataset=f"{dataset} on nodes of kind {kind}" if kind else str(dataset),
                scale=on.text if on else "",
                ranking=ranking_note(every),
                columns=(*(spec.column for spec in specs), *axis_columns(grid)),
                rows=tuple(board),
            )
        )
    return tuple(boards)


def command(run: RunRecord, cell_id: str) -> str:
    """What to type to train one cell of a run again."""
    # `-k` takes words; an id that holds a space is several of them
    return f"{run.command} -k {shlex.quote(' and '.join(cell_id.split()))} --fresh"
