"""From p-values to calls."""

from __future__ import annotations

import numpy as np
import pytest

from bench.analyse.gate.decision import Call, Rates, adjusted, decide, decided, holm
from bench.analyse.gate.evidence import Evidence
from bench.analyse.gate.samples import Samples

ONE_LOOK = Rates(0.05)


def found(p_inferior, p_drop, p_gain=None) -> Evidence:
    drop = np.array([p_drop], dtype=float)
    gain = 1 - drop if p_gain is None else np.array([p_gain], dtype=float)
    return Evidence(np.zeros_like(drop), np.array([p_inferior], dtype=float), drop, gain)


def test_holm_steps_down():
    """The example of Holm's paper in numbers: each p-value against alpha over those not yet rejected."""
    p = np.array([0.01, 0.04, 0.03, 0.005])
    assert [True, False, False, True] == holm(p, 0.05).tolist()
    assert [0.03, 0.06, 0.06, 0.02] == pytest.approx(adjusted(p).tolist())


def test_what_follows_the_first_that_is_kept_is_kept():
    """0.02 alone would be rejected; after 0.026 has been kept it is not reached in another order."""
    assert not holm(np.array([0.026, 0.03, 0.04]), 0.05).any()


def test_passing_comes_first():
    """A small drop that is sure and within the margin is no regression."""
    assert [[Call.PASS]] == decide(found([0.01], [1e-9]), ONE_LOOK).tolist()


def test_a_sure_drop_that_does_not_pass_is_a_regression():
    """And an unsure one is inconclusive."""
    assert [[Call.REGRESSED, Call.INCONCLUSIVE]] == decide(found([0.9, 0.5], [1e-9, 0.2]), ONE_LOOK).tolist()


def test_a_gain_needs_the_correction_too():
    """Of two cells that pass, the one that surely gained has improved."""
    calls = decide(found([0.0, 0.0], [1, 1], [0.001, 0.04]), Rates(0.05))
    assert [[Call.IMPROVED, Call.IMPROVED]] == calls.tolist()
    calls = decide(found([0.0, 0.0], [1, 1], [0.04, 0.04]), Rates(0.05))
    assert [[Call.PASS, Call.PASS]] == calls.tolist()


def test_each_look_spends_its_part_of_both_rates():
    """What passes or regresses at one look need not at the first of three."""
    evidence = found([0.04, 0.9], [0.9, 0.02])
    assert [[Call.PASS, Call.REGRESSED]] == decide(evidence, Rates(0.05)).tolist()
    assert [[Call.INCONCLUSIVE, Call.INCONCLUSIVE]] == decide(evidence, Rates(0.05, looks=3)).tolist()


def test_alpha_is_spent_once():
    """The means, the single seeds and all looks together spend no more than alpha."""
    rates = Rates(0.01, looks=3)
    assert 3 * (rates.alpha_per_look + rates.alpha_for_single_seeds) == pytest.approx(0.01)


def test_decided_cells_keep_their_call_and_their_evidence():
    """More seeds of one cell are no news about another, even where they are handed in."""
    steady, lower = [0.90, 0.901, 0.899], [0.80, 0.801, 0.799]
    open_first = [0.90, 0.88, 0.92]
    base = np.array([[*steady] * 2] * 3)
    first, second = np.array([steady, lower, open_first]), np.array([lower, steady, lower])
    nothing = np.full((3, 6), np.nan)
    samples = Samples(
        np.concatenate([base, nothing], axis=1),
        np.concatenate([nothing, first, second], axis=1),
        np.array([1] * 9 + [2] * 3),
        np.full(3, 1e-4),
    )
    before = decided(samples, np.full(3, 0.005), Rates(0.05, looks=2), looks=1)
    assert [Call.PASS, Call.REGRESSED, Call.INCONCLUSIVE] == before.calls.tolist()
    after = decided(samples, np.full(3, 0.005), Rates(0.05, looks=2), looks=2)
    assert [Call.PASS, Call.REGRESSED] == after.calls[:2].tolist()
    assert [1, 1, 2] == after.look.tolist()
    assert before.stands.p_drop[:2].tolist() == after.stands.p_drop[:2].tolist()
    assert before.stands.p_drop[2] > after.stands.p_drop[2]
