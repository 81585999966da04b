"""The plan as a terminal shows it; without pandas, which a plan need not wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analyse.retraining import Reason
from bench.core.formatting import about_one, count, one_line, plural, ratio
from bench.declare.jobs import Bound, paying
from bench.render.breaking import FittingTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.table import Table

    from bench.analyse.retraining import Retraining
    from bench.declare.cell import Cell
    from bench.declare.jobs import Jobs

LONGEST_PLAN = 30
"""Cells of a plan that are listed; a larger grid is counted."""


_BOUNDS = {
    Bound.CORES: "one for each core",
    Bound.MEMORY: "more do not fit in free memory",
    Bound.THREADS: "each uses several cores",
    Bound.GPU: "one for each GPU",
    Bound.TRIALS: "there are no more trials",
}


def jobs_text(jobs: Jobs) -> str:
    """What `--jobs auto` came to, and why."""
    threads = "" if jobs.bound is Bound.GPU else f" of {plural(jobs.threads, 'thread')} each"
    text = (
        f"Jobs: {plural(jobs.number, 'trial')} at a time{threads} ({_BOUNDS[jobs.bound]}; {plural(jobs.cores, 'core')})"
    )
    return f"{text}. Scores are valid, times are excluded." if jobs.number > 1 else f"{text}."


def given_jobs_text(number: int, *, on_gpu: bool) -> str:
    """How many trials run at a time, where that was said.

    Args:
        number: of jobs.
        on_gpu: whether a cell is trained on a GPU.
    """
    if number == 1:
        return "Jobs: 1 trial at a time, so times are valid."
    gpus = ", at most one on each GPU, and no trial on the processor at the same time" if on_gpu else ""
    return f"Jobs: {plural(number, 'trial')} at a time{gpus}. Scores are valid, times are excluded."


_RETRAINED = {
    Reason.DATA: "the data differ",
    Reason.CODE: "the code that builds or trains them differs",
    Reason.ENVIRONMENT: "the processor, the number of cores, Python, packages or variables differ",
    Reason.SETTINGS: "settings that are not part of their names differ",
}


def retraining_text(row: Retraining) -> str:
    """Why trials are trained again that the store has under other keys."""
    by = f" by keras-bench {', '.join(row.versions)}" if row.versions else ""
    return f"{plural(row.trials, 'trial')} trained before{by} cannot be reused: {_RETRAINED[row.reason]}."


def rates_text(rates: Mapping[int, float]) -> str:
    """What was measured of workers at a time; empty where nothing was.

    Args:
        rates: by number of workers, the work that all of them do in a second.
    """
    if not rates:
        return "There are too few trials to measure how many at a time are fastest."
    base = rates[min(rates)]
    parts = [f"{number} do {_work(rate / base)}" for number, rate in rates.items() if number > 1]
    return f"Measured on this machine: {', '.join(parts)}. {plural(paying(rates), 'trial')} at a time."


def _work(times: float) -> str:
    return "about as much work as 1" if about_one(times) else f"{ratio(times)} times the work of 1"


def new_table(title: str | None, *columns: tuple[str, bool]) -> Table:
    """An unruled table; a column is its heading and whether it holds numbers."""
    table = FittingTable(
        title=title, box=None, title_justify="left", title_style="bold", header_style="dim", pad_edge=False
    )
    for name, numeric in columns:
        table.add_column(name, justify="right" if numeric else "left", overflow="fold", no_wrap=numeric)
    return table


def plan_table(cells: Sequence[Cell], seeds: int, done: Mapping[str, int] | None) -> Table:
    """The cells of a plan.

    Args:
        cells: to be trained.
        seeds: trials per cell.
        done: trials of each cell that the store holds already; None where that is not known yet.
    """
    table = new_table(
        None, ("cell", False), ("trials", True), ("in the store", True), ("epochs", True), ("batch", True)
    )
    for cell in cells[:LONGEST_PLAN]:
        stored = "?" if done is None else count(done.get(cell.id, 0))
        settings = cell.settings
        table.add_row(one_line(cell.id), count(seeds), stored, count(settings.epochs), count(settings.batch_size))
    if len(cells) > LONGEST_PLAN:
        table.add_row(f"... and {plural(len(cells) - LONGEST_PLAN, 'more cell')}")
    return table
