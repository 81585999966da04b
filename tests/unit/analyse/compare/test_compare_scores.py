"""Comparisons by other scores than accuracy, and of other targets than classes."""

from __future__ import annotations

from dataclasses import replace

import factories
import numpy as np
import pytest
from scipy import stats

from bench.analyse.compare.comparison import Call, compare
from bench.analyse.compare.obstacles import Gap, Obstacle
from bench.analyse.compare.party import party_of_baseline, party_of_run
from bench.analyse.gate.acceptance import Approval, accept
from bench.core.errors import BenchError
from bench.core.score import ACCURACY
from bench.core.scores import SCORES
from bench.core.target import Target, Task
from bench.declare.schema import GateKeys
from bench.render.compare.context import compare_context
from bench.render.compare.findings import headline, score_title

MAE = SCORES["mean_absolute_error"]
PRICES = Target(Task.REGRESSION, ("price",))
TRUE = np.zeros((100, 1), np.float32)
APPROVAL = Approval("2026-11-24T12:00:00+00:00", "A. Reviewer", "agreed")


def run(name: str, mean: float, predicted=None, **changes):
    """A run of one cell with five seeds that are so far off, and predict the same."""
    trials = []
    for seed in range(5):
        made = factories.trial(factories.cell("mlp"), seed, test_images=100, trial_id=f"{name}/{seed}", run_id=name)
        predictions = PRICES.pack(TRUE + mean if predicted is None else predicted)
        outcome = replace(
            made.outcome, accuracy=None, metrics={MAE.name: mean + 0.1 * seed}, predictions=predictions,
            weights_digest=f"{hash(name) % 256:02x}" * 32,
        )  # fmt: skip
        trials.append(replace(made, outcome=outcome))
    data = factories.dataset(
        labels=PRICES.pack(TRUE), task=Task.REGRESSION, classes=(), targets=PRICES.names, test_images=100
    )
    gate = GateKeys(margin=1.0).model_dump(mode="json")
    return factories.result(*trials, **{"run_id": name, "score": MAE, "datasets": (data,), "gate": gate, **changes})


def compared(before, after):
    return compare(party_of_run(before), party_of_run(after))


@pytest.mark.parametrize(("mean", "call"), [(4.0, Call.BETTER), (7.0, Call.WORSE), (5.01, Call.OPEN)])
def test_lower_is_better_where_the_score_says_so(mean, call):
    """The difference keeps the sign of the score."""
    (cell,) = compared(run("a", 5.0), run("b", mean)).cells
    assert call is cell.call
    assert cell.difference == pytest.approx(mean - 5)


def test_its_words_are_in_the_score_s_unit():
    """No percentage, no points."""
    found = compared(run("a", 5.0), run("b", 7.0))
    title = headline(found, {cell.cell_id: "mlp" for cell in found.cells}).title
    assert title.startswith("mlp is worse (95 % interval above 0): MAE 5.200 -> 7.200, +2 (")
    assert score_title(found) == "MAE from A to B: worse, +2"
    shown = compare_context(found)
    assert shown.columns[4:] == ("B - A", "training time, B / A", "test examples")
    assert "lower is better" in dict(shown.definitions)["A, B"]


def test_errors_of_two_runs_are_compared_directly():
    """However many there are: further, nearer, and the sign test; the largest change is the first."""
    before, after = TRUE + 5, TRUE + 5
    after[:7], after[7], after[8] = 8, 1, 90
    (cell,) = compared(run("a", 5.0, before), run("b", 5.1, after)).cells
    assert (8, 1, 91) == (cell.flips.lost, cell.flips.gained, cell.flips.ties)
    assert cell.flips.p == pytest.approx(stats.binomtest(8, 9).pvalue)
    assert (8, True, (5.0, 90.0)) == (cell.flipped[0].example, cell.flipped[0].lost, cell.flipped[0].errors)
    table = compare_context(compared(run("a", 5.0, before), run("b", 5.1, after))).examples
    assert table.columns[-2:] == ("error in A", "error in B")
    assert table.rows[0][1:] == ("8", "further", "5", "90")


def test_a_baseline_without_errors_says_why(monkeypatch):
    """It keeps those of so many examples at most."""
    monkeypatch.setattr("bench.analyse.gate.acceptance.MOST_ERRORS", 50)
    accepted = accept(run("a", 5.0), APPROVAL, None)
    (cell,) = compare(party_of_baseline(accepted), party_of_run(run("b", 5.1))).cells
    assert (None, Obstacle(Gap.NO_ERRORS, "A")) == (cell.flips, cell.unflipped)


def test_different_scores_are_not_compared():
    """By name, with what to type."""
    with pytest.raises(BenchError, match=r"A is ranked by MAE \(lower is better\) and B by accuracy") as caught:
        compared(run("a", 5.0), run("b", 5.0, score=ACCURACY))
    assert 'score = "mean_absolute_error"' in caught.value.hint


def test_settings_that_train_the_same_are_no_change():
    """A loss by name and an automatic one that is the same."""
    first = factories.seeded_run("a", {"mlp": [0.9, 0.91]}, cells={"loss": "categorical_crossentropy"})
    second = factories.seeded_run("b", {"mlp": [0.9, 0.91]}, cells={"loss": "auto"})
    assert () == compared(first, second).cells[0].changes
    third = factories.seeded_run("c", {"mlp": [0.9, 0.91]}, cells={"loss": "mean_squared_error"})
    (change,) = compared(second, third).cells[0].changes
    assert ("loss", "auto", "mean_squared_error") == (change.key, change.before, change.after)
