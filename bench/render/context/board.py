"""The leaderboard: the cells of a data set, the most accurate first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.analyse.stats import by_cell, ok_trials
from bench.core.formatting import (
    MISSING,
    count,
    percent,
    percent_range,
    points,
    printable,
    seconds,
    seconds_range,
    size,
)
from bench.render.charts.bars import interval_bar, scale
from bench.render.charts.palette import styles
from bench.render.context.values import Leaderboard, LeaderboardRow, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from bench.analyse.leader import Leader


def leaderboards(
    trials: pd.DataFrame, cells: pd.DataFrame, labels: Mapping[str, str], best: Sequence[Leader]
) -> tuple[Leaderboard, ...]:
    """A leaderboard per data set, in the order of the plan.

    Args:
        trials: the frame of `bench.record.collect.trials_frame`.
        cells: its summary.
        labels: by cell id.
        best: the leader on each data set.
    """
    looks = styles(trials["architecture"])
    seeds = {cell_id: [float(v) for v in group["accuracy"]] for cell_id, group in by_cell(ok_trials(trials))}
    contenders = {cell_id for one in best for cell_id in one.contenders[1:]}
    boards = []
    for dataset, rows in cells.groupby("dataset", sort=False):
        ranked = rows.sort_values("accuracy_mean", ascending=False, kind="stable", na_position="last")
        judged = ranked[ranked["n"] > 0]
        ends = [
            float(value)
            for column in ("accuracy_low", "accuracy_high", "accuracy_min", "accuracy_max")
            for value in judged[column].dropna()
        ]
        on = scale(ends) if ends else None
        board = []
        for rank, (_, row) in enumerate(ranked.iterrows(), start=1):
            cell_id = str(row["cell_id"])
            interval = (row["accuracy_low"], row["accuracy_high"]) if row["n"] > 1 else None
            bar = ""
            if on is not None and row["n"] > 0:
                bar = interval_bar(
                    on, row["accuracy_mean"], interval, seeds[cell_id], looks[str(row["architecture"])].colour
                )
            board.append(_row(rank, row, labels[cell_id], bar, tied=cell_id in contenders))
        boards.append(
            Leaderboard(
                dataset=printable(str(dataset)),
                scale=on.text if on else "",
                timed=_timed(rows),
                validated=bool(rows["validation_accuracy_mean"].notna().any()),
                rows=tuple(board),
            )
        )
    return tuple(boards)


def speed(cells: pd.DataFrame, labels: Mapping[str, str]) -> Table:
    """What else was measured of the cells of one data set; times only where there are any."""
    timed = _timed(cells)
    return Table(
        columns=(
            "cell",
            "engine",
            *(("timed trials", "images/s", "utilisation", "latency", "p99", "compile", "whole trial") if timed else ()),
            "memory",
        ),
        rows=tuple(
            (
                labels[str(row["cell_id"])],
                printable(str(row["engine"])),
                *(_times(row) if timed else ()),
                size(row["own_memory_bytes"]),
            )
            for _, row in cells.iterrows()
        ),
    )


def _row(rank: int, row: pd.Series[Any], label: str, bar: str, *, tied: bool) -> LeaderboardRow:
    return LeaderboardRow(
        rank=str(rank) if row["n"] > 0 else MISSING,
        cell_id=printable(str(row["cell_id"])),
        label=label,
        bar=bar,
        accuracy=percent(row["accuracy_mean"]),
        deviation=points(row["accuracy_std"]),
        interval=percent_range(row["accuracy_low"], row["accuracy_high"]),
        seeds=str(row["n"]),
        validation=percent(row["validation_accuracy_mean"]),
        test_error=percent(row["test_error"]),
        error_interval=percent_range(row["error_low"], row["error_high"]),
        train_time=seconds(row["train_time_median_s"]),
        train_range=seconds_range(row["train_time_q1_s"], row["train_time_q3_s"]),
        epoch_time=seconds(row["epoch_time_median_s"]),
        parameters=count(row["parameter_count"]),
        status=str(row["status"]),
        tied=tied,
    )


def _times(row: pd.Series[Any]) -> tuple[str, ...]:
    return (
        str(row["timed"]),
        count(row["images_per_s"]),
        percent(row["utilisation"], 0),
        seconds(row["latency_median_s"]),
        seconds(row["latency_p99_s"]),
        seconds(row["compile_time_median_s"]),
        seconds(row["total_time_median_s"]),
    )


def _timed(cells: pd.DataFrame) -> bool:
    return int(cells["timed"].sum()) > 0
