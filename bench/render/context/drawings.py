"""The charts of a report, and why there are none of time where there are none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bench.analyse.axes import grids
from bench.analyse.networks import networks_of
from bench.analyse.predictions import answers_of
from bench.analyse.published import published_comparison
from bench.analyse.ranking import ranked
from bench.analyse.stats import ok_trials
from bench.core.formatting import plural
from bench.core.target import Task
from bench.declare.cell import dataset_label
from bench.record.collect import epochs_frame
from bench.record.records import Doubt, Status
from bench.render.charts.class_accuracy import class_accuracies
from bench.render.charts.colouring import colouring
from bench.render.charts.confusion import confusions
from bench.render.charts.critical_difference import critical_difference
from bench.render.charts.curves import FOLLOWED
from bench.render.charts.examples import Examples
from bench.render.charts.hardest import hardest_examples
from bench.render.charts.heat_maps import heat_maps
from bench.render.charts.history import history
from bench.render.charts.label_scores import f1_by_label
from bench.render.charts.learning_curves import learning_curves
from bench.render.charts.learning_over_time import learning_over_time
from bench.render.charts.main_effects import main_effects
from bench.render.charts.palette import styles
from bench.render.charts.phases import time_by_phase
from bench.render.charts.published import seeds_and_published
from bench.render.charts.residuals import error_distribution, predicted_against_true
from bench.render.charts.score_time import score_against_time
from bench.render.charts.verdicts import verdicts
from bench.render.contention import contention
from bench.render.networks import drawn_note, places_by_cell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd

    from bench.analyse.axes import Grid
    from bench.analyse.networks import Networks
    from bench.core.score import Score
    from bench.record.history import PastTrial
    from bench.record.records import Published, RunRecord, RunResult
    from bench.record.verdicts import Judgement
    from bench.render.charts.canvas import Chart
    from bench.render.charts.palette import Style

DATASETS = 3  # whose examples a report looks at one by one
BY_EXAMPLE: dict[Task, tuple[Callable[[Examples], Chart | None], ...]] = {
    Task.CLASSES: (confusions, class_accuracies, hardest_examples),
    Task.MULTILABEL: (f1_by_label, hardest_examples),
    Task.REGRESSION: (predicted_against_true, error_distribution, hardest_examples),
}
"""The charts of single examples, by what is predicted."""


def charts(
    result: RunResult,
    trials: pd.DataFrame,
    cells: pd.DataFrame,
    labels: Mapping[str, str],
    *,
    points: Sequence[Grid] | None = None,
    judgement: Judgement | None = None,
    past: Sequence[PastTrial] = (),
    networks: Networks | None = None,
) -> tuple[Chart, ...]:
    """The charts that this run has the numbers for.

    Args:
        result: the run, with the trials of the cells that are drawn.
        trials: of these.
        cells: the summary of these.
        labels: of all cells, those of one network alike.
        points: all networks on their axes; None where these are all.
        judgement: of the gate, where one was made.
        past: what earlier runs found.
        networks: of the whole run; None where these are all.
    """
    networks = networks or networks_of(result)
    looks = styles(trials["architecture"])
    epochs = epochs_frame(result)
    score = result.run.score
    if points is None:
        points = grids([of.reference for of in networks.networks], trials, score, with_places=not networks.several)
    # what a network scores is drawn once, as its reference has it; times are drawn in each place
    once = networks.references(result)
    own_trials, own_epochs, own_cells, by_cell = trials, epochs, cells, labels
    if networks.several:
        own_trials, own_epochs, own_cells = (
            frame[frame["cell_id"].isin(networks.by_reference)] for frame in (trials, epochs, cells)
        )
        where = places_by_cell(networks)
        by_cell = {cell_id: f"{label} on {where[cell_id]}" for cell_id, label in labels.items()}
    # a colour for each curve is read as long as there are few
    colours = colouring(points, set(map(str, own_cells["cell_id"])), score) if len(own_cells) > FOLLOWED else None
    place = drawn_note(networks)

    def of_place(chart: Chart | None) -> Chart | None:
        return chart and replace(chart, note=f"{chart.note} {place}".strip())

    drawn = (
        verdicts(judgement, by_cell, judgement.score) if judgement else None,
        score_against_time(trials, cells, labels, looks, score, networks),
        of_place(learning_curves(own_trials, own_epochs, own_cells, labels, looks, score=score, colours=colours)),
        learning_over_time(trials, epochs, cells, labels, looks, score=score, colours=colours, networks=networks),
        of_place(main_effects(points, score)),
        of_place(heat_maps(points, score)),
        of_place(critical_difference(points, score)),
        time_by_phase(trials, cells, labels, score, networks),
        *map(of_place, _by_example(once, own_cells, labels, looks)),
        of_place(seeds_and_published(published_comparison(own_trials, figures(result.run), score), labels, looks)),
        _history(past, cells, by_cell, looks, score),
    )
    return tuple(chart for chart in drawn if chart is not None)


def _by_example(
    result: RunResult, cells: pd.DataFrame, labels: Mapping[str, str], looks: Mapping[str, Style]
) -> Iterator[Chart | None]:
    """What is known of single examples, per data set; an architecture is shown by its best cell."""
    score = result.run.score
    for place, answers in enumerate(answers_of(result)[:DATASETS]):
        rows = ranked(cells[(cells["dataset"] == answers.dataset) & (cells["n"] > 0)], score)
        leading = {
            str(architecture): str(cell_id)
            for architecture, cell_id in rows.groupby("architecture", sort=False)["cell_id"].first().items()
        }
        examples = Examples(
            answers=answers,
            leading=leading,
            labels=labels,
            looks=looks,
            score=score,
            exhibits=result.run.exhibits,
            suffix=f"-{place + 1}" if place else "",
        )
        for chart in BY_EXAMPLE[answers.target.task]:
            yield chart(examples)


def _history(
    past: Sequence[PastTrial],
    cells: pd.DataFrame,
    labels: Mapping[str, str],
    looks: Mapping[str, Style],
    score: Score,
) -> Chart | None:
    by_cell = {str(row["cell_id"]): looks[str(row["architecture"])] for _, row in cells.iterrows()}
    return history(past, [str(cell_id) for cell_id in ranked(cells, score)["cell_id"]], labels, by_cell, score)


def figures(run: RunRecord) -> dict[str, Published]:
    """The published figures with their data set; where a record names none, it is the one the suite declares."""
    declared = dataset_label(str(run.suite.get("dataset", "")))
    return {name: replace(figure, dataset=figure.dataset or declared) for name, figure in run.published.items()}


def untimed(result: RunResult, trials: pd.DataFrame, cells: pd.DataFrame) -> str:
    """Why a run that has results has no times; empty where it has any, or no result at all."""
    ok = len(ok_trials(trials))
    if not ok or int(cells["timed"].sum()):
        return ""
    if not int(cells["contended"].sum()):
        return "There are no times: the trials of each cell ran different engines, and their times cannot be averaged."
    doubts = {doubt for trial in result.trials if trial.status is Status.OK for doubt in trial.doubts}
    advice = (
        "train for more epochs" if doubts == {Doubt.TOO_SHORT}
        else "run the suite again with --fresh and without --jobs, while nothing else runs"
    )  # fmt: skip
    return (
        f"There are no times, so there is no chart of {result.run.score.heading} against training time or of time per "
        f"phase. No time of {plural(ok, 'OK trial')} is reliable: {contention(result)}. Scores are not affected. "
        f"To measure times, {advice}."
    )
