"""A run that trained nothing says whose host and versions it shows."""

from __future__ import annotations

from dataclasses import replace

from factories import environment, result, trial

from bench.record.records import RunResult
from bench.render.context.environment import environment_rows
from bench.render.origin import environment_origin

EARLIER = "20261120-120000-aaaa"


def reused(**changes: object) -> RunResult:
    """Three trials, all of earlier runs."""
    trials = [replace(trial(seed=seed), run_id=EARLIER if seed else "20261101-120000-bbbb") for seed in range(3)]
    shown = result(*trials, **changes)
    return replace(shown, reused=frozenset(one.trial_id for one in trials))


def test_it_names_the_run_and_how_much_that_trained() -> None:
    """One of several."""
    shown = reused(environment=environment(), environment_run=EARLIER)
    sentence = f"run {EARLIER}, which trained 2 of 3 trials; this run trained nothing"
    assert sentence == environment_origin(shown)
    assert ("Recorded by", sentence) == environment_rows(shown)[0]
    assert "Host" in dict(environment_rows(shown))


def test_it_says_where_nobody_knows() -> None:
    """Nothing is invented."""
    sentence = "no run: this run trained nothing, and the store does not have the run that trained its trials"
    assert (("Recorded by", sentence),) == environment_rows(reused(environment=None))


def test_a_run_of_its_own_says_nothing() -> None:
    """With its environment, or interrupted before it was known."""
    assert "" == environment_origin(result(trial(), environment=environment()))
    assert () == environment_rows(result(trial(), environment=None))
