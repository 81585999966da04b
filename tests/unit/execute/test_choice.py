"""Which engine is taken, and the reason that is recorded."""

from __future__ import annotations

import pytest

from bench.execute.choice import choose_engine
from bench.record.records import EngineSurvey, EngineTiming


def timing(engine: str, prepare_time_s: float, step_time_s: float) -> EngineTiming:
    """A timing of one of the shipped engines."""
    exact = engine != "epoch-xla"
    return EngineTiming(engine=engine, exact=exact, prepare_time_s=prepare_time_s, step_time_s=step_time_s)


EPOCH, XLA, FIT = timing("epoch", 0.5, 1e-3), timing("epoch-xla", 1.5, 5e-4), timing("fit", 0.5, 4e-3)
SURVEY = EngineSurvey(shape="s", timings=(EPOCH, XLA, FIT))


@pytest.mark.parametrize(
    ("steps", "expected"),
    [(1, "epoch"), (1_999, "epoch"), (2_001, "epoch-xla"), (100_000, "epoch-xla")],
)
def test_what_goes_before_the_steps_counts(steps: int, expected: str) -> None:
    """A program that takes a second longer to compile pays once it saves that second: 2,000 steps of 0.5 ms."""
    assert expected == choose_engine("auto", SURVEY, steps, exact=False).name


@pytest.mark.parametrize(("declared", "exact"), [("auto-exact", False), ("auto", True)])
def test_an_exact_choice_never_takes_other_weights(declared: str, *, exact: bool) -> None:
    """XLA would be the fastest."""
    choice = choose_engine(declared, SURVEY, 100_000, exact=exact)
    assert "epoch" == choice.name
    assert choice.reason.startswith("auto-exact: measured on this shape, 100,000 steps")


def test_the_reason_says_what_was_measured() -> None:
    """Every engine's whole time, in words."""
    assert (
        "auto: measured on this shape, 10,000 steps and what goes before them take epoch 10.5 s, epoch-xla 6.50 s, "
        "fit 40.5 s" == choose_engine("auto", SURVEY, 10_000, exact=False).reason
    )


def test_the_fastest_may_be_fit() -> None:
    """Nothing favours our own engines."""
    survey = EngineSurvey(shape="s", timings=(EPOCH, XLA, timing("fit", 0.4, 4e-4)))
    assert "fit" == choose_engine("auto", survey, 1_000, exact=False).name


def test_an_engine_with_an_obstacle_is_left_out_and_told() -> None:
    """What could not be measured cannot be chosen."""
    broken = EngineTiming(engine="epoch-xla", exact=False, obstacle="it failed: no kernel")
    choice = choose_engine("auto", EngineSurvey(shape="s", timings=(EPOCH, broken, FIT)), 100_000, exact=False)
    assert "epoch" == choice.name
    assert choice.reason.endswith("; not epoch-xla: it failed: no kernel")


def test_where_no_engine_could_be_measured_fit_trains() -> None:
    """With every obstacle in the reason."""
    broken = EngineTiming(engine="epoch", exact=True, obstacle="its images are too many")
    choice = choose_engine("auto", EngineSurvey(shape="s", timings=(broken,)), 10, exact=False)
    assert ("fit", "auto: no other engine can train this model: not epoch: its images are too many") == (
        choice.name,
        choice.reason,
    )


def test_a_failed_survey_leaves_the_engine_that_keeps_the_weights() -> None:
    """Without a measurement nothing is gambled on."""
    choice = choose_engine("auto", None, 10, exact=False)
    why = "measuring the engines would have failed or cost more than this training is worth"
    assert ("epoch", f"auto: {why}; this one keeps fit's weights") == (choice.name, choice.reason)


@pytest.mark.parametrize("declared", ["fit", "epoch", "epoch-xla"])
def test_a_declared_engine_is_taken_without_a_reason(declared: str) -> None:
    """The suite's own word is enough."""
    choice = choose_engine(declared, SURVEY, 10, exact=True)
    assert (declared, "") == (choice.name, choice.reason)
