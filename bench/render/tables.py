"""Tables for the terminal: the leaderboard, runs, a run's trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from bench.core.formatting import interval_text, percent, plural, points, printable, seconds
from bench.render.metrics import metric_words
from bench.render.plan import new_table
from bench.render.terminal import STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from rich.table import Table

    from bench.record.records import RunResult
    from bench.record.store import RunLine


def leaderboard(summary: pd.DataFrame, limit: int = 20) -> Table:
    """The cells of a run, the most accurate first."""
    table = new_table(
        "Leaderboard",
        ("", True),
        ("cell", False),
        ("accuracy", True),
        ("95 % interval", True),
        ("deviation", True),
        ("seeds", True),
        ("train time", True),
    )
    ordered = summary.sort_values("score_mean", ascending=False, na_position="last", kind="stable")
    for rank, row in enumerate(ordered.head(limit).to_dict("records"), start=1):
        seeds = f"{row['n']} of {row['seeds']}" if row["n"] != row["seeds"] else f"{row['n']}"
        table.add_row(
            str(rank) if row["n"] else "-",
            Text(printable(str(row["cell_id"]))),
            Text(percent(row["score_mean"]), style="bold"),
            interval_text(int(row["n"]), row["score_low"], row["score_high"]),
            points(row["score_std"]),
            seeds,
            seconds(row["train_time_median_s"]),
        )
    if len(ordered) > limit:
        table.add_row("", f"... and {plural(len(ordered) - limit, 'more cell')} in the report")
    return table


def metrics_table(summary: pd.DataFrame, limit: int = 20) -> Table | None:
    """The further metrics of a run's cells, in the order of the leaderboard; None where the suite names none."""
    metrics = metric_words(summary.columns)
    if not metrics:
        return None
    table = new_table("Further metrics", ("cell", False), *((printable(metric.heading), True) for metric in metrics))
    ordered = summary.sort_values("score_mean", ascending=False, na_position="last", kind="stable")
    for row in ordered.head(limit).to_dict("records"):
        table.add_row(Text(printable(str(row["cell_id"]))), *(metric.text(row[metric.column]) for metric in metrics))
    return table


def verification_table(rows: Sequence[Sequence[str]]) -> Table:
    """Cells that were trained twice: cell, seed, engine, how equal, where they part, largest difference."""
    table = new_table(
        None,
        ("cell", False),
        ("seed", True),
        ("engine", False),
        ("trained twice", False),
        ("parts at", False),
        ("largest difference", True),
    )
    for row in rows:
        table.add_row(*(Text(printable(text)) for text in row))
    return table


def runs_table(lines: Sequence[RunLine]) -> Table:
    """The runs in a store."""
    table = new_table(
        None,
        ("run", False),
        ("suite", False),
        ("started (UTC)", False),
        ("status", False),
        ("trials OK", True),
        ("time", True),
    )
    for line in lines:
        run = line.run
        table.add_row(
            run.run_id,
            run.suite_name,
            run.started_at[:19].replace("T", " "),
            run_status(line),
            f"{line.ok} of {len(run.planned)}",
            seconds(run.wall_time_s),
        )
    return table


def run_status(line: RunLine) -> str:
    """A run's status, with the word for one whose process went away."""
    import psutil  # noqa: PLC0415  wanted for lists of runs only

    run = line.run
    if run.status == "RUNNING" and not psutil.pid_exists(run.process_id):
        return "KILLED"
    return str(run.status)


def trials_table(result: RunResult) -> Table:
    """Every trial of a run."""
    table = new_table(
        None,
        ("trial", False),
        ("cell", False),
        ("seed", True),
        ("status", False),
        ("accuracy", True),
        ("train", True),
        ("total", True),
        ("reason", False),
    )
    for trial in result.trials:
        phases = trial.outcome.phases
        cells: list[Any] = [
            trial.trial_id,
            Text(printable(trial.cell.id)),
            str(trial.seed),
            Text(str(trial.status), style=STYLES[trial.status]),
            percent(trial.outcome.accuracy),
            seconds(phases.train_time_s),
            seconds(phases.total_time_s),
            Text(printable(trial.reason) or ("reused" if trial.trial_id in result.reused else "")),
        ]
        table.add_row(*cells)
    return table
