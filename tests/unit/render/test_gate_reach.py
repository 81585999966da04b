"""Which margin the seeds of a check can hold, in words."""

from __future__ import annotations

import pytest
from judgements import ALL, cell, judgement, printed

from bench.core.score import ACCURACY
from bench.core.scores import SCORES
from bench.record.verdicts import Reach, Verdict
from bench.render.charts.verdicts import verdicts as chart
from bench.render.gate.markdown import summary
from bench.render.gate.reach import reach_lines, reach_text

MAE = SCORES["mean_absolute_error"]


def reach(**changes) -> Reach:
    return Reach(**{"margin": 0.012, "green": 0.56, "seeds": 3, "accepted": 10, **changes})


def test_seeds_that_are_too_few_name_the_margin_they_hold():
    """In percent scores, in points."""
    assert reach_text(reach(), [0.005] * 20, ACCURACY) == (
        "With 10 accepted and 3 current seeds per cell, 56 % of checks of an unchanged run are green (all 20 cells, "
        "margin 0.50 points). With a margin of 1.20 points, 90 % would be green."
    )


def test_seeds_that_are_enough_name_the_narrowest_margin():
    """It is not proposed, since 90 % are green already."""
    assert reach_text(reach(green=0.97, margin=0.0083), [0.02] * 4, ACCURACY).endswith(
        "97 % of checks of an unchanged run are green (all 4 cells, margin 2.00 points). "
        "The narrowest margin with 90 % is 0.83 points."
    )


def test_a_score_without_scale_has_no_points():
    """MAE in its own unit, one cell, one current seed."""
    assert reach_text(reach(margin=3.1, seeds=1), [2.0], MAE) == (
        "With 10 accepted and 1 current seed per cell, 56 % of checks of an unchanged run are green "
        "(1 cell, margin 2). With a margin of 3.1, 90 % would be green."
    )


def test_margins_that_differ_are_a_range():
    """From the narrowest to the widest."""
    assert "(all 2 cells, margins 0.50 to 3.00 points)" in reach_text(reach(), [0.03, 0.005], ACCURACY)


@pytest.mark.parametrize(("green", "text"), [(1.0, "more than 99 %"), (0.0, "less than 1 %"), (0.9, "90 %")])
def test_a_simulated_share_is_never_certain(green, text):
    """It was counted over some thousand checks."""
    assert f", {text} of checks" in reach_text(reach(green=green), [0.005], ACCURACY)


def test_no_margin_may_be_enough():
    """Then only more seeds help."""
    text = reach_text(reach(margin=None, green=0.0), [0.005], ACCURACY)
    assert text.endswith("No margin reaches 90 %: more seeds are needed.")


def test_a_check_says_it_in_the_terminal_the_summary_and_the_report():
    """And nothing where it was not computed or no cell was judged."""
    of = judgement(cell(Verdict.PASS), reach=reach())
    for text in (printed(of), summary(of).replace("\\", ""), " ".join(chart(of, {}, ACCURACY).findings)):
        assert "With a margin of 1.20 points, 90 % would be green." in " ".join(text.split())
    assert () == reach_lines(ALL)
    assert () == reach_lines(judgement(reach=reach()))
