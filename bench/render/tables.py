"""Tables for the terminal: the leaderboard, runs, a run's trials."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from rich.text import Text

from bench.core.formatting import count, one_line, plural, seconds
from bench.core.processes import is_running, place
from bench.record.measures import metric_measures, summary_measures
from bench.render.fitting import Fitting
from bench.render.plan import new_table
from bench.render.terminal import STYLES
from bench.render.words import rank_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from rich.table import Table

    from bench.analyse.networks import Networks
    from bench.core.score import Score
    from bench.record.records import RunResult
    from bench.record.store import RunLine


def leaderboard(summary: pd.DataFrame, score: Score, limit: int = 20, networks: Networks | None = None) -> Fitting:
    """The cells or networks of a run, the best of each data set first, with their ranks.

    Where lines are too short for whole ids, cells go without the data set and the device that all of them share, then
    the table without deviations, then names break between settings.

    Args:
        summary: of `bench.analyse.stats.summary`.
        score: of the run.
        limit: cells that are listed at most.
        networks: of the run; None where each cell is one of its own.
    """
    from bench.analyse.labels import cell_labels  # noqa: PLC0415  with pandas

    if networks is not None and networks.several:
        from bench.render.networks import place_names  # noqa: PLC0415

        names, rows = networks.labels(summary), networks.rows(summary, score)
        short, places = {cell_id: one_line(name) for cell_id, name in names.items()}, place_names(networks)
        forms = (_leaderboard(rows, score, limit, short, spread=spread, places=places) for spread in (True, False))
        return Fitting(*forms)
    ids = {str(cell_id): one_line(str(cell_id)) for cell_id in summary["cell_id"]}
    short = {cell_id: one_line(label) for cell_id, label in cell_labels(summary).items()}
    wide = [_leaderboard(summary, score, limit, names) for names in (ids, short)]
    return Fitting(*wide, _leaderboard(summary, score, limit, short, spread=False))


def _leaderboard(
    summary: pd.DataFrame,
    score: Score,
    limit: int,
    names: Mapping[str, str],
    *,
    spread: bool = True,
    places: Sequence[str] = (),
) -> Table:
    """With the deviations of seeds where there is room for them; an interval says much the same."""
    from bench.analyse.networks import in_place  # noqa: PLC0415  with pandas

    measures = summary_measures(score)
    of_score, deviation, interval = (measures[name] for name in ("score_mean", "score_std", "score_low"))
    time = measures["train_time_median_s"]
    times = [(time.heading, time.name)]
    if places:
        times = [(f"{time.heading}, {place}", in_place(time.name, number)) for number, place in enumerate(places)]
    table = new_table(
        "Leaderboard" if score.higher_is_better else f"Leaderboard ({score.direction})",
        (measures["rank"].heading, True),
        ("network" if places else "cell", False),
        (of_score.heading, True),
        (interval.heading, True),
        *([(deviation.heading, True)] if spread else []),
        (measures["n"].heading, True),
        *((heading, True) for heading, _ in times),
    )
    for row in _ordered(summary, score).head(limit).to_dict("records"):
        ok, seeds = count(row["n"]), count(row["seeds"])
        table.add_row(
            rank_text(row["rank"]),
            names[str(row["cell_id"])],
            Text(of_score.text(row[of_score.name]), style="bold"),
            score.range(row["score_low"], row["score_high"]),
            *([deviation.text(row[deviation.name])] if spread else []),
            ok if ok == seeds else f"{ok} of {seeds}",
            *(time.text(row[column]) for _, column in times),
        )
    if len(summary) > limit:
        table.add_row(
            "", f"... and {plural(len(summary) - limit, 'more network' if places else 'more cell')} in the report"
        )
    return table


def metrics_table(summary: pd.DataFrame, score: Score, limit: int = 20) -> Table | None:
    """The further metrics of a run's cells, in the order of the leaderboard; None where there are none."""
    metrics = metric_measures(summary.columns)
    if not metrics:
        return None
    table = new_table("Further metrics", ("cell", False), *((metric.title, True) for metric in metrics))
    for row in _ordered(summary, score).head(limit).to_dict("records"):
        table.add_row(one_line(str(row["cell_id"])), *(metric.text(row[metric.name]) for metric in metrics))
    return table


def places_tables(result: RunResult, limit: int = 20) -> list[Table]:
    """The same networks on several backends or devices side by side; empty where a run has none.

    Args:
        result: the run.
        limit: networks that are listed at most.
    """
    from bench.render.context.places import places_sections  # noqa: PLC0415  with SciPy

    tables = []
    for section in places_sections(result):
        first, *others = section.columns
        table = new_table(section.heading, (first, False), *((column, True) for column in others))
        for row in section.rows[:limit]:
            name, *values = row
            table.add_row(one_line(name.text), *("\n".join(filter(None, (of.text, of.sub))) for of in values))
        if len(section.rows) > limit:
            table.add_row(f"... and {plural(len(section.rows) - limit, 'more network')} in the report")
        tables.append(table)
    return tables


def _ordered(summary: pd.DataFrame, score: Score) -> pd.DataFrame:
    """The best of each data set first, the data sets in the order of the plan."""
    import pandas as pd  # noqa: PLC0415  lists of runs need neither pandas nor SciPy, which take a second to import

    from bench.analyse.ranking import ranked  # noqa: PLC0415

    parts = [ranked(cells, score) for _, cells in summary.groupby("dataset", sort=False)]
    return pd.concat(parts) if parts else summary


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
            one_line(run.run_id),
            one_line(run.suite_name),
            run.started_at[:19].replace("T", " "),
            run_status(line),
            f"{line.ok} of {len(run.planned)}",
            seconds(run.wall_time_s),
        )
    return table


def run_status(line: RunLine) -> str:
    """A run's status: KILLED where its process went away, unknown where that cannot be seen from here."""
    run = line.run
    if run.status != "RUNNING":
        return str(run.status)
    host = run.environment.hostname if run.environment is not None else ""
    here = run.place == place() if run.place else host in ("", socket.gethostname())
    if not here:
        return "unknown"
    return "RUNNING" if is_running(run.process_id) else "KILLED"


def trials_table(result: RunResult, most: int = 1_000) -> Fitting:
    """Every trial of a run, in the order of its plan; where lines are too short, without the ids of the trials.

    Args:
        result: the run.
        most: trials that are listed; of more, the first.
    """
    return Fitting(_trials_table(result, most, ids=True), _trials_table(result, most, ids=False))


def _trials_table(result: RunResult, most: int, *, ids: bool) -> Table:
    score = result.run.score
    table = new_table(
        None,
        *((("trial", False),) if ids else ()),
        ("cell", False),
        ("seed", True),
        ("status", False),
        (score.heading, True),
        ("train", True),
        ("total", True),
        ("reason", False),
    )
    for trial in result.trials[:most]:
        phases = trial.outcome.phases
        cells: list[Any] = [
            *((one_line(trial.trial_id),) if ids else ()),
            one_line(trial.cell.id),
            str(trial.seed),
            Text(str(trial.status), style=STYLES[trial.status]),
            score.text(trial.outcome.value(score)),
            seconds(phases.train_time_s),
            seconds(phases.total_time_s),
            trial.reason or ("reused" if trial.trial_id in result.reused else ""),
        ]
        table.add_row(*cells)
    if len(result.trials) > most:
        table.add_row(
            *([""] if ids else []), f"... and {plural(len(result.trials) - most, 'more trial')} in results.csv"
        )
    return table
