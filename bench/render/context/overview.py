"""The run as a whole: its facts, and what weakens trust in its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analyse.predictions import one_class
from bench.catalog.datasets import look_measured, names
from bench.catalog.datasets.declared import KERAS_SETS
from bench.core.formatting import MISSING, count, percent, plural, ratio, seconds
from bench.core.score import ACCURACY
from bench.core.target import Task
from bench.record.records import RunStatus, Status
from bench.render.contention import contention
from bench.render.context.nodes import lost_badges
from bench.render.context.values import Badge
from bench.render.moments import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from bench.core.score import Score
    from bench.record.records import DatasetRecord, RunResult, TrialRecord
    from bench.record.treatment import InputRecord

CLASSES = 6
"""Classes that a badge names at most."""

NAMED = 3
"""Cells that a badge names."""


def facts(result: RunResult, cells: pd.DataFrame, networks: int) -> tuple[tuple[str, str], ...]:
    """The run as a whole, as label and value; `networks` is how many it has."""
    run = result.run
    ok = sum(trial.status is Status.OK for trial in result.trials)
    pairs = [
        ("Trials", f"{ok} of {max(len(result.trials), len(run.planned))} OK"),
        *([("Networks", count(networks))] if networks < len(cells) else []),
        ("Cells", count(len(cells))),
        ("Epochs", _span([trial.cell.settings.epochs for trial in result.trials])),
        ("Wall time", seconds(run.wall_time_s)),
        ("Device", ", ".join(dict.fromkeys(str(device) for device in cells["device"])) or MISSING),
        ("Processor", run.environment.cpu_model if run.environment else MISSING),
        ("Started", moment(run.started_at)),
    ]
    return tuple(pairs)


def _span(numbers: Sequence[int]) -> str:
    """`5`, or `5 to 20`."""
    if not numbers:
        return MISSING
    low, high = min(numbers), max(numbers)
    return count(low) if low == high else f"{count(low)} to {count(high)}"


def extent(listed: int, every: int, each: str = "cell") -> tuple[Badge, ...]:
    """How many of a run's cells or networks are listed and drawn; nothing where all are."""
    if listed == every:
        return ()
    return (
        Badge(
            label=f"{count(listed)} of {plural(every, each)} shown",
            reason=f"Tables and charts of single {each}s show the best of each data set and the Pareto front of "
            f"score and training time. Ranks, headlines and charts of settings use all {each}s. "
            "results.csv has all trials.",
        ),
    )


def badges(result: RunResult, cells: pd.DataFrame, missing: str) -> tuple[Badge, ...]:
    """What the reader should know of how the numbers came about.

    Args:
        result: the run.
        cells: the summary of its trials.
        missing: of `missing_trials`.
    """
    run, trials = result.run, result.trials
    failures, contended = sum(trial.status is not Status.OK for trial in trials), int(cells["contended"].sum())
    all_badges: list[Badge] = []
    if run.status is not RunStatus.FINISHED:
        state = "was interrupted" if run.status is RunStatus.INTERRUPTED else "had not finished"
        all_badges.append(Badge(label="incomplete", reason=f"The run {state} when this report was written."))
    if missing:
        all_badges.append(Badge(label="trials missing", reason=missing))
    if failures:
        all_badges.append(
            Badge(label=plural(failures, "failure"), reason="Trials without a result are excluded from all statistics.")
        )
    if contended:
        all_badges.append(
            Badge(
                label=f"{plural(contended, 'timing')} excluded",
                reason=f"The times of these trials are excluded: {contention(result)}.",
            )
        )
    if bool(cells["mixed_engines"].any()):
        all_badges.append(
            Badge(label="mixed engines", reason="The trials of a cell ran different engines, so the cell has no times.")
        )
    if len(cells) and int(cells["n"].max()) == 1:
        all_badges.append(
            Badge(label="one seed", reason="With one seed, a difference cannot be separated from chance.")
        )
    if result.reused:
        all_badges.append(
            Badge(
                label=f"{count(len(result.reused))} reused",
                reason="Trained by an earlier run with the same code and data.",
            )
        )
    if run.environment and run.environment.git_dirty:
        all_badges.append(Badge(label="uncommitted changes", reason="The working tree differed from its git revision."))
    all_badges += lost_badges(run)
    all_badges += _cell_badges(result, cells)
    all_badges += [badge for data in run.datasets for badge in _data_badges(data, run.score)]
    all_badges += [
        Badge(
            label="unpinned data",
            reason=f"The right hash of {data.name} is unknown. The hash of this data is under Environment.",
        )
        for data in run.datasets
        if not data.pinned and data.name in (*names(), *KERAS_SETS)
    ]
    return tuple(all_badges)


def _cell_badges(result: RunResult, cells: pd.DataFrame) -> list[Badge]:
    """Cells whose numbers say less than they seem to."""
    constant = one_class(result)
    fixed = [str(cell_id) for cell_id in cells.loc[cells["parameter_count"] == 0, "cell_id"]]
    twice = {
        trial.cell.id
        for trial in result.trials
        if any(record.model_scales and record.untouched is None for record in _input_records(trial))
    }
    badges: list[Badge] = []
    if constant:
        badges.append(
            Badge(
                label=f"{plural(len(constant), 'cell')} with constant predictions",
                reason=f"Every seed of {_some(constant)} predicts the same class for all test examples: "
                f"{_of_one_class(result.run.score)}.",
            )
        )
    if fixed:
        badges.append(
            Badge(
                label=f"{plural(len(fixed), 'cell')} without trainable weights",
                reason=f"Training does not change {_some(fixed)}.",
            )
        )
    if twice:
        badges.append(
            Badge(
                label=f"{plural(len(twice), 'cell')} with inputs scaled twice",
                reason=f"The suite scales the inputs of {_some(sorted(twice))}, and the model scales them as well.",
            )
        )
    return badges


def _input_records(trial: TrialRecord) -> tuple[InputRecord, ...]:
    """What was done to each input."""
    outcome = trial.outcome
    return (*((outcome.inputs,) if outcome.inputs else ()), *outcome.several_inputs.values())


def _of_one_class(score: Score) -> str:
    return (
        "the accuracy is the share of that class, and nothing was learned"
        if score.name == ACCURACY.name
        else "nothing was learned"
    )


def _some(cell_ids: Sequence[str]) -> str:
    """The first few ids."""
    more = f" and {len(cell_ids) - NAMED} more" if len(cell_ids) > NAMED else ""
    return f"{', '.join(cell_ids[:NAMED])}{more}"


def _data_badges(data: DatasetRecord, score: Score) -> list[Badge]:
    """What of a data set spoils the scores on it."""
    badges: list[Badge] = []
    if data.unseen:
        tests = sum(data.unseen.values())
        names = [f"{name} ({count(number)})" for name, number in data.unseen.items()]
        more = f" and {len(names) - CLASSES} more" if len(names) > CLASSES else ""
        badges.append(
            Badge(
                label=f"{plural(tests, 'test example')} of unseen classes",
                reason=f"The training set of {data.name} has no example of {', '.join(names[:CLASSES])}{more}, so no "
                f"model can learn them: they are {_share(tests, data)} of the test set.",
            )
        )
    if data.overlap:
        badges.append(
            Badge(
                label=f"{plural(data.overlap, 'test example')} in the training set",
                reason=f"The models were trained on {_share(data.overlap, data)} of the test inputs of {data.name}, so "
                "scores may be higher than on new data.",
            )
        )
    if data.task is Task.CLASSES and look_measured(len(data.classes), data.train_images):
        badges.append(
            Badge(
                label=f"{count(len(data.classes))} classes with few examples",
                reason=f"{data.name} has {ratio(data.train_images / len(data.classes))} training examples per class; "
                f"if its labels are measured values (regression), no {score.heading} on it means anything.",
            )
        )
    if data.unstable:
        badges.append(
            Badge(
                label=f"{plural(data.unstable, 'example differs', 'examples differ')} between two calls of the loader",
                reason=f"The loader of {data.name} returns other data each time, so these scores cannot be compared "
                "with those of another run.",
            )
        )
    return badges


def _share(tests: int, data: DatasetRecord) -> str:
    return percent(tests / data.test_images if data.test_images else None)


def missing_trials(result: RunResult) -> str:
    """Planned trials there is no record of, as a sentence; empty for none."""
    known = {(trial.cell.id, trial.seed) for trial in result.trials}
    absent = sum((cell_id, seed) not in known for cell_id, seed in result.run.planned)
    if not absent:
        return ""
    return (
        f"{count(absent)} of {plural(len(result.run.planned), 'planned trial')} left no record; the run can be resumed."
    )
