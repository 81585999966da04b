"""Which engine is taken, and the reason that is recorded."""

from __future__ import annotations

import math

import pytest
from factories import cell

from bench.execute.choice import (
    choose_engine,
    leaves_nothing,
    remaining_budget_s,
    survey_budget_s,
    survey_order,
    worth_measuring,
)
from bench.execute.inputs import PLAIN_READING
from bench.execute.messages import Inspection
from bench.record.records import EngineSurvey, EngineTiming
from bench.record.treatment import CompileRecord, InputRecord


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
    assert expected == choose_engine(cell(engine="auto"), SURVEY, steps, exact=False).name


@pytest.mark.parametrize(("declared", "exact"), [("auto-exact", False), ("auto", True)])
def test_an_exact_choice_never_takes_other_weights(declared: str, *, exact: bool) -> None:
    """XLA would be the fastest."""
    choice = choose_engine(cell(engine=declared), SURVEY, 100_000, exact=exact)
    assert "epoch" == choice.name
    assert choice.reason.startswith("auto-exact: measured on this shape, 100,000 steps")


def test_the_reason_says_what_was_measured() -> None:
    """Every engine's whole time, in words."""
    assert (
        "auto: measured on this shape, 10,000 steps and what goes before them take epoch 10.5 s, epoch-xla 6.50 s, "
        "fit 40.5 s" == choose_engine(cell(engine="auto"), SURVEY, 10_000, exact=False).reason
    )


def test_the_fastest_may_be_fit() -> None:
    """Nothing favours our own engines."""
    survey = EngineSurvey(shape="s", timings=(EPOCH, XLA, timing("fit", 0.4, 4e-4)))
    assert "fit" == choose_engine(cell(engine="auto"), survey, 1_000, exact=False).name


def test_an_engine_with_an_obstacle_is_left_out_and_told() -> None:
    """What could not be measured cannot be chosen."""
    broken = EngineTiming(engine="epoch-xla", exact=False, obstacle="it failed: no kernel")
    choice = choose_engine(
        cell(engine="auto"), EngineSurvey(shape="s", timings=(EPOCH, broken, FIT)), 100_000, exact=False
    )
    assert "epoch" == choice.name
    assert choice.reason.endswith("; not epoch-xla: it failed: no kernel")


def test_where_no_engine_could_be_measured_fit_trains() -> None:
    """With every obstacle in the reason."""
    broken = EngineTiming(engine="epoch", exact=True, obstacle="its images are too many")
    choice = choose_engine(cell(engine="auto"), EngineSurvey(shape="s", timings=(broken,)), 10, exact=False)
    assert ("fit", "auto: no other engine can train this model: not epoch: its images are too many") == (
        choice.name,
        choice.reason,
    )


def test_a_failed_survey_leaves_the_engine_that_keeps_the_weights() -> None:
    """Without a measurement nothing is gambled on."""
    choice = choose_engine(cell(engine="auto"), None, 10, exact=False)
    why = "measuring the engines would have failed or cost more than this training is worth"
    assert ("epoch", f"auto: {why}; this one keeps fit's weights") == (choice.name, choice.reason)


@pytest.mark.parametrize("declared", ["fit", "epoch", "epoch-xla"])
def test_a_declared_engine_is_taken_without_a_reason(declared: str) -> None:
    """The suite's own word is enough."""
    choice = choose_engine(cell(engine=declared), SURVEY, 10, exact=True)
    assert (declared, "") == (choice.name, choice.reason)


@pytest.mark.parametrize("declared", ["auto", "auto-exact", "epoch", "epoch-xla"])
def test_callbacks_are_called_by_fit_whatever_the_suite_declares(declared: str) -> None:
    """With the reason, which names the engine that was asked for."""
    choice = choose_engine(cell(engine=declared, callbacks=("own:make",)), SURVEY, 10, exact=False)
    reason = f"{declared} cannot train this cell: callbacks of its own are called by Model.fit"
    assert ("fit", reason) == (choice.name, choice.reason)


def test_a_declared_fit_needs_no_reason_for_callbacks() -> None:
    """The suite asked for it."""
    assert "" == choose_engine(cell(engine="fit", callbacks=("own:make",)), SURVEY, 10, exact=False).reason


def inspection(build_time_s: float, forward_time_s: float) -> Inspection:
    """Of a model that takes so long."""
    return Inspection(
        reading=PLAIN_READING,
        inputs={"": InputRecord(low=0.0, high=255.0)},
        compiled=CompileRecord(optimizer="SGD", learning_rate="0.1", loss="huber"),
        parameter_count=10,
        build_time_s=build_time_s,
        forward_time_s=forward_time_s,
    )


def test_measuring_may_take_a_twentieth_of_the_training() -> None:
    """A step is three calls of the model: 10,000 of 2 ms are a minute, of which 3 s may be spent."""
    assert 3.0 == pytest.approx(survey_budget_s(inspection(0.1, 0.002), 10_000))
    assert math.inf == survey_budget_s(None, 10_000)


@pytest.mark.parametrize(
    ("build_time_s", "budget_s", "worth"),
    [(0.01, 1.9, False), (0.01, 2.1, True), (1.0, 11.0, False), (1.0, 13.0, True)],
)
def test_two_engines_have_to_fit_into_the_budget(build_time_s: float, budget_s: float, *, worth: bool) -> None:
    """One alone is compared with nothing; a model that takes long to build takes long to measure."""
    assert worth == worth_measuring(inspection(build_time_s, 0.01), budget_s, exact=False)


def test_equal_weights_are_measured_whatever_it_takes() -> None:
    """`auto-exact` promises them for this very model."""
    assert worth_measuring(inspection(10.0, 0.01), 0.0, exact=True)


@pytest.mark.parametrize(("step_time_s", "budget_s"), [(0.001, 6.0), (0.03, 3.0), (0.2, 6.0)])
def test_long_steps_are_counted_as_measured(step_time_s: float, budget_s: float) -> None:
    """Three calls of 20 ms were estimated: steps of 30 ms halve the budget; short ones and longer ones leave it."""
    assert budget_s == remaining_budget_s(6.0, inspection(0.1, 0.02), [timing("epoch", 0.5, step_time_s)])
    assert 6.0 == remaining_budget_s(6.0, None, [timing("epoch", 0.5, step_time_s)])


def test_short_steps_are_measured_with_xla_first() -> None:
    """It wins there, and then the others need no measurement."""
    assert "epoch-xla" == survey_order(inspection(0.1, 0.001))[0]
    assert "epoch" == survey_order(inspection(0.1, 0.01))[0]
    assert "epoch" == survey_order(None)[0]


@pytest.mark.parametrize(("budget_s", "worth"), [(0.4, False), (0.6, True)])
def test_one_program_is_cheaper_to_measure_than_two(budget_s: float, *, worth: bool) -> None:
    """Short steps need the measurement of one engine, 0.5 s; others that of two."""
    assert worth == worth_measuring(inspection(0.1, 0.001), budget_s, exact=False)
    assert not worth_measuring(inspection(0.1, 0.01), budget_s, exact=False)


@pytest.mark.parametrize(
    ("engine", "step_time_s", "nothing"),
    [("epoch-xla", 1e-4, True), ("epoch-xla", 1e-3, False), ("epoch", 1e-4, False)],
)
def test_a_clear_winner_ends_the_survey(engine: str, step_time_s: float, *, nothing: bool) -> None:
    """A call of 1 ms lets a step of 3 ms be expected: a thirtieth of it leaves nothing to gain, a third does."""
    assert nothing == leaves_nothing(inspection(0.1, 0.001), [timing(engine, 0.5, step_time_s)])
    assert not leaves_nothing(None, [timing(engine, 0.5, step_time_s)])


def test_the_reason_says_why_others_were_not_measured() -> None:
    """Because one is so fast, or because measuring costs too much."""
    alone = choose_engine(cell(engine="auto"), EngineSurvey(shape="s", timings=(XLA,)), 10_000, exact=False)
    assert "epoch-xla" == alone.name
    assert alone.reason.endswith("take epoch-xla 6.50 s; its steps are so short that no other engine was measured")
    partial = EngineSurvey(shape="s", timings=(EPOCH,), complete=False)
    assert choose_engine(cell(engine="auto"), partial, 10, exact=False).reason.endswith(
        "take epoch 510 ms; measuring the other engines would cost more than they could save"
    )
