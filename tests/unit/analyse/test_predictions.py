"""Example by example: votes, confusions, scores of labels, and the examples that most cells get wrong."""

from __future__ import annotations

import zlib
from dataclasses import replace

import numpy as np
from factories import cell, dataset, failed, grid, result, trial, with_answers
from problems import problem

from bench.analyse.predictions import (
    answers_of,
    confusion,
    hardest,
    label_scores,
    majority,
    most_confused,
    one_class,
    wrong_for_all,
)
from bench.core.target import Target, Task
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


def test_a_vote_on_many_classes_takes_no_table_of_them() -> None:
    """Class 65,535 wins by two votes; among three different classes the smallest number."""
    ballots = np.array([[65_535, 700], [65_535, 300], [1, 500]], dtype=np.uint16)
    assert [65_535, 300] == majority(ballots).tolist()
    assert np.dtype(np.uint16) == majority(ballots).dtype


def test_a_confusion_of_many_classes_is_sparse() -> None:
    """65,536 classes squared would be 34 GB; what is kept is a number for each pair that occurs."""
    target = Target(Task.CLASSES, tuple(map(str, range(2**16))))
    truth = np.array([0, 1, 65_535], np.uint16)
    (answers,) = answers_of(problem(target, truth, {"mlp": [np.array([0, 65_535, 1], np.uint16)] * 2}))
    table = confusion(answers, "mlp@houses@cpu")

    assert ((2**16, 2**16), 3) == (table.shape, table.nnz)
    assert (2, 2, 2) == (int(table[0, 0]), int(table[1, 65_535]), int(table[65_535, 1]))
    assert [1, 65_535] == most_confused(table, 30)
    assert [1] == most_confused(table, 1)


def test_a_class_counts_its_confusions_in_both_directions() -> None:
    """Class 2 is taken for others twice, class 0 never, but others are taken for it twice; class 3 is always right."""
    target = Target(Task.CLASSES, tuple("0123"))
    truth = np.array([0, 1, 2, 2, 3], np.uint8)
    (answers,) = answers_of(problem(target, truth, {"mlp": [np.array([0, 1, 0, 0, 3], np.uint8)]}))
    table = confusion(answers, "mlp@houses@cpu")

    assert [0, 2] == most_confused(table, 4)


def test_labels_have_f1_precision_and_recall() -> None:
    """By hand: two labels, four examples, two seeds; the third label is nobody's and never given."""
    target = Target(Task.MULTILABEL, ("a", "b", "c"))
    truth = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0]], np.uint8)
    first = np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 0]], np.uint8)
    (answers,) = answers_of(problem(target, truth, {"mlp": [first, truth]}))
    scores = label_scores(answers, "mlp@houses@cpu")

    assert [0.75, 1.0] == scores.f1[:2].tolist() == scores.precision[:2].tolist() == scores.recall[:2].tolist()
    assert np.isnan([scores.f1[2], scores.precision[2], scores.recall[2]]).all()


def test_the_hardest_labelled_example_has_most_wrong_labels() -> None:
    """Two wrong labels come before one; what it is taken for is the most frequent wrong set of labels."""
    target = Target(Task.MULTILABEL, ("a", "b"))
    truth = np.array([[0, 0], [1, 1], [1, 0]], np.uint8)
    seeds = [np.array(rows, np.uint8) for rows in ([[0, 0], [0, 0], [1, 1]], [[0, 0], [0, 0], [1, 0]])]
    (answers,) = answers_of(problem(target, truth, {"mlp": [*seeds, seeds[0]]}))
    first, second = hardest(answers)

    assert (1, (1, 1), (0, 0), 1.0, 1, 3) == (
        first.number, first.truth, first.predicted, first.error, first.cells, first.trials
    )  # fmt: skip
    assert (2, (1, 1), 0.5, 2) == (second.number, second.predicted, second.error, second.trials)
    assert 1 == wrong_for_all(answers)


def test_the_hardest_value_is_the_one_furthest_off() -> None:
    """The mean over cells of the error of their medians: 4 and 8 for the second example, 1 for the first."""
    target = Target(Task.REGRESSION, ("price",))
    truth = np.array([[10], [20], [30]], np.float32)
    seeds = {
        "a": [np.array([[11], [24], [30]], np.float32)] * 3,
        "b": [np.array([[11], [28], [30]], np.float32), np.array([[11], [12], [30]], np.float32)],
    }
    (answers,) = answers_of(problem(target, truth, seeds))
    first, second = hardest(answers)

    # the median of 28 and 12 is exact
    assert (1, (20,), (24,), 2.0) == (first.number, first.truth, first.predicted, first.error)
    assert (0, 1.0, 2, 5) == (second.number, second.error, second.cells, second.trials)


def test_predictions_of_another_width_are_none() -> None:
    """Two values an example cannot be read as three."""
    target = Target(Task.REGRESSION, ("a", "b", "c"))
    run = problem(target, np.zeros((2, 3), np.float32), {"mlp": [np.zeros((2, 3), np.float32)]})
    (one,) = run.trials
    short = Target(Task.REGRESSION, ("a", "b")).pack(np.zeros((2, 2), np.float32))
    damaged = replace(run, trials=(replace(one, outcome=replace(one.outcome, predictions=short)),))
    assert () == answers_of(damaged)


def test_only_classes_can_all_be_one_class() -> None:
    """A regression that predicts one value throughout is no class."""
    constant = [np.full((3, 1), 5, np.float32)]
    values = problem(Target(Task.REGRESSION, ("a",)), np.array([[1], [2], [3]], np.float32), {"mlp": constant})
    classes = run_of(a=[[0, 0, 0, 0]], b=[[0, 1, 0, 0]])
    assert ((), ("a@mnist@cpu",)) == (one_class(values), one_class(classes))
