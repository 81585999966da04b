"""Why times are excluded: each kind of reason once, with all of its figures."""

from __future__ import annotations

from factories import result, trial

from bench.analyse.stats import summary
from bench.core.score import ACCURACY
from bench.record.collect import trials_frame
from bench.record.records import RunResult
from bench.render.contention import contention, untimed_line


def busy(*shares: int) -> RunResult:
    """A trial for each share that other programs took."""
    told = (f"other programs took {share} % of the processors" for share in shares)
    return result(*(trial(seed=seed, contention=text) for seed, text in enumerate(told, start=1)))


def test_one_figure_does_not_stand_for_eleven() -> None:
    """The least and the largest figure are named, and how many trials there are."""
    assert contention(busy(20, 13, 55)) == "other programs took 13 to 55 % of the processors (3 trials)"
    assert contention(busy(20, 20)) == "other programs took 20 % of the processors"


def test_reasons_of_several_kinds_are_named_by_how_often_they_occur() -> None:
    """A trial may have two; decimals are one figure."""
    long = "1.4 s is too short to tell what other programs took"
    both = trial(seed=1, contention=f"other programs took 20 % of the processors; {long}")
    run = result(both, trial(seed=2, contention=long.replace("1.4", "0.95")))
    assert contention(run).startswith("0.95 to 1.4 s is too short to tell what other programs took (2 trials); other ")


def test_the_terminal_says_why_a_time_is_missing() -> None:
    """Of cells without any time, and of times among others; nothing where all count."""
    lines = [
        untimed_line(run, summary(trials_frame(run), ACCURACY))
        for run in (busy(20, 30), result(trial(seed=2), *busy(20).trials), result(trial()))
    ]
    assert lines[0].startswith("No train time of 1 cell: other programs took 20 to 30 %")
    assert lines[1].startswith("1 train time excluded: other programs took 20 % of the processors")
    assert lines[2] == ""
