"""A drop since any earlier acceptance of the same content."""

from __future__ import annotations

import numpy as np
import pytest
from chains import CONTENT, chain, past

from bench.analyse.gate.decision import Rates
from bench.analyse.gate.drift import Descendant, find_drifts
from bench.core.scores import SCORES
from bench.record.evidence import Drift, Origin

MAE = SCORES["mean_absolute_error"]
NOISE = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])


def now(mean: float, std: float = 0.0005, margin: float = 0.005, cell_id: str = "a", seeds: int = 5) -> Descendant:
    return Descendant(cell_id, CONTENT, (mean + std * np.resize(NOISE, seeds)).tolist(), margin)


def drift(mean: float, *accepted, score=SCORES["balanced_accuracy"], margin: float = 0.005, std=0.0005) -> Drift | None:
    """The drift of a cell with these acceptances, the last one in force."""
    acceptances = chain([{"a": figures} for figures in accepted])
    return find_drifts([now(mean, std, margin)], acceptances, Rates(0.01), score).get("a")


def test_a_drop_since_the_best_acceptance_is_reported():
    """90, 92 and 90.4 % accepted, 90 % now."""
    found = drift(0.90, past(0.90, 0.001), past(0.92, 0.001), past(0.904, 0.001))
    assert (Origin.BEST, "2026-01-02T12:00:00+00:00") == (found.origin, found.since)
    assert (10, 0.92, 0.001) == (found.accepted.n, found.accepted.mean, found.accepted.std)
    assert found.value == pytest.approx(-0.02)


def test_of_several_drops_the_one_since_the_best_is_reported():
    """92, 93 and 91 % accepted, 90 % now: 3 points since the second, not 2 since the first."""
    found = drift(0.90, past(0.92, 0.001), past(0.93, 0.001), past(0.91, 0.001))
    assert (Origin.BEST, pytest.approx(-0.03)) == (found.origin, found.value)


def test_the_first_is_named_where_it_is_the_best():
    """It is both."""
    found = drift(0.96, past(0.98, 0.001), past(0.97, 0.001), past(0.965, 0.001))
    assert (Origin.FIRST, "2026-01-01T12:00:00+00:00") == (found.origin, found.since)


def test_an_acceptance_in_between_is_named_where_the_others_cannot_show_the_drop():
    """The first is no better, the seeds of the best are too far apart."""
    found = drift(0.90, past(0.90, 0.001), past(0.92, 0.001), past(0.925, 0.05, n=3), past(0.904, 0.001))
    assert (Origin.EARLIER, "2026-01-02T12:00:00+00:00") == (found.origin, found.since)


def test_the_best_includes_the_acceptance_in_force():
    """Its own comparison is the gate's; the one before it is not called the best."""
    found = drift(0.88, past(0.90, 0.001), past(0.92, 0.001), past(0.93, 0.001))
    assert Origin.EARLIER is found.origin


def test_a_drop_within_the_margin_is_no_drift():
    """0.2 points of 0.5."""
    assert drift(0.978, past(0.98, 0.001), past(0.979, 0.001)) is None


def test_the_acceptance_in_force_is_not_compared():
    """The gate does that; neither is an earlier acceptance of the very same figures, such as of the same run."""
    assert drift(0.90, past(0.98, 0.001)) is None
    assert drift(0.90, past(0.98, 0.001), past(0.98, 0.001)) is None
    assert drift(0.90, past(0.981, 0.001), past(0.98, 0.001)) is not None


def test_other_settings_and_data_are_not_compared():
    """They are no reference, neither as the first nor as the best."""
    found = drift(0.96, past(0.99, 0.001, content="other"), past(0.98, 0.001), past(0.965, 0.001))
    assert (Origin.FIRST, "2026-01-02T12:00:00+00:00") == (found.origin, found.since)
    assert drift(0.96, past(0.99, 0.001, content="other"), past(0.965, 0.001)) is None


def test_the_best_of_an_error_is_the_lowest():
    """MAE of 42, 40 and 41.8 accepted, 42 now."""
    found = drift(42.0, past(42, 0.1), past(40, 0.1), past(41.8, 0.1), score=MAE, margin=0.5, std=0.1)
    assert (Origin.BEST, pytest.approx(2.0), 40.0) == (found.origin, found.value, found.accepted.mean)
    assert 0 < found.low < 2 < found.high


def test_every_acceptance_makes_the_correction_stronger():
    """A drop that one earlier acceptance shows is not reported when it is the best of twenty."""
    best, others = past(0.92, 0.004), [past(0.905 + 0.0001 * i, 0.004) for i in range(19)]
    last = past(0.906, 0.003)
    alone = drift(0.9125, best, last, std=0.004)
    assert alone is not None
    assert drift(0.9125, best, *others, last, std=0.004) is None


def test_each_look_may_spend_its_part_only():
    """With three looks the same drop needs a p-value a third as large."""
    acceptances = chain([{"a": past(0.92, 0.004)}, {"a": past(0.906, 0.003)}])
    assert find_drifts([now(0.914, 0.004)], acceptances, Rates(0.01))
    assert not find_drifts([now(0.914, 0.004)], acceptances, Rates(0.01, looks=3))


def test_a_seed_alone_shows_no_drift():
    """One accepted seed, or one current seed, has no deviation."""
    assert drift(0.90, past(0.98, None, n=1), past(0.905, 0.001)) is None
    single = Descendant("a", CONTENT, (0.9,), 0.005)
    assert not find_drifts([single], chain([{"a": past(0.98, 0.001)}, {"a": past(0.97, 0.001)}]), Rates(0.01))


def test_only_the_cells_that_dropped_are_reported():
    """By their id; a cell without a past is left out."""
    cells = [now(0.96, cell_id="a"), now(0.98, cell_id="b"), now(0.9, cell_id="new")]
    figures = [{"a": past(mean, 0.001), "b": past(mean, 0.001)} for mean in (0.98, 0.975)]
    assert ["a"] == list(find_drifts(cells, chain(figures), Rates(0.01)))
    assert {} == find_drifts([], (), Rates(0.01))
