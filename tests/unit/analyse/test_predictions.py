"""Image by image: votes, confusions, and the images that most cells get wrong."""

from __future__ import annotations

import zlib
from dataclasses import replace

import numpy as np
from factories import cell, dataset, failed, grid, result, trial, with_answers

from bench.analyse.predictions import answers_of, confusion, hardest, majority
from bench.record.records import RunResult

LABELS = bytes([0, 1, 2, 2])


def run_of(**answers: list[list[int]]) -> RunResult:
    """A run on four images; by name of architecture, what each seed answered."""
    trials = []
    for name, seeds in answers.items():
        for seed, classes in enumerate(seeds):
            one = trial(cell(name), seed)
            trials.append(replace(one, outcome=replace(one.outcome, predictions=zlib.compress(bytes(classes)))))
    data = dataset(labels=zlib.compress(LABELS), classes=("zero", "one", "two"))
    return result(*trials, failed(cell("broken")), datasets=(data,))


def test_a_vote_is_the_most_frequent_class_and_the_smaller_among_equals() -> None:
    """Three seeds, four images."""
    ballots = np.array([[0, 1, 2, 2], [0, 2, 1, 2], [1, 0, 0, 2]], dtype=np.uint8)
    assert [0, 0, 0, 2] == majority(ballots).tolist()


def test_a_confusion_counts_every_seed() -> None:
    """Rows are true classes, columns predicted ones, and the sum is images times seeds."""
    (answers,) = answers_of(run_of(a=[[0, 1, 2, 1], [0, 0, 2, 1]]))
    assert [[2, 0, 0], [1, 1, 0], [0, 2, 2]] == confusion(answers, "a@mnist@cpu").toarray().tolist()


def test_the_hardest_images_are_those_most_cells_get_wrong() -> None:
    """Image 3 is wrong for both cells by vote; image 1 for one trial only; 0 and 2 are never wrong."""
    (answers,) = answers_of(run_of(a=[[0, 1, 2, 1], [0, 2, 2, 1], [0, 1, 2, 1]], b=[[0, 1, 2, 0], [0, 1, 2, 0]]))
    first, second = hardest(answers)
    assert (3, (2,), (1,), 2, 2, 5, 5) == (
        first.number, first.truth, first.predicted, first.cells, first.of_cells, first.trials, first.of_trials
    )  # fmt: skip
    assert (1, 0, 1) == (second.number, second.cells, second.trials)
    assert [3] == [one.number for one in hardest(answers, most=1)]


def test_what_is_not_at_hand_has_no_answers() -> None:
    """No labels, predictions of other images, or no OK trial: nothing is made up."""
    whole = run_of(a=[[0, 1, 2, 1]])
    unlabelled = replace(whole, run=replace(whole.run, datasets=(dataset(),)))
    assert () == answers_of(unlabelled)
    assert () == answers_of(run_of(a=[[0, 1]]))
    assert () == answers_of(result(failed(), datasets=(dataset(labels=zlib.compress(LABELS)),)))


def test_answers_agree_with_the_recorded_errors() -> None:
    """Off the diagonal of a cell's confusion stand as many images as its trials counted errors."""
    run = with_answers(grid(seeds=2))
    (answers,) = answers_of(run)
    for cell_id in answers.predicted:
        table = confusion(answers, cell_id).toarray()
        errors = sum(t.outcome.test_errors or 0 for t in run.trials if t.cell.id == cell_id)
        assert errors == table.sum() - np.trace(table)
