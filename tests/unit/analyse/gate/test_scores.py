"""The gate on other scores than accuracy: lower is better, no bounds, values, labels, many classes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import factories
import numpy as np
import pytest
from scipy import stats

from bench.analyse.configuration import canonical, declared_settings
from bench.analyse.gate.acceptance import Approval, accept
from bench.analyse.gate.judge import judge
from bench.analyse.gate.side import content_of, outward
from bench.core.errors import BenchError, ExitCode
from bench.core.score import ACCURACY
from bench.core.scores import SCORES, own_score
from bench.core.target import Target, Task
from bench.declare.schema import GateKeys
from bench.record.baseline import read_baseline
from bench.record.records import RunResult
from bench.record.verdicts import Cause, Verdict
from bench.render.gate.reasons import worded

APPROVAL = Approval("2026-11-24T12:00:00+00:00", "Somebody <s@example.org>", "the first")
MAE, AUC = SCORES["mean_absolute_error"], SCORES["auc"]
HOUSES = factories.cell("mlp", dataset="houses")
PRICES = Target(Task.REGRESSION, ("price",))
TRUE = np.linspace(0, 1000, 200, dtype=np.float32)[:, None]
SPREAD = (-0.4, -0.2, 0.0, 0.2, 0.4)


def run(mean: float, *, seeds: int = 5, score=MAE, gate=None, **changes) -> RunResult:
    """A run of one cell whose seeds are so far off, on average, and 0.3 apart."""
    trials = [trial(seed, mean + SPREAD[seed % 5], score) for seed in range(seeds)]
    data = factories.dataset(
        "houses", labels=PRICES.pack(TRUE), task=Task.REGRESSION, targets=PRICES.names, classes=(), test_images=200
    )
    rules = GateKeys(**({"margin": 2.0} if gate is None else gate)).model_dump(mode="json")
    values = {"score": score, "gate": rules, "code": {"mlp": "c"}, "fingerprint": "here", "datasets": (data,)}
    return factories.result(*trials, **{**values, **changes})


def trial(seed: int, error: float, score=MAE):
    """One that predicts every price too high, by its error."""
    made = factories.trial(HOUSES, seed, test_images=200)
    outcome = replace(
        made.outcome, accuracy=None, test_errors=None, metrics={score.name: error},
        predictions=PRICES.pack(TRUE + np.float32(error)),
    )  # fmt: skip
    return replace(made, outcome=outcome)


def only(baseline, *results):
    """The verdict of the only cell, with its sentence."""
    (cell,) = worded(judge(baseline, results)).cells
    return cell


def test_a_score_of_which_lower_is_better_regresses_when_it_rises():
    """By five, of a margin of two: the difference is in the score's own unit and sign."""
    cell = only(accept(run(40, seeds=10), APPROVAL, None), run(45))
    assert Verdict.REGRESSED is cell.verdict
    assert cell.difference.value == pytest.approx(5)
    assert 0 < cell.difference.low < 5 < cell.difference.high
    assert cell.difference.p_drop < 0.001
    assert cell.reason.startswith("5 higher over 5 seeds that both sides have, and significantly rose (adjusted p = ")
    assert cell.reason.endswith("the margin is 2.")
    assert (200, 0) == (cell.flips.lost, cell.flips.gained)


def test_it_improves_when_it_falls():
    """And says so."""
    cell = only(accept(run(40, seeds=10), APPROVAL, None), run(36))
    assert Verdict.IMPROVED is cell.verdict
    assert cell.difference.value == pytest.approx(-4)
    assert cell.reason.startswith("4 lower over 5 seeds that both sides have, and significantly lower")


def test_it_passes_within_its_margin():
    """A little higher, at worst by less than the margin: the worst is the upper bound."""
    cell = only(accept(run(40, seeds=10), APPROVAL, None), run(40.5))
    assert Verdict.PASS is cell.verdict
    assert cell.difference.high < 2
    assert f"at worst {MAE.gap(cell.difference.high)}" in cell.reason


def test_margins_of_cells_are_in_its_unit():
    """A cell with a margin of ten passes where others regress."""
    rules = {"margin": 2.0, "margins": {"mlp": 10.0}}
    cell = only(accept(run(40, seeds=10, gate=rules), APPROVAL, None), run(45))
    assert (Verdict.PASS, 10.0) == (cell.verdict, cell.margin)


def test_the_same_seeds_are_judged_alike_in_either_direction():
    """An error and its negative give the same p-values, mirrored differences and one verdict."""
    higher = own_score("mine:gain", higher_is_better=True)
    for mean in (36, 40.1, 41.9, 42.5, 45):
        low = only(accept(run(40, seeds=10), APPROVAL, None), run(mean))
        high = only(accept(run(-40, seeds=10, score=higher), APPROVAL, None), run(-mean, score=higher))
        assert low.verdict is high.verdict
        assert low.difference.p_drop == pytest.approx(high.difference.p_drop)
        assert low.difference.value == pytest.approx(-high.difference.value)
        assert low.difference.high == pytest.approx(-high.difference.low)


def test_drift_of_it_is_a_rise():
    """Steps that pass one by one add up."""
    accepted = accept(run(40, seeds=10), APPROVAL, None)
    for step in range(1, 6):
        now = run(40 + 0.6 * step, seeds=10)
        cell = only(accepted, now)
        assert Verdict.PASS is cell.verdict
        accepted = accept(now, APPROVAL, accepted)
    assert cell.drift.value == pytest.approx(3)
    assert cell.drift.accepted.mean == pytest.approx(40)


def test_without_a_margin_it_cannot_be_accepted():
    """The sentence names the unit, what to type, and how far seeds lie apart."""
    with pytest.raises(BenchError, match="how much of the MAE") as caught:
        accept(run(40, gate={}), APPROVAL, None)
    assert ExitCode.USAGE is caught.value.exit_code
    assert "`margin = ...` under [gate], in the unit of MAE" in caught.value.hint
    assert "deviate by 0.3162" in caught.value.hint


def test_a_fraction_has_a_usual_margin_and_none_of_a_whole():
    """Half a point; one that no drop can exceed is refused by name."""
    assert accept(run(0.9, score=AUC, gate={}), APPROVAL, None).gate.margin == 0.005
    with pytest.raises(BenchError, match=r"\[gate\] margin is 1.5, and AUC lies between 0 and 1"):
        accept(run(0.9, score=AUC, gate={"margin": 1.5}), APPROVAL, None)


def test_a_run_of_another_score_is_not_comparable():
    """INVALID, with both names and what to type."""
    cell = only(accept(run(40, seeds=10), APPROVAL, None), run(0.9, score=AUC))
    assert (Verdict.INVALID, Cause.OTHER_SCORE) == (cell.verdict, cell.grounds.cause)
    assert (
        "The score of the baseline is MAE (lower is better), the score of the run is AUC (higher is better)"
        in cell.reason
    )
    assert 'score = "mean_absolute_error"' in cell.reason
    assert "bench accept RUN" in cell.reason
    assert cell.current is None


def test_an_own_score_of_the_other_direction_is_another_score():
    """Its name alone does not make it comparable."""
    up, down = (own_score("mine:score", higher_is_better=way) for way in (True, False))
    assert Verdict.INVALID is only(accept(run(40, score=up), APPROVAL, None), run(40, score=down)).verdict


def test_a_score_that_is_nan_for_a_seed_is_invalid():
    """And the reason names the score."""
    now = run(40)
    spoilt = replace(now.trials[2], outcome=replace(now.trials[2].outcome, metrics={MAE.name: float("nan")}))
    cell = only(accept(run(40), APPROVAL, None), replace(now, trials=(*now.trials[:2], spoilt, *now.trials[3:])))
    assert Verdict.INVALID is cell.verdict
    assert "1 trial without a value of MAE (1 OK): its MAE is not a number" == cell.reason
    with pytest.raises(BenchError, match="gave no MAE"):
        accept(replace(now, trials=(spoilt, *now.trials[1:])), APPROVAL, None)


def test_a_baseline_keeps_the_errors_of_values():
    """As text that gives the same flips after it was written and read; no mistakes of classes."""
    (cell,) = accept(run(40), APPROVAL, None).cells
    assert (None, Task.REGRESSION) == (cell.mistakes, cell.task)
    assert len(cell.errors) < 400


def test_errors_of_many_examples_are_left_out_with_the_reason(monkeypatch):
    """A baseline is a file that people review."""
    monkeypatch.setattr("bench.analyse.gate.acceptance.MOST_ERRORS", 100)
    monkeypatch.setattr("bench.analyse.gate.context.MOST_ERRORS", 100)
    baseline = accept(run(40), APPROVAL, None)
    assert baseline.cells[0].errors is None
    judgement = worded(judge(baseline, [run(45)]))
    assert judgement.cells[0].flips is None
    assert any("at most 100 test examples" in note for note in judgement.notes)


def test_differences_stay_within_the_bounds_of_the_score():
    """Of a fraction within -1 and 1, of a score without bounds as they are."""
    assert (-1.0, 0.2) == (outward(ACCURACY, 0.1, -1.5, 0.2).low, outward(ACCURACY, 0.1, -1.5, 0.2).high)
    assert (-0.2, 1.5) == (outward(MAE, 0.1, -1.5, 0.2).low, outward(MAE, 0.1, -1.5, 0.2).high)


OLD = read_baseline(Path(__file__).parents[4] / "reports" / "baselines" / "digits.json")


def test_old_baselines_keep_their_contents():
    """What is computed of their cells today is what was recorded when they were accepted, so drift goes on."""
    for cell in OLD.cells:
        assert content_of(cell) == OLD.last.cells[cell.cell_id].content
        assert content_of(cell, AUC) != content_of(cell)


def test_settings_that_came_later_change_nothing_by_their_defaults():
    """An automatic loss is the categorical cross-entropy where classes are predicted, and only there."""
    old = OLD.cells[0].declared
    new = {
        **old, "loss": "auto", "class_weight": "none", "callbacks": "none", "reduce_on_plateau": "none",
        "compile": "suite", "score": "auc",
    }  # fmt: skip
    assert canonical(new) == canonical(old) == old
    assert canonical({**new, "class_weight": "balanced"}) != old
    assert canonical(new, Task.REGRESSION)["loss"] == "auto"
    assert canonical({**old, "loss": "mean_squared_error"}) != old


def test_the_committed_baseline_of_digits_is_judged():
    """A run with its very accuracies passes, 10 points less regresses, in version 1 as it lies in the repository."""
    softmax = OLD.cells[0]
    cell = factories.cell(
        "softmax", builder="softmax", parameters={}, dataset="digits", engine="auto", epochs=20, batch_size=32,
        learning_rate=0.1,
    )  # fmt: skip
    assert (cell.id, canonical(declared_settings(cell))) == (softmax.cell_id, canonical(softmax.declared))

    def again(drop: float, first: int = 0) -> RunResult:
        trials = [
            factories.trial(cell, first + seed.seed, accuracy=seed.score - drop, test_images=360)
            for seed in softmax.seeds
        ]
        trials = [replace(one, outcome=replace(one.outcome, data_sha256=softmax.data_sha256)) for one in trials]
        return factories.result(*trials, gate=GateKeys(margin=0.02).model_dump(mode="json"))

    same, worse = (judge(OLD, [again(drop, first=100)]).cells[0] for drop in (0.0, 0.1))
    assert (Verdict.PASS, pytest.approx(0, abs=1e-12)) == (same.verdict, same.difference.value)
    # computed by version 0.1.0, which knew accuracy only and no pairs
    assert same.difference.low == pytest.approx(-0.0040619189663093575, rel=1e-9)
    assert worse.difference.low == pytest.approx(-0.10406191896630934, rel=1e-9)
    assert same.difference.p_inferior == pytest.approx(4.789825651531009e-08, rel=1e-9)
    assert worse.difference.p_drop == pytest.approx(7.624214358167789e-20, rel=1e-9)
    assert (Verdict.REGRESSED, pytest.approx(-0.1)) == (worse.verdict, worse.difference.value)

    same, worse = (judge(OLD, [again(drop)]).cells[0] for drop in (0.0, 0.1))
    assert (Verdict.PASS, Verdict.REGRESSED) == (same.verdict, worse.verdict)
    assert (10, 10) == (same.difference.pairs, worse.difference.pairs)
    # equal seeds deviate by at least one example over the root of two
    error = 1 / 360 / 2**0.5 / 10**0.5
    assert same.difference.low == pytest.approx(-stats.t.ppf(0.95, 9) * error)
    assert worse.difference.p_drop == pytest.approx(stats.t.cdf(-0.1 / error, 9))
