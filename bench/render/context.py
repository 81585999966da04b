"""All that a report says, as text: every number is formatted here once, so that every format prints the same digits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.analyse.configuration import configuration
from bench.analyse.findings import Headline, headline, no_result
from bench.analyse.labels import cell_labels
from bench.analyse.leader import leaders
from bench.analyse.published import published_comparison
from bench.analyse.stats import by_cell, ok_trials, summary
from bench.core.formatting import (
    MISSING,
    count,
    elided,
    percent,
    percent_range,
    plural,
    points,
    printable,
    seconds,
    seconds_range,
    size,
)
from bench.declare.cell import dataset_label
from bench.record.collect import epochs_frame, trials_frame
from bench.record.records import RunStatus, Status
from bench.render.charts.accuracy_time import accuracy_against_time
from bench.render.charts.bars import interval_bar, scale
from bench.render.charts.learning_curves import learning_curves
from bench.render.charts.palette import Style, styles
from bench.render.charts.phases import time_by_phase
from bench.render.charts.published import seeds_and_published

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from bench.analyse.leader import Leader
    from bench.record.records import DatasetRecord, Environment, RunRecord, RunResult
    from bench.render.charts.canvas import Chart

NAME_WIDTH = 90  # characters of a cell's name that a table can carry

DEFINITIONS: tuple[tuple[str, str], ...] = (
    ("Cell", "An architecture on a data set and a device with its settings. Its trials differ only by their seed."),
    (
        "Accuracy",
        (
            "Fraction of the test images classified rightly after the last epoch, mean over the OK trials. No epoch is "
            "picked by its test accuracy."
        ),
    ),
    ("±", "Standard deviation over seeds, in percentage points, with n - 1 in the denominator."),
    (
        "95 % interval",
        (
            "Student's t interval of the mean accuracy: how far the mean over other seeds could lie from ours. It says "
            "nothing about other test images."
        ),
    ),
    (
        "Test error",
        (
            "Of the median trial, with Wilson's 95 % interval for a test set of this size: how far the error on other "
            "images of the same kind could lie. Seeds are not pooled, because all are judged on the same images."
        ),
    ),
    (
        "Train time",
        (
            "Median and quartiles over the OK trials that ran alone. All epochs without the first step, which traces "
            "and compiles the program."
        ),
    ),
    ("Per epoch", "Median over a trial's epochs, then over trials."),
    ("Images/s", "Training images per second of training."),
    ("Memory", "Peak resident memory of the worker process, the largest over trials."),
    (
        "Status",
        "OK where every seed gave a result. A trial that did not is listed under Failures and counts nowhere else.",
    ),
    (
        "Tied",
        (
            "The 95 % interval (Welch) of the difference to the first cell holds 0, or too few seeds leave it unknown. "
            "Each cell is compared on its own; with many cells, expect some ties and some leads by chance."
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as text; the first `names` columns hold names, the others numbers."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """Something that weakens or qualifies trust in the numbers, and why."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderboardRow:
    """A cell in the leaderboard, every number as printed.

    Attributes:
        bar: an SVG element, empty without an OK trial.
        tied: whether it cannot be told from the first.
    """

    rank: str
    cell_id: str
    label: str
    bar: str
    accuracy: str
    deviation: str
    interval: str
    seeds: str
    test_error: str
    error_interval: str
    train_time: str
    train_range: str
    epoch_time: str
    parameters: str
    status: str
    tied: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaderboard:
    """The cells of one data set, the most accurate first.

    Attributes:
        scale: what the ends of the bars stand for.
    """

    dataset: str
    scale: str
    rows: tuple[LeaderboardRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A trial without a result."""

    label: str
    seed: str
    status: str
    reason: str
    log: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContext:
    """What the templates see.

    Attributes:
        notices: what the reader must know before any number.
        speed: beside each leaderboard, what else was measured of its cells, in the order of the plan.
        facts: label and value of the run as a whole.
        common: settings that all cells share.
        differing: the settings in which cells differ; None where there are none.
        environment: label and value.
        cpu_flags: one line; empty where unknown.
        missing: planned trials there is no record of, as a sentence; empty for none.
    """

    suite: str
    run_id: str
    started_at: str
    bench_version: str
    command: str
    notices: tuple[str, ...]
    headlines: tuple[Headline, ...]
    badges: tuple[Badge, ...]
    facts: tuple[tuple[str, str], ...]
    leaderboards: tuple[Leaderboard, ...]
    speed: tuple[Table, ...]
    charts: tuple[Chart, ...]
    failures: tuple[Failure, ...]
    missing: str
    common: tuple[tuple[str, str], ...]
    differing: Table | None
    suite_source: str
    environment: tuple[tuple[str, str], ...]
    cpu_flags: str
    packages: Table
    datasets: Table
    definitions: tuple[tuple[str, str], ...]


def report_context(result: RunResult) -> ReportContext:
    """The report of a run, as values."""
    run, trials = result.run, trials_frame(result)
    cells = summary(trials)
    labels, best = cell_labels(cells), leaders(cells)
    settings = configuration({trial.cell.id: trial.cell for trial in result.trials}.values())
    shown = {cell_id: elided(label, NAME_WIDTH) for cell_id, label in labels.items()}
    missing = _missing(result)
    return ReportContext(
        suite=elided(run.suite_name, NAME_WIDTH),
        run_id=printable(run.run_id),
        started_at=printable(run.started_at),
        bench_version=printable(run.bench_version),
        command=printable(run.command),
        notices=tuple(printable(notice) for notice in run.notices),
        headlines=tuple(headline(one, cells[cells["dataset"] == one.dataset], labels) for one in best)
        or (no_result(cells),),
        badges=_badges(result, cells, missing),
        facts=_facts(result, cells),
        leaderboards=_leaderboards(trials, cells, shown, best, styles(trials["architecture"])),
        speed=tuple(_speed(rows, shown) for _, rows in cells.groupby("dataset", sort=False)),
        charts=_charts(result, trials, cells, shown),
        failures=_failures(result, shown),
        missing=missing,
        common=tuple((printable(key), printable(value)) for key, value in settings.common),
        differing=Table(
            columns=("cell", *(elided(axis, NAME_WIDTH) for axis in settings.axes)),
            rows=tuple(
                (shown[cell_id], *(elided(v, NAME_WIDTH) for v in values)) for cell_id, values in settings.cells
            ),
        )
        if settings.axes
        else None,
        suite_source=printable(run.suite_source),
        environment=_environment(run),
        cpu_flags=printable(" ".join(run.environment.cpu_flags)) if run.environment else "",
        packages=Table(
            columns=("package", "version"),
            rows=tuple(
                (printable(name), printable(version)) for name, version in sorted(run.environment.packages.items())
            )
            if run.environment
            else (),
            names=2,
        ),
        datasets=Table(
            columns=("data set", "training images", "test images", "shape", "source", "SHA-256 of the arrays"),
            rows=tuple(_dataset(data) for data in run.datasets),
        ),
        definitions=DEFINITIONS,
    )


def _charts(
    result: RunResult, trials: pd.DataFrame, cells: pd.DataFrame, labels: Mapping[str, str]
) -> tuple[Chart, ...]:
    looks, fallback = styles(trials["architecture"]), _fallback(result.run)
    # A figure published for one data set says nothing about the stand-in for it.
    compared = trials if fallback is None else trials[trials["dataset"] != fallback]
    charts = (
        accuracy_against_time(trials, cells, labels, looks),
        learning_curves(trials, epochs_frame(result), cells, labels, looks),
        time_by_phase(trials, cells, labels),
        seeds_and_published(published_comparison(compared, result.run.published), labels, looks),
    )
    return tuple(chart for chart in charts if chart is not None)


def _leaderboards(
    trials: pd.DataFrame,
    cells: pd.DataFrame,
    labels: Mapping[str, str],
    best: Sequence[Leader],
    looks: Mapping[str, Style],
) -> tuple[Leaderboard, ...]:
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
            board.append(_leaderboard_row(rank, row, labels[cell_id], bar, tied=cell_id in contenders))
        boards.append(Leaderboard(dataset=printable(str(dataset)), scale=on.text if on else "", rows=tuple(board)))
    return tuple(boards)


def _leaderboard_row(rank: int, row: pd.Series[Any], label: str, bar: str, *, tied: bool) -> LeaderboardRow:
    return LeaderboardRow(
        rank=str(rank) if row["n"] > 0 else MISSING,
        cell_id=printable(str(row["cell_id"])),
        label=label,
        bar=bar,
        accuracy=percent(row["accuracy_mean"]),
        deviation=points(row["accuracy_std"]),
        interval=percent_range(row["accuracy_low"], row["accuracy_high"]),
        seeds=str(row["n"]),
        test_error=percent(row["test_error"]),
        error_interval=percent_range(row["error_low"], row["error_high"]),
        train_time=seconds(row["train_time_median_s"]),
        train_range=seconds_range(row["train_time_q1_s"], row["train_time_q3_s"]),
        epoch_time=seconds(row["epoch_time_median_s"]),
        parameters=count(row["parameter_count"]),
        status=str(row["status"]),
        tied=tied,
    )


def _speed(cells: pd.DataFrame, labels: Mapping[str, str]) -> Table:
    return Table(
        columns=("cell", "engine", "timed trials", "images/s", "first step", "whole trial", "memory"),
        rows=tuple(
            (
                labels[str(row["cell_id"])],
                printable(str(row["engine"])),
                str(row["timed"]),
                count(row["images_per_s"]),
                seconds(row["compile_time_median_s"]),
                seconds(row["total_time_median_s"]),
                size(row["peak_rss_bytes"]),
            )
            for _, row in cells.iterrows()
        ),
    )


def _facts(result: RunResult, cells: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    run = result.run
    ok = sum(trial.status is Status.OK for trial in result.trials)
    facts = [
        ("Trials", f"{ok} of {max(len(result.trials), len(run.planned))} OK"),
        ("Cells", count(len(cells))),
        ("Wall time", seconds(run.wall_time_s)),
        ("Device", ", ".join(dict.fromkeys(str(device) for device in cells["device"])) or MISSING),
        ("Processor", run.environment.cpu_model if run.environment else MISSING),
        ("Started", run.started_at),
    ]
    return tuple((label, printable(value)) for label, value in facts)


def _badges(result: RunResult, cells: pd.DataFrame, missing: str) -> tuple[Badge, ...]:
    run, trials = result.run, result.trials
    failures, contended = sum(trial.status is not Status.OK for trial in trials), int(cells["contended"].sum())
    found: list[Badge] = []
    if run.status is not RunStatus.FINISHED:
        state = "was interrupted" if run.status is RunStatus.INTERRUPTED else "had not finished"
        found.append(Badge(label="incomplete", reason=f"The run {state} when this was written."))
    if missing:
        found.append(Badge(label="trials missing", reason=missing))
    if failures:
        found.append(Badge(label=plural(failures, "failure"), reason="Trials without a result count in no statistic."))
    if contended:
        found.append(
            Badge(
                label=f"{plural(contended, 'timing')} left out",
                reason="Trials that did not run alone are kept out of every time.",
            )
        )
    if bool(cells["mixed_engines"].any()):
        found.append(Badge(label="mixed engines", reason="Trials of one cell ran different engines; it has no times."))
    if len(cells) and int(cells["n"].max()) == 1:
        found.append(Badge(label="one seed", reason="Without a second seed no difference can be told from chance."))
    if result.reused:
        found.append(
            Badge(label=f"{len(result.reused)} reused", reason="Trained by an earlier run with the same code and data.")
        )
    if run.environment and run.environment.git_dirty:
        found.append(Badge(label="uncommitted changes", reason="The working tree differed from its git revision."))
    found += [
        Badge(label="unpinned data", reason=f"No hash is pinned for {data.name}.")
        for data in run.datasets
        if not data.pinned
    ]
    return tuple(Badge(label=badge.label, reason=printable(badge.reason)) for badge in found)


def _missing(result: RunResult) -> str:
    known = {(trial.cell.id, trial.seed) for trial in result.trials}
    absent = sum((cell_id, seed) not in known for cell_id, seed in result.run.planned)
    if not absent:
        return ""
    return f"{absent:,} of {plural(len(result.run.planned), 'planned trial')} left no record; the run can be resumed."


def _failures(result: RunResult, labels: Mapping[str, str]) -> tuple[Failure, ...]:
    return tuple(
        Failure(
            label=labels[trial.cell.id],
            seed=str(trial.seed),
            status=trial.status.value,
            reason=printable(trial.reason),
            log=printable(trial.log),
        )
        for trial in result.trials
        if trial.status is not Status.OK
    )


def _environment(run: RunRecord) -> tuple[tuple[str, str], ...]:
    host = run.environment
    if host is None:
        return ()
    rows = [
        ("Host", host.hostname),
        ("Platform", host.platform),
        ("Processor", f"{host.cpu_model}, {plural(host.cores, 'core')}, {host.usable_cores} usable"),
        ("Memory", size(host.memory_bytes)),
        ("Devices", ", ".join(filter(None, (_device(host, index) for index in range(len(host.devices))))) or MISSING),
        ("Python", host.python),
        ("keras-bench", run.bench_version or MISSING),
        ("Git", _git(host)),
        *((name, value) for name, value in sorted(host.variables.items())),
    ]
    return tuple((printable(label), printable(value)) for label, value in rows)


def _device(host: Environment, index: int) -> str:
    device = host.devices[index]
    parts = [part for part in (device.description, size(device.memory_bytes)) if part not in {"", MISSING}]
    return f"{device.name} ({', '.join(parts)})" if parts else device.name


def _git(host: Environment) -> str:
    if host.git_revision is None:
        return "not a git checkout"
    return f"{host.git_revision} (with uncommitted changes)" if host.git_dirty else host.git_revision


def _dataset(data: DatasetRecord) -> tuple[str, ...]:
    shape = " x ".join(str(length) for length in data.image_shape)
    digest = data.sha256 if data.pinned else f"{data.sha256} (not pinned)"
    texts = (data.name, count(data.train_images), count(data.test_images), shape, data.source, digest)
    return tuple(printable(text) for text in texts)


def _fallback(run: RunRecord) -> str | None:
    """The data set that stood in for the one the suite asks for, if it did; such a run says so in its notices."""
    fallback = run.suite.get("fallback_dataset")
    return dataset_label(str(fallback)) if fallback and run.notices else None
