"""What a check of another score than accuracy says, in every format."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import factories
import numpy as np
import pytest
from scipy import stats

from bench.analyse.gate.acceptance import Approval, accept
from bench.analyse.gate.judge import judge
from bench.core.score import ACCURACY
from bench.core.scores import SCORES
from bench.declare.schema import GateKeys
from bench.record.evidence import Origin
from bench.record.verdictfile import read_verdict, write_verdict
from bench.record.verdicts import Verdict
from bench.render.console import TextConsole
from bench.render.gate.accepted import acceptance_changes
from bench.render.gate.annotations import annotation_lines
from bench.render.gate.junit import junit
from bench.render.gate.markdown import summary
from bench.render.gate.reasons import worded
from bench.render.gate.terminal import verdict_table
from bench.render.gate.words import rates

APPROVAL = Approval("2026-11-24T12:00:00+00:00", "A. Reviewer", "agreed")
MAE, AUC = SCORES["mean_absolute_error"], SCORES["auc"]


def run(mean: float, score=MAE, margin=2.0, first=0):
    """A run of one cell with five seeds."""
    made = [factories.trial(factories.cell("mlp"), seed) for seed in range(first, first + 5)]
    trials = [
        replace(
            trial, outcome=replace(trial.outcome, accuracy=None, metrics={score.name: mean + 0.001 * (trial.seed % 5)})
        )
        for trial in made
    ]
    return factories.result(*trials, score=score, gate=GateKeys(margin=margin).model_dump(mode="json"))


def judged(before: float, now: float, score=MAE, margin=2.0):
    return worded(judge(accept(run(before, score, margin), APPROVAL, None), [run(now, score, margin, first=5)]))


def printed(judgement) -> str:
    file = io.StringIO()
    TextConsole(file=file, width=200, color_system=None).print(verdict_table(judgement))
    return file.getvalue()


def test_figures_are_in_the_unit_of_the_score_in_every_format():
    """41.2 is no percentage; nothing says accuracy, points or dropped."""
    judgement = judged(41.2, 46.7)
    texts = [printed(judgement), summary(judgement), junit(judgement), "\n".join(annotation_lines(judgement))]
    for text in texts:
        assert "5.5 higher, and significantly rose" in text.replace("\\", "")
        assert not any(word in text for word in ("ccuracy", "points", "dropped"))
    assert "41.20 (SD 0.001581, n 5)" in texts[0]
    assert "MAE of mnist-mlp" in texts[1]
    assert "Judged by MAE (lower is better)." in rates(judgement)


def test_the_worst_bound_and_the_margin_of_an_error_are_above_0():
    """An error is worse where it is higher: so is the limit that its bound is compared with."""
    judgement = judged(41.2, 41.2)
    (line,) = (line for line in printed(judgement).splitlines() if line.startswith("PASS"))
    # Student's t of ten seeds, one-sided at 5 %, times the standard error
    bound = stats.t.ppf(0.95, 8) * 0.001 * np.sqrt(2.5) * np.sqrt(2 / 5)
    assert line.split()[-2:] == [f"+{bound:.4g}", "+2"]


def test_fractions_that_are_no_percentages_have_no_points():
    """AUC is given in four decimals."""
    assert judged(0.95, 0.93, AUC, 0.005).cells[0].reason.startswith("0.0200 lower, and significantly dropped (")


def test_the_words_of_accuracy_stay_points():
    """`margin` is a fraction, the sentence speaks of points."""
    made = [factories.trial(factories.cell("mlp"), seed, accuracy=0.98) for seed in range(5)]
    worse = [factories.trial(factories.cell("mlp"), seed, accuracy=0.97) for seed in range(5, 10)]
    gate = GateKeys().model_dump(mode="json")
    judgement = worded(judge(accept(factories.result(*made, gate=gate), APPROVAL, None), [factories.result(*worse)]))
    assert (ACCURACY, Verdict.REGRESSED) == (judgement.score, judgement.cells[0].verdict)
    assert judgement.cells[0].reason.startswith("1.00 points lower, and significantly dropped (adjusted p = ")
    assert judgement.cells[0].reason.endswith("the margin is -0.50.")


def test_a_verdict_file_holds_the_score_and_what_its_sentences_are_made_of(tmp_path):
    """It is read as it was written; the reason stays a text."""
    judgement = judged(41.2, 46.7)
    write_verdict(judgement, tmp_path)
    assert read_verdict(tmp_path) == judgement
    content = json.loads((tmp_path / "verdict.json").read_text())
    assert content["score"]["name"] == "mean_absolute_error"
    assert content["cells"][0]["reason"] == judgement.cells[0].reason
    assert content["cells"][0]["grounds"]["cause"] == "seeds"


def test_a_verdict_file_of_an_earlier_version_is_read(tmp_path):
    """It has no score and no grounds: it is of accuracy, and its sentences stay as they are."""
    write_verdict(judged(41.2, 46.7), tmp_path)
    content = json.loads((tmp_path / "verdict.json").read_text())
    del content["score"], content["remarks"], content["reach"], content["remedy"]
    content["notes"] = ["a note"]
    seeds = {"n": 5, "mean": 40.0, "std": 1.0}
    for cell in content["cells"]:
        del cell["grounds"], cell["differing"]
        cell["drift"] = {"since": "2026-01-01", "first": seeds, "value": 1.0, "low": 0.5, "high": 1.5}
        cell["reason"], cell["changed"] = "0.40 points lower.", ["the engine"]
    (tmp_path / "verdict.json").write_text(json.dumps(content))
    read = read_verdict(tmp_path)
    assert read.score == ACCURACY
    assert (Origin.FIRST, 40.0) == (read.cells[0].drift.origin, read.cells[0].drift.accepted.mean)
    assert worded(read) == read


def test_an_acceptance_of_another_score_says_so():
    """Its figures are not compared with those before."""
    before = accept(run(41.2), APPROVAL, None)
    told = acceptance_changes(before, accept(run(0.9, AUC, 0.005), APPROVAL, before))
    assert told == ("The score is AUC, and was MAE",)
    after = accept(run(43.2), APPROVAL, before)
    assert acceptance_changes(before, after) == (f"{after.cells[0].cell_id}: 41.20 -> 43.20 (+2)",)


@pytest.mark.parametrize(("score", "now", "told"), [(MAE, 46.7, "rose"), (AUC, 0.5, "dropped")])
def test_worse_is_named_by_the_direction(score, now, told):
    """An error rises, an area drops."""
    before, margin = (41.2, 2.0) if score is MAE else (0.9, 0.005)
    assert f"significantly {told}" in judged(before, now, score, margin).cells[0].reason
