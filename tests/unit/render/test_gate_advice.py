"""What a check says to do next: advice that keeps the stated error rates."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from judgements import ALL, SEEDS, cell, judgement, printed

from bench.core.score import ACCURACY
from bench.core.scores import SCORES
from bench.declare.schema import GateKeys
from bench.record.evidence import Seeds
from bench.record.verdicts import Reach, Remedy, Verdict
from bench.render.charts.verdicts import verdicts as chart
from bench.render.gate.advice import inconclusive_step, next_steps
from bench.render.gate.annotations import annotation_lines
from bench.render.gate.markdown import summary

GATE = GateKeys().model_dump(mode="json")
MORE = GateKeys(on_inconclusive="more-seeds").model_dump(mode="json")
REACH = Reach(margin=0.012, green=0.56, seeds=3, accepted=10)


def test_every_kind_of_trouble_has_its_step():
    """In the terminal, the summary and the report; none where all passes."""
    for text in (printed(ALL), summary(ALL).replace("\\", ""), " ".join(chart(ALL, {}, ACCURACY).findings)):
        plain = " ".join(text.split())
        for part in ('= "more-seeds"', "add --partial", "fix the trials", "REGRESSED: fix it", "judge later runs"):
            assert part in plain
    assert () == next_steps(judgement(cell(Verdict.PASS)))


def test_nobody_is_told_to_run_again():
    """Running again until it is green voids the stated rates, so the advice says so instead."""
    (step,) = next_steps(judgement(cell(Verdict.INCONCLUSIVE)))
    assert "Running the check again until it is green adds to the stated error rates." in step
    assert not re.search("run (it |the check )?again", step)
    assert "--seeds" not in step


def test_more_seeds_are_advised_where_the_gate_does_not_train_them_yet():
    """Its looks are counted in the rates; the rule has to be accepted."""
    before, after = inconclusive_step(GATE, ACCURACY), inconclusive_step(MORE, ACCURACY, looks=3)
    assert 'Set on_inconclusive = "more-seeds" under [gate]' in before
    assert "takes effect when a run is accepted with it" in before
    assert "Set on_inconclusive" not in after
    assert "cannot decide after 3 looks of at most 3" in after
    for step in (before, after):
        assert "a wider margin" in step
        assert "more accepted seeds" in step


def test_without_figures_the_command_that_computes_them_is_named():
    """And with figures it is not."""
    assert inconclusive_step(GATE, ACCURACY).endswith("`bench power` says how many seeds a margin needs.")
    assert "bench power" not in inconclusive_step(GATE, ACCURACY, reach=REACH)


@pytest.mark.parametrize(
    ("remedy", "sentences"),
    [
        (Remedy(accepted=24, seeds=None), ("24 accepted seeds per cell are enough for these margins. No number of",)),
        (Remedy(accepted=None, seeds=12), ("12 current seeds per cell are enough for these margins.",)),
        (Remedy(accepted=18, seeds=9), ("18 accepted seeds", "9 current seeds")),
        (Remedy(accepted=None, seeds=None), ("No number of current seeds is enough with these accepted seeds.",)),
    ],
)  # fmt: skip
def test_the_remedies_carry_their_figures(remedy, sentences):
    """Of accepted and of current seeds, and that current ones cannot help."""
    step = inconclusive_step(GATE, ACCURACY, reach=REACH, remedy=remedy)
    for sentence in sentences:
        assert sentence in step
    assert "A margin of 1.20 points is enough for these seeds." in step
    assert step.endswith("Enough means: if nothing changed, 90 % of checks are green.")
    assert ("accepted seeds per cell" in step) == (remedy.accepted is not None)
    assert ("current seeds per cell" in step) == (remedy.seeds is not None)


def test_a_margin_is_in_the_unit_of_the_score():
    """MAE has no points."""
    reach = Reach(margin=3.1, green=0.5, seeds=3, accepted=10)
    assert "A margin of 3.1 is enough" in inconclusive_step(GATE, SCORES["mean_absolute_error"], reach=reach)


def test_a_judgement_hands_on_its_figures():
    """Whatever computed them."""
    of = judgement(cell(Verdict.INCONCLUSIVE), reach=REACH, remedy=Remedy(accepted=24, seeds=None))
    assert next_steps(of) == (
        inconclusive_step(of.gate, ACCURACY, looks=1, reach=REACH, remedy=Remedy(accepted=24, seeds=None)),
    )


def test_an_improvement_says_how_to_accept_it():
    """With as many seeds as were accepted, so that the next baseline is no worse than this one."""
    many = judgement(cell(Verdict.IMPROVED, baseline=Seeds(n=10, mean=0.97, std=0.002)))
    same = judgement(cell(Verdict.IMPROVED, baseline=SEEDS))
    accept = 'accept the run: bench accept RUN --reason "...".'
    train = "train the suite with --seeds 10, as many as are accepted now, and"
    assert next_steps(many) == (f"IMPROVED: to judge later runs by it, {train} {accept}",)
    assert next_steps(same) == (f"IMPROVED: to judge later runs by it, {accept}",)
    (line,) = annotation_lines(same)
    assert line.startswith("::notice title=IMPROVED ")
    assert line.endswith('bench accept RUN --reason "...".')


def test_more_seeds_are_not_advised_where_every_accepted_seed_is_in_a_pair():
    """They would add no pair, so the advice would be wrong."""
    undecided = cell(Verdict.INCONCLUSIVE)
    in_pairs = replace(undecided, difference=replace(undecided.difference, pairs=undecided.baseline.n))
    (helped,), (lost,) = (next_steps(judgement(one)) for one in (undecided, in_pairs))
    assert "more-seeds" in helped
    assert "more-seeds" not in lost
    assert "more current seeds cannot help" in lost
    assert "more accepted seeds" in lost
