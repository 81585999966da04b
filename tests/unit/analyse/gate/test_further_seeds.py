"""Which seeds a check trains next."""

from __future__ import annotations

from dataclasses import replace

from gate_cases import baseline

from bench.analyse.gate.further_seeds import further_seeds

(CELL,) = baseline((324,) * 10).cells  # accepted with the seeds 0 to 9


def test_accepted_seeds_that_were_not_trained_come_first():
    """They can be paired with the baseline."""
    assert (5, 6, 7) == further_seeds([CELL], {0, 1, 2, 3, 4}, 3)


def test_fresh_seeds_follow():
    """Above every seed that was accepted or trained, so that nobody chose them."""
    assert (8, 9, 10, 11) == further_seeds([CELL], set(range(8)), 4)
    assert (51, 52, 53) == further_seeds([CELL], {*range(10), 50}, 3)


def test_seeds_that_were_never_accepted_do_not_use_up_the_accepted_ones():
    """A run of chosen seeds is followed by the accepted ones."""
    assert (0, 1, 2) == further_seeds([CELL], {17, 23, 42}, 3)


def test_cells_share_their_seeds():
    """Of cells that were accepted with different seeds only the common ones are taken; fresh ones are new to both."""
    other = replace(CELL, cell_id="other", seeds=tuple(replace(seed, seed=seed.seed + 8) for seed in CELL.seeds))
    assert (8, 9, 18, 19) == further_seeds([CELL, other], {0, 1}, 4)
