"""Small cases that a gate has to get right, each through the function that judges a run."""

from __future__ import annotations

from dataclasses import replace

import factories
import pytest
from gate_cases import APPROVAL, CELL, baseline, run

from bench.analyse.gate.acceptance import accept
from bench.analyse.gate.judge import judge
from bench.core.errors import ExitCode
from bench.record.evidence import Origin
from bench.record.verdicts import Cause, Remark, Topic, Verdict
from bench.render.gate.advice import next_steps
from bench.render.gate.reasons import worded
from bench.render.gate.words import sentence

NEW = factories.cell("model-2", dataset="digits")
TEN = (324, 326, 322, 325, 323, 324, 327, 321, 325, 323)
SPREAD = (-4, -2, 0, 2, 4, -3, -1, 1, 3, 0)
"""Correct predictions of ten seeds of 10,000 examples around their mean; their standard deviation is 0.03 points."""


def around(accuracy: float, seeds: int = 10) -> list[int]:
    """Seeds of 10,000 test examples whose mean is that accuracy in percent, for ten seeds."""
    return [round(100 * accuracy) + SPREAD[seed] for seed in range(seeds)]


def chain(*accuracies: float):
    """A baseline that was accepted once with each of these mean accuracies, in percent."""
    accepted = None
    for number, accuracy in enumerate(accuracies):
        approval = replace(APPROVAL, accepted_at=f"2026-01-{number + 1:02d}T12:00:00+00:00")
        result = run(around(accuracy), images=10_000, code=f"step {number}")
        accepted = accept(result, approval, accepted)
    return accepted


def test_a_new_cell_is_counted_in_the_summary_and_not_judged():
    """The baseline lacks it; the run is green."""
    judgement = judge(baseline(TEN), [run(TEN[:5], others=[(NEW, (36,) * 5)])])
    assert (NEW.id,) == judgement.unjudged
    assert [CELL.id] == [cell.cell_id for cell in judgement.cells]
    assert sentence(judgement).endswith("; 1 cell is new and was not judged.")


@pytest.mark.parametrize("current", [(360,) * 5, (360, 360, 359, 360, 360)])
def test_a_baseline_of_100_percent_raises_no_alarm_for_100_percent_or_one_error(current):
    """All ten accepted seeds were without an error."""
    judgement = judge(baseline((360,) * 10), [run(current, seeds=range(20, 20 + len(current)))])
    assert Verdict.REGRESSED is not judgement.cells[0].verdict
    assert judgement.cells[0].difference.high <= 1.0


def test_seeds_without_an_error_are_the_same_trainings():
    """Their predictions cannot differ."""
    (cell,) = judge(baseline((360,) * 10), [run((360,) * 5)]).cells
    assert (Verdict.PASS, Cause.SAME_PREDICTIONS) == (cell.verdict, cell.grounds.cause)


@pytest.mark.parametrize("margin", [0.0001, 0.005])
def test_three_seeds_of_100_percent_raise_no_alarm_for_one_error(margin):
    """One error in one of three seeds, however narrow the margin."""
    rules = {"margin": margin}
    judgement = judge(baseline((360,) * 3, gate=rules), [run((360, 359, 360), gate=rules)])
    assert Verdict.REGRESSED is not judgement.cells[0].verdict


def test_a_seed_that_did_not_converge_does_not_pass():
    """Four of five seeds are as before, one is at chance."""
    judgement = judge(baseline(TEN, gate={"margin": 0.02}), [run((*TEN[:4], 36))])
    assert judgement.cells[0].verdict in {Verdict.INCONCLUSIVE, Verdict.REGRESSED}
    assert ExitCode.OK is not judgement.exit_code


def test_a_seed_that_did_not_converge_is_no_alarm_where_one_was_accepted():
    """The accepted seeds show that it happens."""
    judgement = judge(baseline((*TEN[:9], 36), gate={"margin": 0.02}), [run((*TEN[:4], 36))])
    assert Verdict.REGRESSED is not judgement.cells[0].verdict


def test_drift_is_counted_from_the_best_acceptance():
    """90, 92 and 90.4 % were accepted, 90 % is no drop since the first, and 2 points since the second."""
    judgement = judge(chain(90, 92, 90.4), [run(around(90.0), images=10_000)])
    drift = judgement.cells[0].drift
    assert (Origin.BEST, "2026-01-02T12:00:00+00:00") == (drift.origin, drift.since)
    assert drift.value == pytest.approx(-0.02)
    assert drift.low < -0.02 < drift.high < 0
    assert drift.accepted.mean == pytest.approx(0.92)
    assert Verdict.REGRESSED is not judgement.cells[0].verdict
    assert judgement.exit_code is not ExitCode.REGRESSED


def test_a_baseline_that_creeps_is_seen():
    """Ten acceptances, each 0.2 points lower: every step passes, and the steps are reported as 2 points."""
    steps = [98 - 0.2 * step for step in range(11)]
    for number in range(1, 11):
        judgement = judge(chain(*steps[:number]), [run(around(steps[number]), images=10_000)])
        assert Verdict.PASS is judgement.cells[0].verdict, number
        # up to the margin of half a point nothing has to be said
        assert (judgement.cells[0].drift is not None) == (number > 2), number
    drift = judgement.cells[0].drift
    assert Origin.FIRST is drift.origin
    assert drift.value == pytest.approx(-0.02)
    assert ExitCode.OK is judgement.exit_code
    assert sentence(judgement) == "mnist-mlp: 1 PASS of 1 cell; 1 cell drifted since an earlier acceptance."


def test_an_improvement_says_how_to_accept_it():
    """With as many seeds as the baseline has."""
    judgement = judge(baseline(TEN), [run([right + 20 for right in TEN[:5]])])
    assert Verdict.IMPROVED is judgement.cells[0].verdict
    assert ExitCode.OK is judgement.exit_code
    (step,) = next_steps(judgement)
    assert "--seeds 10" in step
    assert 'bench accept RUN --reason "..."' in step


def test_seeds_that_were_never_accepted_are_named():
    """Three seeds that somebody chose; accepted ones are not named, nor those that a later look added."""
    accepted = baseline(TEN, gate={"margin": 0.02, "on_inconclusive": "more-seeds"})
    judgement = judge(accepted, [run((329, 330, 328), seeds=(42, 17, 23), gate=accepted.gate.model_dump())])
    assert (Remark(topic=Topic.SEEDS, seeds=(17, 23, 42)),) == judgement.remarks
    assert any(note.startswith("Seeds 17, 23, 42 are not among the accepted seeds") for note in worded(judgement).notes)
    looks = [run(TEN[:3]), run((324, 324, 324), seeds=(10, 11, 12))]
    assert not any(remark.topic is Topic.SEEDS for remark in judge(accepted, looks).remarks)


def test_a_run_with_one_seed_is_missing():
    """It is below the fewest that the gate judges."""
    (cell,) = judge(baseline(TEN), [run((324,))]).cells
    assert (Verdict.MISSING, Cause.FEW_SEEDS) == (cell.verdict, cell.grounds.cause)


@pytest.mark.parametrize("right", [(324,) * 5, (100,) * 5])
def test_a_baseline_with_one_seed_decides_nothing(right):
    """No spread is known; such a file was not written by `bench accept`, which asks for more."""
    accepted = baseline(TEN)
    single = replace(accepted, cells=(replace(accepted.cells[0], seeds=accepted.cells[0].seeds[:1]),))
    (cell,) = judge(single, [run(right)]).cells
    assert Verdict.INCONCLUSIVE is cell.verdict
    assert (None, Cause.ONE_ACCEPTED_SEED) == (cell.difference, cell.grounds.cause)
    assert cell.baseline.std is None
