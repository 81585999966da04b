"""The tests under every verdict, against SciPy's own and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from bench.analyse.gate.decision import Call, Rates, decided
from bench.analyse.gate.evidence import Estimate, bounds, contradicted, estimate, evidence
from bench.analyse.gate.samples import Samples

BASE = [0.981, 0.979, 0.982, 0.980, 0.978, 0.983]
LOWER = [0.970, 0.974, 0.968]
NEAR = [0.976, 0.974, 0.9771, 0.975, 0.973, 0.978]
"""BASE, half a point lower, but for a little."""


def compared(base, current, *, shared=0, step=0.0) -> Estimate:
    """The difference of cells; of the seeds, the first `shared` are the same on both sides."""
    columns = max(map(len, base)) + max(map(len, current)) - shared
    before, now = (np.full((len(base), columns), np.nan) for _ in range(2))
    for row, (old, new) in enumerate(zip(base, current, strict=True)):
        before[row, : len(old)] = old
        now[row, :shared] = new[:shared]
        now[row, columns - len(new) + shared : columns] = new[shared:]
    return estimate(Samples(before, now, np.ones(columns, dtype=np.int64), np.full(len(base), step)))


def test_the_more_cautious_of_two_tests_counts():
    """The p-value is the larger of those that SciPy gives for Welch's and for Student's test."""
    seen = evidence(compared([BASE], [LOWER]), 0.005)
    expected = max(stats.ttest_ind(LOWER, BASE, equal_var=equal, alternative="less").pvalue for equal in (False, True))
    assert float(seen.p_drop[0]) == pytest.approx(expected)
    shifted = [value + 0.005 for value in LOWER]
    expected = max(
        stats.ttest_ind(shifted, BASE, equal_var=equal, alternative="greater").pvalue for equal in (False, True)
    )
    assert float(seen.p_inferior[0]) == pytest.approx(expected)


def test_related_seeds_are_compared_in_pairs():
    """By the paired t test, which sees a drop that the other two cannot."""
    of = compared([BASE], [NEAR], shared=6)
    assert of.pairs.tolist() == [6]
    p = float(evidence(of, 0.005).p_drop[0])
    assert p == pytest.approx(stats.ttest_rel(NEAR, BASE, alternative="less").pvalue)
    apart = float(evidence(compared([BASE], [NEAR]), 0.005).p_drop[0])
    assert p < 1e-6 < apart


def test_unrelated_seeds_are_not():
    """Whether they dropped or not: the choice does not read their means."""
    mixed = [0.977, 0.979, 0.976, 0.980, 0.981, 0.978]
    for drop in (0.0, 0.1):
        assert compared([BASE], [[value - drop for value in mixed]], shared=6).pairs.tolist() == [0]


def test_seeds_that_one_side_alone_has_take_no_part_in_pairs():
    """The difference is that of the three seeds that both sides have."""
    of = compared([BASE], [[*NEAR[:3], 0.5]], shared=3)
    assert of.pairs.tolist() == [3]
    assert of.difference[0] == pytest.approx(np.mean(NEAR[:3]) - np.mean(BASE[:3]))


def test_three_pairs_have_to_agree_closely():
    """The three of one cell do not, and are compared as wholes; those of twenty such cells do together."""
    loose = [0.9772, 0.9755, 0.9780]
    assert compared([BASE[:3]], [loose], shared=3).pairs.tolist() == [0]
    assert compared([BASE[:3]] * 20, [loose] * 20, shared=3).pairs.tolist() == [3] * 20


@pytest.mark.parametrize("level", [0.05, 0.0167])
@pytest.mark.parametrize("shared", [0, 3])
def test_bound_and_p_value_say_the_same(level, shared):
    """A lower bound above -margin is a p-value below the level, at every margin."""
    of = compared([BASE], [LOWER], shared=shared)
    low, high = bounds(of, level)
    assert low[0] < of.difference[0] < high[0]
    for shift in (-1e-6, 1e-6):
        p = evidence(of, -float(low[0]) + shift).p_inferior[0]
        assert (p < level) == (shift > 0)


def test_equal_seeds_are_not_certain():
    """324 of 360 three times against 323 three times: a difference of one example, which chance brings about."""
    of = compared([[324 / 360] * 3], [[323 / 360] * 3], step=1 / 360)
    assert float(evidence(of, 0.002).p_drop[0]) > 0.03
    low, high = bounds(of, 0.05)
    assert low[0] < -1 / 360 < high[0]


def test_a_drop_of_exactly_the_margin_is_even():
    """No rounding decides it: it is as probable as not, and passes nowhere."""
    for step, examples in ((1 / 360, 360), (1 / 10_000, 10_000)):
        base = [[0.9] * 3]
        for lost in (1, 2, 3, 7):
            of = compared(base, [[0.9 - lost / examples] * 3], step=step)
            assert float(evidence(of, lost / examples).p_inferior[0]) == pytest.approx(0.5, abs=1e-6)
            assert float(evidence(of, lost / examples, lost / examples).p_drop[0]) == pytest.approx(0.5, abs=1e-6)


def test_without_any_step_means_compare_exactly():
    """Equal seeds of a score that is 0 in each of them: no test could be made, and none is needed."""
    of = compared([[0.0, 0.0, 0.0]] * 2, [[0.0] * 3, [-1e-9] * 3])
    seen = evidence(of, 0.005)
    assert [1.0, 0.0] == seen.p_drop.tolist()
    assert [0.0, 0.0] == seen.p_inferior.tolist()


def test_one_seed_is_no_evidence():
    """Neither for a drop nor against one."""
    of = compared([BASE, [0.98]], [[0.5], LOWER])
    seen = evidence(of, 0.005)
    assert np.all(seen.p_drop == 1)
    assert np.all(seen.p_inferior == 1)
    low, high = bounds(of, 0.05)
    assert np.all(np.isneginf(low))
    assert np.all(np.isposinf(high))


def test_deviation_on_one_side_is_enough():
    """The other side may be the same for every seed."""
    seen = evidence(compared([BASE], [[0.97, 0.97, 0.97]]), 0.005)
    assert 0 < seen.p_drop[0] < 0.01


def test_cells_tell_one_another_how_far_seeds_lie_apart():
    """Four cells with three seeds each see a drop in one of them that none sees alone."""
    noise = np.random.default_rng(3)
    base, current = noise.normal(0.9, 0.003, (2, 20, 3))
    current[0] -= 0.02
    alone = evidence(compared(base[:1].tolist(), current[:1].tolist()), 0.005)
    together = evidence(compared(base.tolist(), current.tolist()), 0.005)
    assert together.p_drop[0] < alone.p_drop[0] / 2


def test_seeds_without_a_partner_may_contradict_the_pairs():
    """Five shared seeds are as accepted, five new ones a point lower."""
    noise = np.random.default_rng(3)
    shared = noise.normal(0.9, 0.003, 5)
    base, current = [*shared, *noise.normal(0.9, 0.003, 5)], [*shared, *noise.normal(0.9, 0.003, 5)]
    lower = [*current[:5], *(value - 0.01 for value in current[5:])]
    for now, contradict in ((current, False), (lower, True)):
        before, after = np.full((2, 1, 15), np.nan)
        before[0, :10], after[0, :5], after[0, 10:] = base, now[:5], now[5:]
        samples = Samples(before, after, np.ones(15, dtype=np.int64), np.array([1e-4]))
        of = estimate(samples)
        assert of.pairs.tolist() == [5]
        assert contradicted(samples, of, 0.01).tolist() == [contradict]
        call = decided(samples, np.array([0.005]), Rates(0.01)).calls[0]
        assert call == (Call.INCONCLUSIVE if contradict else Call.PASS)


def test_pairs_are_left_where_all_seeds_say_more():
    """Three pairs of ten seeds on either side, that agree by four fifths."""
    noise = np.random.default_rng(5)
    base, current = noise.normal(0.9, 0.003, (2, 20, 10))
    current[:, :3] = base[:, :3] * 0.8 + 0.9 * 0.2 + current[:, :3] * 0.6 - 0.9 * 0.6
    assert compared(base.tolist(), current.tolist(), shared=3).pairs.tolist() == [0] * 20
    assert compared(base[:, :3].tolist(), current[:, :3].tolist(), shared=3).pairs.tolist() == [3] * 20


def test_a_wide_cell_passes_by_its_own_seeds_alone():
    """The alarm borrows from the other cells, the claim that nothing was lost does not."""
    noise = np.random.default_rng(7)
    base = noise.normal(0.9, 0.003, (20, 3))
    of = compared(base.tolist(), (base + noise.normal(0, 0.0005, (20, 3))).tolist(), shared=3)
    assert of.pairs.tolist() == [3] * 20
    assert np.all(of.own_freedoms == 2)
    assert np.all(of.freedoms > 2)
