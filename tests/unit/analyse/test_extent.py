"""A report of thousands of cells shows the best of them, and statistics of all."""

from __future__ import annotations

from dataclasses import replace

from factories import cell, failed, large, result, trial

from bench.analyse.extent import best_part, only, shown_cells
from bench.analyse.stats import summary
from bench.core.score import ACCURACY, Score
from bench.record.collect import trials_frame
from bench.record.records import RunResult


def five(**changes: object) -> RunResult:
    """Five cells of one seed: the later the better, and the slower but for the last, which is the slowest of all."""
    pace = (3.0, 1.0, 2.0, 2.5, 9.0)
    trials = [
        trial(cell(f"model-{n}", epochs=2), accuracy=0.9 + n / 100, epoch_seconds=pace[n], **changes) for n in range(5)
    ]
    return result(*trials)


def kept(run: RunResult, most: int, score: Score = ACCURACY) -> list[str]:
    """The architectures that are shown."""
    ids = shown_cells(summary(trials_frame(run), score), score, most)
    return [trial.cell.architecture for trial in only(run, ids).trials]


def test_all_cells_are_shown_where_a_page_carries_them() -> None:
    """And the run is the very same one."""
    run = five()
    assert [f"model-{n}" for n in range(5)] == kept(run, 5)
    assert only(run, {trial.cell.id for trial in run.trials}) is run
    assert best_part(run, 5) is run


def test_the_best_are_shown_and_what_is_quick_for_what_it_reaches() -> None:
    """model-0 is slow and bad; the others are the best, or beaten by none that is as quick."""
    assert ["model-1", "model-2", "model-3", "model-4"] == kept(five(), 2)


def test_without_times_there_is_no_front() -> None:
    """Nor where others ran beside the trials."""
    assert ["model-3", "model-4"] == kept(five(contention="2 trials ran at a time"), 2)


def test_every_data_set_has_its_share() -> None:
    """The cells of an easy data set do not crowd out those of a hard one."""
    hard = [
        trial(cell(f"model-{n}", dataset="digits", epochs=2), accuracy=0.5 + n / 100, contention="busy")
        for n in range(5)
    ]
    run = five(contention="busy")
    both = replace(run, trials=(*run.trials, *hard))
    ids = shown_cells(summary(trials_frame(both), ACCURACY), ACCURACY, 4)
    assert {"model-3@mnist@cpu", "model-4@mnist@cpu", "model-3@digits@cpu", "model-4@digits@cpu"} == ids


def test_the_best_part_is_by_the_mean_of_the_seeds_that_went_well() -> None:
    """Whichever direction is the better one; a cell without a result comes last."""
    poor, good, none = cell("poor"), cell("good"), cell("none")
    trials = (trial(good, 1, accuracy=0.97), failed(good, 2), trial(poor, 1, accuracy=0.9), failed(none))
    assert {"good"} == {one.cell.architecture for one in best_part(result(*trials), 1).trials}
    assert 3 == len(best_part(result(*trials), 2).trials)


def test_statistics_are_of_all_cells() -> None:
    """The table of a large run is made for all cells at once, and has a row for each."""
    cells = summary(trials_frame(large(cells=60)), ACCURACY)
    assert (60, 60) == (len(cells), cells["cell_id"].nunique())
    assert {3} == set(cells["n"])
