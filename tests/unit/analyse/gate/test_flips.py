"""Which examples changed sides."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bench.analyse.gate.flips import find_flips, mcnemar, sign_test
from bench.analyse.gate.mistakes import Mistakes, mistakes_of, mistakes_text, read_mistakes, rounded
from bench.analyse.gate.side import Truth
from bench.core.target import Target, Task

LABELS = np.repeat(np.arange(4, dtype=np.uint8), 25)
NAMES = ("zero", "one", "two", "three")
CLASSES = Truth(LABELS, Target(Task.CLASSES, NAMES))


def mistakes(votes, truth: Truth = CLASSES) -> Mistakes:
    """What one seed gets wrong that answers so."""
    found = mistakes_of([truth.target.pack(np.asarray(votes))], truth)
    assert found is not None
    return found


def test_most_seeds_decide():
    """Two of three; among equals the smaller class, of any number of classes."""
    truth = Truth(np.zeros(4, np.uint16), Target(Task.CLASSES, tuple(map(str, range(301)))))
    seeds = [truth.target.pack(np.array(seed)) for seed in ([1, 2, 0, 300], [1, 0, 1, 300], [3, 2, 2, 44])]
    assert mistakes_of(seeds, truth).wrong == {0: (1,), 1: (2,), 3: (300,)}


def test_mistakes_are_kept_and_read_back():
    """As `example:class`, from which they can be made again."""
    votes = LABELS.copy()
    votes[[3, 99]] = 2, 0
    text = mistakes_text(mistakes(votes))
    assert text == "3:2 99:0"
    assert read_mistakes(text) == {3: (2,), 99: (0,)}


@pytest.mark.parametrize("text", ["3", "3:x", "-3:1", "3:1,", ":"])
def test_what_is_no_mistake_is_not_read(text):
    """A hand was there."""
    assert read_mistakes(text) is None


@pytest.mark.parametrize("wrong", [{1000: (1,)}, {3: (999,)}])
def test_mistakes_that_do_not_fit_the_examples_are_not_compared(wrong):
    """They are another data set's."""
    assert find_flips(Mistakes(Task.CLASSES, wrong), mistakes(LABELS), CLASSES) is None


def test_predictions_of_other_examples_are_no_mistakes():
    """One example too many."""
    assert mistakes_of([CLASSES.target.pack(np.zeros(101, np.uint8))], CLASSES) is None


def test_lost_and_gained_are_counted_and_tested():
    """McNemar's exact test is the binomial one over what changed."""
    before, now = LABELS.copy(), LABELS.copy()
    before[:2] = 3
    now[50:58] = 0
    found = find_flips(mistakes(before), mistakes(now), CLASSES)
    assert (8, 2) == (found.lost, found.gained)
    assert found.p == pytest.approx(stats.binomtest(8, 10).pvalue)
    assert (("two", 8),) == found.classes
    assert () == found.swapped


def test_swapped_labels_are_named():
    """Most of one class is called the other, and the other way round; before it was not so."""
    now = LABELS.copy()
    now[25:45], now[75:100] = 3, 1
    assert (("one", "three"),) == find_flips(mistakes(LABELS), mistakes(now), CLASSES).swapped
    assert () == find_flips(mistakes(now), mistakes(now), CLASSES).swapped


def test_nothing_changed():
    """No flip, nothing to test."""
    found = find_flips(mistakes(LABELS), mistakes(LABELS), CLASSES)
    assert (0, 0, 1.0) == (found.lost, found.gained, found.p)


def test_of_three_hundred_classes_none_is_taken_for_another():
    """Class 299 and class 43 share their last byte."""
    truth = Truth(np.arange(300, dtype=np.uint16), Target(Task.CLASSES, tuple(map(str, range(300)))))
    votes = truth.y.copy()
    votes[299] = 43
    found = find_flips(mistakes(truth.y, truth), mistakes(votes, truth), truth)
    assert mistakes_text(mistakes(votes, truth)) == "299:43"
    assert (1, (("299", 1),)) == (found.lost, found.classes)


def test_an_example_is_right_where_all_its_labels_are():
    """Wrong labels are kept by number; which label lost most is said by name."""
    truth = Truth(np.zeros((4, 3), np.uint8), Target(Task.MULTILABEL, ("red", "green", "blue")))
    before, now = truth.y.copy(), truth.y.copy()
    before[0, 0] = 1
    now[0, 0] = now[1, 2] = now[2, 1] = now[2, 2] = 1
    assert mistakes_text(mistakes(now, truth)) == "0:0 1:2 2:1,2"
    found = find_flips(mistakes(before, truth), mistakes(now, truth), truth)
    assert (2, 0) == (found.lost, found.gained)
    assert (("blue", 2), ("green", 1)) == found.classes
    assert Task.MULTILABEL is found.task


def test_labels_are_voted_one_by_one():
    """Two seeds of three say the first label, one says the second."""
    truth = Truth(np.zeros((1, 2), np.uint8), Target(Task.MULTILABEL, ("a", "b")))
    seeds = [truth.target.pack(np.array([row], np.uint8)) for row in ([1, 1], [1, 0], [0, 0])]
    assert mistakes_of(seeds, truth).wrong == {0: (0,)}


@pytest.mark.parametrize(("further", "nearer"), [(0, 0), (1, 0), (30, 10), (500, 520)])
def test_the_sign_test_is_the_exact_binomial_one(further, nearer):
    """Two-sided, at one half, over the examples whose error changed."""
    expected = stats.binomtest(further, further + nearer, 0.5).pvalue if further + nearer else 1.0
    assert sign_test(further, nearer) == pytest.approx(expected)
    assert mcnemar(further, nearer) == pytest.approx(expected)


def test_errors_of_values_are_compared_by_the_sign_test():
    """The median over seeds of how far off they are; equal errors are left out."""
    truth = Truth(np.zeros((10, 1), np.float32), Target(Task.REGRESSION, ("price",)))

    def made(*seeds) -> Mistakes:
        packed = [truth.target.pack(np.array(seed, np.float32)[:, None]) for seed in seeds]
        return mistakes_of(packed, truth)

    before = made([1.0] * 10)
    # of three seeds -2, 3 and 100 the median error is 3
    now = made([-2.0] * 7 + [1.0] * 2 + [0.5], [3.0] * 7 + [1.0] * 2 + [0.5], [100.0] * 7 + [1.0] * 2 + [0.5])
    assert now.errors.tolist() == pytest.approx([3.0] * 7 + [1.0] * 2 + [0.5])
    found = find_flips(before, now, truth)
    assert (7, 1, 2) == (found.lost, found.gained, found.ties)
    assert found.p == pytest.approx(stats.binomtest(7, 8).pvalue)


def test_kept_errors_are_near_and_keep_their_order():
    """To one part in 2,000, whatever their size."""
    errors = np.abs(np.random.default_rng(1).standard_cauchy(1000)).astype(np.float32) * np.float32(1e6)
    kept = rounded(errors)
    assert kept == pytest.approx(errors, rel=1 / 2000)
    assert (np.diff(kept[np.argsort(errors)]) >= 0).all()
    assert (rounded(kept) == kept).all()
