"""`bench run` on the screen: a run in progress, and what came of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.commands.run import run_suite
from bench.core.errors import ExitCode
from bench.core.formatting import one_line, plural
from bench.record.records import RunStatus, Status
from bench.record.runfile import CSV_FILE
from bench.render import tables
from bench.render.contention import untimed_line
from bench.render.terminal import make_console, make_display, overhead_line, trial_name
from bench.render.words import ranking_notes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd
    from rich.console import Console

    from bench.commands.request import RunRequest
    from bench.execute.harness.starting import ServerProcess
    from bench.record.records import TrialRecord
    from bench.results import Run


FILES = {"Report": "report.html", "Markdown": "report.md", "Table": CSV_FILE}
"""Of a run's folder, by what they are called on the screen."""


def run_and_show(
    request: RunRequest, *, require_devices: bool, judge: bool = False, started: ServerProcess | None = None
) -> ExitCode:
    """Run a suite and print what came of it.

    Args:
        request: what to run.
        require_devices: a device that is not there is a failure.
        judge: judge this very run by the accepted baseline; the exit code is then the gate's.
        started: a warm server's process that was started already.
    """
    begun = time.perf_counter()
    console = make_console()
    run = run_suite(request, make_display(console), started=started)
    _conclude(console, run, begun=begun, jobs=run.result.run.jobs, index=request.workspace.index_page)
    if run.unsaved is not None:
        raise run.unsaved
    code = run.exit_code(require_devices=require_devices)
    if not judge or code is ExitCode.INTERRUPTED:
        return code
    from bench.commands.check import CheckRequest, check  # noqa: PLC0415  SciPy takes a second to import

    console.print()
    return check(CheckRequest(run=run.run_id, workspace=request.workspace))


def print_leaderboard(console: Console, run: Run) -> None:
    """The cells of a run by rank, with what ranks mean, and its further metrics."""
    from bench.analyse.networks import networks_of  # noqa: PLC0415  SciPy takes a second to import
    from bench.render.networks import counted_word, scores_note  # noqa: PLC0415

    summary, score = run.summary(), run.result.run.score
    networks = networks_of(run.result)
    console.print(tables.leaderboard(summary, score, networks=networks))
    for line in dict.fromkeys(filter(None, (scores_note(networks, of, score) for of in summary["dataset"].unique()))):
        console.print(line)
    _print_cards(console, run, summary)
    for line in ranking_notes(networks.rows(summary, score), counted_word(networks)):
        console.print(line, style="dim")
    if why := untimed_line(run.result, summary):
        console.print(why, style="dim")
    if (further := tables.metrics_table(summary, score)) is not None:
        console.print()
        console.print(further)
    for table in tables.places_tables(run.result):
        console.print()
        console.print(table)


def _print_cards(console: Console, run: Run, summary: pd.DataFrame) -> None:
    """What to choose, what the next step brings, and what to try next, in a few lines for each data set."""
    from bench.render.decision import cards_of  # noqa: PLC0415  SciPy takes a second to import

    cards = cards_of(run.result, summary)
    for card in cards:
        on = f" on {card.dataset}" if len(cards) > 1 else ""
        console.print(f"\n{card.title}{on}", style="bold")
        for line in (*card.sentences[: 1 + card.compares_places], *card.next_steps[:1]):
            console.print(line)
    if cards:
        console.print()


def _without_result(console: Console, run: Run, failed: Sequence[TrialRecord]) -> None:
    """The trials that left none, those of one cell and one reason together."""
    console.print(f"\n{plural(len(failed), 'trial')} without a result:", style="bold red")
    alike: dict[tuple[str, str, str], list[TrialRecord]] = {}
    for trial in failed:
        alike.setdefault((trial.cell.id, trial.status, trial.reason), []).append(trial)
    for trials in list(alike.values())[:10]:
        first, more = trials[0], len(trials) - 1
        log = f"  log: {run.folder / first.log}" if first.log and run.folder else ""
        seeds = f" and {plural(more, 'more seed')}" if more else ""
        line = f"  {first.status} {trial_name(first)}{seeds}: {one_line(first.reason)}{log}"
        console.print(line)
    if len(alike) > 10:  # noqa: PLR2004  the report has them all
        console.print(f"  ... and {len(alike) - 10} more, all in the report")


def _conclude(console: Console, run: Run, *, begun: float, jobs: int, index: Path) -> None:
    result, record = run.result, run.result.run
    for notice in record.notices:
        console.print(f"\n{notice}", style="bold yellow")
    failed = [trial for trial in result.trials if trial.status is not Status.OK]
    console.print()
    print_leaderboard(console, run)
    if failed:
        _without_result(console, run, failed)
    console.print()
    if record.status is RunStatus.INTERRUPTED:
        kept = f"Interrupted. What had finished is kept in {run.folder}; the same command goes on from there."
        console.print(kept)
    elif run.folder is not None:
        for name, file in FILES.items():
            if (run.folder / file).is_file():
                console.print(f"{name:9} {run.folder / file}")
        if index.is_file():
            console.print(f"{'All runs':9} {index}")
        console.print(f"\nNext: bench show {record.suite_name}   or   bench init, for a grid of your own")
    trained = [trial for trial in result.trials if trial.trial_id not in result.reused]
    in_trials = sum(trial.outcome.phases.total_time_s or 0.0 for trial in trained)
    line = overhead_line(
        len(trained),
        time.perf_counter() - begun,
        in_trials,
        record.warmup_time_s or 0.0,
        inspection_s=record.inspection_time_s,
        survey_s=record.survey_time_s,
        yardstick_s=record.yardstick_time_s,
        jobs=jobs,
    )
    console.print(line, style="dim")
