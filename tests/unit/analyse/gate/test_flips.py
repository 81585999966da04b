"""Which images changed sides."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from scipy import stats

from bench.analyse.gate.flips import find_flips, mistakes_text, vote, votes_from

LABELS = np.repeat(np.arange(4, dtype=np.uint8), 25)
NAMES = ("zero", "one", "two", "three")


def packed(classes) -> bytes:
    return zlib.compress(np.asarray(classes, dtype=np.uint8).tobytes())


def test_most_seeds_decide():
    """Two of three; among equals the smaller class."""
    assert [1, 2, 0] == vote([packed([1, 2, 0]), packed([1, 0, 1]), packed([3, 2, 2])]).tolist()


def test_mistakes_are_kept_and_read_back():
    """As `image:class`, from which the votes can be made again."""
    votes = LABELS.copy()
    votes[[3, 99]] = 2, 0
    text = mistakes_text(votes, LABELS)
    assert text == "3:2 99:0"
    assert votes_from(text, LABELS).tolist() == votes.tolist()


@pytest.mark.parametrize("text", ["3", "3:x", "1000:1", "3:999"])
def test_mistakes_that_do_not_fit_are_no_votes(text):
    """Another data set's, or a hand's."""
    assert votes_from(text, LABELS) is None


def test_lost_and_gained_are_counted_and_tested():
    """McNemar's exact test is the binomial one over what changed."""
    before, now = LABELS.copy(), LABELS.copy()
    before[:2] = 3
    now[50:58] = 0
    found = find_flips(before, now, LABELS, NAMES)
    assert (8, 2) == (found.lost, found.gained)
    assert found.p == pytest.approx(stats.binomtest(8, 10).pvalue)
    assert (("two", 8),) == found.classes
    assert () == found.swapped


def test_swapped_labels_are_named():
    """Most of one class is called the other, and the other way round; before it was not so."""
    now = LABELS.copy()
    now[25:45], now[75:100] = 3, 1
    assert (("one", "three"),) == find_flips(LABELS, now, LABELS, NAMES).swapped
    assert () == find_flips(now, now, LABELS, NAMES).swapped


def test_nothing_changed():
    """No flip, nothing to test."""
    found = find_flips(LABELS, LABELS, LABELS, NAMES)
    assert (0, 0, 1.0) == (found.lost, found.gained, found.p)
