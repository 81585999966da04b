"""Charts over time: what a second of training brings, and what has become of a suite from run to run."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from factories import cell, environment, grid, reference_study, result, run_record, trial

from bench.analyse.labels import cell_labels
from bench.analyse.stats import summary
from bench.core.formatting import number, percent, seconds
from bench.core.score import ACCURACY
from bench.record.collect import epochs_frame, trials_frame
from bench.record.history import PastTrial
from bench.record.records import RunResult
from bench.render.charts.canvas import Chart
from bench.render.charts.history import history
from bench.render.charts.learning_over_time import learning_over_time
from bench.render.charts.palette import Style, styles
from bench.render.charts.phases import time_by_phase
from bench.render.charts.score_time import score_against_time


def over_time(run: RunResult) -> Chart | None:
    trials = trials_frame(run)
    cells = summary(trials, ACCURACY)
    return learning_over_time(
        trials, epochs_frame(run), cells, cell_labels(cells), styles(trials["architecture"]), score=ACCURACY
    )


def test_seconds_are_those_of_the_epochs_so_far() -> None:
    """The table ends at the median training time, and the title names who is ahead at first and in the end."""
    run = reference_study()
    chart = over_time(run)
    first = float(chart.rows[1][2].removesuffix(" s"))
    assert chart.title == f"model-2 is ahead in training accuracy from {first} s on"
    times = sorted(
        sum(e.train_time_s for e in t.outcome.epochs) for t in run.trials if t.cell.architecture == "model-2"
    )
    last = {row[0]: row[4] for row in chart.rows}["model-2"]
    assert f"{times[len(times) // 2]:.1f} s" == last


def test_contended_trials_have_no_seconds() -> None:
    """A run of nothing else has no such chart."""
    assert over_time(result(trial(contention="2 at once"))) is None


def test_held_out_images_are_preferred() -> None:
    """Where every cell has a validation split the chart is of that, and says so."""
    assert "validation accuracy" in over_time(result(trial(validation=True), trial(seed=2, validation=True))).title
    assert "training accuracy" in over_time(result(trial(validation=True), trial(cell("b")))).title


def test_many_cells_are_one_line_per_architecture() -> None:
    """Sixty curves make four faint lines and a bold one: a page of hundreds stays small."""
    assert over_time(grid()).svg.count("<path") < 40


def test_the_front_is_in_the_table() -> None:
    """The quickest and the most accurate cell are on it, a cell that is slower and worse is not."""
    run = result(
        trial(cell("quick"), accuracy=0.9, epoch_seconds=0.1),
        trial(cell("best"), accuracy=0.99, epoch_seconds=1.0),
        trial(cell("beaten"), accuracy=0.95, epoch_seconds=2.0),
    )
    trials = trials_frame(run)
    cells = summary(trials, ACCURACY)
    chart = score_against_time(trials, cells, cell_labels(cells), styles(trials["architecture"]), ACCURACY)
    assert {"quick": "yes", "best": "yes", "beaten": "no"} == {row[0]: row[-1] for row in chart.rows}
    figure = f"best reaches 99.00 % after {chart.rows[1][3]} of training"
    assert f"{figure}; quick trains 10 times as fast and gives up 9.00 points" == chart.title


def test_a_bargain_is_named() -> None:
    """A cell that is nearly as good in half the time is what a reader wants to know of."""
    run = result(
        trial(cell("quick"), accuracy=0.9, epoch_seconds=0.1),
        trial(cell("bargain"), accuracy=0.985, epoch_seconds=0.4),
        trial(cell("best"), accuracy=0.99, epoch_seconds=2.0),
    )
    trials = trials_frame(run)
    cells = summary(trials, ACCURACY)
    chart = score_against_time(trials, cells, cell_labels(cells), styles(trials["architecture"]), ACCURACY)
    assert "; bargain comes within 0.50 points of it in " in chart.title


def by_phase(run: RunResult) -> tuple[Chart, pd.DataFrame]:
    """The chart of phases, and the summary that the leaderboard shows."""
    trials = trials_frame(run)
    cells = summary(trials, ACCURACY)
    chart = time_by_phase(trials, cells, cell_labels(cells), ACCURACY)
    assert chart is not None
    return chart, cells


def test_an_epoch_is_what_is_compared() -> None:
    """Cells of other numbers of epochs stand side by side: the table has both, and the bars begin with an epoch."""
    chart, _ = by_phase(result(trial(cell("short", epochs=2)), trial(cell("long", epochs=20))))
    rows = {row[0]: dict(zip(chart.columns, row, strict=True)) for row in chart.rows}
    assert ("2", "20") == (rows["short"]["epochs"], rows["long"]["epochs"])
    assert "On cpu an epoch takes 1.7" in chart.title


def test_an_epoch_is_the_same_on_the_chart_and_on_the_leaderboard() -> None:
    """A slow first epoch changes the mean of the epochs and not their median: title, bar, table and frame agree."""
    first = trial(cell("a", epochs=5), epoch_seconds=1.0)
    slow = (replace(first.outcome.epochs[0], train_time_s=9.0), *first.outcome.epochs[1:])
    run = result(replace(first, outcome=replace(first.outcome, epochs=slow)), trial(cell("b", epochs=5)))
    chart, cells = by_phase(run)
    epoch = cells.set_index("architecture")["epoch_time_median_s"]["a"]
    assert epoch == np.median([one.train_time_s for one in slow]) < np.mean([one.train_time_s for one in slow]) / 2
    row = dict(zip(chart.columns, chart.rows[0], strict=True))
    assert number(epoch) == row["epoch time, s"]
    assert f"an epoch takes {seconds(epoch)} (a) to " in chart.title
    texts = ET.fromstring(f"<x>{chart.svg}</x>").itertext()  # noqa: S314
    assert f"epoch {seconds(epoch)}" in {text.strip() for text in texts}
    images = cells.set_index("architecture")["images_per_s"]["a"]
    assert images == pytest.approx(300_000 / first.outcome.phases.train_time_s)


def test_the_title_is_of_all_cells_and_not_only_of_those_drawn() -> None:
    """The slowest cell has the worst score and no bar; it is in the title, in the share and in the table."""
    many = [trial(cell(f"c{number:02d}"), accuracy=0.98, epoch_seconds=1.0) for number in range(15)]
    worst = trial(cell("worst"), accuracy=0.5, epoch_seconds=50.0)
    chart, cells = by_phase(result(*many, worst))
    times = [one.outcome.phases for one in (*many, worst)]
    share = sum(one.train_time_s for one in times) / sum(one.total_time_s for one in times)
    assert "(worst)" in chart.title
    assert f"; {percent(share, 0)} of a trial is training" in chart.title
    assert 16 == len(chart.rows)
    alone = worst.outcome.phases
    row = cells.set_index("architecture").loc["worst"]
    assert row["train_share"] == pytest.approx(alone.train_time_s / alone.total_time_s)


# ------------------------------------------------------------------------------------------------------------ history


def past(run_id: str, day: int, accuracies: list[float], *, cell_id: str = "a@mnist@cpu", **changes) -> list[PastTrial]:
    run = run_record(run_id=run_id, started_at=f"2026-11-{day:02d}T10:00:00Z", **changes)
    return [
        PastTrial(run=run, cell_id=cell_id, seed=seed, score=accuracy, train_time_s=3.0 + day)
        for seed, accuracy in enumerate(accuracies)
    ]


def drawn(trials: list[PastTrial]) -> Chart | None:
    ids = list(dict.fromkeys(one.cell_id for one in trials))
    return history(trials, ids, {one: one for one in ids}, {one: Style("series-0", "o") for one in ids}, ACCURACY)


def test_one_run_has_no_history() -> None:
    """There is nothing to compare it with."""
    assert drawn(past("a", 1, [0.98, 0.981])) is None
    assert drawn([]) is None


def test_a_change_beyond_the_seeds_is_the_title() -> None:
    """A drop is said in points; seeds that overlap are no change."""
    fell = drawn(past("a", 1, [0.98, 0.981, 0.979]) + past("b", 2, [0.95, 0.951, 0.949]))
    assert "a@mnist@cpu fell by 3.00 points since its last run" == fell.title
    same = drawn(past("a", 1, [0.98, 0.985, 0.975]) + past("b", 2, [0.981, 0.984, 0.973]))
    assert "No change of accuracy beyond chance: 1 cell compared with the previous run" == same.title


def test_other_data_is_no_change() -> None:
    """A drop that came with other data is not compared."""
    before, after = past("a", 1, [0.98, 0.981, 0.979]), past("b", 2, [0.95, 0.951, 0.949])
    chart = drawn([replace(one, data="old") for one in before] + [replace(one, data="new") for one in after])
    assert "No cell was trained by more than one of 2 runs" == chart.title
    assert 1 == len(chart.rows)


def test_every_run_has_a_row_with_its_revision() -> None:
    """A plus says that files were changed; a run outside a repository has none."""
    trials = (
        past("a", 1, [0.98, 0.981])
        + past("b", 2, [0.98], environment=environment(git_dirty=True))
        + past("c", 3, [0.98, 0.99], environment=None)
    )
    chart = drawn(trials)
    assert ["0ef91a6c", "0ef91a6c+", "-"] == [row[2] for row in chart.rows]
    assert ["2", "1", "2"] == [row[5] for row in chart.rows]
    assert ["4.00 s", "5.00 s", "6.00 s"] == [row[6] for row in chart.rows]


def test_times_that_do_not_count_leave_the_chart_of_times_out() -> None:
    """Accuracies are drawn all the same."""
    trials = [replace(one, train_time_s=None) for one in past("a", 1, [0.98, 0.97]) + past("b", 2, [0.98, 0.97])]
    chart = drawn(trials)
    assert {"-"} == {row[6] for row in chart.rows}
    assert "training time" not in "".join(ET.fromstring(f"<x>{chart.svg}</x>").find(".//g").itertext())  # noqa: S314


def test_many_runs_and_cells_stay_readable() -> None:
    """Thirty runs of twelve cells: eight are drawn, the table holds all, and the note says so."""
    trials = [
        one
        for day in range(1, 31)
        for number in range(12)
        for one in past(f"run-{day}", day, [0.9 + number / 200, 0.901 + number / 200], cell_id=f"c{number}@mnist@cpu")
    ]
    chart = drawn(trials)
    assert "The 8 best of 12 cells are drawn" in chart.note
    assert 360 == len(chart.rows)
