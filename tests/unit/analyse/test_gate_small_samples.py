"""Small cases: discrete scores, outlying seeds, and one accepted seed."""

from __future__ import annotations

from dataclasses import replace

import factories
import pytest
from gate_cases import APPROVAL, CELL, baseline, run

from bench.analyse.gate.acceptance import accept
from bench.analyse.gate.judge import judge
from bench.core.errors import ExitCode
from bench.core.scores import SCORES
from bench.declare.schema import GateKeys
from bench.record.verdicts import Verdict

TEN = (324, 326, 322, 325, 323, 324, 327, 321, 325, 323)


@pytest.mark.parametrize("margin", [0.0001, 0.002])
def test_equal_seeds_are_no_certainty(margin):
    """324 of 360 three times, then 323 three times: a test set of 360 cannot tell that from chance."""
    rules = {"margin": margin}
    (cell,) = judge(baseline((324,) * 3, gate=rules), [run((323,) * 3, gate=rules)]).cells
    assert Verdict.REGRESSED is not cell.verdict
    assert cell.difference.p_drop_adjusted > 0.01
    assert cell.difference.low < cell.difference.value < cell.difference.high


@pytest.mark.parametrize(("lower", "margin"), [(323, 1 / 360), (306, 0.05), (288, 0.1)])
@pytest.mark.parametrize("rule", ["difference", "margin"])
def test_a_drop_of_exactly_the_margin_is_not_decided_by_rounding(lower, margin, rule):
    """The difference of two fractions is a little more or less than the margin that was written."""
    rules = {"margin": margin, "rule": rule}
    (cell,) = judge(baseline((324,) * 3, gate=rules), [run((lower,) * 3, gate=rules)]).cells
    assert cell.verdict not in {Verdict.PASS, Verdict.IMPROVED}
    if rule == "margin":
        assert Verdict.INCONCLUSIVE is cell.verdict


def test_no_bound_says_more_than_is_known_where_every_seed_is_100_percent():
    """Ten and five seeds without an error do not prove that nothing was lost."""
    (cell,) = judge(baseline((360,) * 10), [run((360,) * 5, seeds=range(20, 25))]).cells
    assert Verdict.REGRESSED is not cell.verdict
    assert cell.difference.low < 0


def test_one_error_in_every_seed_is_no_certainty():
    """100 % in three accepted seeds, one error of 360 in each of three current ones."""
    rules = {"margin": 0.001}
    (cell,) = judge(baseline((360,) * 3, gate=rules), [run((359,) * 3, gate=rules)]).cells
    assert Verdict.REGRESSED is not cell.verdict
    assert cell.difference.low < cell.difference.value


@pytest.mark.parametrize("seeds", [3, 5])
def test_one_seed_far_below_every_accepted_one_is_red(seeds):
    """One seed at chance, the others as before: its own rule finds it, whatever it does to the deviation."""
    judgement = judge(baseline(TEN, gate={"margin": 0.02}), [run((*TEN[: seeds - 1], 36))])
    assert Verdict.REGRESSED is judgement.cells[0].verdict
    assert ExitCode.REGRESSED is judgement.exit_code


def test_a_baseline_with_one_seed_decides_nothing_of_a_score_without_bounds():
    """No finite bound is known, and the judgement can still be made."""
    mae = SCORES["mean_absolute_error"]
    trials = [factories.scored(CELL, seed, mae, 40.0 + seed) for seed in range(5)]
    result = factories.result(*trials, score=mae, gate=GateKeys(margin=2.0).model_dump(mode="json"))
    accepted = accept(result, APPROVAL, None)
    single = replace(accepted, cells=(replace(accepted.cells[0], seeds=accepted.cells[0].seeds[:1]),))
    (cell,) = judge(single, [result]).cells
    assert Verdict.INCONCLUSIVE is cell.verdict


@pytest.mark.parametrize(
    ("accepted", "right", "seeds"),
    [
        ((320, 326, 333), (320, 326, 333, 36, 36), (0, 1, 2, 3, 4)),
        (
            (326, 327, 36, 328, 327, 326, 327, 326, 325, 328),
            (326, 327, 37, 328, 327, 36, 36),
            (0, 1, 2, 3, 4, 100, 101),
        ),
    ],
    ids=["three accepted seeds", "one accepted seed at chance"],
)
@pytest.mark.parametrize("code", ["now", "then"], ids=["other trainings", "same trainings"])
def test_new_seeds_at_chance_do_not_pass_by_the_calm_of_shared_ones(accepted, right, seeds, code):
    """Two seeds that were never accepted end at chance."""
    rules = {"margin": 0.005}
    judgement = judge(baseline(accepted, gate=rules), [run(right, seeds=seeds, gate=rules, code=code)])
    assert judgement.cells[0].verdict in {Verdict.INCONCLUSIVE, Verdict.REGRESSED}
    assert ExitCode.OK is not judgement.exit_code
