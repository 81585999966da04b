"""A run against a baseline, verdict by verdict."""

from __future__ import annotations

import zlib
from dataclasses import replace

import factories
import numpy as np
import pytest

from bench.analyse.gate.acceptance import Approval, accept
from bench.analyse.gate.judge import judge as judged
from bench.analyse.gate.pace import machine_of
from bench.core.errors import BenchError, ExitCode
from bench.declare.schema import GateKeys
from bench.record.baseline import digest, sealed
from bench.record.evidence import Obstacle, Pace
from bench.record.records import DeviceRecord, RunResult, RunStatus, Status
from bench.record.verdicts import Judgement, Topic, Verdict
from bench.render.gate.reasons import worded

APPROVAL = Approval("2026-11-24T12:00:00+00:00", "Somebody <s@example.org>", "the first")
LINEAR, HIDDEN = factories.cell("model-1", builder="softmax", parameters={}), factories.cell("model-2")
LABELS = np.tile(np.arange(10, dtype=np.uint8), 1000)
SPREAD = (-0.002, -0.001, 0.0, 0.001, 0.002)


def run(means=None, *, seeds=5, first=0, gate=None, **changes) -> RunResult:
    """A run of two cells, by default at 92.6 and 98.1 %, its seeds 0.16 points apart."""
    means = means or ((LINEAR, 0.926), (HIDDEN, 0.981))
    trials = [
        trial(cell, seed, mean + SPREAD[seed % 5]) for seed in range(first, first + seeds) for cell, mean in means
    ]
    data = factories.dataset(sha256="ab" * 32, labels=zlib.compress(LABELS.tobytes()))
    return factories.result(
        *trials,
        **{
            "gate": GateKeys(**(gate or {})).model_dump(mode="json"),
            "code": {"softmax": "c1", "mlp": "c2"},
            "fingerprint": "here",
            "datasets": (data,),
            **changes,
        },
    )


def trial(cell, seed, accuracy, **changes):
    """One whose predictions are as accurate as it says."""
    made = factories.trial(cell, seed, accuracy=accuracy, **changes)
    wrong = made.outcome.test_errors
    predicted = LABELS.copy()
    predicted[:wrong] = (predicted[:wrong] + 1) % 10
    return replace(made, outcome=replace(made.outcome, predictions=zlib.compress(predicted.tobytes())))


def judge(*arguments, **options) -> Judgement:
    """A judgement with its sentences."""
    return worded(judged(*arguments, **options))


def baseline(gate=None, seeds=10, **changes):
    return accept(run(seeds=seeds, gate=gate, **changes), APPROVAL, None)


def verdicts(judgement) -> dict[str, Verdict]:
    return {cell.cell_id.split("@")[0]: cell.verdict for cell in judgement.cells}


def changed(result: RunResult, change, cell=HIDDEN) -> RunResult:
    """The run with a change of the trials of a cell; None takes a trial away."""
    trials = [change(t) if t.cell.id == cell.id else t for t in result.trials]
    return replace(result, trials=tuple(t for t in trials if t is not None))


def test_the_same_again_passes():
    """Two runs of the same accuracy."""
    judgement = judge(baseline(), [run()])
    assert {"model-1": Verdict.PASS, "model-2": Verdict.PASS} == verdicts(judgement)
    assert ExitCode.OK is judgement.exit_code


def test_the_same_predictions_are_the_same_trainings():
    """Of every seed that both sides have: no statistics are asked, whatever the margin and the other seeds."""
    judgement = judge(baseline({"margin": 1e-6}), [run(seeds=15)])
    assert {"model-1": Verdict.PASS, "model-2": Verdict.PASS} == verdicts(judgement)
    assert [cell.difference for cell in judgement.cells] == [None, None]
    assert "Identical results: 10 seeds" in judgement.cells[0].reason


def test_two_shared_seeds_are_too_few_to_be_the_same_trainings():
    """As few as the gate takes for no reference."""
    judgement = judge(baseline({"margin": 1e-6}), [run(seeds=5, first=8)])
    assert all(cell.difference for cell in judgement.cells)


def test_one_other_prediction_is_another_training():
    """Then the seeds are compared, in pairs."""
    result = run()
    moved = LABELS.copy()
    moved[:190] = (moved[:190] + 2) % 10
    other = zlib.compress(moved.tobytes())
    spoilt = changed(result, lambda t: replace(t, outcome=replace(t.outcome, predictions=other)) if t.seed == 2 else t)
    cell = judge(baseline(), [spoilt]).cells[1]
    assert (Verdict.PASS, 5) == (cell.verdict, cell.difference.pairs)
    assert "over 5 seeds that both sides have" in cell.reason


def test_one_collapsed_seed_is_a_regression_of_its_own():
    """The seed is named, with what it reached."""

    def collapsed(t):
        return trial(t.cell, t.seed, 0.1) if t.seed == 3 else t

    judgement = judge(baseline(), [changed(run(), collapsed)])
    assert {"model-1": Verdict.PASS, "model-2": Verdict.REGRESSED} == verdicts(judgement)
    assert "Seed 3 reached 10.00 %" in judgement.cells[1].reason
    assert "97.90 %" in judgement.cells[1].reason


def test_a_drop_regresses_and_names_its_cell():
    """A point lower in one cell of two."""
    judgement = judge(baseline(), [run(((LINEAR, 0.926), (HIDDEN, 0.971)))])
    assert {"model-1": Verdict.PASS, "model-2": Verdict.REGRESSED} == verdicts(judgement)
    assert ExitCode.REGRESSED is judgement.exit_code
    cell = judgement.cells[1]
    assert cell.difference.value == pytest.approx(-0.01)
    assert "1.00 points lower" in cell.reason
    assert cell.flips.lost == 100
    assert cell.flips.gained == 0


def test_a_sure_gain_is_an_improvement():
    """A point higher."""
    assert Verdict.IMPROVED is verdicts(judge(baseline(), [run(((LINEAR, 0.936), (HIDDEN, 0.981)))]))["model-1"]


def test_a_drop_near_the_margin_is_inconclusive():
    """Neither surely within the margin nor surely a drop, at this alpha."""
    judgement = judge(baseline({"alpha": 1e-9}), [run(((LINEAR, 0.926), (HIDDEN, 0.9765)), first=10)])
    assert Verdict.INCONCLUSIVE is verdicts(judgement)["model-2"]
    assert ExitCode.NOT_JUDGED is judgement.exit_code


@pytest.mark.parametrize(
    ("choice", "code"), [("fail", ExitCode.REGRESSED), ("pass", ExitCode.OK), ("more-seeds", ExitCode.NOT_JUDGED)]
)
def test_what_follows_inconclusive_is_the_suite_s_choice(choice, code):
    """But a regression beside it is red all the same."""
    rules = {"alpha": 1e-9, "on_inconclusive": choice}
    assert code is judge(baseline(rules), [run(((LINEAR, 0.926), (HIDDEN, 0.9765)), first=10)]).exit_code


def test_margins_may_be_given_by_cell_or_architecture():
    """The cell's own comes before the architecture's."""
    rules = {"margins": {"model-2": 0.02, HIDDEN.id: 0.03, "model-1": 0.001}}
    judgement = judge(baseline(rules), [run(((LINEAR, 0.926), (HIDDEN, 0.955)))])
    assert [0.001, 0.03] == [cell.margin for cell in judgement.cells]
    assert Verdict.PASS is verdicts(judgement)["model-2"]


def test_under_the_rule_margin_a_drop_within_it_is_never_an_alarm():
    """0.4 points lower, surely: no alarm; two points: one."""
    within, beyond = (
        judge(baseline({"rule": "margin"}), [run(((LINEAR, 0.926), (HIDDEN, m)))]) for m in (0.977, 0.961)
    )
    assert Verdict.REGRESSED is not verdicts(within)["model-2"]
    assert Verdict.REGRESSED is verdicts(beyond)["model-2"]


def test_a_cell_that_is_gone_is_missing():
    """A missing benchmark never counts as fine."""
    judgement = judge(baseline(), [run(((LINEAR, 0.926),))])
    assert {"model-1": Verdict.PASS, "model-2": Verdict.MISSING} == verdicts(judgement)
    assert ExitCode.NOT_JUDGED is judgement.exit_code


def test_a_part_is_judged_only_when_asked_to():
    """And then says what it left out."""
    judgement = judge(baseline(), [run(((LINEAR, 0.926),), asked={"expression": "model-1"})], partial=True)
    assert {"model-1": Verdict.PASS} == verdicts(judgement)
    assert (HIDDEN.id,) == judgement.left_out
    assert any("-k 'model-1'" in note for note in judgement.notes)


def test_a_new_cell_is_shown_and_not_judged():
    """Until it is accepted."""
    new = factories.cell("model-3")
    judgement = judge(baseline(), [run(((LINEAR, 0.926), (HIDDEN, 0.981), (new, 0.5)))])
    assert (new.id,) == judgement.unjudged
    assert ExitCode.OK is judgement.exit_code


@pytest.mark.parametrize("status", [Status.FAILED, Status.DIVERGED, Status.TIMEOUT])
def test_a_trial_without_an_accuracy_makes_its_cell_invalid(status):
    """One of five is enough."""
    result = run()
    spoilt = result.trials[1]
    bad = changed(
        result, lambda t: factories.failed(HIDDEN, t.seed, status=status, reason="Boom.") if t is spoilt else t
    )
    judgement = judge(baseline(), [bad])
    assert Verdict.INVALID is verdicts(judgement)["model-2"]
    assert f"1 {status}" in judgement.cells[1].reason
    assert "Boom." in judgement.cells[1].reason
    assert ExitCode.NOT_JUDGED is judgement.exit_code


def test_nan_is_invalid():
    """It compares as false with everything, and never passes."""
    nan = changed(run(), lambda t: replace(t, outcome=replace(t.outcome, accuracy=float("nan"))))
    assert Verdict.INVALID is verdicts(judge(baseline(), [nan]))["model-2"]


@pytest.mark.parametrize("status", [Status.SKIPPED, Status.INTERRUPTED])
def test_what_did_not_run_is_missing(status):
    """A device that is not there."""
    skipped = changed(run(), lambda t: factories.failed(HIDDEN, t.seed, status=status, reason="No gpu:0."))
    judgement = judge(baseline(), [skipped])
    assert Verdict.MISSING is verdicts(judgement)["model-2"]
    assert "No gpu:0." in judgement.cells[1].reason


def test_fewer_seeds_than_planned_are_missing():
    """Planned five, came four: the record of one is gone."""
    result = run()
    assert Verdict.MISSING is verdicts(judge(baseline(), [changed(result, lambda t: t if t.seed else None)]))["model-2"]


def test_fewer_seeds_than_the_gate_asks_for_are_missing():
    """However few were planned."""
    judgement = judge(baseline({"min_seeds": 4}), [run(seeds=3)])
    assert {Verdict.MISSING} == set(verdicts(judgement).values())
    assert "the gate asks for 4" in judgement.cells[0].reason


def test_another_setting_is_invalid_with_a_diff():
    """Accuracy after ten epochs says nothing about accuracy after twenty."""
    short = replace(HIDDEN, settings=HIDDEN.settings.model_copy(update={"epochs": 10}))
    judgement = judge(baseline(), [changed(run(), lambda t: replace(t, cell=short))])
    assert Verdict.INVALID is verdicts(judgement)["model-2"]
    assert "epochs was 20, is 10" in judgement.cells[1].reason


def test_other_data_is_invalid():
    """By the hash that the trials recorded."""
    other = changed(run(), lambda t: replace(t, outcome=replace(t.outcome, data_sha256="cd" * 32)))
    judgement = judge(baseline(), [other])
    assert Verdict.INVALID is verdicts(judgement)["model-2"]
    assert "its data was abababababab, is cdcdcdcdcdcd" in judgement.cells[1].reason


def test_other_code_and_versions_are_judged_and_shown():
    """They are what the gate is there to judge."""
    judgement = judge(baseline(), [run(code={"softmax": "c1", "mlp": "new"}, fingerprint="there")])
    assert ExitCode.OK is judgement.exit_code
    assert ["the machine" in cell.changed[-1] for cell in judgement.cells] == [True, True]
    assert judgement.cells[1].changed[0] == "the code that builds or trains it"


def test_equal_weights_pass_without_statistics():
    """Bit for bit, in one environment, for every seed, and only where they were held to it."""
    exact = replace(HIDDEN, deterministic=True)
    accepted = accept(run(((exact, 0.981),)), APPROVAL, None)
    same, elsewhere = run(((exact, 0.5),)), run(((exact, 0.5),), fingerprint="there")
    assert Verdict.PASS is judge(accepted, [same]).cells[0].verdict
    assert judge(accepted, [same]).cells[0].difference is None
    assert Verdict.REGRESSED is judge(accepted, [elsewhere]).cells[0].verdict
    other = changed(
        same, lambda t: replace(t, outcome=replace(t.outcome, weights_digest="00" * 32)) if t.seed else t, exact
    )
    assert Verdict.REGRESSED is judge(accepted, [other]).cells[0].verdict


def test_more_seeds_decide_what_was_open():
    """The second look has the seeds of both; the decided cell keeps its verdict and its look."""
    rules = {"on_inconclusive": "more-seeds", "alpha": 1e-4}
    first = run(((LINEAR, 0.926), (HIDDEN, 0.9752)), seeds=3, first=11)
    accepted = baseline(rules)
    assert Verdict.INCONCLUSIVE is verdicts(judge(accepted, [first]))["model-2"]
    second = run(((HIDDEN, 0.975),), seeds=20, first=20)
    judgement = judge(accepted, [first, second])
    assert {"model-1": Verdict.PASS, "model-2": Verdict.REGRESSED} == verdicts(judgement)
    assert [1, 2] == [cell.difference.look for cell in judgement.cells]
    assert [3, 23] == [cell.current.n for cell in judgement.cells]
    assert 2 == judgement.looks


def test_the_accepted_rules_count():
    """A change of [gate] takes effect when it is accepted, and the check says so."""
    judgement = judge(baseline(), [run(((LINEAR, 0.926), (HIDDEN, 0.971)), gate={"margin": 0.5})])
    assert Verdict.REGRESSED is verdicts(judgement)["model-2"]
    assert any("margin 0.005, not 0.5" in note for note in judgement.notes)


def test_drift_is_said():
    """Ten accepted steps of a tenth of a point pass one by one, and are one point together."""
    accepted = baseline()
    for step in range(1, 11):
        now = run(((LINEAR, 0.926), (HIDDEN, 0.981 - 0.001 * step)), seeds=10)
        judgement = judge(accepted, [now])
        assert {Verdict.PASS} == set(verdicts(judgement).values()), step
        accepted = accept(now, replace(APPROVAL, reason=f"step {step}"), accepted)
    drift = judgement.cells[1].drift
    assert drift.value == pytest.approx(-0.01)
    assert "2026-11-24" in drift.since
    assert judgement.cells[0].drift is None
    assert ExitCode.OK is judgement.exit_code


def test_drift_is_not_measured_across_settings():
    """A chain of acceptances goes on, but a cell of other settings has no past in it."""
    longer = replace(HIDDEN, settings=HIDDEN.settings.model_copy(update={"epochs": 40}))
    chain = accept(run(((LINEAR, 0.926), (longer, 0.95))), APPROVAL, baseline())
    assert judge(chain, [run(((LINEAR, 0.926), (longer, 0.95)))]).cells[1].drift is None


def test_time_is_judged_when_asked_for():
    """And never otherwise; a slower cell is red, its accuracy judged all the same."""
    later = run()
    later = replace(later, trials=tuple(slow(t.cell, t.seed, t.outcome.accuracy) for t in later.trials))
    assert judge(baseline(), [later]).cells[0].time is None
    judgement = judge(baseline({"time": True}), [later])
    assert {Pace.SLOWER} == {cell.time.pace for cell in judgement.cells}
    assert {Verdict.PASS} == set(verdicts(judgement).values())
    assert ExitCode.REGRESSED is judgement.exit_code


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"fingerprint": "there"}, "another processor, other settings or other versions"),
        ({"machine": "there"}, "another machine: the processor's flags"),
        ({"machine": ""}, "the run does not say which machine"),
        ({"engine": "epoch"}, "engine fit, the current times of epoch"),
        ({"contention": "busy"}, "0 of the current trials"),
    ],
)
def test_times_of_different_things_are_not_comparable(change, told):
    """Another machine, another engine, trials that did not run alone."""
    fingerprint = change.pop("fingerprint", "here")
    result = run(fingerprint=fingerprint)
    result = replace(result, trials=tuple(trial(t.cell, t.seed, t.outcome.accuracy, **change) for t in result.trials))
    judgement = judge(baseline({"time": True}), [result])
    assert {Pace.NOT_COMPARABLE} == {cell.time.pace for cell in judgement.cells}
    assert told in judgement.cells[0].time.reason
    assert ExitCode.OK is judgement.exit_code
    start = "The training time of any of 2 cells could not be compared, so it was not judged: "
    assert 1 == sum(note.startswith(start) for note in judgement.notes)


def slow(cell, seed, accuracy, epoch_seconds=4.0):
    return trial(cell, seed, accuracy, epoch_seconds=epoch_seconds)


@pytest.mark.parametrize(
    ("gate", "change", "untimed", "code"),
    [
        ({"time": True}, {"machine": "there"}, 2, ExitCode.OK),
        ({"time": True, "require_time": True}, {"machine": "there"}, 2, ExitCode.NOT_JUDGED),
        ({"time": True, "require_time": True}, {}, 0, ExitCode.OK),
        ({"time": True, "require_time": True}, {"epoch_seconds": 1.7 * 1.25}, 2, ExitCode.NOT_JUDGED),  # undecided
        ({"time": True, "require_time": True}, {"epoch_seconds": 4.0}, 0, ExitCode.REGRESSED),
        ({}, {"machine": "there"}, 0, ExitCode.OK),
    ],
)
def test_who_requires_times_is_told_that_there_are_none(gate, change, untimed, code):
    """Exit 4 where the time of any cell could not be compared or not decided; a cell that got slower is exit 1."""
    result = run()
    result = replace(result, trials=tuple(trial(t.cell, t.seed, t.outcome.accuracy, **change) for t in result.trials))
    judgement = judge(baseline(gate), [result])
    assert (untimed, code) == (len(judgement.untimed), judgement.exit_code)
    assert {Verdict.PASS} == set(verdicts(judgement).values())


def test_a_remark_counts_why_times_are_not_compared():
    """As values: how many of how many cells, and the obstacles."""
    result = changed(run(), lambda t: replace(t, machine="there"))
    judgement = judged(baseline({"time": True}), [result])
    (remark,) = [remark for remark in judgement.remarks if remark.topic is Topic.UNTIMED]
    assert (1, 2, ((Obstacle.MACHINE, 1),)) == (remark.number, remark.cells, remark.obstacles)
    assert {Pace.KEPT, Pace.NOT_COMPARABLE} == {cell.time.pace for cell in judgement.cells}


def test_a_baseline_of_an_earlier_version_judges_scores_and_says_why_it_does_not_judge_times():
    """It does not say which machine its times are of; nothing else about it changed."""
    old = baseline({"time": True})
    old = sealed(replace(old, cells=tuple(replace(cell, machine="") for cell in old.cells)))
    judgement = judge(old, [run()])
    assert {Obstacle.NO_ACCEPTED_MACHINE} == {cell.time.obstacle for cell in judgement.cells}
    assert {Verdict.PASS} == set(verdicts(judgement).values())
    assert ((), ()) == tuple(cell.differing for cell in judgement.cells)


def test_times_of_several_machines_are_of_none():
    """A baseline whose trials were timed on two machines holds no machine; a GPU is part of the machine."""
    first, *rest = run().trials
    assert factories.MACHINE == machine_of(rest)
    assert "" == machine_of([replace(first, machine="there"), *rest])
    assert factories.MACHINE == machine_of([replace(first, machine="there", contention="busy"), *rest])
    gpus = [DeviceRecord(name="gpu:0", description=name) for name in ("A100", "H100")]
    machines = {machine_of([replace(first, outcome=replace(first.outcome, device=gpu))]) for gpu in gpus}
    assert len(machines | {factories.MACHINE, ""}) == 4


def test_a_rule_that_an_old_run_did_not_know_is_no_other_rule():
    """The run recorded its rules before there was `require_time`."""
    rules = {key: value for key, value in GateKeys().model_dump(mode="json").items() if key != "require_time"}
    judgement = judge(baseline(), [replace(run(), run=replace(run().run, gate=rules))])
    assert not [remark for remark in judgement.remarks if remark.topic is Topic.RULES]


def test_equal_arguments_give_equal_judgements():
    """Nothing in it depends on the clock or on chance."""
    rules = {"time": True}
    assert judge(baseline(rules), [run()]) == judge(baseline(rules), [run()])


@pytest.mark.parametrize(
    ("result", "reason", "told"),
    [
        (run(), "  ", "none was given"),
        (run(seeds=2), "why", "asks for 3"),
        (run(asked={"expression": "model-1"}), "why", "a part of the suite"),
        (run(status=RunStatus.INTERRUPTED), "why", "INTERRUPTED"),
        (replace(run(), trials=run().trials[:-1]), "why", "left no record"),
        (changed(run(), lambda t: factories.failed(HIDDEN, t.seed, reason="Boom.")), "why", "5 FAILED"),
    ],
    ids=["no reason", "few seeds", "part", "interrupted", "lost trial", "failed trials"],
)
def test_what_cannot_be_accepted_is_refused_with_a_way_out(result, reason, told):
    """One sentence, and what to type instead."""
    with pytest.raises(BenchError, match=told) as caught:
        accept(result, replace(APPROVAL, reason=reason), None)
    assert (ExitCode.USAGE if not reason.strip() else ExitCode.NOT_JUDGED) is caught.value.exit_code
    assert caught.value.hint


def test_an_acceptance_holds_what_a_reviewer_asks_for():
    """Every seed, where it came from, who and why."""
    accepted = baseline()
    cell = accepted.cells[1]
    assert list(range(10)) == [seed.seed for seed in cell.seeds]
    assert cell.seeds[0].score == pytest.approx(0.979)
    assert (cell.data_sha256, cell.code_sha256, cell.fingerprint) == ("ab" * 32, "c2", "here")
    last = accepted.last
    assert (last.accepted_by, last.reason, last.previous) == (APPROVAL.accepted_by, "the first", "")
    assert last.suite_sha256 == digest(factories.run_record().suite_source)
    assert last.cells[cell.cell_id].n == 10
